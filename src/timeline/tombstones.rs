//! What is remembered of deleted objects, and of Events on the timeline: enough to recognize a late line about one, in
//! about a hundred bytes each, up to a bound.
//!
//! A uid is not reused. So a line about a forgotten object is at most as new as the newest version that was forgotten:
//! a newer line is certainly about another object, and an older one may be about either.

use crate::observation::ResourceVersion;
use std::collections::{HashMap, VecDeque};
use std::hash::{DefaultHasher, Hash, Hasher};

/// How many are remembered per watch.
const KEPT: usize = 50_000;

/// The deleted objects of one watch.
#[derive(Clone, Debug, Default)]
pub(crate) struct Tombstones {
    versions: HashMap<u128, ResourceVersion>,
    /// Oldest first.
    order: VecDeque<u128>,
    /// The newest version that was forgotten.
    forgotten: Option<u64>,
    /// An object whose version is not a number was forgotten.
    forgot_opaque: bool,
}

impl Tombstones {
    /// Remembers a deleted object and its last version.
    pub(crate) fn insert(&mut self, uid: &str, version: ResourceVersion) {
        let key = key(uid);
        if self.versions.insert(key, version).is_some() {
            return;
        }
        self.order.push_back(key);
        if self.order.len() > KEPT
            && let Some(version) = self.order.pop_front().and_then(|oldest| self.versions.remove(&oldest))
        {
            self.forgotten = self.forgotten.max(version.number());
            self.forgot_opaque |= version.number().is_none();
        }
    }

    /// The last version of a deleted object.
    pub(crate) fn version(&self, uid: &str) -> Option<&ResourceVersion> {
        self.versions.get(&key(uid))
    }

    /// True when a line of this version about an unknown object may be about one that was forgotten.
    pub(crate) fn may_have_forgotten(&self, version: &ResourceVersion) -> bool {
        match version.number() {
            Some(number) => self.forgot_opaque || self.forgotten.is_some_and(|forgotten| number <= forgotten),
            None => self.forgot_opaque || self.forgotten.is_some(),
        }
    }
}

/// A UUID is its own key; any other uid is hashed to as many bits.
fn key(uid: &str) -> u128 {
    let digits: String = uid.chars().filter(|c| *c != '-').collect();
    if uid.len() == 36
        && digits.len() == 32
        && let Ok(number) = u128::from_str_radix(&digits, 16)
    {
        return number;
    }
    let half = |salt: u8| {
        let mut hasher = DefaultHasher::new();
        (salt, uid).hash(&mut hasher);
        u128::from(hasher.finish())
    };
    half(0) << 64 | half(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rv(version: usize) -> ResourceVersion {
        ResourceVersion::new(version.to_string())
    }

    #[test]
    fn the_oldest_are_forgotten_and_only_lines_that_are_no_newer_may_be_about_them() {
        let mut gone = Tombstones::default();
        for number in 1..=KEPT + 10 {
            gone.insert(&format!("00000000-0000-4000-8000-{number:012x}"), rv(number));
            gone.insert(&format!("00000000-0000-4000-8000-{number:012x}"), rv(number));
        }
        assert_eq!((gone.versions.len(), gone.order.len()), (KEPT, KEPT));
        assert!(gone.versions.capacity() <= 2 * KEPT && gone.order.capacity() <= 2 * KEPT);
        assert_eq!(gone.version("00000000-0000-4000-8000-00000000000a"), None);
        assert_eq!(gone.version("00000000-0000-4000-8000-00000000000b"), Some(&rv(11)));
        assert!(gone.may_have_forgotten(&rv(10)) && !gone.may_have_forgotten(&rv(11)));
        assert!(gone.may_have_forgotten(&ResourceVersion::new("x")));
        assert_ne!(key("a"), key("b"));
    }
}
