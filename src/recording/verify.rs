//! Verifies whether a recording is whole: per watch, from its attachment to its fence, without a gap.
//!
//! It proves what the file can prove: that no line was removed, moved or altered (the reader's checksums, and `seq`),
//! that every stream was resumed where it had stopped, and that the fence at the end found nothing missing.

use super::header::Header;
use super::reader::Record;
use crate::observation::{
    Change, ObjectEvent, Observation, Payload, Position, Problem, ResourceVersion, Watch, WatchId,
};
use jiff::Timestamp;
use serde::Serialize;
use std::time::Duration;

/// What a recording proves about one watch.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Chain {
    /// The resource as kubectl writes it.
    pub resource: String,
    /// What is selected of it, as on the command line: `pods`, `pods/web`, `pods -l app=web`.
    pub selected: String,
    /// The name of its only object, if it selects one by its name.
    pub object: Option<String>,
    /// Empty for all namespaces.
    pub namespace: String,
    /// Version of the first list; none if it was never attached.
    pub from_resource_version: Option<ResourceVersion>,
    /// Version up to which it is known.
    pub to_resource_version: Option<ResourceVersion>,
    /// Number of objects that were delivered, including listed ones.
    pub events: u64,
    /// How often the stream was resumed without a loss.
    pub reconnects: u64,
    /// Number of gaps.
    pub gaps: u64,
    /// How often something was lost and read back completely from the server's history.
    pub healed: u64,
    /// Lines that could not be decoded.
    pub undecodable: u64,
    /// Whether the fence at the end found nothing missing.
    pub fenced: bool,
    /// The server does not serve it: there was nothing to see.
    pub not_served: bool,
    /// It is a source that is not an API server.
    #[serde(skip)]
    pub is_source: bool,
    /// Why it is not whole; empty when it is.
    pub problems: Vec<String>,
}

/// How many problems of a watch, and of a file, are listed.
const LISTED: usize = 100;

/// Checks that the lines of a recording follow one another: that shows missing lines, whatever they contained.
#[derive(Clone, Copy, Debug)]
struct Sequence {
    next: u64,
    ended: bool,
    watches: usize,
}

impl Sequence {
    /// The state before the first line of a recording with this header.
    fn new(header: &Header) -> Self {
        Self { next: 1, ended: false, watches: header.watches.len() }
    }

    /// Takes the number and the payload of the next line, and returns what is wrong with its place.
    fn next(&mut self, seq: u64, what: &Payload) -> Vec<String> {
        let mut problems = Vec::new();
        if seq != self.next {
            problems.push(format!("found line {seq} where line {} was expected", self.next));
        }
        if self.ended && !matches!(what, Payload::Resumed { .. }) {
            problems.push(format!("line {seq} follows the end, but no recorder was resumed"));
        }
        self.next = seq.saturating_add(1);
        self.ended = matches!(what, Payload::End { .. });
        if let Some(watch) = what.watch().filter(|watch| usize::from(*watch) >= self.watches) {
            problems.push(format!("line {seq} is about watch {watch}, which the header does not have"));
        }
        problems
    }
}

/// The verification of a recording, finished or growing.
#[derive(Clone, Debug)]
pub struct Verification {
    watches: Vec<Watched>,
    sequence: Sequence,
    problems: Vec<String>,
    /// Number of problems of the file that are not listed.
    unlisted: usize,
    contradiction: Option<String>,
    /// Reading ended before the end of the file.
    is_damaged: bool,
}

#[derive(Clone, Debug)]
struct Watched {
    watch: Watch,
    position: Position,
    /// `elapsed` of its last event.
    elapsed: Duration,
    problems: Vec<Problem>,
    /// Since when the past was requested, until a line says how far it was read.
    unread: Option<Timestamp>,
    /// Number of problems that are not listed.
    unlisted: usize,
}

/// The result of a verification.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Verified {
    /// Whether the file has no problems, and every watch is whole from its attachment to its fence.
    pub complete: bool,
    /// The watches.
    pub watches: Vec<Chain>,
    /// What is wrong with the file as a whole.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub problems: Vec<String>,
}

impl Verification {
    /// The verification of a recording with this header.
    #[must_use]
    pub fn new(header: &Header) -> Self {
        let watched = |watch: &Watch| Watched {
            watch: watch.clone(),
            position: Position::default(),
            elapsed: Duration::ZERO,
            problems: Vec::new(),
            unlisted: 0,
            unread: None,
        };
        let watches: Vec<Watched> = header.watches.iter().map(watched).collect();
        let problems = if watches.is_empty() { vec!["its header has no watch".to_owned()] } else { Vec::new() };
        Self { watches, sequence: Sequence::new(header), problems, unlisted: 0, contradiction: None, is_damaged: false }
    }

    /// Takes the next line.
    pub fn push(&mut self, Record { seq, observation }: &Record) {
        self.line(*seq, observation);
    }

    /// Takes the number and the content of the next line.
    pub fn line(&mut self, seq: u64, Observation { stamp, payload: what }: &Observation) {
        self.sequence.next(seq, what).into_iter().for_each(|problem| self.problem(problem));
        let about = what.watch().map(usize::from);
        if matches!(what, Payload::Resumed { .. }) {
            self.watches.iter_mut().for_each(|watched| watched.elapsed = Duration::ZERO);
        }
        // A state from an earlier moment may be recorded with that moment's time; an event has its time of receipt.
        if let Payload::Object(ObjectEvent { change, healed: false, .. }) = what
            && *change != Change::Listed
            && let Some(watched) = about.and_then(|about| self.watches.get_mut(about))
        {
            let before = std::mem::replace(&mut watched.elapsed, stamp.elapsed);
            if stamp.elapsed < before {
                self.problem(format!("line {seq} was received before the event that it follows"));
            }
        }
        for (id, watched) in self.watches.iter_mut().enumerate() {
            if about.is_none_or(|about| about == id) {
                let problem = watched.position.apply(stamp.at, what);
                contradicted(&mut self.contradiction, problem.as_ref());
                watched.add(problem);
                watched.past(what);
            }
        }
    }

    /// Adds what the fold of the same lines cannot explain.
    pub fn unexplained(&mut self, problems: impl IntoIterator<Item = (WatchId, Problem)>) {
        for (watch, problem) in problems {
            contradicted(&mut self.contradiction, Some(&problem));
            if let Some(watched) = self.watches.get_mut(usize::from(watch)) {
                watched.add(Some(problem));
            }
        }
    }

    /// The first sign that lines are missing or are not what was delivered, without a gap in the timeline for it.
    #[must_use]
    pub fn contradiction(&self) -> Option<&str> {
        self.contradiction.as_deref()
    }

    /// Adds the error that ended reading before the end of the file.
    pub fn damaged(&mut self, error: &impl std::fmt::Display) {
        self.is_damaged = true;
        self.add(error.to_string());
    }

    fn problem(&mut self, words: String) {
        self.contradiction.get_or_insert_with(|| words.clone());
        self.add(words);
    }

    fn add(&mut self, words: String) {
        if self.problems.len() < LISTED { self.problems.push(words) } else { self.unlisted += 1 }
    }

    /// The positions of the watches, in the header's order.
    pub(crate) fn positions(&self) -> impl Iterator<Item = &Position> {
        self.watches.iter().map(|watched| &watched.position)
    }

    /// The result; `torn` says that the end of the file was cut off.
    #[must_use]
    pub fn finish(mut self, torn: bool) -> Verified {
        if torn {
            self.problems.push("its end was cut off".to_owned());
        }
        // Where reading stopped early, the last line may well be there.
        if !self.sequence.ended && !self.is_damaged {
            self.problems.push("it has no last line: the recorder is still running, or was killed".to_owned());
        }
        if self.unlisted > 0 {
            self.problems.push(format!("and {} more", self.unlisted));
        }
        let watches: Vec<Chain> = self.watches.into_iter().map(Watched::chain).collect();
        let complete = self.problems.is_empty() && watches.iter().all(|chain| chain.problems.is_empty());
        Verified { complete, watches, problems: self.problems }
    }
}

fn contradicted(first: &mut Option<String>, problem: Option<&Problem>) {
    if let Some(problem) = problem.filter(|problem| problem.is_contradiction()) {
        first.get_or_insert_with(|| problem.to_string());
    }
}

/// Why a past is not read that was requested last.
const UNREAD: &str = "the recorder ended first";

impl Watched {
    /// The past that was requested is not read until a line says how far, or the first list is complete.
    fn past(&mut self, what: &Payload) {
        match what {
            Payload::Past(past) if past.is_unread() => self.unread = Some(past.since),
            Payload::Past(past) => {
                self.unread = None;
                if !past.missing.is_empty() {
                    self.add(Some(Problem::Past { since: past.since, missing: past.missing.clone() }));
                }
            }
            Payload::Attached(_) => self.unread = None,
            // It may have begun later than what was requested.
            Payload::Gap(gap) => self.unread = self.unread.filter(|since| *since < gap.from),
            _ => {}
        }
    }

    fn add(&mut self, problem: Option<Problem>) {
        let problem = match problem {
            None => return,
            Some(Problem::Undecodable { error }) if !self.watch.is_served() => Problem::Unseen { error },
            Some(problem) => problem,
        };
        if self.problems.len() < LISTED { self.problems.push(problem) } else { self.unlisted += 1 }
    }

    fn chain(self) -> Chain {
        let Self { watch, position, mut problems, unlisted, unread, .. } = self;
        problems.extend(unread.map(|since| Problem::Past { since, missing: UNREAD.to_owned() }));
        problems.extend(position.at_end());
        // What was delivered without a complete list has an end that has to be proven, too.
        if problems.last() == Some(&Problem::NeverAttached) && position.counts().events > 0 && !position.is_fenced() {
            problems.push(Problem::Unfenced);
        }
        let more = (unlisted > 0).then(|| format!("and {unlisted} more"));
        let counts = position.counts();
        Chain {
            resource: watch.resource.to_string(),
            selected: watch.selected(),
            object: watch.object().map(ToOwned::to_owned),
            namespace: watch.namespace.to_string(),
            from_resource_version: position.first_list().cloned(),
            to_resource_version: position.known_to().cloned(),
            events: counts.events,
            reconnects: counts.reconnects,
            gaps: counts.gaps,
            healed: counts.healed,
            undecodable: counts.undecodable,
            fenced: position.is_fenced(),
            not_served: position.is_not_served(),
            is_source: !watch.is_served(),
            problems: problems.iter().map(ToString::to_string).chain(more).collect(),
        }
    }
}
