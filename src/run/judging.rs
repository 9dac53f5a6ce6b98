//! Judges expectations on the file of a recording, complete or still growing.

use super::error::Error;
use super::folded::{FoldedRecording, folded, lines, opened, reread};
use super::horizon::Horizon;
use crate::expectation::{Doubt, Judge, Judgement, Outcome, Program, Words};
use crate::kinds::Definitions;
use crate::observation::Stamp;
use crate::recording::{self, Clock, Header, Reader, Torn};
use crate::timeline::{Entry, SETTLE, Sorting};
use crate::view::verdict;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

/// The result of judging a recording.
#[derive(Debug)]
pub struct Judged {
    /// Its first line.
    pub header: Header,
    /// Its timeline; of a long one, only the entries that explanations of the outcomes may show.
    pub entries: Vec<Entry>,
    /// The outcome of each expectation, in their order.
    pub outcomes: Vec<Outcome>,
    /// What was truncated at its end.
    pub torn: Option<Torn>,
    /// True when it has no last line, and more may come. False for a damaged one: nothing more will be read of it.
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
    let outcomes = horizon.ask(&mut judge, Judge::verdicts);
    Ok(judged(whole, outcomes, horizon.open))
}

/// Judges all expectations of a program on the recording in a file. A timeline of more than [`MOST_ENTRIES`] entries is
/// not held: the file is read three times instead. A pipe is read once, and its timeline held. `tracks` are added to
/// those that the recorder defined, and the words of the recording to `words`.
///
/// # Errors
/// When it is not a recording, can no longer be read, or a custom track in its header has an invalid path.
pub fn judge_file(
    path: &Path,
    program: Arc<Program>,
    tracks: &Definitions,
    words: &mut Words,
) -> Result<Judged, Error> {
    judge_within((path, tracks), program, words, if path.is_file() { MOST_ENTRIES } else { usize::MAX })
}

/// Most entries of a timeline that are held.
const MOST_ENTRIES: usize = 100_000;

fn judge_within(
    of: (&Path, &Definitions),
    program: Arc<Program>,
    words: &mut Words,
    most: usize,
) -> Result<Judged, Error> {
    let mut sorting = Sorting::of_at_most(most, SETTLE);
    let mut whole = lines(opened(of)?, |placed| {
        words.entry(&placed.entry);
        sorting.push(placed, |_| true);
    })?;
    whole.header.watches.iter().for_each(|watch| words.watch(watch));
    let misplaced = match sorting.finish_all() {
        Ok(entries) => {
            whole.entries = entries;
            None
        }
        Err(misplaced) => Some(misplaced),
    };
    let Read { mut whole, mut judge, horizon } = Read::of(whole, program);
    if let Some(misplaced) = misplaced.clone() {
        reread(opened(of)?, whole.seq, misplaced, |entry| judge.push(&entry))?;
    }
    let outcomes = horizon.ask(&mut judge, Judge::verdicts);
    if let Some(misplaced) = misplaced {
        let beside = verdict::Beside::of(&outcomes);
        let seq = whole.seq;
        reread(opened(of)?, seq, misplaced, |entry| {
            whole.entries.extend(Some(entry).filter(|entry| beside.shows(entry)));
        })?;
    }
    Ok(judged(whole, outcomes, horizon.open))
}

fn judged(whole: FoldedRecording, mut outcomes: Vec<Outcome>, open: bool) -> Judged {
    let FoldedRecording { header, entries, missing, torn, damage, .. } = whole;
    if let Some(missing) = missing {
        outcomes.iter_mut().for_each(|outcome| undecide(outcome, &missing));
    }
    if let Some(damage) = &damage {
        outcomes.iter_mut().for_each(|outcome| blame(outcome, damage));
    }
    Judged { header, entries, outcomes, torn, open, damage }
}

/// Lines are missing, so everything about the expectation's subjects is unknown.
fn undecide(outcome: &mut Outcome, missing: &str) {
    let reason = format!("lines of the recording are missing: {missing}");
    for clause in &mut outcome.clauses {
        clause.standing = Judgement::INCONCLUSIVE;
        clause.reason = Some(reason.clone());
        clause.traces.clear();
        clause.beyond.clear();
    }
    outcome.standing = Judgement::INCONCLUSIVE;
    outcome.explained = false;
    outcome.reason = reason;
}

/// Where the unproven end is in doubt, the damage is why.
fn blame(outcome: &mut Outcome, damage: &recording::Error) {
    let Some((line, _)) = damage.place() else { return };
    let traces = outcome.clauses.iter_mut().flat_map(|clause| &mut clause.traces);
    for explanation in traces.filter_map(|trace| trace.explanation.as_mut()) {
        if explanation.doubt == Some(Doubt::Unfenced) {
            explanation.doubt = Some(Doubt::Damaged { line });
        }
    }
}

/// What is known of the times of the timeline.
#[derive(Clone, Copy)]
pub(super) enum Times {
    Known,
    /// None is known.
    Unknown,
    /// Those from a line on are not, because no one clock measured them: the line, and the last time before it.
    Since(u64, jiff::Timestamp),
}

impl Times {
    /// A judge of a timeline with such times, before its first entry.
    pub(super) fn judge(self, program: Arc<Program>) -> Judge {
        let mut judge = Judge::new(program);
        match self {
            Self::Known => {}
            Self::Unknown => judge.without_clock(),
            Self::Since(line, last) => judge.unmeasured_since(line, last),
        }
        judge
    }

    pub(super) fn of(whole: &FoldedRecording) -> Self {
        match whole.fold.other_clock() {
            _ if whole.header.clock != Clock::Receipt => Self::Unknown,
            Some((line, at)) => Self::Since(line, at),
            None => Self::Known,
        }
    }
}

/// A recording as far as it is written, and a judge that has read it.
struct Read {
    pub whole: FoldedRecording,
    pub judge: Judge,
    pub horizon: Horizon,
}

impl Read {
    /// Lets a judge read the entries of a recording.
    fn of(whole: FoldedRecording, program: Arc<Program>) -> Self {
        let mut judge = Times::of(&whole).judge(program);
        whole.entries.iter().for_each(|entry| judge.push(entry));
        let horizon = end(&whole);
        Self { whole, judge, horizon }
    }
}

/// Lets a judge read a recording, as far as its lines are valid.
///
/// # Errors
/// A custom track in its header has an invalid path.
fn read(reader: Reader, program: Arc<Program>) -> Result<Read, Error> {
    Ok(Read::of(folded(reader, |_| true)?, program))
}

/// How far a recording was seen.
pub(super) fn end(whole: &FoldedRecording) -> Horizon {
    let now = whole.last.unwrap_or(Stamp { at: whole.header.started, elapsed: Duration::ZERO });
    match whole.damage {
        Some(_) => Horizon::of_damaged(&whole.fold, whole.seq, now),
        None => Horizon::of(&whole.fold, whole.seq, now),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::expectation::Source;
    use crate::view::Style;

    #[test]
    fn a_recording_that_is_read_again_is_judged_and_explained_like_one_that_is_held() {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("assets/image-pull.jsonl.zst");
        let lines = [
            "vm/vm-imagepull status: Stopped -> Starting -> Running",
            "vm/vm-imagepull status: never ErrImagePull",
            "vm/vm-imagepull status: every ErrImagePull then ImagePullBackOff within 5s",
            "vm/vm-imagepull status: ... -> Paused -> ...",
            "pod phase: ... -> Failed -> ...",
            "vmi phase: never Running",
        ];
        let sources = lines.iter().map(|text| Source::Line { name: "--expect", text });
        let program = Arc::new(Program::compile(sources).expect("they compile"));
        let texts = [usize::MAX, 20, 0].map(|most| {
            let mut words = Words::default();
            let judged = judge_within((&path, &Definitions::default()), Arc::clone(&program), &mut words, most)
                .expect("a recording");
            assert!(most == usize::MAX || judged.entries.len() < 407, "it is not held");
            let one = verdict::Judged::recording(None, &judged.outcomes, &judged.entries);
            [verdict::Format::Text, verdict::Format::Json].map(|format| {
                let mut text = Vec::new();
                verdict::write(format, &[one], &Style::default(), &mut text).expect("it is written");
                String::from_utf8(text).expect("UTF-8")
            })
        });
        assert!(
            ["violated", "inconclusive", "around"].iter().all(|word| texts[0][0].contains(word)),
            "{}",
            texts[0][0]
        );
        assert_eq!(texts[0], texts[1]);
        assert_eq!(texts[0], texts[2]);
    }
}
