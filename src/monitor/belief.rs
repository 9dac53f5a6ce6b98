//! The bound on a belief that all monitors share.

/// Most configurations of one belief; beyond it the monitor stays undecided.
pub const MAX_BELIEF: usize = 512;
