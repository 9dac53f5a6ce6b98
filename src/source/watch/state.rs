//! The states of a watch, with their data.

use super::super::lines::Lines;
use super::super::pages::Pages;
use super::super::request_error::RequestError;
use super::loss::Loss;
use crate::observation::{GapReason, ResourceVersion};
use jiff::Timestamp;
use std::time::Duration;

/// The state of a watch.
#[derive(Debug)]
pub(super) enum State {
    /// It has not begun; an earlier recorder may have ended while it read the list after a gap.
    New(Option<GapReason>),
    /// A whole list is being read: the first one, or one after a loss.
    Listing(Option<GapReason>),
    /// The stream is being opened, after the last recorded version or after a list that is still to be recorded.
    Opening(Option<Listing>),
    /// History is being read before a list is recorded.
    Recovering(Recovering),
    /// The stream is open.
    Following(Reading),
    /// Paused until a time.
    Paused(Duration, Then),
    /// Fenced, past the deadline for that, or failed.
    Done,
}

/// What follows a pause.
#[derive(Clone, Copy, Debug)]
pub(super) enum Then {
    List(Option<GapReason>),
    Watch,
}

/// A list that is still to be recorded.
#[derive(Debug)]
pub(super) struct Listing {
    pub pages: Pages,
    /// Why the previous stream was lost; none for a first list.
    pub lost: Option<GapReason>,
    /// The result of opening the stream after it, if that was done: events during the reading of history wait there.
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

/// How a list is recorded.
#[derive(Debug)]
pub(super) enum Account {
    /// As the first one.
    First,
    /// As the first one, with everything since a time.
    Since(Timestamp),
    /// As the first one, with the beginnings of existing objects.
    Beginnings,
    /// As equal to the previous one: nothing happened.
    Unchanged,
    /// As the state after a loss.
    Loss(Loss),
}

/// The state of an open stream.
#[derive(Debug)]
pub(super) struct Reading {
    /// The version after which it began.
    pub from: ResourceVersion,
    /// The incomplete last line.
    pub lines: Lines,
    /// True once it delivered something new.
    pub progressed: bool,
    /// When it began, or last delivered anything.
    pub heard: Duration,
}

impl Recovering {
    /// The recorder is asked to finish: history must stop by this time.
    pub(super) fn hurry(&mut self, by: Duration) {
        self.stop_at = self.stop_at.map(|at| at.min(by));
    }

    /// Whether the reading of history must be stopped now; true once.
    pub(super) fn stops(&mut self, now: Duration) -> bool {
        self.stop_at.take_if(|at| *at <= now).is_some()
    }
}

impl Reading {
    pub(super) fn new(from: ResourceVersion, now: Duration) -> Self {
        Self { from, lines: Lines::default(), progressed: false, heard: now }
    }
}
