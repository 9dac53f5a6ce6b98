//! Subjects by index, shared until they change: a judge that evaluates how gaps end copies only the subjects with gaps.

use std::collections::BTreeSet;
use std::ops::{Index, IndexMut};
use std::sync::Arc;

/// Subjects, in the order in which they were first seen. An index stays the same when others are removed.
#[derive(Clone, Debug)]
pub struct Members<T> {
    /// Sorted by index.
    list: Vec<(usize, Arc<T>)>,
    next: usize,
}

impl<T> Default for Members<T> {
    fn default() -> Self {
        Self { list: Vec::new(), next: 0 }
    }
}

impl<T> Members<T> {
    /// Where in the list a member is.
    fn place(&self, at: usize) -> Option<usize> {
        // Before any was removed, an index is the place.
        match self.list.get(at) {
            Some((index, _)) if *index == at => Some(at),
            _ => self.list.binary_search_by_key(&at, |(index, _)| *index).ok(),
        }
    }

    fn place_of_known(&self, at: usize) -> usize {
        self.place(at).expect("an index is dropped with its member")
    }
}

impl<T: Clone> Members<T> {
    /// The number of subjects.
    pub fn len(&self) -> usize {
        self.list.len()
    }

    /// The index of the next one that is added.
    pub fn next(&self) -> usize {
        self.next
    }

    /// Adds a subject.
    pub fn push(&mut self, member: T) {
        self.list.push((self.next, Arc::new(member)));
        self.next += 1;
    }

    /// Removes some.
    pub fn remove(&mut self, gone: &BTreeSet<usize>) {
        self.list.retain(|(index, _)| !gone.contains(index));
    }

    /// Iterates over the subjects.
    pub fn iter(&self) -> impl Iterator<Item = &T> {
        self.list.iter().map(|(_, member)| member.as_ref())
    }

    /// Their indices.
    pub fn indices(&self) -> Vec<usize> {
        self.list.iter().map(|(index, _)| *index).collect()
    }

    /// A shared copy of a subject in its present state.
    pub fn shared(&self, at: usize) -> Arc<T> {
        Arc::clone(&self.list[self.place_of_known(at)].1)
    }

    /// Restores a subject to an earlier state.
    pub fn restore(&mut self, at: usize, member: Arc<T>) {
        let place = self.place_of_known(at);
        self.list[place].1 = member;
    }

    /// A subject, to change it.
    pub fn get_mut(&mut self, at: usize) -> Option<&mut T> {
        let place = self.place(at)?;
        Some(Arc::make_mut(&mut self.list[place].1))
    }
}

impl<T> Index<usize> for Members<T> {
    type Output = T;

    fn index(&self, at: usize) -> &T {
        &self.list[self.place_of_known(at)].1
    }
}

impl<T: Clone> IndexMut<usize> for Members<T> {
    fn index_mut(&mut self, at: usize) -> &mut T {
        let place = self.place_of_known(at);
        Arc::make_mut(&mut self.list[place].1)
    }
}
