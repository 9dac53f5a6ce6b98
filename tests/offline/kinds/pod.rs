//! Tracks of pods other than the STATUS column.

use super::data::{chain, interpret, kept, labels, object, state, tracks, watch};
use serde_json::{Value, json};
use statetrail::kinds::{Error, Interpretation};
use statetrail::observation::{Capture, StateKind};

fn with_container(state: &Value) -> Value {
    json!({"status": {"containerStatuses": [{"name": "app", "ready": false, "restartCount": 2, "state": state}]}})
}

#[test]
fn tracks_come_in_the_order_in_which_people_read_them() {
    let container = |name: &str| json!({"name": name, "restartCount": 0, "ready": true, "state": {"running": {}}});
    let pod = json!({
        "spec": {"nodeName": "node1", "containers": [{"name": "app"}, {"name": "not-yet"}]},
        "status": {
            "conditions": [{"type": "Ready", "status": "True"}],
            "ephemeralContainerStatuses": [container("debug")],
            "containerStatuses": [container("app")],
            "initContainerStatuses": [{"name": "prep", "state": {"terminated": {"exitCode": 0, "reason": "Completed"}}}],
            "phase": "Running",
        }
    });
    assert_eq!(
        labels("pods", pod),
        [
            "phase=Running",
            "status=Running",
            "node=node1",
            "init/prep=Completed",
            "container/app=Running",
            "ephemeral/debug=Running",
            "condition/Ready=True"
        ]
    );
}

#[test]
fn an_absent_phase_has_no_track_and_an_empty_one_an_empty_label() {
    assert_eq!(labels("pods", json!({"status": {}})), ["status="]);
    assert_eq!(labels("pods", json!({})), ["status="]);
    assert_eq!(
        labels("pods", json!({"status": {"phase": ""}, "spec": {"nodeName": ""}})),
        ["phase=", "status=", "node="]
    );
    assert_eq!(labels("pods", json!({"status": {"phase": null}, "spec": {"nodeName": null}})), ["status="]);
}

#[test]
fn a_waiting_container_is_in_its_reason() {
    let pod = with_container(&json!({"waiting": {"reason": "ErrImagePull", "message": "no such image"}}));
    let state = state("pods", pod, "container/app").unwrap();
    assert_eq!((state.label.as_str(), state.kind), ("ErrImagePull", StateKind::Waiting));
    assert_eq!(state.detail.message.as_deref(), Some("no such image"));
    assert_eq!(state.detail.restart_count, Some(2));
}

#[test]
fn a_running_container_shows_when_it_started() {
    let pod = with_container(&json!({"running": {"startedAt": "2026-11-20T18:09:26Z"}}));
    let state = state("pods", pod, "container/app").unwrap();
    assert_eq!((state.label.as_str(), state.kind), ("Running", StateKind::Running));
    assert_eq!(state.detail.started_at, Some("2026-11-20T18:09:26Z".parse().unwrap()));
}

#[test]
fn a_terminated_container_shows_how_and_when_it_ended() {
    let pod = with_container(&json!({"terminated": {
        "reason": "OOMKilled", "message": "too much", "exitCode": 137, "signal": 9,
        "startedAt": "2026-11-20T18:09:26Z", "finishedAt": "2026-11-20T18:09:28Z",
    }}));
    let state = state("pods", pod, "container/app").unwrap();
    assert_eq!((state.label.as_str(), state.kind), ("OOMKilled", StateKind::Terminated));
    let detail = state.detail;
    assert_eq!((detail.exit_code, detail.signal, detail.restart_count), (Some(137), Some(9), Some(2)));
    assert_eq!((detail.reason.as_deref(), detail.message.as_deref()), (Some("OOMKilled"), Some("too much")));
    assert_eq!(detail.started_at, Some("2026-11-20T18:09:26Z".parse().unwrap()));
    assert_eq!(detail.finished_at, Some("2026-11-20T18:09:28Z".parse().unwrap()));
}

#[test]
fn containers_without_a_reason_are_named_by_their_kind() {
    for (json, label, kind) in [
        (json!({"waiting": {}}), "Waiting", StateKind::Waiting),
        (json!({"waiting": {"reason": ""}}), "Waiting", StateKind::Waiting),
        (json!({"terminated": {"exitCode": 1}}), "Terminated", StateKind::Terminated),
        (json!({"terminated": {"exitCode": 1, "reason": ""}}), "Terminated", StateKind::Terminated),
        (json!({"running": {}}), "Running", StateKind::Running),
        (json!({}), "Waiting", StateKind::Waiting),
        (json!(null), "Waiting", StateKind::Waiting),
    ] {
        let state = state("pods", with_container(&json), "container/app").unwrap();
        assert_eq!((state.label.as_str(), state.kind), (label, kind), "{json}");
    }
}

#[test]
fn a_kind_and_a_reason_of_the_same_name_are_two_states() {
    let waiting = state("pods", with_container(&json!({"waiting": {"reason": "Error"}})), "container/app").unwrap();
    let ended =
        state("pods", with_container(&json!({"terminated": {"reason": "Error", "exitCode": 1}})), "container/app");
    assert!(waiting.differs(&ended.unwrap()));
}

#[test]
fn conditions_carry_reason_message_and_the_servers_time() {
    let pod = json!({"status": {"conditions": [{
        "type": "Ready", "status": "False", "reason": "ContainersNotReady", "message": "unready: [app]",
        "lastProbeTime": null, "lastTransitionTime": "2026-11-20T18:09:22Z",
    }, {"type": "example.com/gate", "status": "Unknown", "reason": "", "lastTransitionTime": null}]}});
    let ready = state("pods", pod.clone(), "condition/Ready").unwrap();
    assert_eq!((ready.label.as_str(), ready.kind), ("False", StateKind::Plain));
    assert_eq!(ready.detail.reason.as_deref(), Some("ContainersNotReady"));
    assert_eq!(ready.detail.message.as_deref(), Some("unready: [app]"));
    assert_eq!(ready.detail.server_time, Some("2026-11-20T18:09:22Z".parse().unwrap()));
    let gate = state("pods", pod, "condition/example.com/gate").unwrap();
    assert_eq!((gate.label.as_str(), gate.detail.reason, gate.detail.server_time), ("Unknown", None, None));
}

#[test]
fn the_phase_carries_why_the_pod_failed() {
    let pod = json!({"status": {"phase": "Failed", "reason": "Evicted", "message": "low on memory"}});
    let phase = state("pods", pod, "phase").unwrap();
    assert_eq!(
        (phase.detail.reason.as_deref(), phase.detail.message.as_deref()),
        (Some("Evicted"), Some("low on memory"))
    );
}

#[test]
fn the_first_of_two_equal_conditions_counts() {
    let pod = json!({"status": {"conditions": [
        {"type": "Ready", "status": "True"}, {"type": "Ready", "status": "False"}]}});
    assert_eq!(labels("pods", pod), ["status=", "condition/Ready=True"]);
}

#[test]
fn an_init_container_and_a_container_of_one_name_are_two_tracks() {
    let container = json!([{"name": "app", "state": {"running": {}}}]);
    let pod = json!({"status": {"initContainerStatuses": container, "containerStatuses": container}});
    let names: Vec<_> = tracks("pods", pod).iter().map(|(track, _)| track.to_string()).collect();
    assert_eq!(names, ["status", "init/app", "container/app"]);
}

#[test]
fn a_deletion_shows_when_it_is_due() {
    let due = |stamp: Value| {
        let object = kept("pods", json!({"metadata": {"deletionTimestamp": stamp}}), Capture::Status);
        match interpret(&watch("pods"), &object).unwrap() {
            Interpretation::Tracks { deletion, .. } => deletion.map(|deletion| deletion.due),
            Interpretation::Evidence(_) => panic!("tracks"),
        }
    };
    assert_eq!(due(json!(null)), None);
    assert_eq!(due(json!("2026-11-20T18:10:00Z")), Some(Some("2026-11-20T18:10:00Z".parse().unwrap())));
    assert_eq!(due(json!("tomorrow")), Some(None));
}

#[test]
fn a_malformed_status_is_an_error_that_names_the_kind() {
    for status in [
        json!("Running"),
        json!({"phase": 7}),
        json!({"conditions": {"Ready": "True"}}),
        json!({"conditions": [{"type": "Ready"}]}),
        json!({"conditions": [null]}),
        json!({"containerStatuses": [{"state": {"running": {}}}]}),
        json!({"containerStatuses": [{"name": "app", "restartCount": -1}]}),
        json!({"containerStatuses": [{"name": "app", "state": {"terminated": {"exitCode": "1"}}}]}),
    ] {
        let error = interpret(&watch("pods"), &object(&json!({"status": status}))).unwrap_err();
        assert!(matches!(&error, Error::Shape { kind, .. } if kind == "Pod"), "{status}: {error:?}");
        assert!(chain(&error).starts_with("interpret Pod object: "), "{}", chain(&error));
    }
}

#[test]
fn unread_status_members_may_be_anything() {
    let deep = format!("{}{}", "[".repeat(5000), "]".repeat(5000));
    let json = format!("{{\"status\":{{\"phase\":\"Running\",\"novelty\":{deep}}}}}");
    let mut object = object(&json!({}));
    object.json = serde_json::value::RawValue::from_string(json).unwrap();
    assert!(interpret(&watch("pods"), &object).is_ok());
}
