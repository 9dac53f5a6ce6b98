//! The metadata that kinds read: whether the object's deletion was requested, and the generation of its spec.

use super::declaration::{Details, TrackDeclaration, Vocabulary};
use super::text::Text;
use super::{Deletion, Error};
use crate::observation::Object;
use serde::Deserialize;
use serde_json::value::RawValue;

/// The track that every subject has; the fold determines its states.
pub(super) const LIFECYCLE: TrackDeclaration =
    TrackDeclaration::one("lifecycle", &[".metadata.deletionTimestamp"], Vocabulary::closed("lifecycle", LIFECYCLES))
        .reading("whether the object exists, and whether its deletion was requested");

const LIFECYCLES: &[&str] = &["Present", "Terminating", "Deleted"];

/// `status.observedGeneration`, with a reason: whether it is that of the spec. What has observed it, the kind says: of a
/// VirtualMachine, its running instance, when it was started.
pub(super) const OBSERVED_GENERATION: TrackDeclaration =
    TrackDeclaration::one("observedGeneration", GENERATIONS, Vocabulary::count())
        .reading("the generation that was observed, with the detail `Current` if it is the latest one, else `Outdated`")
        .with(Details::Reasons);

const GENERATIONS: &[&str] = &[".status.observedGeneration", ".metadata.generation"];

/// True for a track without a variant of its own in [`crate::observation::Track`] whose states have reasons.
#[must_use]
pub(crate) fn has_reasons(declared: &TrackDeclaration) -> bool {
    declared.details != Details::None
}

/// True for a track without a variant of its own whose states have exit codes.
#[must_use]
pub(crate) fn has_exit_codes(declared: &TrackDeclaration) -> bool {
    declared.details == Details::Exits
}

/// `metadata`, as far as tracks need it.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Metadata<'a> {
    #[serde(borrow)]
    deletion_timestamp: Option<Text<'a>>,
    #[serde(borrow)]
    generation: Option<&'a RawValue>,
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

    /// The generation of the spec; none in an object of another shape.
    pub(super) fn generation(&self) -> Option<i64> {
        self.generation.and_then(|json| json.get().parse().ok())
    }

    /// The requested deletion, if any; a timestamp that is not RFC 3339 still counts as a request.
    pub(super) fn deletion(&self) -> Option<Deletion> {
        self.deletion_timestamp.as_deref().map(|stamp| Deletion { due: stamp.parse().ok() })
    }
}
