//! Explanations as sentences. The caller formats times and durations: this room knows neither the time axis nor the
//! precision that a reader wants.

use super::why::{Breach, Doubt, Explanation, Length, Required, Rule};
use crate::monitor::{ANY_OTHER, Bound, Event, Micros, NEVER_AFTER, NEVER_BEFORE, Span};

/// Formats times and durations.
pub trait TimeFormat {
    /// ` at 18:09:56.160`, with a leading blank; empty when times are not shown.
    fn at(&self, when: Span) -> String;
    /// `12.3s`
    fn length(&self, micros: Micros) -> String;
    /// The same of a lower bound.
    fn at_least(&self, micros: Micros) -> String {
        self.length(micros)
    }
    /// The same of an upper bound.
    fn at_most(&self, micros: Micros) -> String {
        self.length(micros)
    }
    /// `2m`: a bound as the language writes it, exactly.
    fn bound(&self, micros: Micros) -> String {
        written(micros)
    }
}

/// Shows no times, and durations as the language writes them.
#[derive(Clone, Copy, Debug)]
pub struct Timeless;

impl TimeFormat for Timeless {
    fn at(&self, _: Span) -> String {
        String::new()
    }

    fn length(&self, micros: Micros) -> String {
        duration(micros)
    }
}

/// `1m30s`, as the language writes durations; above one millisecond rounded to milliseconds.
#[must_use]
pub fn duration(micros: Micros) -> String {
    let micros = micros.abs();
    written(if micros < 1_000 { micros } else { (micros + 500) / 1_000 * 1_000 })
}

impl Explanation {
    /// The reason for the verdict, in one line; none when the explanation is empty.
    #[must_use]
    pub fn sentence(&self, events: &[Event], times: &dyn TimeFormat) -> Option<String> {
        let phrases = Phrases { events, times, held: self.held };
        let sentence = match (&self.breach, &self.doubt) {
            (Some(breach), _) => {
                let lacking = phrases.lacking(breach, &self.required, &self.legal);
                Some(lacking.unwrap_or_else(|| phrases.breach(breach, &self.legal)))
            }
            (None, Some(doubt)) => {
                let unseen = self.unseen.map(|gap| format!(": it has a gap{}", times.at(gap))).unwrap_or_default();
                Some(phrases.doubt(doubt, &self.legal) + &unseen)
            }
            (None, None) => None,
        }?;
        Some(match &self.placeholder {
            Some((name, label)) => format!("{sentence}, with {name} = {}", as_written(label)),
            None => sentence,
        })
    }

    /// What would decide the verdict; none when nothing is in doubt.
    #[must_use]
    pub fn settle(&self, events: &[Event], times: &dyn TimeFormat) -> Option<String> {
        let phrases = Phrases { events, times, held: self.held };
        let is_settled = |doubt: &&Doubt| !matches!(doubt, Doubt::Waiting { .. } | Doubt::Apart(_) | Doubt::Order(_));
        self.doubt.as_ref().filter(is_settled).map(|doubt| match (doubt, self.unseen) {
            (Doubt::Held(of) | Doubt::Values(of) | Doubt::Entries(of) | Doubt::Condition(of), Some(gap)) => {
                let when = times.at(gap).replacen(" at ", " ", 1);
                format!("a recording without this gap: keep the stream of {of} alive{when}")
            }
            (doubt, _) => phrases.settle(doubt),
        })
    }
}

/// `Running was never entered`, `neither Running nor Paused was entered`.
fn never_entered(states: &[String]) -> String {
    match states {
        [state] => format!("{state} was never entered"),
        [one, other] => format!("neither {one} nor {other} was entered"),
        many => format!("none of {} was entered", many.join(", ")),
    }
}

struct Phrases<'a> {
    events: &'a [Event],
    times: &'a dyn TimeFormat,
    /// The first event is the state held when the window began.
    held: bool,
}

impl Phrases<'_> {
    /// The state that never came, where a path lacks one; none where another reason says more.
    fn lacking(&self, breach: &Breach, required: &Required, legal: &[String]) -> Option<String> {
        match (breach, required) {
            (Breach::Unfinished, _) if self.events.is_empty() => None,
            (Breach::Unfinished, Required { never, .. }) if !never.is_empty() => {
                Some(format!("{}: it {}", never_entered(never), self.ended()))
            }
            (Breach::Unfinished, Required { next, .. }) if !next.is_empty() => {
                Some(format!("{}; expected {} after it", self.ended(), next.join(" or ")))
            }
            (Breach::Illegal { at, rule: Rule::Path }, Required { never, .. }) if !never.is_empty() => {
                let said = never_entered(never);
                Some(if never == legal {
                    format!("{said}: {} came instead{}", self.name(*at), self.at(*at))
                } else {
                    format!("{said}: {}", self.breach(breach, legal))
                })
            }
            _ => None,
        }
    }

    fn breach(&self, breach: &Breach, legal: &[String]) -> String {
        let next = named(legal);
        let legal: Vec<&str> = legal.iter().map(|state| if state == ANY_OTHER { UNNAMED } else { state }).collect();
        let legal = legal.join(", ");
        match breach {
            Breach::Illegal { at, rule } => {
                let entered = self.entered(*at);
                match rule {
                    Rule::Never => format!("{entered}: never allowed"),
                    Rule::Always(states) => format!("{entered}: only {states} is allowed"),
                    Rule::Graph(None) => format!("{entered}, which is not in the graph"),
                    Rule::Graph(Some(from)) if legal.is_empty() => {
                        format!("{entered} from {from}: the graph has no edge from {from}")
                    }
                    Rule::Graph(Some(from)) => {
                        format!("{entered} from {from}: the graph leads only to {legal} from there")
                    }
                    Rule::Path if legal.is_empty() => format!("{entered}: the path had already ended"),
                    Rule::Path => format!("{entered}; legal there: {legal}"),
                }
            }
            Breach::Unfinished => match next {
                Some(next) => format!("{}: the path is unfinished; legal next: {next}", self.ended()),
                None => format!("{}: the path is unfinished", self.ended()),
            },
            Breach::Stay { at, lasted, least, most } => self.stay(*at, *lasted, *least, *most),
            Breach::Group { from, to, took, within } => self.group((*from, *to), *took, *within),
            Breach::Unanswered { trigger, answer, after, within, then } => {
                self.unanswered((*trigger, *answer), *after, *within, then)
            }
            Breach::Untriggered { every, seen: 0, .. } => {
                format!("{every} was never entered, so there is nothing to judge")
            }
            Breach::Untriggered { every, seen, min } => {
                format!("{every} was {}, expected at least {min}", times("entered", *seen))
            }
            Breach::Number { states, at, least, most, min, max } => {
                let what = match states {
                    Some(states) => format!("{states} was {}", times("entered", *least)),
                    None => format!("it was {}", times("restarted", *least)),
                };
                let least = if most.is_none() { " at least" } else { "" };
                match max.filter(|max| Self::number_is_above(breach, *max)) {
                    Some(max) => {
                        let when = at.map(|at| format!(", one too many{}", self.at(at))).unwrap_or_default();
                        format!("{what}{least}, expected at most {max}{when}")
                    }
                    None => format!("{what}{least}, expected at least {min}"),
                }
            }
            Breach::Early { at, awaited, came: Some(came) } => {
                format!(
                    "{} before {awaited}, which was first entered{}",
                    self.entered(*at),
                    self.times.at(Span::at(*came))
                )
            }
            Breach::Early { at, awaited, came: None } => {
                format!("{}, but {awaited} was never entered before", self.entered(*at))
            }
            Breach::Meanwhile { at, held, state, since, .. } => {
                let from = |at: String| at.replacen(" at ", " from ", 1);
                let since = since.map(|since| from(self.times.at(Span::at(since)))).unwrap_or_default();
                let track = held.strip_suffix(state.as_str()).map_or("", str::trim_end);
                let other = if track.is_empty() { "it" } else { track };
                format!("was {}{} while {other} was {state}{since}", self.name(*at), from(self.at(*at)))
            }
            Breach::Unmet { trigger, awaited, after, within } => self.unmet(*trigger, awaited, *after, *within),
            Breach::Uncaused { at, number, awaited, came } => {
                let nth = if *number > 1 { format!(", entry {number}") } else { String::new() };
                format!("{}{nth}, but {awaited} was {} by then", self.entered(*at), times("entered", *came))
            }
            Breach::Noise { at, trigger, since } => {
                let after = since.map(|since| Length::of(self.events[*at].when().since(since)));
                let after = after.map(|after| format!("{} ", self.lasted(after))).unwrap_or_default();
                let when = since.map(|since| self.times.at(since)).unwrap_or_default();
                format!("{}, {after}after {trigger}{when}, when no change was allowed", self.entered(*at))
            }
        }
    }

    fn stay(&self, at: usize, lasted: Length, least: Micros, most: Option<Micros>) -> String {
        let name = self.name(at);
        let (bound, miss) = match most.filter(|most| lasted.least > *most) {
            Some(most) => {
                let miss = (lasted.least - most, excludes_most(most));
                (self.at_most(most), self.miss(miss, "too long"))
            }
            None => {
                let short = least - lasted.most.unwrap_or(lasted.least);
                (self.at_least(least), self.miss((short, excludes_least(least)), "too short"))
            }
        };
        let lasted = self.lasted(lasted);
        let range = most.filter(|_| least > 0).map(|most| self.range(Bound { least, most }));
        let expected = range.unwrap_or(bound);
        format!("{name} lasted {lasted}, expected {expected} ({miss})")
    }

    fn group(&self, (from, to): (usize, Option<usize>), took: Length, within: Bound) -> String {
        let (over, short) = (took.least - within.most, within.least - took.most.unwrap_or(NEVER_AFTER));
        let miss = match (over, short) {
            (1.., _) => self.miss((over, false), "too long"),
            (_, 1..) => self.miss((short, false), "too short"),
            // Once the limit itself was reached, nothing can be in time.
            _ => "already too late".to_owned(),
        };
        let took = self.lasted(took);
        let expected = format!("expected within {} ({miss})", self.range(within));
        let start = format!("from {}{}", self.name(from), self.at(from));
        match to {
            Some(to) => format!("{start} to {}{} it took {took}, {expected}", self.name(to), self.at(to)),
            None => format!("{start} it has taken {took} so far, {expected}"),
        }
    }

    fn unanswered(
        &self,
        (trigger, answer): (usize, Option<usize>),
        after: Length,
        within: Option<Bound>,
        then: &str,
    ) -> String {
        let name = answer.map_or_else(|| then.to_owned(), |answer| self.name(answer));
        self.unmet(trigger, &name, answer.map(|_| after), within)
    }

    /// `A was followed by B after 45s ...`; without a time, `A was not followed by B`.
    fn unmet(&self, trigger: usize, answer: &str, after: Option<Length>, within: Option<Bound>) -> String {
        let trigger = match (self.name(trigger), self.at(trigger)) {
            (name, at) if at.starts_with(" at ") || at.is_empty() => format!("{name}{at}"),
            (name, at) => format!("{name}, entered{at},"),
        };
        let expected = within.map(|within| format!(" within {}", self.range(within))).unwrap_or_default();
        let Some((after, Bound { least, most })) = after.zip(within) else {
            return format!("{trigger} was not followed by {answer}{expected}");
        };
        let early = least - after.most.unwrap_or(NEVER_AFTER);
        let (by, how) = if early > 0 { (early, "too early") } else { (after.least - most, "too late") };
        let miss = self.miss((by, false), how);
        format!("{trigger} was followed by {answer} after {}, expected{expected} ({miss})", self.lasted(after))
    }

    /// By how much a bound was missed. An exclusive limit is stored one microsecond off: what misses it by that is equal
    /// to it.
    fn miss(&self, (by, is_exclusive): (Micros, bool), how: &str) -> String {
        if by <= 1 && is_exclusive {
            format!("exactly at the bound, {how}")
        } else {
            format!("{} {how}", self.times.length(by))
        }
    }

    fn number_is_above(breach: &Breach, max: u64) -> bool {
        matches!(breach, Breach::Number { least, .. } if *least > max)
    }

    fn doubt(&self, doubt: &Doubt, legal: &[String]) -> String {
        match doubt {
            Doubt::Beginning(at) => {
                format!("its beginning was not seen: the verdict depends on what was before {}", self.found(*at))
            }
            Doubt::Lost(at) => {
                format!("the verdict depends on a gap before {}: anything may have happened in it", self.found(*at))
            }
            Doubt::NotSeenAgain(at) => {
                format!(
                    "it was not seen again{}",
                    self.events.get(*at).map_or(String::new(), |event| {
                        self.times.at(Span::at(event.when().lo)).replacen(" at ", " after ", 1)
                    })
                )
            }
            Doubt::Coalesced(at) if self.counts_restarts(*at) => {
                format!("{} has a higher restart count: the states between were never published", self.place(*at))
            }
            Doubt::Coalesced(at) => format!("states before {} were never published", self.place(*at)),
            Doubt::Interval(at) => match self.events.get(*at).map(Event::when) {
                Some(when) if is_timeless(when) => {
                    format!("when {} was entered is not known: the recording has no receipt times", self.name(*at))
                }
                Some(when) => {
                    format!("it is not known exactly when {} was entered:{}", self.name(*at), self.times.at(when))
                }
                None => format!("it is not known exactly when {} was entered", self.name(*at)),
            },
            Doubt::Unfenced => "its end is unfenced: more may have happened".to_owned(),
            Doubt::Damaged { line } => {
                format!("the recording is damaged at line {line}: nothing is known from there on")
            }
            Doubt::Unended { since, by_window, .. } => {
                let what = if *by_window { "window" } else { "recording" };
                format!("the {what} ended before the time was up for {}", self.place(*since))
            }
            Doubt::Condition(awaited) => format!("when {awaited} was first entered is not known precisely enough"),
            Doubt::Held(awaited) => format!("when {awaited} was held is not known precisely enough"),
            Doubt::Values(awaited) => format!("the state of {awaited} meanwhile is not known precisely enough"),
            Doubt::Order(awaited) => {
                format!("whether {awaited} came before it is not known: two watches tell only times, which may overlap")
            }
            Doubt::Apart(awaited) => {
                format!("it and {awaited} never had a state at the same time: there is nothing to judge")
            }
            Doubt::Entries(awaited) => format!("when {awaited} was entered is not known precisely enough"),
            Doubt::Labels { placeholder, most } => {
                format!("more than {most} different labels: {placeholder} was compared with the first {most} only")
            }
            Doubt::Waiting { trigger: Some(trigger), until, .. } => {
                let until = until.map(|until| self.times.at(Span::at(until)).replacen(" at ", " until ", 1));
                format!("still open: {} waits{}", self.place(*trigger), until.unwrap_or_default())
            }
            Doubt::Waiting { trigger: None, fits, .. } => {
                let so_far = match fits {
                    Some(true) => "still open; it fits so far",
                    Some(false) => "still open; it does not fit yet",
                    None => "still open",
                };
                let next = named(legal).map(|next| format!("; legal next: {next}")).unwrap_or_default();
                format!("{so_far}{next}")
            }
        }
    }

    fn settle(&self, doubt: &Doubt) -> String {
        let when = |at: &usize| self.events.get(*at).map(Event::when);
        let between = |at: &usize| {
            let span = when(at).map(|when| self.times.at(when)).unwrap_or_default();
            span.replacen(" at ", " ", 1)
        };
        match doubt {
            Doubt::Beginning(_) => "start recording before the object is created".to_owned(),
            // A gap at the start has no state before it.
            Doubt::Lost(0) => "start recording before the object is created, and keep the stream alive".to_owned(),
            Doubt::Lost(at) => format!("a recording without this gap: keep the stream alive{}", between(at)),
            Doubt::NotSeenAgain(_) => "record until it is seen again or deleted".to_owned(),
            Doubt::Coalesced(at) if self.counts_restarts(*at) => {
                "no recording can; `count restart` does not need the states between".to_owned()
            }
            Doubt::Coalesced(_) => "no recording can".to_owned(),
            Doubt::Interval(at) if when(at).is_some_and(is_timeless) => {
                "a recording with receipt times: `statetrail record`, or lines with `receivedAt`".to_owned()
            }
            Doubt::Interval(at) => format!("a more exact recording{}", between(at)),
            Doubt::Unfenced => "end the recording with a fence (Ctrl-C or --for, not a kill)".to_owned(),
            Doubt::Damaged { .. } => "copy the file again from its source".to_owned(),
            Doubt::Unended { until, by_window: true, .. } => {
                let until = until.map(|until| self.times.at(Span::at(until)).replacen(" at ", " before ", 1));
                match until.filter(|until| !until.is_empty()) {
                    Some(until) => format!("a window that does not end{until}"),
                    None => "a longer window".to_owned(),
                }
            }
            Doubt::Unended { since, until: Some(until), .. } => {
                let until = self.times.at(Span::at(*until)).replacen(" at ", " ", 1);
                let until = if until.is_empty() { String::new() } else { format!(", or until{until}") };
                format!("record until {} is left{until}", self.name(*since))
            }
            Doubt::Unended { .. } => "record for longer".to_owned(),
            Doubt::Condition(awaited) => format!("keep the stream of {awaited} alive from the beginning"),
            Doubt::Held(awaited) | Doubt::Values(awaited) | Doubt::Entries(awaited) => {
                format!("record longer, with the stream of {awaited} alive")
            }
            Doubt::Labels { placeholder, .. } => {
                format!("name the label in the path in place of {placeholder}, or use a window")
            }
            Doubt::Waiting { .. } | Doubt::Apart(_) | Doubt::Order(_) => String::new(),
        }
    }

    /// `entered Running at ...`; after a gap, `was found in Running at ...`.
    fn entered(&self, at: usize) -> String {
        if at == 0 && self.held {
            return format!("was in {} when the window began{}", self.name(at), self.at(at));
        }
        let verb = match self.events.get(at) {
            Some(Event::Gap { .. }) => "was found in",
            _ => "entered",
        };
        format!("{verb} {}{}", self.name(at), self.at(at))
    }

    fn ended(&self) -> String {
        match self.events.iter().rposition(|event| event.shown().is_some()) {
            Some(at) => {
                let when = match self.at(at) {
                    when if when.is_empty() => when,
                    when => when
                        .strip_prefix(" at ")
                        .map_or_else(|| format!(" (entered{when})"), |at| format!(" (since {at})")),
                };
                format!("ended in {}{when}", self.name(at))
            }
            None => "it had no state".to_owned(),
        }
    }

    /// What ended a gap; where nothing shows the state then, the time.
    fn found(&self, at: usize) -> String {
        let time = self.at(at);
        let is_shown = self.events.get(at).is_some_and(|event| event.shown().is_some());
        if is_shown || time.is_empty() { self.place(at) } else { time.trim_start_matches(" at ").to_owned() }
    }

    /// True for what has a restart count.
    fn counts_restarts(&self, at: usize) -> bool {
        self.events.get(at).and_then(Event::shown).is_some_and(|shown| shown.restarts.is_some())
    }

    fn place(&self, at: usize) -> String {
        format!("{}{}", self.name(at), self.at(at))
    }

    fn name(&self, at: usize) -> String {
        let shown = self.events.get(at).and_then(Event::shown);
        shown.map_or_else(|| "what was not seen".to_owned(), |shown| shown.symbol.to_string())
    }

    /// The time of an entry; after a gap, the time at which the state was found.
    fn at(&self, at: usize) -> String {
        match self.events.get(at) {
            Some(Event::Enter { when, .. }) => self.times.at(*when),
            Some(Event::Gap { when, .. }) => self.times.at(Span::at(when.hi)),
            None => String::new(),
        }
    }

    /// `<10s`, `<=10s`: bounds are whole microseconds, so an exclusive limit is stored as one less.
    fn at_most(&self, most: Micros) -> String {
        if excludes_most(most) {
            format!("<{}", self.times.bound(most + 1))
        } else {
            format!("<={}", self.times.bound(most))
        }
    }

    /// `>10s`, `>=10s`: an exclusive limit is stored as one microsecond more.
    fn at_least(&self, least: Micros) -> String {
        if excludes_least(least) {
            format!(">{}", self.times.bound(least - 1))
        } else {
            format!(">={}", self.times.bound(least))
        }
    }

    /// `10s`, `3s..10s`, `3s..`: what follows `within`.
    fn range(&self, bound: Bound) -> String {
        let from = if bound.least > 0 { format!("{}..", self.times.bound(bound.least)) } else { String::new() };
        format!("{from}{}", bound.limit().map(|most| self.times.bound(most)).unwrap_or_default())
    }

    /// `12.3s`, `12.3s to 14.0s`, `at least 12.3s`.
    fn lasted(&self, length: Length) -> String {
        let least = || self.times.at_least(length.least);
        match length.most {
            Some(most) if most == length.least => self.times.length(most),
            Some(most) => format!("{} to {}", least(), self.times.at_most(most)),
            None => format!("at least {}", least()),
        }
    }
}

/// [`ANY_OTHER`] in a sentence, where it is not clear which the others are.
const UNNAMED: &str = "any state that the path does not name";

/// True for a maximum that is exclusive: it is stored as one microsecond less.
fn excludes_most(most: Micros) -> bool {
    most % 10 == 9
}

/// True for a minimum that is exclusive: it is stored as one microsecond more.
fn excludes_least(least: Micros) -> bool {
    least % 10 == 1
}

/// True for a span without any bound: the recording has no times of receipt. A late event has bounds.
fn is_timeless(when: Span) -> bool {
    when.lo == NEVER_BEFORE && when.hi == NEVER_AFTER
}

/// The names of states; none when all other states are among them, since then the names say nothing.
fn named(states: &[String]) -> Option<String> {
    let names = !states.is_empty() && states.iter().all(|state| state != ANY_OTHER);
    names.then(|| states.join(", "))
}

/// A label as the language writes it.
pub(super) fn as_written(label: &str) -> String {
    let is_word = |c: char| c.is_alphanumeric() || "-_.".contains(c);
    if !label.is_empty() && label.chars().all(is_word) {
        return label.to_owned();
    }
    format!("'{}'", label.replace('\'', "''"))
}

/// A duration as the language writes it, exactly: `9.5s`, `1m30s`, `200ms`.
fn written(micros: Micros) -> String {
    const UNITS: [(u64, &str); 3] = [(86_400_000_000, "d"), (3_600_000_000, "h"), (60_000_000, "m")];
    let mut rest = micros.unsigned_abs();
    match rest {
        1..1_000_000 if rest.is_multiple_of(1_000) => return format!("{}ms", rest / 1_000),
        1..1_000_000 => return format!("{rest}us"),
        _ => {}
    }
    let mut text = String::new();
    for (unit, sign) in UNITS {
        if rest >= unit {
            text.extend([&(rest / unit).to_string(), sign]);
            rest %= unit;
        }
    }
    if rest > 0 || text.is_empty() {
        let seconds = format!("{}.{:06}", rest / 1_000_000, rest % 1_000_000);
        text.extend([seconds.trim_end_matches('0').trim_end_matches('.'), "s"]);
    }
    text
}

fn times(verb: &str, number: u64) -> String {
    match number {
        0 => format!("never {verb}"),
        1 => format!("{verb} once"),
        2 => format!("{verb} twice"),
        many => format!("{verb} {many} times"),
    }
}
