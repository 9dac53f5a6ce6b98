//! The span of a timeline that an expectation speaks about, as it was written.

use crate::monitor::Micros;

/// Where a window starts.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum From {
    /// With the subject's track: what was not seen of its beginning counts.
    #[default]
    Created,
    /// When the subject was first seen.
    Attached,
    /// At a mark.
    Mark(String),
    /// At a time.
    Time(Micros),
}

/// Where a window ends.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Until {
    /// With the timeline.
    #[default]
    End,
    /// At a mark.
    Mark(String),
    /// At a time.
    Time(Micros),
}

/// A window.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Window {
    /// Where it starts.
    pub from: From,
    /// Where it ends.
    pub until: Until,
    /// At most so long.
    pub max: Option<Micros>,
}

impl Window {
    /// True when it is all of the timeline.
    #[must_use]
    pub fn is_whole(&self) -> bool {
        *self == Self::default()
    }

    /// Why nothing can lie within it, whatever is recorded.
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
