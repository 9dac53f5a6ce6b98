//! export.kubevirt.io `VirtualMachineExport`: phase and conditions.
//!
//! The words are those of KubeVirt, staging/src/kubevirt.io/api/export/v1/types.go; names, versions and columns are those of
//! pkg/virt-operator/resource/generate/components/crds.go. Releases before 1.3 serve v1alpha1.

use super::conditions::{self, Condition};
use super::declaration::{Kind, Role, TrackDeclaration, Vocabulary};
use super::metadata::LIFECYCLE;
use super::parts::Parts;
use super::text::Text;
use super::tracks::Tracks;
use super::{Error, Interpretation};
use crate::observation::{Object, Shape, State, Track};
use serde::Deserialize;
use serde::de::IgnoredAny;

pub(super) const KIND: Kind = Kind {
    kind: "VirtualMachineExport",
    plural: "virtualmachineexports",
    singular: "virtualmachineexport",
    short: &["vmexport", "vmexports"],
    display: "vmexport",
    group: "export.kubevirt.io",
    also_in: &[],
    versions: &["v1", "v1beta1", "v1alpha1"],
    namespaced: true,
    default: false,
    kept: Shape::Other,
    fields: &[],
    owners: &[],
    role: Role::Subject(&[
        TrackDeclaration::column("phase", "PHASE", Vocabulary::closed("VirtualMachineExport phase", PHASES)),
        LIFECYCLE,
        conditions::declared(&["Ready", "PVCReady", "VolumesCreated", "OCIReady"]),
    ]),
    interpret,
};

const PHASES: &[&str] = &["Pending", "Ready", "Terminated", "Skipped"];

#[derive(Default, Deserialize)]
struct Status<'a> {
    #[serde(borrow)]
    phase: Option<Text<'a>>,
    #[serde(borrow)]
    conditions: Option<Vec<Condition<'a>>>,
}

fn interpret(object: &Object) -> Result<Interpretation, Error> {
    let parts: Parts<'_, IgnoredAny, Status<'_>> = Parts::of(object, KIND.kind)?;
    let status = parts.status.unwrap_or_default();
    let conditions = status.conditions.unwrap_or_default();
    let mut tracks = Tracks::with_capacity(1 + conditions.len());
    tracks.optional(Track::Phase, status.phase.map(|phase| State::plain(&*phase)));
    tracks.family(conditions.iter().map(Condition::track));
    Ok(tracks.done(parts.metadata.deletion()))
}
