//! The starts of the groups with `within` that a thread is in.

use super::truth::Truth;
use crate::monitor::path::Bound;
use crate::monitor::trace::{NEVER_AFTER, Span};
use std::ops::Deref;
use std::sync::Arc;

/// The start of one group.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct Start {
    /// Its first entry; any time where that does not matter any more.
    pub when: Span,
    /// Whether the present entry may be its last: the least time has passed.
    pub ends: Truth,
    /// True when it has a most time.
    limited: bool,
}

impl Start {
    /// A group that the present entry starts.
    pub fn at(when: Span, bound: Bound) -> Self {
        let ends = if bound.least > 0 { Truth::No } else { Truth::Yes };
        Self { when, ends, limited: bound.limit().is_some() }
    }

    /// The same after another entry within the group.
    pub fn after(self, when: Span, bound: Bound) -> Self {
        let ends = match self.ends {
            Truth::Yes => Truth::Yes,
            _ => Truth::of(when.since(self.when), bound.least, NEVER_AFTER),
        };
        let when = if ends == Truth::Yes && !self.limited { Span::at(0) } else { self.when };
        Self { when, ends, ..self }
    }

    /// True when whatever keeps the bound after another start keeps it after this one.
    pub fn allows_all_of(&self, other: &Self) -> bool {
        let is_over = self.ends == Truth::Yes;
        let is_over_first = !self.limited && other.ends != Truth::Yes && self.when.hi <= other.when.lo;
        self == other || is_over && (!self.limited || self.when.lo >= other.when.hi) || is_over_first
    }
}

/// In the order of the groups. Most positions are in one group or none: those take no allocation.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum Starts {
    None,
    One(Start),
    Several(Arc<[Start]>),
}

impl Deref for Starts {
    type Target = [Start];

    fn deref(&self) -> &[Start] {
        match self {
            Self::None => &[],
            Self::One(start) => std::slice::from_ref(start),
            Self::Several(starts) => starts,
        }
    }
}

impl FromIterator<Start> for Starts {
    fn from_iter<I: IntoIterator<Item = Start>>(starts: I) -> Self {
        let mut starts = starts.into_iter();
        match (starts.next(), starts.next()) {
            (None, _) => Self::None,
            (Some(start), None) => Self::One(start),
            (Some(first), Some(second)) => Self::Several([first, second].into_iter().chain(starts).collect()),
        }
    }
}
