//! Combines the judgements of clauses.

use super::outcome::ClauseOutcome;
use crate::language::Formula;
use crate::monitor::Judgement;

/// The judgement of an expectation with these clauses.
pub fn combine(formula: &Formula, clauses: &[ClauseOutcome]) -> Judgement {
    match formula {
        Formula::Clause(index) => clauses[*index].standing,
        Formula::All(parts) => Judgement::all(parts.iter().map(|part| combine(part, clauses))),
        Formula::Any(parts) => Judgement::any(parts.iter().map(|part| combine(part, clauses))),
        Formula::Not(part) => combine(part, clauses).negated(),
    }
}

impl Formula {
    /// True when the clause is under an odd number of `not`.
    #[must_use]
    pub fn negates(&self, clause: usize) -> bool {
        match self {
            Self::Clause(_) => false,
            Self::All(parts) | Self::Any(parts) => parts.iter().any(|part| part.names(clause) && part.negates(clause)),
            Self::Not(part) => part.names(clause) && !part.negates(clause),
        }
    }

    /// True when the clause is under any `not`.
    #[must_use]
    pub fn is_under_not(&self, clause: usize) -> bool {
        match self {
            Self::Clause(_) => false,
            Self::All(parts) | Self::Any(parts) => parts.iter().any(|part| part.is_under_not(clause)),
            Self::Not(part) => part.names(clause),
        }
    }

    fn names(&self, clause: usize) -> bool {
        match self {
            Self::Clause(index) => *index == clause,
            Self::All(parts) | Self::Any(parts) => parts.iter().any(|part| part.names(clause)),
            Self::Not(part) => part.names(clause),
        }
    }
}
