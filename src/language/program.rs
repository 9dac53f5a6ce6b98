//! Compiled expectations, which a judge runs.

use super::mention::Mentions;
use super::pattern::Pattern;
use super::requires::Requires;
use super::select::Selector;
use super::vocabulary;
use super::window::{Until, Window};
use crate::kinds;
use crate::monitor::{Details, Place, Plan, Refinement, Statement};
use crate::observation::Track;
use smol_str::SmolStr;
use std::ops::Range;

/// A set of compiled expectations.
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
    /// Where the name is in its source, in bytes.
    pub(crate) name_range: Range<usize>,
    /// Subjects by alias.
    pub(crate) subjects: Vec<(String, Selector)>,
    /// The requirements for it to be judged at all.
    pub(crate) requires: Requires,
    /// The part of the timeline that it is about.
    pub(crate) window: Window,
    /// How its clauses combine.
    pub(crate) formula: Formula,
    /// Its statements.
    pub(crate) clauses: Vec<Clause>,
    /// What it assumes: names such as `restart-count-exact`.
    pub assumptions: Vec<String>,
    /// True when it must hold in one of several recordings, not in each.
    pub(crate) sometimes: bool,
    /// Names that only a recording can show to be mistakes.
    pub(crate) mentions: Mentions,
}

/// How clauses combine.
#[derive(Clone, Debug)]
pub enum Formula {
    /// One of the expectation's clauses.
    Clause(usize),
    /// Every part must hold.
    All(Vec<Formula>),
    /// At least one part must hold.
    Any(Vec<Formula>),
    /// The part must not hold.
    Not(Box<Formula>),
}

/// One statement about a track.
#[derive(Clone, Debug)]
pub struct Clause {
    /// The text, as written.
    pub text: String,
    /// Index of its subject.
    pub(crate) subject: usize,
    /// The tracks that it is about.
    pub(crate) tracks: Pattern,
    /// Indices of the clauses that are one statement with it, about several tracks of one subject; itself among them.
    pub(crate) joined: Range<usize>,
    /// Index of the condition's subject, and its track.
    pub(crate) condition: Option<(usize, Pattern)>,
    /// The statement as parsed, for explanations.
    pub(crate) statement: Statement,
    /// What it sees of details.
    pub(crate) sight: Sight,
    /// The statement, compiled.
    pub(crate) plan: Plan,
    /// True when the clause is about a run of states, and so does not apply to a track without any.
    pub(crate) needs_state: bool,
}

/// What a statement sees of the details of states, by the names that it has for them.
#[derive(Clone, Debug)]
pub struct Sight {
    /// On its own tracks.
    own: Refinement,
    /// On one that is its condition's, too.
    both: Refinement,
    /// On its condition's track.
    pub(crate) awaited: Refinement,
}

impl Sight {
    /// Of a statement about a track, and one of its condition.
    pub(super) fn of(statement: &Statement, own: &Place, condition: Option<&Place>) -> Self {
        let names = || statement.names().into_iter().map(|named| &named.name);
        let awaited = || statement.awaited().iter().map(|named| &named.name);
        let never = vocabulary::never_unknown(own);
        Self {
            own: Refinement::new(names(), never),
            both: Refinement::new(names().chain(awaited()), never),
            awaited: Refinement::new(awaited(), condition.map_or(never, vocabulary::never_unknown)),
        }
    }
}

impl Clause {
    /// What it sees of a track of its own.
    pub(crate) fn sees(&self, track: Option<&Track>) -> &Refinement {
        let is_awaited = match &self.condition {
            None => true,
            Some((alias, pattern)) => *alias == self.subject && track.is_some_and(|track| pattern.fits(track)),
        };
        if is_awaited { &self.sight.both } else { &self.sight.own }
    }

    /// True when an observation can fulfil it; otherwise only an end can.
    pub(crate) fn is_goal(&self) -> bool {
        match &self.statement {
            Statement::Path(_)
            | Statement::Every { .. }
            | Statement::EveryAfter { .. }
            | Statement::EveryThen { .. } => true,
            Statement::Count { min, .. } => *min > 0,
            Statement::Never(_)
            | Statement::Always(_)
            | Statement::Graph(_)
            | Statement::OnlyAfter { .. }
            | Statement::While { .. }
            | Statement::SameAs { .. }
            | Statement::Quiet { .. } => false,
        }
    }
}

impl Program {
    /// True when an observation can fulfil a part of it: a path, an `every`, a `count` with a `min`, or the `not` of
    /// another statement. Otherwise it consists of guards, which only the end of a recording can fulfil.
    #[must_use]
    pub(crate) fn has_goals(&self) -> bool {
        self.expectations.iter().any(|expectation| {
            let negated = |at| expectation.formula.negates(at);
            expectation.clauses.iter().enumerate().any(|(at, clause)| clause.is_goal() != negated(at))
        })
    }

    /// All details that it names.
    pub(crate) fn details(&self) -> Details {
        let clauses = self.expectations.iter().flat_map(|expectation| &expectation.clauses);
        let names = clauses.flat_map(|clause| clause.statement.names().into_iter().chain(clause.statement.awaited()));
        let windows = self.expectations.iter().flat_map(|expectation| expectation.window.entries());
        let names = names.chain(windows.flat_map(|entered| &entered.states.names));
        names.flat_map(|named| named.name.details.iter().cloned()).collect()
    }

    /// The clause of an expectation, both by index.
    pub(crate) fn clause(&self, (expectation, clause): (usize, usize)) -> &Clause {
        &self.expectations[expectation].clauses[clause]
    }

    /// The kind and the name of each object that it is about, if each expectation is about one object, and of no other
    /// depends on anything; none if that is not so.
    pub(crate) fn single_objects(&self) -> Option<impl Iterator<Item = (SmolStr, SmolStr)>> {
        let single = |expectation: &Expectation| {
            let [(_, selector)] = expectation.subjects.as_slice() else { return None };
            let is_related = selector.owned_by.is_some() || selector.about.is_some();
            let name = selector.name.as_ref().filter(|_| !is_related && !kinds::is_evidence(&selector.kind))?;
            Some((SmolStr::new(&selector.kind), SmolStr::new(name)))
        };
        let objects: Option<Vec<_>> = self.expectations.iter().map(single).collect();
        objects.map(Vec::into_iter)
    }

    /// The same program about the time up to a mark, where an expectation does not say until when it is.
    #[must_use]
    pub(crate) fn until(mut self, mark: &str) -> Self {
        for expectation in &mut self.expectations {
            let until = &mut expectation.window.until;
            if *until == Until::End {
                *until = Until::Mark(mark.to_owned());
            }
        }
        self
    }

    /// The expectations, in the order of the sources.
    #[must_use]
    pub fn expectations(&self) -> &[Expectation] {
        &self.expectations
    }
}
