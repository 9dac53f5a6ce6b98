//! The inputs of a watch.

use super::super::heal::{Answer, Unknown};
use super::super::pages::{Heads, Pages};
use super::super::request_error::RequestError;
use crate::observation::{ResourceVersion, Stamp};
use bytes::Bytes;
use jiff::Timestamp;
use smol_str::SmolStr;
use std::time::Duration;

/// When a step is taken.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Now {
    /// The stamp for what is recorded now.
    pub stamp: Stamp,
    /// Time on a monotonic clock, from which all waits are reckoned.
    pub monotonic: Duration,
}

/// What came from the socket, the clock, or an answered request.
#[derive(Debug)]
pub(crate) enum Input {
    /// The watch begins.
    Started,
    /// Answers [`List`](super::Action::List).
    Listed(Result<Pages, RequestError>),
    /// Answers [`OpenWatch`](super::Action::OpenWatch).
    Opened(Result<(), RequestError>),
    /// Bytes of the stream, with their receipt.
    Received { stamp: Stamp, bytes: Bytes },
    /// What is received from here on may have waited since this moment.
    Stalled(Timestamp),
    /// The server closed the stream.
    Closed,
    /// The stream broke, and why.
    Broken(String),
    /// Answers [`ReadHistory`](super::Action::ReadHistory).
    HistoryRead(Answer),
    /// Answers [`ConfirmDeletions`](super::Action::ConfirmDeletions) for one object: whether it was gone at that
    /// version.
    Confirmed { uid: SmolStr, version: ResourceVersion, is_gone: bool },
    /// Answers [`AskHead`](super::Action::AskHead); none when it could not be asked.
    Head(Option<ResourceVersion>),
    /// Answers [`ListHeads`](super::Action::ListHeads).
    Heads(Result<Heads, RequestError>),
    /// Answers [`ProveEnd`](super::Action::ProveEnd): the newest revision at which anything happened, if anything did.
    EndProven(Result<Option<u64>, Unknown>),
    /// Somebody asks for the fence.
    FinishRequested,
    /// The moment of [`deadline`](super::Machine::deadline) has come, and no other input is waiting.
    Deadline,
}
