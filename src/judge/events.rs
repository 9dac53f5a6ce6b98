//! Events as subjects: each occurrence enters the reason of its Event, and then `Past`.
//!
//! An occurrence counts when it was written, so all that a version adds to the count come with that version. Versions
//! that were not seen hide none of them, only when they were written. What hides occurrences is a gap of the watch, and
//! that a source does not report all of them.

use super::feed::when;
use super::state::{Judge, Scope, Unseen};
use crate::kinds::{self, REASON};
use crate::language::Selector;
use crate::monitor::{Cause, Event, Found, NEVER_AFTER, NEVER_BEFORE, Order, Shown, Span};
use crate::observation::{State, Track};
use crate::timeline::{Entry, Provenance, Reported};
use smol_str::SmolStr;

/// How often one source reports about one object before it drops Events: the burst of client-go's spam filter
/// (`defaultSpamBurst`, `tools/events/events_cache.go`).
const BURST: u64 = 25;

/// The most occurrences of one version that are distinguished.
const MAX_OCCURRENCES: u32 = 64;

fn track() -> Track {
    Track::Custom(SmolStr::new_static(REASON.name))
}

impl Judge {
    /// Reads a version of an Event.
    pub(super) fn reported(&mut self, entry: &Entry, reported: &Reported) {
        let event = &reported.event;
        let selectors = || self.program.expectations.iter().flat_map(|expectation| &expectation.subjects);
        if !selectors().any(|(_, selector)| selector.names(event)) {
            return;
        }
        let track = track();
        let index = self.seen(event);
        self.note_watch(index, entry);
        let (mut when, mut order) = (self.known(when(entry), entry.seq), self.order(index, &track, entry));
        let log = self.roster.members[index].tracks.get(&track);
        let last = log.and_then(|log| log.events.last()).cloned();
        let mut shown = log.iter().flat_map(|log| log.events.iter().rev()).filter_map(Event::shown);
        let said = shown.find(|shown| shown.symbol.label != kinds::PAST).cloned();
        let is_entered = matches!(last, Some(Event::Enter { .. }));
        let known = self.roster.members[index].occurred;
        let is_old = is_entered && last.as_ref().is_some_and(|last| order.hi < last.next_place());
        if is_old || reported.count == known {
            return;
        }
        self.roster.members[index].occurred = reported.count;
        let more = reported.count.saturating_sub(known);
        let is_next = match &last {
            None => reported.is_created,
            Some(Event::Gap { found: Found::NotSeen, .. }) => false,
            Some(_) => !matches!(entry.seen, Provenance::Initial | Provenance::AfterGap),
        };
        if !is_next {
            // It is known by when they were written.
            when = Span::new(last.as_ref().map_or(NEVER_BEFORE, |last| last.when().lo).min(when.lo), when.hi);
            order = Order { lo: last.as_ref().map_or(0, |last| last.order().lo).min(order.lo), hi: order.hi };
        }
        let mut reason = State::plain(reported.reason.clone());
        reason.detail.reason = Some(reported.kind.clone()).filter(|kind| !kind.is_empty());
        reason.detail.message = Some(reported.message.clone());
        let shown = |state: &State| Shown { symbol: self.symbol(state), restarts: None };
        let (reason, past) = (shown(&reason), shown(&State::plain(kinds::PAST)));
        // Where the count fell, how often it occurred is not known; of several, only what the last one says.
        let is_same = said.is_none_or(|said| said.symbol.is_same_state(&reason.symbol));
        let is_vague = more > 1 && (!is_same || self.predicates.are_of_messages());
        if more > MAX_OCCURRENCES || more == 0 || is_vague {
            let found = Found::In(past.clone());
            self.observe(index, &track, Event::Gap { when, order, cause: Cause::Lost, found });
        }
        for _ in 0..if is_vague { 1 } else { more.min(MAX_OCCURRENCES) } {
            for shown in [&reason, &past] {
                self.observe(index, &track, Event::Enter { shown: shown.clone(), when, order });
            }
        }
        self.count_reports(entry, reported, u64::from(more), (when, order));
    }

    /// Once a source has reported so often about an object, it may drop what it has to report.
    fn count_reports(&mut self, entry: &Entry, reported: &Reported, more: u64, (when, order): (Span, Order)) {
        let by = (reported.source.clone(), reported.involved.uid.clone());
        let reports = self.reports.entry(by).or_default();
        let before = *reports;
        *reports += more;
        if before >= BURST || *reports < BURST {
            return;
        }
        let event = &reported.event;
        let scope =
            Scope { kind: event.kind.clone(), group: Some(event.group.clone()), namespace: event.namespace.clone() };
        let watch = entry.origin.map(|origin| origin.watch);
        let order = Order { lo: order.lo, hi: u64::MAX };
        let place = self.storages.in_first(watch, order).lo;
        let (about, after, until) = (Some(reported.involved.uid.clone()), when.lo, NEVER_AFTER);
        let (rewinds, by, line) = (false, until, entry.seq);
        self.may_have_missed(Unseen { scope, about, place, watch, order, rewinds, after, until, by, line });
    }

    /// True when what was dropped is about an object that a selector's Events are not about.
    pub(super) fn is_about_another(&self, selector: &Selector, unseen: &Unseen) -> bool {
        let object = unseen.about.as_ref().and_then(|uid| self.of_uid(uid));
        selector.about.as_ref().zip(object).is_some_and(|(about, object)| !about.names(&object.subject))
    }

    /// A gap of a watch may hide more occurrences of an Event that it had shown.
    pub(super) fn may_have_occurred(&mut self, scope: &Scope, when: Span, order: Order) {
        let track = track();
        let members = self.roster.members.iter().filter(|member| {
            let subject = &member.subject;
            kinds::is_evidence(&subject.kind)
                && scope.may_have(&subject.kind, Some(&subject.group), Some(&subject.namespace))
        });
        let hidden: Vec<(usize, Event)> = members
            .map(|member| {
                let order = Order { lo: order.lo.max(member.place(&track)).min(order.hi), hi: order.hi };
                (member.index, Event::Gap { when, order, cause: Cause::Lost, found: Found::NotSeen })
            })
            .collect();
        for (index, gap) in hidden {
            self.observe(index, &track, gap);
        }
    }
}
