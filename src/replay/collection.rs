//! Every version of every object of one resource, and what a client sees of them through a selection.
//!
//! Nothing is renumbered or dropped: revisions come from the store and only rise.

use super::document::{Facts, Marks, opening, type_members};
use super::log::{Log, Place};
use super::selector::Selection;
use crate::observation::{Change, Resource};
use bytes::Bytes;
use smol_str::SmolStr;
use std::collections::BTreeMap;
use std::ops::{Bound, Range};
use std::sync::Arc;

/// The representation of objects in a response.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Form {
    /// The whole object.
    Full,
    /// `meta.k8s.io/v1` `PartialObjectMetadata`.
    Metadata,
}

/// One write.
#[derive(Debug)]
pub(super) struct Version {
    pub revision: u64,
    pub change: Change,
    pub facts: Arc<Facts>,
    place: Place,
    marks: Marks,
    /// Index of the previous version of the same object, unless that was a deletion.
    previous: Option<usize>,
}

/// A resource with its history.
#[derive(Debug)]
pub(super) struct Collection {
    pub resource: Resource,
    /// False while the resource is not installed.
    pub served: bool,
    versions: Vec<Version>,
    by_key: BTreeMap<String, Vec<usize>>,
    log: Log,
}

impl Collection {
    pub(super) fn new(resource: Resource) -> Self {
        Self { resource, served: true, versions: Vec::new(), by_key: BTreeMap::new(), log: Log::default() }
    }

    /// The object with this key, if it exists.
    pub(super) fn live(&self, key: &str) -> Option<&Version> {
        let version = &self.versions[*self.by_key.get(key)?.last()?];
        (version.change != Change::Deleted).then_some(version)
    }

    /// Stores a write; `line` and `marks` come from the document, and `change` fits the current state.
    pub(super) fn push(&mut self, revision: u64, change: Change, facts: Facts, line: &[u8], marks: Marks) {
        let history = self.by_key.entry(facts.key()).or_default();
        let last = history.last().map(|last| &self.versions[*last]);
        let facts = match last {
            Some(last) if *last.facts == facts => last.facts.clone(),
            _ => Arc::new(facts),
        };
        let previous = history.last().copied().filter(|last| self.versions[*last].change != Change::Deleted);
        history.push(self.versions.len());
        let place = self.log.push(line);
        self.versions.push(Version { revision, change, facts, place, marks, previous });
    }

    /// Index of the first write after a revision.
    pub(super) fn after(&self, revision: u64) -> usize {
        self.versions.partition_point(|version| version.revision <= revision)
    }

    /// The write with this index.
    pub(super) fn version(&self, index: usize) -> Option<&Version> {
        self.versions.get(index)
    }

    /// The namespaces of all objects ever written, in order; empty for cluster-scoped ones.
    pub(super) fn namespaces(&self) -> Vec<SmolStr> {
        let mut names: Vec<SmolStr> =
            self.by_key.keys().map(|key| key.split_once('/').map_or("", |(namespace, _)| namespace).into()).collect();
        names.dedup();
        names
    }

    /// Number of writes so far.
    pub(super) fn len(&self) -> usize {
        self.versions.len()
    }

    /// The objects that existed at a revision and match a selection, in key order from a key on: keys and indexes.
    pub(super) fn at<'a>(
        &'a self,
        revision: u64,
        selection: &'a Selection,
        from: &'a str,
    ) -> impl Iterator<Item = (&'a str, usize)> {
        let (start, end) = match selection.only_name() {
            Some(name) if !selection.namespace.is_empty() => {
                let key = format!("{}/{name}", selection.namespace);
                (Bound::Included(if from > key.as_str() { from.to_owned() } else { key.clone() }), Some(key))
            }
            _ => (Bound::Included(from.to_owned()), None),
        };
        self.by_key
            .range((start, Bound::Unbounded))
            .take_while(move |(key, _)| end.as_ref().is_none_or(|end| *key <= end))
            .filter_map(move |(key, history)| {
                let known = history.partition_point(|index| self.versions[*index].revision <= revision);
                let index = history[known.checked_sub(1)?];
                let version = &self.versions[index];
                (version.change != Change::Deleted && selection.matches(&version.facts))
                    .then_some((key.as_str(), index))
            })
    }

    /// All consecutive lines of one segment from an index on, without any selection, and the index after them.
    pub(super) fn run(&self, from: usize) -> Option<(Bytes, usize)> {
        let first = self.versions.get(from)?;
        let count = self.versions[from..].partition_point(|version| version.place.segment == first.place.segment);
        let last = &self.versions[from + count - 1];
        Some((self.log.run(first.place, last.place), from + count))
    }

    /// The event that a watch with a selection gets for a write: none, the write, or that the object entered or left.
    pub(super) fn event(&self, index: usize, selection: &Selection, form: Form) -> Option<Bytes> {
        let version = self.versions.get(index)?;
        let before = version.previous.map(|previous| &self.versions[previous]);
        let was = before.filter(|before| selection.matches(&before.facts));
        let is = version.change != Change::Deleted && selection.matches(&version.facts);
        let change = match (was, is) {
            (None, false) => return None,
            (None, true) => Change::Added,
            (Some(_), true) => version.change,
            (Some(_), false) if version.change == Change::Deleted => Change::Deleted,
            (Some(was), false) => return Some(self.left(was, version, form)),
        };
        Some(self.line(version, change, form))
    }

    /// One object as an event of this type.
    pub(super) fn line(&self, version: &Version, change: Change, form: Form) -> Bytes {
        if form == Form::Full && change == version.change {
            return self.log.line(version.place);
        }
        let mut line = opening(change).into_bytes();
        self.write(&mut line, version, form, true);
        line.extend_from_slice(b"}\n");
        line.into()
    }

    /// Appends an object to a response, with or without `kind` and `apiVersion`.
    pub(super) fn write(&self, out: &mut Vec<u8>, version: &Version, form: Form, typed: bool) {
        let line = self.log.line(version.place);
        match (form, typed) {
            (Form::Full, true) => out.extend_from_slice(&line[version.marks.object.clone()]),
            (Form::Full, false) => {
                out.push(b'{');
                out.extend_from_slice(&line[version.marks.members.clone()]);
                out.push(b'}');
            }
            (Form::Metadata, _) => partial(out, &line[version.marks.metadata.clone()]),
        }
    }

    /// The event for an object that left the selection: DELETED, in its last state inside, with the version of the
    /// write that removed it (as from a real server's watch cache).
    fn left(&self, was: &Version, now: &Version, form: Form) -> Bytes {
        let line = self.log.line(was.place);
        let shown: &Range<usize> = match form {
            Form::Full => &was.marks.object,
            Form::Metadata => &was.marks.metadata,
        };
        let mut object = line[shown.start..was.marks.version.start].to_vec();
        object.extend_from_slice(itoa::Buffer::new().format(now.revision).as_bytes());
        object.extend_from_slice(&line[was.marks.version.end..shown.end]);
        let mut event = opening(Change::Deleted).into_bytes();
        match form {
            Form::Full => event.extend_from_slice(&object),
            Form::Metadata => partial(&mut event, &object),
        }
        event.extend_from_slice(b"}\n");
        event.into()
    }

    /// The event of a bookmark; `shape` determines the members besides the metadata.
    pub(super) fn bookmark(&self, revision: u64, initial_events_end: bool, form: Form, shape: Bookmark) -> Bytes {
        let metadata = if initial_events_end {
            format!("{{\"resourceVersion\":\"{revision}\",\"annotations\":{{\"k8s.io/initial-events-end\":\"true\"}}}}")
        } else {
            format!("{{\"resourceVersion\":\"{revision}\"}}")
        };
        let mut line = br#"{"type":"BOOKMARK","object":"#.to_vec();
        match form {
            Form::Metadata => partial(&mut line, metadata.as_bytes()),
            Form::Full => {
                let other_members = shape.other_members(&self.resource);
                let kind = type_members(&self.resource);
                line.extend_from_slice(format!("{{{kind}\"metadata\":{metadata}{other_members}}}").as_bytes());
            }
        }
        line.extend_from_slice(b"}\n");
        line.into()
    }
}

/// The members of a bookmark's object besides its metadata, and its version.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Bookmark {
    /// As from a real server: the zero value of a built-in type, only metadata for a custom resource.
    #[default]
    Real,
    /// `"spec":null`.
    NullSpec,
    /// Only metadata.
    Bare,
    /// As from a real server whose cache is behind: at half the newest revision.
    Behind,
    /// No bookmarks at all, not even the one that ends the initial events.
    Off,
}

impl Bookmark {
    fn other_members(self, resource: &Resource) -> &'static str {
        match (self, resource.group.as_str(), resource.plural.as_str()) {
            (Self::Real | Self::Behind, "", "pods") => r#","spec":{"containers":null},"status":{}"#,
            (Self::Real | Self::Behind, "", "events") => {
                r#","involvedObject":{},"source":{},"firstTimestamp":null,"lastTimestamp":null,"eventTime":null,"reportingComponent":"","reportingInstance":"""#
            }
            (Self::Real | Self::Behind, ..) if super::document::is_builtin(resource) => r#","spec":{},"status":{}"#,
            (Self::NullSpec, ..) => r#","spec":null,"status":{}"#,
            _ => "",
        }
    }
}

fn partial(out: &mut Vec<u8>, metadata: &[u8]) {
    out.extend_from_slice(br#"{"kind":"PartialObjectMetadata","apiVersion":"meta.k8s.io/v1","metadata":"#);
    out.extend_from_slice(metadata);
    out.push(b'}');
}
