//! What the entries of a chunk name by number: each subject, track and state is written once.

use super::tone;
use crate::observation::{State, Subject, Track};
use crate::view::account;
use crate::view::document::{Details, label};
use crate::view::label::short;
use serde::Serialize;
use serde_json::value::{RawValue, to_raw_value};
use std::collections::HashMap;
use std::sync::Arc;

/// What entries name by number.
#[derive(Debug, Default, Serialize)]
pub(super) struct Tables {
    strings: Vec<String>,
    subjects: Vec<[i64; 5]>,
    tracks: Vec<TrackRow>,
    states: Vec<Box<RawValue>>,
    #[serde(skip)]
    known: Vec<Arc<Subject>>,
    #[serde(skip)]
    numbers: Numbers,
}

/// The numbers of what is in the tables.
#[derive(Debug, Default)]
struct Numbers {
    strings: HashMap<String, i64>,
    subjects: HashMap<Arc<Subject>, i64>,
    tracks: HashMap<Track, i64>,
    states: HashMap<Box<str>, i64>,
}

#[derive(Debug, Serialize)]
struct TrackRow {
    name: String,
    order: u8,
}

impl Tables {
    /// The subjects, in the order of their numbers.
    pub(super) fn subjects(&self) -> &[Arc<Subject>] {
        &self.known
    }

    /// The number of a subject.
    pub(super) fn subject(&mut self, subject: &Arc<Subject>) -> i64 {
        if let Some(number) = self.numbers.subjects.get(subject) {
            return *number;
        }
        let cluster = subject.cluster.as_deref().map_or(-1, |cluster| self.string(cluster));
        let [kind, namespace, name, uid] =
            [&subject.kind, &subject.namespace, &subject.name, &subject.uid].map(|text| self.string(text));
        let number = next(&self.subjects);
        self.subjects.push([cluster, kind, namespace, name, uid]);
        self.known.push(Arc::clone(subject));
        self.numbers.subjects.insert(Arc::clone(subject), number);
        number
    }

    /// The number of a track.
    pub(super) fn track(&mut self, track: &Track) -> i64 {
        if let Some(number) = self.numbers.tracks.get(track) {
            return *number;
        }
        let number = next(&self.tracks);
        self.tracks.push(TrackRow { name: track.to_string(), order: account::family(track) });
        self.numbers.tracks.insert(track.clone(), number);
        number
    }

    /// The number of a state of a track.
    pub(super) fn state(&mut self, track: &Track, state: &State) -> i64 {
        let row = StateRow {
            text: short(state),
            label: label(state),
            tone: tone::of(track, state),
            details: Details::of(state),
        };
        let row = raw(&row);
        if let Some(number) = self.numbers.states.get(row.get()) {
            return *number;
        }
        let number = next(&self.states);
        self.numbers.states.insert(row.get().into(), number);
        self.states.push(row);
        number
    }

    fn string(&mut self, text: &str) -> i64 {
        if let Some(number) = self.numbers.strings.get(text) {
            return *number;
        }
        let number = next(&self.strings);
        self.strings.push(text.to_owned());
        self.numbers.strings.insert(text.to_owned(), number);
        number
    }
}

fn next<T>(table: &[T]) -> i64 {
    i64::try_from(table.len()).expect("a table fits into memory")
}

#[derive(Serialize)]
struct StateRow<'a> {
    text: String,
    label: Option<&'a str>,
    tone: &'static str,
    #[serde(flatten)]
    details: Details<'a>,
}

/// A value as JSON.
pub(super) fn raw(value: &impl Serialize) -> Box<RawValue> {
    to_raw_value(value).expect("its members are JSON")
}
