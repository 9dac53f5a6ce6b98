//! The objects in responses to writes, in the order of their versions.

use super::item::{Item, Said};
use smol_str::SmolStr;
use std::collections::HashSet;

/// Sorts responses by version: a log has them in the order in which they were completed. A write that
/// changes nothing returns the existing version.
pub(super) fn in_order(items: &mut Vec<Item>) {
    let version = |item: &Item| match &item.said {
        Said::Bare(object) if item.answers.is_some() => object.resource_version.number(),
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
