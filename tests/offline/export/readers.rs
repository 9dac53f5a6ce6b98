//! Recordings as `show` exports them, and the programs that read exports.

use serde_json::{Value, json};
use std::collections::HashMap;
use std::ffi::OsStr;
use std::fmt::Write as _;
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

/// Where `tests/run` gets the programs from.
const REMEDY: &str = "run the tests with tests/run, or put the folders on PATH that tests/python/build and \
                      tests/export/build print";

pub(super) fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// The recording of a scenario.
pub(super) fn scenario(name: &str) -> PathBuf {
    let found = recordings().into_iter().find(|path| path.parent().is_some_and(|folder| folder.ends_with(name)));
    found.unwrap_or_else(|| panic!("no scenario {name}"))
}

/// The recordings of all scenarios.
pub(super) fn recordings() -> Vec<PathBuf> {
    let folders = fs::read_dir(root().join("tests/scenarios")).expect("scenarios");
    let files = folders.flat_map(|folder| fs::read_dir(folder.expect("readable").path()).expect("a folder"));
    let is_recording =
        |path: &PathBuf| path.file_stem().is_some_and(|name| name.to_string_lossy().starts_with("recording"));
    let mut found: Vec<PathBuf> = files.map(|file| file.expect("readable").path()).filter(is_recording).collect();
    found.sort();
    assert!(found.len() > 30, "{found:?}");
    found
}

/// What `show` prints.
pub(super) fn show(recording: &Path, arguments: &[&str]) -> Vec<u8> {
    let mut command = Command::new(env!("CARGO_BIN_EXE_statetrail"));
    let shown = command.arg("show").arg(recording).args(arguments).stdin(Stdio::null()).output().expect("the program");
    let told = String::from_utf8_lossy(&shown.stderr);
    assert!(shown.status.success(), "{} {arguments:?}: {told}", recording.display());
    shown.stdout
}

/// The lines of `show -o json`.
pub(super) fn entries(recording: &Path, arguments: &[&str]) -> Vec<Value> {
    lines(&show(recording, &[arguments, &["-o", "json"]].concat()))
}

/// The rows of `show -o csv`, by column.
pub(super) fn rows(recording: &Path) -> Vec<HashMap<String, String>> {
    let text = show(recording, &["-o", "csv"]);
    csv::Reader::from_reader(&text[..]).into_deserialize().map(|row| row.expect("a row")).collect()
}

/// Exports of some recordings, in files of a folder.
pub(super) struct Exported {
    /// Ends with this.
    _folder: tempfile::TempDir,
    pub files: Vec<PathBuf>,
}

/// Exports recordings.
pub(super) fn exported(recordings: &[PathBuf], arguments: &[&str]) -> Exported {
    let folder = tempfile::tempdir().expect("a folder");
    let write = |(number, recording): (usize, &PathBuf)| {
        let file = folder.path().join(number.to_string());
        fs::write(&file, show(recording, arguments)).expect("a file");
        file
    };
    let files = recordings.iter().enumerate().map(write).collect();
    Exported { _folder: folder, files }
}

/// The lines of JSON that a program prints for files.
pub(super) fn read(program: &str, before: &[&OsStr], files: &[PathBuf]) -> Vec<Value> {
    let mut command = Command::new(program);
    let read = run(command.args(before).args(files).stdin(Stdio::null()), program);
    lines(&read.stdout)
}

/// The same for a script of Python in tests/export/python.
pub(super) fn read_with_python(script: &str, files: &[PathBuf]) -> Vec<Value> {
    let script = root().join("tests/export/python").join(script);
    read("python3", &[script.as_os_str()], files)
}

/// What a program prints that reads a file from its standard input.
pub(super) fn filtered(program: &str, file: &Path) -> Vec<u8> {
    run(Command::new(program).stdin(File::open(file).expect("an export")), program).stdout
}

fn run(command: &mut Command, program: &str) -> Output {
    let done = command.output().unwrap_or_else(|error| panic!("{program}: {error}: {REMEDY}"));
    let told = String::from_utf8_lossy(&done.stderr);
    assert!(!told.contains("ModuleNotFoundError"), "{program}: {told}: {REMEDY}");
    assert!(done.status.success(), "{program}: {told}");
    done
}

pub(super) fn lines(text: &[u8]) -> Vec<Value> {
    let text = std::str::from_utf8(text).expect("UTF-8");
    text.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect()
}

/// A recording with these lines after its header, with valid checksums.
pub(super) fn sealed(folder: &Path, lines: &[Value]) -> PathBuf {
    let header = json!({"format": "statetrail.recording/v1", "tool": "test", "started": "2026-01-01T00:00:00.000000Z",
        "environment": {}, "watches": [{"group": "", "version": "v1", "resource": "pods", "kind": "Pod"}]});
    let (mut crc, mut text) = (0, String::new());
    for line in [&header].into_iter().chain(lines) {
        let mut line = line.to_string();
        assert_eq!(line.pop(), Some('}'));
        crc = crc32c::crc32c_append(crc, line.as_bytes());
        writeln!(text, "{line},\"crc\":\"{crc:08x}\"}}").expect("a String takes everything");
    }
    let path = folder.join("recording.jsonl");
    fs::write(&path, text).expect("a file");
    path
}

/// A pod whose texts are syntax of many formats, which is not seen for two seconds, and runs again.
pub(super) fn hostile(folder: &Path, text: &str) -> PathBuf {
    let at = |second: u8| format!("2026-01-01T00:00:{second:02}.000000Z");
    let pod = |version: u8, phase: &str| {
        json!({"metadata": {"name": "web", "namespace": "shop", "uid": "u1", "resourceVersion": version.to_string()},
            "status": {"phase": phase, "reason": text, "message": text}})
    };
    let line = |seq: u8, of: &str, more: Value| {
        let mut line = json!({"seq": seq, "at": at(seq), "elapsed": seq, "type": of});
        line.as_object_mut().expect("an object").extend(more.as_object().expect("an object").clone());
        line
    };
    let object = |seq: u8, of: &str, phase: &str| {
        line(seq, of, json!({"watch": 0, "resourceVersion": seq.to_string(), "object": pod(seq, phase)}))
    };
    let lines = [
        line(1, "ATTACHED", json!({"watch": 0, "resourceVersion": "1"})),
        object(2, "ADDED", "Pending"),
        line(3, "MARK", json!({"name": text})),
        object(4, "MODIFIED", &format!("Odd{text}")),
        line(
            6,
            "GAP",
            json!({"watch": 0, "fromResourceVersion": "4", "toResourceVersion": "6", "from": at(5), "to": at(6),
                "cause": "history-expired", "reason": text}),
        ),
        object(7, "MODIFIED", "Running"),
        line(8, "FENCE", json!({"watch": 0, "resourceVersion": "9", "whole": true})),
        line(9, "END", json!({"reason": "signal"})),
    ];
    sealed(folder, &lines)
}
