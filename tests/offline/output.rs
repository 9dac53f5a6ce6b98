//! Output: all of it goes through the printer, and nothing in an untrusted recording controls the terminal.

use serde_json::{Value, json};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

/// Control sequences, and characters that hide or reorder text.
const HOSTILE: &str = "\x1b]0;P\x07\x1b]52;c;cm0\x07\x1b[2K\x1b[1A\u{9b}31m\u{61c}\u{200b}\u{200e}\u{202e}x\u{2066}\u{2028}\u{feff}\u{1fffe}\u{e0041}\x7f\r";

/// Requires that none of these characters is printed raw, except the escapes of our own colours.
fn assert_clean(what: &str, bytes: &[u8]) {
    let text = std::str::from_utf8(bytes).unwrap_or_else(|error| panic!("{what}: {error}"));
    for bad in "\x07\u{9b}\u{61c}\u{200b}\u{200e}\u{202e}\u{2066}\u{2028}\u{feff}\u{1fffe}\u{e0041}\x7f".chars() {
        assert!(!text.contains(bad), "{what}: {bad:?} in {text:?}");
    }
    for bad in ["\x1b]", "\x1b[2K", "\x1b[1A", "\rx"] {
        assert!(!text.contains(bad), "{what}: {bad:?} in {text:?}");
    }
    assert!(!text.contains("panicked"), "{what}: {text}");
}

fn statetrail(arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_statetrail"));
    command.args(arguments).stdin(Stdio::null()).output().expect("the program")
}

/// The same with a terminal as output; `script` provides the pty.
fn on_a_terminal(arguments: &[&str]) -> Vec<u8> {
    // A pager would wait for someone.
    let shown = paged("", arguments);
    assert!(!shown.is_empty(), "{arguments:?} on a terminal says something");
    shown
}

/// What a terminal shows of a command with a pager.
fn paged(pager: &str, arguments: &[&str]) -> Vec<u8> {
    let quoted = |word: &&str| format!("'{}'", word.replace('\'', r"'\''"));
    let words: Vec<String> = [&[env!("CARGO_BIN_EXE_statetrail")], arguments].concat().iter().map(quoted).collect();
    let mut command = Command::new("script");
    command.args(["-qec", &words.join(" "), "/dev/null"]).env("TERM", "xterm-256color").env_remove("NO_COLOR");
    command.env("STATETRAIL_PAGER", pager);
    command.stdin(Stdio::null()).output().expect("script, of bsdutils").stdout
}

#[test]
fn colours_are_a_matter_of_the_terminal_unless_a_flag_says_otherwise() {
    let expected = ["try", "--timeline", "Pending Running |closed", "--expect", "Pending -> Failed"];
    let is_coloured = |printed: &[u8]| printed.windows(2).any(|pair| pair == b"\x1b[");
    for (flags, in_a_pipe, on_terminal) in [
        (&[][..], false, true),
        (&["--color", "auto"], false, true),
        (&["--color=always"], true, true),
        (&["--color", "never"], false, false),
    ] {
        assert_eq!(is_coloured(&statetrail(&[&expected, flags].concat()).stdout), in_a_pipe, "{flags:?}");
        assert_eq!(is_coloured(&on_a_terminal(&[&expected, flags].concat())), on_terminal, "{flags:?}");
    }
}

#[test]
fn long_output_on_a_terminal_goes_through_the_pager() {
    let recording = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/scenarios/crash-loop/recording.jsonl");
    for command in [&["show", recording][..], &["explain", "semantics"]] {
        let through =
            |pager: &str, more: &[&str]| String::from_utf8_lossy(&paged(pager, &[command, more].concat())).into_owned();
        let whole = through("", &[]);
        assert!(through("sed s/^/PAGED/", &[]).contains("PAGED"), "{command:?}");
        assert_eq!(through("sed s/^/PAGED/", &["--no-pager"]), whole, "{command:?}");
        assert_eq!(through("no-such-pager", &[]), whole, "{command:?}: a missing pager prints directly");
        let first = through("head -n 1", &[]);
        assert_eq!(first.lines().count(), 1, "{command:?}: a pager that is left early is no error: {first}");
        let piped = statetrail(command).stdout;
        assert!(!String::from_utf8_lossy(&piped).contains("PAGED"));
    }
}

#[test]
fn a_recording_without_an_end_says_that_its_end_is_open() {
    let recording = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/scenarios/crash-loop/recording.jsonl");
    let text = fs::read_to_string(recording).expect("a recording");
    let (before, _end) = text.trim_end().rsplit_once('\n').expect("lines");
    let folder = tempfile::tempdir().expect("a folder");
    let killed = folder.path().join("killed.jsonl");
    fs::write(&killed, format!("{before}\n")).expect("a file");
    let shown = |path: &str| String::from_utf8_lossy(&statetrail(&["show", path]).stdout).into_owned();
    let open = shown(killed.to_str().expect("text"));
    assert!(open.starts_with("end open: the recorder was killed or is still running"), "{open}");
    assert!(!shown(recording).contains("end open"));
}

/// A recording with these lines, with valid checksums.
fn sealed(path: &Path, lines: &[Value]) {
    let (mut crc, mut text) = (0, Vec::new());
    for line in lines {
        let mut line = line.to_string();
        assert_eq!(line.pop(), Some('}'));
        crc = crc32c::crc32c_append(crc, line.as_bytes());
        text.extend_from_slice(format!("{line},\"crc\":\"{crc:08x}\"}}\n").as_bytes());
    }
    fs::write(path, text).expect("a file");
}

/// Lines with hostile text wherever the format has text.
fn stranger() -> Vec<Value> {
    let evil = |what: &str| format!("{what}{HOSTILE}");
    let at = |second: u8| format!("2026-01-01T00:00:{second:02}.000000Z");
    let object = json!({"metadata": {"name": evil("web"), "namespace": evil("shop"), "uid": evil("u"),
            "resourceVersion": "5", "labels": {"app": HOSTILE}},
        "status": {"phase": evil("=Phase"), "reason": HOSTILE, "message": HOSTILE,
            "conditions": [{"type": evil("Ready"), "status": evil("True"), "reason": HOSTILE, "message": HOSTILE}],
            "containerStatuses": [{"name": evil("app"), "restartCount": 1,
                "state": {"waiting": {"reason": evil("Err"), "message": HOSTILE}}}]}});
    let event = json!({"metadata": {"name": "e", "namespace": "shop", "uid": "ue", "resourceVersion": "9"},
        "involvedObject": {"kind": evil("Pod"), "namespace": "shop", "name": evil("web"), "uid": evil("u")},
        "type": evil("Warning"), "reason": evil("@R"), "message": evil("+1"), "count": 2, "source": {"component": HOSTILE}});
    let hotplugged = json!({"metadata": {"name": "vm", "namespace": "shop", "uid": "uv", "resourceVersion": "10"},
        "status": {"phase": "Running", "volumeStatus": [{"name": evil("disk"), "phase": "Ready",
            "hotplugVolume": {"attachPodName": evil("=instance")}}]}});
    let line = |seq: u8, of: &str, more: Value| {
        let mut line = json!({"seq": seq, "at": at(seq), "elapsed": seq, "type": of});
        line.as_object_mut().expect("an object").extend(more.as_object().expect("an object").clone());
        line
    };
    vec![
        json!({"format": "statetrail.recording/v1", "tool": HOSTILE, "started": at(0), "environment": {},
            "watches": [
                {"group": "", "version": "v1", "resource": "pods", "kind": "Pod", "namespace": HOSTILE},
                {"group": "", "version": "v1", "resource": "events", "kind": "Event"},
                {"group": HOSTILE, "version": HOSTILE, "resource": evil("things"), "kind": evil("Thing")},
                {"group": "kubevirt.io", "version": "v1", "resource": "virtualmachineinstances",
                 "kind": "VirtualMachineInstance"}]}),
        line(1, "ATTACHED", json!({"watch": 0, "resourceVersion": "4"})),
        line(2, "ADDED", json!({"watch": 0, "resourceVersion": "5", "object": object})),
        line(3, "MARK", json!({"name": evil("-mark")})),
        line(4, "RECONNECTED", json!({"watch": 0, "resourceVersion": "5", "notBefore": at(3), "reason": HOSTILE})),
        line(5, "UNDECODABLE", json!({"watch": 0, "reason": HOSTILE, "raw": HOSTILE, "uid": evil("u")})),
        line(
            6,
            "GAP",
            json!({"watch": 0, "fromResourceVersion": evil("5"), "toResourceVersion": evil("9"),
            "from": at(5), "to": at(6), "cause": "history-expired", "reason": HOSTILE}),
        ),
        line(7, "ADDED", json!({"watch": 1, "resourceVersion": "9", "object": event})),
        line(8, "ADDED", json!({"watch": 3, "resourceVersion": "10", "object": hotplugged})),
        line(9, "FENCE", json!({"watch": 0, "resourceVersion": "9", "whole": false, "reason": HOSTILE})),
        line(10, "END", json!({"reason": HOSTILE})),
    ]
}

#[test]
fn nothing_in_a_strangers_recording_acts_on_a_terminal() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = |name: &str| folder.path().join(name).display().to_string();
    let base = stranger();
    let evil = path("evil.jsonl");
    sealed(Path::new(&evil), &base);
    let with = |name: &str, change: &dyn Fn(&mut Vec<Value>)| {
        let mut lines = base.clone();
        change(&mut lines);
        sealed(Path::new(&path(name)), &lines);
        path(name)
    };
    let format = with("format.jsonl", &|lines| lines[0]["format"] = json!(HOSTILE));
    let of_type = with("type.jsonl", &|lines| lines[3]["type"] = json!(HOSTILE));
    let named = path(&format!("n\u{9b}\x1b[2K{}.jsonl", "x"));
    let raw = path("raw");
    let events = [
        json!({"type": "ADDED", "object": base[2]["object"].clone()}),
        json!({"type": HOSTILE, "object": {"kind": HOSTILE}}),
        json!({"type": "ERROR", "object": {"code": 410, "reason": HOSTILE, "message": HOSTILE}}),
        json!({"type": "ADDED", "object": {"kind": HOSTILE, "apiVersion": HOSTILE, "metadata": {"name": HOSTILE,
            "uid": HOSTILE, "resourceVersion": "7", "creationTimestamp": "2026-01-01T00:00:00Z"}}}),
    ];
    fs::write(&raw, events.map(|event| event.to_string()).join("\n")).expect("a file");
    let (imported, again) = (path("imported.jsonl"), path("again.jsonl"));
    let expected = format!("pod/web{HOSTILE} phase: never Foo{HOSTILE}");
    let mut runs: Vec<Vec<&str>> = Vec::new();
    for file in [&evil, &format, &of_type, &named] {
        for output in ["table", "wide", "log", "summary", "json", "yaml", "csv", "mermaid", "otlp"] {
            runs.push(vec!["show", file, "-o", output]);
        }
        runs.extend([vec!["verify", file], vec!["verify", file, "-o", "json"]]);
        for output in ["text", "json", "junit"] {
            runs.push(vec!["check", file, "-o", output, "--expect", "pods phase: Running"]);
            runs.push(vec![
                "check",
                file,
                "-o",
                output,
                "--expect",
                "pods phase: never Failed",
                "--expect",
                "pod/nobody phase: Failed",
            ]);
        }
    }
    runs.push(vec!["check", &evil, "--expect", &expected]);
    runs.push(vec!["try", "--timeline", HOSTILE, "--expect", &expected]);
    runs.push(vec!["show", &evil, HOSTILE]);
    runs.push(vec!["show", &evil, "--since", HOSTILE]);
    runs.push(vec![HOSTILE]);
    runs.push(vec!["record", "-n", HOSTILE, "-o", &again]);
    runs.push(vec!["record", "pods", "-o", &again, "--kubeconfig", &named]);
    runs.push(vec!["import", HOSTILE, "-o", &again]);
    for arguments in &runs {
        let piped = statetrail(arguments);
        if arguments[0] == "check" && arguments[1] == evil && arguments[2] == "-o" {
            let code = piped.status.code();
            assert!(matches!(code, Some(1 | 3)), "{arguments:?} is judged: {}", String::from_utf8_lossy(&piped.stderr));
        }
        assert_clean(&format!("{arguments:?} stdout"), &piped.stdout);
        assert_clean(&format!("{arguments:?} stderr"), &piped.stderr);
        assert!(!piped.stdout.contains(&0x1b) && !piped.stderr.contains(&0x1b), "{arguments:?}");
        assert!(piped.status.code().is_some_and(|code| code <= 4), "{arguments:?}: {:?}", piped.status);
    }
    // All of it on a terminal, in one file, since each run starts a shell.
    for arguments in runs.iter().filter(|run| !run.contains(&&*named)) {
        assert_clean(&format!("{arguments:?} on a terminal"), &on_a_terminal(arguments));
    }
    assert_clean("import", &statetrail(&["import", &raw, "-o", &imported]).stderr);
    assert_clean("import on a terminal", &on_a_terminal(&["import", &raw, "-o", &again]));

    // The text is shown with its characters escaped, and JSON contains the original strings.
    let shown = String::from_utf8(statetrail(&["show", &evil]).stdout).expect("UTF-8");
    assert!(shown.contains(r"\u{9b}31m\u{61c}\u{200b}"), "{shown}");
    let lines = String::from_utf8(statetrail(&["show", &evil, "-o", "json"]).stdout).expect("UTF-8");
    let phases = lines.lines().map(|line| serde_json::from_str::<Value>(line).expect("JSON"));
    assert!(phases.clone().any(|line| line["to"] == json!(format!("=Phase{HOSTILE}"))), "{lines}");
    let csv = String::from_utf8(statetrail(&["show", &evil, "-o", "csv"]).stdout).expect("UTF-8");
    for formula in ["'=Phase", "'@R", "'+1", "'-mark"] {
        assert!(csv.contains(&format!(",{formula}")), "{formula}: {csv}");
    }
    assert!(csv.contains("'=instance"), "{csv}");
    for row in csv::Reader::from_reader(csv.as_bytes()).records() {
        let row = row.expect("a row");
        assert!(row.iter().all(|cell| !cell.starts_with(['=', '@', '+', '-'])), "{row:?}");
    }
}

#[test]
fn a_reader_may_close_the_pipe_early() {
    let folder = tempfile::tempdir().expect("a folder");
    let evil = folder.path().join("evil.jsonl");
    sealed(&evil, &stranger());
    let lines = [
        "completions bash",
        "completions zsh",
        "completions fish",
        "completions elvish",
        "completions powershell",
        "--help",
        "record --help",
        "--version",
        "verify FILE",
        "verify FILE -o json",
        "show FILE",
        "show FILE -o json",
        "check FILE -o junit -e EXPECTED",
        "check FILE -e EXPECTED",
        "nonsense",
        "import FILE -o OUT",
        "verify OUT",
    ];
    let expected = folder.path().join("expected.yaml");
    fs::write(&expected, "expectations:\n- pods phase: Failed\n").expect("a file");
    for line in lines {
        let (reader, writer) = std::io::pipe().expect("a pipe");
        drop(reader);
        let mut command = Command::new(env!("CARGO_BIN_EXE_statetrail"));
        for word in line.split(' ') {
            match word {
                "FILE" => command.arg(&evil),
                "EXPECTED" => command.arg(&expected),
                "OUT" => command.arg(folder.path().join("out.jsonl")),
                word => command.arg(word),
            };
        }
        // Standard error is closed too; a panic would show as exit code 101.
        command.stdin(Stdio::null()).stdout(writer.try_clone().expect("a pipe")).stderr(writer);
        let code = command.status().expect("the program").code();
        assert!(code.is_some_and(|code| code <= 4), "{line}: {code:?}");
    }
}

#[test]
fn a_file_size_limit_ends_a_command_with_an_error_as_a_full_disk_does() {
    let folder = tempfile::tempdir().expect("a folder");
    let script = "ulimit -f 1; exec \"$0\" completions bash > \"$1\"";
    let mut command = Command::new("sh");
    command.args(["-c", script, env!("CARGO_BIN_EXE_statetrail")]).arg(folder.path().join("script"));
    let output = command.stdin(Stdio::null()).output().expect("a shell");
    let words = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(4), "{}: {words}", output.status);
    assert!(words.contains("File too large"), "{words}");
}

/// A recording is written to standard output unless that is a terminal.
const RECORDED: &str = "recording/writer.rs";

/// Raw watch output with a pod.
fn raw(folder: &Path) -> String {
    let path = folder.join("pods.jsonl");
    let pod = r#"{"type":"ADDED","object":{"apiVersion":"v1","kind":"Pod","metadata":{"name":"a","namespace":"n",
        "uid":"u","resourceVersion":"1","creationTimestamp":"2026-01-01T00:00:00Z"},"status":{"phase":"Pending"}}}"#;
    fs::write(&path, pod.replace('\n', "") + "\n").expect("a file");
    path.to_str().expect("UTF-8").to_owned()
}

#[test]
fn a_recording_is_not_written_to_a_terminal() {
    let folder = tempfile::tempdir().expect("a folder");
    let import = ["import", &raw(folder.path()), "-o", "-"];
    let piped = statetrail(&import);
    assert!(piped.status.success() && piped.stdout.starts_with(b"{\"format\""), "{piped:?}");
    let told = String::from_utf8_lossy(&on_a_terminal(&import)).into_owned();
    assert!(told.contains("it is a terminal; pipe the recording to a program") && !told.contains("format"), "{told}");
}

#[test]
fn a_recording_whose_reader_left_ends_quietly_and_is_not_called_whole() {
    let folder = tempfile::tempdir().expect("a folder");
    let (reader, writer) = std::io::pipe().expect("a pipe");
    drop(reader);
    let mut command = Command::new(env!("CARGO_BIN_EXE_statetrail"));
    command.args(["import", &raw(folder.path()), "-o", "-"]).stdin(Stdio::null()).stdout(writer);
    let output = command.stderr(Stdio::piped()).spawn().and_then(std::process::Child::wait_with_output);
    let output = output.expect("the program");
    assert_eq!((output.status.code(), String::from_utf8_lossy(&output.stderr).as_ref()), (Some(3), ""));
}

#[test]
fn all_output_passes_the_printer() {
    let mut found = Vec::new();
    let mut folders = vec![PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/src"))];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).expect("a folder") {
            let path = entry.expect("an entry").path();
            if path.is_dir() {
                folders.push(path);
            } else if !["cli/printer.rs", "cli/terminal.rs", RECORDED].iter().any(|own| path.ends_with(own)) {
                let text = fs::read_to_string(&path).expect("UTF-8");
                let direct = ["print!(", "println!(", "io::stdout()", "io::stderr()", "dbg!("];
                let prints =
                    |line: &&str| direct.iter().any(|direct| line.contains(direct)) && !line.trim().starts_with("//");
                found.extend(text.lines().filter(prints).map(|line| format!("{}: {line}", path.display())));
            }
        }
    }
    assert_eq!(found, [""; 0], "use cli::printer");
}
