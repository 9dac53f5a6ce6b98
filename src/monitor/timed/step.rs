//! One step of the timed monitor: the configurations after a state was entered within a span.

use super::belief::{Config, Thread};
use super::starts::{Start, Starts};
use super::truth::Truth;
use super::work::Work;
use super::{MAX_THREADS, Timed};
use crate::monitor::alphabet::AtomSet;
use crate::monitor::automaton::Edge;
use crate::monitor::trace::{Micros, NEVER_AFTER, Span};

/// Most pieces that a span is cut into so that each condition is constant within a piece.
const MAX_PIECES: usize = 32;

/// A thread, by index, and an edge that it may take; without a thread, an edge from the start.
type Candidate = (Option<usize>, Edge);

impl Timed {
    /// The configurations after `atom` was entered within `when`; none when the budget is exhausted.
    pub(super) fn steps(
        &self,
        config: &Config,
        atom: usize,
        when: Span,
        cut: bool,
        work: &mut Work,
    ) -> Option<Vec<Config>> {
        if config.is_settled() {
            return Some(vec![config.clone()]);
        }
        let when = config.entered.map_or(when, |entered| when.not_before(entered.lo));
        let takes = |(_, edge): &Candidate| self.atoms(*edge) & 1 << atom != 0;
        let candidates: Vec<Candidate> = self.candidates(config).filter(takes).collect();
        let pieces = if cut && when.lo < when.hi { self.cut(config, &candidates, when) } else { vec![when] };
        let mut found = Vec::new();
        for piece in pieces {
            work.spend(candidates.len() + 1)?;
            let threads = candidates.iter().filter_map(|candidate| self.taken(config, *candidate, piece)).collect();
            found.push(self.settled(threads, piece)?);
        }
        Some(found)
    }

    /// The configurations after one hidden state, of every atom that is not `barred`. Atoms that the threads do not
    /// distinguish are entered together.
    pub(super) fn hidden_steps(
        &self,
        config: &Config,
        barred: AtomSet,
        gap: Span,
        work: &mut Work,
    ) -> Option<Vec<(AtomSet, Config)>> {
        let allowed = self.automaton.alphabet.all() & !barred;
        if config.is_settled() {
            return Some(vec![(allowed, config.clone())]);
        }
        let when = config.entered.map_or(gap, |entered| gap.not_before(entered.lo));
        let mut taken: Vec<(AtomSet, Thread)> = Vec::new();
        let mut parts = vec![allowed];
        for candidate in self.candidates(config) {
            work.spend(1)?;
            let atoms = self.atoms(candidate.1);
            if let Some(thread) = self.taken(config, candidate, when) {
                taken.push((atoms, thread));
                if taken.len() == 1 || taken[taken.len() - 2].0 != atoms {
                    parts =
                        parts.iter().flat_map(|part| [part & atoms, part & !atoms]).filter(|part| *part != 0).collect();
                }
            }
        }
        taken.sort_unstable_by(|(_, one), (_, other)| one.cmp(other));
        let mut found = Vec::new();
        for part in parts {
            let threads: Vec<Thread> =
                taken.iter().filter(|(atoms, _)| atoms & part != 0).map(|(_, thread)| thread.clone()).collect();
            work.spend(threads.len() + 1)?;
            found.push((part, self.remaining(threads, when)?));
        }
        Some(found)
    }

    fn atoms(&self, edge: Edge) -> AtomSet {
        self.automaton.positions[usize::from(edge.to)].atoms
    }

    /// All threads with all of their edges.
    fn candidates<'a>(&'a self, config: &'a Config) -> impl Iterator<Item = Candidate> + 'a {
        let first = self.automaton.first.iter().filter(|_| config.entered.is_none()).map(|edge| (None, *edge));
        let threads = config.threads.iter().enumerate();
        first.chain(threads.flat_map(|(index, thread)| {
            self.automaton.follow[usize::from(thread.at)].iter().map(move |edge| (Some(index), *edge))
        }))
    }

    /// The thread after taking an edge within `when`; none when it cannot take it.
    fn taken(&self, config: &Config, candidate: Candidate, when: Span) -> Option<Thread> {
        let truth = self.holds(config, candidate, when);
        let from = candidate.0.map(|at| &config.threads[at]);
        let sure = truth == Truth::Yes && from.is_none_or(|thread| thread.sure);
        (truth != Truth::No).then(|| self.moved(from, candidate.1, when, sure))
    }

    /// Whether a thread may take an edge within `when`: its stay and its groups keep their bounds.
    fn holds(&self, config: &Config, (thread, edge): Candidate, when: Span) -> Truth {
        let mut sum = thread.map_or(Truth::Yes, |at| self.leaves(&config.threads[at], edge.kept));
        if sum == Truth::No {
            return Truth::No;
        }
        for (start, least, most) in self.conditions(config, (thread, edge)) {
            match Truth::of(when.since(start), least, most) {
                Truth::No => return Truth::No,
                Truth::Maybe => sum = Truth::Maybe,
                Truth::Yes => {}
            }
        }
        sum
    }

    /// The conditions of an edge: a start, and the least and most time since it.
    fn conditions<'a>(
        &'a self,
        config: &'a Config,
        (thread, edge): Candidate,
    ) -> impl Iterator<Item = (Span, Micros, Micros)> + 'a {
        let from = config.entered.and_then(|entered| Some((entered, &config.threads[thread?])));
        from.into_iter().flat_map(move |(entered, thread)| {
            let stay = self.automaton.positions[usize::from(thread.at)].stay;
            let stay = stay.map(|bound| (entered, bound.least, bound.most));
            let groups =
                self.kept(thread, edge.kept).map(|(group, start)| (start.when, 0, self.automaton.limits[group].most));
            stay.into_iter().chain(groups)
        })
    }

    /// The conditions on ending a group after an edge, likewise.
    fn waits<'a>(
        &'a self,
        config: &'a Config,
        (thread, edge): Candidate,
    ) -> impl Iterator<Item = (Span, Micros, Micros)> + 'a {
        let groups = thread.into_iter().flat_map(move |at| self.kept(&config.threads[at], edge.kept));
        let waiting = groups.filter(|(_, start)| start.ends != Truth::Yes);
        waiting.map(|(group, start)| (start.when, self.automaton.limits[group].least, NEVER_AFTER))
    }

    /// Cuts a span at the times where a condition changes.
    fn cut(&self, config: &Config, candidates: &[Candidate], when: Span) -> Vec<Span> {
        let conditions = candidates
            .iter()
            .flat_map(|candidate| self.conditions(config, *candidate).chain(self.waits(config, *candidate)));
        let changes = conditions.flat_map(|(start, least, most)| {
            [start.lo + least, start.hi + least, start.lo + most + 1, start.hi + most + 1]
        });
        when.cut(changes, MAX_PIECES)
    }

    fn moved(&self, thread: Option<&Thread>, edge: Edge, when: Span, sure: bool) -> Thread {
        let groups = self.automaton.positions[usize::from(edge.to)].groups;
        let mut kept = thread.into_iter().flat_map(|thread| self.kept(thread, edge.kept)).peekable();
        let mut start = |group: &usize| {
            while kept.next_if(|(known, _)| known < group).is_some() {}
            let bound = self.automaton.limits[*group];
            let known = kept.next_if(|(known, _)| known == group);
            known.map_or_else(|| Start::at(when, bound), |(_, start)| start.after(when, bound))
        };
        let starts = (0..self.automaton.limits.len()).filter(|group| groups & (1 << group) != 0);
        Thread { at: edge.to, starts: starts.map(|group| start(&group)).collect(), sure }
    }

    /// Sorts threads and drops those that say nothing beyond the others; none when too many remain.
    fn settled(&self, mut threads: Vec<Thread>, when: Span) -> Option<Config> {
        threads.sort_unstable();
        self.remaining(threads, when)
    }

    /// The same for threads that are sorted.
    fn remaining(&self, mut threads: Vec<Thread>, when: Span) -> Option<Config> {
        threads.dedup();
        let all = threads.iter().filter(|thread| self.outlook.accepts_all(thread.at)).map(|thread| thread.sure).max();
        if let (Some(sure), Some(at)) = (all, self.outlook.accepting_all()) {
            // Where several positions accept every future, one stands for all.
            let thread = Thread { at, starts: Starts::None, sure };
            if sure {
                return Some(Config::saved(thread));
            }
            // Nothing that is not sure says more.
            threads.retain(|thread| thread.sure);
            threads.insert(threads.partition_point(|other| *other < thread), thread);
        }
        let mut kept: Vec<Thread> = Vec::new();
        for here in threads.chunk_by(|one, other| one.at == other.at) {
            let is_outdone = |thread: &Thread| here.iter().any(|other| other != thread && thread.is_within(other));
            kept.extend(here.iter().filter(|thread| here.len() == 1 || !is_outdone(thread)).cloned());
            if kept.len() > MAX_THREADS {
                return None;
            }
        }
        let config = Config { entered: Some(when), threads: kept, accepts_all: all };
        Some(if config.threads.is_empty() { Config::dead() } else { config })
    }
}
