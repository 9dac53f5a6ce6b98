//! Undeclared kinds, and Events.

use super::data::{chain, evidence, interpret, object};
use serde_json::{Value, json};
use statetrail::kinds::{Error, Interpretation};
use statetrail::observation::{Resource, Watch};

fn labels(status: &Value) -> Vec<String> {
    labels_of(&json!({"metadata": {}, "status": status}))
}

fn labels_of(json: &Value) -> Vec<String> {
    let watch = Watch::all(Resource::new("apps", "v1", "statefulsets", "StatefulSet"));
    match interpret(&watch, &object(json)).unwrap() {
        Interpretation::Tracks { states, .. } => {
            states.iter().map(|(t, state)| format!("{t}={}", state.label)).collect()
        }
        Interpretation::Evidence(_) => panic!("tracks"),
    }
}

#[test]
fn phase_and_conditions_are_tracks_of_any_kind() {
    let status = json!({"phase": "Bound", "replicas": 3, "conditions": [
        {"type": "Available", "status": "True", "reason": "MinimumReplicasAvailable"},
        {"type": "Progressing", "status": "Unknown"},
    ]});
    assert_eq!(labels(&status), ["phase=Bound", "condition/Available=True", "condition/Progressing=Unknown"]);
}

#[test]
fn the_observed_generation_is_a_track_of_any_kind() {
    let object = json!({"metadata": {"generation": 3}, "status": {"observedGeneration": 2}});
    assert_eq!(labels_of(&object), ["observedGeneration=2"]);
}

#[test]
fn odd_shapes_are_passed_over_and_fail_nothing() {
    for (status, expected) in [
        (json!(null), &[][..]),
        (json!("Running"), &[]),
        (json!(["Running", []]), &[]),
        (json!({}), &[]),
        (json!({"phase": 3, "conditions": {}}), &[]),
        (json!({"phase": {"a": "b"}, "conditions": "Ready"}), &[]),
        (json!({"phase": null, "conditions": null}), &[]),
        (json!({"phase": "", "conditions": []}), &["phase="]),
        (json!({"observedGeneration": "two"}), &[]),
        // Without a generation of the object, whether it is that is not known.
        (json!({"observedGeneration": 2}), &[]),
        (
            json!({"conditions": [
                null, 1, "Ready", [], ["Ready", "True"], {}, {"type": "NoStatus"}, {"status": "True"}, {"type": 1, "status": "True"},
                {"type": "Bool", "status": true}, {"type": "Ready", "status": "True", "reason": 7, "message": [],
                "lastTransitionTime": "yesterday"}, {"type": "Ready", "status": "False"},
            ]}),
            &["condition/Ready=True"],
        ),
    ] {
        assert_eq!(labels(&status), expected, "{status}");
    }
}

#[test]
fn an_object_that_is_no_object_is_an_error_that_names_its_kind() {
    for (kind, named) in [("StatefulSet", "StatefulSet"), ("", "statefulsets")] {
        let watch = Watch::all(Resource::new("apps", "v1", "statefulsets", kind));
        let error = interpret(&watch, &object(&json!("text"))).unwrap_err();
        assert!(matches!(&error, Error::Shape { kind, .. } if kind == named), "{}", chain(&error));
    }
}

#[test]
fn an_event_of_the_newer_api_has_the_same_content_under_other_names() {
    let evidence = evidence(json!({
        "regarding": {"kind": "Pod", "apiVersion": "v1", "namespace": "lab", "name": "a", "uid": "u"}, "type": "Warning",
        "reason": "Failed", "note": "Error: ErrImagePull", "action": "Pulling", "reportingController": "kubelet",
        "reportingInstance": "secret", "deprecatedCount": 3, "deprecatedSource": {"host": "node1"},
    }));
    assert_eq!((evidence.involved.name.as_str(), evidence.involved.uid.as_str()), ("a", "u"));
    assert_eq!(
        (evidence.message.as_str(), evidence.count, evidence.source.as_str()),
        ("Error: ErrImagePull", 3, "kubelet")
    );
}

#[test]
fn an_event_is_evidence_about_its_object() {
    let evidence = evidence(json!({
        "involvedObject": {"kind": "VirtualMachineInstance", "apiVersion": "kubevirt.io/v1", "namespace": "story",
            "name": "vm-imagepull", "uid": "e233", "resourceVersion": "1", "fieldPath": "spec.containers{app}"},
        "type": "Warning", "reason": "Failed", "message": "Error: ErrImagePull", "count": 3,
        "source": {"component": "kubelet", "host": "node1"}, "reportingComponent": "other",
    }));
    assert_eq!(
        (evidence.kind.as_str(), evidence.reason.as_str(), evidence.message.as_str()),
        ("Warning", "Failed", "Error: ErrImagePull")
    );
    assert_eq!((evidence.count, evidence.source.as_str()), (3, "kubelet"));
    let involved = evidence.involved;
    assert_eq!((involved.kind.as_str(), involved.group.as_str()), ("VirtualMachineInstance", "kubevirt.io"));
    assert_eq!((involved.namespace.as_str(), involved.name.as_str()), ("story", "vm-imagepull"));
    assert_eq!((involved.uid.as_str(), involved.field_path.as_str()), ("e233", "spec.containers{app}"));
}

#[test]
fn an_events_count_is_its_series_or_its_own_and_never_none() {
    let count = |json| evidence(json).count;
    assert_eq!(count(json!({})), 1);
    assert_eq!(count(json!({"count": null, "series": null})), 1);
    assert_eq!(count(json!({"count": 0})), 1);
    assert_eq!(count(json!({"count": 7})), 7);
    assert_eq!(count(json!({"count": 7, "series": {"count": 12}})), 12);
    assert_eq!(count(json!({"count": -7})), 1);
    assert_eq!(count(json!({"count": 99_999_999_999_i64})), u32::MAX);
}

#[test]
fn an_event_of_the_newer_api_names_its_reporter() {
    let scheduled =
        json!({"source": {}, "reportingComponent": "default-scheduler", "involvedObject": {"apiVersion": "v1"}});
    let read = evidence(scheduled);
    assert_eq!((read.source.as_str(), read.involved.group.as_str()), ("default-scheduler", ""));
    assert_eq!(evidence(json!({})).source, "");
}
