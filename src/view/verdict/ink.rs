//! The colours of verdicts.

use crate::expectation::Verdict;
use crate::view::style::Ink;

/// The ink of a verdict.
pub(super) fn ink(verdict: Verdict) -> Ink {
    match verdict {
        Verdict::Satisfied => Ink::Running,
        Verdict::Violated => Ink::Failure,
        Verdict::Pending => Ink::Waiting,
        Verdict::Inconclusive => Ink::Gap,
        Verdict::Skipped => Ink::Faint,
    }
}
