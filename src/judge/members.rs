//! Subjects by index, shared until they change: a judge that looks at how gaps end copies only the subjects that have some.

use super::subjects::Member;
use std::ops::{Index, IndexMut};
use std::sync::Arc;

/// Subjects, in the order in which they were first seen.
#[derive(Clone, Debug, Default)]
pub struct Members(Vec<Arc<Member>>);

impl Members {
    /// How many there are.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Adds one.
    pub fn push(&mut self, member: Member) {
        self.0.push(Arc::new(member));
    }

    /// Each of them.
    pub fn iter(&self) -> impl Iterator<Item = &Member> {
        self.0.iter().map(AsRef::as_ref)
    }

    /// One of them, to keep it as it is.
    pub fn shared(&self, at: usize) -> Arc<Member> {
        Arc::clone(&self.0[at])
    }

    /// Puts one back as it was.
    pub fn restore(&mut self, at: usize, member: Arc<Member>) {
        self.0[at] = member;
    }

    /// One of them, to change it.
    pub fn get_mut(&mut self, at: usize) -> Option<&mut Member> {
        self.0.get_mut(at).map(Arc::make_mut)
    }
}

impl Index<usize> for Members {
    type Output = Member;

    fn index(&self, at: usize) -> &Member {
        &self.0[at]
    }
}

impl IndexMut<usize> for Members {
    fn index_mut(&mut self, at: usize) -> &mut Member {
        Arc::make_mut(&mut self.0[at])
    }
}
