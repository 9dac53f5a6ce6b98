//! The inputs of a watch.

use super::super::heal::{Answer, Unknown};
use super::super::pages::{Heads, Pages};
use super::super::request_error::RequestError;
use crate::observation::{ResourceVersion, Stamp};
use bytes::Bytes;
use jiff::Timestamp;
use smol_str::SmolStr;

/// An input: from the socket, the clock, or a completed request.
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
    /// What is received from here on may have waited since this time.
    Stalled(Timestamp),
    /// What is received from here on may have happened since this time, or, without one, since the stream was alive.
    Doubted(Option<Timestamp>),
    /// The server closed the stream, at this time.
    Closed(Stamp),
    /// The connection broke, with the reason.
    Broken(String),
    /// Answers [`ReadHistory`](super::Action::ReadHistory).
    HistoryRead(Answer),
    /// Answers [`ConfirmDeletions`](super::Action::ConfirmDeletions) for one object: whether it was gone at that
    /// version.
    Confirmed { uid: SmolStr, version: ResourceVersion, is_gone: bool },
    /// Answers [`AskHead`](super::Action::AskHead); none when the request failed.
    Head(Option<ResourceVersion>),
    /// Answers [`AskLast`](super::Action::AskLast): whether it is known; or why that cannot be said.
    Last(Result<bool, Unknown>),
    /// Answers [`ListHeads`](super::Action::ListHeads).
    Heads(Result<Heads, RequestError>),
    /// Answers [`ProveEnd`](super::Action::ProveEnd): the newest revision with an event, if there was one.
    EndProven(Result<Option<u64>, Unknown>),
    /// It is to be proven that everything up to now was recorded.
    ProofRequested,
    /// The fence is requested.
    FinishRequested,
    /// [`deadline`](super::Machine::deadline) has passed, and no other input is waiting.
    Deadline,
}
