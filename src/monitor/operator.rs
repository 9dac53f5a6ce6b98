//! One type for the monitors of all operators.

use super::count::Count;
use super::delayed::Delayed;
use super::first::First;
use super::meanwhile::Meanwhile;
use super::paired::Paired;
use super::path::Bound;
use super::placeholder::Placeholder;
use super::precedence::Precedence;
use super::quiet::Quiet;
use super::regular::Regular;
use super::response::Response;
use super::restarts::Restarts;
use super::timed::Timed;
use super::trace::{End, Event};
use super::verdict::{Judgement, Verdict};

/// A monitor of any operator.
#[derive(Clone, Debug)]
pub enum Monitor {
    /// Untimed paths, `never`, `always`, `graph`.
    Regular(Regular),
    /// Paths with `for` or `within`.
    Timed(Timed),
    /// Paths with a placeholder.
    Placeholder(Placeholder),
    /// `every A then B within D`.
    Response(Response),
    /// The same with a least time.
    Delayed(Delayed),
    /// `count A`.
    Count(Count),
    /// `count restart`.
    Restarts(Restarts),
    /// `A onlyAfter B`: the entries of A.
    Precedence(Precedence),
    /// `every A after B` and `every A then B`, with B on another track: the entries into A.
    Paired(Paired),
    /// `never A while B`: the stays in A.
    While(Meanwhile),
    /// `quiet after A`: the changes of one track.
    Quiet(Quiet),
}

impl Monitor {
    /// Reads the next event of its track.
    pub fn observe(&mut self, event: &Event) {
        match self {
            Self::Regular(monitor) => monitor.observe(event),
            Self::Timed(monitor) => monitor.observe(event),
            Self::Placeholder(monitor) => monitor.observe(event),
            Self::Response(monitor) => monitor.observe(event),
            Self::Delayed(monitor) => monitor.observe(event),
            Self::Count(monitor) => monitor.observe(event),
            Self::Restarts(monitor) => monitor.observe(event),
            Self::Precedence(monitor) => monitor.observe(event),
            Self::Paired(monitor) => monitor.observe(event),
            Self::While(monitor) => monitor.observe(event),
            Self::Quiet(monitor) => monitor.observe(event),
        }
    }

    /// Reads an entry unless it repeats the present state; returns false when it does.
    pub fn observe_unless_stutter(&mut self, event: &Event) -> bool {
        let stutters = match self {
            Self::Regular(monitor) => monitor.stutters(event),
            Self::Timed(monitor) => monitor.stutters(event),
            Self::Placeholder(monitor) => monitor.stutters(event),
            _ => false,
        };
        if !stutters {
            self.observe(event);
        }
        !stutters
    }

    /// True when gaps or inexact times leave more than one possibility.
    #[must_use]
    pub fn is_split(&self) -> bool {
        match self {
            Self::Regular(monitor) => monitor.belief().len() > 1,
            Self::Timed(monitor) => monitor.is_split(),
            Self::Placeholder(monitor) => monitor.is_split(),
            Self::Response(monitor) => monitor.is_split(),
            Self::Delayed(monitor) => monitor.is_split(),
            Self::Count(monitor) => monitor.range().1 != Some(monitor.range().0),
            Self::Restarts(monitor) => monitor.range().1 != Some(monitor.range().0),
            Self::Precedence(monitor) => monitor.is_split(),
            Self::Paired(monitor) => monitor.is_split(),
            Self::While(monitor) => monitor.is_split(),
            Self::Quiet(monitor) => monitor.is_split(),
        }
    }

    /// True when the trace is violated if it ends with `end`; cheaper than [`Self::judge`].
    #[must_use]
    pub fn is_violated(&self, condition: &First, end: &End) -> bool {
        match (self, end) {
            (Self::Regular(monitor), End::Open { .. }) => monitor.is_hopeless(),
            (Self::Placeholder(monitor), _) => monitor.is_violated(end),
            _ => self.judge(condition, end).verdict == Verdict::Violated,
        }
    }

    /// The bounds on the present state, of all paths that lead on from it.
    #[must_use]
    pub fn stays(&self) -> Vec<Bound> {
        match self {
            Self::Timed(monitor) => monitor.stays().collect(),
            Self::Placeholder(monitor) => monitor.stays(),
            _ => Vec::new(),
        }
    }

    /// The placeholder of a path, and the number of labels that it is compared with, where the track showed more.
    #[must_use]
    pub fn beyond_labels(&self) -> Option<(&str, usize)> {
        if let Self::Placeholder(monitor) = self { monitor.beyond_labels() } else { None }
    }

    /// The work to read this many events, in steps that are the same for every run.
    #[must_use]
    pub fn work(&self, events: usize) -> u64 {
        match self {
            Self::Timed(monitor) => monitor.work().max(events as u64),
            Self::Placeholder(monitor) => monitor.work(events as u64),
            _ => events as u64,
        }
    }

    /// The judgement if the trace ends with `end`; `condition` is what is known of the condition's track, if there is
    /// one.
    #[must_use]
    pub fn judge(&self, condition: &First, end: &End) -> Judgement {
        match self {
            Self::Regular(monitor) => monitor.judge(end),
            Self::Timed(monitor) => monitor.judge(end),
            Self::Placeholder(monitor) => monitor.judge(end),
            Self::Response(monitor) => monitor.judge(end),
            Self::Delayed(monitor) => monitor.judge(end),
            Self::Count(monitor) => monitor.judge(end),
            Self::Restarts(monitor) => monitor.judge(end),
            Self::Precedence(monitor) => monitor.judge(condition, end),
            Self::Paired(monitor) => monitor.judge(condition, end),
            Self::While(monitor) => monitor.judge(condition, end),
            Self::Quiet(monitor) => monitor.judge(condition, end),
        }
    }
}
