//! `statetrail check` as users and CI run it.

use super::tape::{Tape, file, object, of_json, pods};
use statetrail::observation::Change;
use statetrail::recording::Clock;
use std::fmt::Write as _;
use std::path::Path;
use std::process::{Command, Output, Stdio};
use tempfile::TempDir;

fn check(folder: &Path, arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_statetrail"));
    command.arg("check").args(arguments).current_dir(folder).stdin(Stdio::null());
    command.output().expect("the program")
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).expect("UTF-8")
}

/// What `try` says of one expectation on a sketch.
fn tried(timeline: &str, expected: &str) -> String {
    let mut command = Command::new(env!("CARGO_BIN_EXE_statetrail"));
    let output = command.args(["try", "--timeline", timeline, "--expect", expected]).output().expect("the program");
    text(&output.stdout)
}

#[test]
fn a_state_that_never_came_is_named_and_inserted_last() {
    let said = tried("A B |closed", "... -> C -> ...");
    assert!(said.contains("C was never entered: it ended in B"), "{said}");
    let left =
        tried("vmi/a condition/Ready: False/B@0 True/A@1 True/B@2 |closed", "vmi/a condition/Ready: ... -> True/A");
    assert!(left.contains("ended in True (since +2.000s); expected True/A after it"), "{left}");
    assert!(said.contains("nearest fit   A -> B -> [+C]"), "{said}");
}

#[test]
fn the_event_about_the_failure_is_shown_first() {
    let scenario = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/scenarios/vm-imagepull");
    // Nothing of it came, and another state came instead.
    for path in ["... -> Running -> ...", "Stopped -> Starting -> Running -> ..."] {
        let line = format!("vm/vm-imagepull status: {path}");
        let said = text(&check(&scenario, &["recording.jsonl.zst", "--expect", &line]).stdout);
        let first = said.lines().find(|line| line.starts_with("  events ")).unwrap_or_default();
        assert!(first.contains("Failed: Failed to pull image"), "{said}");
        assert!(first.contains("connection refused"), "{said}");
    }
}

#[test]
fn a_window_that_ends_too_early_is_blamed_and_what_it_began_with_was_not_entered() {
    let scenario = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/scenarios/vm-imagepull");
    let folder = tempfile::tempdir().unwrap();
    let said = |statement: &str| {
        let document = format!(
            "apiVersion: statetrail/v1\nkind: Expectation\nmetadata: {{name: x}}\n\
             subjects: {{vm: {{kind: vm, name: vm-imagepull, life: first}}}}\n\
             window: {{from: {{time: 2026-11-20T18:09:59Z}}, until: {{time: 2026-11-20T18:10:10Z}}}}\n\
             expect: [{{track: vm.status, {statement}}}]\n"
        );
        let path = folder.path().join("x.yaml");
        std::fs::write(&path, document).expect("a file");
        text(&check(&scenario, &["recording.jsonl.zst", "-e", path.to_str().expect("UTF-8")]).stdout)
    };
    let short = said("path: 'ImagePullBackOff for >=20s'");
    assert!(short.contains("the window ended before the time was up for ImagePullBackOff"), "{short}");
    assert!(short.contains("to settle it  a window that does not end before 18:10:19"), "{short}");
    let never = said("never: ImagePullBackOff");
    assert!(never.contains("was in ImagePullBackOff when the window began at 18:09:59.000: never allowed"), "{never}");
}

#[test]
fn a_verdict_on_two_tracks_knows_when_a_stay_ended_with_its_subject() {
    let said = tried(
        "vm/a status: Stopped@0 Running@3 |deleted@5 ; vmi/a phase: Pending@4 |closed@9",
        "vm/a status: Running onlyAfter vmi/a phase: Pending",
    );
    assert!(said.contains("Running  2.00s  until deleted"), "{said}");
}

#[test]
fn a_selector_that_finds_nothing_is_described_in_full() {
    let folder = folder();
    let said = |selector: &str| {
        let document = format!(
            "apiVersion: statetrail/v1\nkind: Expectation\nmetadata: {{name: x}}\nsubjects: {{p: {selector}}}\n\
             expect: [{{track: p.phase, never: Failed}}]\n"
        );
        std::fs::write(folder.path().join("x.yaml"), document).expect("a file");
        text(&check(folder.path(), &["good.jsonl", "-e", "x.yaml"]).stdout)
    };
    for (selector, found) in [
        ("{kind: pod, name: a, life: 2}", "p (Pod a, life 2)"),
        ("{kind: pod, uid: '1234'}", "p (Pod, uid 1234)"),
        ("{kind: pod, labels: {a: b}}", "p (Pod, labels a in (b))"),
    ] {
        let text = said(selector);
        assert!(text.contains(found) && !text.contains("did you mean"), "{selector}: {text}");
    }
}

/// A folder with two recordings: of a pod that ran, and of one that failed.
fn folder() -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    for (name, phase) in [("good.jsonl", "Running"), ("bad.jsonl.zst", "Failed")] {
        let mut tape = Tape::of(vec![pods()]);
        tape.attached(0.0, 0, 10).object(1.0, 0, Change::Added, object("a", 11, "Pending"));
        tape.object(2.0, 0, Change::Modified, object("a", 12, phase)).closed(3.0);
        tape.write(&folder.path().join(name));
    }
    folder
}

const RUNS: &str = "pod/a phase: Pending -> Running";
const NEVER: &str = "pod/a phase: never Failed";

#[test]
fn the_exit_code_is_that_of_the_worst_verdict() {
    let folder = folder();
    let code = |arguments: &[&str]| check(folder.path(), arguments).status.code();
    assert_eq!(code(&["good.jsonl", "--expect", RUNS, "--expect", NEVER]), Some(0));
    assert_eq!(code(&["good.jsonl", "bad.jsonl.zst", "--expect", RUNS]), Some(1));
    assert_eq!(code(&["good.jsonl", "--expect", "vmi/a phase: never Failed"]), Some(3));
    assert_eq!(code(&["good.jsonl", "--expect", "pod/a phase: never Runing"]), Some(2));
    assert_eq!(code(&["good.jsonl"]), Some(2));
    assert_eq!(code(&["missing.jsonl", "--expect", RUNS]), Some(4));
    assert_eq!(code(&["good.jsonl", "-e", "missing.yaml"]), Some(2));
}

#[test]
fn recordings_are_distinguished_in_every_format() {
    let folder = folder();
    let said = |form: &str| {
        text(
            &check(folder.path(), &["good.jsonl", "bad.jsonl.zst", "--expect", RUNS, "--expect", NEVER, "-o", form])
                .stdout,
        )
    };
    let people = said("text");
    assert!(people.contains("good.jsonl") && people.contains("bad.jsonl.zst"), "{people}");
    assert!(people.contains("4 expectations: 2 satisfied, 2 violated"), "{people}");
    let document: serde_json::Value = serde_json::from_str(&said("json")).unwrap();
    assert_eq!(document["verdict"], "violated");
    let junit = said("junit");
    assert_eq!((junit.matches("<testsuite ").count(), junit.matches("<testcase ").count()), (2, 4), "{junit}");
    assert_eq!(junit.matches("<failure").count(), 2, "{junit}");
}

#[test]
fn one_that_must_hold_sometimes_needs_one_of_the_recordings() {
    let folder = folder();
    let document = |path: &str| {
        format!(
            "apiVersion: statetrail/v1\nkind: Expectation\nmetadata: {{name: comes-to-it}}\n\
             subjects: {{pod: {{kind: Pod, name: a}}}}\nsometimes: true\nexpect: [{{track: pod.phase, path: {path}}}]\n"
        )
    };
    let code = |files: &[&str], path: &str| {
        std::fs::write(folder.path().join("some.yaml"), document(path)).unwrap();
        let output = check(folder.path(), &[files, &["-e", "some.yaml"]].concat());
        (output.status.code(), text(&output.stdout))
    };
    let both = ["good.jsonl", "bad.jsonl.zst"];
    let (exit, said) = code(&both, "... -> Running");
    assert_eq!(
        (exit, said.as_str()),
        (Some(0), "in one of 2 recordings\nsatisfied     comes-to-it\n  satisfied in 1 of 2 recordings (good.jsonl)\n")
    );
    let (exit, said) = code(&both, "... -> Succeeded");
    assert_eq!(exit, Some(1));
    assert!(said.contains("violated in 2 of 2 recordings (good.jsonl, bad.jsonl.zst)\n  in good.jsonl\n"), "{said}");
    assert!(said.contains("Succeeded was never entered"), "{said}");
    // Of one recording alone, it is like any other.
    assert_eq!(code(&both[1..], "... -> Running").0, Some(1));
    let (exit, said) = code(&["good.jsonl", "missing.jsonl"], "... -> Running");
    assert_eq!(exit, Some(4));
    assert!(said.contains("satisfied in 1 of 2 recordings (good.jsonl)"), "{said}");
}

#[test]
fn a_document_may_come_from_standard_input() {
    let folder = folder();
    let story = std::fs::read_to_string(file("tests/scenarios/vm-imagepull/expectations.yaml")).unwrap();
    let mut command = Command::new(env!("CARGO_BIN_EXE_statetrail"));
    command.arg("check").arg(file("tests/scenarios/vm-imagepull/recording.jsonl.zst")).args(["-e", "-"]);
    std::fs::write(folder.path().join("story.yaml"), story).unwrap();
    command.stdin(std::fs::File::open(folder.path().join("story.yaml")).unwrap());
    let output = command.output().unwrap();
    assert_eq!(output.status.code(), Some(0), "{output:?}");
    assert!(text(&output.stdout).starts_with("satisfied     image-pull-error-is-reported"), "{output:?}");
}

#[test]
fn a_name_that_no_line_shows_is_reported_and_an_error_under_never() {
    let folder = folder();
    let output = check(folder.path(), &["good.jsonl", "--expect", "pod/a container/app: ... -> Weird -> ..."]);
    assert!(text(&output.stderr).contains("warning: no line of the recording shows `Weird`"), "{output:?}");
    let output = check(folder.path(), &["good.jsonl", "--expect", "pod/a container/app: never Weird"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(text(&output.stderr).contains("if it is misspelt, it always holds"), "{output:?}");
}

#[test]
fn a_truncated_recording_is_reported_and_judged_as_far_as_it_goes() {
    let folder = folder();
    let whole = std::fs::read(folder.path().join("good.jsonl")).unwrap();
    // Cut in the middle of the last line.
    std::fs::write(folder.path().join("torn.jsonl"), &whole[..whole.len() - 5]).unwrap();
    let output = check(folder.path(), &["torn.jsonl", "--expect", NEVER, "--expect", "pod/a phase: Pending -> ..."]);
    assert_eq!(output.status.code(), Some(3), "{output:?}");
    let message = text(&output.stderr);
    assert!(message.contains("was cut off after") && message.contains("it has no last line"), "{message}");
    assert!(text(&output.stdout).contains("2 expectations: 2 pending"), "{output:?}");
}

#[test]
fn a_recording_damaged_in_the_middle_is_judged_up_to_there_and_nothing_is_awaited() {
    let folder = folder();
    let file = folder.path().join("good.jsonl");
    let whole = std::fs::read_to_string(&file).unwrap();
    // Its line 4 is the one in which the pod runs.
    let lines: Vec<&str> = whole.lines().enumerate().filter(|(at, _)| *at != 3).map(|(_, line)| line).collect();
    std::fs::write(&file, lines.join("\n") + "\n").unwrap();
    let output = check(folder.path(), &["good.jsonl", "--expect", NEVER, "--expect", "pod/a phase: never Pending"]);
    let (said, told) = (text(&output.stdout), text(&output.stderr));
    assert_eq!(output.status.code(), Some(4), "{output:?}");
    assert!(told.contains("good.jsonl is damaged at line 4; only the 3 lines before it were judged"), "{told}");
    assert!(!told.contains("no last line") && !told.contains("still running"), "{told}");
    assert!(said.contains("inconclusive  pod/a phase: never Failed"), "{said}");
    assert!(said.contains("the recording is damaged at line 4"), "{said}");
    assert!(said.contains("violated      pod/a phase: never Pending"), "{said}");

    let document = check(folder.path(), &["good.jsonl", "--expect", NEVER, "-o", "json"]);
    let document: serde_json::Value = serde_json::from_str(&text(&document.stdout)).unwrap();
    assert_eq!((&document["verdict"], &document["errors"][0]["kind"]), (&"inconclusive".into(), &"damaged".into()));
    assert_eq!(document["expectations"][0]["doubt"]["kind"], "damaged");
    let junit = text(&check(folder.path(), &["good.jsonl", "--expect", RUNS, "-o", "junit"]).stdout);
    assert!(junit.contains("type=\"damaged\""), "{junit}");

    let mut verify = Command::new(env!("CARGO_BIN_EXE_statetrail"));
    let verified = verify.args(["verify", "good.jsonl"]).current_dir(folder.path()).output().expect("the program");
    assert!(!text(&verified.stdout).contains("no last line"), "{verified:?}");
}

#[test]
fn a_recording_that_cannot_be_read_is_an_error_in_every_format() {
    let folder = folder();
    std::fs::write(folder.path().join("table.txt"), "NAME  READY\n").unwrap();
    for recordings in [&["table.txt", "good.jsonl"][..], &["table.txt"]] {
        let said = |form: &str| {
            let output = check(folder.path(), &[recordings, &["--expect", RUNS, "-o", form]].concat());
            assert_eq!(output.status.code(), Some(4), "{output:?}");
            text(&output.stdout)
        };
        let document: serde_json::Value = serde_json::from_str(&said("json")).unwrap();
        assert_eq!(document["verdict"], "inconclusive");
        let error = &document["errors"][0];
        assert_eq!((&error["recording"], &error["kind"]), (&"table.txt".into(), &"unreadable".into()));
        assert!(error["message"].as_str().unwrap().contains("is not a statetrail recording"), "{error}");
        let junit = said("junit");
        assert!(junit.contains("<testsuite name=\"table.txt\" tests=\"1\""), "{junit}");
        assert!(junit.contains("type=\"unreadable\"") && junit.contains("errors=\"1\""), "{junit}");
    }
}

#[test]
fn lives_that_may_have_come_after_the_last_line_are_named_with_the_path_and_the_remedy() {
    let folder = folder();
    let mut tape = Tape::of(vec![pods()]);
    tape.attached(0.0, 0, 10).object(1.0, 0, Change::Added, object("a", 11, "Pending"));
    tape.object(2.0, 0, Change::Modified, object("a", 12, "Running")).ended(3.0);
    tape.write(&folder.path().join("open.jsonl"));
    let said = text(&check(folder.path(), &["open.jsonl", "--expect", "pod/a phase: ... -> Running -> ..."]).stdout);
    assert!(said.contains("every life of this name is judged, and another may have begun unseen"), "{said}");
    assert!(said.contains("to settle it  a recording that ends with a fence, or one life"), "{said}");
    assert!(said.contains("  Pending ") && said.contains("  Running "), "{said}");
}

/// Removes a line from the file, with checksums as if it had never been there.
fn without_line(file: &Path, removed: usize) {
    let text = std::fs::read_to_string(file).unwrap();
    let (mut crc, mut out) = (0, String::new());
    for (_, line) in text.lines().enumerate().filter(|(number, _)| *number != removed) {
        let (body, _) = line.rsplit_once(",\"crc\":").unwrap();
        crc = crc32c::crc32c_append(crc, body.as_bytes());
        writeln!(out, "{body},\"crc\":\"{crc:08x}\"}}").unwrap();
    }
    std::fs::write(file, out).unwrap();
}

#[test]
fn a_recording_in_which_lines_are_missing_decides_nothing() {
    let folder = folder();
    for expected in [RUNS, NEVER, "pod/a phase: never Running"] {
        assert_ne!(check(folder.path(), &["good.jsonl", "--expect", expected]).status.code(), Some(3), "{expected}");
    }
    without_line(&folder.path().join("good.jsonl"), 2);
    for expected in [RUNS, NEVER, "pod/a phase: never Running"] {
        let output = check(folder.path(), &["good.jsonl", "--expect", expected]);
        let said = text(&output.stdout);
        assert_eq!(output.status.code(), Some(3), "{expected}: {said}");
        assert!(said.contains("found line 3 where line 2 was expected"), "{said}");
    }
    let mut show = Command::new(env!("CARGO_BIN_EXE_statetrail"));
    let output = show.args(["show", "good.jsonl"]).current_dir(folder.path()).output().expect("the program");
    let (shown, said) = (text(&output.stdout), text(&output.stderr));
    assert!(shown.contains("lines of the recording are missing") && !shown.contains("no gap"), "{shown}");
    assert!(said.contains("found line 3 where line 2 was expected"), "{said}");
}

#[test]
fn a_recording_that_cannot_be_read_takes_no_verdict_from_the_others() {
    let folder = folder();
    std::fs::write(folder.path().join("garbage.txt"), "garbage\n").unwrap();
    for (form, message) in [("text", "satisfied"), ("json", "\"satisfied\""), ("junit", "<testcase")] {
        let files = ["garbage.txt", "missing.jsonl", "good.jsonl", "--expect", RUNS, "-o", form];
        let output = check(folder.path(), &files);
        let (judged, said) = (text(&output.stdout), text(&output.stderr));
        assert_eq!(output.status.code(), Some(4), "{said}");
        assert!(judged.contains(message), "{judged}");
        assert!(said.contains("garbage.txt is not a statetrail recording") && said.contains("missing.jsonl"), "{said}");
    }
}

#[test]
fn a_closed_pipe_leaves_the_code_of_the_verdict() {
    let folder = folder();
    for form in ["text", "json", "junit"] {
        let (reader, writer) = std::io::pipe().unwrap();
        drop(reader);
        let mut command = Command::new(env!("CARGO_BIN_EXE_statetrail"));
        command.args(["check", "bad.jsonl.zst", "--expect", RUNS, "-o", form]).current_dir(folder.path());
        assert_eq!(command.stdout(writer).status().expect("the program").code(), Some(1), "{form}");
    }
}

#[test]
fn without_times_of_receipt_nothing_is_said_to_be_late_or_exact() {
    let folder = tempfile::tempdir().unwrap();
    let mut tape = Tape::of(vec![pods()]);
    tape.header.clock = Clock::Server;
    tape.attached(0.0, 0, 10).object(1.0, 0, Change::Added, object("a", 11, "Pending"));
    tape.object(6.0, 0, Change::Modified, object("a", 12, "Running")).closed(7.0);
    tape.write(&folder.path().join("a.jsonl"));
    let output = check(folder.path(), &["a.jsonl", "--expect", "pod/a phase: Pending for <=3s -> Running -> ..."]);
    let said = text(&output.stdout);
    assert_eq!(output.status.code(), Some(3), "{said}");
    assert!(
        said.contains("no receipt times") && said.contains("to settle it  a recording with receipt times"),
        "{said}"
    );
    assert!(!said.contains("late") && !said.contains("would"), "{said}");
    let mut show = Command::new(env!("CARGO_BIN_EXE_statetrail"));
    let output = show.args(["show", "a.jsonl"]).current_dir(folder.path()).output().expect("the program");
    let (shown, said) = (text(&output.stdout), text(&output.stderr));
    assert!(
        shown.contains("~5.00s") && !shown.contains(" 5.00s") && said.contains("no stay is exact"),
        "{shown}{said}"
    );
}

#[test]
fn tracks_are_added_to_what_was_recorded() {
    let folder = tempfile::tempdir().unwrap();
    let version = |version: u64, node: &str| {
        of_json(&format!(
            r#"{{"metadata":{{"name":"a","namespace":"n","uid":"uid-a","resourceVersion":"{version}"}},"status":{{"phase":"Running","hostIP":"{node}"}}}}"#
        ))
    };
    let mut tape = Tape::of(vec![pods()]);
    tape.attached(0.0, 0, 10).object(1.0, 0, Change::Added, version(11, "10.0.0.1"));
    tape.object(2.0, 0, Change::Modified, version(12, "10.0.0.2")).closed(3.0);
    tape.write(&folder.path().join("run.jsonl"));
    let moved = "pod/a host: '10.0.0.1' -> '10.0.0.2'";
    for track in ["host=.status.hostIP", "pod:host=.status.hostIP"] {
        let output = check(folder.path(), &["run.jsonl", "--track", track, "--expect", moved]);
        assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
    }
    let refused = |track: &str| {
        let output = check(folder.path(), &["run.jsonl", "--track", track, "--expect", moved]);
        assert_eq!(output.status.code(), Some(2), "{track}");
        text(&output.stderr)
    };
    assert!(refused("vmi:host=.status.hostIP").contains("the recording has no watch of its kind"));
    assert!(refused("host=.spec.nodeName").contains("record with `--capture full`"));
    assert!(refused("host").contains("give a name and a path"));
    assert!(refused("phase=.status.hostIP").contains("choose another name"));
    let mut command = Command::new(env!("CARGO_BIN_EXE_statetrail"));
    command.args(["show", "run.jsonl", "--track", "host=.status.hostIP", "--track", "host"]);
    let shown = text(&command.current_dir(folder.path()).output().expect("the program").stdout);
    assert!(shown.contains("10.0.0.2") && !shown.contains("Running"), "{shown}");
}
