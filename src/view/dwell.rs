//! How long a track stayed in a state, as far as that was seen.
//!
//! A dwell is a number only when both its ends were seen as they happened; otherwise it is an interval. It has the bounds
//! that the judge knows: it is measured on the recorder's time, so setting the wall clock never changes it, and it is
//! unknown where no clock measured durations.

use super::clock;
use super::style::{Caveats, Durations};
use crate::expectation::{Micros, Span, when};
use crate::observation::{Subject, Track};
use crate::timeline::{Body, Entry, Provenance};
use jiff::Timestamp;
use std::collections::HashMap;
use std::time::Duration;

/// What is longer stands for "no bound is known".
const FAR: i64 = 4_000 * 365 * 86_400 * 1_000_000;

/// A stay in one state.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Dwell {
    /// It was at least this long.
    pub at_least: Duration,
    /// It was at most this long; none when nothing limits it.
    pub at_most: Option<Duration>,
    /// What ended it.
    pub end: End,
    /// Measured by the writers' clocks, in whole seconds, and thus approximate.
    pub stamped: bool,
}

/// What ended a stay.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    /// The next state of the track.
    Next,
    /// The deletion of its subject.
    Deleted,
    /// A gap: whether the state continued is not known.
    Unseen,
    /// Nothing yet, as far as the timeline goes.
    Open,
}

impl Dwell {
    const OPEN: Self = Self { at_least: Duration::ZERO, at_most: None, end: End::Open, stamped: false };

    /// From a moment of one span to a moment of a later one.
    pub(super) fn lasted(entered: Span, left: Span, end: End) -> Self {
        let span = left.since(entered);
        let length = |micros: i64| Duration::from_micros(u64::try_from(micros).unwrap_or(0));
        let at_most = (span.hi < FAR).then(|| length(span.hi));
        Self { at_least: length(span.lo), at_most, end, stamped: false }
    }

    /// The exact length, when both ends were seen.
    #[must_use]
    pub fn exact(&self) -> Option<Duration> {
        (self.at_most == Some(self.at_least) && self.has_ended() && !self.stamped).then_some(self.at_least)
    }

    /// True when the track is known to have left the state.
    #[must_use]
    pub fn has_ended(&self) -> bool {
        matches!(self.end, End::Next | End::Deleted)
    }

    /// `1.13s`, `>=12.3s`, `<=0.90s`, `0.80s..1.30s`, `?` when nothing is known, `…` while it continues; `~5.00s` by the
    /// writers' clocks.
    pub(super) fn text(&self) -> String {
        // Whole seconds of other clocks that do not differ say nothing.
        if self.stamped && self.at_most == Some(Duration::ZERO) {
            return "?".to_owned();
        }
        if self.stamped && self.end != End::Open {
            let text = Self { stamped: false, ..*self }.text();
            return if text == "?" { text } else { format!("~{text}") };
        }
        match (self.end, self.exact(), self.at_most) {
            (End::Open, ..) => "…".to_owned(),
            (_, Some(exact), _) => clock::span(exact),
            (_, None, Some(most)) => between(self.at_least, most),
            (_, None, None) if self.at_least.is_zero() => "?".to_owned(),
            (_, None, None) => format!(">={}", clock::at_least(self.at_least)),
        }
    }
}

/// `<=0.90s`, `0.80s..1.30s`.
pub(super) fn between(least: Duration, most: Duration) -> String {
    if least.is_zero() {
        format!("<={}", clock::at_most(most))
    } else {
        format!("{}..{}", clock::at_least(least), clock::at_most(most))
    }
}

/// The dwell of every transition, by its place in `entries`; none for other entries and for `Deleted`, which is not a
/// stay.
#[must_use]
pub fn dwells(entries: &[Entry]) -> Vec<Option<Dwell>> {
    let mut stays = Stays { dwells: vec![None; entries.len()], entries, open: HashMap::new() };
    for (index, entry) in entries.iter().enumerate() {
        let Some(subject) = entry.subject.as_deref() else { continue };
        match &entry.body {
            Body::Transition(transition) if transition.is_deletion() => stays.delete(index, subject),
            Body::Transition(transition) => stays.enter(index, subject, &transition.track),
            Body::Gap(gap) => stays.lose(subject, gap.track.as_ref(), gap.from),
            Body::Detailed(_) | Body::Mark(_) | Body::Evidence(_) => {}
        }
    }
    stays.dwells
}

/// The same for a recording with caveats.
pub(super) fn dwells_under(entries: &[Entry], caveats: Caveats) -> Vec<Option<Dwell>> {
    let mut dwells = dwells(entries);
    for dwell in dwells.iter_mut().flatten() {
        dwell.stamped = caveats.durations == Durations::Stamped;
        if caveats.durations == Durations::Unknown {
            (dwell.at_least, dwell.at_most) = (Duration::ZERO, None);
        }
    }
    dwells
}

struct Stays<'a> {
    dwells: Vec<Option<Dwell>>,
    entries: &'a [Entry],
    /// Per living subject, its tracks and the entry that opened their stay.
    open: HashMap<&'a Subject, Vec<(&'a Track, usize)>>,
}

impl<'a> Stays<'a> {
    fn enter(&mut self, index: usize, subject: &'a Subject, track: &'a Track) {
        self.dwells[index] = Some(Dwell::OPEN);
        let tracks = self.open.entry(subject).or_default();
        let before = match tracks.iter_mut().find(|(open, _)| *open == track) {
            Some((_, opened)) => std::mem::replace(opened, index),
            None => return tracks.push((track, index)),
        };
        self.leave(before, index, End::Next);
    }

    fn delete(&mut self, index: usize, subject: &Subject) {
        for (track, opened) in self.open.remove(subject).unwrap_or_default() {
            self.leave(opened, index, if *track == Track::Lifecycle { End::Next } else { End::Deleted });
        }
    }

    fn leave(&mut self, entered: usize, left: usize, end: End) {
        let Some(dwell) = &mut self.dwells[entered] else { return };
        let seen = measured(&self.entries[entered], &self.entries[left], end);
        // A gap has already ended it, but that the state was over by now still limits it.
        *dwell = if dwell.end == End::Unseen { Dwell { at_most: seen.at_most, ..*dwell } } else { seen };
    }

    fn lose(&mut self, subject: &Subject, track: Option<&Track>, from: Option<Timestamp>) {
        for (open, opened) in self.open.get(subject).into_iter().flatten() {
            if track.is_some_and(|lost| lost != *open) {
                continue;
            }
            if let Some(dwell) = self.dwells[*opened].as_mut().filter(|dwell| dwell.end == End::Open) {
                let entered = self.entries[*opened].stamp.at;
                dwell.at_least = from.map(|from| clock::between(entered, from)).unwrap_or_default();
                dwell.end = End::Unseen;
            }
        }
    }
}

/// When a state was entered, if that was seen as it happened: a place on the time axis of timelines.
pub(crate) fn begun(entered: &Entry) -> Option<Micros> {
    let when = when(entered);
    (!began_unseen(entered) && when.lo == when.hi).then_some(when.hi)
}

/// How long a state was held that was entered at `begun`, if its end was seen as it happened.
pub(crate) fn lasted(begun: Micros, left: &Entry) -> Option<Duration> {
    Dwell::lasted(Span::at(begun), when(left), End::Next).exact()
}

fn began_unseen(entered: &Entry) -> bool {
    entered.seen == Provenance::Initial || entered.seen == Provenance::AfterGap && entered.not_before.is_none()
}

fn measured(entered: &Entry, left: &Entry, end: End) -> Dwell {
    let began_unseen = began_unseen(entered);
    let is_bounded = entered.not_before.is_none_or(clock::is_known);
    let dwell = Dwell::lasted(when(entered), when(left), end);
    Dwell { at_most: dwell.at_most.filter(|_| is_bounded && !began_unseen), ..dwell }
}
