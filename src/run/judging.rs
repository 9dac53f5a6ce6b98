//! Judges expectations on the file of a recording, complete or still growing.

use super::error::Error;
use super::folded::{FoldedRecording, folded};
use super::horizon::Horizon;
use crate::expectation::{Judge, Judgement, Outcome, Program};
use crate::observation::Stamp;
use crate::recording::{self, Header, Reader, Torn};
use crate::timeline::Entry;
use std::sync::Arc;
use std::time::Duration;

/// The result of judging a recording.
#[derive(Debug)]
pub struct Judged {
    /// Its first line.
    pub header: Header,
    /// Its timeline.
    pub entries: Vec<Entry>,
    /// The outcome of each expectation, in their order.
    pub outcomes: Vec<Outcome>,
    /// What was truncated at its end.
    pub torn: Option<Torn>,
    /// True when it has no last line.
    pub open: bool,
    /// Why it could not be read further; the outcomes are about the lines before.
    pub damage: Option<recording::Error>,
}

/// Judges all expectations of a program in one pass over a recording, as far as its lines are valid.
///
/// # Errors
/// A custom track in its header has an invalid path.
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

/// Lines are missing, so everything about the expectation's subjects is unknown.
fn undecide(outcome: &mut Outcome, missing: &str) {
    let reason = format!("lines of the recording are missing: {missing}");
    for clause in &mut outcome.clauses {
        clause.standing = Judgement::INCONCLUSIVE;
        clause.reason = Some(reason.clone());
        clause.traces.clear();
    }
    outcome.standing = Judgement::INCONCLUSIVE;
    outcome.explained = false;
    outcome.reason = reason;
}

/// A recording as far as it is written, and a judge that has read it.
pub(super) struct Read {
    pub whole: FoldedRecording,
    pub judge: Judge,
    pub horizon: Horizon,
}

/// Lets a judge read a recording, as far as its lines are valid.
///
/// # Errors
/// A custom track in its header has an invalid path.
pub(super) fn read(reader: Reader, program: Arc<Program>) -> Result<Read, Error> {
    let whole = folded(reader, |_| true)?;
    let mut judge = Judge::new(program);
    if !whole.is_measured() {
        judge.without_clock();
    }
    whole.entries.iter().for_each(|entry| judge.push(entry));
    let now = whole.last.unwrap_or(Stamp { at: whole.header.started, elapsed: Duration::ZERO });
    let horizon = Horizon::of(&whole.fold, whole.seq, now);
    Ok(Read { whole, judge, horizon })
}
