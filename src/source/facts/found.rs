//! All facts that the sources of some watches find.

use super::program::version;
use super::{criu, machine};
use crate::observation::{Fact, Watch};
use std::collections::BTreeMap;
use std::path::Path;

/// The facts that the sources of some watches find, by name.
pub(crate) async fn facts(watches: &[Watch]) -> BTreeMap<String, Fact> {
    let mut facts = BTreeMap::new();
    let is_watched = |group: &str| watches.iter().any(|watch| !watch.is_served() && watch.resource.group == group);
    if watches.iter().any(|watch| !watch.is_served()) {
        facts.extend(machine::facts());
    }
    if is_watched("runc") {
        let (runc, criu) = tokio::join!(version("runc"), criu::facts());
        facts.insert("runc".to_owned(), runc);
        facts.extend(criu);
    }
    let podman = watches.iter().find(|watch| !watch.is_served() && watch.resource.group == "libpod");
    if let Some(watch) = podman {
        let found = super::super::podman::facts(Path::new(&watch.address)).await;
        facts.extend(found.map(|(name, fact)| (name.to_owned(), fact)));
    }
    facts
}
