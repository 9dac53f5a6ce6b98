//! Why a stream is not believed any more.

use crate::observation::ResourceVersion;
use jiff::Timestamp;

/// Why the stream is not believed any more.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Doubt {
    /// In words.
    pub why: String,
    /// What was recorded after this version and moment is not all that there was; none when it is.
    pub since: Option<(ResourceVersion, Timestamp)>,
}
