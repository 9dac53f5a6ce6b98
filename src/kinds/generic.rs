//! Undeclared kinds: the phase and the observed generation, if there are, and every well-formed condition.
//!
//! The shape of their status is not known, so nothing unexpected in it fails the object: what is not a phase or a
//! condition is skipped.

use super::conditions::{self, Condition};
use super::declaration::{TrackDeclaration, Vocabulary};
use super::metadata::{LIFECYCLE, Metadata, OBSERVED_GENERATION};
use super::parts::{observed, track};
use super::text::Text;
use super::tracks::Tracks;
use super::{Error, Interpretation, Interpreter};
use crate::observation::{Object, State, Track};
use jiff::Timestamp;
use serde::Deserialize;
use serde_json::value::RawValue;
use smol_str::SmolStr;

/// The tracks of an undeclared kind. Its phases are not limited.
pub(super) const TRACKS: &[TrackDeclaration] = &[PHASE, OBSERVED_GENERATION, LIFECYCLE, conditions::declared(&[])];

const PHASE: TrackDeclaration = TrackDeclaration::one("phase", &[".status.phase"], Vocabulary::open(&[]));

/// Reads objects of an undeclared kind.
pub(super) struct Generic {
    /// The kind, or the resource while the kind is not known; used in errors.
    pub(super) kind: SmolStr,
}

#[derive(Deserialize)]
struct Thing<'a> {
    #[serde(default, borrow)]
    metadata: Metadata<'a>,
    #[serde(borrow)]
    status: Option<&'a RawValue>,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Status<'a> {
    #[serde(borrow)]
    phase: Option<&'a RawValue>,
    #[serde(borrow)]
    conditions: Option<&'a RawValue>,
    #[serde(borrow)]
    observed_generation: Option<&'a RawValue>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Odd<'a> {
    #[serde(rename = "type", borrow)]
    kind: &'a RawValue,
    #[serde(borrow)]
    status: &'a RawValue,
    #[serde(borrow)]
    reason: Option<&'a RawValue>,
    #[serde(borrow)]
    message: Option<&'a RawValue>,
    #[serde(borrow)]
    last_transition_time: Option<&'a RawValue>,
}

impl Interpreter for Generic {
    fn interpret(&self, object: &Object) -> Result<Interpretation, Error> {
        let thing: Thing<'_> = serde_json::from_str(object.json.get()).map_err(Error::shape(self.kind.clone()))?;
        let status: Status<'_> = thing.status.and_then(members).unwrap_or_default();
        let conditions: Vec<&RawValue> = status.conditions.and_then(read).unwrap_or_default();
        let mut tracks = Tracks::with_capacity(2 + conditions.len());
        let phase = status.phase.and_then(read::<Text<'_>>);
        tracks.optional(Track::Phase, phase.map(|phase| State::plain(&*phase)));
        let generation = status.observed_generation.and_then(read);
        tracks.optional(track(OBSERVED_GENERATION.name), observed(generation, &thing.metadata));
        tracks.family(conditions.into_iter().filter_map(condition).map(|condition| condition.track()));
        Ok(tracks.done(thing.metadata.deletion()))
    }
}

fn condition(json: &RawValue) -> Option<Condition<'_>> {
    let odd: Odd<'_> = members(json)?;
    Some(Condition {
        kind: read(odd.kind)?,
        status: read(odd.status)?,
        reason: odd.reason.and_then(read),
        message: odd.message.and_then(read),
        last_transition_time: odd.last_transition_time.and_then(read::<Timestamp>),
    })
}

/// Reads a JSON object; serde would also accept an array, with the members in order.
fn members<'a, T: Deserialize<'a>>(json: &'a RawValue) -> Option<T> {
    json.get().starts_with('{').then(|| read(json)).flatten()
}

fn read<'a, T: Deserialize<'a>>(json: &'a RawValue) -> Option<T> {
    serde_json::from_str(json.get()).ok()
}
