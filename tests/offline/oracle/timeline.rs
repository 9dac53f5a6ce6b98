//! Timelines as they were seen, and all completions of them up to a size: every word that a gap may hold, every time
//! that a span leaves open, every future.

use super::language::{Finish, LABELS, LOST, Symbol, Word};
use std::fmt;

/// What was seen of one track; times are whole microseconds.
#[derive(Clone, Debug)]
pub(crate) struct Timeline {
    /// The subject existed before.
    pub before: bool,
    pub events: Vec<Event>,
    pub end: End,
}

#[derive(Clone, Copy, Debug)]
pub(crate) enum Event {
    /// Entered at one of these times.
    Enter { letter: Symbol, lo: i64, hi: i64 },
    /// Not seen in between, then found in this state.
    Gap { from: i64, to: i64, found: Symbol },
    /// Not seen in between, then without a state: it never had one, or lost it. Only before the first that was seen.
    Empty { from: i64, to: i64 },
    /// Entered again with a higher restart count: what lay between was not published, if anything did.
    Bump { letter: Symbol, at: i64 },
    /// Not seen again from here on; only at the end.
    Lost { from: i64 },
}

impl Event {
    /// What it was seen in; none when it was not.
    pub(crate) fn shown(self) -> Option<Symbol> {
        match self {
            Self::Enter { letter, .. } | Self::Bump { letter, .. } => Some(letter),
            Self::Gap { found, .. } => Some(found),
            Self::Empty { .. } | Self::Lost { .. } => None,
        }
    }

    /// What it was seen in, or any letter where it was not.
    pub(crate) fn letter(self) -> Symbol {
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
    /// Most letters in a gap.
    pub hidden: usize,
    /// Most letters of a future.
    pub future: usize,
    /// Most ticks that a future, or a past that was not seen, goes beyond what was seen, for each letter.
    pub ticks: i64,
    /// Times matter.
    pub timed: bool,
    /// Most completions.
    pub budget: usize,
}

/// Calls `visit` with every completion; it returns false to stop. False when the budget was used up.
pub(super) fn completions(timeline: &Timeline, depth: Depth, visit: &mut dyn FnMut(&Word, Finish) -> bool) -> bool {
    let mut walk = Walk { timeline, depth, left: depth.budget, stopped: false, visit };
    let mut word = Word { letters: Vec::new(), left: 0 };
    walk.event(&mut word, 0);
    walk.left > 0 || walk.stopped
}

struct Walk<'a> {
    timeline: &'a Timeline,
    depth: Depth,
    left: usize,
    stopped: bool,
    visit: &'a mut dyn FnMut(&Word, Finish) -> bool,
}

impl Timeline {
    /// From when on nothing was seen any more.
    pub(crate) fn lost(&self) -> Option<i64> {
        match self.events.last() {
            Some(Event::Lost { from }) => Some(*from),
            _ => None,
        }
    }
}

impl Walk<'_> {
    fn event(&mut self, word: &mut Word, at: usize) {
        if self.stopped || self.left == 0 {
            return;
        }
        let Some(event) = self.timeline.events.get(at).copied() else {
            return self.end(word);
        };
        let last = word.letters.last().copied();
        let past = last.map_or(i64::MIN, |(_, at)| at);
        match event {
            Event::Enter { letter, lo, hi } if at == 0 && self.timeline.before => {
                let _ = lo;
                self.hidden(word, hi - self.depth.ticks, hi, letter, self.depth.hidden, at + 1);
            }
            Event::Enter { letter, lo, hi } => {
                for time in self.times(lo.max(past), hi) {
                    self.with(word, (letter, time), &mut |walk, word| walk.event(word, at + 1));
                }
            }
            Event::Lost { .. } => self.end(word),
            Event::Gap { from, to, found } => {
                if last.is_some_and(|(letter, _)| letter == found) {
                    self.event(word, at + 1);
                }
                self.hidden(word, from.max(past), to, found, self.depth.hidden, at + 1);
            }
            Event::Empty { from, to } => {
                let from = if at == 0 && self.timeline.before { to - self.depth.ticks } else { from.max(past) };
                match last {
                    // A track that had no state has none, or had one and lost it.
                    None => {
                        self.event(word, at + 1);
                        for letter in 0..5 {
                            for time in self.times(from, to) {
                                let hidden = self.depth.hidden - 1;
                                self.with(word, (letter, time), &mut |walk, word| {
                                    walk.hidden(word, time, to, LOST, hidden, at + 1);
                                });
                            }
                        }
                    }
                    Some(_) => {
                        self.event(word, at + 1);
                        self.hidden(word, from, to, LOST, self.depth.hidden, at + 1);
                    }
                }
            }
            Event::Bump { letter, at: time } => {
                self.event(word, at + 1);
                // Until then the state before was served: what was never published had no time of its own.
                self.hidden(word, time.max(past), time, letter, self.depth.hidden, at + 1);
            }
        }
    }

    /// Up to so many letters within a span, then the one that was found.
    fn hidden(&mut self, word: &mut Word, from: i64, to: i64, found: Symbol, most: usize, next: usize) {
        let last = word.letters.last().map(|(letter, _)| *letter);
        if last != Some(found) {
            for time in self.times(from, to) {
                self.with(word, (found, time), &mut |walk, word| walk.event(word, next));
            }
        }
        if most == 0 {
            return;
        }
        for letter in (0..5).filter(|letter| last != Some(*letter)) {
            for time in self.times(from, to) {
                self.with(word, (letter, time), &mut |walk, word| walk.hidden(word, time, to, found, most - 1, next));
            }
        }
    }

    fn end(&mut self, word: &mut Word) {
        match self.timeline.end {
            // It went at some time, after anything at all.
            End::Deleted(at) if self.timeline.lost().is_some() => {
                let from = self.timeline.lost().unwrap_or(at).max(word.letters.last().map_or(i64::MIN, |(_, at)| *at));
                self.gone_within(word, from, at, self.depth.hidden);
            }
            End::Open { .. } | End::Unfenced if self.timeline.lost().is_some() => {
                let from = self.timeline.lost().unwrap_or(0).max(word.letters.last().map_or(i64::MIN, |(_, at)| *at));
                self.future(word, from, self.depth.future);
            }
            End::Closed(at) => self.held(word, at),
            End::Deleted(at) => self.finish(word, at, Finish::Gone),
            // Nothing is known of what came after the last entry.
            End::Unfenced => {
                let seen = self.timeline.events.last().map_or(0, |event| event.hi());
                self.future(word, seen, self.depth.future);
            }
            End::Open { alive, .. } => {
                // An entry shows that its stream was alive, but for one of a backlog or a list: more of that may come.
                let past = word.letters.last().map_or(i64::MIN, |(_, at)| *at);
                self.future(word, (alive + 1).max(past), self.depth.future);
            }
        }
    }

    fn gone_within(&mut self, word: &mut Word, from: i64, to: i64, most: usize) {
        for time in self.times(from, to) {
            self.finish(word, time, Finish::Gone);
        }
        if most == 0 {
            return;
        }
        let last = word.letters.last().map(|(letter, _)| *letter);
        for letter in (0..5).filter(|letter| last != Some(*letter)) {
            for time in self.times(from, to) {
                self.with(word, (letter, time), &mut |walk, word| walk.gone_within(word, time, to, most - 1));
            }
        }
    }

    /// Nothing more, or more letters, none before `earliest`.
    fn future(&mut self, word: &mut Word, earliest: i64, most: usize) {
        for time in self.times(earliest, earliest + self.depth.ticks) {
            self.finish(word, time, Finish::Gone);
        }
        self.held(word, earliest);
        if most == 0 {
            return;
        }
        let last = word.letters.last().map(|(letter, _)| *letter);
        for letter in (0..5).filter(|letter| last != Some(*letter)) {
            for time in self.times(earliest, earliest + self.depth.ticks) {
                self.with(word, (letter, time), &mut |walk, word| walk.future(word, time, most - 1));
            }
        }
    }

    /// A fence at `at`: the last state goes on for as long as it likes.
    fn held(&mut self, word: &mut Word, at: i64) {
        for left in self.times(at, at + self.depth.ticks) {
            self.finish(word, left, Finish::Fenced(at));
        }
    }

    fn times(&self, from: i64, to: i64) -> std::ops::RangeInclusive<i64> {
        if self.depth.timed { from..=to } else { to.max(from)..=to.max(from) }
    }

    fn with(&mut self, word: &mut Word, letter: (Symbol, i64), go: &mut dyn FnMut(&mut Self, &mut Word)) {
        word.letters.push(letter);
        go(self, word);
        word.letters.pop();
    }

    fn finish(&mut self, word: &mut Word, left: i64, finish: Finish) {
        if self.stopped || self.left == 0 {
            return;
        }
        self.left -= 1;
        word.left = left;
        self.stopped = !(self.visit)(word, finish);
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
            let label = LABELS[usize::from(event.letter())];
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
