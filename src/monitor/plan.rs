//! Statements, compiled once; monitors are started from a plan and share it.

use super::alphabet::{AtomSet, MAX_ATOMS};
use super::automaton::Automaton;
use super::count::{Count, Limits};
use super::delayed::{self, Delayed};
use super::dfa::{Dfa, MAX_STATES};
use super::fault::Fault;
use super::first::First;
use super::meanwhile::Meanwhile;
use super::operator::Monitor;
use super::paired::{self, Paired, Pairing};
use super::path::{Name, NamedAt, Path, States};
use super::place::Place;
use super::placeholder::{self, Compiled, Placeholder};
use super::precedence::Precedence;
use super::quiet::Quiet;
use super::refinement::Refinement;
use super::regular::Regular;
use super::response::{Response, Terms};
use super::restarts::{Base, Restarts};
use super::statement::Statement;
use super::timed::{Outlook, Timed};
use smol_str::SmolStr;
use std::ops::Range;
use std::sync::Arc;

mod order;

/// A compiled statement.
#[derive(Clone, Debug)]
pub enum Plan {
    /// See [`Regular`].
    Regular(Arc<Dfa>),
    /// See [`Timed`].
    Timed(Arc<Automaton>, Arc<Outlook>),
    /// See [`Placeholder`].
    Placeholder(Arc<placeholder::Terms>),
    /// See [`Response`].
    Response(Arc<Terms>),
    /// See [`Delayed`].
    Delayed(Arc<delayed::Terms>),
    /// See [`Count`].
    Count(Arc<States>, Limits),
    /// See [`Restarts`].
    Restarts(Limits, bool, Base),
    /// See [`Precedence`].
    Precedence(Arc<States>, Arc<States>),
    /// See [`Paired`].
    Paired(Arc<paired::Terms>),
    /// See [`Meanwhile`].
    While(Arc<States>, Arc<States>),
    /// `same as`: see [`Meanwhile`].
    Same(Arc<States>),
    /// See [`Quiet`].
    Quiet(Arc<States>),
}

impl Plan {
    /// Compiles a statement for a track; `condition` is the track of its condition, when that is another one.
    ///
    /// # Errors
    /// No track can fit the path, or it exceeds a cap.
    pub fn new(
        statement: &Statement,
        place: &Place,
        condition: Option<&Place>,
        exact_restarts: bool,
    ) -> Result<Self, Fault> {
        match statement {
            Statement::Path(path) => Self::path(path, place),
            Statement::Never(states) => Self::run(&States { negated: !states.negated, ..states.clone() }, place),
            Statement::Always(states) => Self::run(states, place),
            Statement::Every { every, then, within, min } => {
                if within.is_none()
                    && let Some(dfa) = order::every(every, then, *min, place)?
                {
                    return Ok(Self::Regular(Arc::new(dfa)));
                }
                let (every, then, min) = (every.clone(), then.clone(), *min);
                if let Some(within) = within.filter(|within| within.least > 0) {
                    return Ok(Self::Delayed(Arc::new(delayed::Terms { every, then, within, min })));
                }
                let within = within.map(|within| within.most);
                Ok(Self::Response(Arc::new(Terms { every, then, within, min })))
            }
            Statement::Count { states: Some(states), min, max } => {
                Ok(Self::Count(Arc::new(states.clone()), Limits { min: *min, max: *max }))
            }
            Statement::Count { states: None, min, max } => {
                Ok(Self::Restarts(Limits { min: *min, max: *max }, exact_restarts, Base::Count(0)))
            }
            Statement::OnlyAfter { enter, after } => {
                if condition.is_none() {
                    return Ok(Self::Regular(Arc::new(order::only_after(enter, after, place)?)));
                }
                Ok(Self::Precedence(Arc::new(enter.clone()), Arc::new(after.clone())))
            }
            Statement::EveryAfter { every, after, min } => {
                if condition.is_none() {
                    let fault = Fault::new(after.range.clone(), "`every A after B` about one track");
                    return Err(
                        fault.help("name the other track, `every Running after pod/a phase: Running`; or use a path")
                    );
                }
                Ok(Self::paired((every, after), Pairing::After, *min))
            }
            Statement::EveryThen { every, then, within, min } => {
                Ok(Self::paired((every, then), Pairing::Then(*within), *min))
            }
            Statement::While { never, held } => {
                if condition.is_none() {
                    let fault =
                        Fault::new(held.range.clone(), "`while` about the same track: it has one state at a time");
                    return Err(fault.help("`never` or `always` alone"));
                }
                Ok(Self::While(Arc::new(never.clone()), Arc::new(held.clone())))
            }
            Statement::SameAs { any } => {
                if condition.is_none() {
                    let fault = Fault::new(any.range.clone(), "`same as` about the same track");
                    return Err(fault.help("name the track of another subject, or another track"));
                }
                Ok(Self::Same(Arc::new(any.clone())))
            }
            Statement::Quiet { after } => {
                if condition.is_none() {
                    return Ok(Self::Regular(Arc::new(order::quiet(after, place)?)));
                }
                Ok(Self::Quiet(Arc::new(after.clone())))
            }
            Statement::Graph(edges) => Self::graph(edges, place),
        }
    }

    /// The states of the condition's track that matter.
    #[must_use]
    pub fn condition(&self) -> Option<&States> {
        match self {
            Self::Precedence(_, after) | Self::Quiet(after) | Self::While(_, after) => Some(after),
            Self::Paired(terms) => Some(&terms.other),
            Self::Same(any) => Some(any),
            _ => None,
        }
    }

    /// What matters of the condition's track, before its first event.
    #[must_use]
    pub fn awaited(&self) -> First {
        match self {
            Self::While(..) => First::and_held(),
            Self::Same(_) => First::and_values(),
            Self::Paired(_) => First::and_entries(),
            _ => First::default(),
        }
    }

    /// The same plan for a track whose beginning is not part of the trace; `base` is the restart count there.
    #[must_use]
    pub fn counted_from(&self, base: Base) -> Self {
        match self {
            Self::Restarts(limits, exact, _) => Self::Restarts(*limits, *exact, base),
            plan => plan.clone(),
        }
    }

    /// Starts a monitor.
    #[must_use]
    pub fn start(&self) -> Monitor {
        match self {
            Self::Regular(dfa) => Monitor::Regular(Regular::new(Arc::clone(dfa))),
            Self::Timed(automaton, outlook) => Monitor::Timed(Timed::new(Arc::clone(automaton), Arc::clone(outlook))),
            Self::Placeholder(terms) => Monitor::Placeholder(Placeholder::new(Arc::clone(terms))),
            Self::Response(terms) => Monitor::Response(Response::new(Arc::clone(terms))),
            Self::Delayed(terms) => Monitor::Delayed(Delayed::new(Arc::clone(terms))),
            Self::Count(states, limits) => Monitor::Count(Count::new(Arc::clone(states), *limits)),
            Self::Restarts(limits, exact, base) => Monitor::Restarts(Restarts::new(*limits, *exact, *base)),
            Self::Precedence(enter, _) => Monitor::Precedence(Precedence::new(Arc::clone(enter))),
            Self::Paired(terms) => Monitor::Paired(Paired::new(Arc::clone(terms))),
            Self::While(never, _) => Monitor::While(Meanwhile::new(Arc::clone(never))),
            Self::Same(any) => Monitor::While(Meanwhile::same(Arc::clone(any))),
            Self::Quiet(_) => Monitor::Quiet(Quiet::default()),
        }
    }

    fn paired((every, other): (&States, &States), pairing: Pairing, min: u64) -> Self {
        Self::Paired(Arc::new(paired::Terms { every: every.clone(), other: other.clone(), pairing, min }))
    }

    fn path(path: &Path, place: &Place) -> Result<Self, Fault> {
        let alphabet = place.alphabet(path.names().into_iter())?;
        let plan = Self::automaton(Automaton::new(path, alphabet)?)?;
        let compiled = match &plan {
            Self::Regular(dfa) => Compiled::Untimed(Arc::clone(dfa)),
            Self::Timed(automaton, outlook) => Compiled::Timed(Arc::clone(automaton), Arc::clone(outlook)),
            _ => return Ok(plan),
        };
        Ok(match placeholder::Terms::new(compiled, path) {
            Some(terms) => Self::Placeholder(Arc::new(terms)),
            None => plan,
        })
    }

    /// The plan of a path whose placeholder stands for this label, or without one for any that it does not name and the
    /// track does not show.
    #[must_use]
    pub fn where_it_stands_for(terms: &placeholder::Terms, label: Option<&SmolStr>) -> Option<Self> {
        Some(match terms.stands_for(label)? {
            Compiled::Untimed(dfa) => Self::Regular(dfa),
            Compiled::Timed(automaton, outlook) => Self::Timed(automaton, outlook),
        })
    }

    /// A sequence of states, all of one set. There must be at least one: with nothing to judge it is not a pass.
    fn run(states: &States, place: &Place) -> Result<Self, Fault> {
        let alphabet = place.alphabet(states.names.iter())?;
        let set = alphabet.set(states);
        Self::automaton(Automaton::graph(alphabet, &[(set, vec![0], states.range.clone())]))
    }

    fn graph(edges: &[(NamedAt, Vec<NamedAt>)], place: &Place) -> Result<Self, Fault> {
        let names: Vec<&NamedAt> = edges.iter().flat_map(|(from, to)| std::iter::once(from).chain(to)).collect();
        let alphabet = place.alphabet(names.iter().copied())?;
        let refinement = Refinement::new(names.iter().map(|named| &named.name), &[]);
        let repeats = |name: &Name| place.repeats(name) || refinement.refines(name);
        let follows_itself =
            edges.iter().find_map(|(from, to)| to.iter().find(|to| to.name == from.name && !repeats(&to.name)));
        if let Some(named) = follows_itself {
            let name = &named.name;
            let message = format!("`{name}` follows itself: a track never enters the state that it is in");
            return Err(Fault::new(named.range.clone(), message)
                .help("leave it out; how often it may be entered again later is not limited"));
        }
        // One state may have several names, with the edges of all of them.
        let set = |named: &NamedAt| alphabet.of(&named.name);
        let edges = edges.iter().map(|(from, to)| (set(from), to.iter().fold(0, |all, to| all | set(to))));
        let edges: Vec<(AtomSet, AtomSet)> = edges.collect();
        let sets: Vec<(AtomSet, &Range<usize>)> = names.iter().map(|named| (set(named), &named.range)).collect();
        let named = |atom: AtomSet| sets.iter().find(|(set, _)| set & atom != 0).map(|(_, range)| (atom, *range));
        let atoms: Vec<_> = (0..MAX_ATOMS).filter_map(|atom| named(1 << atom)).collect();
        let nodes: Vec<_> = atoms
            .iter()
            .map(|(atom, range)| {
                let from = edges.iter().filter(|(from, _)| from & atom != 0);
                let next = from.fold(0, |next, (_, to)| next | to);
                let next = (0..).zip(&atoms).filter(|(_, (to, _))| next & to != 0);
                (*atom, next.map(|(place, _)| place).collect(), (*range).clone())
            })
            .collect();
        Self::automaton(Automaton::graph(alphabet, &nodes))
    }

    fn automaton(automaton: Automaton) -> Result<Self, Fault> {
        let whole = automaton.positions.iter().map(|position| position.range.clone());
        let whole = whole.reduce(|a, b| a.start.min(b.start)..a.end.max(b.end)).unwrap_or(0..0);
        let hopeless = Fault::new(whole.clone(), "no track can fit this path: it asks a state to follow itself")
            .help("a track never enters the state that it is in");
        let automaton = Arc::new(automaton);
        if automaton.is_timed() {
            let outlook = Outlook::new(Arc::clone(&automaton)).ok_or(hopeless)?;
            return Ok(Self::Timed(automaton, Arc::new(outlook)));
        }
        let Some(dfa) = Dfa::new(&automaton) else {
            let message = format!("path is too large: its automaton has more than {MAX_STATES} states");
            return Err(Fault::new(whole, message).help("use smaller repetitions after `...`, or `count`"));
        };
        if dfa.is_bad(0) { Err(hopeless) } else { Ok(Self::Regular(Arc::new(dfa))) }
    }
}
