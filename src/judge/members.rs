//! Subjects by index, shared until they change: a judge that evaluates how gaps end copies only the subjects with gaps.

use std::ops::{Index, IndexMut};
use std::sync::Arc;

/// Subjects, in the order in which they were first seen.
#[derive(Clone, Debug)]
pub struct Members<T>(Vec<Arc<T>>);

impl<T> Default for Members<T> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

impl<T: Clone> Members<T> {
    /// The number of subjects.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Adds a subject.
    pub fn push(&mut self, member: T) {
        self.0.push(Arc::new(member));
    }

    /// Iterates over the subjects.
    pub fn iter(&self) -> impl Iterator<Item = &T> {
        self.0.iter().map(AsRef::as_ref)
    }

    /// A shared copy of a subject in its present state.
    pub fn shared(&self, at: usize) -> Arc<T> {
        Arc::clone(&self.0[at])
    }

    /// Restores a subject to an earlier state.
    pub fn restore(&mut self, at: usize, member: Arc<T>) {
        self.0[at] = member;
    }

    /// A subject, to change it.
    pub fn get_mut(&mut self, at: usize) -> Option<&mut T> {
        self.0.get_mut(at).map(Arc::make_mut)
    }
}

impl<T> Index<usize> for Members<T> {
    type Output = T;

    fn index(&self, at: usize) -> &T {
        &self.0[at]
    }
}

impl<T: Clone> IndexMut<usize> for Members<T> {
    fn index_mut(&mut self, at: usize) -> &mut T {
        Arc::make_mut(&mut self.0[at])
    }
}
