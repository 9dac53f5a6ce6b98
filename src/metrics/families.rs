//! Every metric: its name, type, labels, unit and meaning, in one place.

/// What a family counts, and how.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// It only rises while the recorder runs.
    Counter,
    /// A number now.
    Gauge,
    /// Lengths, in buckets.
    Histogram,
}

/// A family of metrics.
#[derive(Clone, Copy, Debug)]
pub struct Family {
    /// Its name.
    pub name: &'static str,
    /// Its type.
    pub kind: Kind,
    /// Its labels.
    pub labels: &'static [&'static str],
    /// What is counted.
    pub unit: &'static str,
    /// What it means.
    pub help: &'static str,
}

impl Kind {
    /// The name of the type.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Counter => "counter",
            Self::Gauge => "gauge",
            Self::Histogram => "histogram",
        }
    }
}

/// Upper bounds of the buckets for stays, in seconds.
pub(super) const STAYS: &[f64] =
    &[0.001, 0.01, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0, 120.0, 300.0, 600.0, 1800.0, 3600.0];

macro_rules! families {
    ($($id:ident = $kind:ident $name:literal [$($label:literal),*] $unit:literal $help:literal;)*) => {
        $(pub(super) const $id: Family = Family {
            name: $name,
            kind: Kind::$kind,
            labels: &[$($label),*],
            unit: $unit,
            help: $help,
        };)*
        /// All families.
        pub const ALL: &[Family] = &[$($id),*];
    };
}

families! {
    BUILD_INFO = Gauge "statetrail_build_info" ["version"] ""
        "1, with the version of statetrail";
    TRANSITIONS = Counter "statetrail_transitions_total" ["kind", "namespace", "track", "from", "to"] "transitions"
        "Transitions of the timeline, except the states with which a watch started";
    DWELL = Histogram "statetrail_state_dwell_seconds" ["kind", "track", "state"] "seconds"
        "How long a state was held, of those whose beginning and end were both seen as they happened";
    OBJECTS = Gauge "statetrail_objects" ["kind", "namespace", "track", "state"] "objects"
        "Objects whose track is in the state now";
    EVIDENCE = Counter "statetrail_evidence_total" ["kind", "namespace", "type", "reason"] "Events"
        "Kubernetes Events about objects, one for each version of an Event";
    WATCHES = Gauge "statetrail_watches" ["resource", "namespace"] "watches"
        "Watches of the recorder";
    ATTACHED = Gauge "statetrail_watch_attached" ["resource", "namespace"] "watches"
        "Watches that have delivered their initial state";
    CONNECTED = Gauge "statetrail_watch_connected" ["resource", "namespace"] "watches"
        "Watches that are not interrupted";
    RECONNECTS = Counter "statetrail_watch_reconnects_total" ["resource", "namespace"] "reconnects"
        "Streams that were opened again where they ended";
    GAPS = Counter "statetrail_gaps_total" ["resource", "namespace", "reason"] "gaps"
        "Gaps of the timeline: of watches, and of each object or track that was affected";
    HEALED = Counter "statetrail_healed_total" ["resource", "namespace"] "versions"
        "Versions of objects that were read back from the server's history";
    LAG = Histogram "statetrail_delivery_lag_seconds" ["resource"] "seconds"
        "From the receipt of a version of an object to its states in the timeline";
    QUEUE_DEPTH = Gauge "statetrail_queue_depth" ["queue"] "bytes, batches or entries"
        "What waits in a bounded queue of the recorder";
    QUEUE_CAPACITY = Gauge "statetrail_queue_capacity" ["queue"] "bytes, batches or entries"
        "The most that can wait in the queue";
    RECORDING_BYTES = Counter "statetrail_recording_bytes_total" [] "bytes"
        "Bytes written to the recording, compressed if the recording is";
    FSYNC = Histogram "statetrail_recording_fsync_duration_seconds" [] "seconds"
        "How long an fsync of the recording took";
    EXPECTATIONS = Gauge "statetrail_expectations" ["verdict"] "expectations"
        "Expectations that are judged, by their verdict now";
    ENDED = Gauge "statetrail_recorder_ended" [] ""
        "1 once the recorder has ended, and everything is counted";
    MISSED = Counter "statetrail_metrics_missed_entries_total" [] "entries"
        "Entries of the timeline that are not counted, because they came faster than they could be";
}
