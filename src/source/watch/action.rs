//! What a watch wants done.

use super::super::error::Error;
use super::super::heal::Question;
use super::fence::Tail;
use crate::observation::{Object, Observation, ResourceVersion};

/// What is to be done, in this order. A request replaces an older one of its kind that was not answered yet; as long as
/// a list, an opening or history is awaited, the stream is not read and waits in its queue.
#[derive(Debug)]
pub(crate) enum Action {
    /// Record these.
    Send(Vec<Observation>),
    /// Read a whole list as of now.
    List,
    /// Open the stream after a version.
    OpenWatch { from: ResourceVersion },
    /// Close the stream.
    CloseWatch,
    /// Ask history.
    ReadHistory(Question),
    /// History is to be answered with what is known by now.
    StopHistory,
    /// Ask who had the names of deleted objects at the revisions of the events: are they gone, or only out of the
    /// selection? Each is answered by itself, and the stream is read on meanwhile.
    ConfirmDeletions(Vec<Object>),
    /// Ask for the version of the collection as of now.
    AskHead,
    /// List who is there, as of now: the fence's proof.
    ListHeads,
    /// Look at the revisions between the last recorded version and the fence's list.
    ProveEnd(Tail),
    /// Read the configuration anew: credentials and authorities may have been rotated.
    RenewCredentials,
    /// Warn the operator.
    Warn(String),
    /// Log for whoever asked for more (`-v`).
    Inform(String),
    /// An operator must mend this.
    Fail(Error),
    /// The watch is fenced, or out of time for it.
    Done,
}
