//! `-o parquet`: one row per entry with typed columns, for `DuckDB`, pandas, Polars and Spark.
//!
//! The columns are those of CSV, in its order, and what only types can say: absent is null and empty is empty, times are
//! timestamps, and seconds are decimals that never pass through a float. docs/OUTPUT.md says what each column means.

use super::fact::{Facts, Value};
use super::parquet_column::{Cell, Column, Sort};
use crate::observation::{ResourceVersion, State, StateKind, Subject, Track};
use crate::timeline::{Body, Entry, GapEntry, Reported};
use crate::view::clock;
use crate::view::dwell::{Dwell, End, dwells_under};
use crate::view::selection::{Selection, Shown};
use crate::view::style::Caveats;
use jiff::Timestamp;
use parquet::basic::{Compression, ZstdLevel};
use parquet::errors::{ParquetError, Result};
use parquet::file::metadata::KeyValue;
use parquet::file::properties::WriterProperties;
use parquet::file::writer::SerializedFileWriter;
use parquet::schema::types::Type;
use std::io;
use std::sync::Arc;

/// Rows of a group, which is held in memory.
const GROUP: usize = 64 * 1024;

/// The columns, in order. Columns are added at the end, never renamed or moved.
fn columns<'a>() -> Vec<Column<Row<'a>>> {
    vec![
        Column::required("seq", Sort::Integer, |row| i64::try_from(row.entry.seq).ok().into()),
        Column::required("at", Sort::Time, |row| row.entry.stamp.at.into()),
        Column::required("elapsedSeconds", Sort::Seconds, |row| row.entry.stamp.elapsed.into()),
        Column::of("notBefore", Sort::Time, |row| row.entry.not_before.filter(|at| clock::is_known(*at)).into()),
        Column::required("entry", Sort::Text, |row| row.entry_name().into()),
        Column::of("cluster", Sort::Text, |row| row.subject().and_then(|subject| subject.cluster.as_deref()).into()),
        Column::of("kind", Sort::Text, |row| row.identity(|subject| &subject.kind, |reported| &reported.involved.kind)),
        Column::of("namespace", Sort::Text, Row::namespace),
        Column::of("name", Sort::Text, |row| row.identity(|subject| &subject.name, |reported| &reported.involved.name)),
        Column::of("uid", Sort::Text, |row| row.identity(|subject| &subject.uid, |reported| &reported.involved.uid)),
        Column::of("track", Sort::Text, |row| row.track().map(ToString::to_string).into()),
        Column::of("from", Sort::Text, |row| row.before().and_then(named).into()),
        Column::of("to", Sort::Text, |row| row.state().and_then(named).into()),
        Column::of("stateKind", Sort::Text, |row| row.state().and_then(|state| state.kind.name()).into()),
        Column::of("reason", Sort::Text, Row::reason),
        Column::of("message", Sort::Text, Row::message),
        Column::of("exitCode", Sort::Integer, |row| row.state().and_then(|state| state.detail.exit_code).into()),
        Column::of("signal", Sort::Integer, |row| row.state().and_then(|state| state.detail.signal).into()),
        Column::of("restartCount", Sort::Integer, |row| {
            row.state().and_then(|state| state.detail.restart_count).into()
        }),
        Column::of("startedAt", Sort::Time, |row| row.state().and_then(|state| state.detail.started_at).into()),
        Column::of("finishedAt", Sort::Time, |row| row.state().and_then(|state| state.detail.finished_at).into()),
        Column::of("serverTime", Sort::Time, |row| row.state().and_then(|state| state.detail.server_time).into()),
        Column::of("dwellSeconds", Sort::Seconds, |row| row.dwell.and_then(|dwell| dwell.exact()).into()),
        Column::of("eventType", Sort::Text, |row| row.event().map(|event| event.kind.as_str()).into()),
        Column::of("eventCount", Sort::Integer, |row| row.event().map(|event| event.count).into()),
        Column::of("eventSource", Sort::Text, |row| row.event().map(|event| event.source.as_str()).into()),
        Column::of("resource", Sort::Text, |row| row.gap().map(|gap| gap.resource.as_str()).into()),
        Column::of("gapFrom", Sort::Time, |row| {
            row.gap().and_then(|gap| gap.from).filter(|from| clock::is_known(*from)).into()
        }),
        Column::of("gapTo", Sort::Time, |row| row.gap().and_then(|gap| gap.to).into()),
        Column::of("gapFromResourceVersion", Sort::Text, |row| {
            version(row.gap().and_then(|gap| gap.from_resource_version.as_ref()))
        }),
        Column::of("gapToResourceVersion", Sort::Text, |row| {
            version(row.gap().and_then(|gap| gap.to_resource_version.as_ref()))
        }),
        Column::of("resourceVersion", Sort::Text, |row| version(row.entry.resource_version.as_ref())),
        Column::of("seen", Sort::Text, Row::seen),
        Column::of("instance", Sort::Text, |row| row.state().and_then(|state| state.detail.instance.as_deref()).into()),
        Column::required("held", Sort::Flag, |row| Cell::Flag(row.is_held)),
        Column::of("dwellAtLeastSeconds", Sort::Seconds, |row| row.bounds().map(|dwell| dwell.at_least).into()),
        Column::of("dwellAtMostSeconds", Sort::Seconds, |row| row.bounds().and_then(|dwell| dwell.at_most).into()),
        Column::of("dwellEnd", Sort::Text, |row| row.dwell.map(|dwell| ended(dwell.end)).into()),
        Column::of("leaseBefore", Sort::Time, |row| row.lease(0)),
        Column::of("leaseAfter", Sort::Time, |row| row.lease(1)),
        Column::of("group", Sort::Text, |row| row.subject().map(|subject| subject.group.as_str()).into()),
    ]
}

/// Writes the entries that the selection matches.
///
/// # Errors
/// When writing to `out` fails.
pub(in crate::view) fn write(
    entries: &[Entry],
    selection: &Selection,
    caveats: Caveats,
    out: &mut impl io::Write,
) -> io::Result<()> {
    let dwells = dwells_under(entries, caveats);
    let all = entries.iter().zip(dwells).zip(selection.shown(entries));
    let shown = all.filter(|(_, shown)| shown.is_shown());
    let rows: Vec<Row<'_>> =
        shown.map(|((entry, dwell), shown)| Row { entry, dwell, is_held: shown == Shown::Held }).collect();
    out.write_all(&file(&rows, caveats).map_err(cause)?)
}

fn file(rows: &[Row<'_>], caveats: Caveats) -> Result<Vec<u8>> {
    let columns = columns();
    let fields = columns.iter().map(|column| column.declared().map(Arc::new)).collect::<Result<_>>()?;
    let schema = Type::group_type_builder("entry").with_fields(fields).build()?;
    let mut writer = SerializedFileWriter::new(Vec::new(), Arc::new(schema), Arc::new(properties(caveats)))?;
    for group in rows.chunks(GROUP) {
        let mut writing = writer.next_row_group()?;
        for column in &columns {
            column.write(group, &mut writing)?;
        }
        writing.close()?;
    }
    writer.into_inner()
}

fn properties(caveats: Caveats) -> WriterProperties {
    let caveats = Facts::of_caveats(caveats).0.into_iter().filter_map(|(name, value)| match value {
        Value::Text(text) => Some(KeyValue::new(format!("statetrail.{name}"), text)),
        _ => None,
    });
    WriterProperties::builder()
        .set_compression(Compression::ZSTD(ZstdLevel::default()))
        .set_created_by(format!("{} {}", env!("CARGO_PKG_NAME"), env!("CARGO_PKG_VERSION")))
        .set_key_value_metadata(Some(caveats.collect()))
        .build()
}

/// The underlying I/O error, unchanged.
fn cause(error: ParquetError) -> io::Error {
    match error {
        ParquetError::External(error) => match error.downcast::<io::Error>() {
            Ok(error) => *error,
            Err(error) => io::Error::other(error),
        },
        error => io::Error::other(error),
    }
}

/// An entry, with what its row has besides.
struct Row<'a> {
    entry: &'a Entry,
    dwell: Option<Dwell>,
    is_held: bool,
}

impl<'a> Row<'a> {
    fn subject(&self) -> Option<&'a Subject> {
        self.entry.subject.as_deref()
    }

    fn entry_name(&self) -> &'static str {
        match &self.entry.body {
            Body::Transition(_) => "transition",
            Body::Detailed(_) => "detail",
            Body::Gap(_) => "gap",
            Body::Mark(_) => "mark",
            Body::Evidence(_) => "evidence",
        }
    }

    /// A part of the subject, or of the object that an Event is about.
    fn identity(&self, known: fn(&Subject) -> &str, involved: fn(&Reported) -> &str) -> Cell<'a> {
        match (self.subject(), self.event()) {
            (Some(subject), _) => Some(known(subject)).into(),
            (None, Some(event)) => Some(involved(event)).filter(|text| !text.is_empty()).into(),
            (None, None) => Cell::Null,
        }
    }

    fn namespace(&self) -> Cell<'_> {
        let of_watch = self.gap().filter(|gap| !gap.namespace.is_empty()).map(|gap| gap.namespace.as_str());
        let known = self.subject().map(|subject| subject.namespace.as_str()).or(of_watch);
        let involved = self.event().map(|event| event.involved.namespace.as_str());
        known.or(involved).filter(|namespace| !namespace.is_empty()).into()
    }

    fn track(&self) -> Option<&'a Track> {
        match &self.entry.body {
            Body::Transition(transition) => Some(&transition.track),
            Body::Detailed(detailed) => Some(&detailed.track),
            Body::Gap(gap) => gap.track.as_ref(),
            Body::Mark(_) | Body::Evidence(_) => None,
        }
    }

    fn before(&self) -> Option<&'a State> {
        match &self.entry.body {
            Body::Transition(transition) => transition.from.as_ref(),
            Body::Detailed(detailed) => Some(&detailed.from),
            _ => None,
        }
    }

    fn state(&self) -> Option<&'a State> {
        self.entry.body.shown().map(|(_, state)| state)
    }

    fn gap(&self) -> Option<&'a GapEntry> {
        match &self.entry.body {
            Body::Gap(gap) => Some(gap),
            _ => None,
        }
    }

    fn event(&self) -> Option<&'a Reported> {
        match &self.entry.body {
            Body::Evidence(reported) => Some(reported),
            _ => None,
        }
    }

    fn reason(&self) -> Cell<'_> {
        match &self.entry.body {
            Body::Gap(gap) => Some(gap.reason.as_str()).into(),
            Body::Evidence(event) => Some(event.reason.as_str()).into(),
            _ => self.state().and_then(|state| state.detail.reason.as_deref()).into(),
        }
    }

    fn message(&self) -> Cell<'_> {
        match &self.entry.body {
            Body::Gap(gap) => gap.evidence.as_deref().into(),
            Body::Evidence(event) => Some(event.message.as_str()).into(),
            Body::Mark(name) => Some(name.as_str()).into(),
            _ => self.state().and_then(|state| state.detail.message.as_deref()).into(),
        }
    }

    fn seen(&self) -> Cell<'_> {
        let is_seen = !matches!(self.entry.body, Body::Gap(_) | Body::Mark(_));
        is_seen.then(|| self.entry.seen.as_str()).into()
    }

    /// The dwell time, if it has bounds that say something.
    fn bounds(&self) -> Option<Dwell> {
        let has_bounds = |dwell: &Dwell| !dwell.at_least.is_zero() || dwell.at_most.is_some();
        self.dwell.filter(|dwell| !dwell.stamped && dwell.end != End::Open && has_bounds(dwell))
    }

    fn lease(&self, which: usize) -> Cell<'a> {
        let lease: Option<Timestamp> = self.entry.leases.as_deref().map(|leases| leases[which]);
        lease.into()
    }
}

/// The label; none of a track that its object no longer has.
fn named(state: &State) -> Option<&str> {
    (state.kind != StateKind::Absent).then_some(state.label.as_str())
}

fn version(version: Option<&ResourceVersion>) -> Cell<'_> {
    version.map(ResourceVersion::as_str).into()
}

fn ended(end: End) -> &'static str {
    match end {
        End::Next => "next",
        End::Deleted => "deleted",
        End::Unseen => "gap",
        End::Open => "open",
    }
}
