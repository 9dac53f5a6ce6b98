//! Where a watch is, with what it holds there.

use super::super::lines::Lines;
use super::super::pages::Pages;
use super::super::request_error::RequestError;
use super::loss::Loss;
use crate::observation::{GapReason, ResourceVersion};
use jiff::Timestamp;
use std::time::Duration;

/// Where a watch is.
#[derive(Debug)]
pub(super) enum State {
    /// It has not begun; an earlier recorder may have ended while it read the list after a gap.
    New(Option<GapReason>),
    /// A whole list is being read: the first, or after a loss.
    Listing(Option<GapReason>),
    /// The stream is being opened, after the version that was recorded last or after a list that is still to be
    /// recorded.
    Opening(Option<Listing>),
    /// History is being read before a list is recorded.
    Recovering(Recovering),
    /// The stream is open.
    Following(Reading),
    /// Nothing is done before a moment.
    Paused(Duration, Then),
    /// Fenced, out of time for it, or failed.
    Done,
}

/// What comes after a pause.
#[derive(Clone, Copy, Debug)]
pub(super) enum Then {
    List(Option<GapReason>),
    Watch,
}

/// A list that is still to be recorded.
#[derive(Debug)]
pub(super) struct Listing {
    pub pages: Pages,
    /// Why the stream before it was lost; none for a first list.
    pub lost: Option<GapReason>,
    /// How the stream after it was opened, if it was opened already: what happens while history is read waits there.
    pub opened: Option<Result<(), RequestError>>,
}

/// History is being read before a list is recorded.
#[derive(Debug)]
pub(super) struct Recovering {
    pub listing: Listing,
    pub account: Account,
    /// When the reading of history is stopped; none once it was.
    pub stop_at: Option<Duration>,
}

/// What a list is recorded as.
#[derive(Debug)]
pub(super) enum Account {
    /// The first one.
    First,
    /// The first one, with everything since a moment.
    Since(Timestamp),
    /// The first one, with the beginnings of what is there.
    Beginnings,
    /// It is the same as before: nothing happened.
    Unchanged,
    /// What there is after a loss.
    Loss(Loss),
}

/// How far a stream was read.
#[derive(Debug)]
pub(super) struct Reading {
    /// Where it began.
    pub from: ResourceVersion,
    /// What of it is not a whole line yet.
    pub lines: Lines,
    /// It has delivered something new.
    pub progressed: bool,
    /// When it began, or delivered anything last.
    pub heard: Duration,
}

impl Recovering {
    /// The recorder is asked to finish.
    pub(super) fn hurry(&mut self, by: Duration) {
        self.stop_at = self.stop_at.map(|at| at.min(by));
    }

    /// Whether the reading of history is to be stopped now; true once.
    pub(super) fn stops(&mut self, now: Duration) -> bool {
        self.stop_at.take_if(|at| *at <= now).is_some()
    }
}

impl Reading {
    pub(super) fn new(from: ResourceVersion, now: Duration) -> Self {
        Self { from, lines: Lines::default(), progressed: false, heard: now }
    }
}
