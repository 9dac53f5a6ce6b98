//! The identities of containers: the id, unless an earlier container had it, whose export was restored.

use crate::observation::ResourceVersion;
use smol_str::{SmolStr, format_smolstr};
use std::collections::{HashMap, HashSet};

/// Which uid the container of an id has now.
#[derive(Debug, Default)]
pub(super) struct Lives {
    /// The uids of those that are not the first ones of their ids.
    later: HashMap<SmolStr, SmolStr>,
    /// The ids of those that were removed.
    ended: HashSet<SmolStr>,
}

impl Lives {
    /// The uid of the container that has an id now, or had it last.
    pub(super) fn uid<'a>(&'a self, id: &'a SmolStr) -> &'a SmolStr {
        self.later.get(id).unwrap_or(id)
    }

    /// A container of an id is there, which was not: after an earlier one, with a number that no other one has.
    pub(super) fn begin(&mut self, id: &SmolStr, version: &ResourceVersion) {
        if self.ended.remove(id) {
            self.later.insert(id.clone(), format_smolstr!("{id}-{version}"));
        }
    }

    /// A container of a uid was recorded, after those of its id that were recorded before.
    pub(super) fn began(&mut self, uid: &SmolStr) {
        let id = id(uid);
        self.ended.remove(&id);
        if id != *uid {
            self.later.insert(id, uid.clone());
        }
    }

    /// The container of a uid is gone.
    pub(super) fn ended(&mut self, uid: &SmolStr) {
        self.ended.insert(id(uid));
    }
}

/// The id in a uid. Ids are hexadecimal.
fn id(uid: &SmolStr) -> SmolStr {
    uid.split_once('-').map_or_else(|| uid.clone(), |(id, _)| id.into())
}
