//! Expectations over a recording that lies in a file, whole or still growing.

use super::error::Error;
use super::folded::{FoldedRecording, folded};
use super::horizon::Horizon;
use crate::expectation::{Judge, Judgement, Outcome, Program};
use crate::observation::Stamp;
use crate::recording::{self, Header, Reader, Torn};
use crate::timeline::Entry;
use std::sync::Arc;
use std::time::Duration;

/// A recording, judged.
#[derive(Debug)]
pub struct Judged {
    /// Its first line.
    pub header: Header,
    /// Its timeline.
    pub entries: Vec<Entry>,
    /// What is said of each expectation, in their order.
    pub outcomes: Vec<Outcome>,
    /// What was cut off at its end.
    pub torn: Option<Torn>,
    /// Its recorder had not ended it.
    pub open: bool,
    /// Why it could not be read further: what is said is about the lines before.
    pub damage: Option<recording::Error>,
}

/// Judges all expectations of a program in one pass over a recording, as far as its lines are good.
///
/// # Errors
/// When a track of the user's own in its header has no valid path.
pub fn judge(reader: Reader, program: Arc<Program>) -> Result<Judged, Error> {
    let Read { whole, mut judge, horizon } = read(reader, program)?;
    let open = horizon.open;
    let mut outcomes = horizon.ask(&mut judge, Judge::verdicts);
    let FoldedRecording { header, entries, missing, torn, damage, .. } = whole;
    if let Some(missing) = missing {
        outcomes.iter_mut().for_each(|outcome| undecide(outcome, &missing));
    }
    Ok(Judged { header, entries, outcomes, torn, open, damage })
}

/// Lines are missing: what they said of anything that an expectation is about is not known.
fn undecide(outcome: &mut Outcome, missing: &str) {
    let reason = format!("lines of the recording are missing, and what they said is not known: {missing}");
    for clause in &mut outcome.clauses {
        clause.standing = Judgement::INCONCLUSIVE;
        clause.reason = Some(reason.clone());
        clause.words.clear();
    }
    outcome.standing = Judgement::INCONCLUSIVE;
    outcome.explained = false;
    outcome.reason = reason;
}

/// A recording as far as it is written, and a judge that has seen it.
pub(super) struct Read {
    pub whole: FoldedRecording,
    pub judge: Judge,
    pub horizon: Horizon,
}

/// Shows a judge all that a recording has, as far as its lines are good.
///
/// # Errors
/// When a track of the user's own in its header has no valid path.
pub(super) fn read(reader: Reader, program: Arc<Program>) -> Result<Read, Error> {
    let whole = folded(reader, |_| true)?;
    let mut judge = Judge::new(program);
    if whole.header.clock == recording::Clock::Server || whole.has_two_clocks {
        judge.without_clock();
    }
    whole.entries.iter().for_each(|entry| judge.push(entry));
    let now = whole.last.unwrap_or(Stamp { at: whole.header.started, elapsed: Duration::ZERO });
    let horizon = Horizon::of(&whole.fold, whole.seq, now);
    Ok(Read { whole, judge, horizon })
}
