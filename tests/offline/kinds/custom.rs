//! Custom tracks.

use super::data::{chain, interpret, kept, object, watch_with};
use serde_json::{Value, json};
use statetrail::kinds::{self, Error, Interpretation};
use statetrail::observation::{Capture, Track};

fn label(path: &str, object_json: Value) -> Option<String> {
    let watch = watch_with("dv", &[("mine", path)]);
    let Interpretation::Tracks { states, .. } = interpret(&watch, &kept("dv", object_json, Capture::Status)).unwrap()
    else {
        panic!("tracks")
    };
    states
        .into_iter()
        .find(|(track, _)| *track == Track::Custom("mine".into()))
        .map(|(_, state)| state.label.to_string())
}

fn refusal(name: &str, path: &str) -> Error {
    kinds::of(&watch_with("vm", &[(name, path)])).err().unwrap_or_else(|| panic!("`{name}={path}` is refused"))
}

#[test]
fn a_label_is_what_the_path_finds() {
    let volume = || {
        json!({"status": {
            "progress": "45.3%", "restartCount": 2, "ratio": 1.5, "big": 18_446_744_073_709_551_615_u64, "done": true,
            "nothing": null, "empty": "", "list": [1, "b"], "object": {"a": 1}, "none": [],
            "conditions": [{"type": "Bound", "status": "True"}, {"type": "Ready", "status": "False"}],
        }})
    };
    for (path, expected) in [
        ("$.status.progress", Some("45.3%")),
        (".status.progress", Some("45.3%")),
        ("{.status.progress}", Some("45.3%")),
        ("$.status.restartCount", Some("2")),
        ("$.status.ratio", Some("1.5")),
        ("$.status.big", Some("18446744073709551615")),
        ("$.status.done", Some("true")),
        ("$.status.nothing", None),
        ("$.status.missing", None),
        ("$.status.empty", Some("")),
        ("$.status.list", Some(r#"[1,"b"]"#)),
        ("$.status.object", Some(r#"{"a":1}"#)),
        ("$.status.none", Some("[]")),
        ("$.status.none[*]", None),
        ("$.status.conditions[*].status", Some(r#"["True","False"]"#)),
        ("{.status.conditions[?(@.type==\"Ready\")].status}", Some("False")),
        ("$.status.list[0]", Some("1")),
    ] {
        assert_eq!(label(path, volume()).as_deref(), expected, "{path}");
    }
}

#[test]
fn names_with_dots_and_dashes_are_found_in_both_syntaxes() {
    let labelled = || json!({"metadata": {"labels": {"kubevirt.io/node-name": "node1"}}});
    assert_eq!(label("$.metadata.labels['kubevirt.io/node-name']", labelled()).as_deref(), Some("node1"));
    assert_eq!(label(r"{.metadata.labels.kubevirt\.io/node-name}", labelled()).as_deref(), Some("node1"));
}

#[test]
fn they_come_after_the_tracks_of_the_kind_in_the_users_order() {
    let watch = watch_with("pods", &[("ip", ".status.podIP"), ("qos", ".status.qosClass"), ("no", ".status.no")]);
    let pod = json!({"status": {"phase": "Running", "podIP": "10.0.0.1", "qosClass": "Burstable"}});
    let Interpretation::Tracks { states, .. } = interpret(&watch, &object(&pod)).unwrap() else { panic!("tracks") };
    let tracks: Vec<_> = states.iter().map(|(track, state)| format!("{track}={}", state.label)).collect();
    assert_eq!(tracks, ["phase=Running", "status=Running", "ip=10.0.0.1", "qos=Burstable"]);
}

#[test]
fn a_path_that_cannot_be_parsed_is_refused_with_what_is_wrong_and_what_to_write() {
    for path in
        ["", "status.phase", "{status.phase}", "$.status.a-b", "$.status[", "{.status", "$.status.conditions[?@"]
    {
        let error = refusal("mine", path);
        assert!(matches!(error, Error::Path { .. }), "{path}: {error:?}");
        let text = chain(&error);
        assert!(text.contains("track `mine`") && text.contains("write `.status.some.path`"), "{text}");
        assert!(text.contains(path.trim()) && text.contains("at position "), "{text}");
    }
}

#[test]
fn a_name_that_is_taken_or_unfit_is_refused() {
    for name in ["", "a b", "phase", "status", "lifecycle", "container/app", "condition/Ready", "volume/x"] {
        assert!(matches!(refusal(name, ".status.x"), Error::Name { .. }), "{name}");
    }
    let twice = watch_with("vm", &[("mine", ".status.a"), ("mine", ".status.b")]);
    assert!(matches!(kinds::of(&twice), Err(Error::Name { .. })));
    assert!(kinds::of(&watch_with("vm", &[("run-strategy", ".status.runStrategy"), ("a/b", ".status.a")])).is_ok());
}

#[test]
fn a_path_to_what_is_not_kept_is_refused_unless_everything_is() {
    let admit = |path, capture| kinds::admit(&watch_with("vm", &[("mine", path)]), capture);
    for path in [
        ".status.ready",
        "$.status",
        "$['status']['ready']",
        "{.metadata.labels.app}",
        "$.metadata.generation",
        "$.metadata",
    ] {
        assert!(admit(path, Capture::Status).is_ok(), "{path}");
    }
    for path in
        [".spec.running", "$.metadata.annotations['a']", "$", "$..phase", "$.*", "$['spec']", "$[0]", "nonsense"]
    {
        let error = admit(path, Capture::Status).expect_err(path);
        let text = chain(&error);
        assert!(text.contains("track `mine`") && text.contains("not kept") || text.contains("are kept"), "{text}");
        assert!(text.contains("--capture full"), "{text}");
        assert!(admit(path, Capture::Full).is_ok(), "{path}");
    }
    assert_eq!(
        chain(&admit(".spec.running", Capture::Status).unwrap_err()),
        "cannot follow path `$.spec.running` of track `mine`: `spec` is not kept \
         (take a path below `$.status`, or record with `--capture full`)"
    );
}

#[test]
fn a_name_of_the_kinds_own_is_refused_by_a_recorder_and_read_from_a_recording_of_before() {
    let watch = watch_with("deploy", &[("ready", ".status.readyReplicas")]);
    let error = kinds::admit(&watch, Capture::Status).unwrap_err();
    assert!(chain(&error).contains("add track `ready`: the kind has a track with that name"), "{}", chain(&error));
    let deployment = json!({"metadata": {}, "spec": {"replicas": 3}, "status": {"readyReplicas": 2}});
    let Interpretation::Tracks { states, .. } =
        interpret(&watch, &kept("deploy", deployment, Capture::Status)).unwrap()
    else {
        panic!("tracks")
    };
    let ready: Vec<_> = states.iter().filter(|(track, _)| track.to_string() == "ready").collect();
    assert_eq!(ready.iter().map(|(_, state)| state.label.as_str()).collect::<Vec<_>>(), ["2"]);
}

#[test]
fn a_path_to_a_member_of_the_spec_that_the_kind_keeps_is_admitted_and_no_other() {
    let admit = |word, path| kinds::admit(&watch_with(word, &[("mine", path)]), Capture::Status);
    assert!(admit("deploy", ".spec.replicas").is_ok() && admit("node", ".spec.unschedulable").is_ok());
    assert!(admit("deploy", ".spec.paused").is_err() && admit("vm", ".spec.replicas").is_err());
}
