//! All facts that the sources of some watches find.

use super::program::version;
use super::{criu, machine};
use crate::observation::{Fact, Watch};
use std::collections::BTreeMap;
use std::path::Path;

/// The facts that the sources of some watches find, by name.
pub(crate) async fn facts(watches: &[Watch]) -> BTreeMap<String, Fact> {
    let mut facts = BTreeMap::new();
    let address = |group: &str| {
        let mut sources = watches.iter().filter(|watch| !watch.is_served());
        sources.find(|watch| watch.resource.group == group).map(|watch| Path::new(&watch.address))
    };
    if watches.iter().any(|watch| !watch.is_served()) {
        facts.extend(machine::facts());
    }
    if address("runc").is_some() {
        let (runc, criu) = tokio::join!(version("runc"), criu::facts());
        facts.insert("runc".to_owned(), runc);
        facts.extend(criu);
    }
    if let Some(socket) = address("libpod") {
        let found = super::super::podman::facts(socket).await;
        facts.extend(found.map(|(name, fact)| (name.to_owned(), fact)));
    }
    if let Some(socket) = address("cri") {
        facts.insert("containerRuntime".to_owned(), super::super::cri::fact(socket).await);
    }
    facts
}
