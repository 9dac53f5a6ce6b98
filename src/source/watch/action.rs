//! The actions of a watch.

use super::super::error::Error;
use super::super::heal::Question;
use super::super::settings::LastEvent;
use super::fence::Tail;
use crate::observation::{Object, Observation, ResourceVersion};

/// An action, to be performed in order. A request replaces a pending one of its kind. While the machine
/// [waits](super::Machine::waits_for) for something, the stream is not read and waits in its queue.
#[derive(Debug)]
pub(crate) enum Action {
    /// Record these lines.
    Send(Vec<Observation>),
    /// Read a whole list as of now.
    List,
    /// Open the stream after a version.
    OpenWatch { from: ResourceVersion },
    /// Close the stream.
    CloseWatch,
    /// Read history, while the stream is read.
    ReadHistory(Question),
    /// Stop reading history, and answer with what is known.
    StopHistory,
    /// Ask for the objects with the names of deleted ones, at the revisions of the events: were they deleted, or did
    /// they leave the selection? Each is answered separately, while the stream is read.
    ConfirmDeletions(Vec<Object>),
    /// Ask for the current version of the collection.
    AskHead,
    /// List metadata as of now, for the fence.
    ListHeads,
    /// Ask whether history has the event that was recorded last.
    AskLast(LastEvent),
    /// Look at the revisions between the last recorded version and the fence's list.
    ProveEnd(Tail),
    /// Read the configuration again: credentials and authorities may have been rotated.
    RenewCredentials,
    /// Warn the operator.
    Warn(String),
    /// Log with `-v`.
    Inform(String),
    /// Fail with an error that the operator must fix.
    Fail(Error),
    /// The watch is fenced, or its time for that is over.
    Done,
}
