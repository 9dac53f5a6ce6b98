//! How much a monitor may believe: the bound that all of them share.

/// Most configurations of one belief; beyond it the monitor stays undecided for ever.
pub const MAX_BELIEF: usize = 512;
