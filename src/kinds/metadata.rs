//! The metadata that every kind reads: whether the object's deletion was requested.

use super::declaration::{TrackDeclaration, Vocabulary};
use super::text::Text;
use super::{Deletion, Error};
use crate::observation::Object;
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

/// The requested deletion of an object whose status may not have the shape of its kind; an error where even its metadata
/// cannot be read.
pub(crate) fn deletion(object: &Object) -> Result<Option<Deletion>, Error> {
    #[derive(Deserialize)]
    struct Thing<'a> {
        #[serde(default, borrow)]
        metadata: Metadata<'a>,
    }
    let thing: Thing<'_> = serde_json::from_str(object.json.get()).map_err(Error::shape("object"))?;
    Ok(thing.metadata.deletion())
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
