//! A part of a timeline as the page reads it: tables of what repeats, and the entries in columns.

use super::columns::Columns;
use super::tables::{Tables, raw};
use crate::observation::{GapReason, ResourceVersion, Subject};
use crate::timeline::{Body, Entry, GapEntry};
use crate::view::document::EventText;
use crate::view::{clock, gap};
use jiff::Timestamp;
use serde::Serialize;
use serde_json::value::RawValue;
use std::sync::Arc;

/// A part of a timeline. It refers to nothing outside itself.
#[derive(Debug, Serialize)]
pub struct Chunk {
    #[serde(flatten)]
    tables: Tables,
    entries: Columns,
    gaps: Vec<(usize, Box<RawValue>)>,
    marks: Vec<(usize, String)>,
    events: Vec<(usize, Box<RawValue>)>,
    leases: Vec<(usize, [i64; 2])>,
}

impl Chunk {
    /// These entries, in this order.
    #[must_use]
    pub fn of<'a>(entries: impl IntoIterator<Item = &'a Entry>) -> Self {
        let mut chunk = Self {
            tables: Tables::default(),
            entries: Columns::default(),
            gaps: Vec::new(),
            marks: Vec::new(),
            events: Vec::new(),
            leases: Vec::new(),
        };
        entries.into_iter().for_each(|entry| chunk.push(entry));
        chunk
    }

    /// The subjects, in the order of their numbers.
    pub(super) fn subjects(&self) -> &[Arc<Subject>] {
        self.tables.subjects()
    }

    fn push(&mut self, entry: &Entry) {
        let place = self.entries.len();
        self.entries.push(entry, &mut self.tables);
        match &entry.body {
            Body::Transition(_) | Body::Detailed(_) => {}
            Body::Gap(gap) => self.gaps.push((place, raw(&Gap::of(gap)))),
            Body::Mark(name) => self.marks.push((place, name.clone())),
            Body::Evidence(evidence) => self.events.push((place, raw(&EventText::of(evidence)))),
        }
        if let Some(leases) = entry.leases.as_deref() {
            self.leases.push((place, leases.map(Timestamp::as_microsecond)));
        }
    }
}

/// A gap, apart from its subject and its track.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Gap<'a> {
    resource: &'a str,
    #[serde(skip_serializing_if = "str::is_empty")]
    kind: &'a str,
    #[serde(skip_serializing_if = "str::is_empty")]
    namespace: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    from: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    to: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    from_resource_version: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    to_resource_version: Option<&'a str>,
    reason: GapReason,
    text: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    evidence: Option<&'a str>,
}

impl<'a> Gap<'a> {
    fn of(gap: &'a GapEntry) -> Self {
        Self {
            resource: &gap.resource,
            kind: &gap.kind,
            namespace: &gap.namespace,
            from: gap.from.filter(|at| clock::is_known(*at)).map(Timestamp::as_microsecond),
            to: gap.to.map(Timestamp::as_microsecond),
            from_resource_version: gap.from_resource_version.as_ref().map(ResourceVersion::as_str),
            to_resource_version: gap.to_resource_version.as_ref().map(ResourceVersion::as_str),
            reason: gap.reason,
            text: gap::reason(gap.reason),
            evidence: gap.evidence.as_deref(),
        }
    }
}
