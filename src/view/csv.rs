//! `-o csv`: one row per entry under one header, for spreadsheets and data frames.
//!
//! docs/OUTPUT.md says what each column means. Cells that do not apply are empty; columns are added at the end, never
//! renamed or moved. An absent state is an empty cell, and `stateKind` says `absent`.

use super::clock;
use super::dwell::{Dwell, dwells_under};
use super::gap;
use super::selection::{Selection, Shown};
use super::style::Caveats;
use crate::observation::{ResourceVersion, State, StateKind, printable, rfc3339_micros};
use crate::timeline::{Body, Entry};
use jiff::Timestamp;
use serde::{Serialize, Serializer};
use std::borrow::Cow;
use std::io;
use std::time::Duration;

/// Writes the entries that the selection matches.
///
/// # Errors
/// When writing to `out` fails.
pub(super) fn write(
    entries: &[Entry],
    selection: &Selection,
    caveats: Caveats,
    out: &mut impl io::Write,
) -> io::Result<()> {
    let mut table = ::csv::Writer::from_writer(out);
    let shown = selection.shown(entries);
    if !shown.iter().any(|shown| shown.is_shown()) {
        // serde writes the header with the first row; without rows it must be written separately.
        return header(table);
    }
    for ((entry, dwell), shown) in entries.iter().zip(dwells_under(entries, caveats)).zip(shown) {
        if shown.is_shown() {
            let held = if shown == Shown::Held { "true" } else { "" };
            table.serialize(Record { held: held.into(), ..Record::of(entry, dwell) }).map_err(cause)?;
        }
    }
    table.flush()
}

/// The underlying I/O error, unchanged.
fn cause(error: ::csv::Error) -> io::Error {
    match error.into_kind() {
        ::csv::ErrorKind::Io(error) => error,
        other => io::Error::other(format!("{other:?}")),
    }
}

fn header(table: ::csv::Writer<&mut impl io::Write>) -> io::Result<()> {
    let mut scratch = ::csv::Writer::from_writer(Vec::new());
    scratch.serialize(Record::default()).map_err(io::Error::from)?;
    let text = scratch.into_inner().map_err(::csv::IntoInnerError::into_error)?;
    let end = text.iter().position(|byte| *byte == b'\n').map_or(text.len(), |end| end + 1);
    let out = table.into_inner().map_err(::csv::IntoInnerError::into_error)?;
    out.write_all(&text[..end])
}

/// A row. Every text in it is a [`Text`], also our own: no column can pass a formula on.
#[derive(Default, Serialize)]
#[serde(rename_all = "camelCase")]
struct Record<'a> {
    seq: u64,
    at: Text<'a>,
    elapsed_seconds: Text<'a>,
    not_before: Text<'a>,
    entry: Text<'a>,
    cluster: Text<'a>,
    kind: Text<'a>,
    namespace: Text<'a>,
    name: Text<'a>,
    uid: Text<'a>,
    track: Text<'a>,
    from: Text<'a>,
    to: Text<'a>,
    state_kind: Text<'a>,
    reason: Text<'a>,
    message: Text<'a>,
    exit_code: Option<i32>,
    signal: Option<i32>,
    restart_count: Option<u32>,
    started_at: Option<Timestamp>,
    finished_at: Option<Timestamp>,
    server_time: Option<Timestamp>,
    dwell_seconds: Text<'a>,
    event_type: Text<'a>,
    event_count: Option<u32>,
    event_source: Text<'a>,
    resource: Text<'a>,
    gap_from: Text<'a>,
    gap_to: Text<'a>,
    gap_from_resource_version: Text<'a>,
    gap_to_resource_version: Text<'a>,
    resource_version: Text<'a>,
    seen: Text<'a>,
    instance: Text<'a>,
    held: Text<'a>,
}

impl<'a> Record<'a> {
    fn of(entry: &'a Entry, dwell: Option<Dwell>) -> Self {
        let mut record = Self {
            seq: entry.seq,
            at: rfc3339_micros(entry.stamp.at).into(),
            elapsed_seconds: seconds(entry.stamp.elapsed).into(),
            not_before: entry.not_before.filter(|at| clock::is_known(*at)).map(rfc3339_micros).into(),
            dwell_seconds: dwell.and_then(|dwell| dwell.exact()).map(seconds).into(),
            resource_version: entry.resource_version.as_ref().map(ResourceVersion::as_str).into(),
            ..Self::default()
        };
        if let Some(subject) = &entry.subject {
            record.cluster = subject.cluster.as_deref().into();
            record.kind = subject.kind.as_str().into();
            record.namespace = subject.namespace.as_str().into();
            record.name = subject.name.as_str().into();
            record.uid = subject.uid.as_str().into();
        }
        record.say(entry);
        record
    }

    fn say(&mut self, entry: &'a Entry) {
        match &entry.body {
            Body::Transition(transition) => {
                self.entry = "transition".into();
                self.seen = entry.seen.as_str().into();
                self.track = transition.track.to_string().into();
                self.from = transition.from.as_ref().map(|from| from.label.as_str()).into();
                self.enter(&transition.to);
            }
            Body::Detailed(detailed) => {
                self.entry = "detail".into();
                self.seen = entry.seen.as_str().into();
                self.track = detailed.track.to_string().into();
                self.from = detailed.from.label.as_str().into();
                self.enter(&detailed.to);
            }
            Body::Gap(gap) => {
                self.entry = "gap".into();
                self.namespace = gap.namespace.as_str().into();
                self.track = gap.track.as_ref().map(ToString::to_string).into();
                self.reason = gap::name(gap.reason).into();
                self.message = gap.evidence.as_deref().into();
                self.resource = gap.resource.as_str().into();
                self.gap_from = gap.from.filter(|at| clock::is_known(*at)).map(rfc3339_micros).into();
                self.gap_to = gap.to.map(rfc3339_micros).into();
                self.gap_from_resource_version = gap.from_resource_version.as_ref().map(ResourceVersion::as_str).into();
                self.gap_to_resource_version = gap.to_resource_version.as_ref().map(ResourceVersion::as_str).into();
            }
            Body::Mark(name) => {
                self.entry = "mark".into();
                self.message = name.as_str().into();
            }
            Body::Evidence(evidence) => {
                self.entry = "evidence".into();
                self.seen = entry.seen.as_str().into();
                self.reason = evidence.reason.as_str().into();
                self.message = evidence.message.as_str().into();
                self.event_type = evidence.kind.as_str().into();
                self.event_count = Some(evidence.count);
                self.event_source = evidence.source.as_str().into();
                if entry.subject.is_none() {
                    self.kind = evidence.involved.kind.as_str().into();
                    self.namespace = evidence.involved.namespace.as_str().into();
                    self.name = evidence.involved.name.as_str().into();
                    self.uid = evidence.involved.uid.as_str().into();
                }
            }
        }
    }

    fn enter(&mut self, state: &'a State) {
        self.to = (state.kind != StateKind::Absent).then_some(state.label.as_str()).into();
        self.state_kind = state.kind.name().into();
        self.reason = state.detail.reason.as_deref().into();
        self.message = state.detail.message.as_deref().into();
        self.instance = state.detail.instance.as_deref().into();
        self.exit_code = state.detail.exit_code;
        self.signal = state.detail.signal;
        self.restart_count = state.detail.restart_count;
        self.started_at = state.detail.started_at;
        self.finished_at = state.detail.finished_at;
        self.server_time = state.detail.server_time;
    }
}

/// A cell of text, which no spreadsheet takes for a formula. Empty where the column does not apply.
#[derive(Default)]
struct Text<'a>(Cow<'a, str>);

impl<'a> From<&'a str> for Text<'a> {
    fn from(text: &'a str) -> Self {
        Self(text.into())
    }
}

impl From<String> for Text<'_> {
    fn from(text: String) -> Self {
        Self(text.into())
    }
}

impl<T: Into<Self>> From<Option<T>> for Text<'_> {
    fn from(text: Option<T>) -> Self {
        text.map_or_else(Self::default, T::into)
    }
}

impl Serialize for Text<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&defused(&self.0))
    }
}

/// Text that a spreadsheet would run as a formula (<https://owasp.org/www-community/attacks/CSV_Injection>) gets an
/// apostrophe in front, which marks the cell as text. Newlines and tabs stay; other controls are written as code
/// points.
fn defused(text: &str) -> String {
    const BEGINNINGS: [char; 11] = ['=', '+', '-', '@', '\t', '\r', '\n', '＝', '＋', '－', '＠'];
    let mut cell = String::with_capacity(text.len() + 1);
    if text.starts_with(BEGINNINGS) {
        cell.push('\'');
    }
    for piece in text.split_inclusive(['\n', '\t']) {
        let (text, end) = piece.split_at(piece.trim_end_matches(['\n', '\t']).len());
        cell.push_str(&printable(text));
        cell.push_str(end);
    }
    cell
}

fn seconds(span: Duration) -> String {
    format!("{}.{:06}", span.as_secs(), span.subsec_micros())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_column_begins_like_a_formula() {
        // Without a rest: a new column must be listed here to compile.
        let formula = || Text::from("=HYPERLINK(\"http://x\",\"y\")");
        let record = Record {
            seq: 1,
            at: formula(),
            elapsed_seconds: formula(),
            not_before: formula(),
            entry: formula(),
            cluster: formula(),
            kind: formula(),
            namespace: formula(),
            name: formula(),
            uid: formula(),
            track: formula(),
            from: formula(),
            to: formula(),
            state_kind: formula(),
            reason: formula(),
            message: formula(),
            exit_code: Some(1),
            signal: Some(1),
            restart_count: Some(1),
            started_at: Some(Timestamp::UNIX_EPOCH),
            finished_at: Some(Timestamp::UNIX_EPOCH),
            server_time: Some(Timestamp::UNIX_EPOCH),
            dwell_seconds: formula(),
            event_type: formula(),
            event_count: Some(1),
            event_source: formula(),
            resource: formula(),
            gap_from: formula(),
            gap_to: formula(),
            gap_from_resource_version: formula(),
            gap_to_resource_version: formula(),
            resource_version: formula(),
            seen: formula(),
            instance: formula(),
            held: formula(),
        };
        let mut table = ::csv::Writer::from_writer(Vec::new());
        table.serialize(record).unwrap();
        let text = table.into_inner().unwrap();
        let mut reader = ::csv::Reader::from_reader(&text[..]);
        let header = reader.headers().unwrap().clone();
        let row = reader.records().next().unwrap().unwrap();
        for (name, cell) in header.iter().zip(&row) {
            assert!(cell.starts_with("'=") || cell.starts_with(|first: char| first.is_ascii_digit()), "{name}: {cell}");
        }
    }
}
