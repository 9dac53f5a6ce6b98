//! The metadata that every kind reads: whether the object's deletion was requested.

use super::Deletion;
use super::declaration::{TrackDeclaration, Vocabulary};
use super::text::Text;
use serde::Deserialize;

/// The track that every subject has; the fold determines its states.
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
    /// True once deletion was requested.
    pub(super) fn is_deleting(&self) -> bool {
        self.deletion_timestamp.is_some()
    }

    /// The requested deletion, if any; a timestamp that is not RFC 3339 still counts as a request.
    pub(super) fn deletion(&self) -> Option<Deletion> {
        self.deletion_timestamp.as_deref().map(|stamp| Deletion { due: stamp.parse().ok() })
    }
}
