//! Three-valued conditions on times that are known only as spans.

use crate::monitor::trace::{Micros, Span};

/// What is known about a condition.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum Truth {
    Yes,
    No,
    Maybe,
}

impl Truth {
    /// The same, but at most `Maybe` when `unsure`.
    pub(super) fn unless(self, unsure: bool) -> Self {
        if unsure && self == Self::Yes { Self::Maybe } else { self }
    }

    /// Three-valued conjunction.
    pub(super) fn and(self, other: Self) -> Self {
        match (self, other) {
            (Self::No, _) | (_, Self::No) => Self::No,
            (Self::Yes, Self::Yes) => Self::Yes,
            _ => Self::Maybe,
        }
    }

    pub(super) fn of(range: Span, least: Micros, most: Micros) -> Self {
        if range.lo >= least && range.hi <= most {
            Self::Yes
        } else if range.hi < least || range.lo > most {
            Self::No
        } else {
            Self::Maybe
        }
    }
}

/// Three-valued disjunction.
pub(super) fn any(truths: impl Iterator<Item = Truth>) -> Truth {
    truths.fold(Truth::No, |sum, truth| match (sum, truth) {
        (Truth::Yes, _) | (_, Truth::Yes) => Truth::Yes,
        (Truth::No, Truth::No) => Truth::No,
        _ => Truth::Maybe,
    })
}
