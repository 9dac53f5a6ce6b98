//! `every A then B within D`: each entry of A is followed by an entry of B, not later than D after it.
//!
//! Of several open obligations the oldest is the tightest, so a configuration has at most one start time. Times that
//! are not known exactly are spans; where a span allows both outcomes, the belief contains both.

use super::belief::MAX_BELIEF;
use super::count::{Limits, Tally};
use super::path::States;
use super::trace::{End, Event, Found, Micros, Span, Symbol};
use super::verdict::{Judgement, Verdict};
use std::collections::BTreeSet;
use std::sync::Arc;

/// The operands of `every`.
#[derive(Clone, Debug)]
pub struct Terms {
    /// A.
    pub every: States,
    /// B.
    pub then: States,
    /// D, in microseconds; none for unlimited.
    pub within: Option<Micros>,
    /// The least number of entries of A.
    pub min: u64,
}

impl Terms {
    /// The number up to which entries of A are counted.
    fn counted(&self) -> u64 {
        self.min.max(1)
    }
}

/// One possibility: the bounds on the entries of A (`most` is none when unbounded), and the oldest entry of A that no B
/// followed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Config {
    least: u64,
    most: Option<u64>,
    open: Option<Span>,
}

/// The monitor of `every A then B within D`.
#[derive(Clone, Debug)]
pub struct Response {
    terms: Arc<Terms>,
    /// The completions that do not violate yet.
    belief: BTreeSet<Config>,
    /// Some completion violates.
    violated: bool,
    /// The belief exceeded its cap: there is no verdict any more.
    overflow: bool,
    last: Option<Symbol>,
    blind: bool,
}

impl Response {
    /// A monitor before the first event.
    #[must_use]
    pub fn new(terms: Arc<Terms>) -> Self {
        let start = Config { least: 0, most: Some(0), open: None };
        Self { terms, belief: BTreeSet::from([start]), violated: false, overflow: false, last: None, blind: false }
    }

    /// Reads the next event.
    pub fn observe(&mut self, event: &Event) {
        match event {
            Event::Enter { shown, when, .. } => {
                let belief = std::mem::take(&mut self.belief);
                for config in belief {
                    self.enter(config, &shown.symbol, *when);
                }
            }
            Event::Gap { when, found, .. } => {
                self.elapse(when.lo);
                let stayed = std::mem::take(&mut self.belief);
                let hidden = self.closure(&stayed, *when);
                self.overflow |= hidden.len() > MAX_BELIEF;
                match found {
                    Found::NotSeen => self.belief = hidden,
                    Found::NoState => {
                        // The track never had a state, or lost the one that it had.
                        if self.blind || self.last.as_ref().is_none_or(|last| *last == Symbol::absent()) {
                            self.belief = stayed;
                        }
                        for config in hidden {
                            self.enter(config, &Symbol::absent(), *when);
                        }
                    }
                    Found::In(shown) => {
                        if self.last.as_ref() == Some(&shown.symbol) {
                            self.belief = stayed;
                        }
                        for config in hidden {
                            self.enter(config, &shown.symbol, *when);
                        }
                    }
                }
            }
        }
        self.blind = matches!(event, Event::Gap { found: Found::NotSeen, .. });
        if let Some(symbol) = event.symbol() {
            self.last = Some(symbol);
        }
        self.overflow |= self.belief.len() > MAX_BELIEF;
        if self.overflow {
            self.belief.clear();
        }
    }

    /// True when gaps or inexact times leave more than one possibility.
    #[must_use]
    pub fn is_split(&self) -> bool {
        self.overflow || self.belief.len() + usize::from(self.violated) > 1
    }

    /// All that hidden traces may lead to, including empty ones.
    fn closure(&mut self, from: &BTreeSet<Config>, gap: Span) -> BTreeSet<Config> {
        let mut seen = from.clone();
        let mut work: Vec<Config> = from.iter().copied().collect();
        while let Some(config) = work.pop() {
            let trigger = Config { least: config.least + u64::from(config.open.is_none()), most: None, ..config };
            let entered = Config { open: config.open.or(Some(gap)), ..trigger };
            let answered = config.open.map(|start| {
                let (in_time, late) = self.in_time(start, gap.not_before(start.lo));
                self.violated |= late;
                in_time.then_some(Config { open: None, ..config })
            });
            for next in [Some(entered), answered.flatten()].into_iter().flatten() {
                // Entries of A matter only up to the required minimum.
                let next = Config { least: next.least.min(self.terms.counted()), ..next };
                if seen.insert(next) {
                    work.push(next);
                }
            }
            if seen.len() > MAX_BELIEF {
                break;
            }
        }
        seen
    }

    fn enter(&mut self, mut config: Config, symbol: &Symbol, when: Span) {
        let answers = self.terms.then.contains(symbol);
        if self.terms.every.contains(symbol) {
            config.least = config.least.saturating_add(1).min(self.terms.counted());
            config.most = config.most.map(|most| most.saturating_add(1).min(self.terms.counted()));
        }
        let triggered = self.terms.every.contains(symbol).then_some(when);
        let Some(start) = config.open else {
            self.belief.insert(Config { open: triggered, ..config });
            return;
        };
        let (in_time, late) = self.in_time(start, when);
        self.violated |= late;
        if in_time {
            let open = if answers { triggered } else { Some(self.still_open(start, when.lo)) };
            self.belief.insert(Config { open, ..config });
        }
    }

    /// Whether an answer at `when` can be in time, and whether it can be late.
    fn in_time(&self, start: Span, when: Span) -> (bool, bool) {
        let after = when.since(start);
        match self.terms.within {
            None => (true, false),
            Some(limit) => (after.lo <= limit, after.hi > limit),
        }
    }

    /// The part of an obligation's span that is not overdue at `now`.
    fn still_open(&self, start: Span, now: Micros) -> Span {
        match self.terms.within {
            Some(limit) => start.not_before(now.saturating_sub(limit)),
            None => start,
        }
    }

    /// Advances the time to `next`, the earliest time at which something can still have happened.
    fn elapse(&mut self, next: Micros) {
        let belief = std::mem::take(&mut self.belief);
        for config in belief {
            let Some(start) = config.open else {
                self.belief.insert(config);
                continue;
            };
            let limit = self.terms.within.unwrap_or(Micros::MAX / 2);
            self.violated |= next.saturating_sub(start.lo) > limit;
            if next.saturating_sub(start.hi) <= limit {
                self.belief.insert(Config { open: Some(self.still_open(start, next)), ..config });
            }
        }
    }

    /// The judgement if the trace ends with `end`.
    #[must_use]
    pub fn judge(&self, end: &End) -> Judgement {
        if self.overflow {
            let open = Judgement { pass_lost: self.violated, ..Judgement::PENDING };
            return if end.is_final() { Judgement::INCONCLUSIVE } else { open };
        }
        let mut then = self.clone();
        match end {
            End::Open { alive: seen, .. } | End::Closed { at: seen } if !self.blind => then.elapse(seen + 1),
            _ => {}
        }
        if then.belief.is_empty() {
            return Judgement::VIOLATED;
        }
        match end {
            End::Open { .. } => Judgement::open(then.violated, false),
            End::Unfenced => Judgement::INCONCLUSIVE,
            End::Closed { .. } | End::Deleted { .. } => {
                let deleted = matches!(end, End::Deleted { .. });
                let parts: Vec<Judgement> =
                    then.belief.iter().map(|config| then.judge_one(config, deleted, end)).collect();
                let all = parts.iter().all(|part| part.verdict == Verdict::Satisfied);
                let none = parts.iter().all(|part| part.verdict == Verdict::Violated);
                let standing = Judgement::closed(all && !then.violated, none);
                // A was entered too rarely, or need not have been: there is nothing to judge.
                let too_few = |config: &Config| config.open.is_none() && config.least < then.terms.min;
                let nothing = |config: &Config| config.open.is_none() && config.least == 0 || too_few(config);
                let short =
                    |config: &Config| config.open.is_some() && then.may_be_answered(deleted) && then.is_short(config);
                if then.belief.iter().any(|config| nothing(config) || short(config)) {
                    standing.vacuously()
                } else {
                    standing
                }
            }
        }
    }

    /// Whether an answer that is due after the end may come in time.
    fn may_be_answered(&self, deleted: bool) -> bool {
        !deleted && self.terms.within.is_some()
    }

    /// Whether A was entered too rarely: no answer after the end makes up for that.
    fn is_short(&self, config: &Config) -> bool {
        config.most.is_some_and(|most| most < self.terms.min)
    }

    fn judge_one(&self, config: &Config, deleted: bool, end: &End) -> Judgement {
        match config.open {
            Some(_) if !self.may_be_answered(deleted) || self.is_short(config) => Judgement::VIOLATED,
            Some(_) => Judgement::INCONCLUSIVE,
            None => {
                let tally = Tally { least: config.least, most: config.most };
                tally.judge(Limits { min: self.terms.min, max: None }, end)
            }
        }
    }
}
