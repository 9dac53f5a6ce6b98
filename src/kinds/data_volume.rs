//! cdi.kubevirt.io DataVolume: phase and conditions.
//!
//! Its progress is no state: it changes many times a minute and ends where the phase changes.

use super::conditions::Condition;
use super::metadata::Metadata;
use super::text::Text;
use super::tracks::Tracks;
use super::{Error, Interpretation, Interpreter};
use crate::observation::{Object, State, Track};
use serde::Deserialize;

/// Reads data volumes.
pub(super) struct DataVolumes;

#[derive(Deserialize)]
struct DataVolume<'a> {
    #[serde(default, borrow)]
    metadata: Metadata<'a>,
    #[serde(borrow)]
    status: Option<Status<'a>>,
}

#[derive(Default, Deserialize)]
struct Status<'a> {
    #[serde(borrow)]
    phase: Option<Text<'a>>,
    #[serde(borrow)]
    conditions: Option<Vec<Condition<'a>>>,
}

impl Interpreter for DataVolumes {
    fn interpret(&self, object: &Object) -> Result<Interpretation, Error> {
        let volume: DataVolume<'_> = serde_json::from_str(object.json.get()).map_err(Error::shape("DataVolume"))?;
        let status = volume.status.unwrap_or_default();
        let conditions = status.conditions.unwrap_or_default();
        let mut tracks = Tracks::with_capacity(1 + conditions.len());
        tracks.optional(Track::Phase, status.phase.map(|phase| State::plain(&*phase)));
        tracks.family(conditions.iter().map(Condition::track));
        Ok(tracks.done(volume.metadata.deletion()))
    }
}
