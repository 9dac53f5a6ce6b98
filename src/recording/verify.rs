//! Is a recording whole? Per watch, from its attachment to its fence, without a gap.
//!
//! It proves what the file can prove: that no line was removed, moved or altered (the reader's checksums, and `seq`),
//! that every stream was taken up where it had been left, and that the fence at the end found nothing missing.

use super::header::Header;
use super::reader::Record;
use crate::observation::{
    Change, ObjectEvent, Observation, Payload, Position, Problem, ResourceVersion, Watch, WatchId,
};
use serde::Serialize;
use std::time::Duration;

/// What a recording proves of one watch.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Chain {
    /// kubectl's name of the resource.
    pub resource: String,
    /// Empty for all namespaces.
    pub namespace: String,
    /// Version of the first list; none while it was not attached.
    pub from_resource_version: Option<ResourceVersion>,
    /// Version up to which it is known.
    pub to_resource_version: Option<ResourceVersion>,
    /// Objects that were seen, listed ones included.
    pub events: u64,
    /// How often the stream was taken up again without a loss.
    pub reconnects: u64,
    /// How often something was lost.
    pub gaps: u64,
    /// How often what was not delivered was read back whole from the server's history.
    pub healed: u64,
    /// Lines that could not be decoded.
    pub undecodable: u64,
    /// The fence at the end found nothing missing.
    pub fenced: bool,
    /// The server does not serve it: there was nothing to see.
    pub not_served: bool,
    /// Why it is not whole; empty when it is.
    pub problems: Vec<String>,
}

/// How many problems of a watch, and of a file, are listed one by one.
const TOLD: usize = 100;

/// Whether the lines of a recording follow one another: what shows that lines are missing, whatever they said.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Sequence {
    next: u64,
    ended: bool,
    watches: usize,
}

impl Sequence {
    /// Of a recording with this header, before its first line.
    #[must_use]
    pub(crate) fn new(header: &Header) -> Self {
        Self { next: 1, ended: false, watches: header.watches.len() }
    }

    /// Takes the next line, by its number and what it says, and tells what is wrong with its place.
    pub(crate) fn next(&mut self, seq: u64, what: &Payload) -> Vec<String> {
        let mut problems = Vec::new();
        if seq != self.next {
            problems.push(format!("line {seq} follows where line {} must be", self.next));
        }
        if self.ended && !matches!(what, Payload::Resumed { .. }) {
            problems.push(format!("line {seq} follows the end, and no recorder was started again"));
        }
        self.next = seq.saturating_add(1);
        self.ended = matches!(what, Payload::End { .. });
        if let Some(watch) = what.watch().filter(|watch| usize::from(*watch) >= self.watches) {
            problems.push(format!("line {seq} is about watch {watch}, which the header does not have"));
        }
        problems
    }
}

/// The verification of a recording: of a file, or of one that grows.
#[derive(Clone, Debug)]
pub struct Verification {
    watches: Vec<Watched>,
    sequence: Sequence,
    problems: Vec<String>,
    /// Problems of the file that are not listed.
    untold: usize,
}

#[derive(Clone, Debug)]
struct Watched {
    watch: Watch,
    position: Position,
    /// Time since the start of its last event.
    elapsed: Duration,
    problems: Vec<Problem>,
    /// Problems that are not listed.
    untold: usize,
}

/// What is proven.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Verified {
    /// Every watch is whole from its attachment to its fence.
    pub complete: bool,
    /// The watches.
    pub watches: Vec<Chain>,
    /// What is wrong with the file as a whole.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub problems: Vec<String>,
}

impl Verification {
    /// Of a recording with this header.
    #[must_use]
    pub fn new(header: &Header) -> Self {
        let watched = |watch: &Watch| Watched {
            watch: watch.clone(),
            position: Position::default(),
            elapsed: Duration::ZERO,
            problems: Vec::new(),
            untold: 0,
        };
        let watches: Vec<Watched> = header.watches.iter().map(watched).collect();
        let problems = if watches.is_empty() { vec!["its header names no watch".to_owned()] } else { Vec::new() };
        Self { watches, sequence: Sequence::new(header), problems, untold: 0 }
    }

    /// Takes the next line.
    pub fn push(&mut self, Record { seq, observation }: &Record) {
        self.line(*seq, observation);
    }

    /// Takes the next line, by its number and what it says.
    pub fn line(&mut self, seq: u64, Observation { stamp, payload: what }: &Observation) {
        self.sequence.next(seq, what).into_iter().for_each(|problem| self.problem(problem));
        let about = what.watch().map(usize::from);
        if matches!(what, Payload::Resumed { .. }) {
            self.watches.iter_mut().for_each(|watched| watched.elapsed = Duration::ZERO);
        }
        // What was there at a moment before may be written with that moment's time; an event has that of its receipt.
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
                watched.tell(problem);
                if let Payload::Past(past) = what
                    && !past.missing.is_empty()
                {
                    watched.tell(Some(Problem::Past { since: past.since, missing: past.missing.clone() }));
                }
            }
        }
    }

    /// Takes what the fold of the same lines cannot explain.
    pub fn unexplained(&mut self, problems: impl IntoIterator<Item = (WatchId, Problem)>) {
        for (watch, problem) in problems {
            if let Some(watched) = self.watches.get_mut(usize::from(watch)) {
                watched.tell(Some(problem));
            }
        }
    }

    /// Takes what ends the reading before the end of the file.
    pub fn damaged(&mut self, error: &impl std::fmt::Display) {
        self.problem(error.to_string());
    }

    fn problem(&mut self, words: String) {
        if self.problems.len() < TOLD { self.problems.push(words) } else { self.untold += 1 }
    }

    /// Where the watches are, in the header's order.
    pub(crate) fn positions(&self) -> impl Iterator<Item = &Position> {
        self.watches.iter().map(|watched| &watched.position)
    }

    /// Says what is proven. `torn` says that the end of the file was cut off.
    #[must_use]
    pub fn finish(mut self, torn: bool) -> Verified {
        if torn {
            self.problems.push("its end was cut off".to_owned());
        }
        if !self.sequence.ended {
            self.problems.push("it has no last line: the recorder is still running, or was killed".to_owned());
        }
        if self.untold > 0 {
            self.problems.push(format!("and {} more", self.untold));
        }
        let watches: Vec<Chain> = self.watches.into_iter().map(Watched::chain).collect();
        let complete = self.problems.is_empty() && watches.iter().all(|chain| chain.problems.is_empty());
        Verified { complete, watches, problems: self.problems }
    }
}

impl Watched {
    fn tell(&mut self, problem: Option<Problem>) {
        let Some(problem) = problem else { return };
        if self.problems.len() < TOLD { self.problems.push(problem) } else { self.untold += 1 }
    }

    fn chain(self) -> Chain {
        let Self { watch, position, mut problems, untold, .. } = self;
        problems.extend(position.at_end());
        let more = (untold > 0).then(|| format!("and {untold} more"));
        let counts = position.counts();
        Chain {
            resource: watch.resource.to_string(),
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
            problems: problems.iter().map(ToString::to_string).chain(more).collect(),
        }
    }
}
