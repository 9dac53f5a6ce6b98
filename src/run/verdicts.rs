//! The verdicts on a growing recording, and the request for them.

use crate::expectation::{Judgement, Outcome, Verdict};
use crate::timeline::Entry;
use crate::view::{Style, verdict};
use std::fmt;

/// The outcomes of a program's expectations.
#[derive(Clone, Debug)]
pub struct Verdicts {
    /// The outcome of each expectation, in their order.
    pub outcomes: Vec<Outcome>,
    /// The entries of the timeline that explanations of the outcomes may show.
    pub entries: Vec<Entry>,
}

impl Verdicts {
    /// True when every expectation is satisfied or skipped.
    #[must_use]
    pub fn passed(&self) -> bool {
        matches!(self.verdict(), Verdict::Satisfied | Verdict::Skipped)
    }

    /// The combined verdict.
    #[must_use]
    pub fn verdict(&self) -> Verdict {
        Judgement::all(self.outcomes.iter().map(|outcome| outcome.standing)).verdict
    }
}

/// Formats what `statetrail check` prints, without colours.
impl fmt::Display for Verdicts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let judged = [verdict::Judged::recording(None, &self.outcomes, &self.entries)];
        let mut text = Vec::new();
        verdict::write(verdict::Format::Text, &judged, &Style::default(), &mut text).map_err(|_| fmt::Error)?;
        f.write_str(&String::from_utf8_lossy(&text))
    }
}
