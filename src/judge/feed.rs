//! Feeds the entries of a timeline, live or recorded, to the judge.
//!
//! It relies on the timeline's order, except for late entries. It never makes a gap smaller than the timeline says:
//! what was found at the end of one is the next entry marked `after-gap`, or, as the timeline promises, the previous
//! state if no such entry comes.

use super::doubted::is_about_earlier;
use super::state::{Judge, Replaced, Scope, Unseen};
use super::storages;
use super::subjects::{Member, OpenGap};
use crate::kinds;
use crate::monitor::{Cause, Event, Found, Micros, NEVER_AFTER, NEVER_BEFORE, Order, Shown, Span, Symbol};
use crate::observation::{GapReason, ResourceVersion, State, StateKind, Subject, Track};
use crate::timeline::{Body, Detailed, Entry, GapEntry, Provenance, Transition};
use jiff::Timestamp;
use smol_str::SmolStr;
use std::sync::Arc;

impl Judge {
    /// Reads the next entry of the timeline.
    pub fn push(&mut self, entry: &Entry) {
        self.take(entry);
        self.drop_deleted();
    }

    fn take(&mut self, entry: &Entry) {
        match (&entry.body, &entry.subject) {
            // One at an unknown time bounds no window.
            (Body::Mark(name), _) if self.is_measured(entry) => self.mark(name, micros(entry.stamp.at)),
            (Body::Transition(Transition { track, from, to }), Some(subject)) => {
                self.entered(entry, subject, track, to, from.is_some());
            }
            // Of the details, the restart count matters, and those that an expectation names.
            (Body::Detailed(Detailed { track, from, to }), Some(subject))
                if !self.details.is_empty() || to.detail.restart_count < from.detail.restart_count =>
            {
                self.entered(entry, subject, track, to, true);
            }
            (Body::Gap(blind), Some(subject)) if is_about_earlier(entry, blind) => {
                // One that was dropped is not judged again.
                if let Some(index) = self.roster.find(&subject.uid) {
                    self.doubt(index, entry, blind, self.known(span(blind), entry.seq));
                }
            }
            (Body::Gap(blind), Some(subject)) => {
                let index = self.known_or_new(subject, entry);
                self.gap(index, entry, blind);
            }
            (Body::Gap(blind), None) => {
                let scope = Scope { kind: kind_of(blind), group: group_of(blind), namespace: blind.namespace.clone() };
                let watch = entry.origin.map(|origin| origin.watch);
                let order = self.hidden(entry, blind);
                let place = self.storages.in_first(watch, order).lo;
                let Span { lo: after, hi: until } = self.known(span(blind), entry.seq);
                if blind.reason.may_rewind() {
                    let read = blind.from_resource_version.as_ref().and_then(ResourceVersion::number).unwrap_or(0);
                    self.replaced.push(Replaced { scope: scope.clone(), place: read, after });
                    if let Some(watch) = watch {
                        self.storages.replace(watch, storages::Replaced { read, after, until });
                    }
                }
                let rewinds = blind.reason.may_rewind();
                self.may_have_occurred(&scope, Span::new(after, until), order);
                // What a line without an end is about was there when it came.
                let by = until.min(self.known(when(entry), entry.seq).hi);
                let (about, line) = (None, entry.seq);
                self.may_have_missed(Unseen { scope, about, place, watch, order, rewinds, after, until, by, line });
            }
            (Body::Evidence(reported), _) => self.reported(entry, reported),
            // The language cannot refer to other details.
            (Body::Detailed(_) | Body::Transition(_) | Body::Mark(_), _) => {}
        }
    }

    /// The index of an entry's subject. A new one may be one that was dropped. One that was deleted in an earlier
    /// storage lives again.
    fn known_or_new(&mut self, subject: &Arc<Subject>, entry: &Entry) -> usize {
        let known = self.roster.find(&subject.uid);
        let is_new = known.is_none();
        let died_in = known.and_then(|at| self.roster.members[at].died_in);
        let is_later = |storage: u32| entry.origin.is_some_and(|origin| origin.storage > storage);
        let is_again = died_in.is_some_and(is_later);
        // One that left the selection may have been deleted then, and be back in another storage.
        let left_in = known.and_then(|at| self.roster.members[at].left_in);
        if !is_again && left_in.is_some_and(is_later) {
            let index = self.roster.revive(&self.program, subject);
            self.roster.members[index].may_be_known = true;
            self.note_watch(index, entry);
            return index;
        }
        let index = if is_again { self.roster.revive(&self.program, subject) } else { self.seen(subject) };
        self.note_watch(index, entry);
        let storage = entry.origin.map(|origin| origin.storage);
        if is_new && self.buried.may_be(&subject.uid, storage, entry.resource_version.as_ref()) {
            self.roster.members[index].may_be_known = true;
        }
        let is_found = !matches!(entry.seen, Provenance::Live | Provenance::Delayed | Provenance::Healed);
        if is_new && is_found && self.replaced_under(subject).next().is_some() {
            self.roster.members[index].may_be_again = true;
        }
        index
    }

    /// Notes which watch showed a member first.
    pub(super) fn note_watch(&mut self, index: usize, entry: &Entry) {
        let watch = &mut self.roster.members[index].watch;
        *watch = watch.or(entry.origin.map(|origin| origin.watch));
    }

    fn entered(&mut self, entry: &Entry, subject: &Arc<Subject>, track: &Track, to: &State, continues: bool) {
        let index = self.known_or_new(subject, entry);
        self.ongoing.remove(&index);
        let when = self.known(when(entry), entry.seq);
        let order = self.order(index, track, entry);
        let shown = Shown { symbol: self.symbol(to), restarts: to.detail.restart_count };
        let member = &mut self.roster.members[index];
        member.left_in = None;
        member.begin_unseen(entry, when, order);
        let events = member.events(track, &shown, entry, continues, when, order);
        let gone = *track == Track::Lifecycle && to.label == "Deleted";
        if !gone {
            member.there_at = member.there_at.max(when.lo);
        }
        let deleted = gone.then(|| events.last().map_or(when, Event::when));
        for event in events {
            self.observe(index, track, event);
        }
        if let Some(when) = deleted {
            let is_first = self.roster.members[index].deleted.is_none();
            self.roster.members[index].died_in = entry.origin.map(|origin| origin.storage);
            self.gone(index, (when, order.lo), entry.seq);
            if is_first {
                self.died(index, entry.resource_version.as_ref());
            }
        }
    }

    /// A state with those of its details that the program names.
    pub(super) fn symbol(&self, state: &State) -> Symbol {
        if self.details.is_empty() {
            return Symbol::from(state);
        }
        let details = state.detail.named().filter(|detail| self.details.has(detail)).collect();
        self.matched(Symbol { details, ..Symbol::from(state) }, state.detail.message.as_deref().unwrap_or_default())
    }

    /// A state with the predicates that hold of its label and its message.
    pub(super) fn matched(&self, symbol: Symbol, message: &str) -> Symbol {
        let holding: Vec<SmolStr> = self.predicates.holding(&symbol.label, message).collect();
        if symbol.kind == StateKind::Absent || holding.is_empty() {
            return symbol;
        }
        let details = symbol.details.iter().cloned().chain(holding).collect();
        Symbol { details, ..symbol }
    }

    /// The place of an entry on a track of a member, as the member's watch counts.
    pub(super) fn order(&mut self, index: usize, track: &Track, entry: &Entry) -> Order {
        let watch = entry.origin.map(|origin| origin.watch);
        let version = entry.resource_version.as_ref();
        let place = version.and_then(|version| self.storages.place(entry.origin, version, entry.seq));
        if entry.seen != Provenance::Healed {
            self.storages.delivered(entry.origin, entry.seq);
        }
        let member = &self.roster.members[index];
        match place.filter(|_| self.storages.are_one(watch, member.watch)) {
            // What is read back has the order of its objects, not that of the server.
            Some(line) if entry.seen == Provenance::Healed && self.storages.counts_lines(watch) => {
                let behind = self.storages.last_line(watch).saturating_add(1);
                Order { lo: member.place(track).max(behind).min(line), hi: line }
            }
            Some(place) => Order::at(place),
            None => Order { lo: member.last_place().max(self.storages.behind_first(member.watch)), hi: u64::MAX },
        }
    }

    /// The places that what a gap of a member hides may have, as the member's watch counts.
    fn hidden_of(&mut self, index: usize, entry: &Entry, blind: &GapEntry) -> Order {
        let Order { lo, hi } = self.hidden(entry, blind);
        let member = &self.roster.members[index];
        if !self.storages.are_one(entry.origin.map(|origin| origin.watch), member.watch) {
            return Order { lo: member.last_place(), hi: u64::MAX };
        }
        // Where versions do not say it, it comes after the last version that was seen, or with the first, of which only
        // that the object is there could be read.
        let is_first = member.tracks.keys().all(|track| *track == Track::Lifecycle);
        let last = if is_first { member.last_place().saturating_sub(1) } else { member.last_shown() };
        let lo = if self.storages.counts_lines(member.watch) { last } else { lo };
        Order { lo: lo.min(hi), hi }
    }

    /// The places that what a gap hides may have, as its watch counts; none if the first comes after the last.
    pub(super) fn hidden(&mut self, entry: &Entry, blind: &GapEntry) -> Order {
        let (watch, line) = (entry.origin.map(|origin| origin.watch), entry.seq);
        let last = self.storages.last_line(watch);
        // A version of an object says how its watch counts, too.
        if let Some(version) = entry.resource_version.as_ref().or(blind.to_resource_version.as_ref()) {
            self.storages.place(entry.origin, version, line);
        }
        if self.storages.counts_lines(watch) {
            let is_behind = blind.reason != GapReason::Contradicted;
            let lo = if is_behind { last.saturating_add(1) } else { 0 };
            return Order { lo, hi: if blind.to.is_some() { line } else { u64::MAX } };
        }
        let (before, storage) = entry.origin.map_or((0, 0), |origin| (origin.before, origin.storage));
        // The line that says that the storage was replaced is the last of the one before.
        let storage = storage + u32::from(entry.subject.is_none() && blind.reason.may_rewind());
        // What the watch had been read through was seen, even if the subject itself had not changed for long.
        let place = |storage: u32, version: &Option<ResourceVersion>| {
            version.as_ref().and_then(|version| self.storages.number(watch, storage, version))
        };
        let read = place(before, &blind.read_through).max(place(before, &blind.from_resource_version));
        let hi = place(storage, &blind.to_resource_version).unwrap_or(u64::MAX);
        Order { lo: read.map_or(0, |place| place.saturating_add(1)), hi }
    }

    pub(super) fn known(&self, when: Span, line: u64) -> Span {
        self.unmeasured.map_or(when, |unmeasured| unmeasured.known(when, line))
    }

    /// True when the time of an entry is comparable with the others, or none is.
    fn is_measured(&self, entry: &Entry) -> bool {
        self.is_timeless() || self.unmeasured.is_none_or(|unmeasured| entry.seq < unmeasured.line)
    }

    /// A confirmed deletion ends every track; what was not seen before it stays unseen.
    fn gone(&mut self, index: usize, (when, place): (Span, u64), line: u64) {
        let tracks: Vec<Track> = self.roster.members[index].tracks.keys().cloned().collect();
        for track in tracks.iter().filter(|track| **track != Track::Lifecycle) {
            if let Some(event) = self.roster.members[index].found_before(track, when.lo, place) {
                self.observe(index, track, event);
            }
        }
        let member = &mut self.roster.members[index];
        let blind: Vec<(Track, Event)> = member
            .tracks
            .keys()
            .filter(|track| **track != Track::Lifecycle)
            .filter_map(|track| Some((track.clone(), member.open_gap(track)?)))
            .map(|(track, open_gap)| {
                let order = Order { lo: member.place(&track).max(open_gap.from), hi: u64::MAX };
                let when = Span::new(open_gap.when.lo, open_gap.when.hi.min(when.hi));
                (track, Event::Gap { when, order, cause: Cause::Lost, found: Found::NotSeen })
            })
            .collect();
        let earliest = blind.iter().map(|(_, event)| event.when().lo).fold(when.lo, Micros::min);
        // It was there when it was last seen on any track, and when a gap of one began.
        let others = member.tracks.iter().filter(|(track, _)| **track != Track::Lifecycle);
        let last = others.filter_map(|(_, log)| log.events.last()).map(|event| event.when().lo);
        let seen = last.fold(member.there_at, Micros::max);
        member.deleted = Some(Span::new(earliest.max(seen.min(when.hi)), when.hi));
        member.open_gaps.clear();
        member.unshown.gone(when, line);
        for (track, event) in blind {
            self.observe(index, &track, event);
        }
    }

    fn gap(&mut self, index: usize, entry: &Entry, blind: &GapEntry) {
        let line = entry.seq;
        if blind.reason == GapReason::LeftSelection {
            self.roster.members[index].left_in = entry.origin.map(|origin| origin.storage);
        }
        if blind.to.is_some() || blind.track.is_some() {
            self.ongoing.remove(&index);
        } else {
            self.ongoing.entry(index).or_insert_with(|| self.roster.members.shared(index));
        }
        let Order { lo: from, hi: until } = self.hidden_of(index, entry, blind);
        let served = blind.reason == GapReason::NeverPublished;
        let when = if served { Span::at(span(blind).hi) } else { span(blind) };
        let open_gap = OpenGap { when: self.known(when, line), from, place: until, keeps: !served, served };
        let tracks: Vec<Track> = match &blind.track {
            Some(track) => vec![track.clone()],
            // Each track is found separately.
            None => self.roster.members[index].tracks.keys().cloned().collect(),
        };
        for track in tracks {
            if let Some(event) = self.roster.members[index].found_before(&track, open_gap.when.lo, open_gap.from) {
                self.observe(index, &track, event);
            }
            self.roster.members[index].open(track, open_gap);
        }
        if blind.track.is_none() {
            let ended_by = blind.to.map(|_| line);
            self.roster.members[index].lose_unshown(&open_gap, ended_by);
        }
    }

    /// Closes the open gaps: in one that a version ended, a track without a transition was found as it had been; in one
    /// without an end, it was not seen again.
    pub(super) fn settle(&mut self) {
        for index in self.roster.members.indices() {
            let member = &self.roster.members[index];
            if member.open_gaps.is_empty() {
                continue;
            }
            let events: Vec<(Track, Event)> = member
                .tracks
                .iter()
                .filter_map(|(track, log)| {
                    let open_gap = member.open_gap(track)?;
                    let before = log.events.last().and_then(Event::shown).cloned();
                    let found = before.filter(|_| open_gap.is_ended());
                    let order =
                        Order { lo: member.hidden_from(track, &open_gap), hi: open_gap.place.max(member.place(track)) };
                    Some((
                        track.clone(),
                        Event::Gap { when: open_gap.when, order, cause: Cause::Lost, found: found.into() },
                    ))
                })
                .collect();
            for (track, event) in events {
                self.observe(index, &track, event);
            }
        }
    }
}

impl OpenGap {
    /// True when a version ended it, in which a track without a transition is found as it had been.
    fn is_ended(self) -> bool {
        self.keeps && self.when.hi < NEVER_AFTER
    }

    /// True when a version ended it before this time, or before the first of these places: what came late, or at once, has
    /// a place of its own.
    fn is_over(self, later: Micros, place: u64) -> bool {
        self.is_ended() && (self.when.hi < later || self.place < place)
    }

    /// Merges this gap with a later one. A gap that had no end yet ends where the later one does, if that continues it.
    fn with(self, later: Self) -> Self {
        let is_ended = self.when.hi == NEVER_AFTER && later.when.lo <= self.when.lo;
        let (hi, place) = if is_ended {
            (later.when.hi, later.place)
        } else {
            (self.when.hi.max(later.when.hi), self.place.max(later.place))
        };
        Self {
            when: Span { lo: self.when.lo.min(later.when.lo), hi },
            from: self.from.min(later.from),
            place,
            keeps: self.keeps && later.keeps,
            served: self.served && later.served,
        }
    }
}

impl Member {
    fn open_gap(&self, track: &Track) -> Option<OpenGap> {
        self.open_gaps.get(track).copied()
    }

    /// True when it may have been deleted before this time, in a gap that no version ended.
    pub(super) fn may_have_gone_before(&self, until: Micros) -> bool {
        self.open_gap(&Track::Lifecycle).is_some_and(|gap| !gap.is_ended() && gap.when.lo < until)
    }

    fn open(&mut self, track: Track, open_gap: OpenGap) {
        self.open_gaps.entry(track).and_modify(|known| *known = known.with(open_gap)).or_insert(open_gap);
    }

    /// For a subject whose beginning was not seen, no track is known to have begun with the first version.
    fn begin_unseen(&mut self, entry: &Entry, when: Span, order: Order) {
        let is_first = self.tracks.is_empty() && self.unshown.log().events.is_empty();
        if is_first && matches!(entry.seen, Provenance::Initial | Provenance::AfterGap) {
            // Read back from history: when it was first seen is not known either.
            let is_exact = entry.seen == Provenance::Initial && when.lo == when.hi;
            let cause = if is_exact { Cause::Beginning } else { Cause::Lost };
            let (when, order) = (Span::new(NEVER_BEFORE, when.hi), Order { lo: 0, hi: order.hi });
            self.unshown.lost(when, order, cause, Some(entry.seq));
        }
    }

    fn lose_unshown(&mut self, open_gap: &OpenGap, ended_by: Option<u64>) {
        // If nothing was seen of the subject before, its beginning was not seen either.
        let is_first = self.tracks.is_empty() && self.unshown.log().events.is_empty();
        let from = if is_first { NEVER_BEFORE } else { open_gap.when.lo };
        let lo = if is_first { 0 } else { self.unshown.place().max(open_gap.from).min(open_gap.place) };
        self.unshown.lost(Span::new(from, open_gap.when.hi), Order { lo, hi: open_gap.place }, Cause::Lost, ended_by);
    }

    /// The gap before a later one, or before a deletion, if a version ended it: without a transition, the track was found
    /// as it had been.
    fn found_before(&mut self, track: &Track, later: Micros, place: u64) -> Option<Event> {
        let open_gap = self.open_gap(track).filter(|open_gap| open_gap.is_over(later, place))?;
        let found = self.tracks.get(track)?.events.last()?.shown()?.clone();
        let order = Order { lo: self.hidden_from(track, &open_gap).min(open_gap.place), hi: open_gap.place };
        self.open_gaps.remove(track);
        Some(Event::Gap { when: open_gap.when, order, cause: Cause::Lost, found: Found::In(found) })
    }

    /// The first place after what was seen of a track.
    pub(super) fn place(&self, track: &Track) -> u64 {
        let last = self.tracks.get(track).and_then(|log| log.events.last());
        last.map_or(0, Event::next_place)
    }

    /// The first place after what was seen on any of its tracks.
    fn last_place(&self) -> u64 {
        let last = self.tracks.values().filter_map(|log| log.events.last());
        last.map(Event::next_place).max().unwrap_or(0)
    }

    /// The same, counting versions that ended a gap, of which what they showed is not known yet.
    fn last_shown(&self) -> u64 {
        let ended = self.open_gaps.values().filter(|gap| gap.is_ended()).map(|gap| gap.place.saturating_add(1));
        ended.fold(self.last_place(), u64::max)
    }

    /// The first place that entries of a track in a gap may have.
    fn hidden_from(&self, track: &Track, open_gap: &OpenGap) -> u64 {
        self.place(track).max(open_gap.from)
    }

    /// Since when a track may be in its last seen state, counting gaps through which it may have stayed.
    fn since(&self, track: &Track) -> Micros {
        let events = self.tracks.get(track).map_or([].as_slice(), |log| &log.events);
        let symbol = |at: usize| events[at].shown().map(|shown| &shown.symbol);
        let stayed = |at: &usize| matches!(events[*at], Event::Gap { .. }) && symbol(*at) == symbol(*at - 1);
        let first = (1..events.len()).rev().find(|at| !stayed(at)).unwrap_or(0);
        events[first..].iter().map(|event| event.when().lo).min().unwrap_or(NEVER_BEFORE)
    }

    /// The events of a transition, including the gap before it.
    fn events(
        &mut self,
        track: &Track,
        shown: &Shown,
        entry: &Entry,
        continues: bool,
        when: Span,
        order: Order,
    ) -> Vec<Event> {
        let hidden = Order { lo: self.place(track).min(order.hi), hi: order.hi };
        let last = self.tracks.get(track).and_then(|log| log.events.last());
        let (begins, before) = (last.is_none(), last.and_then(Event::shown).cloned());
        let enter = Event::Enter { shown: shown.clone(), when, order };
        let found =
            |when: Span, cause: Cause| Event::Gap { when, order: hidden, cause, found: Found::In(shown.clone()) };
        if begins {
            if let Some(open_gap) = self.open_gaps.remove(track) {
                return vec![found(Span::new(open_gap.when.lo, when.hi), Cause::Lost)];
            }
            let is_found = matches!(entry.seen, Provenance::Initial | Provenance::AfterGap) || continues;
            // Found by a version without an entry for the gap before it.
            if is_found && !self.unshown.ended_by(entry.seq) {
                return vec![found(Span::new(NEVER_BEFORE, when.hi), Cause::Lost)];
            }
            return self.unshown.begin(shown.clone(), when, order, entry.seq);
        }
        let Some(open_gap) = self.open_gaps.remove(track) else {
            return match before {
                Some(before) if *shown == before || before.symbol == shown.symbol && shown.restarts.is_none() => {
                    Vec::new()
                }
                // Until now the previous state was served: what was never published has no time. A lower count was
                // recomputed from the remaining containers, so neither count includes what was not published.
                Some(before) if before.symbol.is_same_state(&shown.symbol) && before.restarts != shown.restarts => {
                    vec![Event::Gap { when, order, cause: Cause::Coalesced, found: Found::In(shown.clone()) }]
                }
                // An entry after a gap without an entry of its own.
                _ if entry.seen == Provenance::AfterGap => {
                    vec![found(Span::new(self.since(track), when.hi), Cause::Lost)]
                }
                _ => vec![enter],
            };
        };
        let hidden = Order { lo: self.hidden_from(track, &open_gap).min(order.hi), hi: order.hi };
        let found =
            |when: Span, cause: Cause| Event::Gap { when, order: hidden, cause, found: Found::In(shown.clone()) };
        if open_gap.served {
            let when = Span::new(open_gap.when.lo.min(when.lo), when.hi);
            let order = Order { lo: open_gap.place.min(order.lo), hi: order.hi };
            return vec![Event::Gap { when, order, cause: Cause::Coalesced, found: Found::In(shown.clone()) }];
        }
        // What the open stream delivers after a gap is later, also at that moment, where places do not tell.
        let is_next = entry.seen == Provenance::Live && order.hi == u64::MAX && open_gap.when.hi <= when.lo;
        let is_later = open_gap.is_over(when.lo, order.lo) || is_next && open_gap.is_ended();
        let later = entry.seen != Provenance::AfterGap && is_later;
        match before.filter(|before| later && before.symbol != shown.symbol) {
            Some(before) => {
                let order = Order { lo: hidden.lo.min(open_gap.place), hi: open_gap.place };
                vec![Event::Gap { when: open_gap.when, order, cause: Cause::Lost, found: Found::In(before) }, enter]
            }
            None => vec![found(Span::new(open_gap.when.lo.min(when.lo), when.hi), Cause::Lost)],
        }
    }
}

/// When the state of an entry was entered, as far as its times show. Views compute their dwells from it, too.
#[must_use]
pub fn when(entry: &Entry) -> Span {
    let at = micros(entry.stamp.at);
    Span::new(entry.not_before.map_or(at, lower).min(at), at)
}

/// A lower bound. That of a recording that knows none is the epoch.
fn lower(at: Timestamp) -> Micros {
    if at == Timestamp::UNIX_EPOCH { NEVER_BEFORE } else { micros(at) }
}

fn span(blind: &GapEntry) -> Span {
    Span::new(blind.from.map_or(NEVER_BEFORE, lower), blind.to.map_or(NEVER_AFTER, micros))
}

/// Microseconds since the Unix epoch: the time axis of timelines.
fn micros(at: Timestamp) -> Micros {
    at.as_microsecond()
}

/// The kind of the objects that a gap of a watch may hide; empty when it is not known.
fn kind_of(blind: &GapEntry) -> SmolStr {
    let declared = || kinds::displayed(&blind.resource).map(|known| SmolStr::new_static(known.kind));
    if blind.kind.is_empty() { declared().unwrap_or_default() } else { blind.kind.clone() }
}

/// The group of a gap's resource, which kubectl writes after its plural name; none when the resource is not known.
fn group_of(blind: &GapEntry) -> Option<SmolStr> {
    let group = blind.resource.split_once('.').map_or("", |(_, group)| group);
    (!blind.resource.is_empty()).then(|| group.into())
}
