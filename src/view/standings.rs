//! What is known of every track at any moment of a timeline, for `show --at` and for a player that moves in both
//! directions.
//!
//! Entries are grouped once, by track. A moment then costs one pass over the steps of a track, without a search for it.

use super::account::family;
use super::selection::{Moment, Selection, earliest};
use crate::observation::{StateKind, Subject, Track};
use crate::timeline::{Body, Entry, Transition};
use std::cmp::Ordering;
use std::collections::HashMap;
use std::sync::Arc;

/// A moment of a timeline.
#[derive(Clone, Debug)]
pub(super) struct Instant {
    pub(super) moment: Moment,
    /// Of the entries of exactly this moment, those up to this place have happened; none for all of them.
    pub(super) last: Option<usize>,
}

/// The tracks of all subjects.
#[derive(Clone, Debug)]
pub(super) struct Standings {
    /// In the order in which they were first seen.
    pub(super) objects: Vec<Object>,
}

/// The tracks of a subject.
#[derive(Clone, Debug)]
pub(super) struct Object {
    pub(super) subject: Arc<Subject>,
    /// In reading order.
    pub(super) courses: Vec<Course>,
    /// Places of the gaps of all its tracks.
    gaps: Vec<usize>,
    /// Places of its deletions.
    deletions: Vec<usize>,
    /// The place of the last one, unless it was there again later.
    deleted: Option<usize>,
}

/// The steps of a track.
#[derive(Clone, Debug)]
pub(super) struct Course {
    pub(super) track: Track,
    steps: Vec<Step>,
}

#[derive(Clone, Copy, Debug)]
struct Step {
    place: usize,
    kind: Kind,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Entered,
    /// A gap of this track.
    Lost,
    /// A gap of all tracks of its subject.
    AllLost,
    /// Its subject was deleted, at some time that was not seen.
    Gone,
}

/// What is known of a track at a moment, by the places of entries.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Known {
    State(usize),
    Unknown { was: Option<usize>, reason: usize },
}

impl Standings {
    /// Groups what the selection matches, whatever its window is.
    pub(super) fn of(entries: &[Entry], selection: &Selection) -> Self {
        let timeless = selection.timeless();
        let mut places: HashMap<&Subject, usize> = HashMap::new();
        // Most entries share their subject with others: its labels need not be compared again.
        let mut known: HashMap<*const Subject, usize> = HashMap::new();
        let mut objects: Vec<Object> = Vec::new();
        for (place, entry) in entries.iter().enumerate() {
            let Some(subject) = &entry.subject else { continue };
            let at = *known.entry(Arc::as_ptr(subject)).or_insert_with(|| {
                *places.entry(subject).or_insert_with(|| {
                    objects.push(Object::new(Arc::clone(subject)));
                    objects.len() - 1
                })
            });
            objects[at].add(place, entry, timeless.matches(entry));
        }
        for object in &mut objects {
            object.courses.sort_by_key(|course| family(&course.track));
        }
        Self { objects }
    }
}

impl Object {
    fn new(subject: Arc<Subject>) -> Self {
        Self { subject, courses: Vec::new(), gaps: Vec::new(), deletions: Vec::new(), deleted: None }
    }

    fn add(&mut self, place: usize, entry: &Entry, matches: bool) {
        match &entry.body {
            Body::Transition(transition) => {
                if transition.is_deletion() {
                    self.deletions.push(place);
                    self.deleted = Some(place);
                    let gone = Step { place, kind: Kind::Gone };
                    self.courses.iter_mut().for_each(|course| course.steps.push(gone));
                } else if transition.track == Track::Lifecycle {
                    self.deleted = None;
                }
                let entered = matches.then_some(Step { place, kind: Kind::Entered });
                self.course(&transition.track).steps.extend(entered);
            }
            Body::Detailed(detailed) => _ = self.course(&detailed.track),
            Body::Gap(gap) if matches => match &gap.track {
                Some(track) => self.course(track).steps.push(Step { place, kind: Kind::Lost }),
                None => {
                    self.gaps.push(place);
                    let lost = Step { place, kind: Kind::AllLost };
                    self.courses.iter_mut().for_each(|course| course.steps.push(lost));
                }
            },
            Body::Gap(_) | Body::Evidence(_) | Body::Mark(_) => {}
        }
    }

    fn course(&mut self, track: &Track) -> &mut Course {
        let at = self.courses.iter().position(|course| course.track == *track).unwrap_or_else(|| {
            self.courses.push(Course { track: track.clone(), steps: Vec::new() });
            self.courses.len() - 1
        });
        &mut self.courses[at]
    }

    /// The tracks of which something is known at a moment, or at most the first of them; none for a subject of which
    /// only a gap is known.
    pub(super) fn at(&self, entries: &[Entry], now: &Instant, is_first: bool) -> Vec<(Option<usize>, Known)> {
        let is_gone = self.is_gone(entries, now);
        let there = self.courses.iter().enumerate();
        let there = there.filter_map(|(index, _)| Some((Some(index), self.known(Some(index), entries, now)?)));
        let mut known: Vec<_> = there.take(if is_first { 1 } else { usize::MAX }).collect();
        if known.is_empty() {
            known.extend(self.known(None, entries, now).map(|unknown| (None, unknown)));
        }
        known.retain(|(_, known)| !is_gone || matches!(known, Known::Unknown { .. }));
        known
    }

    /// What is known of a track at a moment, or, without one, of the subject as a whole.
    pub(super) fn known(&self, course: Option<usize>, entries: &[Entry], now: &Instant) -> Option<Known> {
        match course {
            Some(course) => {
                let over = |place: &usize| now.is_over(*place, &entries[*place]);
                let gone = self.deletions.iter().copied().rev().find(over);
                self.courses[course].at(entries, now, gone)
            }
            None => {
                let lost = self.gaps.iter().copied().find(|place| now.is_in_gap(&entries[*place]));
                lost.map(|reason| Known::Unknown { was: None, reason })
            }
        }
    }

    /// True after its deletion.
    pub(super) fn is_gone(&self, entries: &[Entry], now: &Instant) -> bool {
        self.deleted.is_some_and(|place| now.is_over(place, &entries[place]))
    }
}

impl Course {
    /// What is known at a moment; `gone` is the place of the last deletion before.
    fn at(&self, entries: &[Entry], now: &Instant, gone: Option<usize>) -> Option<Known> {
        let entered = || self.steps.iter().rev().filter(|step| step.kind == Kind::Entered).map(|step| step.place);
        let is_state = |place: &usize| {
            Some(*place) == now.last && transition(&entries[*place]).is_some_and(|entered| !entered.is_deletion())
        };
        // The state of the entry that was just made, whatever else may have happened by then.
        if let Some(place) = entered().find(is_state) {
            return (!is_absent(&entries[place])).then_some(Known::State(place));
        }
        let held = entered().find(|place| now.is_over(*place, &entries[*place]));
        let held = held.filter(|place| gone.is_none_or(|gone| gone < *place) && !is_absent(&entries[*place]));
        let is_found = |gap: usize| {
            let is_after = |place: usize| place > gap && now.is_at(&entries[place]);
            now.last.is_some() && held.is_some_and(is_after)
        };
        let mut unknown = self.steps.iter().filter(|step| {
            let entry = &entries[step.place];
            match step.kind {
                Kind::Entered | Kind::Gone => now.is_between(step.place, entry),
                Kind::Lost | Kind::AllLost => now.is_in_gap(entry) && !(now.ends_gap(entry) && is_found(step.place)),
            }
        });
        let is_of_track = |step: &Step| matches!(step.kind, Kind::Entered | Kind::Lost);
        let first = unknown.next();
        if held.is_none() && !first.into_iter().chain(unknown).any(is_of_track) {
            return None;
        }
        let unknown = first.map(|step| step.place);
        let unknown = unknown.map(|reason| Known::Unknown { was: held.filter(|place| *place < reason), reason });
        unknown.or(held.map(Known::State))
    }
}

impl Instant {
    /// True when an entry has certainly happened.
    fn is_over(&self, place: usize, entry: &Entry) -> bool {
        match self.moment.of(entry.stamp.at, entry) {
            Some(Ordering::Equal) => self.last.is_none_or(|last| place <= last),
            order => order != Some(Ordering::Greater),
        }
    }

    /// True when an entry may have happened, or not.
    fn is_between(&self, place: usize, entry: &Entry) -> bool {
        let may_have = |at| at < entry.stamp.at && self.moment.of(at, entry) != Some(Ordering::Greater);
        !self.is_over(place, entry) && earliest(entry).is_none_or(may_have)
    }

    fn is_at(&self, entry: &Entry) -> bool {
        self.moment.of(entry.stamp.at, entry) == Some(Ordering::Equal)
    }

    fn is_in_gap(&self, entry: &Entry) -> bool {
        let Body::Gap(gap) = &entry.body else { return false };
        gap.from.is_none_or(|from| self.moment.of(from, entry) != Some(Ordering::Greater))
            && gap.to.is_none_or(|to| self.moment.of(to, entry) != Some(Ordering::Less))
    }

    fn ends_gap(&self, entry: &Entry) -> bool {
        let Body::Gap(gap) = &entry.body else { return false };
        gap.to.is_some_and(|to| self.moment.of(to, entry) == Some(Ordering::Equal))
    }
}

fn is_absent(entry: &Entry) -> bool {
    transition(entry).is_some_and(|transition| transition.to.kind == StateKind::Absent)
}

/// The transition of an entry.
pub(super) fn transition(entry: &Entry) -> Option<&Transition> {
    if let Body::Transition(transition) = &entry.body { Some(transition) } else { None }
}
