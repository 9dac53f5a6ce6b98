//! The monitor of paths with `for` and `within`.
//!
//! A configuration is what one completion leads to: the threads that the nondeterministic path has there, each with
//! the start of every group that it is in, and the entry of the present state. Times that are not known exactly are
//! spans: where a condition changes within the span of an entry, the span is cut into configurations; what is still open
//! leaves a thread that may be there but is not sure. More threads accept more, so what the sure ones accept is
//! accepted, and what not even the others accept is not. Beyond [`MAX_BELIEF`] configurations the monitor
//! says nothing any more.

use super::automaton::{Automaton, Edge, GroupSet};
use super::belief::MAX_BELIEF;
use super::path::Bound;
use super::trace::{End, Event, Found, Micros, NEVER_AFTER, Span, Symbol};
use super::verdict::Judgement;
use std::collections::BTreeSet;
use std::sync::Arc;

mod outlook;
mod step;
mod truth;

pub use outlook::Outlook;

use truth::{Truth, any};

/// Most threads of one configuration.
const MAX_THREADS: usize = 256;

/// A place in the path, with the starts of the groups that it is in, in the groups' order.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
struct Thread {
    at: u16,
    starts: Vec<Span>,
    /// It is there, and not only possibly so.
    sure: bool,
}

/// What one completion leads to.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
struct Config {
    /// When the present state was entered, and its atom; none before the first.
    entered: Option<(Span, usize)>,
    /// Sorted, without repetition.
    threads: Vec<Thread>,
}

/// The monitor.
#[derive(Clone, Debug)]
pub struct Timed {
    automaton: Arc<Automaton>,
    outlook: Arc<Outlook>,
    belief: BTreeSet<Config>,
    overflow: bool,
    last: Option<Symbol>,
    /// The track was not seen again since its last gap, which began then.
    blind: Option<Micros>,
}

impl Timed {
    /// Before the first event.
    #[must_use]
    pub fn new(automaton: Arc<Automaton>, outlook: Arc<Outlook>) -> Self {
        let start = Config { entered: None, threads: Vec::new() };
        Self { automaton, outlook, belief: BTreeSet::from([start]), overflow: false, last: None, blind: None }
    }

    /// Reads the next event.
    pub fn observe(&mut self, event: &Event) {
        if self.overflow {
            return;
        }
        match event {
            Event::Enter { shown, when, .. } => {
                let atom = self.automaton.alphabet.atom(&shown.letter);
                self.belief = self.image(&self.belief, atom, *when, true);
                self.last = Some(shown.letter.clone());
                self.blind = None;
            }
            Event::Gap { when, found, .. } => {
                let (hidden, left) = self.closure(*when);
                self.overflow |= hidden.len() > MAX_BELIEF;
                match found {
                    Found::NotSeen => self.belief = hidden,
                    Found::NoState => {
                        // It never had a state, or lost one that it had.
                        let atom = self.automaton.alphabet.atom(&Symbol::absent());
                        let stays = self.blind.is_some() || self.last == Some(Symbol::absent());
                        let had = hidden.into_iter().filter(|config| config.entered.is_some()).collect();
                        let mut next = self.image(&had, atom, *when, false);
                        next.extend(self.belief.iter().filter(|config| stays || config.entered.is_none()).cloned());
                        self.belief = next;
                        self.last = Some(Symbol::absent());
                    }
                    Found::In(shown) => {
                        let atom = self.automaton.alphabet.atom(&shown.letter);
                        let stayed = self.last.as_ref() == Some(&shown.letter);
                        // To be found in the same state again, the track was in another one at least.
                        let mut next = self.image(if stayed { &left } else { &hidden }, atom, *when, false);
                        if stayed {
                            next.append(&mut self.belief);
                        }
                        self.belief = next;
                        self.last = Some(shown.letter.clone());
                    }
                }
                let since = self.blind.map_or(when.lo, |since| since.min(when.lo));
                self.blind = (*found == Found::NotSeen).then_some(since);
            }
        }
        self.overflow |=
            self.belief.len() > MAX_BELIEF || self.belief.iter().any(|config| config.threads.len() > MAX_THREADS);
        if self.overflow {
            self.belief.clear();
        }
    }

    /// All that hidden words may lead to, the empty one included; and what those with a letter at least lead to.
    fn closure(&self, gap: Span) -> (BTreeSet<Config>, BTreeSet<Config>) {
        let mut seen = self.belief.clone();
        let mut left = BTreeSet::new();
        let mut work: Vec<Config> = seen.iter().cloned().collect();
        while let Some(config) = work.pop() {
            for atom in 0..self.automaton.alphabet.size() {
                for next in self.step(&config, atom, gap, false).unwrap_or_default() {
                    left.insert(next.clone());
                    if seen.insert(next.clone()) {
                        work.push(next);
                    }
                }
            }
            if seen.len() > MAX_BELIEF {
                break;
            }
        }
        (seen, left)
    }

    fn image(&self, belief: &BTreeSet<Config>, atom: usize, when: Span, cut: bool) -> BTreeSet<Config> {
        let mut next = BTreeSet::new();
        let mut stutters = true;
        for config in belief {
            if let Some(steps) = self.step(config, atom, when, cut) {
                stutters = false;
                next.extend(steps);
            }
            if next.len() > MAX_BELIEF {
                break;
            }
        }
        if stutters { belief.clone() } else { next }
    }

    /// Says where it stands if the word ends so.
    #[must_use]
    pub fn judge(&self, end: &End) -> Judgement {
        if self.overflow {
            return if end.is_final() { Judgement::INCONCLUSIVE } else { Judgement::PENDING };
        }
        let fits = |config: &Config| match end {
            End::Closed { at } => self.fits(config, Span { lo: *at, hi: NEVER_AFTER }),
            End::Deleted { when } => self.fits(config, *when),
            // Up to a gap that nothing ended, everything was seen.
            End::Open { alive, .. } => self.outlook(config, Some(self.blind.map_or(*alive, |since| since - 1))),
            End::Unfenced => self.outlook(config, self.blind.map(|since| since - 1)),
        };
        let truths: Vec<Truth> = self.belief.iter().map(fits).collect();
        let all = |wanted: Truth| truths.iter().all(|truth| *truth == wanted);
        let some = |wanted: Truth| truths.contains(&wanted);
        match end {
            End::Open { .. } if !all(Truth::Yes) && !all(Truth::No) => {
                Judgement::open(some(Truth::No), some(Truth::Yes))
            }
            _ => Judgement::closed(all(Truth::Yes), all(Truth::No)),
        }
    }

    /// Whether a completion fits whose last state is left within `until`, or still held then.
    fn fits(&self, config: &Config, until: Span) -> Truth {
        let Some((entered, _)) = config.entered else {
            return if self.automaton.nullable { Truth::Yes } else { Truth::No };
        };
        let stay = until.since(entered);
        let stay = self.blind.map_or(stay, |since| Span { lo: (since - entered.hi).max(0).min(stay.hi), hi: stay.hi });
        let ends = config.threads.iter().filter(|thread| self.automaton.last[usize::from(thread.at)]);
        any(ends.map(|thread| match self.automaton.positions[usize::from(thread.at)].stay {
            Some(Bound { least, most }) => Truth::of(stay, least, most).unless(!thread.sure),
            None => Truth::Yes.unless(!thread.sure),
        }))
    }

    /// Whether every future of a completion fits (yes), or none does (no).
    fn outlook(&self, config: &Config, alive: Option<Micros>) -> Truth {
        let Some((entered, atom)) = config.entered else {
            return self.outlook.at_the_beginning();
        };
        let least = alive.map_or(0, |alive| alive.saturating_sub(entered.hi).max(0));
        let stay = Span { lo: least, hi: NEVER_AFTER };
        let mut hopes = false;
        let mut sure = Vec::new();
        let mut ends = false;
        for thread in &config.threads {
            let position = &self.automaton.positions[usize::from(thread.at)];
            let left = position.stay.map_or(Truth::Yes, |bound| Truth::of(stay, bound.least, bound.most));
            if left == Truth::No {
                continue;
            }
            let last = self.automaton.last[usize::from(thread.at)];
            let left = left.unless(!thread.sure);
            ends |= last && left == Truth::Yes;
            hopes |= last;
            for edge in &self.automaton.follow[usize::from(thread.at)] {
                let overdue = alive.is_some_and(|alive| self.overdue(thread, *edge, alive.saturating_add(1)));
                hopes |= !overdue && self.outlook.can_go_on(edge.to, atom);
                if left == Truth::Yes && edge.kept == 0 {
                    sure.push(edge.to);
                }
            }
        }
        match (hopes, ends && self.outlook.is_universal(sure, atom)) {
            (false, _) => Truth::No,
            (true, true) => Truth::Yes,
            (true, false) => Truth::Maybe,
        }
    }

    /// True when an edge's group has been going on for too long, whatever its start, at `now` or later.
    fn overdue(&self, thread: &Thread, edge: Edge, now: Micros) -> bool {
        self.kept(thread, edge.kept).any(|(group, start)| now.saturating_sub(start.hi) > self.automaton.limits[group])
    }

    /// The groups of a set that a thread is in, with their starts.
    fn kept<'a>(&'a self, thread: &'a Thread, kept: GroupSet) -> impl Iterator<Item = (usize, Span)> + 'a {
        let groups = self.automaton.positions[usize::from(thread.at)].groups;
        (0..self.automaton.limits.len())
            .filter(move |group| groups & (1 << group) != 0)
            .zip(thread.starts.iter().copied())
            .filter(move |(group, _)| kept & (1 << group) != 0)
    }

    /// The bounds on the present state, of all ways that lead on from it.
    pub fn stays(&self) -> impl Iterator<Item = Bound> + '_ {
        let threads = self.belief.iter().flat_map(|config| &config.threads);
        threads.filter_map(|thread| self.automaton.positions[usize::from(thread.at)].stay)
    }

    /// True when an entry would follow itself.
    #[must_use]
    pub fn stutters(&self, event: &Event) -> bool {
        let atom = event.shown().map(|shown| self.automaton.alphabet.atom(&shown.letter));
        atom.is_some_and(|atom| {
            !self.automaton.alphabet.repeats(atom)
                && !self.belief.is_empty()
                && self.belief.iter().all(|config| config.entered.is_some_and(|(_, last)| last == atom))
        })
    }

    /// True when what was not seen, or not seen exactly, leaves more than one possibility.
    #[must_use]
    pub fn is_split(&self) -> bool {
        self.overflow || self.belief.len() > 1 || self.blind.is_some()
    }
}
