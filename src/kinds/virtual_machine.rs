//! kubevirt.io VirtualMachine: the status that KubeVirt prints, and conditions.

use super::conditions::Condition;
use super::metadata::Metadata;
use super::text::Text;
use super::tracks::Tracks;
use super::{Error, Interpretation, Interpreter};
use crate::observation::{Object, State, Track};
use serde::Deserialize;

/// Reads virtual machines.
pub(super) struct VirtualMachines;

#[derive(Deserialize)]
struct VirtualMachine<'a> {
    #[serde(default, borrow)]
    metadata: Metadata<'a>,
    #[serde(borrow)]
    status: Option<Status<'a>>,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Status<'a> {
    #[serde(borrow)]
    printable_status: Option<Text<'a>>,
    #[serde(borrow)]
    conditions: Option<Vec<Condition<'a>>>,
}

impl Interpreter for VirtualMachines {
    fn interpret(&self, object: &Object) -> Result<Interpretation, Error> {
        let machine: VirtualMachine<'_> =
            serde_json::from_str(object.json.get()).map_err(Error::shape("VirtualMachine"))?;
        let status = machine.status.unwrap_or_default();
        let conditions = status.conditions.unwrap_or_default();
        let mut tracks = Tracks::with_capacity(1 + conditions.len());
        tracks.optional(Track::Status, status.printable_status.map(|word| State::plain(&*word)));
        tracks.family(conditions.iter().map(Condition::track));
        Ok(tracks.done(machine.metadata.deletion()))
    }
}
