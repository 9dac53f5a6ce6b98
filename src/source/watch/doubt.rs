//! Why a stream is not believed any more.

use super::trail::Since;

/// Why the stream is not believed any more.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Doubt {
    /// In words.
    pub why: String,
    /// What was recorded after this point is not all that there was; none when it is.
    pub since: Option<Since>,
}
