//! The three parts of an object that tracks are read from, and the tracks and states that several kinds build.

use super::Error;
use super::metadata::Metadata;
use crate::observation::{Object, State, Track};
use serde::Deserialize;
use smol_str::{SmolStr, format_smolstr};

/// An object of a kind whose shape the API promises.
#[derive(Deserialize)]
#[serde(bound(deserialize = "Spec: Deserialize<'de>, Status: Deserialize<'de>"))]
pub(super) struct Parts<'a, Spec, Status> {
    #[serde(default, borrow)]
    pub(super) metadata: Metadata<'a>,
    /// None, too, in recordings that do not keep the spec.
    #[serde(default = "none")]
    pub(super) spec: Option<Spec>,
    /// None until a controller has written it.
    #[serde(default = "none")]
    pub(super) status: Option<Status>,
}

fn none<T>() -> Option<T> {
    None
}

impl<'a, Spec: Deserialize<'a>, Status: Deserialize<'a>> Parts<'a, Spec, Status> {
    /// Parses a kept object.
    ///
    /// # Errors
    /// When the object does not have the shape of its kind.
    pub(super) fn of(object: &'a Object, kind: &'static str) -> Result<Self, Error> {
        serde_json::from_str(object.json.get()).map_err(Error::shape(kind))
    }
}

/// A track that has no variant of its own in [`Track`].
pub(super) fn track(name: &'static str) -> Track {
    Track::Custom(SmolStr::new_static(name))
}

/// The state of a count.
pub(super) fn count(count: i64) -> State {
    State::plain(format_smolstr!("{count}"))
}

/// The state of an observed generation; none without a generation, because it is not known whether it is that.
pub(super) fn observed(generation: Option<i64>, metadata: &Metadata<'_>) -> Option<State> {
    let (generation, last) = generation.zip(metadata.generation())?;
    let mut state = count(generation);
    let reason = if generation >= last { "Current" } else { "Outdated" };
    state.detail.reason = Some(SmolStr::new_static(reason));
    Some(state)
}

/// The state of a boolean.
pub(super) fn truth(value: bool) -> State {
    State::plain(if value { "true" } else { "false" })
}
