//! What the page says of the whole recording.

use crate::observation::Watch;
use crate::view::style::{Caveats, Durations};
use jiff::Timestamp;
use serde::{Serialize, Serializer};

/// The name and the version of what the page reads.
const FORMAT: &str = "statetrail-page/1";

/// What the page says of the whole recording.
#[derive(Clone, Debug, Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Head {
    /// Its file, without folders.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub recording: Option<String>,
    /// uid of the cluster's namespace `kube-system`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cluster: Option<String>,
    /// Version of the API server.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub kubernetes: Option<String>,
    /// Version of KubeVirt.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub kubevirt: Option<String>,
    /// When it started.
    #[serde(serialize_with = "micros")]
    pub started: Timestamp,
    /// The last moment of it.
    #[serde(serialize_with = "micros")]
    pub last: Timestamp,
    /// It has no end: its recorder is still running, or was killed.
    pub open: bool,
    /// What its times mean.
    #[serde(flatten, serialize_with = "caveats")]
    pub caveats: Caveats,
    /// What is wrong with it, in sentences; none where that is not known yet.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub notices: Option<Vec<String>>,
    /// The part of it that is to be shown first, if not everything.
    #[serde(serialize_with = "optional_micros", skip_serializing_if = "Option::is_none")]
    pub since: Option<Timestamp>,
    /// The end of that part.
    #[serde(serialize_with = "optional_micros", skip_serializing_if = "Option::is_none")]
    pub until: Option<Timestamp>,
    /// What was watched.
    pub watches: Vec<WatchHead>,
    /// What was selected, in the words of the command line, if not everything.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub selection: Option<String>,
}

/// The same, with the name and the version of what the page reads.
#[derive(Debug, Serialize)]
pub struct Titled {
    format: &'static str,
    version: &'static str,
    #[serde(flatten)]
    head: Head,
    #[serde(skip_serializing_if = "Option::is_none")]
    objects: Option<Kept>,
}

/// Of how many subjects the objects are in the page.
#[derive(Debug, Serialize)]
pub(super) struct Kept {
    pub(super) kept: usize,
    pub(super) of: usize,
}

impl Head {
    /// For a page that asks a server for objects.
    #[must_use]
    pub fn served(self) -> Titled {
        self.titled(None)
    }

    /// For a page that has the objects of some subjects.
    pub(super) fn titled(self, objects: Option<Kept>) -> Titled {
        Titled { format: FORMAT, version: env!("CARGO_PKG_VERSION"), head: self, objects }
    }
}

/// A watch.
#[derive(Clone, Debug, Serialize)]
pub struct WatchHead {
    resource: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    kind: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    namespace: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    outage: Option<OutageHead>,
}

/// Since when a watch is not followed, and why.
#[derive(Clone, Debug, Serialize)]
struct OutageHead {
    #[serde(serialize_with = "micros")]
    since: Timestamp,
    why: String,
}

impl WatchHead {
    /// A watch that is not followed since some time.
    #[must_use]
    pub fn interrupted(self, since: Timestamp, why: String) -> Self {
        Self { outage: Some(OutageHead { since, why }), ..self }
    }
}

impl From<&Watch> for WatchHead {
    fn from(watch: &Watch) -> Self {
        let resource = watch.resource.to_string();
        Self { resource, kind: watch.resource.kind.to_string(), namespace: watch.namespace.to_string(), outage: None }
    }
}

/// Microseconds since the beginning of 1970.
pub(super) fn micros<S: Serializer>(at: &Timestamp, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_i64(at.as_microsecond())
}

#[expect(clippy::ref_option, reason = "serde hands over a reference")]
fn optional_micros<S: Serializer>(at: &Option<Timestamp>, serializer: S) -> Result<S::Ok, S::Error> {
    at.map(Timestamp::as_microsecond).serialize(serializer)
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde hands over a reference")]
fn caveats<S: Serializer>(caveats: &Caveats, serializer: S) -> Result<S::Ok, S::Error> {
    #[derive(Serialize)]
    struct Members {
        durations: &'static str,
        stepped: bool,
        incomplete: bool,
    }
    let durations = match caveats.durations {
        Durations::Measured => "measured",
        Durations::Stamped => "stamped",
        Durations::Unknown => "unknown",
    };
    Members { durations, stepped: caveats.stepped, incomplete: caveats.incomplete }.serialize(serializer)
}
