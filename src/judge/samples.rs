//! How many traces of each verdict of a clause get events and explanations: a clause may be about many thousands.

use crate::monitor::Verdict;

/// Most traces of one verdict that get them, for each clause.
const MAX_SAMPLES: u64 = 16;

const VERDICTS: [Verdict; 5] =
    [Verdict::Satisfied, Verdict::Violated, Verdict::Pending, Verdict::Inconclusive, Verdict::Skipped];

/// The number of traces of each verdict.
#[derive(Clone, Debug, Default)]
pub(super) struct Samples([u64; VERDICTS.len()]);

impl Samples {
    /// True when the next trace of this verdict is among the first.
    pub fn want(&self, verdict: Verdict) -> bool {
        self.0[verdict as usize] < MAX_SAMPLES
    }

    /// Counts a trace; true when it is among the first of its verdict.
    pub fn take(&mut self, verdict: Verdict) -> bool {
        let wanted = self.want(verdict);
        self.0[verdict as usize] += 1;
        wanted
    }

    /// How many traces of each verdict there were besides the first.
    pub fn beyond(&self) -> Vec<(Verdict, u64)> {
        let beyond = VERDICTS.map(|verdict| (verdict, self.0[verdict as usize].saturating_sub(MAX_SAMPLES)));
        beyond.into_iter().filter(|(_, number)| *number > 0).collect()
    }
}
