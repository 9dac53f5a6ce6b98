//! Secrets in damaged lines: whatever happens to a line, in a watch, a list or an import, nothing outside the
//! allow-list reaches the file or a message.

use crate::recorder::observations;
use serde_json::{Value, json};
use statetrail::kinds;
use statetrail::observation::{
    Capture, Envelope, ObjectEvent, Observation, Payload, Resource, Shape, Stamp, Undecodable, decode_event,
    decode_object, digest,
};
use statetrail::recording::{Header, SyncPolicy, Writer};
use statetrail::source::import;
use std::fs;
use std::io::Cursor;
use std::time::Duration;

const SECRET: &str = "hunter2";

/// Objects with a secret in every place that is not kept.
fn planted() -> Vec<(Resource, Value)> {
    let metadata = |name: &str| {
        json!({"name": name, "namespace": "shop", "uid": format!("uid-{name}"), "resourceVersion": "7",
            "labels": {"app": "web"}, "generateName": SECRET, "selfLink": SECRET,
            "annotations": {"a": SECRET, "kubectl.kubernetes.io/last-applied-configuration": "{\"env\":\"hunter2\"}"},
            "managedFields": [{"manager": SECRET, "fieldsV1": {"f:hunter2": {}}}]})
    };
    let containers = json!([{"name": "app", "image": "i", "env": [{"name": "P", "value": SECRET}], "args": [SECRET],
        "command": [SECRET], "livenessProbe": {"exec": {"command": [SECRET]}}}]);
    let status = json!({"phase": "Running"});
    vec![
        (
            Resource::new("", "v1", "pods", "Pod"),
            json!({"kind": "Pod", "apiVersion": "v1", "metadata": metadata("pod"), "status": status,
                "spec": {"nodeName": "n", "containers": containers, "initContainers": containers,
                    "volumes": [{"secret": {"secretName": SECRET}}], "hostname": SECRET}}),
        ),
        (
            Resource::new("kubevirt.io", "v1", "virtualmachines", "VirtualMachine"),
            json!({"kind": "VirtualMachine", "apiVersion": "kubevirt.io/v1", "metadata": metadata("vm"), "status": status,
                "spec": {"template": {"spec": {"volumes": [{"cloudInitNoCloud": {"userData": SECRET}}]}}}}),
        ),
        (
            Resource::new("", "v1", "secrets", "Secret"),
            json!({"kind": "Secret", "apiVersion": "v1", "metadata": metadata("secret"), "type": SECRET,
                "data": {"k": SECRET}, "stringData": {"k": SECRET}, "immutable": SECRET}),
        ),
        (
            Resource::new("batch", "v1", "jobs", "Job"),
            json!({"kind": "Job", "apiVersion": "batch/v1", "metadata": metadata("job"), "status": status,
                "spec": {"completions": SECRET, "template": {"spec": {"containers": containers}}}}),
        ),
        (
            Resource::new("", "v1", "events", "Event"),
            json!({"kind": "Event", "apiVersion": "v1", "metadata": metadata("event"), "reason": "R", "message": "m",
                "involvedObject": {"kind": "Pod", "name": "pod"}, "related": {"name": SECRET},
                "reportingInstance": SECRET}),
        ),
    ]
}

/// All JSON pointers into a value.
fn places(value: &Value, path: &str, found: &mut Vec<String>) {
    found.push(path.to_owned());
    match value {
        Value::Object(members) => {
            members.iter().for_each(|(name, value)| {
                places(value, &format!("{path}/{}", name.replace('~', "~0").replace('/', "~1")), found);
            });
        }
        Value::Array(items) => {
            items.iter().enumerate().for_each(|(index, value)| places(value, &format!("{path}/{index}"), found));
        }
        _ => {}
    }
}

/// Members whose values are kept verbatim, so that a secret in them is kept too.
fn is_kept(path: &str) -> bool {
    let kept = ["/status", "/metadata/labels", "/involvedObject"];
    let names =
        ["/kind", "/apiVersion", "/metadata/name", "/metadata/namespace", "/metadata/uid", "/metadata/resourceVersion"];
    let scalars = ["/spec/nodeName", "/reason", "/message"];
    let of_containers = path.contains("ontainers/0/") && (path.ends_with("/name") || path.ends_with("/image"));
    kept.iter().any(|kept| path.starts_with(kept)) || [&names[..], &scalars].concat().contains(&path) || of_containers
}

/// The line with every kind of damage.
fn damaged(object: &Value) -> Vec<Vec<u8>> {
    let mut found = Vec::new();
    let line = |kind: &str, object: &Value| json!({"type": kind, "object": object}).to_string();
    let whole = line("MODIFIED", object);
    let mut paths = Vec::new();
    places(object, "", &mut paths);
    for path in paths.iter().filter(|path| !path.is_empty()) {
        // Values of a wrong type: a secret as text, and a value that contains it.
        for wrong in [json!(7), json!(null), json!([]), json!({"x": SECRET}), json!([SECRET]), json!([[{"x": SECRET}]])]
        {
            if is_kept(path) && !matches!(&wrong, Value::Object(_) | Value::Array(_)) {
                continue;
            }
            if ["/status", "/metadata/labels", "/involvedObject"].iter().any(|kept| path.starts_with(kept)) {
                continue;
            }
            let mut object = object.clone();
            *object.pointer_mut(path).expect("it was found there") = wrong;
            found.push(line("MODIFIED", &object).into_bytes());
        }
        if !is_kept(path) {
            let mut object = object.clone();
            *object.pointer_mut(path).expect("it was found there") = json!(SECRET);
            found.push(line("ADDED", &object).into_bytes());
        }
    }
    // Truncated.
    found.extend((1..whole.len()).step_by(7).map(|end| whole.as_bytes()[..end].to_vec()));
    // Bytes that are not UTF-8, in the middle of every string.
    for byte in [&b"\xff"[..], b"\0", b"\xed\xa0\x80", b"\xef\xbb\xbf", b"\\ud800", b"\n", b"\x1b"] {
        for (at, _) in whole.match_indices(['"', ':']).step_by(9) {
            found.push([&whole.as_bytes()[..=at], byte, &whole.as_bytes()[at + 1..]].concat());
        }
        found.push([byte, whole.as_bytes()].concat());
        found.push([whole.as_bytes(), byte].concat());
    }
    let replaced = |from: &str, to: &str| whole.replace(from, to).into_bytes();
    let deep = format!("\"spec\":{}{}{},", "[".repeat(20_000), "\"hunter2\"", "]".repeat(20_000));
    found.extend([
        line(SECRET, object).into_bytes(),
        replaced("\"MODIFIED\"", "[\"hunter2\"]"),
        replaced("\"type\":\"MODIFIED\"", "\"type\":\"MODIFIED\",\"type\":\"hunter2\""),
        replaced("\"metadata\":", "\"metadata\":{\"name\":{\"x\":\"hunter2\"}},\"metadata\":"),
        replaced("\"spec\":", "\"spec\":\"hunter2\",\"spec\":"),
        replaced("\"spec\":", &format!("{deep}\"spec\":")),
        replaced("\"uid\":", "\"generation\":1e99999,\"uid\":"),
        replaced("\"uid\":", "\"generation\":hunter2,\"uid\":"),
        json!({"type": "MODIFIED", "object": SECRET}).to_string().into_bytes(),
        json!({"type": "MODIFIED", "object": [object]}).to_string().into_bytes(),
        json!({"type": "BOOKMARK", "object": object}).to_string().replace("resourceVersion", "hunter2").into_bytes(),
        json!({"type": "ERROR", "object": {"code": SECRET}}).to_string().into_bytes(),
        format!("HTTP/1.1 502\r\nAuthorization: {SECRET}").into_bytes(),
    ]);
    found
}

fn what(bytes: &[u8], shape: Shape, capture: Capture) -> Option<Payload> {
    let object = |change, object| {
        let (watch, not_before, healed, confirmed) = (0, None, false, false);
        Payload::Object(ObjectEvent { watch, change, object, not_before, healed, confirmed })
    };
    match decode_event(bytes, shape, capture) {
        Ok(Envelope::Object(change, seen)) => Some(object(change, seen)),
        Ok(_) => None,
        Err(error) => Some(Payload::Undecodable(Undecodable::new(0, bytes, shape, capture, &error))),
    }
}

/// The text of a recording of these payloads, which must read back equal.
fn recorded(resource: &Resource, whats: &[Payload]) -> String {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("run.jsonl");
    let at = "2026-01-01T00:00:00Z".parse().expect("a time");
    let header = Header::new(at, vec![statetrail::observation::Watch::all(resource.clone())]);
    let mut writer = Writer::create(&path, &header, SyncPolicy::Never).expect("a file");
    for payload in whats {
        let stamp = Stamp { at, elapsed: Duration::ZERO };
        writer.append(&Observation { stamp, payload: payload.clone() }).expect("a line");
    }
    writer.finish().expect("an end");
    let read: Vec<Payload> = observations(&path).into_iter().map(|line| line.payload).collect();
    assert!(read == whats, "it is read as it was written");
    fs::read_to_string(&path).expect("UTF-8")
}

#[test]
fn no_damage_brings_a_secret_onto_the_disk() {
    for (resource, object) in planted() {
        let shape = kinds::shape(&resource);
        let lines = damaged(&object);
        assert!(lines.len() > 200);
        let whats: Vec<Payload> = lines.iter().filter_map(|line| what(line, shape, Capture::Status)).collect();
        let unread = whats.iter().filter(|what| matches!(what, Payload::Undecodable(_))).count();
        assert!(unread > 100, "{}: {unread} lines cannot be decoded", resource.kind);
        let text = recorded(&resource, &whats);
        for line in text.lines() {
            assert!(!line.contains(SECRET), "{}: {}", resource.kind, &line[..line.len().min(3000)]);
        }
        // As an item of a list.
        for line in lines {
            let Err(error) = decode_object(&line, shape, Capture::Status) else { continue };
            let kept = Undecodable::new(0, &line, shape, Capture::Status, &error);
            assert!(!format!("{kept:?} {error} {}", error.words()).contains(SECRET), "{kept:?}");
        }
    }
}

#[test]
fn no_damage_brings_a_secret_into_an_import() {
    for (resource, object) in planted() {
        let first = json!({"type": "ADDED", "object": object}).to_string();
        for line in damaged(&object) {
            // As a line between others, and wrapped as in a capture.
            let around = [b"{\"receivedAt\": \"hunter2\", \"event\": ", &*line, b"}"].concat();
            let list =
                [b"{\"kind\":\"List\",\"apiVersion\":\"v1\",\"metadata\":{},\"items\":[", &*line, b"]}"].concat();
            let last = format!("\n{}", json!({"type": "DELETED", "object": object}));
            let text = [first.as_bytes(), b"\n", &line, b"\n", &around, b"\n", &list, last.as_bytes()].concat();
            let inputs: Vec<(String, Box<dyn std::io::Read>)> = vec![("in".to_owned(), Box::new(Cursor::new(text)))];
            let imported = match import::import(inputs, &import::Options::default()) {
                Ok(imported) => imported,
                Err(error) => {
                    assert!(!error.to_string().contains(SECRET), "{error}");
                    continue;
                }
            };
            let notes: String = imported.notes.iter().map(ToString::to_string).collect();
            assert!(!notes.contains(SECRET), "{notes}");
            for observation in &imported.observations {
                // The header contains the resource of an event of the API's own type.
                let text = format!("{:?}", observation.payload);
                assert!(!text.contains(SECRET), "{}: {}", resource.kind, &text[..text.len().min(3000)]);
            }
        }
    }
}

#[test]
fn a_full_capture_keeps_the_bytes_and_an_earlier_recording_that_has_them_is_read() {
    let line = br#"{"type":"MODIFIED","object":{"metadata":{"name":"a","uid":"u"},"spec":"hunter2"#;
    let Some(Payload::Undecodable(kept)) = what(line, Shape::Pod, Capture::Full) else { panic!("it is cut off") };
    assert_eq!(kept.raw.as_deref().map(str::as_bytes), Some(&line[..]));
    assert_eq!((kept.length, &kept.digest, &*kept.head), (line.len() as u64, &digest(line), "MODIFIED"));

    let resource = Resource::new("", "v1", "pods", "Pod");
    let text = recorded(&resource, &[Payload::Undecodable(kept.clone())]);
    assert!(text.contains("hunter2") && text.contains(r#""head":"MODIFIED""#), "{text}");
}

#[test]
fn what_the_allow_list_keeps_of_a_line_of_a_wrong_shape_is_there() {
    let line = json!({"type": "MODIFIED", "object": {
        "metadata": {"name": "a", "namespace": "n", "uid": "u", "resourceVersion": "5", "labels": {"app": "web"}},
        "spec": {"containers": SECRET}, "status": {"phase": "Failed"}}});
    let Some(Payload::Undecodable(kept)) = what(line.to_string().as_bytes(), Shape::Pod, Capture::Status) else {
        panic!("containers are no text")
    };
    assert_eq!(kept.head, "MODIFIED n/a");
    assert!(
        kept.error.starts_with("decode object: a member has another type than the API says, at byte 1"),
        "{kept:?}"
    );
    let object: Value = serde_json::from_str(kept.object.expect("it has an identity").json.get()).expect("JSON");
    let expected = json!({
        "metadata": {"name": "a", "namespace": "n", "uid": "u", "resourceVersion": "5", "labels": {"app": "web"}},
        "status": {"phase": "Failed"}});
    assert_eq!(object, expected);
}
