//! The part of a timeline that an expectation is about, as written.

use super::pattern::Pattern;
use crate::monitor::{Micros, Refinement, States};

/// The first entry into some states, by any of the subjects of an alias.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entered {
    /// Index of the alias.
    pub subject: usize,
    /// The tracks.
    pub tracks: Pattern,
    /// The states.
    pub states: States,
    /// What it sees of details.
    pub sight: Refinement,
    /// As written.
    pub text: String,
}

/// Where a window starts.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum From {
    /// At the beginning of the subject's track, even where that was not seen.
    #[default]
    Created,
    /// When the subject was first seen.
    Attached,
    /// At a mark.
    Mark(String),
    /// At a time.
    Time(Micros),
    /// At an entry.
    Enter(Box<Entered>),
}

/// Where a window ends.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Until {
    /// At the end of the timeline.
    #[default]
    End,
    /// At a mark.
    Mark(String),
    /// At a time.
    Time(Micros),
    /// At an entry after the start.
    Enter(Box<Entered>),
}

/// A window of a timeline.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Window {
    /// Where it starts.
    pub from: From,
    /// Where it ends.
    pub until: Until,
    /// The longest duration, in microseconds; none for unlimited.
    pub max: Option<Micros>,
}

impl Window {
    /// True when it is the whole timeline.
    #[must_use]
    pub fn is_whole(&self) -> bool {
        *self == Self::default()
    }

    /// The entries at which it starts or ends.
    pub(crate) fn entries(&self) -> impl Iterator<Item = &Entered> {
        let from = if let From::Enter(entered) = &self.from { Some(&**entered) } else { None };
        let until = if let Until::Enter(entered) = &self.until { Some(&**entered) } else { None };
        from.into_iter().chain(until)
    }

    /// Why the window is empty in every recording; none when it need not be.
    pub(in crate::language) fn inverted(&self) -> Option<String> {
        match (&self.from, &self.until) {
            (From::Time(from), Until::Time(until)) if until < from => {
                Some("the window ends before it starts".to_owned())
            }
            (From::Mark(from), Until::Mark(until)) if from == until => {
                Some(format!("the window starts and ends at the mark `{from}`"))
            }
            _ => None,
        }
    }
}
