//! Where the entries of each track are in a timeline, to find the entries of a judged trace.

use super::axis::is_timeless;
use super::choice::Choice;
use super::judged::Judged;
use crate::expectation::{Event, Symbol};
use crate::observation::{ResourceVersion, Subject, Track};
use crate::timeline::Entry;
use std::collections::HashMap;

/// The transitions of a timeline, and changes of details, by subject and track.
pub(super) struct Index<'a> {
    entries: &'a [Entry],
    transitions: HashMap<(&'a str, &'a Track), Vec<usize>>,
}

impl<'a> Index<'a> {
    /// Indexes a timeline, if any of its outcomes has to be explained.
    pub(super) fn of(judged: &Judged<'a>) -> Self {
        let entries =
            if judged.outcomes.iter().any(|outcome| Choice::of(outcome).is_some()) { judged.entries } else { &[] };
        let mut transitions: HashMap<_, Vec<usize>> = HashMap::new();
        for (place, entry) in entries.iter().enumerate() {
            if let (Some((track, _)), Some(subject)) = (entry.body.shown(), entry.subject.as_deref()) {
                transitions.entry((subject.uid.as_str(), track)).or_default().push(place);
            }
        }
        Self { entries, transitions }
    }

    /// The whole timeline.
    pub(super) fn entries(&self) -> &'a [Entry] {
        self.entries
    }

    /// The index of the entry that an event of a trace was made from.
    pub(super) fn place(&self, subject: &Subject, track: &Track, event: &Event) -> Option<usize> {
        let shown = event.shown()?;
        let places = self.transitions.get(&(subject.uid.as_str(), track))?;
        places.iter().copied().find(|place| {
            let entry = &self.entries[*place];
            let Some((_, to)) = entry.body.shown() else { return false };
            // Where no time is known, its version is.
            let is_it = if is_timeless(event.when()) {
                let version = entry.resource_version.as_ref().and_then(ResourceVersion::number);
                version == Some(event.order().hi)
            } else {
                entry.stamp.at.as_microsecond() == event.when().hi
            };
            is_it && Symbol::from(to).is_same_state(&shown.symbol)
        })
    }
}
