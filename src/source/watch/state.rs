//! The states of a watch, with their data.

use super::super::clock::Now;
use super::super::lines::Lines;
use super::super::pages::Pages;
use super::super::request_error::RequestError;
use crate::observation::{GapReason, ResourceVersion};
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
    /// A list waits until history has answered for an earlier one.
    Waiting(Listing),
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
    /// Its receipt.
    pub now: Now,
    /// Why the previous stream was lost; none for a first list.
    pub lost: Option<GapReason>,
    /// The result of opening the stream after it, if that was done.
    pub opened: Option<Result<(), RequestError>>,
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

impl Reading {
    pub(super) fn new(from: ResourceVersion, now: Duration) -> Self {
        Self { from, lines: Lines::default(), progressed: false, heard: now }
    }
}
