//! Whatever bytes the command line is given, the exit code is a documented one and nothing panics.

use std::ffi::OsString;
use std::os::unix::ffi::OsStringExt;
use std::path::Path;
use std::process::{Command, Stdio};

/// A pseudo-random generator, the same in every run.
struct Numbers(u64);

impl Numbers {
    fn below(&mut self, bound: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 % bound as u64).expect("small")
    }

    fn of<'a>(&mut self, words: &[&'a [u8]]) -> &'a [u8] {
        words[self.below(words.len())]
    }
}

const COMMANDS: [&[u8]; 12] = [
    b"record",
    b"watch",
    b"recover",
    b"show",
    b"replay",
    b"import",
    b"verify",
    b"check",
    b"try",
    b"explain",
    b"version",
    b"completions",
];
const FLAGS: [&[u8]; 35] = [
    b"-n",
    b"-A",
    b"-l",
    b"--field-selector",
    b"--track",
    b"--separate-storage",
    b"--kubeconfig",
    b"--context",
    b"--as",
    b"--as-group",
    b"--request-timeout",
    b"--for",
    b"--ready-file",
    b"--capture",
    b"--sync",
    b"--heal-requests",
    b"--since",
    b"--until",
    b"--settle",
    b"-o",
    b"--resume",
    b"--until-expect",
    b"--kind",
    b"--name",
    b"--uid",
    b"--show-track",
    b"--speed",
    b"--expect",
    b"-e",
    b"--timeline",
    b"--resource",
    b"-v",
    b"--help",
    b"--version",
    b"--",
];
const VALUES: [&[u8]; 44] = [
    b"",
    b" ",
    b"a b",
    b"-",
    b"--",
    b"=",
    b"%",
    b"%2",
    b"../..",
    b"/",
    b"//",
    b"a/b/c/d/e",
    b"pods",
    b"pod/",
    b"/web",
    b"pod/a<b>",
    b"a?b=c",
    b"a#b",
    b"x/v1/",
    b"v1/pods/..",
    b"table",
    b"json",
    b"csv",
    b"junit",
    b"0s",
    b"1ns",
    b"99999999999999999999h",
    b"-1",
    b"18446744073709551616",
    b"mark:",
    b"2026-13-45T99:99:99Z",
    b"'",
    b"\"",
    b"a=b,c!=d",
    b"a in (",
    b"pod/* phase: ",
    b"A -> B",
    b"((((((((((",
    b"A{99999999}",
    b"\xff",
    b"a\xffb",
    b"\xed\xa0\x80",
    b"\x1b[2J\xc2\x9b",
    b"\xf0\x9f\xa6\x80\xe2\x80\xae",
];

fn word(numbers: &mut Numbers, file: &Path) -> OsString {
    let bytes = match numbers.below(8) {
        0..3 => numbers.of(&FLAGS).to_vec(),
        3..5 => numbers.of(&VALUES).to_vec(),
        5 => [numbers.of(&VALUES), numbers.of(&VALUES)].concat(),
        6 => return file.into(),
        _ => (0..numbers.below(20)).map(|_| u8::try_from(1 + numbers.below(255)).expect("a byte")).collect(),
    };
    OsString::from_vec(bytes.into_iter().filter(|byte| *byte != 0).collect())
}

#[test]
fn any_bytes_have_a_documented_exit_code_and_nothing_panics() {
    let folder = tempfile::tempdir().expect("a folder");
    let recording = folder.path().join("run.jsonl");
    let scenario = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/scenarios/bad-command/recording.jsonl");
    std::fs::copy(scenario, &recording).expect("a recording");
    let mut numbers = Numbers(0x9e37_79b9_7f4a_7c15);
    for _ in 0..600 {
        let mut arguments = vec![OsString::from_vec(numbers.of(&COMMANDS).to_vec())];
        arguments.extend((0..numbers.below(7)).map(|_| word(&mut numbers, &recording)));
        let mut command = Command::new(env!("CARGO_BIN_EXE_statetrail"));
        // There is no cluster: a command that gets that far exits with 4.
        command.args(&arguments).current_dir(folder.path()).env("HOME", folder.path()).env("KUBECONFIG", "none");
        command.env_remove("KUBERNETES_SERVICE_HOST").stdin(Stdio::null());
        let output = command.output().expect("the program");
        let said = String::from_utf8(output.stderr).unwrap_or_else(|error| panic!("{arguments:?}: {error}"));
        assert!(output.status.code().is_some_and(|code| code <= 4), "{arguments:?}: {:?} {said}", output.status);
        assert!(!said.contains("panicked"), "{arguments:?}: {said}");
        assert!(!said.contains(['\x1b', '\u{9b}', '\u{202e}']), "{arguments:?}: {said:?}");
    }
}

#[test]
fn flags_that_a_resumed_recording_cannot_take_are_refused_with_what_to_do() {
    for flags in [
        &["--since", "5m"][..],
        &["--capture", "full"],
        &["--capture", "status"],
        &["--no-history"],
        &["-l", "app=web"],
        &["--track", "a=.status.a"],
        &["-n", "shop"],
        &["-o", "other.jsonl"],
        &["--until-expect", "goals.yaml"],
        &["pods"],
    ] {
        let mut command = Command::new(env!("CARGO_BIN_EXE_statetrail"));
        command.args(["record", "--resume", "run.jsonl"]).args(flags).stdin(Stdio::null());
        let output = command.output().expect("the program");
        let said = String::from_utf8(output.stderr).expect("UTF-8");
        assert_eq!(output.status.code(), Some(2), "{flags:?}: {said}");
        assert!(said.contains("start another recording with --output"), "{flags:?}: {said}");
    }
    // What a recorder may choose each time is taken, and only the file is missing.
    let mut command = Command::new(env!("CARGO_BIN_EXE_statetrail"));
    let flags = ["--heal-requests", "5", "--heal-revisions", "5", "--sync", "always", "--for", "1s", "--settle", "1s"];
    command.args(["record", "--resume", "none.jsonl"]).args(flags).env("KUBECONFIG", "none").stdin(Stdio::null());
    assert_eq!(command.output().expect("the program").status.code(), Some(4));
}

/// No certificate is checked, and a small machine may have no authorities.
#[cfg(target_os = "linux")]
#[test]
fn a_source_of_the_machine_needs_no_certificate_authorities() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut command = Command::new(env!("CARGO_BIN_EXE_statetrail"));
    command.arg("record").arg(format!("runc:{}", folder.path().display())).args(["--for", "1ms", "-o", "-"]);
    command.env("HOME", folder.path()).env_remove("KUBECONFIG").stdin(Stdio::null());
    command.env("SSL_CERT_FILE", "/nonexistent").env("SSL_CERT_DIR", "/nonexistent");
    let output = command.output().expect("the program");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}
