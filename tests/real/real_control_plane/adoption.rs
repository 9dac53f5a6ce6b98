//! How statetrail gets into a test, a shell and kubectl: a command to run, completions, a plugin.

use std::fs;
use std::os::unix::fs::symlink;
use std::process::{Command, Output};

use serde_json::Value;
use statetrail::observation::Change;
use tempfile::TempDir;

use crate::cluster::{ADMIN, BUSYBOX, ControlPlane, Options, pod, program};
use crate::recorder::Recording;
use crate::recorder::process::{PROGRAM, Recorder};

#[test]
fn a_test_that_the_recorder_runs_is_recorded_from_the_first_state_on_and_judged() {
    let plane = ControlPlane::start(Options::default());
    let folder = tempfile::tempdir().expect("a folder");
    let path = |name: &str| folder.path().join(name).display().to_string();
    fs::write(path("pod.json"), pod("seen", BUSYBOX, &["true"]).to_string()).expect("a file");
    let kubectl = program("kubectl").display().to_string();
    let (recording, report, manifest) = (path("run.jsonl.zst"), path("junit.xml"), path("pod.json"));
    let expected = ["--expect", "pod/seen phase: Pending -> ...", "--expect", "pod/seen phase: never Pending"];
    let record = ["record", "pods", "-o", &recording, "--report", &report];
    let command = ["--", &kubectl, "create", "-f", &manifest];
    let arguments = [&record[..], &expected, &command].concat();
    let files = tempfile::tempdir().expect("a folder");
    let (ended, _files) = Recorder::spawn(&plane.kubeconfig(ADMIN), &arguments, files).wait();
    assert_eq!((ended.code, ended.stdout.as_str()), (Some(1), "pod/seen created\n"), "{}", ended.stderr);
    let report = fs::read_to_string(report).expect("a report");
    assert!(report.contains("tests=\"2\"") && report.contains("failures=\"1\""), "{report}");
    let recording = Recording::read(folder.path().join("run.jsonl.zst").as_path());
    assert_eq!(recording.seen("pods").map(|seen| seen.change).collect::<Vec<_>>(), [Change::Added]);
    recording.assert_verified();
}

/// A folder with `statetrail` under the names that shells and kubectl look for.
fn plugins() -> TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    for name in ["statetrail", "kubectl-statetrail", "kubectl_complete-statetrail"] {
        symlink(PROGRAM, folder.path().join(name)).expect("a link");
    }
    symlink(program("kubectl"), folder.path().join("kubectl")).expect("a link");
    folder
}

/// Runs bash with these programs first in PATH.
fn bash(plane: &ControlPlane, programs: &TempDir, script: &str) -> Output {
    let path = format!("{}:{}", programs.path().display(), std::env::var("PATH").unwrap_or_default());
    let mut command = Command::new("bash");
    command.args(["--norc", "-c", script]).env("PATH", path).env("KUBECONFIG", plane.kubeconfig(ADMIN));
    command.env("HOME", programs.path()).output().expect("bash")
}

#[test]
fn as_a_plugin_of_kubectl_it_names_itself_as_it_is_typed() {
    let (plane, programs) = (ControlPlane::start(Options::default()), plugins());
    let asked = |script: &str| {
        let output = bash(&plane, &programs, script);
        let text = [output.stdout, output.stderr].concat();
        (output.status.code(), String::from_utf8(text).expect("UTF-8"))
    };
    let (code, text) = asked("kubectl statetrail record --help");
    assert_eq!(code, Some(0), "{text}");
    let named = |line: &str| line.contains("statetrail record") && !line.contains("kubectl statetrail record");
    assert!(!text.lines().any(named), "{text}");
    for (script, code, words) in [
        ("kubectl statetrail --help", 0, "Usage: kubectl statetrail [OPTIONS] <COMMAND>"),
        ("kubectl statetrail record --help", 0, "Usage: kubectl statetrail record [OPTIONS] --output <FILE>"),
        ("kubectl statetrail verify --help", 0, "Usage: kubectl statetrail verify [OPTIONS] <FILE>"),
        ("kubectl statetrail record pods", 2, "Usage: kubectl statetrail record [OPTIONS]"),
        ("kubectl statetrail show run.jsonl -e a.yaml", 2, "`kubectl statetrail check RECORDING`"),
        ("kubectl statetrail record pods -o run.jsonl -- true", 0, "run.jsonl"),
        ("statetrail --help", 0, "Usage: statetrail [OPTIONS] <COMMAND>"),
    ] {
        let (actual, text) = asked(&format!("cd $HOME; {script}"));
        assert_eq!(actual, Some(code), "{script}: {text}");
        assert!(text.contains(words), "{script}: {text}");
    }
}

/// What kubectl offers for the last of these words.
fn offered_by_kubectl(plane: &ControlPlane, programs: &TempDir, words: &str) -> Vec<String> {
    let output = bash(plane, programs, &format!("kubectl __complete statetrail {words}"));
    let text = String::from_utf8(output.stdout).expect("UTF-8");
    let lines = text.lines().map(|line| line.split('\t').next().unwrap_or_default().to_owned());
    lines.filter(|line| !line.starts_with(':')).collect()
}

/// What bash offers for the last of these words, and what is printed meanwhile.
fn offered_by_bash(plane: &ControlPlane, programs: &TempDir, words: &[&str]) -> (Vec<String>, String) {
    let words: Vec<String> = words.iter().map(|word| format!("'{word}'")).collect();
    let script = format!(
        "source <(statetrail completions bash); COMP_WORDS=({}); COMP_CWORD={}; COMP_TYPE=9; COMPREPLY=()
         _statetrail statetrail \"${{COMP_WORDS[-1]}}\" \"${{COMP_WORDS[-2]}}\"
         printf '%s\\n' \"${{COMPREPLY[@]}}\"",
        words.join(" "),
        words.len() - 1
    );
    let output = bash(plane, programs, &script);
    let text = String::from_utf8(output.stdout).expect("UTF-8");
    let offered = text.lines().filter(|line| !line.is_empty()).map(str::to_owned).collect();
    (offered, String::from_utf8(output.stderr).expect("UTF-8"))
}

#[test]
fn namespaces_and_contexts_are_completed_from_the_cluster_and_the_kubeconfig() {
    let (plane, programs) = (ControlPlane::start(Options::default().user("nobody", &[])), plugins());
    plane.kubectl_ok(&["create", "namespace", "story-one"]);
    plane.kubectl_ok(&["create", "namespace", "story-two"]);
    let kubeconfig: Value =
        serde_json::from_str(&plane.kubectl_ok(&["config", "view", "--output=json"])).expect("a kubeconfig");
    let context = kubeconfig["current-context"].as_str().expect("a context").to_owned();
    let nobody = plane.kubeconfig("nobody").display().to_string();
    let stories = ["story-one", "story-two"];
    for (words, expected) in [
        (&["record", "-n", "story"][..], &stories[..]),
        (&["watch", "--namespace", "story-t"], &["story-two"]),
        (&["recover", "--context", ""], &[&context]),
        (&["record", "vm,vmp"], &["vm,vmpool"]),
        (&["check", "-o", "j"], &["json", "junit"]),
        // Whatever fails, completes nothing and says nothing.
        (&["record", "--kubeconfig", "/nowhere", "-n", ""], &[]),
        (&["record", "--kubeconfig", &nobody, "-n", ""], &[]),
        (&["record", "--server", "https://127.0.0.1:1", "-n", ""], &[]),
        (&["record", "--context", "other", "-n", ""], &[]),
    ] {
        let (offered, said) = offered_by_bash(&plane, &programs, &[&["statetrail"], words].concat());
        assert_eq!((offered, said.as_str()), (owned(expected), ""), "{words:?}");
        let quoted: Vec<String> = words.iter().map(|word| format!("'{word}'")).collect();
        assert_eq!(offered_by_kubectl(&plane, &programs, &quoted.join(" ")), owned(expected), "{words:?}");
    }
}

fn owned(words: &[&str]) -> Vec<String> {
    words.iter().map(ToString::to_string).collect()
}
