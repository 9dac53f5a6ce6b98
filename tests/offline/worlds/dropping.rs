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

/// Standings after each entry of a recording, and at its end.
fn standings(whole: &FoldedRecording, program: &Arc<Program>, keeps: usize) -> (Vec<Vec<Judgement>>, usize) {
    let mut judge = Judge::new(Arc::clone(program));
    judge.keep(keeps);
    if let Some((line, at)) = whole.fold.other_clock() {
        judge.unmeasured_since(line, at);
    }
    let now = whole.last.map_or(whole.header.started, |last| last.at);
    let ends = || Ends::new(whole.fold.coverage(), now);
    let mut all = Vec::new();
    for entry in &whole.entries {
        judge.push(entry);
        all.push(judge.standings(ends()));
    }
    let outcomes = judge.verdicts(ends());
    all.push(outcomes.iter().map(|outcome| outcome.standing).collect());
    (all, judge.dropped())
}

#[test]
fn dropping_subjects_changes_no_verdict_at_any_entry() {
    let wanted = number("STATETRAIL_WORLDS").map_or(WORLDS, |worlds| worlds / 50);
    let (mut dropped, mut tally) = (0, Tally::default());
    for seed in 0..wanted {
        let batch = Batch::drawn(mix(seed / 8), &mut tally);
        let case = Case::drawn(mix(seed ^ 0x0001_e760), &batch);
        let (bytes, ends) = case.recording();
        for lines in [ends.len() - 1, ends.len() / 2] {
            let reader = Reader::new("world", Cursor::new(bytes[..ends[lines]].to_vec())).expect("a recording");
            let whole = folded(reader, |_| true).expect("it has no tracks of its own");
            let (all, none) = (standings(&whole, &batch.program(), usize::MAX), standings(&whole, &batch.program(), 0));
            assert_eq!(all.1, 0);
            dropped += none.1;
            for (at, (kept, gone)) in all.0.iter().zip(&none.0).enumerate() {
                assert_eq!(kept, gone, "seed {seed}, after entry {at}\n{}", String::from_utf8_lossy(&bytes));
            }
        }
    }
    assert!(dropped > usize::try_from(wanted).expect("small") / 10, "{dropped} were dropped");
}
