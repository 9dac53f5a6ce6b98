//! The selection as a whole: subjects, tracks and times.
//!
//! Two kinds of entries bypass the selectors. Marks are always shown, because people orient themselves by them. A gap
//! is shown whenever it *could* concern the selection: without it, what was not seen would look as if it had not
//! happened.

use super::{KindName, Moment, Pattern, UidPrefix};
use crate::kinds::{self, Kind};
use crate::observation::{StateKind, Subject, Track};
use crate::timeline::{Body, Detailed, Entry, GapEntry, Provenance, Transition};
use crate::view::{Error, clock};
use jiff::Timestamp;
use std::borrow::Cow;
use std::cmp::Ordering;
use std::collections::HashMap;
use std::time::Duration;

/// Which entries to show. Within a list, one match suffices; all lists must match; an empty list matches everything.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Selection {
    /// Kinds, optionally with names: `pods`, `vm/web`; `events` for the Events themselves.
    pub kinds: Vec<KindName>,
    /// Namespaces.
    pub namespaces: Vec<Pattern>,
    /// Object names.
    pub names: Vec<Pattern>,
    /// uids or prefixes of them.
    pub uids: Vec<UidPrefix>,
    /// Tracks. Events have none, so naming tracks leaves them out.
    pub tracks: Vec<Pattern>,
    /// Entries that ended before are left out.
    pub since: Option<Moment>,
    /// Entries that began later are left out.
    pub until: Option<Moment>,
}

/// What a selection makes of an entry.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shown {
    /// Not to be shown.
    No,
    /// To be shown.
    Yes,
    /// Before the window: the track entered a state that it held when the window began.
    Held,
}

impl Shown {
    /// True unless it is not to be shown.
    #[must_use]
    pub fn is_shown(self) -> bool {
        self != Self::No
    }
}

impl Selection {
    /// Everything.
    #[must_use]
    pub fn everything() -> Self {
        Self::default()
    }

    /// The same without tracks and times: how long a state lasted follows from all entries of the subjects.
    #[must_use]
    pub fn subjects(&self) -> Self {
        Self { tracks: Vec::new(), ..self.timeless() }
    }

    /// The same without times.
    #[must_use]
    pub fn timeless(&self) -> Self {
        Self { since: None, until: None, ..self.clone() }
    }

    /// Takes the time of a mark. A live reader calls it with every entry before [`Self::matches`]; until its mark has
    /// been seen, `since` excludes everything and `until` excludes nothing.
    pub fn observe(&mut self, entry: &Entry) {
        let Body::Mark(name) = &entry.body else { return };
        for bound in [&mut self.since, &mut self.until].into_iter().flatten() {
            if matches!(bound, Moment::Mark(wanted) if wanted == name) {
                *bound = Moment::At(entry.stamp.at);
            }
        }
    }

    /// Takes times that are relative to a recording's start or end.
    ///
    /// # Errors
    /// A time of day is ambiguous.
    pub fn within(mut self, start: Timestamp, end: Timestamp) -> Result<Self, Error> {
        for bound in [&mut self.since, &mut self.until].into_iter().flatten() {
            *bound = bound.clone().within(start, end)?;
        }
        Ok(self)
    }

    /// Takes the times of all marks from a complete timeline, and others relative to its first and last entry if
    /// [`Self::within`] was not called.
    ///
    /// # Errors
    /// When a mark is missing, or when the window is empty.
    pub fn resolve(mut self, entries: &[Entry]) -> Result<Self, Error> {
        if let (Some(first), Some(last)) = (entries.first(), entries.last()) {
            self = self.within(first.stamp.at, last.stamp.at)?;
        }
        for entry in entries {
            self.observe(entry);
        }
        for bound in [&self.since, &self.until].into_iter().flatten() {
            if let Moment::Mark(name) = bound {
                return Err(Error::Mark { name: name.clone(), known: marks(entries) });
            }
        }
        let backwards = match (&self.since, &self.until) {
            (Some(Moment::At(since)), Some(Moment::At(until))) => until < since,
            (Some(Moment::Elapsed(since)), Some(Moment::Elapsed(until))) => until < since,
            _ => false,
        };
        if let (true, Some(since), Some(until)) = (backwards, &self.since, &self.until) {
            return Err(Error::Backwards { since: since.to_string(), until: until.to_string() });
        }
        Ok(self)
    }

    /// What is to be shown of a timeline, entry by entry: what matches, and the states that were held when the window
    /// began.
    #[must_use]
    pub fn shown(&self, entries: &[Entry]) -> Vec<Shown> {
        let of = |entry| if self.matches(entry) { Shown::Yes } else { Shown::No };
        let mut shown: Vec<Shown> = entries.iter().map(of).collect();
        let Some(since) = &self.since else { return shown };
        let timeless = self.timeless();
        let mut held: HashMap<&Subject, HashMap<&Track, usize>> = HashMap::new();
        for (index, entry) in entries.iter().enumerate() {
            let is_before = since.of(entry.stamp.at, entry) == Some(Ordering::Less);
            let Some(subject) = entry.subject.as_deref().filter(|_| is_before) else { continue };
            match &entry.body {
                Body::Transition(transition) if transition.is_deletion() => _ = held.remove(subject),
                Body::Transition(Transition { track, to, .. }) if to.kind == StateKind::Absent => {
                    held.get_mut(subject).map(|tracks| tracks.remove(track));
                }
                Body::Transition(Transition { track, .. }) if timeless.matches(entry) => {
                    held.entry(subject).or_default().insert(track, index);
                }
                _ => {}
            }
        }
        for index in held.into_values().flat_map(HashMap::into_values) {
            shown[index] = Shown::Held;
        }
        shown
    }

    /// The window as times since the start of a recording; none where it has no bound. Only of a resolved selection.
    #[must_use]
    pub fn since_start(&self, start: Timestamp) -> [Option<Duration>; 2] {
        [&self.since, &self.until].map(|bound| match bound.as_ref()? {
            Moment::At(at) => Some(clock::between(start, *at)),
            Moment::Elapsed(elapsed) => Some(*elapsed),
            Moment::TimeOfDay(_) | Moment::Ago(_) | Moment::Mark(_) => None,
        })
    }

    /// The start of the window on the wall clock, by the clocks of an entry; none without one.
    pub(in crate::view) fn start(&self, entry: &Entry) -> Option<Timestamp> {
        self.since.as_ref()?.on_the_clock_of(entry)
    }

    /// The entries up to the end of the window, and the gaps that reach into it.
    pub(in crate::view) fn before_its_end<'a>(&self, entries: &'a [Entry]) -> Cow<'a, [Entry]> {
        if self.until.is_none() {
            return entries.into();
        }
        let reaches_in =
            |entry: &&Entry| self.is_over_at(entry) || matches!(entry.body, Body::Gap(_)) && self.matches(entry);
        entries.iter().filter(reaches_in).cloned().collect()
    }

    /// True when the entry is certainly from before the end of the window, or from that moment.
    pub(in crate::view) fn is_over_at(&self, entry: &Entry) -> bool {
        self.until.as_ref().is_none_or(|until| until.of(entry.stamp.at, entry) != Some(Ordering::Greater))
    }

    /// True when it names objects.
    #[must_use]
    pub fn names_objects(&self) -> bool {
        !self.names.is_empty() || !self.uids.is_empty() || self.kinds.iter().any(|kind| kind.object().is_some())
    }

    /// True when it names an object in full, and not only by a pattern.
    #[must_use]
    pub fn names_an_object(&self) -> bool {
        let of_kinds = self.kinds.iter().filter_map(|kind| kind.object());
        !self.uids.is_empty() || of_kinds.chain(&self.names).any(|pattern| pattern.exact().is_some())
    }

    /// True when the window is one moment.
    #[must_use]
    pub fn is_moment(&self) -> bool {
        self.since.is_some() && self.since == self.until
    }

    /// True when the entry is to be shown.
    #[must_use]
    pub fn matches(&self, entry: &Entry) -> bool {
        match &entry.body {
            Body::Mark(_) => true,
            Body::Gap(gap) => {
                self.gap_could_concern(gap, entry.subject.as_deref()) && self.is_open(gap.from, gap.to, entry)
            }
            Body::Transition(Transition { track, .. }) | Body::Detailed(Detailed { track, .. }) => {
                entry.subject.as_deref().is_none_or(|subject| self.has_subject(subject))
                    && any(&self.tracks, |pattern| pattern.matches(&track.to_string()))
                    && self.is_open(earliest(entry), Some(entry.stamp.at), entry)
            }
            Body::Evidence(_) => {
                self.tracks.is_empty()
                    && entry.subject.as_deref().is_none_or(|subject| self.has_evidence_on(subject))
                    && self.is_open(earliest(entry), Some(entry.stamp.at), entry)
            }
        }
    }

    /// True when the subject is to be shown.
    #[must_use]
    pub fn has_subject(&self, subject: &Subject) -> bool {
        any(&self.kinds, |kind| kind.matches(&subject.kind, &subject.group, &subject.name))
            && self.has_identity(subject)
    }

    fn has_evidence_on(&self, subject: &Subject) -> bool {
        any(&self.kinds, |kind| kind.is_event() || kind.matches(&subject.kind, &subject.group, &subject.name))
            && self.has_identity(subject)
    }

    fn has_identity(&self, subject: &Subject) -> bool {
        any(&self.namespaces, |pattern| pattern.matches(&subject.namespace))
            && any(&self.names, |pattern| pattern.matches(&subject.name))
            && any(&self.uids, |prefix| prefix.matches(&subject.uid))
    }

    fn gap_could_concern(&self, gap: &GapEntry, subject: Option<&Subject>) -> bool {
        let track = gap.track.as_ref().is_none_or(|track| any(&self.tracks, |p| p.matches(&track.to_string())));
        let about = match subject {
            Some(subject) => self.has_subject(subject),
            // Events are not selected by their own kind but by that of the object that they are about.
            None if kinds::displayed(&gap.resource).is_some_and(Kind::is_evidence) => {
                self.tracks.is_empty() && self.has_namespace_of(gap)
            }
            None => any(&self.kinds, |kind| kind.could_be(&gap.resource)) && self.has_namespace_of(gap),
        };
        track && about
    }

    fn has_namespace_of(&self, gap: &GapEntry) -> bool {
        gap.namespace.is_empty() || any(&self.namespaces, |pattern| pattern.matches(&gap.namespace))
    }

    /// True when the span from `from` to `to` overlaps the window; none is unbounded.
    fn is_open(&self, from: Option<Timestamp>, to: Option<Timestamp>, entry: &Entry) -> bool {
        let lies = |bound: &Option<Moment>, at: Option<Timestamp>| match (bound, at) {
            (Some(moment), Some(at)) => moment.of(at, entry),
            _ => None,
        };
        // A mark that has not been seen yet excludes everything as `since`, and nothing as `until`.
        let waits = matches!(self.since, Some(Moment::Mark(_))) && to.is_some();
        let ended_before = waits || lies(&self.since, to) == Some(Ordering::Less);
        let begins_later = lies(&self.until, from) == Some(Ordering::Greater);
        !ended_before && !begins_later
    }
}

/// The earliest time at which it may have happened; none where its beginning was not seen.
pub(in crate::view) fn earliest(entry: &Entry) -> Option<Timestamp> {
    match (entry.seen, &entry.body) {
        (Provenance::Initial, Body::Transition(_)) => entry.not_before,
        _ => entry.not_before.or(Some(entry.stamp.at)),
    }
}

fn any<T>(list: &[T], fits: impl Fn(&T) -> bool) -> bool {
    list.is_empty() || list.iter().any(fits)
}

fn marks(entries: &[Entry]) -> Vec<String> {
    let mut known = Vec::new();
    for entry in entries {
        if let Body::Mark(name) = &entry.body
            && !known.contains(name)
        {
            known.push(name.clone());
        }
    }
    known
}
