//! What a judge says of a program so far.

use super::verdicts::Verdicts;
use crate::expectation::{Judgement, Verdict};
use std::sync::Arc;

/// The result so far.
#[derive(Clone)]
pub(super) struct Answer {
    pub standings: Arc<[Judgement]>,
    /// True when nothing is pending.
    pub decided: bool,
    /// True when everything undecided would be satisfied if the recording ended now.
    pub settled: bool,
    /// The final verdicts, once the recorder has ended.
    pub last: Option<Arc<Verdicts>>,
}

impl Answer {
    /// Before anything was judged.
    pub(super) fn none(expectations: usize) -> Self {
        let standings = vec![Judgement::PENDING; expectations].into();
        Self { standings, decided: expectations == 0, settled: false, last: None }
    }

    /// Whether nothing is pending among these.
    pub(super) fn is_decided(standings: &[Judgement]) -> bool {
        standings.iter().all(|standing| standing.verdict != Verdict::Pending)
    }
}
