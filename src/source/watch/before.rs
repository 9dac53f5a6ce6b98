//! The time before the first answer of a watch.

use super::super::settings::{Past as Requested, Resume};
use jiff::Timestamp;

/// The time before the first answer that the recording is to cover.
#[derive(Clone, Copy, Debug)]
pub(super) enum Before {
    /// None of it.
    Unasked,
    /// The past since a moment.
    Asked(Timestamp),
    /// The time since an earlier recorder found that the resource is not served, for the last time.
    Left(Timestamp),
}

impl Before {
    /// What an earlier recorder left, or what is asked for.
    pub(super) fn of(resume: &Resume, asked: Requested) -> Self {
        match (resume.past, asked) {
            (Some(at), _) => Self::Left(at),
            (None, Requested::Since(since)) => Self::Asked(since),
            (None, Requested::Beginnings | Requested::Unseen) => Self::Unasked,
        }
    }
}
