//! Expectations over recordings, whole or while they grow.
//!
//! Both ways end in the same judge; the growing one may only know less.

use super::error::Error;
use super::folder::Heard;
use super::whole::{Whole, whole};
use crate::expectation::{End, Ends, Environment, Judge, Outcome, Program, Verdict};
use crate::observation::Stamp;
use crate::recording::{self, Header, Reader, Torn};
use crate::timeline::{Entry, Fold, Tail};
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
}

/// Judges all expectations of a program in one pass over a recording.
///
/// # Errors
/// When the recording cannot be read to its end.
pub fn judge(reader: Reader, program: Arc<Program>) -> Result<Judged, Error> {
    let Whole { header, fold, entries, last, torn } = whole(reader)?;
    let mut judge = Judge::new(program);
    if header.clock == recording::Clock::Server {
        judge.without_clock();
    }
    entries.iter().for_each(|entry| judge.push(entry));
    let now = last.unwrap_or(Stamp { at: header.started, elapsed: Duration::ZERO });
    let standing = Standing::of(&fold, fold.tails(), now);
    let open = standing.open;
    let outcomes = standing.ask(&mut judge, Judge::verdicts);
    Ok(Judged { header, entries, outcomes, torn, open })
}

/// What is known beside the entries when a judge is asked.
struct Standing {
    environment: Environment,
    ends: Ends,
    /// Gaps that go on, of which no entry tells yet.
    gaps: Vec<Entry>,
    open: bool,
}

impl Standing {
    fn of(fold: &Fold, tails: Vec<Tail>, now: Stamp) -> Self {
        let open = tails.iter().any(|tail| !tail.over);
        Self {
            environment: Environment::of(fold.environments(), &tails),
            ends: Ends::new(tails, now.at),
            gaps: if open { fold.open_gaps(now) } else { Vec::new() },
            open,
        }
    }

    fn ask<T>(&self, judge: &mut Judge, question: impl Fn(&Judge, Ends) -> T) -> T {
        judge.environment(self.environment.clone());
        if self.gaps.is_empty() {
            return question(judge, self.ends.clone());
        }
        let mut knowing = judge.clone();
        self.gaps.iter().for_each(|gap| knowing.push(gap));
        question(&knowing, self.ends.clone())
    }
}

/// A judge of a recording that grows.
pub struct Judging {
    judge: Judge,
    entries: Vec<Entry>,
    last: Option<Standing>,
    asked: Option<Duration>,
    decided: bool,
}

/// How often a growing recording is judged at most.
const PACE: Duration = Duration::from_millis(50);

/// Most entries that are kept for explanations.
const KEPT: usize = 100_000;

impl Judging {
    /// Before the first entry.
    #[must_use]
    pub fn new(program: Arc<Program>) -> Self {
        Self { judge: Judge::new(program), entries: Vec::new(), last: None, asked: None, decided: false }
    }

    /// Takes what was heard; true once every expectation is decided, or can no longer be.
    pub fn hear(&mut self, heard: &Heard<'_>) -> bool {
        heard.entries.iter().for_each(|entry| self.judge.push(entry));
        if self.entries.len() > KEPT {
            self.entries.drain(..KEPT / 2);
        }
        self.entries.extend_from_slice(&heard.entries);
        let now = heard.now.elapsed;
        let over = heard.fold.is_over();
        let due = !self.decided && self.asked.is_none_or(|asked| now >= asked + PACE);
        if over || due {
            let standing = Standing::of(heard.fold, heard.tails(), heard.now);
            if !self.decided {
                self.asked = Some(now);
                let standings = standing.ask(&mut self.judge, Judge::standings);
                self.decided = standings.iter().all(|standing| standing.verdict != Verdict::Pending);
            }
            self.last = Some(standing);
        }
        self.decided
    }

    /// What is said of each expectation, in their order.
    #[must_use]
    pub fn verdicts(&self) -> Vec<Outcome> {
        match &self.last {
            Some(standing) => standing.ask(&mut self.judge.clone(), Judge::verdicts),
            None => self.judge.verdicts(&End::Unfenced),
        }
    }

    /// The timeline, as far as it is kept for explanations.
    #[must_use]
    pub fn entries(&self) -> &[Entry] {
        &self.entries
    }
}
