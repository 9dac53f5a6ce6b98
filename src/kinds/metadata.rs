//! What every kind reads of an object's metadata: whether its deletion was asked for.

use super::Deletion;
use super::declaration::{TrackDeclaration, Vocabulary};
use super::text::Text;
use serde::Deserialize;

/// The track that every subject has; the fold owns its states.
pub(super) const LIFECYCLE: TrackDeclaration =
    TrackDeclaration::one("lifecycle", Vocabulary::closed("lifecycle", &["Present", "Terminating", "Deleted"]));

/// `metadata`, as far as tracks need it.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Metadata<'a> {
    #[serde(borrow)]
    deletion_timestamp: Option<Text<'a>>,
}

impl Metadata<'_> {
    /// True once deletion was asked for.
    pub(super) fn is_deleting(&self) -> bool {
        self.deletion_timestamp.is_some()
    }

    /// The deletion that was asked for; a stamp that is no RFC 3339 time still says that it was.
    pub(super) fn deletion(&self) -> Option<Deletion> {
        self.deletion_timestamp.as_deref().map(|stamp| Deletion { due: stamp.parse().ok() })
    }
}
