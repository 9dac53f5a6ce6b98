//! A recording of many pods, made for the benchmark.

use statetrail::observation::{
    Attached, Capture, Change, ObjectEvent, Observation, Payload, Resource, ResourceVersion, Shape, Stamp, Watch,
    decode_object,
};
use statetrail::recording::{Header, SyncPolicy, Writer};
use std::path::PathBuf;
use std::time::Duration;
use tempfile::TempDir;

/// A recording in a folder of its own.
pub(crate) struct Made {
    pub path: PathBuf,
    /// Bytes of the objects that are in its list.
    pub object_bytes: usize,
    _folder: TempDir,
}

impl Made {
    /// A list of some pods, and events of them at a distance.
    pub(crate) fn recording(objects: usize, events: usize, distance: Duration) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("made.jsonl");
        let started: jiff::Timestamp = "2026-01-01T00:00:00Z".parse().expect("a time");
        let pods = Watch::all(Resource::new("", "v1", "pods", "Pod"));
        let mut writer = Writer::create(&path, &Header::new(started, vec![pods]), SyncPolicy::Never).expect("a file");
        let mut object_bytes = 0;
        let mut append = |payload, elapsed: Duration| {
            let at = started + elapsed;
            writer.append(&Observation { stamp: Stamp { at, elapsed }, payload }).expect("a line");
        };
        for index in 0..objects {
            let text = pod(index, index + 2, "Pending");
            object_bytes += text.len();
            append(object(Change::Listed, &text), Duration::ZERO);
        }
        let list = objects + 1;
        append(
            Payload::Attached(Attached {
                watch: 0,
                resource_version: ResourceVersion::new(list.to_string()),
                kind: "Pod".into(),
                not_before: None,
            }),
            Duration::ZERO,
        );
        for index in 0..events {
            let text = pod(index % objects, list + 1 + index, if index % 2 == 0 { "Running" } else { "Pending" });
            let number = u32::try_from(index + 1).expect("few events");
            append(object(Change::Modified, &text), distance * number);
        }
        writer.finish().expect("it is written");
        Self { path, object_bytes, _folder: folder }
    }
}

fn object(change: Change, text: &str) -> Payload {
    let object = decode_object(text.as_bytes(), Shape::Pod, Capture::Full).expect("a pod");
    Payload::Object(ObjectEvent { watch: 0, change, object, not_before: None, healed: false, confirmed: false })
}

/// A pod of about three kilobytes.
fn pod(index: usize, version: usize, phase: &str) -> String {
    let conditions: Vec<String> = ["PodReadyToStartContainers", "Initialized", "Ready", "ContainersReady", "PodScheduled"]
        .iter()
        .map(|kind| {
            format!(
                r#"{{"type":"{kind}","status":"True","lastProbeTime":null,"lastTransitionTime":"2026-01-01T00:00:00Z","message":"{}"}}"#,
                "a message of some length ".repeat(12)
            )
        })
        .collect();
    format!(
        r#"{{"kind":"Pod","apiVersion":"v1","metadata":{{"name":"pod-{index:06}","namespace":"load","uid":"00000000-0000-4000-8000-{index:012}","resourceVersion":"{version}","labels":{{"app":"load","index":"{index}"}}}},"spec":{{"nodeName":"node1","containers":[{{"name":"app","image":"busybox"}}]}},"status":{{"phase":"{phase}","conditions":[{}]}}}}"#,
        conditions.join(",")
    )
}
