//! What a document says of a world that is known, from the definitions in docs/SEMANTICS.md and nothing else.

use super::lines::{Line, What};
use super::statement::{Among, Document, Entered, Formula, From, Pairing, Says, Tracks, Until, Window};
use super::value::Value;
use super::view::{Seen, Sight, View, Watch};
use super::world::{Entry, Life, NEVER, Track, World};
use crate::oracle::language::{Expectation, Finish, Labels, Set, Trace, seen_as};
use std::cmp::Ordering;

/// The place of what is held when a window begins: the same for all tracks, before everything in it.
const START: i64 = i64::MIN / 2;

/// A world, and what of it counts.
pub(super) struct Truth<'a> {
    world: &'a World,
    view: &'a View,
    seen: &'a Seen,
    /// The fence of each watch, if the recorder stopped.
    fences: Vec<Option<i64>>,
}

/// The span that counts of one life.
#[derive(Clone, Copy)]
struct Span<'a> {
    from: Option<Bound<'a>>,
    until: Option<Bound<'a>>,
    /// The end that is asked for, without the longest duration.
    asked: Option<i64>,
}

/// A bound of a window.
#[derive(Clone, Copy)]
struct Bound<'a> {
    at: i64,
    /// The place of the entry that it is, and the life that was entered; none for a time by which all comes that comes
    /// at it.
    entry: Option<(i64, &'a Life)>,
}

impl Bound<'_> {
    fn by(at: i64) -> Self {
        Self { at, entry: None }
    }
}

/// The trace of a track inside a window, and how it ends.
struct Cut {
    entries: Vec<Entry>,
    /// The track; none where there is none.
    track: Option<Track>,
    /// Its states have details.
    detailed: bool,
    labels: Labels,
    left: i64,
    /// The place at which the last state ended.
    next: i64,
    finish: Finish,
}

/// A label, and the first and the last place at which it was held.
type Held = (&'static str, i64, i64);

impl Cut {
    /// The stays in states, by their labels.
    fn values(&self, life: &Life) -> Vec<Held> {
        let Some(track) = self.track else { return Vec::new() };
        let labels = track.labels(life.kind);
        let label = |letter: u8| labels[usize::from(letter)].split('/').next().unwrap_or_default();
        let stays = self.held().map(|(letter, from, to)| (label(letter), from, to));
        stays.filter(|(label, ..)| *label != "Absent").collect()
    }

    /// The first and the last place of each stay in some states.
    fn stays(&self, set: Set) -> Vec<(i64, i64)> {
        self.held().filter(|(letter, ..)| set.has(*letter)).map(|(_, from, to)| (from, to)).collect()
    }

    /// Each state, with the first and the last place of its stay.
    fn held(&self) -> impl Iterator<Item = (u8, i64, i64)> {
        let next = self.entries.iter().skip(1).map(|entry| entry.place).chain([self.next]);
        let stays = self.entries.iter().zip(next).map(|(entry, next)| (entry.letter, entry.place, next - 1));
        stays.filter(|(_, from, to)| from <= to)
    }

    /// The entries as a statement with these names sees them.
    fn seen(&self, names: &[Set]) -> Vec<Entry> {
        let mut entries = self.entries.clone();
        if self.detailed {
            entries.dedup_by_key(|entry| seen_as(entry.letter, names));
        }
        entries
    }
}

impl<'a> Truth<'a> {
    /// Of the whole recording, or of one that goes on.
    pub(super) fn new(world: &'a World, view: &'a View, seen: &'a Seen, is_final: bool) -> Self {
        let mut fences = vec![None; view.watches.len()];
        let begun = seen.lines.iter().rposition(|line| line.what == What::Resumed).unwrap_or(0);
        for line in seen.lines[begun..].iter().filter(|_| is_final) {
            if let (Some(watch), What::Fence { whole: true, .. }) = (line.watch, &line.what) {
                fences[watch] = Some(line.at);
            }
        }
        Self { world, view, seen, fences }
    }

    pub(super) fn of(&self, document: &Document) -> Value {
        self.formula(document, &document.formula)
    }

    fn formula(&self, document: &Document, formula: &Formula) -> Value {
        let each = |parts: &[Formula]| parts.iter().map(|part| self.formula(document, part)).collect::<Vec<_>>();
        match formula {
            Formula::All(parts) => Value::all(each(parts)).unwrap_or(Value::ANY),
            Formula::Any(parts) => Value::any(each(parts)).unwrap_or(Value::ANY),
            Formula::Not(part) => self.formula(document, part).not(),
            Formula::Clause { subject, tracks, says } => self.clause(document, *subject, *tracks, says),
        }
    }

    fn moment(&self, life: &Life, place: i64) -> i64 {
        place.div_euclid(10) + self.world.delay(life.kind)
    }

    fn death(&self, life: &Life) -> Option<i64> {
        life.died().map(|place| self.moment(life, place))
    }

    /// Until when entries of a life count.
    fn end(&self, life: &Life) -> i64 {
        let watch = self.view.watches.iter().position(|watch| watch.reaches(life.kind, life.namespace));
        let Some((watch, fence)) = watch.and_then(|watch| self.fences[watch].map(|fence| (watch, fence))) else {
            return NEVER;
        };
        // What a selector hides may have happened at any time.
        let label = self.view.watches[watch].label;
        let shown = label.is_none_or(|label| {
            life.writes.iter().any(|write| write.state.as_ref().is_some_and(|state| state.label == label))
        });
        if shown { fence } else { NEVER }
    }

    fn sight(&self, life: &Life) -> Option<Sight> {
        self.seen.sights.get(&(life.uid, life.again)).copied()
    }

    /// The lives that a subject of a document may mean, of all times, the earliest first.
    fn meant(&self, document: &Document, alias: usize) -> Vec<&'a Life> {
        let subject = &document.subjects[alias];
        let label = |life: &Life| {
            // What a selector shows has its label, also where it leaves.
            let selected = self.view.watch_of(life).and_then(|watch| watch.label);
            if let Some(selected) = selected.filter(|_| self.sight(life).is_some()) {
                return Some(selected);
            }
            // Of one that was never seen, what a watch would have shown first.
            let unseen = (self.attached(life) - self.world.delay(life.kind)) * 10 + 9;
            let place = self.sight(life).map_or(life.born().max(unseen), |sight| sight.place);
            // A deletion shows its last state.
            let upto = life.upto(place).map(|at| &life.writes[..=at]);
            upto?.iter().rev().find_map(|write| write.state.as_ref()).map(|state| state.label)
        };
        // No namespace means those that were watched.
        let watched = |life: &Life| {
            let mut watches = self.view.watches.iter().filter(|watch| watch.kind == life.kind).peekable();
            watches.peek().is_none() || watches.any(|watch| watch.reaches(life.kind, life.namespace))
        };
        let owners = if subject.owned && !subject.through { self.owners(document) } else { Vec::new() };
        let mut lives: Vec<&Life> = self
            .world
            .lives
            .iter()
            .filter(|life| {
                life.kind == subject.kind
                    && subject.namespace.map_or_else(|| watched(life), |namespace| namespace == life.namespace)
                    && subject.name.is_none_or(|name| name == life.name)
                    // A uid names the first life.
                    && subject.uid.is_none_or(|uid| uid == life.uid && !life.again)
                    && (!subject.born || self.is_born(document, life))
                    && subject.label.is_none_or(|wanted| label(life) == Some(wanted))
                    && (!subject.owned || owners.iter().any(|owner| life.owner == Some(owner.uid)))
            })
            .collect();
        lives.sort_by_key(|life| life.born());
        lives
    }

    /// The owners that are meant: of a name, the life that is asked for.
    fn owners(&self, document: &Document) -> Vec<&'a Life> {
        let mut owners = self.meant(document, 0);
        let subject = &document.subjects[0];
        let number = match subject.among {
            _ if subject.name.is_none() => return owners,
            Among::Life(number) => Some(number),
            Among::First => Some(1),
            Among::LastLife => None,
            Among::Each | Among::Any | Among::EachLife | Among::AnyLife => return owners,
        };
        owners.retain(|life| self.lived(life));
        let number = number.unwrap_or(owners.len());
        owners.into_iter().nth(number.wrapping_sub(1)).into_iter().collect()
    }

    fn attached(&self, life: &Life) -> i64 {
        self.view.watch_of(life).map_or(0, Watch::first)
    }

    /// It lived at some moment of the recording.
    fn lived(&self, life: &Life) -> bool {
        self.death(life).is_none_or(|death| death > self.attached(life))
            && self.moment(life, life.born()) <= self.end(life)
    }

    fn clause(&self, document: &Document, alias: usize, tracks: Tracks, says: &Says) -> Value {
        let subject = &document.subjects[alias];
        let is_marked = |name: u8| self.mark(name).is_some();
        let awaits = matches!(document.window.from, From::Mark(name) if !is_marked(name))
            || matches!(document.window.until, Some(Until::Mark(name)) if !is_marked(name));
        if awaits && document.subjects.iter().any(|subject| subject.born) {
            return Value::ANY;
        }
        let lives: Vec<&Life> = self.meant(document, alias).into_iter().filter(|life| self.lived(life)).collect();
        let judge = |life: &&Life| self.life(document, alias, life, tracks, says);
        let chosen: Vec<&Life> = match subject.among {
            _ if subject.uid.is_some() => lives.clone(),
            Among::Each | Among::Any | Among::EachLife | Among::AnyLife => {
                lives.iter().copied().filter(|life| self.is_within(document, alias, life)).collect()
            }
            Among::Life(number) => lives.get(number - 1).copied().into_iter().collect(),
            Among::LastLife => lives.last().copied().into_iter().collect(),
            Among::First => {
                // Of those that were there before, any may be the first that was seen.
                let there: Vec<&Life> = lives
                    .iter()
                    .copied()
                    .filter(|life| self.moment(life, life.born()) <= self.attached(life))
                    .collect();
                if there.len() > 1 {
                    let values = there.iter().map(|life| self.life(document, alias, life, tracks, says));
                    return values.reduce(Value::or).unwrap_or(Value::ANY);
                }
                lives.first().copied().into_iter().collect()
            }
        };
        let number = chosen.len();
        let is_of_window = matches!(subject.among, Among::Each | Among::Any | Among::EachLife | Among::AnyLife);
        if number == 0 && is_of_window && subject.uid.is_none() && document.window != Window::WHOLE {
            // None lived in the window: there is nothing to judge.
            return Value::UNDECIDED;
        }
        let min = subject.min.unwrap_or(1);
        if number == 0 && min == 0 {
            return Value::FITS_EMPTY;
        }
        let parts = chosen.iter().map(judge);
        let value = match subject.among {
            Among::Any | Among::AnyLife => Value::any(parts),
            _ => Value::all(parts),
        };
        let mut value = value.unwrap_or(Value::LACKS);
        if number < min {
            value = value.and(Value::LACKS);
        }
        if subject.max.is_some_and(|max| number > max) {
            value = value.and(Value::UNFIT);
        }
        value
    }

    /// When a window starts, if that is a fixed time, and when its longest duration ends it.
    fn longest(&self, document: &Document) -> (Option<i64>, Option<i64>) {
        let from = match document.window.from {
            From::Created | From::Attached | From::Enter(_) => None,
            From::Mark(name) => self.mark(name),
            From::Time(at) => Some(at),
        };
        (from, from.zip(document.window.max).map(|(from, max)| from + max))
    }

    /// It was created within the window.
    fn is_born(&self, document: &Document, life: &Life) -> bool {
        let born = self.moment(life, life.born());
        let (from, longest) = self.longest(document);
        let until = self.until(document).ok().flatten().into_iter().chain(longest).min();
        from.is_none_or(|from| born >= from) && until.is_none_or(|until| born <= until)
    }

    /// Whether the places of two lives are in one order.
    fn is_comparable(&self, one: &Life, other: &Life) -> bool {
        let separate = |life: &Life| self.view.watch_of(life).is_some_and(|watch| watch.separate.is_some());
        one.uid == other.uid || one.kind == other.kind || !(separate(one) || separate(other))
    }

    /// Whether something of a life comes by a bound; an error where their order at one time is not known.
    fn is_by(&self, life: &Life, (at, place): (i64, i64), bound: Bound<'_>) -> Result<bool, Value> {
        match (at.cmp(&bound.at), bound.entry) {
            (Ordering::Equal, Some((by, of))) if self.is_comparable(life, of) => Ok(place <= by),
            (Ordering::Equal, Some(_)) => Err(Value::ANY),
            (order, _) => Ok(order.is_le()),
        }
    }

    /// A life that a quantifier means: not gone before the window, nor created after it.
    fn is_within(&self, document: &Document, alias: usize, life: &Life) -> bool {
        // One that began after the end of a window that starts with it is none, whatever its window would be.
        if matches!(document.window.from, From::Attached | From::Enter(_))
            && self.until(document).is_ok_and(|until| until.is_some_and(|at| self.moment(life, life.born()) > at))
        {
            return false;
        }
        let gone = self.death(life).filter(|death| *death <= self.end(life));
        if let From::Enter(entered) = document.window.from
            && matches!(self.entered(document, (alias, life), entered, Bound::by(i64::MIN)), Ok(None))
        {
            return false;
        }
        let Ok(span) = self.span(document, alias, life) else {
            // The mark that ends it has not come; its longest duration ends it at the latest.
            let (from, latest) = self.longest(document);
            return latest.is_none_or(|latest| self.moment(life, life.born()) <= latest)
                && gone.zip(from).is_none_or(|(gone, from)| gone > from);
        };
        // Where their order at one time is not known, it is not known what lies within either.
        let is_by = |at: (i64, i64), bound: Bound<'_>| self.is_by(life, at, bound);
        let died = gone.zip(life.died());
        died.zip(span.from).is_none_or(|(died, from)| is_by(died, from) != Ok(true))
            && span.until.is_none_or(|until| is_by((self.moment(life, life.born()), life.born()), until) != Ok(false))
    }

    /// When a mark was first written: no earlier than what was received before.
    fn mark(&self, name: u8) -> Option<i64> {
        let is_it = |line: &Line| matches!(line.what, What::Mark { name: of } if of == name);
        let written = self.seen.lines.iter().position(is_it)?;
        self.seen.lines[..=written].iter().map(|line| line.at).max()
    }

    /// The end that a window asks for.
    fn until(&self, document: &Document) -> Result<Option<i64>, Value> {
        let window = &document.window;
        Ok(match window.until {
            None | Some(Until::Enter(_)) => None,
            // A mark that never came matters only where nothing else ends the window before.
            Some(Until::Mark(name)) => match self.mark(name) {
                None if window.max.is_some() => return Err(Value::ANY),
                mark => Some(mark.ok_or(Value::UNDECIDED)?),
            },
            Some(Until::Time(at)) => Some(at),
        })
    }

    /// The span of a window for a life; an error is the value where there is none.
    fn span<'b>(&'b self, document: &Document, alias: usize, life: &'b Life) -> Result<Span<'b>, Value> {
        let window = &document.window;
        let from = match window.from {
            From::Enter(entered) => {
                let since = Bound::by(i64::MIN);
                Some(self.entered(document, (alias, life), entered, since)?.ok_or(Value::UNDECIDED)?)
            }
            From::Created | From::Attached => None,
            From::Mark(name) => Some(Bound::by(self.mark(name).ok_or(Value::UNDECIDED)?)),
            From::Time(at) => Some(Bound::by(at)),
        };
        let until = self.until(document)?;
        let from = match window.from {
            From::Attached => {
                let sight = self.sight(life).ok_or(Value::ANY)?;
                let at = if sight.listed { sight.at } else { self.moment(life, sight.place) };
                // Of several versions of one moment, the first that was seen may be the start, or the last.
                let same = life.writes.iter().filter(|write| self.moment(life, write.place()) == at).count();
                if (sight.listed && !sight.prompt) || same > 1 || self.death(life) == Some(at) {
                    return Err(Value::ANY);
                }
                Some(Bound::by(at))
            }
            _ => from,
        };
        let created = Bound { at: self.moment(life, life.born()), entry: Some((life.born(), life)) };
        let start = from.unwrap_or(created);
        if from.zip(until).is_some_and(|(from, until)| until < from.at) {
            return Err(Value::UNDECIDED);
        }
        let longest = window.max.map(|max| start.at + max);
        let entry = match window.until {
            Some(Until::Enter(entered)) => {
                let since = match (window.from, self.sight(life)) {
                    (From::Attached, Some(sight)) if !sight.listed => {
                        Bound { entry: Some((sight.place, life)), ..start }
                    }
                    _ => start,
                };
                self.entered(document, (alias, life), entered, since)?
            }
            _ => None,
        };
        let bounds = until.into_iter().chain(longest).map(Bound::by).chain(entry);
        // An entry at the time of another bound is the earlier one.
        let earliest = bounds.min_by_key(|bound| (bound.at, bound.entry.is_none()));
        Ok(Span { from, until: earliest, asked: until })
    }

    /// When the states of an entry were first entered from a moment on; none if they never were. The entry at which the
    /// window starts is not meant.
    fn entered<'b>(
        &'b self,
        document: &Document,
        (alias, life): (usize, &'b Life),
        entered: Entered,
        since: Bound<'_>,
    ) -> Result<Option<Bound<'b>>, Value> {
        let Entered { subject, track, set } = entered;
        let lives = if subject == alias {
            vec![life]
        } else {
            let related = self.related(document, alias, life, subject);
            let lived: Vec<&Life> = related.into_iter().filter(|life| self.lived(life)).collect();
            match document.subjects[subject].among {
                // The life of the owner is that of what it owns.
                _ if document.subjects[alias].owned && subject == 0 => lived,
                Among::First if lived.len() > 1 => return Err(Value::ANY),
                Among::Life(number) => lived.get(number - 1).copied().into_iter().collect(),
                Among::LastLife => lived.last().copied().into_iter().collect(),
                _ => lived,
            }
        };
        let is_of_start =
            matches!(document.window.from, From::Enter(start) if start.subject == subject && start.track == track);
        let mut found: Option<Bound<'_>> = None;
        for life in lives {
            let mut trace = self.world.trace(life, track);
            if track.has_details(life.kind) {
                trace.dedup_by_key(|entry| seen_as(entry.letter, &[set]));
            }
            let end = self.end(life);
            trace.retain(|entry| set.has(entry.letter) && entry.at <= end && entry.at >= since.at);
            for entry in trace {
                if entry.at == since.at
                    && let Some((by, of)) = since.entry
                {
                    if !self.is_comparable(life, of) {
                        return Err(Value::ANY);
                    }
                    if entry.place < by || entry.place == by && is_of_start {
                        continue;
                    }
                }
                match found.and_then(|found| Some((found, found.entry?))) {
                    Some((known, (_, of))) if known.at == entry.at && !self.is_comparable(life, of) => {
                        return Err(Value::ANY);
                    }
                    Some((known, (place, _))) if (known.at, place) <= (entry.at, entry.place) => {}
                    _ => found = Some(Bound { at: entry.at, entry: Some((entry.place, life)) }),
                }
            }
        }
        Ok(found)
    }

    /// The lives of another subject that one is about: if one owns the other, those that are related.
    fn related(&self, document: &Document, alias: usize, life: &Life, other: usize) -> Vec<&'a Life> {
        let meant = self.meant(document, other).into_iter();
        match (document.subjects[other].owned, document.subjects[alias].owned) {
            (true, _) => meant.filter(|pod| pod.owner == Some(life.uid)).collect(),
            (_, true) => meant.filter(|owner| life.owner == Some(owner.uid)).collect(),
            _ => meant.collect(),
        }
    }

    /// The part of a track that a window is about.
    fn cut(&self, life: &Life, track: Track, span: Span<'_>, end: i64) -> Result<Cut, Value> {
        // A recording that was closed before does not show all of the window.
        let end = if span.asked.is_some_and(|asked| asked > end) { NEVER } else { end };
        let mut trace = self.world.trace(life, track);
        let death = self.death(life);
        let is_by = |at: (i64, i64), bound: Bound<'_>| self.is_by(life, at, bound);
        let gone = death.filter(|death| *death <= end).zip(life.died());
        if let Some(from) = span.from {
            if gone.map_or(Ok(false), |gone| is_by(gone, from))? {
                trace.clear();
            } else if from.at > end {
                return Err(Value::UNDECIDED);
            }
            let absent = if matches!(track, Track::Ready | Track::Other) { 2 } else { 5 };
            let past: Result<Vec<bool>, Value> =
                trace.iter().map(|entry| is_by((entry.at, entry.place), from)).collect();
            let past = past?.into_iter().filter(|is_by| *is_by).count();
            trace = held(&trace, past, Entry { letter: absent, at: from.at, place: START });
        }
        let until = span.until.filter(|until| until.at <= end).unwrap_or(Bound::by(end));
        let limit = until.at;
        let within: Result<Vec<bool>, Value> =
            trace.iter().map(|entry| Ok(entry.place == START || is_by((entry.at, entry.place), until)?)).collect();
        let within = within?.into_iter().filter(|is_by| *is_by).count();
        let after = trace.get(within).map(|entry| entry.place);
        let after = after.or(life.died().filter(|_| track != Track::Lifecycle)).unwrap_or(NEVER);
        let next = trace.get(within).map(|entry| entry.at);
        trace.truncate(within);
        let gone = match gone {
            Some(gone) if is_by(gone, until)? => death,
            _ => None,
        };
        let left = gone.or(next).or(death).unwrap_or(NEVER);
        let finish = if gone.is_some() { Finish::Gone } else { Finish::Fenced(limit) };
        let (detailed, labels) = (track.has_details(life.kind), track.numbered(life.kind));
        Ok(Cut { entries: trace, track: Some(track), detailed, labels, left, next: after, finish })
    }

    fn life(&self, document: &Document, alias: usize, life: &Life, tracks: Tracks, says: &Says) -> Value {
        let span = match self.span(document, alias, life) {
            Ok(span) => span,
            Err(value) => return value,
        };
        if let Says::Restarts { min, max } = says {
            return self.restarts(document, life, span, (*min, *max));
        }
        let values: Result<Vec<(Value, bool)>, Value> = tracks
            .each()
            .into_iter()
            .filter(|track| tracks != Tracks::Conditions || !self.world.trace(life, *track).is_empty())
            .map(|track| {
                let cut = self.cut(life, track, span, self.end(life))?;
                Ok((self.track(document, alias, life, &cut, says), cut.entries.is_empty()))
            })
            .collect();
        let values = match values {
            Ok(values) => values,
            Err(value) => return value,
        };
        let all = |values: &[Value]| Value::all(values.iter().copied());
        let every: Vec<Value> = values.iter().map(|(value, _)| *value).collect();
        // Of a family, a track that has no state inside the window may be one that the subject has, or none.
        let present: Vec<Value> = values.iter().filter(|(_, empty)| !empty).map(|(value, _)| *value).collect();
        let nothing = || {
            let (entries, finish) = (Vec::new(), Finish::Fenced(NEVER));
            let (detailed, labels) = (false, Labels::default());
            let cut = Cut { entries, track: None, detailed, labels, left: NEVER, next: NEVER, finish };
            self.track(document, alias, life, &cut, says)
        };
        let value = all(&every).unwrap_or_else(nothing);
        if tracks == Tracks::Conditions { value.or(all(&present).unwrap_or_else(nothing)) } else { value }
    }

    fn track(&self, document: &Document, alias: usize, life: &Life, cut: &Cut, says: &Says) -> Value {
        match says {
            Says::Word(expectation) => word(expectation, cut),
            Says::Graph(edges) => {
                if cut.entries.is_empty() {
                    return Value::UNDECIDED;
                }
                let named = |letter: u8| {
                    letter < 3
                        && (edges[usize::from(letter)].is_some()
                            || edges.iter().flatten().any(|to| to.contains(&letter)))
                };
                let edge = |pair: &[Entry]| {
                    edges[usize::from(pair[0].letter)].as_ref().is_some_and(|to| to.contains(&pair[1].letter))
                };
                let letters = (0..3).filter(|letter| named(*letter)).fold(0, |all, letter| all | 1 << letter);
                let entries = cut.seen(&[Set { negated: false, named: letters, ..Set::default() }]);
                let fits = entries.iter().all(|entry| named(entry.letter)) && entries.windows(2).all(edge);
                if fits { Value::FITS } else { Value::UNFIT }
            }
            Says::OnlyAfter { enter, other, tracks, after } => {
                let Some(entered) = first(&cut.entries, *enter) else { return vacuous(cut) };
                self.condition(document, (alias, life), *other, *tracks, *after, |place, comparable| match place {
                    None => Value::UNFIT,
                    // What is held at the start is before all others.
                    Some(_) if !comparable && entered == START => Value::UNFIT,
                    Some(_) if !comparable => Value::UNDECIDED,
                    Some(place) if place <= entered => Value::FITS,
                    Some(_) => Value::UNFIT,
                })
            }
            Says::Quiet { other, track, after } => {
                // On the track of the condition, it names its states.
                let names: &[Set] = if *other == alias && cut.track == Some(*track) { &[*after] } else { &[] };
                let last = cut.seen(names).last().map(|entry| entry.place);
                self.condition(
                    document,
                    (alias, life),
                    *other,
                    Tracks::One(*track),
                    *after,
                    |place, comparable| match (place, last) {
                        (None, _) | (_, None) => vacuous(cut),
                        (Some(_), Some(START)) if !comparable => Value::FITS,
                        (Some(_), Some(_)) if !comparable => Value::UNDECIDED,
                        (Some(place), Some(last)) if last > place => Value::UNFIT,
                        (Some(_), Some(_)) => Value::FITS,
                    },
                )
            }
            Says::While { .. } if cut.entries.is_empty() => Value::UNDECIDED,
            Says::While { set, always, other, tracks, held } => {
                let never = Set { negated: set.negated != *always, ..*set };
                self.meanwhile(document, (alias, life), &cut.stays(never), (*other, *tracks, *held))
            }
            Says::Pair { every, how, other, tracks, of, min } => {
                let both = *other == alias && cut.track.is_some_and(|track| tracks.each().contains(&track));
                let names = [*every, *of];
                let mut own = cut.seen(if both { &names } else { &names[..1] });
                own.retain(|entry| every.has(entry.letter));
                let pairs = self.pairs(document, (alias, life), &own, (*other, *tracks, *of, *how));
                let empty = if cut.entries.is_empty() { Value::UNDECIDED } else { Value::NONE };
                match (pairs == Value::UNFIT, own.len() >= *min) {
                    (true, _) => pairs,
                    (false, true) if own.is_empty() => Value::FITS.or(Value::FITS_EMPTY).or(empty),
                    (false, true) => pairs,
                    (false, false) if pairs == Value::FITS => Value::LACKS.or(empty),
                    (false, false) => pairs.or(Value::LACKS).or(empty),
                }
            }
            Says::Same { .. } if cut.entries.is_empty() => Value::UNDECIDED,
            Says::Same { other, tracks } => self.same(document, (alias, life), &cut.values(life), (*other, *tracks)),
            Says::Restarts { .. } => Value::ANY,
        }
    }

    /// Whether each of these entries has one of a condition.
    fn pairs(
        &self,
        document: &Document,
        (alias, life): (usize, &Life),
        own: &[Entry],
        (other, tracks, of, how): (usize, Tracks, Set, Pairing),
    ) -> Value {
        let span = self.span(document, alias, life);
        let end = self.end(life);
        let limit = span.map_or(end, |span| span.until.map_or(end, |until| until.at.min(end)));
        let is_over =
            |deadline: i64| other == alias && self.death(life).is_some_and(|at| at <= limit) || deadline <= limit;
        self.awaiting(document, (alias, life), (other, tracks), |cuts| {
            let all: Vec<(Entry, bool)> = meant(document, (alias, life), other, cuts)
                .flat_map(|(subject, cut)| {
                    let is_comparable = self.is_comparable(subject, life);
                    cut.seen(&[of]).into_iter().map(move |entry| (entry, is_comparable || entry.place == START))
                })
                .filter(|(entry, _)| of.has(entry.letter))
                .collect();
            // Of those without an order, all may count, or none.
            let [most, least] = [true, false].map(|all_count| {
                let mut value = Value::FITS;
                for (at, entry) in own.iter().enumerate() {
                    let is_by =
                        |(other, known): &&(Entry, bool)| if *known { other.place <= entry.place } else { all_count };
                    let follows =
                        |(other, known): &(Entry, bool)| if *known { other.place >= entry.place } else { all_count };
                    let next = match how {
                        Pairing::After if all.iter().filter(is_by).count() > at => Value::FITS,
                        Pairing::After => Value::UNFIT,
                        Pairing::Then(None) if all.iter().any(follows) => Value::FITS,
                        Pairing::Then(None) => Value::UNFIT,
                        Pairing::Then(Some(within)) => {
                            let in_time = |(other, _): &(Entry, bool)| within.holds(other.at - entry.at);
                            let deadline = entry.at + within.most.unwrap_or(within.least);
                            if all.iter().any(|other| follows(other) && in_time(other)) {
                                Value::FITS
                            } else if is_over(deadline) {
                                Value::UNFIT
                            } else {
                                Value::UNDECIDED
                            }
                        }
                    };
                    value = match (value, next) {
                        (Value::UNFIT, _) | (_, Value::UNFIT) => Value::UNFIT,
                        (Value::FITS, next) => next,
                        (value, _) => value,
                    };
                }
                value
            });
            if most == least { most } else { Value::ANY }
        })
    }

    /// Whether no two of these states and those of a condition, held at one place, differ.
    fn same(
        &self,
        document: &Document,
        (alias, life): (usize, &Life),
        own: &[Held],
        (other, tracks): (usize, Tracks),
    ) -> Value {
        self.awaiting(document, (alias, life), (other, tracks), |cuts| {
            let mut value = Value::UNDECIDED;
            for (of, cut) in meant(document, (alias, life), other, cuts) {
                for (label, from, to) in own {
                    for (other, since, until) in cut.values(of) {
                        let are_held = from <= &until && &since <= to;
                        let is_known = (*from, since) == (START, START) || self.is_comparable(of, life);
                        match (is_known, are_held, *label == other) {
                            _ if value == Value::UNFIT => {}
                            (true, true, false) => value = Value::UNFIT,
                            (false, ..) => value = Value::ANY,
                            (true, true, true) if value == Value::UNDECIDED => value = Value::FITS,
                            (true, ..) => {}
                        }
                    }
                }
            }
            value
        })
    }

    /// Whether any of these stays is at one place with one of the condition.
    fn meanwhile(
        &self,
        document: &Document,
        (alias, life): (usize, &Life),
        own: &[(i64, i64)],
        (other, tracks, held): (usize, Tracks, Set),
    ) -> Value {
        let meets = |(from, to): (i64, i64), (since, until): (i64, i64)| from <= until && since <= to;
        self.awaiting(document, (alias, life), (other, tracks), |cuts| {
            let mut value = Value::FITS;
            for (of, cut) in meant(document, (alias, life), other, cuts) {
                let pairs = || own.iter().flat_map(|one| cut.stays(held).into_iter().map(|stay| (*one, stay)));
                let is_comparable = self.is_comparable(of, life);
                if pairs().any(|(one, stay)| (one.0, stay.0) == (START, START) || is_comparable && meets(one, stay)) {
                    value = Value::UNFIT;
                } else if !is_comparable && pairs().next().is_some() && value != Value::UNFIT {
                    value = Value::ANY;
                }
            }
            value
        })
    }

    /// What follows of the first entry of a condition, with all that the definitions allow.
    fn condition(
        &self,
        document: &Document,
        (alias, life): (usize, &Life),
        other: usize,
        tracks: Tracks,
        after: Set,
        decide: impl Fn(Option<i64>, bool) -> Value,
    ) -> Value {
        self.awaiting(document, (alias, life), (other, tracks), |cuts| {
            let (mut best, mut unordered) = (None, false);
            for (of, cut) in cuts {
                if let Some(place) = first(&cut.entries, after) {
                    if place == START || self.is_comparable(of, life) {
                        best = Some(best.map_or(place, |best: i64| best.min(place)));
                    } else {
                        unordered = true;
                    }
                }
            }
            match (best, unordered) {
                (best, false) => decide(best, true),
                (None, true) => decide(Some(0), false),
                (best, true) => decide(best, true).or(Value::UNDECIDED).or(Value::ANY),
            }
        })
    }

    /// What is decided about the traces of a condition within a window, with all that the definitions allow.
    fn awaiting(
        &self,
        document: &Document,
        (alias, life): (usize, &Life),
        (other, tracks): (usize, Tracks),
        decide: impl Fn(&[(&Life, Cut)]) -> Value,
    ) -> Value {
        let related = match self.awaited(document, (alias, life), other) {
            Ok(related) => related,
            Err(value) => return value,
        };
        let span = match self.span(document, alias, life) {
            Ok(span) => span,
            Err(value) => return value.or(Value::UNDECIDED),
        };
        // By the end of its own stream, or not.
        let values = [true, false].map(|ends| {
            let each = related.iter().flat_map(|of| tracks.each().into_iter().map(|track| (*of, track)));
            let cut =
                |(of, track)| Some((of, self.cut(of, track, span, if ends { self.end(of) } else { NEVER }).ok()?));
            let cuts: Option<Vec<(&Life, Cut)>> = each.map(cut).collect();
            cuts.map(|cuts| decide(&cuts))
        });
        match values {
            [Some(one), Some(other)] => one.or(other),
            _ => Value::ANY,
        }
    }

    /// The lives that a condition is about.
    fn awaited<'b>(
        &'b self,
        document: &Document,
        (alias, life): (usize, &'b Life),
        other: usize,
    ) -> Result<Vec<&'b Life>, Value> {
        let related: Vec<&Life> = if other == alias { vec![life] } else { self.related(document, alias, life, other) };
        let among = document.subjects[other].among;
        let chosen = || related.iter().copied().filter(|life| self.lived(life));
        Ok(match among {
            _ if other == alias => related,
            Among::First | Among::Life(_) | Among::LastLife if document.subjects[alias].owned && other == 0 => {
                chosen().collect()
            }
            // Those that were born in a window are lives of the recording.
            Among::Each | Among::Any | Among::EachLife | Among::AnyLife => {
                let born = document.subjects[other].born;
                related.into_iter().filter(|life| !born || self.lived(life)).collect()
            }
            Among::First if related.len() > 1 => return Err(Value::ANY),
            Among::First => related.into_iter().filter(|life| self.lived(life)).collect(),
            Among::Life(number) => chosen().nth(number - 1).into_iter().collect(),
            Among::LastLife => chosen().next_back().into_iter().collect(),
        })
    }

    fn restarts(
        &self,
        document: &Document,
        life: &Life,
        span: Span<'_>,
        (min, max): (Option<usize>, Option<usize>),
    ) -> Value {
        let end = self.end(life);
        let end = if span.asked.is_some_and(|asked| asked > end) { NEVER } else { end };
        let until = span.until.filter(|until| until.at <= end).unwrap_or(Bound::by(end));
        let counts = self.world.restarts(life);
        let is_by =
            |(_, at, place): &&(u32, i64, i64), bound: Bound<'_>| self.is_by(life, (*at, *place), bound) == Ok(true);
        let held = |bound: Bound<'_>| counts.iter().rfind(|count| is_by(count, bound)).map(|(count, ..)| *count);
        let (start, mut before) = match (document.window.from, span.from) {
            // The rise to the first count that is shown may be one or not.
            (From::Attached, Some(from)) if held(from).is_none() => return Value::ANY,
            (_, Some(from)) if from.at > end && self.death(life).is_none_or(|death| death > end) => {
                return Value::UNDECIDED;
            }
            (_, Some(from)) => (from, held(from).unwrap_or(0)),
            (_, None) => (Bound::by(i64::MIN), 0),
        };
        let bounds = || [Some(start), Some(until)].into_iter().flatten();
        let is_tied =
            |(_, at, place): &(u32, i64, i64)| bounds().any(|bound| self.is_by(life, (*at, *place), bound).is_err());
        if counts.iter().any(is_tied) {
            return Value::ANY;
        }
        let died = self.death(life).zip(life.died());
        let gone = died.zip(span.from).is_some_and(|(died, from)| self.is_by(life, died, from) == Ok(true));
        let inside: Vec<u32> = counts
            .iter()
            .filter(|count| !is_by(count, start) && is_by(count, until))
            .map(|(count, ..)| *count)
            .collect();
        let mut sum = 0;
        for count in &inside {
            sum += count.saturating_sub(before);
            before = *count;
        }
        let sum = usize::try_from(sum).expect("small");
        let empty = gone || (inside.is_empty() && held(start).is_none());
        let fits = sum >= min.unwrap_or(0) && max.is_none_or(|max| sum <= max);
        match (fits, empty) {
            (_, true) if gone => Value::ANY,
            (true, true) => Value::FITS.or(Value::FITS_EMPTY).or(Value::UNDECIDED),
            (false, true) => Value::UNFIT.or(Value::LACKS).or(Value::UNDECIDED),
            (true, false) => Value::FITS,
            (false, false) => Value::UNFIT,
        }
    }
}

/// A trace with its first entries in one: the last of them, moved to the start. A track that its object had lost, which
/// `start` tells, holds no state there.
fn held(trace: &[Entry], past: usize, start: Entry) -> Vec<Entry> {
    let (past, rest) = trace.split_at(past);
    let last = past.last().filter(|last| last.letter != start.letter);
    last.map(|last| Entry { letter: last.letter, ..start }).into_iter().chain(rest.iter().copied()).collect()
}

/// Those of a condition's subjects that are meant: without a name, others than the one that is judged.
fn meant<'c, 'l>(
    document: &Document,
    (alias, life): (usize, &Life),
    other: usize,
    cuts: &'c [(&'l Life, Cut)],
) -> impl Iterator<Item = &'c (&'l Life, Cut)> {
    let subject = &document.subjects[other];
    let are_others = other != alias && subject.name.is_none() && subject.uid.is_none();
    let own = (life.uid, life.again);
    cuts.iter().filter(move |(of, _)| !are_others || (of.uid, of.again) != own)
}

fn first(entries: &[Entry], set: Set) -> Option<i64> {
    entries.iter().find(|entry| set.has(entry.letter)).map(|entry| entry.place)
}

/// What it waits for did not happen.
fn vacuous(cut: &Cut) -> Value {
    let value = Value::FITS.or(Value::FITS_EMPTY);
    if cut.entries.is_empty() { value.or(Value::UNDECIDED) } else { value }
}

fn word(expectation: &Expectation, cut: &Cut) -> Value {
    let letters: Vec<(u8, i64)> = cut.entries.iter().map(|entry| (entry.letter, entry.at)).collect();
    let empty = letters.is_empty();
    let word = Trace { symbols: letters, left: cut.left, detailed: cut.detailed, labels: cut.labels };
    let fits = |expectation: &Expectation| expectation.fits(&word, cut.finish);
    match (expectation, fits(expectation)) {
        (Expectation::Never(_) | Expectation::Always(_), _) if empty => Value::UNDECIDED,
        (Expectation::Every { every, then, within, .. }, found) => {
            let lenient = Expectation::Every { every: *every, then: *then, within: *within, min: 0 };
            let entries = word.symbols.iter().filter(|(letter, _)| every.has(*letter)).count();
            let lacks = if empty { Value::LACKS.or(Value::UNDECIDED) } else { Value::LACKS };
            match (found, fits(&lenient)) {
                (Some(true), _) if entries == 0 && empty => Value::FITS.or(Value::FITS_EMPTY).or(Value::UNDECIDED),
                (Some(true), _) if entries == 0 => Value::FITS.or(Value::FITS_EMPTY),
                (Some(true), _) => Value::FITS,
                (Some(false), Some(false)) => Value::UNFIT,
                (Some(false), Some(true)) => lacks,
                (Some(false), None) => lacks.or(Value::UNDECIDED),
                (None, _) => Value::UNDECIDED,
            }
        }
        (_, Some(true)) if empty => Value::FITS.or(Value::FITS_EMPTY).or(Value::UNDECIDED),
        (_, Some(false)) if empty => Value::UNFIT.or(Value::LACKS).or(Value::UNDECIDED),
        (_, Some(true)) => Value::FITS,
        (_, Some(false)) => Value::UNFIT,
        (_, None) => Value::UNDECIDED,
    }
}
