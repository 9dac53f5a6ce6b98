//! What the entries of a running recorder are drawn from, all of one moment.

use super::story::Story;
use crate::view::line::Lines;
use crate::view::states::{Doubts, States};
use std::sync::Arc;

/// The timeline so far.
#[derive(Clone, Debug)]
pub(super) struct Picture {
    pub story: Arc<Story>,
    pub states: Arc<States>,
    /// With columns for all entries so far.
    pub lines: Lines,
    /// Columns of the states in which nothing has to be shortened.
    pub width: u16,
    pub doubts: Doubts,
    /// Older entries that are no longer listed, and entries that were never received.
    pub left_out: u64,
    pub missed: u64,
}
