//! Expectations compiled: what a judge runs.

use super::mention::Mentions;
use super::pattern::Pattern;
use super::requires::Requires;
use super::select::Selector;
use super::window::Window;
use crate::monitor::{Plan, Statement};

/// Compiled expectations.
#[derive(Clone, Debug, Default)]
pub struct Program {
    /// In the order of the sources.
    pub(crate) expectations: Vec<Expectation>,
}

/// One expectation.
#[derive(Clone, Debug)]
pub struct Expectation {
    /// Its name: `metadata.name`, or the line itself.
    pub name: String,
    /// Subjects by alias.
    pub(crate) subjects: Vec<(String, Selector)>,
    /// What must be so for it to be judged at all.
    pub(crate) requires: Requires,
    /// The span that it speaks about.
    pub(crate) window: Window,
    /// How its clauses combine.
    pub(crate) formula: Formula,
    /// What it says, one by one.
    pub(crate) clauses: Vec<Clause>,
    /// What it assumes, in words.
    pub assumptions: Vec<String>,
    /// Words that only a recording can tell to be mistakes.
    pub(crate) mentions: Mentions,
}

/// How clauses combine.
#[derive(Clone, Debug)]
pub enum Formula {
    /// One of the expectation's clauses.
    Clause(usize),
    /// Every one.
    All(Vec<Formula>),
    /// At least one.
    Any(Vec<Formula>),
    /// Not this.
    Not(Box<Formula>),
}

/// One statement about a track.
#[derive(Clone, Debug)]
pub struct Clause {
    /// As it was written.
    pub text: String,
    /// Index of the subject.
    pub(crate) subject: usize,
    /// Which tracks.
    pub(crate) tracks: Pattern,
    /// Index of the condition's subject, and its track.
    pub(crate) condition: Option<(usize, Pattern)>,
    /// What is said, as it was read: explanations speak of this.
    pub(crate) statement: Statement,
    /// What is said, compiled.
    pub(crate) plan: Plan,
    /// The clause speaks of a run of states, and of nothing when there is none.
    pub(crate) needs_state: bool,
}

impl Clause {
    /// True when something that is observed can fulfil it; else only an end can.
    fn is_goal(&self) -> bool {
        match &self.statement {
            Statement::Path(_) | Statement::Every { .. } => true,
            Statement::Count { min, .. } => *min > 0,
            Statement::Never(_)
            | Statement::Always(_)
            | Statement::Graph(_)
            | Statement::OnlyAfter { .. }
            | Statement::Quiet { .. } => false,
        }
    }
}

impl Program {
    /// True when something that is observed can fulfil some of it: it has a path, an `every`, or a `count` with a `min`, or
    /// the `not` of another statement. Else it consists of guards, which only the end of a recording can fulfil.
    #[must_use]
    pub fn has_goals(&self) -> bool {
        self.expectations.iter().any(|expectation| {
            let negated = |at| expectation.formula.negates(at);
            expectation.clauses.iter().enumerate().any(|(at, clause)| clause.is_goal() != negated(at))
        })
    }

    /// The expectations, in the order of the sources.
    #[must_use]
    pub fn expectations(&self) -> &[Expectation] {
        &self.expectations
    }
}
