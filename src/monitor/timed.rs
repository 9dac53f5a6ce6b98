//! The monitor of paths with `for` and `within`.
//!
//! A configuration is what completions lead to: the threads of the nondeterministic path, each with the start of every
//! group that it is in, and the entry of the present state. Completions that differ only in the present state share one
//! configuration (`belief.rs`). Times that are not known exactly are spans: where a condition changes within the span
//! of an entry, the span is cut into configurations; if a condition stays open, the thread is kept but marked as not
//! sure. Additional threads only accept more traces, so a trace that the sure threads accept is accepted, and one that
//! no thread accepts is rejected; of configurations that accept more than one and less than another, only those two are
//! kept. Beyond [`MAX_BELIEF`] configurations, or beyond the budget of [`Work`], the monitor keeps the judgement that it
//! has.

use super::alphabet::AtomSet;
use super::automaton::{Automaton, Edge, GroupSet};
use super::belief::MAX_BELIEF;
use super::path::Bound;
use super::trace::{End, Event, Found, Micros, NEVER_AFTER, Span, Symbol};
use super::verdict::Judgement;
use std::collections::BTreeSet;
use std::sync::Arc;

mod belief;
mod outlook;
mod starts;
mod step;
mod truth;
mod work;

pub use outlook::Outlook;

use belief::{Added, Belief, Config, Reached, Thread};
use outlook::Promises;
use starts::Start;
use truth::{Truth, any};
use work::Work;

/// Most threads of one configuration.
const MAX_THREADS: usize = 256;

/// The monitor of a timed path.
#[derive(Clone, Debug)]
pub struct Timed {
    automaton: Arc<Automaton>,
    outlook: Arc<Outlook>,
    belief: Belief,
    /// Set when the belief grew too large: what was decided by then, if anything.
    overflow: Option<Truth>,
    work: Work,
    last: Option<Symbol>,
    /// The start of the last gap, when the track was not seen again after it.
    blind: Option<Micros>,
}

/// Which answers the completions give.
#[derive(Default)]
struct Said {
    yes: bool,
    no: bool,
    maybe: bool,
}

impl Said {
    fn add(&mut self, truth: Truth) {
        match truth {
            Truth::Yes => self.yes = true,
            Truth::No => self.no = true,
            Truth::Maybe => self.maybe = true,
        }
    }

    /// The answer that all of them agree on.
    fn all(&self) -> Truth {
        match (self.yes, self.no, self.maybe) {
            (true, false, false) => Truth::Yes,
            (false, true, false) => Truth::No,
            _ => Truth::Maybe,
        }
    }
}

impl Timed {
    /// A monitor before the first event.
    #[must_use]
    pub fn new(automaton: Arc<Automaton>, outlook: Arc<Outlook>) -> Self {
        let belief = Belief::start();
        Self { automaton, outlook, belief, overflow: None, work: Work::default(), last: None, blind: None }
    }

    /// Reads the next event.
    pub fn observe(&mut self, event: &Event) {
        if self.overflow.is_some() {
            return;
        }
        self.work.event();
        let mut work = self.work;
        let next = self.after(event, &mut work);
        self.work = work;
        match next {
            Some(next) => self.belief = next,
            None => {
                // Everything up to the event was seen.
                self.overflow = Some(self.foreseen(Some(event.when().lo.saturating_sub(1))).all());
                self.belief = Belief::default();
                return;
            }
        }
        if let Some(symbol) = event.symbol() {
            self.last = Some(symbol);
        }
        self.blind = match event {
            Event::Gap { when, found: Found::NotSeen, .. } => {
                Some(self.blind.map_or(when.lo, |since| since.min(when.lo)))
            }
            _ => None,
        };
    }

    /// The belief after an event; none when it grows too large.
    fn after(&self, event: &Event, work: &mut Work) -> Option<Belief> {
        match event {
            Event::Enter { shown, when, .. } => {
                let atom = self.automaton.alphabet.atom(&shown.symbol);
                self.image(&self.belief, atom, *when, true, work)
            }
            Event::Gap { when, found: Found::NotSeen, .. } => Some(self.closure(*when, work)?.0),
            Event::Gap { when, found: Found::NoState, .. } => {
                // The track never had a state, or lost the one that it had.
                let (hidden, _) = self.closure(*when, work)?;
                let atom = self.automaton.alphabet.atom(&Symbol::absent());
                let stays = self.blind.is_some() || self.last == Some(Symbol::absent());
                let had = hidden.only(|config| config.entered.is_some());
                let mut next = self.image(&had, atom, *when, false, work)?;
                next.join(&self.belief.only(|config| stays || config.entered.is_none()));
                (next.len() <= MAX_BELIEF).then_some(next)
            }
            Event::Gap { when, found: Found::In(shown), .. } => {
                let (hidden, left) = self.closure(*when, work)?;
                let atom = self.automaton.alphabet.atom(&shown.symbol);
                let stayed = self.last.as_ref() == Some(&shown.symbol);
                // To be found in the same state again, the track must have left it.
                let mut next = self.image(if stayed { &left } else { &hidden }, atom, *when, false, work)?;
                if stayed {
                    next.join(&self.belief);
                }
                (next.len() <= MAX_BELIEF).then_some(next)
            }
        }
    }

    /// All that hidden traces may lead to, including the empty one; and all that those with at least one symbol lead
    /// to.
    fn closure(&self, gap: Span, work: &mut Work) -> Option<(Belief, Belief)> {
        let mut seen = Reached::by_nothing(&self.belief);
        // Those that accept most first: between one of them and one that accepts little, others need not be expanded.
        let mut next: BTreeSet<_> = self.belief.iter().map(|(config, _)| (config.rank(), config.clone())).collect();
        while let Some((_, config)) = next.pop_last() {
            if seen.leave_out(&config) {
                continue;
            }
            let barred = self.barred(seen.present(&config));
            for (atoms, reached) in self.hidden_steps(&config, barred, gap, work)? {
                let is_expanded = match seen.add(reached.clone(), atoms) {
                    Added::LeftOut => false,
                    Added::New => true,
                    // A configuration that any state may follow is expanded only once.
                    Added::Known(before) => self.barred(before) != self.barred(before | atoms),
                };
                if is_expanded {
                    next.insert((reached.rank(), reached));
                }
            }
            if seen.len() > MAX_BELIEF {
                return None;
            }
        }
        Some(seen.beliefs())
    }

    fn image(&self, belief: &Belief, atom: usize, when: Span, cut: bool, work: &mut Work) -> Option<Belief> {
        let mut next = Belief::default();
        for (config, present) in belief.iter() {
            if self.barred(present) & 1 << atom == 0 {
                for reached in self.steps(config, atom, when, cut, work)? {
                    next.add(&reached, 1 << atom);
                }
            }
            if next.len() > MAX_BELIEF {
                return None;
            }
        }
        Some(if next.len() == 0 { belief.clone() } else { next.reduced() })
    }

    /// The atom that cannot follow: the present one, when it is known and does not follow itself.
    fn barred(&self, present: AtomSet) -> AtomSet {
        let single = present.is_power_of_two() && !self.automaton.alphabet.repeats(present.trailing_zeros() as usize);
        if single { present } else { 0 }
    }

    /// The judgement if the trace ends with `end`.
    #[must_use]
    pub fn judge(&self, end: &End) -> Judgement {
        match self.overflow {
            Some(Truth::Yes) => return Judgement::SATISFIED,
            Some(Truth::No) => return Judgement::VIOLATED,
            Some(Truth::Maybe) if end.is_final() => return Judgement::INCONCLUSIVE,
            Some(Truth::Maybe) => return Judgement::PENDING,
            None => {}
        }
        let said = match end {
            End::Closed { at } => self.fitting(Span { lo: *at, hi: NEVER_AFTER }),
            End::Deleted { when } => self.fitting(*when),
            // Everything up to a gap without an end was seen.
            End::Open { alive, .. } => self.foreseen(Some(self.blind.map_or(*alive, |since| since - 1))),
            End::Unfenced => self.foreseen(self.blind.map(|since| since - 1)),
        };
        match (said.all(), end) {
            (Truth::Maybe, End::Open { .. }) => Judgement::open(said.no, said.yes),
            (all, _) => Judgement::closed(all == Truth::Yes, all == Truth::No),
        }
    }

    fn fitting(&self, until: Span) -> Said {
        let mut said = Said::default();
        self.belief.iter().for_each(|(config, _)| said.add(self.fits(config, until)));
        said
    }

    /// Whether a completion fits if its last state is left within `until`, or still held then.
    fn fits(&self, config: &Config, until: Span) -> Truth {
        let Some(entered) = config.entered else {
            return if self.automaton.nullable { Truth::Yes } else { Truth::No };
        };
        let stay = until.since(entered);
        // A window may end before the gap, and its last state is not left there.
        let least = self.blind.map_or(stay.lo, |since| stay.lo.min((since - entered.hi).max(0)));
        let stay = Span { lo: least, hi: stay.hi };
        let ends = config.threads.iter().filter(|thread| self.automaton.last[usize::from(thread.at)]);
        any(ends.map(|thread| {
            let bound = self.automaton.positions[usize::from(thread.at)].stay;
            let kept = bound.map_or(Truth::Yes, |Bound { least, most }| Truth::of(stay, least, most));
            kept.and(self.leaves(thread, 0)).unless(!thread.sure)
        }))
    }

    /// The answers of all futures, when everything up to `alive` was seen.
    fn foreseen(&self, alive: Option<Micros>) -> Said {
        let mut promises = Promises::new(&self.outlook);
        let mut said = Said::default();
        for (config, present) in self.belief.iter() {
            self.futures(config, present, alive, &mut promises, &mut said);
        }
        said
    }

    /// Whether every future of a completion fits (yes), or none does (no), for each state that may be present.
    fn futures(
        &self,
        config: &Config,
        present: AtomSet,
        alive: Option<Micros>,
        promises: &mut Promises<'_>,
        said: &mut Said,
    ) {
        let Some(entered) = config.entered else {
            return said.add(self.outlook.at_the_beginning());
        };
        let least = alive.map_or(0, |alive| alive.saturating_sub(entered.hi).max(0));
        let stay = Span { lo: least, hi: NEVER_AFTER };
        let (mut hopes, mut may_end) = (0, false);
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
            let done = self.leaves(thread, 0);
            ends |= last && left.and(done) == Truth::Yes;
            may_end |= last && done != Truth::No;
            for edge in &self.automaton.follow[usize::from(thread.at)] {
                let leaves = self.leaves(thread, edge.kept);
                if leaves == Truth::No {
                    continue;
                }
                if !alive.is_some_and(|alive| self.overdue(thread, *edge, alive.saturating_add(1))) {
                    hopes |= self.outlook.hopeful(edge.to);
                }
                if left.and(leaves) == Truth::Yes && edge.kept == 0 {
                    sure.push(edge.to);
                }
            }
        }
        let failing = if ends { promises.failing(sure) } else { AtomSet::MAX };
        let all = self.automaton.alphabet.all();
        for atom in (0..self.automaton.alphabet.size()).filter(|atom| present & 1 << atom != 0) {
            let after = all & !self.barred(1 << atom);
            said.add(match (may_end || hopes & after != 0, failing & after == 0) {
                (false, _) => Truth::No,
                (true, true) => Truth::Yes,
                (true, false) => Truth::Maybe,
            });
        }
    }

    /// True when a group of an edge has exceeded its limit at `now`, wherever in its span the group started.
    fn overdue(&self, thread: &Thread, edge: Edge, now: Micros) -> bool {
        self.kept(thread, edge.kept).any(|(group, start)| {
            let limit = self.automaton.limits[group].limit();
            limit.is_some_and(|most| now.saturating_sub(start.when.hi) > most)
        })
    }

    /// Whether the present entry may be the last one of all groups but those of `kept`.
    fn leaves(&self, thread: &Thread, kept: GroupSet) -> Truth {
        self.kept(thread, !kept).fold(Truth::Yes, |all, (_, start)| all.and(start.ends))
    }

    /// Those groups of `kept` that a thread is in, with their starts.
    fn kept<'a>(&'a self, thread: &'a Thread, kept: GroupSet) -> impl Iterator<Item = (usize, Start)> + 'a {
        let groups = self.automaton.positions[usize::from(thread.at)].groups;
        (0..self.automaton.limits.len())
            .filter(move |group| groups & (1 << group) != 0)
            .zip(thread.starts.iter().copied())
            .filter(move |(group, _)| kept & (1 << group) != 0)
    }

    /// The bounds on the present state, of all paths that lead on from it.
    pub fn stays(&self) -> impl Iterator<Item = Bound> + '_ {
        let threads = self.belief.iter().flat_map(|(config, _)| &config.threads);
        threads.filter_map(|thread| self.automaton.positions[usize::from(thread.at)].stay)
    }

    /// True when an entry repeats the present state in every completion.
    #[must_use]
    pub fn stutters(&self, event: &Event) -> bool {
        let atom = event.shown().map(|shown| self.automaton.alphabet.atom(&shown.symbol));
        atom.is_some_and(|atom| {
            self.belief.len() > 0
                && self
                    .belief
                    .iter()
                    .all(|(config, present)| config.entered.is_some() && self.barred(present) & 1 << atom != 0)
        })
    }

    /// True when gaps or inexact times leave more than one possibility.
    #[must_use]
    pub fn is_split(&self) -> bool {
        let alone = self.belief.iter().all(|(_, present)| present.count_ones() <= 1);
        self.overflow.is_some() || self.belief.len() > 1 || !alone || self.blind.is_some()
    }

    /// The number of threads that were advanced so far.
    #[must_use]
    pub fn work(&self) -> u64 {
        self.work.done()
    }
}
