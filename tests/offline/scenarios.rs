//! Golden scenarios: recordings, of real clusters unless their README says otherwise, and their reviewed timelines.
//!
//! A folder of tests/scenarios is one scenario: `recording.jsonl` (or `.zst`), `timeline.jsonl` as `show -o json`
//! prints it, and a README that says what happens. If there is `expectations.yaml`, `verdicts.txt` is the output of
//! `check`. `UPDATE_SCENARIOS=1` rewrites timelines and verdicts; review the difference.

use crate::recorder::Recording;
use statetrail::expectation::{Program, Source};
use statetrail::recording::Reader;
use statetrail::run;
use statetrail::view::{Style, json, verdict};
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

fn folders() -> Vec<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/scenarios");
    let mut folders: Vec<PathBuf> =
        fs::read_dir(root).unwrap().map(|entry| entry.unwrap().path()).filter(|path| path.is_dir()).collect();
    folders.sort();
    folders
}

fn recording(folder: &Path) -> PathBuf {
    let plain = folder.join("recording.jsonl");
    if plain.exists() { plain } else { folder.join("recording.jsonl.zst") }
}

fn timeline(recording: &Path) -> String {
    let recording = Recording::read(recording);
    assert_eq!(recording.torn, None);
    let mut text = Vec::new();
    for entry in &recording.timeline {
        json::entry(entry, &mut text).unwrap();
    }
    String::from_utf8(text).unwrap()
}

/// The first lines in which two timelines differ.
fn difference(expected: &str, found: &str) -> String {
    let (mut expected, mut found) = (expected.lines(), found.lines());
    for number in 1.. {
        match (expected.next(), found.next()) {
            (None, None) => break,
            (expected, found) if expected == found => {}
            (expected, found) => {
                let [expected, found] = [expected, found].map(|line| line.unwrap_or("(nothing)"));
                return format!("line {number}\n  expected {expected}\n  found    {found}");
            }
        }
    }
    "only in line ends".to_owned()
}

#[test]
fn every_recorded_story_folds_into_its_reviewed_timeline() {
    let update = std::env::var_os("UPDATE_SCENARIOS").is_some();
    let folders = folders();
    assert!(folders.len() >= 15, "{} scenarios", folders.len());
    let mut wrong = Vec::new();
    for folder in &folders {
        let name = folder.file_name().unwrap().to_string_lossy();
        let readme = fs::read_to_string(folder.join("README.md")).unwrap_or_default();
        assert!(readme.trim().len() > 40, "{name}: its README.md does not say what happens in it");
        let found = timeline(&recording(folder));
        assert!(!found.is_empty(), "{name}: nothing happens in it");
        let file = folder.join("timeline.jsonl");
        if update {
            fs::write(&file, &found).unwrap();
        }
        let expected = fs::read_to_string(&file).unwrap_or_else(|error| panic!("{}: {error}", file.display()));
        if expected != found {
            wrong.push(format!("{name}: {}", difference(&expected, &found)));
        }
    }
    assert!(
        wrong.is_empty(),
        "{} of {} scenarios are not as they were reviewed (UPDATE_SCENARIOS=1 rewrites their timelines):\n{}",
        wrong.len(),
        folders.len(),
        wrong.join("\n")
    );
}

/// The output of `check` for a scenario's expectations.
fn verdicts(folder: &Path, expectations: &Path) -> String {
    let text = fs::read_to_string(expectations).unwrap();
    let source = Source::Document { name: "expectations.yaml", text: &text };
    let program = Program::compile([source]).unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
    let judged = run::judge(Reader::open(&recording(folder)).unwrap(), Arc::new(program)).unwrap();
    let judged_recordings = [verdict::Judged::recording(None, &judged.outcomes, &judged.entries)];
    let mut said = Vec::new();
    verdict::write(verdict::Format::Text, &judged_recordings, &Style::default(), &mut said).unwrap();
    String::from_utf8(said).unwrap()
}

#[test]
fn every_expectation_of_a_story_has_its_reviewed_verdict() {
    let update = std::env::var_os("UPDATE_SCENARIOS").is_some();
    let (mut judged, mut wrong) = (0, Vec::new());
    for folder in folders() {
        let expectations = folder.join("expectations.yaml");
        if !expectations.exists() {
            continue;
        }
        judged += 1;
        let (file, found) = (folder.join("verdicts.txt"), verdicts(&folder, &expectations));
        if update {
            fs::write(&file, &found).unwrap();
        }
        let expected = fs::read_to_string(&file).unwrap_or_else(|error| panic!("{}: {error}", file.display()));
        if expected != found {
            wrong.push(format!("{}: {}", folder.display(), difference(&expected, &found)));
        }
    }
    assert!(judged >= 4, "{judged} stories have expectations");
    assert!(wrong.is_empty(), "verdicts are not as they were reviewed:\n{}", wrong.join("\n"));
}
