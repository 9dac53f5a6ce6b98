//! Orders to the thread that judges.

use super::answer::Answer;
use super::verdicts::Verdicts;
use crate::expectation::{Judge, Program};
use std::sync::Arc;
use tokio::sync::{oneshot, watch};

/// An order to the thread.
pub(super) enum Order {
    /// Judge a program from the first entry on.
    Judge { case: u64, program: Arc<Program>, answers: watch::Sender<Answer> },
    /// Say what the verdicts of a program are, and why.
    Explain(u64, oneshot::Sender<Verdicts>),
    /// The program is no longer wanted.
    Forget(u64),
    /// Programs were judged on the file, up to the line with this `seq`; or that failed.
    Read(Vec<u64>, Option<FromFile>),
}

/// Judges that have read the file.
pub(super) struct FromFile {
    /// In the order of the programs.
    pub judges: Vec<Judge>,
    /// `seq` of its last line.
    pub seq: u64,
}
