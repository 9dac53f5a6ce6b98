//! core/v1 Pod: phase, STATUS column, node, containers of all three types, conditions.
//!
//! A container in the spec without a status has no track: nothing has been reported about it yet. Phases and conditions
//! are those of core/v1 types.go, `PodPhase` and `PodConditionType`.

use super::conditions::{self, Condition};
use super::container;
use super::declaration::{Kind, Naming, Role, TrackDeclaration, Vocabulary};
use super::metadata::LIFECYCLE;
use super::pod_object::{Pod, Status};
use super::text::{label, some};
use super::tracks::Tracks;
use super::{Error, Interpretation, pod_status, pod_table};
use crate::observation::{Detail, Object, Shape, State, StateKind, Track};

pub(super) const KIND: Kind = Kind {
    kind: "Pod",
    about: "One or more containers that run together on one node.",
    example: "pod/web phase: Pending -> Running -> ...",
    plural: "pods",
    singular: "pod",
    short: &["po"],
    display: "pod",
    group: "",
    also_in: &[],
    versions: &["v1"],
    namespaced: true,
    naming: Naming::Subdomain,
    default: true,
    kept: Shape::Pod,
    fields: &["spec.nodeName", "status.phase", "status.podIP", "status.nominatedNodeName"],
    owners: &["VirtualMachineInstance", "Job"],
    undeclared_owners: &[("ReplicaSet", &["Deployment"])],
    role: Role::Subject(&[
        TrackDeclaration::one("phase", &[".status.phase"], Vocabulary::closed("pod phase", PHASES)),
        TrackDeclaration::one("status", &[".status", ".metadata.deletionTimestamp"], pod_status::STATES)
            .column("STATUS")
            .reading("the reason of a container or of the pod, else the phase, as kubectl derives it"),
        TrackDeclaration::one("node", &[".spec.nodeName"], Vocabulary::open(&[])).column("NODE"),
        LIFECYCLE,
        container::declared("container/", &[".status.containerStatuses[*].state"]),
        container::declared("init/", &[".status.initContainerStatuses[*].state"]),
        container::declared("ephemeral/", &[".status.ephemeralContainerStatuses[*].state"]),
        conditions::declared(&[
            "Ready",
            "ContainersReady",
            "Initialized",
            "PodScheduled",
            "PodReadyToStartContainers",
            "DisruptionTarget",
            "PodResizePending",
            "PodResizeInProgress",
            "AllContainersRestarting",
        ]),
    ]),
    table: pod_table::TABLE,
    source: None,
    interpret,
};

const PHASES: &[&str] = &["Pending", "Running", "Succeeded", "Failed", "Unknown"];

fn interpret(object: &Object) -> Result<Interpretation, Error> {
    let pod: Pod<'_> = serde_json::from_str(object.json.get()).map_err(Error::shape(KIND.kind))?;
    Ok(pod.tracks())
}

impl Pod<'_> {
    fn tracks(&self) -> Interpretation {
        let nothing = Status::default();
        let status = self.status.as_ref().unwrap_or(&nothing);
        let mut tracks = Tracks::with_capacity(3 + status.members());
        tracks.optional(Track::Phase, status.phase());
        tracks.one(Track::Status, status.column(self));
        let node = self.spec.as_ref().and_then(|spec| spec.node_name.as_ref());
        tracks.optional(Track::Node, node.map(|node| State::plain(&**node)));
        tracks.family(containers(status.init_containers(), Track::Init));
        tracks.family(containers(status.containers(), Track::Container));
        let ephemeral = status.ephemeral_container_statuses.as_deref().unwrap_or_default();
        tracks.family(containers(ephemeral, Track::Ephemeral));
        tracks.family(status.conditions().iter().map(Condition::track));
        tracks.done(self.metadata.deletion())
    }
}

impl Status<'_> {
    fn phase(&self) -> Option<State> {
        let phase = self.phase.as_ref()?;
        Some(State { detail: self.detail(), ..State::plain(&**phase) })
    }

    /// The STATUS column, with the pod's own reason as a detail: where a container has a reason, kubectl prints that
    /// one, so an evicted pod may be `Completed`.
    fn column(&self, pod: &Pod<'_>) -> State {
        State { label: pod_status::column(pod, self), kind: StateKind::Plain, detail: self.detail() }
    }

    fn detail(&self) -> Detail {
        Detail { reason: some(self.reason.as_ref()), message: some(self.message.as_ref()), ..Detail::default() }
    }

    fn members(&self) -> usize {
        let ephemeral = self.ephemeral_container_statuses.as_ref().map_or(0, Vec::len);
        self.conditions().len() + self.init_containers().len() + self.containers().len() + ephemeral
    }
}

fn containers(
    statuses: &[container::Status<'_>],
    track: fn(smol_str::SmolStr) -> Track,
) -> impl Iterator<Item = (Track, State)> {
    statuses.iter().map(move |status| (track(label(&status.name)), status.track_state()))
}
