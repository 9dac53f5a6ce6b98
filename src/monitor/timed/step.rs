//! One step of the timed monitor: what a configuration becomes when a state is entered within a span.

use super::truth::Truth;
use super::{Config, Thread, Timed};
use crate::monitor::automaton::Edge;
use crate::monitor::trace::{Micros, Span};

/// Most pieces that a span is cut into, so that each condition holds in the whole of a piece or nowhere in it.
const MAX_PIECES: usize = 32;

impl Timed {
    /// The configurations after `atom` was entered within `when`; none where the word would stutter.
    pub(super) fn step(&self, config: &Config, atom: usize, when: Span, cut: bool) -> Option<Vec<Config>> {
        let when = match config.entered {
            Some((_, last)) if last == atom && !self.automaton.alphabet.repeats(atom) => return None,
            Some((entered, _)) => when.not_before(entered.lo),
            None => when,
        };
        if config.entered.is_some() && config.threads.is_empty() {
            return Some(vec![dead(atom)]);
        }
        let candidates = self.candidates(config, atom);
        let pieces = if cut { self.cut(config, &candidates, when) } else { vec![when] };
        let mut found = Vec::new();
        for piece in pieces {
            let mut threads = Vec::new();
            for (thread, edge) in &candidates {
                let truth = self.holds(config, *thread, *edge, piece);
                if truth != Truth::No {
                    let from = thread.map(|at| &config.threads[at]);
                    let sure = truth == Truth::Yes && from.is_none_or(|thread| thread.sure);
                    threads.push(self.moved(from, *edge, piece, sure));
                }
            }
            found.push(settled(threads, piece, atom));
        }
        Some(found)
    }

    /// Threads, by index, and the edges that take the atom.
    fn candidates(&self, config: &Config, atom: usize) -> Vec<(Option<usize>, Edge)> {
        let takes = |edge: &Edge| self.automaton.positions[usize::from(edge.to)].atoms & (1 << atom) != 0;
        if config.entered.is_none() {
            return self.automaton.first.iter().copied().filter(takes).map(|edge| (None, edge)).collect();
        }
        let threads = config.threads.iter().enumerate();
        threads
            .flat_map(|(index, thread)| {
                let edges = self.automaton.follow[usize::from(thread.at)].iter().copied();
                edges.filter(takes).map(move |edge| (Some(index), edge))
            })
            .collect()
    }

    /// Whether a thread may take an edge within `when`: its stay was of the right length, its groups are in time.
    fn holds(&self, config: &Config, thread: Option<usize>, edge: Edge, when: Span) -> Truth {
        let mut sum = Truth::Yes;
        for (start, least, most) in self.conditions(config, thread, edge) {
            match Truth::of(when.since(start), least, most) {
                Truth::No => return Truth::No,
                Truth::Maybe => sum = Truth::Maybe,
                Truth::Yes => {}
            }
        }
        sum
    }

    /// What an edge asks for: at least and at most so long after a start.
    fn conditions(&self, config: &Config, thread: Option<usize>, edge: Edge) -> Vec<(Span, Micros, Micros)> {
        let (Some(index), Some((entered, _))) = (thread, config.entered) else { return Vec::new() };
        let thread = &config.threads[index];
        let stay = self.automaton.positions[usize::from(thread.at)].stay;
        let stay = stay.map(|bound| (entered, bound.least, bound.most));
        let groups = self.kept(thread, edge.kept).map(|(group, start)| (start, 0, self.automaton.limits[group]));
        stay.into_iter().chain(groups).collect()
    }

    /// Cuts a span where conditions change.
    fn cut(&self, config: &Config, candidates: &[(Option<usize>, Edge)], when: Span) -> Vec<Span> {
        let mut cuts: Vec<Micros> = candidates
            .iter()
            .flat_map(|(thread, edge)| self.conditions(config, *thread, *edge))
            .flat_map(|(start, least, most)| {
                [start.lo + least, start.hi + least, start.lo + most + 1, start.hi + most + 1]
            })
            .filter(|cut| when.lo < *cut && *cut <= when.hi)
            .collect();
        cuts.sort_unstable();
        cuts.dedup();
        if cuts.len() >= MAX_PIECES {
            return vec![when];
        }
        let starts = std::iter::once(when.lo).chain(cuts.iter().copied());
        let ends = cuts.iter().map(|cut| cut - 1).chain([when.hi]);
        starts.zip(ends).map(|(lo, hi)| Span { lo, hi }).collect()
    }

    fn moved(&self, thread: Option<&Thread>, edge: Edge, when: Span, sure: bool) -> Thread {
        let groups = self.automaton.positions[usize::from(edge.to)].groups;
        let kept: Vec<(usize, Span)> = thread.map(|thread| self.kept(thread, edge.kept).collect()).unwrap_or_default();
        let starts = (0..self.automaton.limits.len())
            .filter(|group| groups & (1 << group) != 0)
            .map(|group| kept.iter().find(|(known, _)| *known == group).map_or(when, |(_, start)| *start))
            .collect();
        Thread { at: edge.to, starts, sure }
    }
}

/// A configuration without hope.
fn dead(atom: usize) -> Config {
    Config { entered: Some((Span::at(0), atom)), threads: Vec::new() }
}

/// Sorts threads and leaves out those that another outdoes: at the same place, no group started earlier, no less sure.
fn settled(mut threads: Vec<Thread>, when: Span, atom: usize) -> Config {
    threads.sort_unstable();
    threads.dedup();
    let outdone = |thread: &Thread| {
        threads.iter().any(|other| {
            other.at == thread.at
                && other != thread
                && other.sure >= thread.sure
                && other.starts.iter().zip(&thread.starts).all(|(other, own)| other == own || other.lo >= own.hi)
        })
    };
    let kept: Vec<Thread> = threads.iter().filter(|thread| !outdone(thread)).cloned().collect();
    if kept.is_empty() { dead(atom) } else { Config { entered: Some((when, atom)), threads: kept } }
}
