//! Why a verdict is what it is.

use super::judge::ClauseOutcome;
use super::verdict::{Standing, Verdict};

/// The reason in one line.
#[must_use]
pub fn reason(standing: Standing, clauses: &[ClauseOutcome]) -> String {
    let clause = clauses.iter().find(|clause| clause.standing.verdict == standing.verdict);
    match (standing.verdict, clause) {
        (Verdict::Satisfied, _) => "every completion with every future fits".into(),
        (_, Some(clause)) => clause.reason.clone().unwrap_or_else(|| clause.text.clone()),
        (_, None) => standing.verdict.to_string(),
    }
}
