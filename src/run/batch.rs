//! What the fold passes on to the listeners.

use crate::observation::Stamp;
use crate::timeline::{Entry, Fold, Order};

/// What listeners get; it may have no entries, when none settled and the streams were seen alive.
pub(super) struct Batch<'a> {
    /// New entries, in order.
    pub entries: Vec<Entry>,
    /// The fold that they come from; it may have more that are not settled.
    pub fold: &'a Fold,
    /// Entries that are not settled yet.
    pub order: &'a Order,
    /// `seq` of the last line that was folded.
    pub seq: u64,
    /// The current time.
    pub now: Stamp,
    /// True for the last batch.
    pub last: bool,
    /// True when a state may have become unknown, or known again, without an entry.
    pub is_restated: bool,
    /// True when the states of all objects may be passed on: that takes time.
    pub may_state: bool,
}
