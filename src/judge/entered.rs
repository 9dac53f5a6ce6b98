//! When the states that a window's bounds name were entered, as far as it is known.

use super::condition::since;
use super::cut::alive;
use super::ends::Ends;
use super::log::ClauseId;
use super::membership::Membership;
use super::state::Judge;
use super::subjects::Member;
use super::verdicts::stream;
use super::window::{Edge, Entries, Instant, Moment};
use crate::kinds;
use crate::language::{Entered, From, Pattern, Until, Window};
use crate::monitor::{Cause, End, Event, Found, NEVER_BEFORE, Order, Span};
use std::sync::Arc;

/// What a bound is searched for.
#[derive(Clone, Copy)]
struct Search<'a> {
    /// The entry.
    entered: &'a Entered,
    /// It comes then or later.
    since: Edge,
    /// The entry at which the window starts, if it ends at another one.
    start: Option<&'a Entered>,
}

/// Since a time that comes before everything.
const ALWAYS: Edge = Edge { lo: (NEVER_BEFORE, 0), hi: (NEVER_BEFORE, 0) };

impl Search<'_> {
    /// Adds an entry, or what a gap hides, which came `at`.
    fn add(&self, event: &Event, at: Edge, before: Option<&Event>, found: &mut Instant) {
        if at.hi < self.since.lo {
            return;
        }
        let symbol = event.shown().map(|shown| &shown.symbol);
        let is_meant = symbol.is_some_and(|symbol| self.entered.states.contains(symbol));
        let is_certain = match event {
            Event::Enter { .. } if !is_meant => return,
            Event::Enter { .. } => true,
            // What is found by the first one was entered in it.
            Event::Gap { .. } => {
                let before = before.map_or(Some(true), |before| {
                    before.shown().map(|shown| !self.entered.states.contains(&shown.symbol))
                });
                is_meant && before == Some(true)
            }
        };
        // The entry at which the window starts does not end it.
        let is_start = |start: &Entered| start.subject == self.entered.subject && start.tracks == self.entered.tracks;
        let may_be_start = self.start.is_some_and(is_start) && at.lo <= self.since.hi;
        if may_be_start && matches!(event, Event::Enter { .. }) {
            // Where its place is not exact, another entry at its time is one of another state.
            let is_it =
                |start: &Entered| at == self.since && symbol.is_some_and(|symbol| start.states.contains(symbol));
            if at.is_by(self.since) || self.start.is_some_and(is_it) {
                return;
            }
        }
        found.may_come(at.lo.max(self.since.lo));
        if is_certain && !may_be_start && at.lo >= self.since.hi {
            found.comes(at.hi);
        }
    }
}

impl Judge {
    /// When the entries that bound the window of a subject came.
    pub(super) fn entries(&self, id: ClauseId, own: &Member, ends: &Ends) -> Entries {
        let window = &self.program.expectations[id.0].window;
        let Window { from, until, .. } = window;
        let mut entries = Entries::default();
        let start = if let From::Enter(entered) = from { Some(&**entered) } else { None };
        if let Some(entered) = start {
            let search = Search { entered, since: ALWAYS, start: None };
            entries.from = self.entry(id, own, search, ends);
        }
        if let Until::Enter(entered) = until {
            let since = match from {
                From::Enter(_) => entries.from.edge(),
                // An Event has no life of its own: the window is that of what it is about.
                From::Created if kinds::is_evidence(&own.subject.kind) => None,
                From::Created => own.sight.map(|sight| Edge::new(sight.created(), own.first_place())),
                From::Attached => own.sight.map(|sight| Edge::new(sight.seen(), own.first_place())),
                From::Time(_) | From::Mark(_) => self.start(window).map(Span::at).map(Edge::from),
            };
            let search = Search { entered, since: since.unwrap_or(ALWAYS), start };
            entries.until = self.entry(id, own, search, ends);
        }
        entries
    }

    /// When the first entry came that is searched for.
    fn entry(&self, id: ClauseId, own: &Member, search: Search<'_>, ends: &Ends) -> Instant {
        let (expectation, own_alias) = (&self.program.expectations[id.0], self.program.clause(id).subject);
        let Entered { subject: alias, tracks, .. } = search.entered;
        let (_, selector) = &expectation.subjects[*alias];
        let mut found = Instant::default();
        if self.is_misspelt(&selector.kind, tracks).is_some() {
            found.may_come(search.since.lo);
        }
        if *alias == own_alias {
            entries_of((id, own), self.hidden_since(own, ends), search, Edge::of, &mut found);
            if own.deleted.is_none() {
                to_come(&stream(own, ends), search.since.lo, &mut found);
            }
            return found;
        }
        let others = self.roster.bounding(id.0, *alias).filter_map(|other| {
            let is = self.related(expectation, (own_alias, own), (*alias, other), ends);
            (is != Membership::No).then_some((other, is))
        });
        let cover = ends.of_selector(selector);
        for (other, is) in self.meant(expectation, (own_alias, *alias), others.collect(), (ends, &cover)) {
            let mut entry = Instant::default();
            let at = |event: &Event| self.seen_from(own, other, Edge::of(event), ends);
            entries_of((id, other), self.hidden_since(other, ends), search, at, &mut entry);
            if other.deleted.is_none() {
                to_come(&stream(other, ends), search.since.lo, &mut entry);
            }
            entry.possible.into_iter().for_each(|at| found.may_come(at));
            entry.certain.filter(|_| is == Membership::Yes).into_iter().for_each(|by| found.comes(by));
        }
        // Others may still come, or may have been missed.
        let last = cover.alive.or_else(|| ends.alive_at_least(selector));
        let end = match cover.end {
            End::Unfenced => last.map_or(End::Unfenced, |alive| End::Open { now: alive, alive }),
            end => end,
        };
        to_come(&end, search.since.lo, &mut found);
        for unseen in self.unseen_of(selector).filter(|unseen| unseen.until >= search.since.lo.0) {
            found.may_come(search.since.lo.max((unseen.after, 0)));
        }
        if cover.unwatched || cover.may_enter {
            found.may_come(search.since.lo);
        }
        found
    }

    /// What the watch of one subject shows, with its places as that of another counts them.
    pub(super) fn seen_from(&self, home: &Member, other: &Member, edge: Edge, ends: &Ends) -> Edge {
        if Arc::ptr_eq(&home.subject, &other.subject) {
            return edge;
        }
        if !ends.compare(&home.subject, &other.subject) {
            return edge.placed(|lo| if lo == u64::MAX { lo } else { 0 }, |_| u64::MAX);
        }
        let across = self.across(ends);
        let (from, to) = (other.watch, home.watch);
        edge.placed(|lo| across.lower(from, to, lo), |hi| across.upper(from, to, hi))
    }
}

/// The entries of one subject, which began after a moment and a place if these are known.
fn entries_of(
    (id, member): (ClauseId, &Member),
    begun: Option<Moment>,
    search: Search<'_>,
    at: impl Fn(&Event) -> Edge,
    found: &mut Instant,
) {
    let Entered { tracks, sight, .. } = search.entered;
    let mut is_shown = false;
    for (_, log) in member.tracks.iter().filter(|(track, _)| tracks.fits(track)) {
        is_shown = true;
        let kept = log.kept(id.0);
        if kept.shortened {
            found.may_come(search.since.lo);
        }
        // Of what was dropped before the first, the state is not known.
        let unknown = Event::Gap {
            when: Span::at(NEVER_BEFORE),
            order: Order { lo: 0, hi: 0 },
            cause: Cause::Lost,
            found: Found::NotSeen,
        };
        let first = kept.shortened.then_some(&unknown);
        let events: Vec<Event> = sight.events(kept.events).iter().map(|event| since(event.clone(), begun)).collect();
        let before = std::iter::once(first).chain(events.iter().map(Some));
        before.zip(events.iter()).for_each(|(before, event)| search.add(event, at(event), before, found));
    }
    if !(is_shown && matches!(tracks, Pattern::One(_))) {
        let events = member.unshown.log().events.iter();
        events.map(|event| since(event.clone(), begun)).for_each(|event| search.add(&event, at(&event), None, found));
    }
}

/// What may come later than the end of what was seen.
fn to_come(end: &End, since: Moment, found: &mut Instant) {
    if !end.is_proven() {
        found.may_come(since.max((alive(end).saturating_add(1), 0)));
    }
}
