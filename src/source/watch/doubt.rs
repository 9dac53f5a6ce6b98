//! Why a stream is no longer trusted.

use super::trail::Since;

/// Why a stream is no longer trusted.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Doubt {
    /// The reason, for the recording.
    pub why: String,
    /// The point after which the recording is incomplete; none when it is complete.
    pub since: Option<Since>,
}
