//! An event of a lost span, as history shows it.

use super::history::{Head, Snapshot, Unknown};
use crate::observation::{Change, Object, ResourceVersion};
use smol_str::ToSmolStr;

/// An event as the watch would have delivered it.
#[derive(Debug)]
pub(crate) struct Event {
    pub revision: u64,
    pub change: Change,
    pub object: Object,
    /// True for a deletion under a selector of an object that was deleted and did not only leave the selection.
    pub confirmed: bool,
}

impl Event {
    /// A deletion with the last state, in the version of the deletion.
    pub(crate) fn deletion(revision: u64, last: &Object, confirmed: bool) -> Result<Self, Unknown> {
        let version = ResourceVersion::new(revision.to_smolstr());
        let object = last.as_of(&version).map_err(|error| Unknown::Failed(error.to_string()))?;
        Ok(Self { revision, change: Change::Deleted, object, confirmed })
    }

    /// Applies the event to a snapshot.
    pub(crate) fn apply(&self, state: &mut Snapshot) {
        let Object { uid, namespace, name, .. } = &self.object;
        if self.change == Change::Deleted {
            state.remove(uid);
        } else {
            let head = Head { namespace: namespace.clone(), name: name.clone(), version: self.revision };
            state.insert(uid.clone(), head);
        }
    }
}
