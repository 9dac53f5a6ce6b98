//! Random cases from random bytes: fewer and smaller bytes make simpler cases, so that failures shrink.

use super::language::{Bound, Expectation, Item, Path, Primitive, Set, Style, Wide, Within};
use super::timeline::{End, Event, Timeline};

/// The random bytes that a case is generated from.
pub(crate) struct Genes<'a> {
    bytes: &'a [u8],
    at: usize,
    /// How the texts are written.
    style: Style,
    /// Sets may name `$x`.
    holds: bool,
}

impl<'a> Genes<'a> {
    pub(crate) fn new(bytes: &'a [u8]) -> Self {
        Self { bytes, at: 0, style: Style::default(), holds: false }
    }

    fn next(&mut self) -> u8 {
        let byte = self.bytes.get(self.at).copied().unwrap_or(0);
        self.at += 1;
        byte
    }

    pub(super) fn below(&mut self, limit: u8) -> u8 {
        self.next() % limit
    }

    /// True in this many of 256 cases.
    pub(super) fn chance(&mut self, of_256: u8) -> bool {
        self.next() > 255 - of_256
    }

    pub(crate) fn set(&mut self) -> Set {
        const SETS: [u8; 9] = [1, 2, 4, 1, 2, 1, 3, 5, 6];
        let (named, negated) = (SETS[usize::from(self.below(9))], self.chance(50));
        let is_wide = self.style != Style::Labels && self.chance(if self.style == Style::Numbers { 170 } else { 100 });
        let wide = match self.style {
            _ if !is_wide => None,
            Style::Labels | Style::Kinds | Style::Patterns => Some(Wide::Kind),
            Style::Numbers => Some([Wide::Kind, Wide::Low, Wide::High][usize::from(self.below(3))]),
            Style::Details => Some(if self.chance(128) { Wide::Label } else { Wide::Detail }),
        };
        let named = if is_wide && self.chance(128) { 0 } else { named };
        if self.holds && self.chance(140) {
            let named = if self.chance(50) { named } else { 0 };
            return Set { negated, named, wide: None, placeholder: true };
        }
        Set { negated, named, wide, placeholder: false }
    }

    /// How the texts of this case are written: with symbols that are labels, states of a container, states with
    /// details, labels that regular expressions name, or numbers that are compared.
    pub(super) fn words(&mut self) -> impl Fn(&str) -> String + use<> {
        self.style = match self.below(8) {
            4 => Style::Numbers,
            5 => Style::Patterns,
            6 => Style::Details,
            7 => Style::Kinds,
            _ => Style::Labels,
        };
        let style = self.style;
        move |text: &str| style.write(text)
    }

    fn item(&mut self, timed: bool, depth: u8) -> Item {
        let primitive = match self.below(16) {
            0..=6 => Primitive::State(self.set()),
            7..=10 => Primitive::Run,
            11 => Primitive::One,
            _ if depth == 0 => Primitive::State(self.set()),
            _ => Primitive::Group(self.path(timed, depth - 1)),
        };
        let run = matches!(primitive, Primitive::Run);
        let single = matches!(primitive, Primitive::State(_) | Primitive::One);
        let repeat = if run {
            Some((0, None))
        } else {
            match self.below(14) {
                8 => Some((0, Some(1))),
                9 => Some((0, None)),
                10 => Some((1, None)),
                11 => Some((2, Some(2))),
                12 => Some((2, None)),
                13 => Some((1, Some(2))),
                _ => None,
            }
        };
        let limit = i64::from(self.below(5)) + 1;
        let stay = (timed && single && self.chance(110)).then(|| match self.below(6) {
            0 => Bound::AtLeast(limit),
            1 => Bound::Less(limit),
            2 => Bound::AtMost(limit),
            3 => Bound::More(limit),
            _ => Bound::Range(self.range()),
        });
        let repeat = if run { None } else { repeat };
        let item = Item { primitive, repeat, stay, within: None };
        // Of one state alone `within` does not compile.
        let within = (timed && self.chance(70) && !item.is_one_state()).then(|| self.within());
        Item { within, ..item }
    }

    fn range(&mut self) -> Within {
        let least = i64::from(self.below(4)) + 1;
        let most = (!self.chance(100)).then(|| least + i64::from(self.below(5)));
        Within { least, most }
    }

    pub(crate) fn within(&mut self) -> Within {
        let most = i64::from(self.below(6));
        if self.chance(85) { self.range() } else { Within { least: 0, most: Some(most) } }
    }

    fn path(&mut self, timed: bool, depth: u8) -> Path {
        let alternatives = if self.chance(40) { 2 } else { 1 };
        let sequence = |genes: &mut Self| {
            let items = genes.below(4) + 1;
            (0..items).map(|_| genes.item(timed, depth)).collect()
        };
        Path((0..alternatives).map(|_| sequence(self)).collect())
    }

    /// A path, some of which have `$x`: at least two uses of it, since one alone does not compile.
    fn whole_path(&mut self, timed: bool) -> Path {
        self.holds = !matches!(self.style, Style::Patterns | Style::Numbers) && self.chance(70);
        let path = self.path(timed, 2);
        let is_it = !self.holds || path.uses() >= 2;
        self.holds = false;
        if is_it { path } else { self.path(timed, 2) }
    }

    pub(crate) fn expectation(&mut self, timed: bool) -> Expectation {
        match self.below(20) {
            13 if !timed => Expectation::Never(self.set()),
            14 if !timed => Expectation::Always(self.set()),
            15..=16 => {
                let (every, then) = (self.set(), self.set());
                let within = timed.then(|| self.within());
                Expectation::Every { every, then, within, min: usize::from(self.below(3)) }
            }
            17 if !timed => {
                let min = usize::from(self.below(3)) + 1;
                let max = self.chance(128).then(|| min + usize::from(self.below(2)));
                Expectation::Count { set: self.set(), min, max }
            }
            18 if !timed => Expectation::OnlyAfter { enter: self.set(), after: self.set() },
            19 if !timed => Expectation::Quiet { after: self.set() },
            _ => Expectation::Path(self.whole_path(timed)),
        }
    }

    pub(super) fn timeline(&mut self, gaps: u8) -> Timeline {
        let (before, detailed, labels) = (self.chance(20), self.style == Style::Details, self.style.labels());
        let length = 1 + self.below(5);
        let mut events: Vec<Event> = Vec::new();
        let mut now = 0;
        let mut holes = 0;
        for at in 0..length {
            let last = events.last().and_then(|event| event.shown());
            now += if at == 0 { 0 } else { i64::from(self.below(4)) };
            let unseen = at == 0 && before;
            if last.is_none() && (unseen || holes < gaps) && self.chance(60) {
                let to = now + i64::from(self.below(4));
                events.push(Event::Empty { from: now, to });
                holes += u8::from(!unseen);
                now = to;
                continue;
            }
            let gap = holes < gaps && !unseen && self.chance(70);
            let symbol = self.below(5);
            if gap {
                let to = now + i64::from(self.below(4));
                events.push(Event::Gap { from: now, to, found: symbol });
                holes += 1;
                now = to;
            } else if last == Some(symbol) {
                if holes < gaps && self.chance(40) {
                    holes += 1;
                    events.push(Event::Bump { symbol, at: now });
                } else {
                    let symbol = (symbol + 1) % 5;
                    events.push(Event::Enter { symbol, lo: now, hi: now });
                }
            } else {
                let hi = now + if self.chance(70) { i64::from(self.below(3)) } else { 0 };
                events.push(Event::Enter { symbol, lo: now, hi });
                now = hi;
            }
        }
        let end = self.end(now);
        // A timeline that ends in a gap cannot have been fenced.
        if !matches!(end, End::Closed(_)) && self.chance(25) {
            let from = now + i64::from(self.below(2));
            let end = match end {
                End::Deleted(at) => End::Deleted(at.max(from + 1)),
                End::Open { now, alive } => End::Open { now: now.max(from + 1), alive },
                end => end,
            };
            events.push(Event::Lost { from });
            return Timeline { before, detailed, labels, events, end };
        }
        Timeline { before, detailed, labels, events, end }
    }

    fn end(&mut self, now: i64) -> End {
        let later = now + i64::from(self.below(6));
        match self.below(8) {
            0..=2 => {
                let alive = if self.chance(60) { now + i64::from(self.below(3)) } else { later };
                End::Open { now: later.max(alive), alive }
            }
            3..=5 => End::Closed(later),
            6 => End::Deleted(later),
            _ => End::Unfenced,
        }
    }

    /// A timeline with less information: an entry is not seen, or there is a gap before or after one.
    pub(super) fn blinded(&mut self, timeline: &Timeline) -> Option<Timeline> {
        let mut blinded = timeline.clone();
        if timeline.lost().is_some() {
            return None;
        }
        match self.below(4) {
            0 => {
                let last = *timeline.events.last()?;
                last.shown()?;
                let until = match timeline.end {
                    End::Open { alive, .. } => alive,
                    End::Closed(at) | End::Deleted(at) => at,
                    End::Unfenced => return None,
                };
                let from = last.hi() + i64::from(self.below(2));
                let to = until.max(from);
                blinded.events.push(Event::Gap { from, to, found: last.symbol() });
                if to > until {
                    return None;
                }
                return Some(blinded);
            }
            1 => {
                let at = usize::from(self.below(u8::try_from(timeline.events.len()).ok()?));
                let Event::Enter { symbol, lo, hi } = timeline.events[at] else { return None };
                if at == 0 {
                    return None;
                }
                let from = timeline.events[at - 1].hi().min(lo);
                blinded.events[at] = Event::Gap { from, to: hi, found: symbol };
                return Some(blinded);
            }
            _ => {}
        }
        let at = usize::from(self.below(u8::try_from(timeline.events.len()).ok()?));
        let next = *timeline.events.get(at + 1)?;
        let hidden = blinded.events.remove(at);
        if hidden.shown().is_none() || next.shown().is_none() {
            return None;
        }
        if matches!(hidden, Event::Gap { .. }) || (at == 0 && timeline.before) {
            return None;
        }
        let previous = at.checked_sub(1).map_or(0, |before| timeline.events[before].hi());
        let from = previous.min(hidden.lo());
        blinded.events[at] = Event::Gap { from, to: next.hi(), found: next.symbol() };
        Some(blinded)
    }

    /// A later state of an open timeline.
    pub(super) fn extended(&mut self, timeline: &Timeline) -> Option<Timeline> {
        let End::Open { now, alive } = timeline.end else { return None };
        if timeline.lost().is_some() {
            return None;
        }
        let mut later = timeline.clone();
        let seen = timeline.events.last().map_or(alive, |event| event.hi().max(alive));
        let mut time = seen + 1;
        for _ in 0..self.below(3) {
            let last = later.events.last().and_then(|event| event.shown());
            let hi = time + i64::from(self.below(3));
            let mut symbol = self.below(5);
            if self.chance(60) {
                later.events.push(Event::Gap { from: time, to: hi, found: symbol });
            } else if let Some(last) = last.filter(|_| self.chance(60)) {
                later.events.push(Event::Bump { symbol: last, at: hi });
            } else {
                if last == Some(symbol) {
                    symbol = (symbol + 1) % 5;
                }
                later.events.push(Event::Enter { symbol, lo: time, hi });
            }
            time = hi + i64::from(self.below(2));
        }
        later.end = self.end(time.max(now));
        if let End::Unfenced = later.end {
            later.end = End::Open { now: time.max(now), alive: time.max(now) };
        }
        Some(later)
    }
}
