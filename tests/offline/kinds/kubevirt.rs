//! KubeVirt's kinds: a whole life from a capture, and the cases that it does not show.

use super::data::{interpret, labels, lines, state, watch};
use serde::Deserialize;
use serde_json::value::RawValue;
use serde_json::{Value, json};
use statetrail::kinds::{self, Interpretation};
use statetrail::observation::{ResourceVersion, State, StateKind, Track, decode_kept};
use std::collections::BTreeMap;
use std::fmt::Write;

#[derive(Deserialize)]
struct Line {
    resource: String,
    object: Box<RawValue>,
}

/// What was seen of one object, track by track.
struct Life {
    title: String,
    tracks: Vec<Path>,
}

/// `LABEL@resourceVersion` where a track entered a state, `-` where the object lost it.
struct Path {
    track: Track,
    entered: Vec<String>,
    state: State,
}

impl Life {
    fn see(&mut self, version: &ResourceVersion, states: Vec<(Track, State)>) {
        let lost = |path: &&mut Path| states.iter().all(|(track, _)| *track != path.track);
        for path in self.tracks.iter_mut().filter(lost) {
            path.enter(version, State::absent());
        }
        for (track, state) in states {
            match self.tracks.iter_mut().find(|path| path.track == track) {
                Some(path) => path.enter(version, state),
                None => self.tracks.push(Path { track, entered: vec![format!("{}@{version}", state.label)], state }),
            }
        }
    }
}

impl Path {
    fn enter(&mut self, version: &ResourceVersion, state: State) {
        if self.state.differs(&state) {
            let label = if state.kind == StateKind::Absent { "-" } else { &state.label };
            self.entered.push(format!("{label}@{version}"));
            self.state = state;
        }
    }
}

/// The path of every track of every object.
fn paths(recorded: &[Line]) -> String {
    let mut subjects: Vec<Life> = Vec::new();
    for line in recorded.iter().filter(|line| line.resource != "events") {
        let object = decode_kept(&line.object).unwrap();
        let found = interpret(&watch(&line.resource), &object).unwrap();
        let Interpretation::Tracks { states, .. } = found else { panic!("tracks") };
        let title = format!("{} {} {}", line.resource, object.name, object.uid);
        let known = subjects.iter().position(|life| life.title == title).unwrap_or_else(|| {
            subjects.push(Life { title, tracks: Vec::new() });
            subjects.len() - 1
        });
        subjects[known].see(&object.resource_version, states);
    }
    let mut text = String::new();
    for Life { title, tracks } in subjects {
        writeln!(text, "{title}").unwrap();
        for Path { track, entered, .. } in tracks {
            writeln!(text, "  {track}: {}", entered.join(" ")).unwrap();
        }
    }
    text
}

#[test]
fn the_life_of_a_virtual_machine_is_the_one_in_the_capture() {
    let expected =
        std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/data/kinds/vmlife.paths")).unwrap();
    assert_eq!(paths(&lines("vmlife.jsonl.zst")), expected);
}

#[test]
fn the_events_of_a_virtual_machine_are_evidence_with_a_reporter() {
    let mut reporters = BTreeMap::new();
    for line in lines::<Line>("vmlife.jsonl.zst").iter().filter(|line| line.resource == "events") {
        let found = interpret(&watch("ev"), &decode_kept(&line.object).unwrap()).unwrap();
        let Interpretation::Evidence(found) = found else { panic!("evidence") };
        assert!(!found.involved.uid.is_empty() && found.count >= 1);
        *reporters.entry(found.source.to_string()).or_insert(0) += 1;
    }
    let expected = [("default-scheduler", 1), ("kubelet", 5), ("virtualmachine-controller", 4)];
    assert_eq!(reporters, expected.map(|(name, count)| (name.to_owned(), count)).into());
}

fn migration(state: &Value) -> State {
    self::state("vmi", json!({"status": {"migrationState": state}}), "migration").unwrap()
}

#[test]
fn a_migration_ends_as_kubevirt_says() {
    for (json, label) in [
        (json!(null), "none"),
        // The target is being prepared.
        (json!({}), "none"),
        (json!({"migrationUid": "u", "targetPod": "p"}), "none"),
        (json!({"failed": true}), "none"),
        (json!({"completed": false, "failed": false}), "none"),
        (json!({"abortRequested": true, "abortStatus": "Aborting"}), "none"),
        (json!({"migrationUid": "u", "startTimestamp": "2026-11-20T18:33:16Z"}), "Running"),
        (json!({"failed": true, "startTimestamp": "2026-11-20T18:33:16Z"}), "Running"),
        (
            json!({"abortRequested": true, "abortStatus": "Aborting", "startTimestamp": "2026-11-20T18:33:16Z"}),
            "Running",
        ),
        (json!({"completed": true}), "Succeeded"),
        (json!({"completed": true, "failed": true}), "Failed"),
        (json!({"completed": true, "failed": true, "abortRequested": true, "abortStatus": "Succeeded"}), "Aborted"),
        (json!({"completed": true, "failed": true, "abortStatus": "Succeeded"}), "Aborted"),
        (json!({"completed": true, "failed": true, "abortRequested": true}), "Aborted"),
        (json!({"completed": true, "failed": true, "abortRequested": true, "abortStatus": "Failed"}), "Failed"),
        (json!({"completed": true, "abortRequested": true, "abortStatus": "Failed"}), "Succeeded"),
        (json!({"completed": true, "abortRequested": true}), "Succeeded"),
        (json!({"completed": false, "failed": false, "startTimestamp": "2026-11-20T18:33:16Z"}), "Running"),
    ] {
        assert_eq!(migration(&json).label, label, "{json}");
    }
}

#[test]
fn a_migration_shows_when_it_ran_and_why_it_failed() {
    let detail = migration(&json!({
        "completed": true, "failed": true, "failureReason": "target pod is down",
        "startTimestamp": "2026-11-20T18:33:16Z", "endTimestamp": "2026-11-20T18:33:22Z",
    }))
    .detail;
    assert_eq!(detail.message.as_deref(), Some("target pod is down"));
    assert_eq!(detail.started_at, Some("2026-11-20T18:33:16Z".parse().unwrap()));
    assert_eq!(detail.finished_at, Some("2026-11-20T18:33:22Z".parse().unwrap()));
    let asked = json!({"status": {"phase": "Failed", "migrationState": {"failureReason": "target pod is down"}}});
    assert_eq!(state("vmim", asked, "phase").unwrap().detail.message.as_deref(), Some("target pod is down"));
}

#[test]
fn an_instance_has_a_migration_track_from_the_beginning_and_other_tracks_once_its_status_has_them() {
    assert_eq!(labels("vmi", json!({})), ["migration=none"]);
    assert_eq!(labels("vmi", json!({"status": {"phase": "", "nodeName": ""}})), ["phase=", "node=", "migration=none"]);
    let status = json!({"status": {"volumeStatus": [
        {"name": "disk0", "target": ""}, {"name": "disk1", "phase": "Ready"}, {"name": "disk2", "phase": "",
        "reason": "FileSystemOverhead", "message": "too small"}, {"name": "disk1", "phase": "Bound"}]}});
    assert_eq!(labels("vmi", status.clone()), ["migration=none", "volume/disk1=Ready", "volume/disk2="]);
    let volume = state("vmi", status, "volume/disk2").unwrap();
    assert_eq!(volume.detail.reason.as_deref(), Some("FileSystemOverhead"));
    assert_eq!(volume.detail.message.as_deref(), Some("too small"));
}

#[test]
fn a_machine_is_in_the_status_that_kubevirt_prints() {
    let machine = json!({"spec": {"running": true}, "status": {"printableStatus": "ErrImagePull", "ready": false,
        "conditions": [{"type": "Ready", "status": "False", "lastProbeTime": null, "lastTransitionTime": null}]}});
    assert_eq!(labels("vm", machine), ["status=ErrImagePull", "condition/Ready=False"]);
    assert_eq!(labels("vm", json!({"status": {"created": true}})), [""; 0]);
}

#[test]
fn a_data_volume_has_phase_and_conditions_and_no_track_of_its_progress() {
    let volume = json!({"status": {"phase": "ImportInProgress", "progress": "45.30%", "restartCount": 1,
        "conditions": [{"type": "Bound", "status": "True", "reason": "Bound", "lastHeartbeatTime": null}]}});
    assert_eq!(labels("dv", volume), ["phase=ImportInProgress", "condition/Bound=True"]);
}

#[test]
fn a_malformed_status_is_an_error_of_every_kind() {
    for kind in kinds::all().filter(|kind| !kind.is_evidence()) {
        let watch = watch(kind.plural);
        for status in [json!(7), json!({"conditions": 7}), json!({"conditions": [{"type": "Ready"}]})] {
            let error = interpret(&watch, &super::data::object(&json!({"status": status}))).unwrap_err();
            assert_eq!(error.to_string(), format!("interpret {} object", watch.resource.kind));
        }
    }
}
