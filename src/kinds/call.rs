//! What the kinds of calls share: how far a call is, and what that makes of its object.

use super::parts::track;
use super::tracks::Tracks;
use crate::observation::{Change, Detail, Object, State, StateKind};
use serde::{Deserialize, Serialize};
use smol_str::SmolStr;

/// How far a call is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Progress {
    /// The request was passed on.
    Calling,
    /// The connection was handed over, and bytes pass on it that are not read.
    Upgraded,
    /// Such a connection ended.
    Closed,
    /// It was done.
    Answered,
    /// It was accepted, and the answer said an error at its end.
    Failed,
    /// It was not.
    Refused,
    /// A connection ended before the answer.
    Dropped,
}

impl Progress {
    /// True when nothing follows.
    pub(crate) fn is_over(self) -> bool {
        !matches!(self, Self::Calling | Self::Upgraded)
    }

    fn word(self) -> &'static str {
        match self {
            Self::Calling => "calling",
            Self::Upgraded => "upgraded",
            Self::Closed => "closed",
            Self::Answered => "answered",
            Self::Failed => "failed",
            Self::Refused => "refused",
            Self::Dropped => "dropped",
        }
    }
}

/// How a server would have delivered it.
pub(super) fn change(before: Option<&Object>, state: Progress) -> Change {
    match state {
        _ if state.is_over() => Change::Deleted,
        _ if before.is_none() => Change::Added,
        _ => Change::Modified,
    }
}

/// Adds its state, with a reason and a message where they are not empty.
pub(super) fn state(tracks: &mut Tracks, state: Progress, reason: SmolStr, message: SmolStr) {
    let some = |text: SmolStr| Some(text).filter(|text| !text.is_empty());
    let detail = Detail { reason: some(reason), message: some(message), ..Detail::default() };
    let label = SmolStr::new_static(state.word());
    tracks.one(track("state"), State { label, kind: StateKind::Plain, detail });
}
