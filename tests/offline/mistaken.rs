//! What a typo in a selector, a flag or a file's name is answered with: never with silence.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

const RECORDING: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/scenarios/vm-imagepull/recording.jsonl.zst");

/// The exit code, standard output and standard error, without the recording's path.
fn statetrail(arguments: &[&str]) -> (Option<i32>, String, String) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_statetrail"));
    // There is no cluster: a command that gets that far exits with 4.
    command.args(arguments).env("KUBECONFIG", "none").env_remove("KUBERNETES_SERVICE_HOST").stdin(Stdio::null());
    let output = command.output().expect("the program");
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).expect("UTF-8").replace(RECORDING, "FILE");
    (output.status.code(), text(output.stdout), text(output.stderr))
}

fn show(selectors: &[&str]) -> (Option<i32>, String) {
    let (code, _, said) = statetrail(&[&["show", RECORDING, "-o", "json"], selectors].concat());
    (code, said)
}

/// Runs commands that are refused as bad usage, each with what its message says; returns the messages.
fn refused(commands: &[(&[&str], &str)]) -> Vec<String> {
    let run = |(arguments, said): &(&[&str], &str)| {
        let (code, _, text) = statetrail(arguments);
        assert_eq!(code, Some(2), "{arguments:?}: {text}");
        assert!(text.contains(said), "{arguments:?}: {text}");
        text
    };
    commands.iter().map(run).collect()
}

#[test]
fn a_selector_that_matches_nothing_is_an_error_that_names_what_may_have_been_meant() {
    for (selectors, said) in [
        (&["--kind", "pdo"][..], "unknown kind `pdo`; did you mean `pod`?"),
        (&["deployments.app"], "unknown kind `deployments.app`; did you mean `deployments`?"),
        (&["secrets"], "unknown kind `secrets`; it has "),
        (&["--track", "stats"], "unknown track `stats`; did you mean `status`?"),
        (&["--track", "condition"], "`condition` is not a track but several; did you mean `condition/*`?"),
        (&["pods/Foo"], "`pods/Foo`: no pod can have the name `Foo`"),
        (&["--name", "vm/web"], "`--name vm/web`: no object can have this name"),
        (&["-n", "Story"], "`Story` cannot name a namespace"),
        (&["vmim"], "it has no object and no watch of kind `vmim`; it has "),
        (&["vm/vm-imagepul"], "it has no vm named `vm-imagepul`; did you mean `vm-imagepull`?"),
        (&["vm", "vm-imagepul"], "it has no vm named `vm-imagepul`; did you mean `vm-imagepull`?"),
        (&["vm/web"], "it has no vm named `web`; it has vm-imagepull"),
        (&["--name", "vm-imagepul"], "it has no object named `vm-imagepul`; did you mean `vm-imagepull`?"),
        (&["--uid", "zzzz"], "no uid in it begins with `zzzz`"),
        (&["-n", "stori"], "it has nothing in namespace `stori`; did you mean `story`?"),
        (&["-n", "nowhere"], "it has nothing in namespace `nowhere`; it has story"),
        (&["--track", "condition/Redy"], "it has no track `condition/Redy`; did you mean `condition/Ready`?"),
        (&["--track", "x=.status.nowhere"], "no object has a value at the path of track `x`"),
        (&["--track", "foo*"], "it has no track `foo*`; it has "),
    ] {
        for output in ["json", "table", "csv"] {
            let (code, _, text) = statetrail(&[&["show", RECORDING, "-o", output], selectors].concat());
            assert_eq!(code, Some(1), "{selectors:?}: {text}");
            assert!(text.starts_with("error: FILE: ") && text.contains(said), "{selectors:?}: {text}");
        }
    }
}

#[test]
fn what_is_found_is_shown_beside_an_error_for_what_is_not() {
    let (code, shown, text) = statetrail(&["show", RECORDING, "vm", "vm-imagepull", "web"]);
    assert_eq!(code, Some(1), "{text}");
    assert_eq!(text, "error: FILE: it has no vm named `web`; it has vm-imagepull\n");
    assert!(shown.contains("VirtualMachine story/vm-imagepull"), "{shown}");
}

#[test]
fn a_selection_that_is_right_and_empty_is_said_to_be() {
    for (selectors, said) in [
        (&["-n", "story", "pods/virt*", "--name", "vm-image*"][..], "No resources found in story namespace.\n"),
        (&["pods/virt*", "--name", "vm-image*"], "No resources found.\n"),
        (&["vm", "--since", "+0ms", "--until", "+1ms"], "Nothing found: --since and --until leave out all "),
    ] {
        let (code, shown, text) = statetrail(&[&["show", RECORDING], selectors].concat());
        assert_eq!((code, shown.as_str()), (Some(0), ""), "{selectors:?}: {text}");
        assert!(text.starts_with(said), "{selectors:?}: {text}");
    }
}

#[test]
fn names_that_exist_but_not_together_are_not_found() {
    for (selectors, said) in [
        (&["--kind", "vm", "--name", "virt*", "--name", "oom"][..], "it has no object named `oom`"),
        (
            &["pods", "--name", "vm-imagepull"],
            "it has no object that matches all of kind `pods`, name `vm-imagepull`\n",
        ),
        (&["vm", "--track", "node"], "what was selected has no track `node`; it has condition/Ready, "),
        (&["vm", "--track", "container/*"], "what was selected has no track `container/*`; it has condition/Ready, "),
    ] {
        let (code, shown, text) = statetrail(&[&["show", RECORDING], selectors].concat());
        assert_eq!((code, shown.as_str()), (Some(1), ""), "{selectors:?}: {text}");
        assert!(text.contains(said), "{selectors:?}: {text}");
    }
}

#[test]
fn a_window_outside_the_recording_is_an_error() {
    refused(&[
        (
            &["show", RECORDING, "vm", "--until", "1h"][..],
            "--until is before the start of the recording, which is from",
        ),
        (&["show", RECORDING, "--since", "+1h"], "--since is after the end of the recording, which is from"),
    ]);
}

#[test]
fn an_object_that_did_not_exist_at_a_moment_is_not_found_then() {
    let (code, _, text) = statetrail(&["show", RECORDING, "vm/vm-imagepull", "--at", "+1ms"]);
    assert_eq!(code, Some(1), "{text}");
    assert!(text.contains("what was selected did not exist at that moment"), "{text}");
    let (code, _, text) = statetrail(&["show", RECORDING, "vm", "--at", "+1ms"]);
    assert_eq!((code, text.as_str()), (Some(0), "No resources found at that moment.\n"));
}

#[test]
fn a_second_file_is_not_taken_for_a_kind() {
    refused(&[(&["show", RECORDING, RECORDING][..], "FILE is a file, and `show` shows one recording")]);
}

#[test]
fn an_empty_namespace_is_refused() {
    refused(&[(&["show", RECORDING, "-n", ""][..], "the namespace is empty: write a name")]);
}

#[test]
fn two_expectations_of_one_name_do_not_compile() {
    let folder = tempfile::tempdir().expect("a folder");
    let named = |name: &str| {
        format!(
            "apiVersion: statetrail/v1\nkind: Expectation\nmetadata: {{name: {name}}}\n\
             subjects:\n  vm: {{kind: VirtualMachine}}\nexpect:\n- {{track: vm.status, never: Running}}\n"
        )
    };
    let path = document(folder.path(), &format!("{}---\n{}---\n{}", named("a"), named("b"), named("a")));
    let path = path.to_str().expect("UTF-8");
    let line = "vm status: never Running";
    let texts = refused(&[
        (&["check", RECORDING, "-e", path][..], "error: another expectation is named `a`"),
        (&["check", RECORDING, "-e", path, "-e", path], "error: another expectation is named `b`"),
        (
            &["check", RECORDING, "--expect", line, "--expect", line],
            "the first is at --expect:1; leave one of them out",
        ),
    ]);
    assert!(texts[0].contains("expectations.yaml:19:18"), "{}", texts[0]);
    assert!(texts[0].contains("expectations.yaml:3; give each its own name"), "{}", texts[0]);
}

#[test]
fn selectors_that_match_are_shown_without_a_word() {
    for selectors in [
        &["vm"][..],
        &["vm/vm-image*", "--track", "status"],
        &["pods,events"],
        &["vm", "vm-imagepull"],
        &["vm,vmi", "vm-imagepull", "--track", "status"],
        &["--track", "condition/*", "--name", "vm-imagepull"],
    ] {
        let (code, text) = show(selectors);
        assert_eq!((code, text.as_str()), (Some(0), ""), "{selectors:?}");
    }
}

#[test]
fn an_expectation_that_selects_nothing_names_a_similar_subject() {
    let line = "vm/vm-imagepul status: ... -> Running -> ...";
    let (code, verdict, _) = statetrail(&["check", RECORDING, "--expect", line]);
    // The recording was cut out of a longer one, and has no fence.
    assert_eq!(code, Some(3), "{verdict}");
    let said = "0 of at least 1 VirtualMachine vm-imagepul; did you mean VirtualMachine story/vm-imagepull?\n";
    assert!(verdict.contains(said), "{verdict}");
    for (sketch, line, said) in [
        ("pod/n/web phase: Running |closed", "pod/m/web phase: never Failed", "1 Pod m/web; did you mean Pod n/web?\n"),
        ("pod/n/web phase: Running |closed", "pod/n/wbe phase: never Failed", "1 Pod n/wbe; did you mean Pod n/web?\n"),
        ("pod/n/web phase: Running |closed", "pod/n/other phase: never Failed", "1 Pod n/other\n"),
    ] {
        let (code, verdict, _) = statetrail(&["try", "--timeline", sketch, "--expect", line]);
        assert_eq!(code, Some(1), "{verdict}");
        assert!(verdict.contains(said), "{verdict}");
    }
}

#[test]
fn a_name_that_no_object_can_have_does_not_compile() {
    let long = format!("pod/{} phase: never Failed", "a".repeat(254));
    for (line, said, help) in [
        ("pod/Web phase: never Failed", "no Pod can have the name `Web`", "names are in lower case: `web`"),
        ("pod/Shop/web phase: never Failed", "no namespace can have the name `Shop`", "`shop`"),
        ("pod/my_pod phase: never Failed", "no Pod can have the name `my_pod`", "at most 253 of `a-z`"),
        (&long, "no Pod can have the name `aaa", "at most 253 of `a-z`"),
    ] {
        let (code, _, text) = statetrail(&["check", RECORDING, "--expect", line]);
        assert_eq!(code, Some(2), "{text}");
        assert!(text.contains(said) && text.contains(help) && text.contains("--> --expect:1:1"), "{text}");
    }
    // Objects of other kinds have other names: a ClusterRole, for example.
    let (code, _, text) =
        statetrail(&["check", RECORDING, "--expect", "ClusterRole/system:Node phase: never 'Failed'"]);
    assert_eq!((code, text.as_str()), (Some(3), ""));
}

fn document(folder: &Path, text: &str) -> PathBuf {
    let path = folder.join("expectations.yaml");
    std::fs::write(&path, text).expect("a file");
    path
}

#[test]
fn mistakes_in_a_document_are_shown_with_their_place_and_a_remedy() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = document(
        folder.path(),
        "apiVersion: statetrail/v1\nkind: Expectation\nmetadata: {name: x}\n\
         subjects:\n  a: {kind: Pod, namespace: \"\"}\n  b: {kind: Pod, name: Web 1}\n\
         expect:\n- {track: a.phase, count: {Running: 1}}\n",
    );
    let (code, _, text) = statetrail(&["check", RECORDING, "-e", path.to_str().expect("UTF-8")]);
    assert_eq!(code, Some(2), "{text}");
    for said in [
        "an empty namespace selects nothing",
        "leave `namespace` out for all namespaces",
        "no Pod can have the name `Web 1`",
        "expectations.yaml:6:24",
        "the limits of a count are `min` and `max`",
        "`count: {Running: {min: 1, max: 1}}`",
        "expectations.yaml:8:37",
    ] {
        assert!(text.contains(said), "{said}: {text}");
    }
}

#[test]
fn a_flag_for_expectations_of_another_command_is_answered_with_the_right_one() {
    let texts = refused(&[
        (&["watch", "--until-expect", "a.yaml"][..], "-e FILE, or --expect LINE"),
        (&["show", RECORDING, "-e", "a.yaml"], "`statetrail check RECORDING` takes -e FILE"),
    ]);
    for text in texts {
        assert!(!text.contains("similar argument"), "{text}");
    }
}

#[test]
fn files_that_are_mixed_up_are_named_as_what_they_are() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = |name: &str, bytes: &[u8]| {
        let path = folder.path().join(name);
        std::fs::write(&path, bytes).expect("a file");
        path.to_str().expect("UTF-8").to_owned()
    };
    let plain = file("run.jsonl", b"{\"format\":\"statetrail.recording/v1\"}\n");
    let gzip = file("a.yaml.gz", b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\x03\x03\x00\x00\x00\x00\x00\x00\x00\x00\x00");
    let raw = file("pods.jsonl", b"{\"type\":\"ADDED\",\"object\":{}}\n");
    let binary = file("x.yaml", b"a: \xff");
    let yaml = file("e.yaml", b"# checks\napiVersion: statetrail/v1\nkind: Expectation\n");
    let line = "vm/web status: never Running";
    refused(&[
        (&["check", RECORDING, "-e", RECORDING][..], "pass a recording without -e"),
        (&["check", RECORDING, "-e", &plain], "it is a recording; pass it without -e"),
        (&["check", RECORDING, "-e", &gzip], "it is compressed with gzip; run `gunzip` on it"),
        (&["check", RECORDING, "-e", &raw], "`statetrail import` makes a recording of them"),
        (&["check", RECORDING, "-e", &binary], "it is not text in UTF-8"),
        (&["check", RECORDING, "-e", line], "pass a one-line expectation with --expect"),
        (&["check", RECORDING, "--expect", &yaml], "this is a file; pass it with `-e "),
        (&["check", &yaml, "--expect", line], "contains expectations, not a recording"),
        (&["show", &yaml], "contains expectations, not a recording"),
        (&["verify", &yaml], "contains expectations, not a recording"),
    ]);
}

#[test]
fn a_duration_without_a_unit_is_answered_with_units() {
    refused(&[
        (&["record", "-o", "x.jsonl", "--for", "90"][..], "`90` has no unit; use 90s, 90m or 90ms"),
        (&["record", "-o", "x.jsonl", "--settle", "1s200"], "`200` has no unit; use 200s, 200m or 200ms"),
        (&["check", RECORDING, "--expect", "vm status: Running for <1h30"], "`30` has no unit"),
    ]);
}

#[test]
fn an_import_says_once_that_there_are_no_receipt_times() {
    let folder = tempfile::tempdir().expect("a folder");
    let (raw, out) = (folder.path().join("pods.jsonl"), folder.path().join("run.jsonl"));
    let pod = r#"{"type":"ADDED","object":{"apiVersion":"v1","kind":"Pod","metadata":{"name":"a","namespace":"n","uid":"u",
        "resourceVersion":"1","creationTimestamp":"2026-01-01T00:00:00Z"},"status":{"phase":"Pending"}}}"#;
    std::fs::write(&raw, pod.replace('\n', "") + "\n").expect("a file");
    let paths = [raw.to_str().expect("UTF-8"), "-o", out.to_str().expect("UTF-8")];
    let (code, _, text) = statetrail(&[&["import"][..], &paths].concat());
    assert_eq!(code, Some(0), "{text}");
    assert_eq!(text.matches("times").count(), 2, "{text}");
    assert!(text.contains("no receipt times in it: all times are the newest stamps inside the objects"), "{text}");
    assert!(!text.contains("warning"), "{text}");
}

#[test]
fn states_that_a_path_does_not_name_are_called_so() {
    let (code, verdict, _) =
        statetrail(&["try", "--timeline", "Pending Running |closed", "--expect", "!Running+ -> Failed"]);
    assert_eq!(code, Some(1), "{verdict}");
    assert!(verdict.contains("legal there: Failed, any state that the path does not name"), "{verdict}");
}

#[test]
fn an_input_that_breaks_off_is_imported_up_to_there_and_the_exit_code_says_so() {
    let folder = tempfile::tempdir().unwrap();
    let pod = r#"{"kind":"Pod","apiVersion":"v1","metadata":{"name":"a","namespace":"ns","uid":"a","resourceVersion":"3",
        "creationTimestamp":"2026-01-01T00:00:00Z"},"status":{}}"#;
    let event = format!(r#"{{"type":"ADDED","object":{pod}}}"#);
    let (torn, endless) = (format!("{event}\n{{\"type\""), format!("[{event},\n"));
    for (name, input, expected) in [("whole", &event, 0), ("torn", &torn, 3), ("endless", &endless, 3)] {
        let [from, to] = [name.to_owned(), format!("{name}.jsonl")].map(|name| folder.path().join(name));
        std::fs::write(&from, input).unwrap();
        let [from, to] = [from, to].map(|path| path.display().to_string());
        let (code, _, text) = statetrail(&["import", &from, "-o", &to]);
        assert_eq!(code, Some(expected), "{name}: {text}");
    }
}
