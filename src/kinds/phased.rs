//! Kinds whose tracks are a phase and conditions, and no others.

use super::conditions::Condition;
use super::parts::Parts;
use super::text::Text;
use super::tracks::Tracks;
use super::{Error, Interpretation};
use crate::observation::{Object, State, Track};
use serde::Deserialize;
use serde::de::IgnoredAny;

#[derive(Default, Deserialize)]
struct Status<'a> {
    #[serde(borrow)]
    phase: Option<Text<'a>>,
    #[serde(borrow)]
    conditions: Option<Vec<Condition<'a>>>,
}

/// Reads the phase and the conditions of an object; `kind` is used in errors.
pub(super) fn interpret(object: &Object, kind: &'static str) -> Result<Interpretation, Error> {
    let parts: Parts<'_, IgnoredAny, Status<'_>> = Parts::of(object, kind)?;
    let status = parts.status.unwrap_or_default();
    let conditions = status.conditions.unwrap_or_default();
    let mut tracks = Tracks::with_capacity(1 + conditions.len());
    tracks.optional(Track::Phase, status.phase.map(|phase| State::plain(&*phase)));
    tracks.family(conditions.iter().map(Condition::track));
    Ok(tracks.done(parts.metadata.deletion()))
}
