//! core/v1 Event: evidence on the timeline of the object that it is about, and a subject of expectations.
//!
//! events.k8s.io serves the same objects with other names for some members (its v1/types.go): `regarding`, `note`,
//! `reportingController`, and the older members with the prefix `deprecated`.

use super::declaration::{Details, Kind, Naming, Role, TrackDeclaration, Vocabulary};
use super::text::{Text, label, or_empty};
use super::{Error, Evidence, Interpretation, Involved, event_table};
use crate::observation::{Object, Shape};
use serde::Deserialize;
use smol_str::SmolStr;

pub(super) const KIND: Kind = Kind {
    kind: "Event",
    about: "A report about another object: what happened to it, how often, and who says so. Events are evidence on \
            the timeline of that object, and subjects of expectations.",
    example: "event reason: never _/Warning",
    plural: "events",
    singular: "event",
    short: &["ev"],
    display: "event",
    group: "",
    also_in: &["events.k8s.io"],
    versions: &["v1"],
    namespaced: true,
    naming: Naming::Subdomain,
    default: true,
    kept: Shape::Event,
    fields: &[
        "involvedObject.kind",
        "involvedObject.namespace",
        "involvedObject.name",
        "involvedObject.uid",
        "involvedObject.apiVersion",
        "involvedObject.resourceVersion",
        "involvedObject.fieldPath",
        "reportingComponent",
        "reason",
        "type",
    ],
    owners: &[],
    undeclared_owners: &[],
    role: Role::Evidence(&[REASON]),
    table: event_table::TABLE,
    source: None,
    interpret,
};

/// Each occurrence enters the reason of the Event, with its type as a detail, and then `Past`.
pub(crate) const REASON: TrackDeclaration =
    TrackDeclaration::one("reason", &[".reason", ".type"], Vocabulary::formed(WORDS, is_type, ""))
        .reading("each occurrence enters the reason, with the type as a detail, and then `Past`")
        .with(Details::Reasons);

/// The state after an occurrence.
pub(crate) const PAST: &str = "Past";

/// The types are familiar, too: they are details of the states.
fn is_type(word: &str) -> bool {
    matches!(word, "Normal" | "Warning")
}

/// Reasons that are known to occur, and what follows each: of the kubelet (`pkg/kubelet/events/event.go`), of the scheduler and the
/// controllers of Kubernetes, and of KubeVirt (`pkg/virt-controller`, `pkg/virt-handler`).
const WORDS: &[&str] = &[
    "Past",
    "AlreadyMountedVolume",
    "AttachVolume",
    "BackOff",
    "ClaimLost",
    "ClaimMisbound",
    "ContainerGCFailed",
    "Created",
    "Evicted",
    "ExceededGracePeriod",
    "ExternalExpanding",
    "ExternalProvisioning",
    "Failed",
    "FailedAttachVolume",
    "FailedBinding",
    "FailedCreate",
    "FailedCreatePodContainer",
    "FailedCreatePodSandBox",
    "FailedDelete",
    "FailedKillPod",
    "FailedMapVolume",
    "FailedMount",
    "FailedNodeAllocatableEnforcement",
    "FailedPostStartHook",
    "FailedPreStopHook",
    "FailedScheduling",
    "FailedSync",
    "FailedToRetrieveImagePullSecret",
    "FileSystemResizeFailed",
    "FileSystemResizeSuccessful",
    "FreeDiskSpaceFailed",
    "HostPortConflict",
    "ImageGCFailed",
    "InspectFailed",
    "InvalidDiskCapacity",
    "InvalidEnvironmentVariableNames",
    "Killing",
    "NetworkNotReady",
    "NodeAllocatableEnforced",
    "NodeHasDiskPressure",
    "NodeHasInsufficientMemory",
    "NodeHasNoDiskPressure",
    "NodeHasSufficientMemory",
    "NodeHasSufficientPID",
    "NodeNotReady",
    "NodeNotSchedulable",
    "NodeReady",
    "NodeSchedulable",
    "OutOfcpu",
    "OutOfmemory",
    "Preempted",
    "Preempting",
    "ProbeWarning",
    "ProvisioningFailed",
    "ProvisioningSucceeded",
    "Pulled",
    "Pulling",
    "Rebooted",
    "RegisteredNode",
    "RemovingNode",
    "SandboxChanged",
    "Scheduled",
    "ScalingReplicaSet",
    "Started",
    "Starting",
    "SuccessfulAttachVolume",
    "SuccessfulCreate",
    "SuccessfulDelete",
    "SuccessfulMountVolume",
    "SystemOOM",
    "TaintManagerEviction",
    "Unhealthy",
    "VolumeResizeFailed",
    "WaitForFirstConsumer",
    "WaitForPodScheduled",
    "Deleted",
    "Defined",
    "Migrated",
    "Migrating",
    "PreparingTarget",
    "ShuttingDown",
    "Stopped",
    "Suspended",
    "Resumed",
    "SyncFailed",
    "SuccessfulHandOver",
    "FailedHandOver",
    "SuccessfulMigration",
    "FailedMigration",
    "MigrationTargetPodUnschedulable",
    "AccessCredentialsSyncFailed",
    "AccessCredentialsSyncSuccess",
    "FailedDataVolumeImport",
    "FailedPvcNotFound",
    "ErrorUnschedulable",
];

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Event<'a> {
    #[serde(borrow, alias = "regarding")]
    involved_object: Option<Reference<'a>>,
    #[serde(rename = "type", borrow)]
    kind: Option<Text<'a>>,
    #[serde(borrow)]
    reason: Option<Text<'a>>,
    #[serde(borrow, alias = "note")]
    message: Option<Text<'a>>,
    #[serde(alias = "deprecatedCount")]
    count: Option<i64>,
    series: Option<Series>,
    #[serde(borrow, alias = "deprecatedSource")]
    source: Option<Source<'a>>,
    #[serde(borrow, alias = "reportingController")]
    reporting_component: Option<Text<'a>>,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Reference<'a> {
    #[serde(borrow)]
    kind: Option<Text<'a>>,
    #[serde(borrow)]
    api_version: Option<Text<'a>>,
    #[serde(borrow)]
    namespace: Option<Text<'a>>,
    #[serde(borrow)]
    name: Option<Text<'a>>,
    #[serde(borrow)]
    uid: Option<Text<'a>>,
    #[serde(borrow)]
    field_path: Option<Text<'a>>,
}

#[derive(Deserialize)]
struct Series {
    count: Option<i64>,
}

#[derive(Deserialize)]
struct Source<'a> {
    #[serde(borrow)]
    component: Option<Text<'a>>,
}

fn interpret(object: &Object) -> Result<Interpretation, Error> {
    let event: Event<'_> = serde_json::from_str(object.json.get()).map_err(Error::shape(KIND.kind))?;
    Ok(Interpretation::Evidence(event.evidence()))
}

impl Event<'_> {
    fn evidence(&self) -> Evidence {
        Evidence {
            involved: self.involved_object.as_ref().map(Reference::involved).unwrap_or_default(),
            kind: word(self.kind.as_ref()),
            reason: word(self.reason.as_ref()),
            message: word(self.message.as_ref()),
            count: self.count(),
            source: self.source(),
        }
    }

    /// A series has a count of its own; a single Event of the newer API has none (as `kubectl get events` reads them).
    fn count(&self) -> u32 {
        // A series is of two occurrences or more, though older reporters begin it with 1.
        let series = self.series.as_ref().map(|series| series.count.unwrap_or_default().max(2));
        let count = series.or(self.count).unwrap_or(1);
        u32::try_from(count.max(1)).unwrap_or(u32::MAX)
    }

    fn source(&self) -> SmolStr {
        match self.source.as_ref().map_or("", |source| or_empty(source.component.as_ref())) {
            "" => word(self.reporting_component.as_ref()),
            component => label(component),
        }
    }
}

impl Reference<'_> {
    fn involved(&self) -> Involved {
        let group = or_empty(self.api_version.as_ref()).split_once('/').map_or("", |(group, _version)| group);
        Involved {
            kind: word(self.kind.as_ref()),
            group: label(group),
            namespace: word(self.namespace.as_ref()),
            name: word(self.name.as_ref()),
            uid: word(self.uid.as_ref()),
            field_path: word(self.field_path.as_ref()),
        }
    }
}

fn word(text: Option<&Text<'_>>) -> SmolStr {
    label(or_empty(text))
}
