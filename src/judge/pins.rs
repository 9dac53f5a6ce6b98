//! What is kept of a track for the windows that began before its oldest events were dropped.
//!
//! A window's verdict must not be taken back because of later events. So when events are dropped, a window that may
//! have begun with one of them keeps all that were there; once it is over or decided, it keeps what it needs for that.
//! What is dropped between those and the last events of the track is a gap.

use super::cut::{Known, is_over};
use super::log::{Log, MAX_TRACE, Pin};
use super::subjects::Member;
use super::window::{Entries, Marks};
use crate::language::{Expectation, From, Program};
use crate::monitor::{End, Event, First, NEVER_AFTER};
use crate::observation::Track;
use std::sync::Arc;

impl Member {
    /// What the windows on a track keep of it when its oldest events are dropped because of this one.
    pub(super) fn pins(&self, program: &Program, marks: &Marks, track: &Track, log: &Log, event: &Event) -> Vec<Pin> {
        let with = |events: &[Event]| events.iter().chain([event]).cloned().collect::<Vec<Event>>();
        let next = log.dropped + log.events.len() as u64 + 1;
        let all: Arc<[Event]> = with(&log.events).into();
        let mut pins = log.pins.clone();
        for number in self.windowed(program, track) {
            let expectation = &program.expectations[number];
            let known = pins.iter().position(|pin| pin.expectation == number);
            let at = match known {
                Some(at) => at,
                None if may_have_begun(expectation, marks, &log.events[MAX_TRACE / 2]) => {
                    let (expectation, events, shortened) = (number, Arc::clone(&all), log.shortened);
                    pins.push(Pin { expectation, events, next, shortened, is_final: false });
                    pins.len() - 1
                }
                None => continue,
            };
            let pin = &mut pins[at];
            if pin.is_final {
                continue;
            }
            let events = if pin.next == next { all.to_vec() } else { with(&pin.joined(&log.events, log.dropped)) };
            if self.is_decided(program, marks, (number, track), &events, pin.shortened) {
                pin.is_final = true;
                (pin.events, pin.next) = (if pin.next == next { Arc::clone(&all) } else { events.into() }, next);
            }
        }
        pins
    }

    /// True when these events show that the window is over, or decide what the expectation says about their track.
    fn is_decided(
        &self,
        program: &Program,
        marks: &Marks,
        (number, track): (usize, &Track),
        events: &[Event],
        shortened: bool,
    ) -> bool {
        let expectation = &program.expectations[number];
        // A window that counts from another subject's beginning is not known here.
        let own = !self.is_awaited(program, number);
        // Neither is one that starts or ends at an entry.
        if expectation.window.entries().next().is_some() {
            return false;
        }
        let sight = self.sight.filter(|_| own);
        let Ok(bounds) = expectation.window.bounds(marks, sight, NEVER_AFTER, Entries::default()) else {
            return false;
        };
        let alive = events.last().map_or(NEVER_AFTER, |event| event.when().lo) - 1;
        let stream = End::Open { now: alive, alive };
        let known = Known {
            events: events.into(),
            own,
            first: self.first,
            seen: self.seen_by(),
            shortened,
            deleted: None,
            stream,
        };
        if bounds.until.is_some_and(|until| is_over(until, &known)) {
            return true;
        }
        let clauses = self.interests().iter().filter(|(of, _)| *of == number);
        let clauses = clauses.map(|(_, at)| &expectation.clauses[*at]);
        let mut clauses = clauses.filter(|clause| {
            let awaits = clause.condition.as_ref().is_some_and(|(_, pattern)| pattern.fits(track));
            awaits || clause.tracks.fits(track)
        });
        own && clauses.all(|clause| {
            let seen = clause.sees(Some(track)).events(events.into());
            bounds.cut(&Known { events: seen, ..known.clone() }).is_ok_and(|cut| {
                let mut monitor = clause.plan.counted_from(cut.base).start();
                cut.events.iter().for_each(|event| monitor.observe(event));
                clause.condition.is_none() && monitor.judge(&First::default(), &cut.end).verdict.is_decided()
            })
        })
    }
}

/// Whether a window may have begun before this event of a track.
fn may_have_begun(expectation: &Expectation, marks: &Marks, event: &Event) -> bool {
    match &expectation.window.from {
        From::Created | From::Attached | From::Enter(_) => true,
        From::Time(at) => *at < event.when().hi,
        From::Mark(name) => marks.get(name).is_some_and(|at| *at < event.when().hi),
    }
}
