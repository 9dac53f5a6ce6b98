//! `every A then B within L..U` with a least time L: each entry of A is followed by an entry of B that is not earlier
//! than L and not later than U after it.
//!
//! An entry of B that is too early answers nothing, so several entries of A may be open at once. Two questions are kept
//! apart. Whether some completion leaves an entry of A without an answer concerns each entry alone, so a list of the
//! times that may be open is exact. Whether all completions leave one concerns them together, so it has configurations:
//! for each way to answer as much as possible, what is open nevertheless. Beyond a cap the first is not known, and the
//! second knows of fewer open entries: both lose verdicts and invent none.

use super::count::Tally;
use super::path::{Bound, States};
use super::trace::{End, Event, Found, Micros, NEVER_AFTER, NEVER_BEFORE, Span, Symbol};
use super::verdict::Judgement;
use std::sync::Arc;

/// Most entries of A that are open at once. Of those for which any next answer is late enough, the oldest is the
/// tightest and stands for all: only the entries of the last L count.
const MAX_OPEN: usize = 256;
/// Most configurations.
const MAX_CONFIGS: usize = 64;

/// The operands of `every`, with a least time.
#[derive(Clone, Debug)]
pub struct Terms {
    /// A.
    pub every: States,
    /// B.
    pub then: States,
    /// From L to U.
    pub within: Bound,
    /// The least number of entries of A.
    pub min: u64,
}

/// The times of entries of A, in order.
type Open = Vec<Span>;

/// What some completion leaves open.
#[derive(Clone, Debug, PartialEq, Eq)]
enum May {
    /// An entry at any of these times.
    Open(Open),
    /// Some completion violates.
    Violated,
    /// More entries than are kept.
    Unknown,
}

/// The monitor of `every A then B within L..U`.
#[derive(Clone, Debug)]
pub struct Delayed {
    terms: Arc<Terms>,
    may: May,
    /// What is open in every completion that a configuration stands for; of each entry, some time of its span. Those
    /// that violate are left out.
    must: Vec<Open>,
    entries: Tally,
    /// No later entry is earlier.
    now: Micros,
    last: Option<Symbol>,
    blind: bool,
}

/// What an entry means for the obligations.
#[derive(Clone, Copy)]
struct Role {
    opens: bool,
    answers: bool,
}

impl Delayed {
    /// A monitor before the first event.
    #[must_use]
    pub fn new(terms: Arc<Terms>) -> Self {
        Self {
            terms,
            may: May::Open(Vec::new()),
            must: vec![Vec::new()],
            entries: Tally::zero(),
            now: NEVER_BEFORE,
            last: None,
            blind: false,
        }
    }

    /// Reads the next event.
    pub fn observe(&mut self, event: &Event) {
        match event {
            Event::Enter { shown, when, .. } => self.enter(self.role(&shown.symbol), when.not_before(self.now)),
            Event::Gap { when, found, .. } => {
                let (entered, may_have_stayed) = match found {
                    Found::NotSeen => (None, true),
                    // The track never had a state, or lost the one that it had.
                    Found::NoState => (Some(Symbol::absent()), self.last.is_none()),
                    Found::In(shown) => (Some(shown.symbol.clone()), false),
                };
                let may_have_stayed = may_have_stayed || self.blind || self.last == entered;
                let role = entered.filter(|_| !may_have_stayed).map(|symbol| self.role(&symbol));
                let end = if *found == Found::NotSeen { NEVER_AFTER } else { when.hi };
                self.gap(role, Span { lo: when.lo.max(self.now).min(end), hi: end });
            }
        }
        self.now = self.now.max(event.when().lo);
        self.forget();
        self.blind = matches!(event, Event::Gap { found: Found::NotSeen, .. });
        if let Some(symbol) = event.symbol() {
            self.last = Some(symbol);
        }
    }

    fn role(&self, symbol: &Symbol) -> Role {
        Role { opens: self.terms.every.contains(symbol), answers: self.terms.then.contains(symbol) }
    }

    fn enter(&mut self, role: Role, when: Span) {
        let one = u64::from(role.opens);
        self.entries.add(one, Some(one));
        self.may_enter(role, when);
        self.elapse_must(when.lo);
        let before = std::mem::take(&mut self.must);
        for open in before {
            for piece in if role.answers { self.pieces(&open, when) } else { vec![when] } {
                let kept = if role.answers { self.unanswered(&open, piece) } else { Some(open.clone()) };
                self.must.extend(kept.map(|mut open| {
                    open.extend(role.opens.then_some(piece));
                    open
                }));
            }
        }
    }

    /// A gap, and what was certainly entered by its end.
    fn gap(&mut self, role: Option<Role>, when: Span) {
        self.entries.add(u64::from(role.is_some_and(|role| role.opens)), None);
        self.elapse_may(when.lo);
        self.push_may(when);
        match role {
            Some(role) => self.may_enter(Role { opens: false, ..role }, when),
            // Up to its end, nothing need have happened.
            None if when.hi < NEVER_AFTER => self.elapse_may(when.hi),
            None => {}
        }
        self.elapse_must(when.lo);
        let least = self.terms.within.least;
        for open in &mut self.must {
            // Anything that can be answered within the gap may have been.
            open.retain(|start| when.hi < start.lo + least);
            open.extend(role.is_some_and(|role| role.opens).then_some(when));
        }
    }

    fn may_enter(&mut self, role: Role, when: Span) {
        // What is late at the last possible time violates, whatever was entered.
        self.elapse_may(when.hi);
        if role.answers
            && let May::Open(open) = &mut self.may
        {
            // The earliest possible answer may be too early.
            let unanswered = (when.lo - self.terms.within.least).saturating_add(1);
            open.retain(|start| start.hi >= unanswered);
            open.iter_mut().for_each(|start| *start = start.not_before(unanswered));
        }
        if role.opens {
            self.push_may(when);
        }
    }

    fn push_may(&mut self, when: Span) {
        if let May::Open(open) = &mut self.may {
            open.push(when);
        }
    }

    fn is_limited(&self) -> bool {
        self.terms.within.limit().is_some()
    }

    /// Parts of a span within which an answer answers the same entries.
    fn pieces(&self, open: &Open, when: Span) -> Vec<Span> {
        let Bound { least, most } = self.terms.within;
        let changes = open.iter().flat_map(|start| [start.lo + least, start.hi + most + 1]);
        when.cut(changes, MAX_CONFIGS)
    }

    /// What an answer within `when` leaves open; none if it is too late for something.
    fn unanswered(&self, open: &Open, when: Span) -> Option<Open> {
        let Bound { least, most } = self.terms.within;
        let is_late = |start: &Span| self.is_limited() && when.lo > start.hi + most;
        let is_early = |start: &&Span| when.hi < start.lo + least;
        (!open.iter().any(is_late)).then(|| open.iter().filter(is_early).copied().collect())
    }

    /// Advances the time to `next`, the earliest time at which something can still have happened.
    fn elapse_may(&mut self, next: Micros) {
        let most = self.terms.within.most;
        let is_limited = self.is_limited();
        if let May::Open(open) = &self.may
            && open.iter().any(|start| is_limited && next - start.lo > most)
        {
            self.may = May::Violated;
        }
    }

    /// The same for what is open in every completion.
    fn elapse_must(&mut self, next: Micros) {
        if !self.is_limited() {
            return;
        }
        let overdue = next - self.terms.within.most;
        self.must.retain(|open| open.iter().all(|start| start.hi >= overdue));
        self.must.iter_mut().flatten().for_each(|start| *start = start.not_before(overdue));
    }

    /// Leaves out what others say, and what is beyond the caps.
    fn forget(&mut self) {
        let ripe = self.now - self.terms.within.least;
        if let May::Open(open) = &mut self.may {
            keep_oldest(open, ripe, |start| start.lo);
            if open.len() > MAX_OPEN {
                self.may = May::Unknown;
            }
        }
        for open in &mut self.must {
            keep_oldest(open, ripe, |start| start.hi);
            open.truncate(MAX_OPEN);
        }
        if self.must.len() > 1 {
            let all = std::mem::take(&mut self.must);
            for open in all {
                if !self.must.iter().any(|other| is_within(other, &open)) {
                    self.must.retain(|other| !is_within(&open, other));
                    self.must.push(open);
                }
            }
        }
        if self.must.len() > MAX_CONFIGS {
            self.must = vec![Vec::new()];
        }
    }

    /// True when gaps or inexact times leave more than one possibility.
    #[must_use]
    pub fn is_split(&self) -> bool {
        match (&self.may, self.must.as_slice()) {
            (May::Violated, []) => false,
            (May::Open(may), [must]) => may != must,
            _ => true,
        }
    }

    /// The judgement if the trace ends with `end`.
    #[must_use]
    pub fn judge(&self, end: &End) -> Judgement {
        let mut then = self.clone();
        match end {
            End::Open { alive: seen, .. } | End::Closed { at: seen } if !self.blind => {
                then.elapse_may(seen + 1);
                then.elapse_must(seen + 1);
            }
            _ => {}
        }
        match end {
            _ if then.must.is_empty() => Judgement::VIOLATED,
            End::Open { .. } => Judgement::open(then.may == May::Violated, false),
            End::Unfenced => Judgement::INCONCLUSIVE,
            // Without a limit, an answer was due as soon as one could be late enough.
            End::Closed { at } if !self.is_limited() && !self.blind => {
                let due = at - self.terms.within.least;
                then.ended(|open| open.iter().any(|start| start.hi <= due))
            }
            End::Closed { .. } => then.ended(|_| false),
            End::Deleted { .. } => then.ended(|open| !open.is_empty()),
        }
    }

    /// The judgement of complete traces; `violates` says so of what is open.
    fn ended(&self, violates: impl Fn(&Open) -> bool) -> Judgement {
        let Tally { least, most } = self.entries;
        let unanswered = self.must.iter().all(violates);
        let too_few = most.is_some_and(|most| most < self.terms.min);
        let answered = self.may == May::Open(Vec::new());
        let standing = Judgement::closed(answered && least >= self.terms.min, unanswered || too_few);
        // A was entered too rarely, or need not have been: there is nothing to judge.
        let is_vacuous = if answered { least == 0 || least < self.terms.min } else { !unanswered };
        if is_vacuous { standing.vacuously() } else { standing }
    }
}

/// Of the entries up to `ripe`, for which any next answer is late enough, leaves the one whose time is over first.
fn keep_oldest(open: &mut Open, ripe: Micros, age: impl Fn(&Span) -> Micros) {
    let is_ripe = |start: &Span| start.hi <= ripe;
    let Some(oldest) = open.iter().copied().filter(|start| is_ripe(start)).min_by_key(age) else { return };
    let mut is_kept = false;
    open.retain(|start| !is_ripe(start) || *start == oldest && !std::mem::replace(&mut is_kept, true));
}

/// True when what is open in one configuration is open in the other.
fn is_within(open: &Open, other: &Open) -> bool {
    open.iter().all(|start| other.iter().any(|other| start.lo <= other.lo && other.hi <= start.hi))
}
