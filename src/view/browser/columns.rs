//! The entries in columns: every member of all of them in one array, so that a long timeline is small and quickly read.

use super::tables::Tables;
use crate::observation::{ResourceVersion, State};
use crate::timeline::{Body, Detailed, Entry, Provenance, Transition};
use crate::view::clock;
use serde::{Serialize, Serializer};

/// The greatest integer below which a browser's numbers are exact.
const EXACT: u64 = 1 << 53;
/// Stands for "none" where a column has an index of a table, and for an unknown begin.
const NONE: i64 = -1;

/// A column for each member.
#[derive(Debug, Default, Serialize)]
pub(super) struct Columns {
    r#type: Vec<u8>,
    seq: Deltas,
    at: Deltas,
    subject: Vec<i64>,
    track: Vec<i64>,
    from: Vec<i64>,
    to: Vec<i64>,
    version: Vec<Version>,
    seen: Vec<u8>,
    since: Vec<i64>,
}

/// Numbers, each as its difference from the one before.
#[derive(Debug, Default, Serialize)]
#[serde(transparent)]
struct Deltas {
    deltas: Vec<i64>,
    #[serde(skip)]
    last: i64,
}

impl Deltas {
    fn push(&mut self, number: i64) {
        self.deltas.push(number.wrapping_sub(self.last));
        self.last = number;
    }
}

/// A version: a number, if a browser can hold it and it is written as one.
#[derive(Debug)]
enum Version {
    None,
    Number(u64),
    Text(String),
}

impl Version {
    fn of(version: &ResourceVersion) -> Self {
        let exact = version.number().filter(|number| *number < EXACT);
        match exact.filter(|number| number.to_string() == version.as_str()) {
            Some(number) => Self::Number(number),
            None => Self::Text(version.to_string()),
        }
    }
}

impl Serialize for Version {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::None => serializer.serialize_none(),
            Self::Number(number) => serializer.serialize_u64(*number),
            Self::Text(text) => serializer.serialize_str(text),
        }
    }
}

impl Columns {
    /// The number of entries.
    pub(super) fn len(&self) -> usize {
        self.r#type.len()
    }

    /// Adds an entry, and to the tables what it names.
    pub(super) fn push(&mut self, entry: &Entry, tables: &mut Tables) {
        let (kind, track) = match &entry.body {
            Body::Transition(Transition { track, .. }) => (0, Some(track)),
            Body::Detailed(Detailed { track, .. }) => (1, Some(track)),
            Body::Gap(gap) => (2, gap.track.as_ref()),
            Body::Mark(_) => (3, None),
            Body::Evidence(_) => (4, None),
        };
        let mut state = |state: Option<&State>| match (track, state) {
            (Some(track), Some(state)) => tables.state(track, state),
            _ => NONE,
        };
        let (from, to) = match &entry.body {
            Body::Transition(Transition { from, to, .. }) => (state(from.as_ref()), state(Some(to))),
            Body::Detailed(Detailed { from, to, .. }) => (state(Some(from)), state(Some(to))),
            Body::Gap(_) | Body::Mark(_) | Body::Evidence(_) => (NONE, NONE),
        };
        let at = entry.stamp.at.as_microsecond();
        self.r#type.push(kind);
        self.seq.push(i64::try_from(entry.seq).unwrap_or(i64::MAX));
        self.at.push(at);
        self.subject.push(entry.subject.as_ref().map_or(NONE, |subject| tables.subject(subject)));
        self.track.push(track.map_or(NONE, |track| tables.track(track)));
        self.from.push(from);
        self.to.push(to);
        self.version.push(entry.resource_version.as_ref().map_or(Version::None, Version::of));
        self.seen.push(match entry.seen {
            Provenance::Initial => 0,
            Provenance::Live => 1,
            Provenance::Delayed => 2,
            Provenance::Late => 3,
            Provenance::Healed => 4,
            Provenance::AfterGap => 5,
        });
        self.since.push(match entry.not_before {
            None => 0,
            Some(earliest) if clock::is_known(earliest) => at.saturating_sub(earliest.as_microsecond()),
            Some(_) => NONE,
        });
    }
}
