//! kubevirt.io VirtualMachineInstance: phase, node, migration, volumes, conditions.

use super::conditions::Condition;
use super::metadata::Metadata;
use super::migration::MigrationState;
use super::text::{Text, label, some};
use super::tracks::Tracks;
use super::{Error, Interpretation, Interpreter};
use crate::observation::{Detail, Object, State, Track};
use serde::Deserialize;

/// Reads virtual machine instances.
pub(super) struct VirtualMachineInstances;

#[derive(Deserialize)]
struct VirtualMachineInstance<'a> {
    #[serde(default, borrow)]
    metadata: Metadata<'a>,
    #[serde(borrow)]
    status: Option<Status<'a>>,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Status<'a> {
    #[serde(borrow)]
    phase: Option<Text<'a>>,
    #[serde(borrow)]
    reason: Option<Text<'a>>,
    #[serde(borrow)]
    node_name: Option<Text<'a>>,
    #[serde(borrow)]
    migration_state: Option<MigrationState<'a>>,
    #[serde(rename = "volumeStatus", borrow)]
    volumes: Option<Vec<Volume<'a>>>,
    #[serde(borrow)]
    conditions: Option<Vec<Condition<'a>>>,
}

#[derive(Deserialize)]
struct Volume<'a> {
    #[serde(borrow)]
    name: Text<'a>,
    #[serde(borrow)]
    phase: Option<Text<'a>>,
    #[serde(borrow)]
    reason: Option<Text<'a>>,
    #[serde(borrow)]
    message: Option<Text<'a>>,
}

impl Interpreter for VirtualMachineInstances {
    fn interpret(&self, object: &Object) -> Result<Interpretation, Error> {
        let instance: VirtualMachineInstance<'_> =
            serde_json::from_str(object.json.get()).map_err(Error::shape("VirtualMachineInstance"))?;
        let status = instance.status.unwrap_or_default();
        let volumes = status.volumes.as_deref().unwrap_or_default();
        let conditions = status.conditions.as_deref().unwrap_or_default();
        let mut tracks = Tracks::with_capacity(3 + volumes.len() + conditions.len());
        tracks.optional(Track::Phase, status.phase());
        tracks.optional(Track::Node, status.node_name.as_ref().map(|node| State::plain(&**node)));
        tracks.one(Track::Migration, MigrationState::track_state(status.migration_state.as_ref()));
        tracks.family(volumes.iter().filter_map(Volume::track));
        tracks.family(conditions.iter().map(Condition::track));
        Ok(tracks.done(instance.metadata.deletion()))
    }
}

impl Status<'_> {
    fn phase(&self) -> Option<State> {
        let phase = self.phase.as_ref()?;
        Some(State {
            detail: Detail { reason: some(self.reason.as_ref()), ..Detail::default() },
            ..State::plain(&**phase)
        })
    }
}

impl Volume<'_> {
    /// A volume of which no phase is told yet has no track.
    fn track(&self) -> Option<(Track, State)> {
        let phase = self.phase.as_ref()?;
        let detail =
            Detail { reason: some(self.reason.as_ref()), message: some(self.message.as_ref()), ..Detail::default() };
        Some((Track::Volume(label(&self.name)), State { detail, ..State::plain(&**phase) }))
    }
}
