//! When the state that a clause waits for was first entered by any of the condition's subjects, and when it was held.

use super::apart::{self, Timed, last};
use super::cut::Known;
use super::ends::Ends;
use super::log::{ClauseId, Kept, Log};
use super::membership::Membership;
use super::state::{Judge, Unseen};
use super::storages::Across;
use super::subjects::Member;
use super::verdicts::known;
use super::window::Edge;
use crate::language::{Expectation, Pattern, Selector};
use crate::monitor::{End, Event, First, Micros, NEVER_AFTER, NEVER_BEFORE, Order, Read, START, Span, States, Symbol};
use crate::observation::{Subject, Track};
use std::sync::Arc;

impl Judge {
    /// The first entry into the awaited states by any of the condition's subjects.
    pub(super) fn condition(&self, id: ClauseId, member: &Member, ends: &Ends) -> First {
        let expectation = &self.program.expectations[id.0];
        let clause = &expectation.clauses[id.1];
        let mut sum = clause.plan.awaited();
        let Some((alias, pattern)) = &clause.condition else { return sum };
        let (_, selector) = &expectation.subjects[*alias];
        if self.is_misspelt(&selector.kind, pattern).is_some() {
            sum.may_be_hidden(0);
        }
        let own = (*alias == clause.subject).then_some(member);
        let others = self.roster.awaited(id).filter(|_| own.is_none());
        let meant = own.into_iter().chain(others).filter_map(|other| {
            let membership = if own.is_some() {
                Membership::Yes
            } else {
                self.related(expectation, (clause.subject, member), (*alias, other), ends)
            };
            (membership != Membership::No).then_some((other, membership))
        });
        let mut meant: Vec<_> = meant.collect();
        if *alias != clause.subject {
            let cover = ends.of_selector(selector);
            meant = self.meant(expectation, (clause.subject, *alias), meant, (ends, &cover));
        }
        // Without a name, these are about other subjects than the one that is judged.
        let is_named = selector.name.is_some() || selector.uid.is_some();
        let are_others = sum.tells_all() && *alias != clause.subject && !is_named;
        let is_timed = self.is_timed(id, ends);
        for (other, membership) in meant {
            let own = Arc::ptr_eq(&other.subject, &member.subject);
            if own && are_others {
                continue;
            }
            let timed = is_timed.then(|| Timed::of(other, ends));
            let compare = own || ends.compare(&other.subject, &member.subject);
            let across = self.across(ends);
            let shown = other.tracks.iter().filter(|(track, _)| pattern.fits(track));
            let logs: Vec<(Option<&Track>, &Log)> = shown.map(|(track, log)| (Some(track), log)).collect();
            let is_known = matches!(pattern, Pattern::One(_)) && !logs.is_empty();
            let unshown = Some(other.unshown.log()).filter(|unshown| !is_known && !unshown.events.is_empty());
            for (track, log) in logs.into_iter().chain(unshown.map(|log| (None, log))) {
                let first = self.first(id, member, (other, track, log), timed, ends);
                let mut first = match timed {
                    Some(_) => first,
                    None if compare => across.first(other.watch, member.watch, first),
                    None => first.anywhere(),
                };
                first.is_of(other.index);
                sum.join(&first, membership == Membership::Yes);
            }
        }
        let (_, own) = &expectation.subjects[clause.subject];
        if *alias != clause.subject {
            let (group, namespace) = (selector.group.as_deref(), selector.namespace.as_deref());
            let bounds = self.bounds(id, member, ends).ok();
            let (start, until) = bounds.map_or((None, None), |bounds| (bounds.from, bounds.until));
            let (start, until) = (start.map(Edge::when), until.map(Edge::when));
            let is_separate = ends.is_separate(own, selector);
            let across = self.across(ends);
            // What was deleted stays so, also where that is over which hid it.
            let deleted = Symbol::plain("Deleted");
            let lasts = sum.held.is_some()
                && pattern.fits(&Track::Lifecycle)
                && clause.plan.condition().is_some_and(|states| states.contains(&deleted));
            let until_last = |place: u64| if lasts { u64::MAX } else { place };
            let hides = |unseen: &&Unseen| {
                unseen.scope.may_have(&selector.kind, group, namespace)
                    && !self.is_about_another(selector, unseen)
                    && until.is_none_or(|until| unseen.after <= until.hi)
            };
            for unseen in self.unseen.iter().filter(hides) {
                if let Some(place) = self.awaited_in(expectation, (clause.subject, member), *alias, (unseen, ends)) {
                    // What it hides may be held at the start of the window if it was not over then.
                    let is_held = start.is_some_and(|start| unseen.after <= start.hi && unseen.until >= start.lo);
                    let last = across.upper(unseen.watch, member.watch, unseen.order.hi);
                    let (place, last) = match () {
                        () if !is_separate => (place, last),
                        () if self.is_timeless() => (START + 1, u64::MAX),
                        () => {
                            let timed = Timed { is_dated: ends.is_dated(unseen.watch) };
                            let order = timed.places(self.times(unseen));
                            (order.lo, order.hi)
                        }
                    };
                    let order = Order { lo: if is_held { START } else { place }, hi: until_last(last) };
                    sum.may_be_hidden_in(order, self.times(unseen));
                }
            }
            if self.may_have_been_before(id, member, *alias, ends) {
                let (last, when) = self.first_shown((member, own), selector, ends);
                sum.may_be_hidden_in(Order { lo: 0, hi: until_last(last) }, Span::new(NEVER_BEFORE, when));
                // One that is named by its uid may still be shown, and then it is known when it began.
                sum.doubtful |= selector.uid.is_some();
            }
        }
        sum
    }

    /// The times at which what a gap hides may have happened.
    fn times(&self, unseen: &Unseen) -> Span {
        if self.is_timeless() { Span::new(NEVER_BEFORE, NEVER_AFTER) } else { Span::new(unseen.after, unseen.until) }
    }

    /// The place and the time from which on every subject that a selector may select was shown, as the watch of the
    /// subject that is judged counts.
    fn first_shown(&self, (member, own): (&Member, &Selector), selector: &Selector, ends: &Ends) -> (u64, Micros) {
        if !ends.would_show_all(selector) || ends.may_be_left(selector) {
            return (u64::MAX, NEVER_AFTER);
        }
        let is_ordered = !ends.is_separate(own, selector) && !self.storages.counts_lines(member.watch);
        let across = self.across(ends);
        let began = ends.beginnings(selector).map(|(watch, (at, place))| {
            let place = match () {
                () if is_ordered => across.upper(Some(watch), member.watch, place),
                // What was before its list was before that came.
                () if ends.is_separate(own, selector) && !self.is_timeless() => last(at),
                () => u64::MAX,
            };
            (place, if is_ordered || !self.is_timeless() { at } else { NEVER_AFTER })
        });
        let latest = |(place, at): (u64, Micros), (other, then): (u64, Micros)| (place.max(other), at.max(then));
        began.reduce(latest).unwrap_or((u64::MAX, NEVER_AFTER))
    }

    /// The first place that the entries of a condition's subject may have which a gap hides, as the watch of the subject
    /// that is judged counts; none when it cannot hide one.
    fn awaited_in(
        &self,
        expectation: &Expectation,
        (own_alias, own): (usize, &Member),
        alias: usize,
        (unseen, ends): (&Unseen, &Ends),
    ) -> Option<u64> {
        let ((own_name, own_selector), (name, selector)) =
            (&expectation.subjects[own_alias], &expectation.subjects[alias]);
        // Its own trace has what a gap hides of a subject that was there, or came later; a uid is not given again.
        let named = selector.uid.as_ref().and_then(|uid| self.of_uid(uid));
        let returns = |member: &Member| unseen.rewinds && member.deleted.is_some_and(|gone| gone.lo < unseen.until);
        if named.is_some_and(|member| !member.may_be_known && !member.may_be_again && !returns(member)) {
            return None;
        }
        let is_owner = own_selector.owned_by.as_ref() == Some(name);
        if is_owner
            && !unseen.rewinds
            && self.roster.hides_owner(&expectation.subjects, own_alias, own) == Membership::No
        {
            return None;
        }
        let across = self.across(ends);
        let place = across.lower(unseen.watch, own.watch, unseen.order.lo);
        let owned = selector.owned_by.as_ref() == Some(own_name) && !ends.is_separate(own_selector, selector);
        let Some(birth) = own.birth_place().filter(|_| owned) else { return Some(place) };
        // What a subject owns begins after it.
        (across.upper(unseen.watch, own.watch, unseen.order.hi) > birth).then_some(place.max(birth))
    }

    /// What is known of a condition at an end, and that end as far as order is known: while the recording grows, an entry
    /// of an earlier version may still come where a stream was not read. What continues is held as far as it was.
    pub(super) fn awaited_at(&self, id: ClauseId, member: &Member, end: &End, ends: &Ends) -> (First, End) {
        let mut condition = self.condition(id, member, ends);
        let (expectation, clause) = (&self.program.expectations[id.0], self.program.clause(id));
        let tells_all = condition.tells_all();
        let Some((alias, _)) = clause.condition.as_ref().filter(|(alias, _)| *alias != clause.subject) else {
            // The versions of one subject show all of its tracks.
            condition.read = tells_all.then_some(Read::both(u64::MAX));
            return (condition, *end);
        };
        if !tells_all && !matches!(end, End::Open { .. }) {
            return (condition, *end);
        }
        let (own, other) = (&expectation.subjects[clause.subject].1, &expectation.subjects[*alias].1);
        let is_separate = ends.is_separate(own, other);
        // What comes later may have happened before, unless its watch says from when on.
        let end = match end {
            End::Open { now, .. } if is_separate && !self.are_timed(own, other, ends) => {
                &End::Open { now: *now, alive: NEVER_BEFORE }
            }
            end => end,
        };
        if is_separate && (!tells_all || self.is_timeless()) {
            return (condition, *end);
        }
        let read = match () {
            () if is_separate => {
                let through = |selector| {
                    let timed = Timed { is_dated: ends.tells_times(selector) };
                    ends.alive_at_least(selector).map(|alive| timed.read(alive))
                };
                Read { waiting: through(own), awaited: through(other) }
            }
            () if ends.are_of_sketch() && end.is_proven() => Read::both(u64::MAX),
            () if self.storages.are_plain() => {
                Read { waiting: self.read_to(own, ends), awaited: self.read_to(other, ends) }
            }
            () => self.across(ends).read(member.watch, &member.subject, &ends.read_for(other)),
        };
        if let Some(held) = &mut condition.held {
            held.read_through(read.awaited.unwrap_or(0));
        }
        let start = self.bounds(id, member, ends).ok().and_then(|bounds| bounds.from).map(Edge::when);
        let is_begun = |selector| start.is_none_or(|at| ends.alive(selector).is_some_and(|alive| alive >= at.hi));
        // What no watch certainly shows was not read at all.
        condition.read = Some(Read {
            waiting: read.waiting.filter(|_| is_begun(own)),
            awaited: read.awaited.filter(|_| is_begun(other) && !ends.may_be_left(other)),
        });
        (condition, *end)
    }

    /// What the places of one watch say about those of another.
    pub(super) fn across<'a>(&'a self, ends: &'a Ends) -> Across<'a> {
        Across { storages: &self.storages, ends, is_timed: !self.is_timeless() }
    }

    /// The place up to which everything that a selector may select was seen. For a replaced storage, only the places
    /// before the replacement can be compared.
    pub(super) fn read_to(&self, selector: &Selector, ends: &Ends) -> Option<u64> {
        let replaced = |kind: &str, group: &str, namespace: &str| {
            let own = self.replaced.iter().find(|replaced| replaced.covers(kind, Some(group), namespace));
            own.map(|replaced| replaced.place)
        };
        ends.read_to(selector, &replaced)
    }

    /// The first entry into the awaited states on another track of the same or another subject, within the window of
    /// the subject that is judged.
    fn first(
        &self,
        id: ClauseId,
        member: &Member,
        (other, track, log): (&Member, Option<&Track>, &Log),
        timed: Option<Timed>,
        ends: &Ends,
    ) -> First {
        let expectation = &self.program.expectations[id.0];
        let begun = self.hidden_since(other, ends);
        let steady = self.steady_until(id, &other.subject);
        let kept = log.conditions.iter().find(|(kept, _)| *kept == id);
        let is_kept = expectation.window.is_whole() && steady.is_none() && timed.is_none();
        if let Some((_, first)) = kept.filter(|_| is_kept) {
            let mut first = begun.map_or_else(|| first.clone(), |begun| first.clone().not_before(begun));
            first.ends(other.leaves(track));
            return first;
        }
        let mut first = expectation.clauses[id.1].plan.awaited();
        if let Some(states) = expectation.clauses[id.1].plan.condition() {
            let kept = log.kept(id.0);
            let kept = Kept { events: expectation.clauses[id.1].sight.awaited.events(kept.events), ..kept };
            let known = known((member, other), kept, ends);
            let (there, events): (Vec<Event>, Vec<Event>) = known
                .events
                .iter()
                .map(|event| since(event.clone(), begun))
                .partition(|event| steady.is_some_and(|until| event.when().hi <= until && is_there(event, states)));
            let there = there.last().map_or(0, |event| event.order().lo);
            let known = Known { events: events.into(), ..known };
            match self.bounds(id, member, ends).and_then(|bounds| self.of(bounds, (member, other), ends).cut(&known)) {
                Ok(cut) => {
                    for event in cut.events {
                        first.observe(states, &apart::placed(event, timed));
                    }
                    first.seen = first.seen.max(if timed.is_some() { 0 } else { there });
                    first.ends(apart::over(cut.next, (other, track), timed));
                }
                // A window that was not read yet hides nothing for good.
                Err(trouble) => {
                    first.may_be_hidden(0);
                    first.doubtful = !trouble.lasts();
                }
            }
        }
        first
    }

    /// If the awaited track is the lifecycle of a subject: the time until which its storage did not go back, so that one
    /// that is found present was neither deleted before nor being deleted.
    fn steady_until(&self, id: ClauseId, other: &Subject) -> Option<Micros> {
        let (_, pattern) = self.program.clause(id).condition.as_ref()?;
        let rewinds = self.replaced_under(other).map(|replaced| replaced.after);
        matches!(pattern, Pattern::One(Track::Lifecycle)).then(|| rewinds.min().unwrap_or(NEVER_AFTER))
    }

    /// Whether `other` is a subject of this member's condition: if one is owned by the other, only related subjects
    /// are.
    pub(super) fn related(
        &self,
        expectation: &Expectation,
        own: (usize, &Member),
        other: (usize, &Member),
        ends: &Ends,
    ) -> Membership {
        let subjects = &expectation.subjects;
        let named = |alias: usize| subjects[alias].0.as_str();
        let owner_of = |alias: usize| subjects[alias].1.owned_by.as_deref();
        let is = self.membership(expectation, other.0, other.1, ends);
        if owner_of(other.0) == Some(named(own.0)) {
            return is.min(self.roster.owned_by(subjects, other.0, other.1, own.1));
        }
        if owner_of(own.0) == Some(named(other.0)) {
            return is.min(self.roster.owned_by(subjects, own.0, own.1, other.1));
        }
        is
    }
}

/// True for what shows a subject present, and hides no awaited state of a lifecycle that never goes back.
fn is_there(event: &Event, states: &States) -> bool {
    let present = event.shown().filter(|shown| shown.symbol.label == "Present");
    present.is_some_and(|shown| !states.contains(&shown.symbol))
}

/// An event of a subject that began after a moment and a place, if these are known.
pub(super) fn since(mut event: Event, begun: Option<(Micros, u64)>) -> Event {
    let (Event::Enter { when, order, .. } | Event::Gap { when, order, .. }) = &mut event;
    if let Some((after, place)) = begun {
        *when = when.not_before(after);
        order.lo = order.lo.max(place).min(order.hi);
    }
    event
}
