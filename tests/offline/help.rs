//! The help of every command, and the completions of shells.

use std::path::Path;
use std::process::{Command, Stdio};

const COMMANDS: [&str; 13] = [
    "",
    "record",
    "watch",
    "recover",
    "show",
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
    let script = help(&["completions", "bash"], 80);
    let quoted: Vec<String> = words.iter().map(|word| format!("'{word}'")).collect();
    let [.., previous, current] = quoted.as_slice() else { panic!("two words at least") };
    let ask = format!(
        "{script}\nCOMP_WORDS=({}); COMP_CWORD={}; COMP_TYPE=9; COMPREPLY=()
         _clap_complete_statetrail statetrail {current} {previous}
         printf '%s\n' \"${{COMPREPLY[@]}}\"",
        quoted.join(" "),
        words.len() - 1
    );
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
        ["table", "wide", "log", "summary", "json", "yaml", "csv"]
    );
    assert_eq!(completed(&["statetrail", "show", "--output", "y"]), ["yaml"]);
    assert_eq!(completed(&["statetrail", "check", "-o", ""]), ["text", "json", "junit"]);
    assert_eq!(completed(&["statetrail", "verify", "-o", ""]), ["text", "json"]);
    assert_eq!(completed(&["statetrail", "version", "-o", ""]), ["text", "json"]);
    assert_eq!(completed(&["statetrail", "explain", "vmi"]), ["vmi", "vmim", "vmirs"]);
    assert_eq!(completed(&["statetrail", "explain", "se"]), ["semantics"]);
    assert_eq!(completed(&["statetrail", "show", "--kind", "po"]), ["pods", "pod"]);
    assert_eq!(completed(&["statetrail", "recover", "pods,vmp"]), ["pods,vmpool"]);
    assert_eq!(completed(&["statetrail", "watch", "--show-track", "condition/Pa"]), ["condition/Paused"]);
    assert_eq!(completed(&["statetrail", "show", "run.jsonl", "--track", "condition/*"]), ["condition/*"]);
    assert_eq!(completed(&["statetrail", "completions", "z"]), ["zsh"]);
    let kinds = completed(&["statetrail", "record", "vm"]);
    assert!(["vmi", "vm", "vmpool"].iter().all(|kind| kinds.iter().any(|offered| offered == kind)), "{kinds:?}");
}

#[test]
fn every_shell_has_a_script_that_asks_the_program() {
    for shell in ["bash", "elvish", "fish", "powershell", "zsh"] {
        let script = help(&["completions", shell], 80);
        assert!(script.contains("STATETRAIL_COMPLETE") && script.contains("statetrail"), "{shell}: {script}");
    }
}
