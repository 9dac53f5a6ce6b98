//! kubectl's columns for kinds other than pods, compared with the printers of Kubernetes 1.36.

use super::data::{interpret, labels, object, state, watch};
use serde_json::{Value, json};
use statetrail::kinds::Interpretation;

fn conditions(list: &[(&str, &str)]) -> Value {
    list.iter().map(|(kind, status)| json!({"type": kind, "status": status, "lastTransitionTime": null})).collect()
}

/// The label of one track; nothing when the object does not have it.
fn label(word: &str, json: Value, track: &str) -> String {
    let prefix = format!("{track}=");
    labels(word, json).iter().find_map(|label| label.strip_prefix(&prefix).map(str::to_owned)).unwrap_or_default()
}

#[test]
fn a_job_is_what_its_first_true_condition_says_in_the_order_of_the_printer() {
    let column = |deleting: bool, list: &[(&str, &str)]| {
        let mut job = json!({"metadata": {}, "spec": {"suspend": true}, "status": {"conditions": conditions(list)}});
        if deleting {
            job["metadata"]["deletionTimestamp"] = "2026-01-01T00:00:00Z".into();
        }
        label("job", job, "status")
    };
    for (deleting, list, expected) in [
        (false, &[][..], "Running"),
        (true, &[], "Terminating"),
        (false, &[("Suspended", "True")], "Suspended"),
        (true, &[("Suspended", "True")], "Terminating"),
        (false, &[("Suspended", "False")], "Running"),
        (false, &[("FailureTarget", "True")], "FailureTarget"),
        (false, &[("Suspended", "True"), ("FailureTarget", "True")], "Suspended"),
        (false, &[("SuccessCriteriaMet", "True")], "SuccessCriteriaMet"),
        (false, &[("SuccessCriteriaMet", "True"), ("FailureTarget", "True")], "FailureTarget"),
        (false, &[("SuccessCriteriaMet", "True"), ("Complete", "True")], "Complete"),
        (true, &[("FailureTarget", "True"), ("Failed", "True")], "Failed"),
        (false, &[("Failed", "True"), ("Complete", "True")], "Complete"),
        (false, &[("Complete", "False"), ("Complete", "True")], "Running"),
    ] {
        assert_eq!(column(deleting, list), expected, "{deleting} {list:?}");
    }
}

#[test]
fn a_job_counts_completions_against_what_its_spec_asks_for() {
    for (spec, succeeded, expected) in [
        (json!({"completions": 3, "parallelism": 2}), json!(1), "1/3"),
        (json!({"parallelism": 4}), json!(1), "1/1 of 4"),
        (json!({"parallelism": 1}), Value::Null, "0/1"),
        (json!({"completions": null}), json!(1), "1/1"),
    ] {
        let job = json!({"metadata": {}, "spec": spec, "status": {"succeeded": succeeded}});
        assert_eq!(label("job", job, "completions"), expected);
    }
}

#[test]
fn a_node_is_ready_or_not_and_may_be_closed_to_scheduling() {
    let column = |spec: Value, list: &[(&str, &str)]| {
        label("node", json!({"metadata": {}, "spec": spec, "status": {"conditions": conditions(list)}}), "status")
    };
    let closed = || json!({"unschedulable": true, "podCIDR": "10.0.0.0/24"});
    assert_eq!(column(json!({}), &[("Ready", "True"), ("DiskPressure", "True")]), "Ready");
    assert_eq!(column(json!({}), &[("Ready", "Unknown")]), "NotReady");
    assert_eq!(column(json!({"unschedulable": false}), &[]), "Unknown");
    assert_eq!(column(closed(), &[("Ready", "True")]), "Ready,SchedulingDisabled");
    assert_eq!(column(closed(), &[("Ready", "False")]), "NotReady,SchedulingDisabled");
    assert_eq!(column(closed(), &[]), "Unknown,SchedulingDisabled");
}

#[test]
fn a_claim_that_is_being_deleted_is_terminating_while_its_phase_stays() {
    let claim =
        |metadata: Value| json!({"metadata": metadata, "status": {"phase": "Bound", "capacity": {"storage": "1Gi"}}});
    assert_eq!(labels("pvc", claim(json!({}))), ["status=Bound", "phase=Bound", "capacity=1Gi"]);
    let deleted = claim(json!({"deletionTimestamp": "2026-01-01T00:00:00Z"}));
    assert_eq!(labels("pvc", deleted), ["status=Terminating", "phase=Bound", "capacity=1Gi"]);
    assert_eq!(labels("pvc", json!({"metadata": {}, "status": {}})), [""; 0]);
}

#[test]
fn counts_that_a_status_leaves_out_are_zero() {
    let deployment =
        json!({"metadata": {}, "spec": {"replicas": 3}, "status": {"readyReplicas": 2, "updatedReplicas": 3}});
    assert_eq!(labels("deploy", deployment), ["ready=2/3", "up-to-date=3", "available=0"]);
    for word in ["vmpool", "vmirs"] {
        let fresh = json!({"metadata": {}, "spec": {"replicas": 3}});
        assert_eq!(labels(word, fresh), ["desired=3"]);
        let first = json!({"metadata": {}, "spec": {"replicas": 3}, "status": {"replicas": 3}});
        assert_eq!(labels(word, first), ["desired=3", "current=3", "ready=0"]);
    }
}

#[test]
fn what_needs_a_spec_is_absent_where_none_was_kept() {
    let spoken = |word: &str| {
        let interpretation =
            interpret(&watch(word), &object(&json!({"metadata": {}, "status": {"replicas": 1}}))).unwrap();
        let Interpretation::Tracks { states, .. } = interpretation else { panic!("tracks") };
        states.iter().map(|(track, _)| track.to_string()).collect::<Vec<_>>()
    };
    assert_eq!(spoken("node"), [""; 0]);
    assert_eq!(spoken("job"), ["status"]);
    assert_eq!(spoken("deploy"), ["up-to-date", "available"]);
    assert_eq!(spoken("vmpool"), ["current", "ready"]);
}

#[test]
fn snapshots_and_restores_say_whether_they_are_done() {
    let snapshot = json!({"metadata": {}, "status": {"phase": "InProgress", "readyToUse": false}});
    assert_eq!(labels("vmsnapshot", snapshot), ["phase=InProgress", "readyToUse=false"]);
    let restore = json!({"metadata": {}, "status": {"complete": true, "conditions": conditions(&[("Ready", "True")])}});
    assert_eq!(labels("vmrestore", restore), ["complete=true", "condition/Ready=True"]);
}

#[test]
fn the_observed_generation_says_whether_it_is_that_of_the_spec() {
    let observed = |word: &str, generation: &Value, observed: &Value| {
        let json = json!({"metadata": {"generation": generation}, "status": {"observedGeneration": observed}});
        state(word, json, "observedGeneration").map(|state| format!("{}/{:?}", state.label, state.detail.reason))
    };
    for word in ["vm", "deploy"] {
        assert_eq!(observed(word, &json!(3), &json!(3)).as_deref(), Some("3/Some(\"Current\")"), "{word}");
        assert_eq!(observed(word, &json!(3), &json!(2)).as_deref(), Some("2/Some(\"Outdated\")"), "{word}");
        assert_eq!(observed(word, &json!("three"), &json!(2)), None, "{word}");
        assert_eq!(observed(word, &json!(3), &json!(null)), None, "{word}");
    }
}
