//! `-o csv`: one row per entry under one header, for spreadsheets and data frames.
//!
//! docs/OUTPUT.md says what each column means. Cells that do not apply are empty; columns are added at the end, never
//! renamed or moved. An absent state is an empty cell, and `stateKind` says `absent`.

#![expect(clippy::ref_option_ref, reason = "serde passes the field by reference")]

use super::dwell::{Dwell, dwells_under};
use super::selection::Selection;
use super::style::Caveats;
use crate::observation::{GapReason, ResourceVersion, State, StateKind, printable, rfc3339_micros};
use crate::timeline::{Body, Entry};
use jiff::Timestamp;
use serde::{Serialize, Serializer};
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
    if !entries.iter().any(|entry| selection.matches(entry)) {
        // serde writes the header with the first row; without rows it must be written separately.
        return header(table);
    }
    for (entry, dwell) in entries.iter().zip(dwells_under(entries, caveats)) {
        if selection.matches(entry) {
            table.serialize(Record::of(entry, dwell)).map_err(cause)?;
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

#[derive(Default, Serialize)]
#[serde(rename_all = "camelCase")]
struct Record<'a> {
    seq: u64,
    at: String,
    elapsed_seconds: String,
    not_before: Option<String>,
    entry: &'static str,
    #[serde(serialize_with = "cell")]
    cluster: &'a str,
    #[serde(serialize_with = "cell")]
    kind: &'a str,
    #[serde(serialize_with = "cell")]
    namespace: &'a str,
    #[serde(serialize_with = "cell")]
    name: &'a str,
    #[serde(serialize_with = "cell")]
    uid: &'a str,
    #[serde(serialize_with = "cell")]
    track: String,
    #[serde(serialize_with = "cell")]
    from: &'a str,
    #[serde(serialize_with = "cell")]
    to: &'a str,
    state_kind: Option<&'static str>,
    #[serde(serialize_with = "cell")]
    reason: &'a str,
    #[serde(serialize_with = "cell")]
    message: &'a str,
    exit_code: Option<i32>,
    signal: Option<i32>,
    restart_count: Option<u32>,
    started_at: Option<Timestamp>,
    finished_at: Option<Timestamp>,
    server_time: Option<Timestamp>,
    dwell_seconds: Option<String>,
    #[serde(serialize_with = "cell")]
    event_type: &'a str,
    event_count: Option<u32>,
    #[serde(serialize_with = "cell")]
    event_source: &'a str,
    #[serde(serialize_with = "cell")]
    resource: &'a str,
    gap_from: Option<String>,
    gap_to: Option<String>,
    #[serde(serialize_with = "optional_cell")]
    gap_from_resource_version: Option<&'a str>,
    #[serde(serialize_with = "optional_cell")]
    gap_to_resource_version: Option<&'a str>,
    #[serde(serialize_with = "optional_cell")]
    resource_version: Option<&'a str>,
    seen: &'static str,
    instance: &'a str,
}

impl<'a> Record<'a> {
    fn of(entry: &'a Entry, dwell: Option<Dwell>) -> Self {
        let mut record = Self {
            seq: entry.seq,
            at: rfc3339_micros(entry.stamp.at),
            elapsed_seconds: seconds(entry.stamp.elapsed),
            not_before: entry.not_before.map(rfc3339_micros),
            dwell_seconds: dwell.and_then(|dwell| dwell.exact()).map(seconds),
            resource_version: entry.resource_version.as_ref().map(ResourceVersion::as_str),
            ..Self::default()
        };
        if let Some(subject) = &entry.subject {
            record.cluster = subject.cluster.as_deref().unwrap_or_default();
            record.kind = &subject.kind;
            record.namespace = &subject.namespace;
            record.name = &subject.name;
            record.uid = &subject.uid;
        }
        record.say(entry);
        record
    }

    fn say(&mut self, entry: &'a Entry) {
        match &entry.body {
            Body::Transition(transition) => {
                self.entry = "transition";
                self.seen = entry.seen.as_str();
                self.track = transition.track.to_string();
                self.from = transition.from.as_ref().map(|from| from.label.as_str()).unwrap_or_default();
                self.enter(&transition.to);
            }
            Body::Detailed(detailed) => {
                self.entry = "detail";
                self.seen = entry.seen.as_str();
                self.track = detailed.track.to_string();
                self.from = &detailed.from.label;
                self.enter(&detailed.to);
            }
            Body::Gap(gap) => {
                self.entry = "gap";
                self.namespace = &gap.namespace;
                self.track = gap.track.as_ref().map(ToString::to_string).unwrap_or_default();
                self.reason = reason(gap.reason);
                self.message = gap.evidence.as_deref().unwrap_or_default();
                self.resource = &gap.resource;
                self.gap_from = gap.from.map(rfc3339_micros);
                self.gap_to = gap.to.map(rfc3339_micros);
                self.gap_from_resource_version = gap.from_resource_version.as_ref().map(ResourceVersion::as_str);
                self.gap_to_resource_version = gap.to_resource_version.as_ref().map(ResourceVersion::as_str);
            }
            Body::Mark(name) => {
                self.entry = "mark";
                self.message = name;
            }
            Body::Evidence(evidence) => {
                self.entry = "evidence";
                self.seen = entry.seen.as_str();
                self.reason = &evidence.reason;
                self.message = &evidence.message;
                self.event_type = &evidence.kind;
                self.event_count = Some(evidence.count);
                self.event_source = &evidence.source;
                if entry.subject.is_none() {
                    self.kind = &evidence.involved.kind;
                    self.namespace = &evidence.involved.namespace;
                    self.name = &evidence.involved.name;
                    self.uid = &evidence.involved.uid;
                }
            }
        }
    }

    fn enter(&mut self, state: &'a State) {
        self.to = if state.kind == StateKind::Absent { "" } else { &state.label };
        self.state_kind = state.kind.name();
        self.reason = state.detail.reason.as_deref().unwrap_or_default();
        self.message = state.detail.message.as_deref().unwrap_or_default();
        self.instance = state.detail.instance.as_deref().unwrap_or_default();
        self.exit_code = state.detail.exit_code;
        self.signal = state.detail.signal;
        self.restart_count = state.detail.restart_count;
        self.started_at = state.detail.started_at;
        self.finished_at = state.detail.finished_at;
        self.server_time = state.detail.server_time;
    }
}

/// A cell with text from outside.
fn cell<S: Serializer>(text: impl AsRef<str>, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(&defused(text.as_ref()))
}

fn optional_cell<S: Serializer>(text: &Option<&str>, serializer: S) -> Result<S::Ok, S::Error> {
    match text {
        Some(text) => cell(text, serializer),
        None => serializer.serialize_none(),
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

/// The value that JSON has.
fn reason(reason: GapReason) -> &'static str {
    match reason {
        GapReason::HistoryExpired => "history-expired",
        GapReason::Undecodable => "undecodable",
        GapReason::LeftSelection => "left-selection",
        GapReason::Replaced => "replaced",
        GapReason::NeverPublished => "never-published",
        GapReason::StorageReplaced => "storage-replaced",
        GapReason::Contradicted => "contradicted",
        GapReason::Unrecorded => "unrecorded",
    }
}
