//! The subjects that a selector selects: the lives of a name, in the order in which they began, and those born in a
//! window.

use super::apart::Timed;
use super::cut::alive;
use super::ends::{Cover, Ends};
use super::log::ClauseId;
use super::membership::Membership;
use super::state::{Judge, Unseen};
use super::subjects::Member;
use super::verdicts::stream;
use super::window::{Edge, Entries};
use crate::kinds;
use crate::language::{Expectation, From, Quantify, Selector, Until, Window};
use crate::monitor::{End, Micros, NEVER_AFTER, NEVER_BEFORE, Order, Span};
use crate::observation::WatchId;

/// The subjects that may be selected, and whether each is.
pub(super) struct Choice<'a> {
    /// In the order in which they began.
    pub members: Vec<(&'a Member, Membership)>,
    /// True when a gap cannot hide a life that would be selected instead.
    pub is_settled: bool,
}

impl Judge {
    /// Applies the quantifier to those that a selector may select.
    pub(super) fn choose<'a>(
        &'a self,
        expectation: &Expectation,
        alias: usize,
        mut members: Vec<(&'a Member, Membership)>,
        (ends, cover): (&Ends, &Cover),
    ) -> Choice<'a> {
        let (_, selector) = &expectation.subjects[alias];
        let is_one_order = self.is_one_order(&members);
        if selector.quantify.chooses() && is_one_order && members.iter().all(|(member, _)| member.began.is_some()) {
            members.sort_by_key(|(member, _)| member.began);
        }
        match selector.quantify {
            Quantify::Each | Quantify::Any => Choice { members, is_settled: false },
            Quantify::First => self.nth(selector, 1, members, (ends, cover)),
            Quantify::Nth(number) => {
                self.nth(selector, usize::try_from(number).unwrap_or(usize::MAX), members, (ends, cover))
            }
            Quantify::Last => self.last(selector, members, (ends, cover)),
        }
    }

    /// Applies the quantifier of another subject to those that may be meant. Of the owner, the life that a number asks
    /// for is that of each subject that was selected.
    pub(super) fn meant<'a>(
        &'a self,
        expectation: &Expectation,
        (own, alias): (usize, usize),
        members: Vec<(&'a Member, Membership)>,
        known: (&Ends, &Cover),
    ) -> Vec<(&'a Member, Membership)> {
        let (name, _) = &expectation.subjects[alias];
        let is_owner = expectation.subjects[own].1.owned_by.as_ref() == Some(name);
        if is_owner { members } else { self.choose(expectation, alias, members, known).members }
    }

    /// True when a selector names one object at a time, whose lives never overlap. A name in several namespaces is
    /// several names.
    fn is_one_name(selector: &Selector, members: &[(&Member, Membership)], ends: &Ends) -> bool {
        let is_clusters = || kinds::of_kind(&selector.kind).is_some_and(|kind| !kind.namespaced);
        let is_shown = || members.iter().all(|(member, _)| member.subject.namespace == members[0].0.subject.namespace);
        let is_one = || ends.is_one_namespace(selector).unwrap_or_else(is_shown);
        // Two watches of a source show two places of the machine, each with names of its own.
        let of_source = || kinds::is_of_source(&selector.kind);
        let is_one_watch = || members.iter().all(|(member, _)| member.watch == members[0].0.watch);
        // Several mounts may be at one place at once.
        selector.name.is_some()
            && !kinds::is_named_by_place(&selector.kind)
            && (selector.namespace.is_some() || is_clusters() || is_one())
            && (!of_source() || is_one_watch())
    }

    /// Whether the places of two watches that show a kind are counted together.
    pub(super) fn is_one_count(&self, kind: &str, one: Option<WatchId>, other: Option<WatchId>) -> bool {
        self.storages.compare(one, other) && (one == other || !kinds::is_of_source(kind))
    }

    /// Those that may be the life with this number, from 1.
    fn nth<'a>(
        &self,
        selector: &Selector,
        number: usize,
        members: Vec<(&'a Member, Membership)>,
        (ends, cover): (&Ends, &Cover),
    ) -> Choice<'a> {
        let is_one_name = Self::is_one_name(selector, &members, ends);
        let beginnings = self.beginnings(is_one_name, &members, ends);
        let mut chosen = Vec::new();
        for (at, (member, is)) in members.into_iter().enumerate() {
            let (sure, possible) = beginnings.before(at);
            if sure < number && number <= possible + 1 {
                // After one that may be the first, no other certainly is.
                let known = sure == possible && !self.may_follow((selector, is_one_name), member, ends, cover);
                chosen.push((member, if known { is } else { is.min(Membership::Unknown) }));
            }
        }
        Choice { members: chosen, is_settled: false }
    }

    /// When members began; they are in the order in which their beginnings were seen.
    fn beginnings(&self, is_one_name: bool, members: &[(&Member, Membership)], ends: &Ends) -> Beginnings {
        let is_one_order = self.is_one_order(members);
        let span = |(at, (member, _)): (usize, &(&Member, Membership))| {
            // Two lives of one name never overlap, so the one that was seen later began later.
            if is_one_name {
                return (at as u64, at as u64);
            }
            if let Some(birth) = self.dated_birth(member, ends) {
                let order = Timed { is_dated: true }.places(birth);
                return (order.lo, order.hi);
            }
            if !is_one_order {
                return (0, u64::MAX);
            }
            let hidden = self.hidden_since(member, ends).map_or(0, |(_, place)| place);
            let last = member.began.unwrap_or(u64::MAX);
            (member.began_after.max(hidden).min(last), last)
        };
        let spans: Vec<(u64, u64)> = members.iter().enumerate().map(span).collect();
        let mut first: Vec<u64> = spans.iter().map(|(first, _)| *first).collect();
        let sure = spans.iter().zip(members).filter(|(_, (_, is))| *is == Membership::Yes);
        let mut last: Vec<u64> = sure.map(|((_, last), _)| *last).collect();
        first.sort_unstable();
        last.sort_unstable();
        Beginnings { spans, first, last }
    }

    /// When an object of a source was created: a source numbers what it reads, and its times tell when that happened.
    fn dated_birth(&self, member: &Member, ends: &Ends) -> Option<Span> {
        let is_timed = kinds::is_of_source(&member.subject.kind) && !self.is_timeless();
        self.birth(member, ends).filter(|_| is_timed)
    }

    /// Whether the places at which members began are in one order.
    fn is_one_order(&self, members: &[(&Member, Membership)]) -> bool {
        let first = members.first().map(|(first, _)| (&first.subject.kind, first.watch));
        first.is_none_or(|(kind, first)| members.iter().all(|(member, _)| self.is_one_count(kind, first, member.watch)))
    }

    /// Whether another subject, of which nothing was seen, may have come before it. A place at which one is known to have
    /// begun is one of the storage that was there first, as are those of gaps.
    fn may_follow(
        &self,
        (selector, is_one_name): (&Selector, bool),
        member: &Member,
        ends: &Ends,
        cover: &Cover,
    ) -> bool {
        if let Some(birth) = self.dated_birth(member, ends).filter(|_| !is_one_name) {
            let hidden = self.unseen_of(selector).any(|unseen| unseen.after <= birth.hi);
            let is_read = cover.end.is_proven() || ends.alive_at_least(selector).is_some_and(|alive| alive > birth.hi);
            return hidden || !is_read || cover.unwatched;
        }
        let began = member.began;
        let hidden = self.unseen_of(selector).any(|unseen| {
            let compare = self.is_one_count(&member.subject.kind, unseen.watch, member.watch);
            began.is_none_or(|began| !compare || unseen.place <= began)
        });
        // While the recording grows, an entry of an earlier version may still come; without a fence it may have come.
        let is_proven = cover.end.is_proven();
        let read = || self.read_to(selector, ends);
        let to_come = !is_proven
            && if self.storages.counts_lines(member.watch) {
                // Lines of one watch are in order, except those of a list and those that are read back.
                let is_exact = member.sight.is_some_and(|sight| sight.created().lo == sight.created().hi);
                let is_delivered = is_exact && member.birth_place().is_some();
                !is_delivered || ends.read_for(selector).iter().any(|(watch, ..)| Some(*watch) != member.watch)
            } else {
                read().is_some_and(|read| began.is_some_and(|began| began > read))
            };
        // One that enters the selection later may have begun earlier; of one name, it would be a later life.
        let may_enter = cover.may_enter && !is_proven && !is_one_name;
        // Without places, what another namespace shows later may have begun earlier.
        let is_unordered = selector.name.is_some() && !is_one_name && began.is_none();
        hidden || to_come || may_enter || is_unordered || cover.unwatched
    }

    /// Those that may be the last.
    fn last<'a>(
        &self,
        selector: &Selector,
        members: Vec<(&'a Member, Membership)>,
        (ends, cover): (&Ends, &Cover),
    ) -> Choice<'a> {
        let is_one_name = Self::is_one_name(selector, &members, ends);
        let spans = self.beginnings(is_one_name, &members, ends).spans;
        let sure = spans.iter().zip(&members).filter(|(_, (_, is))| *is == Membership::Yes);
        let latest = sure.map(|((first, _), _)| *first).max().unwrap_or(0);
        // Those that began before another one had are not the last.
        let mut members: Vec<(&Member, Membership)> =
            members.into_iter().zip(spans).filter(|(_, (_, last))| *last >= latest).map(|(member, _)| member).collect();
        let is_proven = cover.end.is_proven() && !cover.unwatched;
        // A life that existed at the end is the last one of its name.
        let is_there = is_one_name
            && matches!(&members[..], [(member, _)] if member.deleted.is_none() && member.open_gaps.is_empty());
        let may_be_hidden = !is_there && self.unseen_of(selector).next().is_some();
        if members.len() > 1 || !is_proven || may_be_hidden {
            members.iter_mut().for_each(|(_, is)| *is = (*is).min(Membership::Unknown));
        }
        Choice { members, is_settled: is_there && is_proven }
    }

    /// Whether a subject is the life of its name that a selector asks for.
    pub(super) fn is_life(&self, expectation: &Expectation, alias: usize, member: &Member, ends: &Ends) -> Membership {
        let (_, selector) = &expectation.subjects[alias];
        if selector.name.is_none() || !selector.quantify.chooses() {
            return Membership::Yes;
        }
        let named = self.roster.members.iter().filter(|life| selector.names(&life.subject));
        let meant = named.filter_map(|life| {
            let is = self.membership(expectation, alias, life, ends);
            (is != Membership::No).then_some((life, is))
        });
        let lives = self.choose(expectation, alias, meant.collect(), (ends, &ends.of_selector(selector))).members;
        let is = lives.iter().find(|(life, _)| life.index == member.index);
        is.map_or(Membership::No, |(_, is)| *is)
    }

    /// Whether a subject was created within the window.
    pub(super) fn born(&self, selector: &Selector, window: &Window, member: &Member, ends: &Ends) -> Membership {
        if !selector.born_in_window {
            return Membership::Yes;
        }
        let Some(sight) = member.sight else { return Membership::Unknown };
        let birth = sight.created();
        let from = self.start(window).unwrap_or(NEVER_BEFORE);
        let until = self.until(window);
        let before = birth.lo < from || (birth.lo == NEVER_BEFORE && !sight.is_birth());
        let after = until.is_some_and(|until| birth.hi > until);
        if birth.hi < from || until.is_some_and(|until| birth.lo > until) {
            Membership::No
        } else if before || after || self.awaits_start(window) || !self.is_end_known(window, member, ends) {
            Membership::Unknown
        } else {
            Membership::Yes
        }
    }

    /// Whether a subject lived within the window, as a quantifier requires. One that was selected among all lives, or
    /// is named by its uid, stays selected, with an empty trace outside the window.
    pub(super) fn lived(&self, id: ClauseId, member: &Member, ends: &Ends) -> Membership {
        let expectation = &self.program.expectations[id.0];
        let window = &expectation.window;
        let (_, selector) = &expectation.subjects[self.program.clause(id).subject];
        if window.is_whole() || is_of_all_times(selector) {
            return Membership::Yes;
        }
        if window.entries().next().is_some() {
            return self.lived_between(id, member, ends);
        }
        if self.awaits_start(window) || !self.is_end_known(window, member, ends) {
            return Membership::Unknown;
        }
        let (start, until) = (self.start(window), self.until(window));
        let birth = self.birth(member, ends);
        let born = match (birth, until) {
            (Some(birth), Some(until)) if birth.lo > until => Membership::No,
            (Some(birth), Some(until)) if birth.hi > until => Membership::Unknown,
            _ => Membership::Yes,
        };
        born.min(start.map_or(Membership::Yes, |start| still_there(member, Edge::by(Span::at(start)), ends)))
    }

    /// The same for a window that starts or ends at an entry. One that never starts includes no subject.
    fn lived_between(&self, id: ClauseId, member: &Member, ends: &Ends) -> Membership {
        let window = &self.program.expectations[id.0].window;
        let is_entry = matches!(window.from, From::Enter(_));
        if is_entry && !self.is_timeless() && self.entries(id, member, ends).from.edge().is_none() {
            return Membership::No;
        }
        let birth = self.birth(member, ends);
        // It need not be known when the window of one starts that was created after its end.
        if birth.zip(self.until(window)).is_some_and(|(birth, until)| birth.lo > until) {
            return Membership::No;
        }
        let Ok(bounds) = self.bounds(id, member, ends) else { return Membership::Unknown };
        let place = member.birth_place().map_or(Order::UNKNOWN, Order::at);
        let born = match (birth.map(|birth| Edge::new(birth, place)), bounds.until) {
            (Some(birth), Some(until)) if birth.is_after(until) => Membership::No,
            (Some(birth), Some(until)) if !birth.is_by(until) => Membership::Unknown,
            _ => Membership::Yes,
        };
        let start = bounds.from.filter(|_| window.from != From::Attached);
        born.min(start.map_or(Membership::Yes, |start| still_there(member, start, ends)))
    }

    /// Whether a subject's window ends where its bounds say: a mark that has not come may end it earlier, even before
    /// what was seen last, as long as the window's longest duration is not over.
    fn is_end_known(&self, window: &Window, member: &Member, ends: &Ends) -> bool {
        let alive = || alive(&stream(member, ends));
        !self.awaits_end(window) || window.bounds(&self.marks, member.sight, alive(), Entries::default()).is_ok()
    }

    /// When a subject was created.
    fn birth(&self, member: &Member, ends: &Ends) -> Option<Span> {
        let created = member.sight?.created();
        Some(self.hidden_since(member, ends).map_or(created, |(after, _)| created.not_before(after)))
    }

    /// The time and the place after which a subject began whose beginning was not seen: if it was first shown after a
    /// list of a watch that shows all, it did not exist before the first gap since then.
    pub(super) fn hidden_since(&self, member: &Member, ends: &Ends) -> Option<(Micros, u64)> {
        let (created, subject) = (member.sight?.created(), &member.subject);
        if created.lo > NEVER_BEFORE || member.may_be_known {
            return None;
        }
        // A list of the past is recorded later than the time whose state it shows: there, only places tell.
        let (began, counts_lines) = (member.began, self.storages.counts_lines(member.watch));
        let is_before = |(at, place): (Micros, u64), line: u64| {
            let list = if counts_lines { line } else { place };
            at < created.hi && began.map_or(!counts_lines, |began| began > list)
        };
        let (since, list) = ends.last_list(subject, is_before)?;
        let is_over = |unseen: &Unseen| unseen.until < since || unseen.until == since && unseen.line < list;
        let hides = |unseen: &&Unseen| {
            unseen.scope.may_have(&subject.kind, Some(&subject.group), Some(&subject.namespace))
                && unseen.after <= created.hi
                && !is_over(unseen)
                && !self.is_name_held(subject, unseen)
        };
        let unseen = || self.unseen.iter().filter(hides);
        let after = unseen().map(|unseen| unseen.after.max(since)).min()?;
        let place = |unseen: &Unseen| {
            if self.is_one_count(&subject.kind, unseen.watch, member.watch) { unseen.place } else { 0 }
        };
        Some((after, unseen().map(place).min()?))
    }

    /// The last time at which a subject that the window includes can be created.
    pub(super) fn last_birth(&self, selector: &Selector, window: &Window) -> Option<Micros> {
        self.until(window).filter(|_| selector.born_in_window || !is_of_all_times(selector))
    }

    /// True when a mark that a window names has not come, and may still decide which subjects match. A mark that ends the
    /// window does not matter once the window's longest duration is over; if that counts from each subject's creation,
    /// the judgement of each subject decides.
    pub(super) fn awaits_mark(&self, window: &Window, cover: &Cover, is_enough: bool) -> bool {
        let is_over = || match self.start(window).and_then(|_| self.until(window)) {
            Some(until) => cover.alive.unwrap_or_else(|| alive(&cover.end)) >= until,
            None => window.max.is_some() && is_enough,
        };
        self.awaits_start(window) || self.awaits_end(window) && !is_over()
    }

    /// Whether a window ends before it starts.
    pub(super) fn is_inverted(&self, window: &Window) -> bool {
        self.start(window).zip(self.until(window)).is_some_and(|(start, until)| until < start)
    }

    /// Whether a window names a start or an end that is later than the end of the recording.
    pub(super) fn asks_beyond(&self, window: &Window, end: &End) -> bool {
        let until = self.until(window).filter(|_| window.until != Until::End);
        let bounds = || until.into_iter().chain(self.start(window));
        matches!(end, End::Closed { at } if bounds().any(|bound| *at < bound))
    }

    /// When a window ends, if that is the same for all subjects.
    pub(super) fn until(&self, window: &Window) -> Option<Micros> {
        let until = match &window.until {
            Until::End | Until::Enter(_) => None,
            Until::Time(at) => Some(*at),
            Until::Mark(name) => self.marks.get(name).copied(),
        };
        let longest = window.max.zip(self.start(window)).map(|(max, from)| from.saturating_add(max));
        until.into_iter().chain(longest).min()
    }
}

/// When subjects began; if a beginning was not seen, it was at the first version or earlier.
struct Beginnings {
    /// The first and the last place of each.
    spans: Vec<(u64, u64)>,
    /// The first places, in order.
    first: Vec<u64>,
    /// The last places of those that certainly match, in order.
    last: Vec<u64>,
}

impl Beginnings {
    /// How many that certainly match certainly began before one, and how many may have.
    fn before(&self, at: usize) -> (usize, usize) {
        let (first, last) = self.spans[at];
        let sure = self.last.partition_point(|other| *other < first);
        // It counts among those that did not begin after it.
        (sure, self.first.partition_point(|other| *other <= last) - 1)
    }
}

/// Whether it selects subjects whenever they lived, not only within the window.
fn is_of_all_times(selector: &Selector) -> bool {
    selector.uid.is_some() || selector.quantify.chooses()
}

/// Whether a subject existed at the start of a window, or after it.
fn still_there(member: &Member, start: Edge, ends: &Ends) -> Membership {
    match member.gone() {
        // One that is deleted by the start has no state there or after it.
        Some(gone) if gone.is_by(start) => return Membership::No,
        Some(gone) if gone.is_after(start) => return Membership::Yes,
        _ => {}
    }
    let start = start.when();
    // Each track was seen until its own gap began, and so was the subject: it may have been deleted as the gap began.
    let open = member.open_gaps.values().filter(|gap| gap.when.hi >= NEVER_AFTER);
    let seen = alive(&stream(member, ends)).min(open.map(|gap| gap.when.lo - 1).max().unwrap_or(NEVER_AFTER));
    let is_known = member.deleted.is_none() && seen >= start.hi;
    let shown = || member.tracks.values().flat_map(|log| &log.events);
    if is_known || shown().any(|event| event.shown().is_some() && event.when().lo > start.hi) {
        Membership::Yes
    } else {
        Membership::Unknown
    }
}
