//! The first line of a recording: the program, the cluster and the watches.

use crate::observation::{Boot, Capture, ClusterIdentity, Environment, Watch};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use smol_str::SmolStr;

/// The format that this version reads and writes.
pub const FORMAT: &str = "statetrail.recording/v1";
/// The first bytes of a recording, of whatever version.
pub(crate) const BEGIN: &[u8] = br#"{"format":"statetrail.recording/"#;

/// Line 1 of a recording: the program that made it, the cluster, and the watches.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Header {
    /// Name and version of the format, [`FORMAT`].
    pub format: String,
    /// Name and version of the program that wrote it.
    pub tool: String,
    /// When the recording was started, wall clock of the recorder.
    #[serde(with = "super::times::micros")]
    pub started: Timestamp,
    /// The monotonic clock of `elapsed`, and its reading at `started`: a resumed recording continues to count from it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub boot: Option<Boot>,
    /// The clock of the times in `at`.
    #[serde(default)]
    pub clock: Clock,
    /// How much of an object is kept.
    #[serde(default)]
    pub capture: Capture,
    /// uid of the cluster's kube-system namespace, where readable: distinguishes one cluster from another.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cluster: Option<SmolStr>,
    /// What else identifies the cluster, where that uid could not be read.
    #[serde(default, skip_serializing_if = "ClusterIdentity::is_unknown")]
    pub identity: ClusterIdentity,
    /// The versions of the cluster's parts.
    #[serde(default)]
    pub environment: Environment,
    /// The watches; lines refer to them by index.
    pub watches: Vec<Watch>,
}

/// The clock of the times of a recording.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Clock {
    /// The recorder's, at receipt.
    #[default]
    Receipt,
    /// The newest timestamp inside the objects, in whole seconds of the writers' clocks: imported from lines without
    /// receipt times.
    Server,
}

impl Header {
    /// A header of this program, for a recording that starts at `started`.
    #[must_use]
    pub fn new(started: Timestamp, watches: Vec<Watch>) -> Self {
        Self {
            format: FORMAT.to_owned(),
            tool: tool(),
            started,
            boot: None,
            clock: Clock::default(),
            capture: Capture::default(),
            cluster: None,
            identity: ClusterIdentity::default(),
            environment: Environment::default(),
            watches,
        }
    }
}

impl Header {
    /// The cluster that was recorded.
    #[must_use]
    pub fn identity(&self) -> ClusterIdentity {
        ClusterIdentity { system: self.cluster.clone(), ..self.identity.clone() }
    }

    /// Sets the cluster that is recorded.
    pub fn identify(&mut self, identity: ClusterIdentity) {
        self.cluster.clone_from(&identity.system);
        self.identity = if identity.system.is_some() { ClusterIdentity::default() } else { identity };
    }
}

/// Name and version of this program.
#[must_use]
pub(crate) fn tool() -> String {
    concat!("statetrail ", env!("CARGO_PKG_VERSION")).to_owned()
}
