//! Objects that writes were answered with, in the order of their versions.

use super::item::{Item, Said};
use smol_str::SmolStr;
use std::collections::HashSet;

/// Puts answers in the order of their versions: a log has them in the order in which the answers ended. A write that
/// changes nothing is answered with the version that there was.
pub(super) fn in_order(items: &mut Vec<Item>) {
    let version = |item: &Item| match &item.said {
        Said::Bare(object) if item.answers => object.resource_version.number(),
        _ => None,
    };
    if items.iter().any(|item| version(item).is_none()) {
        return;
    }
    items.sort_by_key(version);
    let mut seen: HashSet<(SmolStr, Option<u64>)> = HashSet::new();
    items.retain(|item| match &item.said {
        Said::Bare(object) => seen.insert((object.uid.clone(), version(item))),
        _ => true,
    });
}
