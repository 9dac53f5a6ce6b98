//! Timelines as they were seen, and all their completions up to a size: every trace that a gap may hide, every time
//! within a span, every future.

use super::language::{Finish, LABELS, LOST, Labels, Symbol, Trace};
use std::fmt;

/// What was seen of one track; times are whole microseconds.
#[derive(Clone, Debug)]
pub(crate) struct Timeline {
    /// The subject existed before the recording.
    pub before: bool,
    /// Its states have details.
    pub detailed: bool,
    pub labels: Labels,
    pub events: Vec<Event>,
    pub end: End,
}

#[derive(Clone, Copy, Debug)]
pub(crate) enum Event {
    /// Entered at one of these times.
    Enter { symbol: Symbol, lo: i64, hi: i64 },
    /// A gap, at whose end it was found in this state.
    Gap { from: i64, to: i64, found: Symbol },
    /// A gap, at whose end it had no state: it never had one, or lost it. Only before the first state that was seen.
    Empty { from: i64, to: i64 },
    /// Entered again with a higher restart count: what happened between, if anything, was not published.
    Bump { symbol: Symbol, at: i64 },
    /// A gap without an end; only as the last event.
    Lost { from: i64 },
}

impl Event {
    /// The state that was seen; none when there was none.
    pub(crate) fn shown(self) -> Option<Symbol> {
        match self {
            Self::Enter { symbol, .. } | Self::Bump { symbol, .. } => Some(symbol),
            Self::Gap { found, .. } => Some(found),
            Self::Empty { .. } | Self::Lost { .. } => None,
        }
    }

    /// The state that was seen, or an arbitrary symbol.
    pub(crate) fn symbol(self) -> Symbol {
        self.shown().unwrap_or(4)
    }

    pub(crate) fn hi(self) -> i64 {
        match self {
            Self::Enter { hi, .. } => hi,
            Self::Gap { to, .. } | Self::Empty { to, .. } => to,
            Self::Bump { at, .. } => at,
            Self::Lost { from } => from,
        }
    }

    pub(crate) fn lo(self) -> i64 {
        match self {
            Self::Enter { lo, .. } => lo,
            Self::Gap { from, .. } | Self::Empty { from, .. } | Self::Lost { from } => from,
            Self::Bump { at, .. } => at,
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum End {
    Open { now: i64, alive: i64 },
    Closed(i64),
    Unfenced,
    Deleted(i64),
}

/// How far completions are enumerated.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Depth {
    /// Most symbols in a gap.
    pub hidden: usize,
    /// Most symbols of a future.
    pub future: usize,
    /// Most ticks per symbol that a future, or an unseen past, extends beyond what was seen.
    pub ticks: i64,
    /// Times matter.
    pub timed: bool,
    /// Most completions.
    pub budget: usize,
}

/// Calls `visit` with every completion until it returns false. Returns false when the budget was exhausted.
pub(super) fn completions(timeline: &Timeline, depth: Depth, visit: &mut dyn FnMut(&Trace, Finish) -> bool) -> bool {
    let mut walk = Walk { timeline, depth, left: depth.budget, stopped: false, visit };
    let Timeline { detailed, labels, .. } = *timeline;
    let mut trace = Trace { symbols: Vec::new(), left: 0, detailed, labels };
    walk.event(&mut trace, 0);
    walk.left > 0 || walk.stopped
}

struct Walk<'a> {
    timeline: &'a Timeline,
    depth: Depth,
    left: usize,
    stopped: bool,
    visit: &'a mut dyn FnMut(&Trace, Finish) -> bool,
}

impl Timeline {
    /// The start of a gap without an end.
    pub(crate) fn lost(&self) -> Option<i64> {
        match self.events.last() {
            Some(Event::Lost { from }) => Some(*from),
            _ => None,
        }
    }
}

impl Walk<'_> {
    fn event(&mut self, trace: &mut Trace, at: usize) {
        if self.stopped || self.left == 0 {
            return;
        }
        let Some(event) = self.timeline.events.get(at).copied() else {
            return self.end(trace);
        };
        let last = trace.symbols.last().copied();
        let past = last.map_or(i64::MIN, |(_, at)| at);
        match event {
            Event::Enter { symbol, lo, hi } if at == 0 && self.timeline.before => {
                let _ = lo;
                self.hidden(trace, hi - self.depth.ticks, hi, symbol, self.depth.hidden, at + 1);
            }
            Event::Enter { symbol, lo, hi } => {
                for time in self.times(lo.max(past), hi) {
                    self.with(trace, (symbol, time), &mut |walk, trace| walk.event(trace, at + 1));
                }
            }
            Event::Lost { .. } => self.end(trace),
            Event::Gap { from, to, found } => {
                if last.is_some_and(|(symbol, _)| symbol == found) {
                    self.event(trace, at + 1);
                }
                self.hidden(trace, from.max(past), to, found, self.depth.hidden, at + 1);
            }
            Event::Empty { from, to } => {
                let from = if at == 0 && self.timeline.before { to - self.depth.ticks } else { from.max(past) };
                match last {
                    // A track without a state never had one, or lost it.
                    None => {
                        self.event(trace, at + 1);
                        for symbol in 0..5 {
                            for time in self.times(from, to) {
                                let hidden = self.depth.hidden - 1;
                                self.with(trace, (symbol, time), &mut |walk, trace| {
                                    walk.hidden(trace, time, to, LOST, hidden, at + 1);
                                });
                            }
                        }
                    }
                    Some(_) => {
                        self.event(trace, at + 1);
                        self.hidden(trace, from, to, LOST, self.depth.hidden, at + 1);
                    }
                }
            }
            Event::Bump { symbol, at: time } => {
                self.event(trace, at + 1);
                // Until then the previous state was served: what was never published has no time.
                self.hidden(trace, time.max(past), time, symbol, self.depth.hidden, at + 1);
            }
        }
    }

    /// At most `most` symbols within a span, then the one that was found.
    fn hidden(&mut self, trace: &mut Trace, from: i64, to: i64, found: Symbol, most: usize, next: usize) {
        let last = trace.symbols.last().map(|(symbol, _)| *symbol);
        if last != Some(found) {
            for time in self.times(from, to) {
                self.with(trace, (found, time), &mut |walk, trace| walk.event(trace, next));
            }
        }
        if most == 0 {
            return;
        }
        for symbol in (0..5).filter(|symbol| last != Some(*symbol)) {
            for time in self.times(from, to) {
                self.with(trace, (symbol, time), &mut |walk, trace| {
                    walk.hidden(trace, time, to, found, most - 1, next);
                });
            }
        }
    }

    fn end(&mut self, trace: &mut Trace) {
        match self.timeline.end {
            // It was deleted at any time, after any states.
            End::Deleted(at) if self.timeline.lost().is_some() => {
                let from = self.timeline.lost().unwrap_or(at).max(trace.symbols.last().map_or(i64::MIN, |(_, at)| *at));
                self.gone_within(trace, from, at, self.depth.hidden);
            }
            End::Open { .. } | End::Unfenced if self.timeline.lost().is_some() => {
                let from = self.timeline.lost().unwrap_or(0).max(trace.symbols.last().map_or(i64::MIN, |(_, at)| *at));
                self.future(trace, from, self.depth.future);
            }
            End::Closed(at) => self.held(trace, at),
            End::Deleted(at) => self.finish(trace, at, Finish::Gone),
            // Nothing is known about what came after the last entry.
            End::Unfenced => {
                let seen = self.timeline.events.last().map_or(0, |event| event.hi());
                self.future(trace, seen, self.depth.future);
            }
            End::Open { alive, .. } => {
                // An entry shows that its stream was alive, except in a backlog or a list, of which more may come.
                let past = trace.symbols.last().map_or(i64::MIN, |(_, at)| *at);
                // What a gap was found in was seen at its end.
                let seen = match self.timeline.events.last() {
                    Some(event @ (Event::Gap { .. } | Event::Empty { .. } | Event::Bump { .. })) => event.hi(),
                    _ => i64::MIN,
                };
                self.future(trace, (alive + 1).max(past).max(seen), self.depth.future);
            }
        }
    }

    fn gone_within(&mut self, trace: &mut Trace, from: i64, to: i64, most: usize) {
        for time in self.times(from, to) {
            self.finish(trace, time, Finish::Gone);
        }
        if most == 0 {
            return;
        }
        let last = trace.symbols.last().map(|(symbol, _)| *symbol);
        for symbol in (0..5).filter(|symbol| last != Some(*symbol)) {
            for time in self.times(from, to) {
                self.with(trace, (symbol, time), &mut |walk, trace| walk.gone_within(trace, time, to, most - 1));
            }
        }
    }

    /// The empty future, and those with symbols at `earliest` or later.
    fn future(&mut self, trace: &mut Trace, earliest: i64, most: usize) {
        for time in self.times(earliest, earliest + self.depth.ticks) {
            self.finish(trace, time, Finish::Gone);
        }
        self.held(trace, earliest);
        if most == 0 {
            return;
        }
        let last = trace.symbols.last().map(|(symbol, _)| *symbol);
        for symbol in (0..5).filter(|symbol| last != Some(*symbol)) {
            for time in self.times(earliest, earliest + self.depth.ticks) {
                self.with(trace, (symbol, time), &mut |walk, trace| walk.future(trace, time, most - 1));
            }
        }
    }

    /// A fence at `at`: the last state is held for any time.
    fn held(&mut self, trace: &mut Trace, at: i64) {
        for left in self.times(at, at + self.depth.ticks) {
            self.finish(trace, left, Finish::Fenced(at));
        }
    }

    fn times(&self, from: i64, to: i64) -> std::ops::RangeInclusive<i64> {
        if self.depth.timed { from..=to } else { to.max(from)..=to.max(from) }
    }

    fn with(&mut self, trace: &mut Trace, symbol: (Symbol, i64), go: &mut dyn FnMut(&mut Self, &mut Trace)) {
        trace.symbols.push(symbol);
        go(self, trace);
        trace.symbols.pop();
    }

    fn finish(&mut self, trace: &mut Trace, left: i64, finish: Finish) {
        if self.stopped || self.left == 0 {
            return;
        }
        self.left -= 1;
        trace.left = left;
        self.stopped = !(self.visit)(trace, finish);
    }
}

impl fmt::Display for Timeline {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let time = |at: i64| format!("{}.{:06}", at / 1_000_000, at % 1_000_000);
        let mut restarts = 0;
        for (index, event) in self.events.iter().enumerate() {
            if index == 0 && self.before {
                f.write_str("^")?;
            }
            let label = LABELS[usize::from(event.symbol())];
            match event {
                Event::Enter { lo, hi, .. } => write!(f, "{label}#{restarts}@[{},{}] ", time(*lo), time(*hi))?,
                Event::Gap { from, to, .. } => write!(f, "~{},{}~ {label}#{restarts} ", time(*from), time(*to))?,
                Event::Empty { to, .. } if index == 0 && self.before => write!(f, "-@{} ", time(*to))?,
                Event::Empty { from, to } => write!(f, "~{},{}~ - ", time(*from), time(*to))?,
                Event::Lost { from } => write!(f, "~{},{}~ ", time(*from), time(from + 1))?,
                Event::Bump { at, .. } => {
                    restarts += 1;
                    write!(f, "{label}#{restarts}@{} ", time(*at))?;
                }
            }
        }
        match self.end {
            End::Open { now, alive } => write!(f, "|open now={} alive={}", time(now), time(alive)),
            End::Closed(at) => write!(f, "|closed@{}", time(at)),
            End::Unfenced => f.write_str("|unfenced"),
            End::Deleted(at) => write!(f, "|deleted@{}", time(at)),
        }
    }
}
