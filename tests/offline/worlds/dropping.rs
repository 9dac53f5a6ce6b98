//! A judge that drops deleted subjects at once gives the verdicts of one that keeps them all.

use super::case::{Batch, Case, Tally};
use super::chance::mix;
use super::number;
use statetrail::expectation::{Ends, Judge, Judgement, Program};
use statetrail::recording::Reader;
use statetrail::run::{FoldedRecording, folded};
use std::io::Cursor;
use std::sync::Arc;

const WORLDS: u64 = 4_000;

/// Standings at the end of a recording, and how many subjects were dropped before.
fn standings(whole: &FoldedRecording, program: &Arc<Program>, keeps: usize) -> (Vec<Judgement>, usize) {
    let mut judge = Judge::new(Arc::clone(program));
    judge.keep(keeps);
    if let Some((line, at)) = whole.fold.other_clock() {
        judge.unmeasured_since(line, at);
    }
    whole.entries.iter().for_each(|entry| judge.push(entry));
    let now = whole.last.map_or(whole.header.started, |last| last.at);
    let standings = judge.standings(Ends::new(whole.fold.coverage(), now));
    (standings, judge.dropped())
}

#[test]
fn dropping_subjects_changes_no_verdict_after_any_line() {
    let wanted = number("STATETRAIL_WORLDS").map_or(WORLDS, |worlds| worlds / 50);
    let (mut dropped, mut tally) = (0, Tally::default());
    let first = number("STATETRAIL_WORLDS_SEED").unwrap_or(0);
    for seed in first..first + wanted {
        let batch = Batch::drawn(mix(seed / 8), &mut tally);
        let case = Case::drawn(mix(seed ^ 0x0001_e760), &batch);
        let (bytes, ends) = case.recording();
        for (lines, end) in ends.iter().enumerate() {
            let reader = Reader::new("world", Cursor::new(bytes[..*end].to_vec())).expect("a recording");
            let whole = folded(reader, |_| true).expect("it has no tracks of its own");
            let (all, none) = (standings(&whole, &batch.program(), usize::MAX), standings(&whole, &batch.program(), 0));
            assert_eq!(all.1, 0);
            dropped += none.1;
            let told = || format!("{}{}", batch.told(), String::from_utf8_lossy(&bytes));
            assert_eq!(all.0, none.0, "seed {seed}, after line {lines}\n{}", told());
        }
    }
    assert!(dropped > usize::try_from(wanted).expect("small") / 10, "{dropped} were dropped");
}
