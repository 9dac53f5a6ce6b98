//! What a watch wants done.

use super::super::error::Error;
use super::super::heal::Question;
use crate::observation::{Object, Observation, ResourceVersion};

/// What is to be done, in this order. A request replaces an older one of its kind that was not answered yet; as long as
/// a list, an opening, history or confirmations are awaited, the stream is not read and waits in its queue.
#[derive(Debug)]
pub enum Action {
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
    /// Read the names of deleted objects again: are they gone, or only out of the selection?
    ConfirmDeletions(Vec<Object>),
    /// Ask for the version of the collection as of now.
    AskHead,
    /// List who is there, as of now: the fence's proof.
    ListHeads,
    /// Read the configuration anew: credentials and authorities may have been rotated.
    RenewCredentials,
    /// Tell the operator.
    Warn(String),
    /// Tell whoever wants to know more.
    Inform(String),
    /// An operator must mend this.
    Fail(Error),
    /// The watch is fenced, or out of time for it.
    Done,
}
