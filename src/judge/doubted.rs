//! What was delivered between the last list and a contradiction: it happened, but other things may have happened
//! between. The timeline reports it when the contradiction is found, after the entries that it is about.

use super::log::Log;
use super::state::Judge;
use super::subjects::Member;
use crate::language::Program;
use crate::monitor::{Cause, Event, Found, Micros, NEVER_BEFORE, Order, START, Span};
use crate::observation::{GapReason, Track};
use crate::timeline::{Entry, GapEntry};
use std::sync::Arc;

/// True for a gap of a subject that is about entries before it: the version at its end was recorded already.
pub(super) fn is_about_earlier(entry: &Entry, blind: &GapEntry) -> bool {
    blind.reason == GapReason::Contradicted
        && entry.resource_version.is_none()
        && blind.to_resource_version.is_some()
        && blind.to.is_some()
}

impl Judge {
    /// Of what was delivered about a subject within a gap, only the last states are known.
    pub(super) fn doubt(&mut self, index: usize, entry: &Entry, blind: &GapEntry, when: Span) {
        let order = self.hidden(entry, blind);
        let program = Arc::clone(&self.program);
        let Some(member) = self.roster.members.get_mut(index) else { return };
        member.doubt(&program, (when, order), entry.seq);
    }
}

impl Member {
    fn doubt(&mut self, program: &Program, (when, order): (Span, Order), line: u64) {
        let when = Span::new(when.lo, self.deleted.map_or(when.hi, |gone| gone.hi.min(when.hi)).max(when.lo));
        let birth = self.birth_place();
        let tracks: Vec<Track> = self.tracks.keys().cloned().collect();
        for track in tracks {
            let Some(log) = self.tracks.get_mut(&track) else { continue };
            log.doubt(birth, when, order);
            log.read_again(program, &track);
        }
        self.unshown.lost(when, order, Cause::Lost, Some(line));
    }
}

impl Log {
    /// Replaces what happened within a gap by that gap. A creation that was delivered did happen.
    fn doubt(&mut self, birth: Option<u64>, when: Span, order: Order) {
        let is_within = |event: &Event| event.order().hi >= order.lo;
        let is_birth = |event: &Event| matches!(event, Event::Enter { .. }) && Some(event.order().hi) == birth;
        let first = self.events.iter().position(is_within).unwrap_or(self.events.len());
        let first = if self.events.get(first).is_some_and(is_birth) { first + 1 } else { first };
        let found = self.events.last().map_or(Found::NotSeen, Event::found);
        let within = self.events.split_off(first);
        let earliest = self.events.last().map_or(NEVER_BEFORE, |event| event.when().lo);
        let last = |of: Micros, event: &Event| of.max(event.when().hi);
        let lo = within.iter().map(|event| event.when().lo).fold(when.lo, Micros::min).max(earliest);
        let when = Span::new(lo, within.iter().fold(when.hi, last).max(lo));
        let hi = within.iter().map(|event| event.order().hi).fold(order.hi, u64::max);
        let lo = order.lo.max(self.events.last().map_or(START, Event::next_place)).min(hi);
        self.events.push(Event::Gap { when, order: Order { lo, hi }, cause: Cause::Lost, found });
        self.pins.clear();
    }

    /// Reads the events again with fresh monitors.
    fn read_again(&mut self, program: &Program, track: &Track) {
        let mut events = self.events.clone();
        if self.shortened
            && let Some(first) = events.first_mut()
        {
            let (when, order) = (Span::new(NEVER_BEFORE, first.when().hi), Order { lo: START, hi: first.order().hi });
            *first = Event::Gap { when, order, cause: Cause::Lost, found: first.found() };
        }
        for (id, monitor) in &mut self.monitors {
            let clause = program.clause(*id);
            *monitor = clause.plan.start();
            clause.sees(Some(track)).events(events.as_slice().into()).iter().for_each(|event| monitor.observe(event));
        }
        for (id, first) in &mut self.conditions {
            let clause = program.clause(*id);
            *first = clause.plan.awaited();
            if let Some(states) = clause.plan.condition() {
                let seen = clause.sight.awaited.events(events.as_slice().into());
                seen.iter().for_each(|event| first.observe(states, event));
            }
        }
    }
}
