//! The starts of the groups with `within` that a thread is in.

use crate::monitor::trace::Span;
use std::ops::Deref;
use std::sync::Arc;

/// In the order of the groups. Most positions are in one group or none: those take no allocation.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum Starts {
    None,
    One(Span),
    Several(Arc<[Span]>),
}

impl Deref for Starts {
    type Target = [Span];

    fn deref(&self) -> &[Span] {
        match self {
            Self::None => &[],
            Self::One(start) => std::slice::from_ref(start),
            Self::Several(starts) => starts,
        }
    }
}

impl FromIterator<Span> for Starts {
    fn from_iter<I: IntoIterator<Item = Span>>(starts: I) -> Self {
        let mut starts = starts.into_iter();
        match (starts.next(), starts.next()) {
            (None, _) => Self::None,
            (Some(start), None) => Self::One(start),
            (Some(first), Some(second)) => Self::Several([first, second].into_iter().chain(starts).collect()),
        }
    }
}
