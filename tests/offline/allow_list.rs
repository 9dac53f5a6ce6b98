//! The allow-list: secrets are planted wherever objects can hold them, and must not be in the written file.

use serde_json::{Value, json};
use statetrail::observation::{
    Capture, Change, Envelope, Object, ObjectEvent, Observation, Payload, Resource, Stamp, Watch, decode_event,
    decode_object,
};
use statetrail::recording::{Header, SyncPolicy, Writer};
use statetrail::{kinds, source};
use std::fs;
use std::io::Cursor;
use std::time::Duration;

/// An object, what must be recorded of it, and what must not.
struct Planted {
    resource: Resource,
    object: Value,
    /// Secrets, by the place where they were planted.
    secrets: Vec<&'static str>,
    /// What must be stored.
    kept: Vec<&'static str>,
}

/// Metadata in which every member of the API has a value.
fn metadata() -> Value {
    json!({"name": "name-kept", "namespace": "namespace-kept", "uid": "uid-kept", "resourceVersion": "7",
        "generateName": "secret-in-generateName-", "selfLink": "/secret-in-selfLink", "generation": 3,
        "creationTimestamp": "2026-01-01T00:00:00Z", "deletionTimestamp": "2026-01-01T00:00:30Z",
        "deletionGracePeriodSeconds": 30, "labels": {"app": "label-kept"}, "finalizers": ["finalizer-kept"],
        "ownerReferences": [{"kind": "ReplicaSet", "name": "owner-is-kept", "uid": "o"}],
        "annotations": {"password": "secret-in-annotation",
            "kubectl.kubernetes.io/last-applied-configuration": "{\"env\":\"secret-in-last-applied\"}"},
        "managedFields": [{"manager": "secret-in-managedFields", "fieldsV1": {"f:secret-in-fieldsV1": {}}}]})
}

const IN_METADATA: [&str; 4] =
    ["secret-in-generateName", "secret-in-selfLink", "secret-in-annotation", "secret-in-last-applied"];
const IN_MANAGED_FIELDS: [&str; 2] = ["secret-in-managedFields", "secret-in-fieldsV1"];
const OF_METADATA: [&str; 6] =
    ["name-kept", "namespace-kept", "uid-kept", "label-kept", "finalizer-kept", "owner-is-kept"];

fn planted() -> Vec<Planted> {
    let container = |sort: &str| {
        json!({"name": format!("{sort}-named"), "image": format!("{sort}-imaged"),
            "command": ["secret-in-command"], "args": ["--password=secret-in-args"], "workingDir": "secret-in-workingDir",
            "env": [{"name": "TOKEN", "value": "secret-in-env"}], "envFrom": [{"secretRef": {"name": "secret-in-envFrom"}}],
            "lifecycle": {"postStart": {"exec": {"command": ["secret-in-lifecycle"]}}},
            "livenessProbe": {"httpGet": {"httpHeaders": [{"name": "a", "value": "secret-in-probe"}]}},
            "volumeMounts": [{"name": "secret-in-volumeMount"}]})
    };
    let pod = json!({"kind": "Pod", "apiVersion": "v1", "metadata": metadata(), "secret": "secret-in-member",
        "spec": {"nodeName": "node-kept", "containers": [container("container")], "initContainers": [container("init")],
            "ephemeralContainers": [container("ephemeral")], "hostname": "secret-in-hostname",
            "volumes": [{"name": "v", "csi": {"volumeAttributes": {"key": "secret-in-volume"}}}],
            "imagePullSecrets": [{"name": "secret-in-imagePullSecrets"}]},
        "status": {"phase": "Pending", "message": "status-kept"}});
    let machine = json!({"kind": "VirtualMachine", "apiVersion": "kubevirt.io/v1", "metadata": metadata(),
        "spec": {"template": {"spec": {"volumes": [{"cloudInitNoCloud": {"userData": "#cloud-config\npassword: secret-in-userData"}}],
            "accessCredentials": ["secret-in-accessCredentials"]}}},
        "status": {"printableStatus": "status-kept"}});
    let event = json!({"kind": "Event", "apiVersion": "v1", "metadata": metadata(), "type": "Warning",
        "reason": "reason-kept", "message": "message-kept", "count": 3, "related": {"name": "secret-in-related"},
        "reportingInstance": "secret-in-reportingInstance", "involvedObject": {"kind": "Pod", "name": "involved-kept"}});
    let newer_event = json!({"kind": "Event", "apiVersion": "events.k8s.io/v1", "metadata": metadata(), "type": "Warning",
        "reason": "reason-kept", "note": "note-kept", "related": {"name": "secret-in-related"}, "deprecatedCount": 424_242,
        "reportingInstance": "secret-in-reportingInstance", "regarding": {"kind": "Pod", "name": "regarding-kept"}});
    let deployment = json!({"kind": "Deployment", "apiVersion": "apps/v1", "metadata": metadata(),
        "spec": {"replicas": 424_242, "paused": true, "minReadySeconds": 131_313, "strategy": {"type": "secret-in-strategy"},
            "template": {"spec": {"containers": [container("container")]}}},
        "status": {"phase": "status-kept"}});
    // Numbers, which the API does not allow here.
    let job = json!({"kind": "Job", "apiVersion": "batch/v1", "metadata": metadata(),
        "spec": {"completions": "secret-in-completions", "parallelism": {"replicas": "secret-in-parallelism"}},
        "status": {"phase": "status-kept"}});
    let generic = json!({"kind": "Secret", "apiVersion": "v1", "metadata": metadata(), "data": {"key": "secret-in-data"},
        "stringData": {"key": "secret-in-stringData"}, "spec": {"password": "secret-in-spec"},
        "status": {"phase": "status-kept"}});
    vec![
        Planted {
            resource: Resource::new("", "v1", "pods", "Pod"),
            object: pod,
            secrets: vec![
                "secret-in-command",
                "secret-in-args",
                "secret-in-workingDir",
                "secret-in-env",
                "secret-in-envFrom",
                "secret-in-lifecycle",
                "secret-in-probe",
                "secret-in-volumeMount",
                "secret-in-hostname",
                "secret-in-volume",
                "secret-in-imagePullSecrets",
                "secret-in-member",
            ],
            kept: vec![
                "node-kept",
                "container-named",
                "container-imaged",
                "init-named",
                "init-imaged",
                "ephemeral-named",
                "ephemeral-imaged",
                "status-kept",
            ],
        },
        Planted {
            resource: Resource::new("kubevirt.io", "v1", "virtualmachines", "VirtualMachine"),
            object: machine,
            secrets: vec!["secret-in-userData", "secret-in-accessCredentials"],
            kept: vec!["status-kept"],
        },
        Planted {
            resource: Resource::new("", "v1", "events", "Event"),
            object: event,
            secrets: vec!["secret-in-related", "secret-in-reportingInstance"],
            kept: vec!["reason-kept", "message-kept", "involved-kept"],
        },
        Planted {
            resource: Resource::new("events.k8s.io", "v1", "events", "Event"),
            object: newer_event,
            secrets: vec!["secret-in-related", "secret-in-reportingInstance"],
            kept: vec!["reason-kept", "note-kept", "regarding-kept", "424242"],
        },
        Planted {
            resource: Resource::new("apps", "v1", "deployments", "Deployment"),
            object: deployment,
            secrets: vec!["paused", "131313", "secret-in-strategy", "secret-in-env", "container-named"],
            kept: vec!["\"replicas\":424242", "status-kept"],
        },
        Planted {
            resource: Resource::new("batch", "v1", "jobs", "Job"),
            object: job,
            secrets: vec!["secret-in-completions", "secret-in-parallelism"],
            kept: vec!["status-kept"],
        },
        Planted {
            resource: Resource::new("", "v1", "secrets", "Secret"),
            object: generic,
            secrets: vec!["secret-in-data", "secret-in-stringData", "secret-in-spec"],
            kept: vec!["status-kept"],
        },
    ]
}

/// The object as a watch delivers it, and as a list does.
fn decoded(planted: &Planted, capture: Capture) -> [Object; 2] {
    let shape = kinds::shape(&planted.resource);
    let line = json!({"type": "MODIFIED", "object": planted.object}).to_string();
    let Ok(Envelope::Object(_, watched)) = decode_event(line.as_bytes(), shape, capture) else { panic!("an object") };
    let listed = serde_json::to_string_pretty(&planted.object).unwrap();
    [watched, decode_object(listed.as_bytes(), shape, capture).unwrap()]
}

/// The text of a recording of the object, read back from the disk.
fn recorded(planted: &Planted, capture: Capture, name: &str) -> String {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join(name);
    let at = "2026-01-01T00:00:00Z".parse().unwrap();
    let mut header = Header::new(at, vec![Watch::all(planted.resource.clone())]);
    header.capture = capture;
    let mut writer = Writer::create(&path, &header, SyncPolicy::Always).unwrap();
    for object in decoded(planted, capture) {
        let (watch, change, not_before, healed, confirmed) = (0, Change::Modified, None, false, false);
        let what = Payload::Object(ObjectEvent { watch, change, object, not_before, healed, confirmed });
        writer.append(&Observation { stamp: Stamp { at, elapsed: Duration::ZERO }, payload: what }).unwrap();
    }
    writer.finish().unwrap();
    let bytes = fs::read(&path).unwrap();
    let plain = if name.strip_suffix(".zst").is_some() { zstd::decode_all(&*bytes).unwrap() } else { bytes };
    String::from_utf8(plain).unwrap()
}

#[test]
fn no_secret_reaches_the_disk_and_what_is_promised_does() {
    for planted in planted() {
        for name in ["a.jsonl", "a.jsonl.zst"] {
            let text = recorded(&planted, Capture::Status, name);
            let of = &planted.resource.kind;
            for secret in planted.secrets.iter().chain(&IN_METADATA).chain(&IN_MANAGED_FIELDS) {
                assert!(!text.contains(secret), "{secret} of {of} is in {name}");
            }
            assert!(!text.contains("secret-in"), "{of}: {text}");
            for kept in planted.kept.iter().chain(&OF_METADATA) {
                assert_eq!(text.matches(kept).count(), 2, "{kept} of {of} in {name}: {text}");
            }
        }
    }
}

#[test]
fn a_full_capture_drops_managed_fields_and_nothing_else() {
    for planted in planted() {
        for name in ["a.jsonl", "a.jsonl.zst"] {
            let text = recorded(&planted, Capture::Full, name);
            let of = &planted.resource.kind;
            for secret in IN_MANAGED_FIELDS {
                assert!(!text.contains(secret), "{secret} of {of} is in {name}");
            }
            for kept in planted.kept.iter().chain(&OF_METADATA).chain(&planted.secrets).chain(&IN_METADATA) {
                assert!(text.contains(kept), "{kept} of {of} in {name}: {text}");
            }
        }
        let mut expected = planted.object.clone();
        expected["metadata"].as_object_mut().unwrap().remove("managedFields");
        for object in decoded(&planted, Capture::Full) {
            assert_eq!(serde_json::from_str::<Value>(object.json.get()).unwrap(), expected);
        }
    }
}

#[test]
fn an_import_keeps_no_more_than_a_recorder_does() {
    for planted in planted() {
        let line = json!({"type": "MODIFIED", "object": planted.object}).to_string();
        let pretty = serde_json::to_string_pretty(&planted.object).unwrap();
        let list = json!({"kind": "List", "apiVersion": "v1", "metadata": {}, "items": [planted.object]}).to_string();
        for text in [line, pretty, list] {
            let inputs: Vec<(String, Box<dyn std::io::Read>)> = vec![("in".to_owned(), Box::new(Cursor::new(text)))];
            let imported = source::import::import(inputs, &source::import::Options::default()).unwrap();
            let objects = imported.observations.iter().filter_map(|observation| match &observation.payload {
                Payload::Object(seen) => Some(seen.object.json.get()),
                _ => None,
            });
            let objects: Vec<&str> = objects.collect();
            assert_eq!(objects, [decoded(&planted, Capture::Status)[0].json.get()]);
        }
    }
}
