//! The help of every command, and the completions of shells.

use statetrail::view::Format;
use std::path::Path;
use std::process::{Command, Stdio};

const COMMANDS: [&str; 14] = [
    "",
    "record",
    "watch",
    "recover",
    "show",
    "replay",
    "import",
    "demo",
    "verify",
    "check",
    "try",
    "explain",
    "version",
    "completions",
];

fn help(arguments: &[&str], columns: usize) -> String {
    let mut command = Command::new(env!("CARGO_BIN_EXE_statetrail"));
    let output = command.args(arguments).env("COLUMNS", columns.to_string()).stdin(Stdio::null()).output();
    let output = output.expect("the program");
    assert!(output.status.success(), "{arguments:?}");
    String::from_utf8(output.stdout).expect("UTF-8")
}

/// What follows the options: examples and exit codes.
fn closing(help: &str) -> &str {
    let starts = ["\nExamples:\n", "\nExit codes:"].into_iter().filter_map(|start| help.find(start));
    starts.min().map_or("", |start| &help[start..])
}

#[test]
fn no_line_of_help_is_wider_than_the_terminal_and_examples_are_never_broken() {
    for command in COMMANDS {
        let arguments = |flag| if command.is_empty() { vec![flag] } else { vec![command, flag] };
        for flag in ["-h", "--help"] {
            let wide = help(&arguments(flag), 120);
            for columns in [80, 100, 120] {
                let text = help(&arguments(flag), columns);
                for line in text.lines() {
                    assert!(line.chars().count() <= columns, "{command} {flag} at {columns}: {line}");
                }
                assert_eq!(closing(&text), closing(&wide), "{command} {flag} at {columns}");
            }
        }
    }
}

/// What bash offers for the last of these words.
fn completed(words: &[&str]) -> Vec<String> {
    let quoted: Vec<String> = words.iter().map(|word| format!("'{word}'")).collect();
    ask_bash(&asking(&quoted, words.last().expect("a word")))
}

/// Asks for completions of the last word, of which `current` is to be replaced.
fn asking(quoted: &[String], current: &str) -> String {
    let [.., previous, _] = quoted else { panic!("two words at least") };
    format!(
        "COMP_WORDS=({}); COMP_CWORD={}; COMP_TYPE=9; COMPREPLY=(); _statetrail statetrail '{current}' {previous}",
        quoted.join(" "),
        quoted.len() - 1
    )
}

fn ask_bash(ask: &str) -> Vec<String> {
    let script = help(&["completions", "bash"], 80);
    let ask = format!("{script}\n{ask}\nprintf '%s\\n' \"${{COMPREPLY[@]}}\"");
    let folder = Path::new(env!("CARGO_BIN_EXE_statetrail")).parent().expect("a folder");
    let path = format!("{}:{}", folder.display(), std::env::var("PATH").unwrap_or_default());
    let mut bash = Command::new("bash");
    let output = bash.args(["--norc", "-c", &ask]).env("PATH", path).stdin(Stdio::null()).output().expect("bash");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).expect("UTF-8").lines().map(str::to_owned).collect()
}

#[test]
fn bash_completes_formats_kinds_tracks_and_topics() {
    assert_eq!(
        completed(&["statetrail", "show", "-o", ""]),
        [&Format::ALL.map(Format::as_str)[..], &["html"]].concat()
    );
    assert_eq!(completed(&["statetrail", "show", "--output", "y"]), ["yaml"]);
    assert_eq!(completed(&["statetrail", "check", "-o", ""]), ["text", "json", "junit", "html"]);
    assert_eq!(completed(&["statetrail", "verify", "-o", ""]), ["text", "json"]);
    assert_eq!(completed(&["statetrail", "version", "-o", ""]), ["text", "json"]);
    assert_eq!(completed(&["statetrail", "explain", "vmi"]), ["vmi", "vmim", "vmirs"]);
    assert_eq!(completed(&["statetrail", "explain", "se"]), ["semantics", "server"]);
    assert_eq!(completed(&["statetrail", "show", "--kind", "pods"]), ["pods"]);
    assert_eq!(completed(&["statetrail", "recover", "pods,vmp"]), ["pods,vmpool"]);
    assert_eq!(completed(&["statetrail", "watch", "--show-track", "condition/Pa"]), ["condition/Paused"]);
    assert_eq!(completed(&["statetrail", "show", "run.jsonl", "--track", "condition/*"]), ["condition/*"]);
    assert_eq!(completed(&["statetrail", "completions", "z"]), ["zsh"]);
    let kinds = completed(&["statetrail", "record", "vm"]);
    assert!(["vmi", "vm", "vmpool"].iter().all(|kind| kinds.iter().any(|offered| offered == kind)), "{kinds:?}");
}

/// What bash offers at the end of a line that it has divided itself.
fn completed_line(pieces: &[&str], line: &str) -> Vec<String> {
    let quoted: Vec<String> = pieces.iter().map(|word| format!("'{word}'")).collect();
    let current = if pieces.last() == Some(&"=") { "" } else { pieces[pieces.len() - 1] };
    ask_bash(&format!("COMP_LINE='{line}'; COMP_POINT={}; {}", line.len(), asking(&quoted, current)))
}

#[test]
fn bash_completes_values_after_an_equals_sign_and_replaces_only_what_follows_it() {
    let flag = ["statetrail", "show", "--output", "="];
    assert_eq!(completed_line(&[&flag[..], &["y"]].concat(), "statetrail show --output=y"), ["yaml"]);
    assert_eq!(completed_line(&flag, "statetrail  show --output="), completed(&["statetrail", "show", "-o", ""]));
    let after = [&flag[..], &["json", "--tra"]].concat();
    assert_eq!(completed_line(&after, "statetrail show --output=json --tra"), ["--track"]);
}

#[test]
fn objects_namespaces_and_names_of_a_recording_are_completed() {
    let recording = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/scenarios/vm-imagepull/recording.jsonl.zst");
    let show = |words: &[&str]| completed(&[&["statetrail", "show", recording], words].concat());
    assert_eq!(show(&["vm/"]), ["vm/vm-imagepull"]);
    assert_eq!(show(&["pods,vmi/vm"]), ["pods,vmi/vm-imagepull"]);
    assert_eq!(show(&["vm", "v"]), ["vm-imagepull"]);
    assert_eq!(show(&["-n", ""]), ["story"]);
    assert_eq!(show(&["--name", "vm-i"]), ["vm-imagepull"]);
    assert_eq!(completed(&["statetrail", "replay", recording, "vm/"]), ["vm/vm-imagepull"]);
    assert_eq!(completed(&["statetrail", "explain", "vm.st"]), ["vm.status"]);
}

#[test]
fn every_shell_has_a_script_that_asks_the_program() {
    for shell in ["bash", "elvish", "fish", "powershell", "zsh"] {
        let script = help(&["completions", shell], 80);
        assert!(script.contains("STATETRAIL_COMPLETE") && script.contains("statetrail"), "{shell}: {script}");
    }
}
