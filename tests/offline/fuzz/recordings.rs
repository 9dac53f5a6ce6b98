//! Recordings: the reader, the fold over what it reads, verification, views, and the judge on top.

use super::change::Changer;
use super::runner::{self, Target, shape};
use super::words::RECORDING;
use statetrail::expectation::{End, Judge, Program, Source, Words};
use statetrail::recording::Reader;
use statetrail::run;
use statetrail::view::json;
use std::io::Cursor;
use std::path::Path;
use std::sync::{Arc, LazyLock};

static PROGRAM: LazyLock<Arc<Program>> = LazyLock::new(|| {
    let text = "apiVersion: statetrail/v1\nkind: Expectation\nmetadata: {name: x}\n\
                subjects: {vm: {kind: vm, quantify: each, min: 0}, pod: {kind: Pod, ownedBy: vm, quantify: each, min: 0}, any: {kind: Pod}}\n\
                window: {from: created, max: 15m}\nexpect:\n\
                - {track: vm.status, path: \"... -> (ErrImagePull -> ImagePullBackOff){2,} within 11m -> ...\"}\n\
                - {track: any.container/*, count: {restart: {max: 2}}}\n\
                - {track: any.phase, every: Pending, then: Running, within: 30s}\n\
                - {enter: vm.status=Running, onlyAfter: pod.phase=Running}\n\
                - {quiet: [\"*\"], after: any.lifecycle=Deleted}\n";
    let line = "pod phase: ... -> Running for >=1s -> ...";
    let sources = [Source::Document { name: "x", text }, Source::Line { name: "y", text: line }];
    Arc::new(Program::compile(sources).unwrap_or_else(|error| panic!("{error}")))
});

/// The recordings of the scenarios; long ones are truncated.
fn scenarios() -> Vec<Vec<u8>> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/scenarios");
    let mut folders: Vec<_> = std::fs::read_dir(root).unwrap().map(|entry| entry.unwrap().path()).collect();
    folders.sort();
    let mut found = Vec::new();
    for folder in folders {
        if let Ok(plain) = std::fs::read(folder.join("recording.jsonl")) {
            let lines: Vec<&[u8]> = plain.split_inclusive(|byte| *byte == b'\n').collect();
            found.push(lines.iter().take(12).copied().collect::<Vec<_>>().concat());
            found.push([&lines[..1], &lines[lines.len().saturating_sub(8)..]].concat().concat());
        } else if let Ok(packed) = std::fs::read(folder.join("recording.jsonl.zst")) {
            found.push(packed);
        }
    }
    found
}

/// In most cases gives every line its correct checksum, to reach the code after the check.
fn sealed(input: Vec<u8>, random: u64) -> Vec<u8> {
    if random.is_multiple_of(8) {
        return input;
    }
    let mut running = 0;
    let mut sealed = Vec::with_capacity(input.len() + 64);
    for line in input.split_inclusive(|byte| *byte == b'\n') {
        let whole = line.strip_suffix(b"\n");
        let line = whole.unwrap_or(line);
        let body = match line.len().checked_sub(18).map(|at| line.split_at(at)) {
            Some((body, tail)) if tail.starts_with(b",\"crc\":\"") => body,
            _ => line.strip_suffix(b"}").unwrap_or(line),
        };
        running = crc32c::crc32c_append(running, body);
        sealed.extend_from_slice(body);
        sealed.extend_from_slice(format!(",\"crc\":\"{running:08x}\"}}").as_bytes());
        if whole.is_some() || random.is_multiple_of(3) {
            sealed.push(b'\n');
        }
    }
    sealed
}

fn answer(input: &[u8]) -> String {
    let open = || Reader::new("fuzz", Cursor::new(input.to_vec()));
    let whole = match open().map(|reader| run::folded(reader, |_| true)) {
        Ok(Ok(whole)) => whole,
        Ok(Err(error)) => return error_shape(&error),
        Err(error) => return error_shape(&error),
    };
    let (verified, damage) = run::verify(open().expect("it was opened before")).expect("it was folded before");
    assert_eq!(damage.is_some(), whole.damage.is_some());
    let end = damage.map_or("whole".to_owned(), |damage| error_shape(&damage));
    let mut words = Words::default();
    whole.header.watches.iter().for_each(|watch| words.watch(watch));
    let mut judge = Judge::new(Arc::clone(&PROGRAM));
    let mut text = Vec::new();
    for entry in &whole.entries {
        json::entry(entry, &mut text).unwrap();
        words.entry(entry);
        judge.push(entry);
    }
    let at = 1_800_000_000_000_000;
    let mut verdicts = String::new();
    for end in [End::Open { now: at, alive: at }, End::Closed { at }, End::Unfenced] {
        for outcome in judge.verdicts(&end) {
            assert!(!outcome.reason.is_empty());
            verdicts.push_str(outcome.standing.verdict.as_str());
        }
    }
    let unknown = PROGRAM.unknown_words(&words).len();
    format!("{end} {} {} {verdicts} {unknown}", whole.seq.min(3), verified.complete)
}

/// An error with its causes, without the parts that depend on the input.
fn error_shape(error: &dyn std::error::Error) -> String {
    let mut chain = shape(&error.to_string());
    let mut cause = error.source();
    while let Some(error) = cause {
        chain.push_str(&shape(&error.to_string()));
        cause = error.source();
    }
    assert!(!chain.is_empty());
    chain
}

#[test]
fn recordings_of_any_shape_are_read_as_far_as_they_go() {
    runner::run(Target {
        name: "recordings",
        seeds: scenarios(),
        changer: Changer::of(RECORDING).lines(sealed),
        answer,
    });
}
