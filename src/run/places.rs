//! Where the entries of each object are in a log, so that a judge of one object need not look at all of them.

use super::relevance::{KindAndName, Object, object};
use crate::timeline::Entry;
use std::collections::{HashMap, VecDeque};

/// The numbers of entries, in order.
#[derive(Debug, Default)]
pub(super) struct Places {
    of: HashMap<KindAndName, VecDeque<u64>>,
    /// Of those that are about no object.
    none: VecDeque<u64>,
}

impl Places {
    /// The next entry has this number.
    pub(super) fn push(&mut self, number: u64, entry: &Entry) {
        match object(entry) {
            Object::None => self.none.push_back(number),
            Object::OfEvent => {}
            Object::Named(object) => self.of.entry(object).or_default().push_back(number),
        }
    }

    /// The first entry is no longer held.
    pub(super) fn drop_first(&mut self, entry: &Entry) {
        match object(entry) {
            Object::None => _ = self.none.pop_front(),
            Object::OfEvent => {}
            Object::Named(object) => {
                if let Some(numbers) = self.of.get_mut(&object) {
                    numbers.pop_front();
                    if numbers.is_empty() {
                        self.of.remove(&object);
                    }
                }
            }
        }
    }

    /// The entries of these objects, in order.
    pub(super) fn of<'a>(&self, objects: impl IntoIterator<Item = &'a KindAndName>) -> Vec<u64> {
        let mut numbers: Vec<u64> =
            objects.into_iter().filter_map(|object| self.of.get(object)).flatten().copied().collect();
        numbers.sort_unstable();
        numbers.dedup();
        numbers
    }

    /// The entries of these objects, and those that are about none, in order.
    pub(super) fn of_or_none<'a>(&self, objects: impl IntoIterator<Item = &'a KindAndName>) -> Vec<u64> {
        let mut numbers = self.of(objects);
        numbers.extend(&self.none);
        numbers.sort_unstable();
        numbers
    }
}
