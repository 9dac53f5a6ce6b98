//! Every version of every object of one resource, and what a client sees of them through a selection.
//!
//! Nothing is renumbered or dropped: revisions come from the store and only rise.

use super::document::{Facts, Marks, type_members};
use super::log::{Log, Place};
use super::printing::Printing;
use super::scopes::{Scope, Scopes};
use super::selector::Selection;
use crate::observation::{Change, Resource};
use bytes::Bytes;
use smol_str::SmolStr;
use std::collections::{BTreeMap, BTreeSet};
use std::ops::{Bound, Range};
use std::sync::Arc;

/// One write.
#[derive(Clone, Debug)]
pub(super) struct Version {
    pub revision: u64,
    pub change: Change,
    pub facts: Arc<Facts>,
    /// The revision from which on it is shown: its own, or that of the list that showed it first.
    since: u64,
    place: Place,
    marks: Marks,
    /// Index of the previous version of the same object, unless that was a deletion.
    previous: Option<usize>,
    /// Whether the object may have had versions between the previous one and this, or before it, that are not known.
    is_after_unknown: bool,
    /// Whether it may have left the selection of the recording instead of being deleted.
    may_have_left: bool,
}

/// How a write relates to what is known of its object.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Sort {
    pub change: Change,
    pub revision: u64,
    /// The revision from which on it is shown.
    pub since: u64,
    /// Whether the object may have had other versions before it.
    pub is_after_unknown: bool,
    /// Whether a deletion may be that it left the selection of the recording.
    pub may_have_left: bool,
}

/// A resource with its history.
#[derive(Debug)]
pub(super) struct Collection {
    pub resource: Resource,
    /// False while the resource is not installed.
    pub served: bool,
    /// Index of its storage.
    pub storage: usize,
    /// What is known of it.
    pub scopes: Scopes,
    /// All writes, of which the first `shown` have happened.
    versions: Vec<Version>,
    shown: usize,
    /// How many objects there are.
    count: usize,
    /// Index of the first write of the present storage.
    first: usize,
    /// The writes of each object that have happened.
    by_key: BTreeMap<String, Vec<usize>>,
    log: Log,
}

impl Collection {
    pub(super) fn new(resource: Resource) -> Self {
        Self {
            resource,
            served: true,
            storage: 0,
            scopes: Scopes::default(),
            versions: Vec::new(),
            shown: 0,
            count: 0,
            first: 0,
            by_key: BTreeMap::new(),
            log: Log::default(),
        }
    }

    /// The object with this key, if it exists.
    pub(super) fn live(&self, key: &str) -> Option<&Version> {
        let version = &self.versions[*self.by_key.get(key)?.last()?];
        (version.change != Change::Deleted).then_some(version)
    }

    /// Stores a write and shows it; `line` and `marks` come from the document, and its change fits the current state.
    pub(super) fn push(&mut self, sort: Sort, facts: Facts, line: &[u8], marks: Marks) {
        debug_assert_eq!(self.shown, self.versions.len());
        let history = self.by_key.get(&facts.key()).map_or(&[][..], Vec::as_slice);
        let last = history.last().map(|last| &self.versions[*last]);
        let facts = match last {
            Some(last) if *last.facts == facts => last.facts.clone(),
            _ => Arc::new(facts),
        };
        let previous = history.last().copied().filter(|last| self.versions[*last].change != Change::Deleted);
        let Sort { change, revision, since, is_after_unknown, may_have_left } = sort;
        let place = self.log.push(line);
        self.versions.push(Version {
            revision,
            change,
            facts,
            since,
            place,
            marks,
            previous,
            is_after_unknown,
            may_have_left,
        });
        self.show();
    }

    /// Stores that an object was gone by a revision, and shows it.
    pub(super) fn remove(&mut self, key: &str, revision: u64) {
        let Some(last) = self.by_key.get(key).and_then(|history| history.last().copied()) else { return };
        if self.versions[last].change == Change::Deleted {
            return;
        }
        let gone = Version { revision, change: Change::Deleted, previous: Some(last), ..self.versions[last].clone() };
        self.conclude(gone, revision);
    }

    /// The objects of a scope that exist: keys and versions.
    pub(super) fn present(&self, scope: &Scope) -> Vec<(String, u64)> {
        let last = self.by_key.iter().filter_map(|(key, history)| Some((key, &self.versions[*history.last()?])));
        let present = last.filter(|(_, last)| last.change != Change::Deleted && scope.overlaps(&last.facts.scope()));
        present.map(|(key, last)| (key.clone(), last.revision)).collect()
    }

    /// Stores that a version is there, as a list at a revision shows, and shows it, unless it is there: it was in a storage
    /// that has been replaced.
    pub(super) fn restore(&mut self, key: &str, version: u64, since: u64) {
        if self.live(key).is_some_and(|live| live.revision == version) {
            return;
        }
        let is_it = |known: &&Version| known.revision == version && known.facts.key() == key;
        let Some(known) = self.versions.iter().rev().find(is_it) else { return };
        let restored = Version { change: Change::Added, previous: None, ..known.clone() };
        self.conclude(restored, since);
    }

    /// Stores what a list at a revision shows of an object whose text is known, and shows it.
    fn conclude(&mut self, version: Version, since: u64) {
        self.versions.push(Version { since, is_after_unknown: true, may_have_left: false, ..version });
        self.show();
    }

    /// Shows the next write; returns its revision.
    pub(super) fn show(&mut self) -> u64 {
        let Some(version) = self.versions.get(self.shown) else { return 0 };
        let (key, revision) = (version.facts.key(), version.revision);
        let (was, is) = (self.live(&key).is_some(), version.change != Change::Deleted);
        self.count = self.count + usize::from(is) - usize::from(was);
        match self.by_key.get_mut(&key) {
            Some(history) => history.push(self.shown),
            None => _ = self.by_key.insert(key, vec![self.shown]),
        }
        self.shown += 1;
        revision
    }

    /// Forgets what there was, as when the storage is replaced.
    pub(super) fn clear(&mut self) {
        self.by_key.clear();
        self.count = 0;
        self.first = self.shown;
    }

    /// Goes back to before the first write.
    pub(super) fn rewind(&mut self) {
        self.by_key.clear();
        (self.shown, self.count, self.first) = (0, 0, 0);
        self.scopes = Scopes::default();
    }

    /// Index of the first write after a revision.
    pub(super) fn after(&self, revision: u64) -> usize {
        self.first + self.versions[self.first..self.shown].partition_point(|version| version.since <= revision)
    }

    /// The write with this index.
    pub(super) fn version(&self, index: usize) -> Option<&Version> {
        self.versions[..self.shown].get(index)
    }

    /// The namespaces of all objects ever written, in order; empty for cluster-scoped ones.
    pub(super) fn namespaces(&self) -> BTreeSet<SmolStr> {
        let mut names = BTreeSet::new();
        for version in &self.versions {
            if !names.contains(&version.facts.namespace) {
                names.insert(version.facts.namespace.clone());
            }
        }
        names
    }

    /// True when none of its objects is in a namespace, and there are some.
    pub(super) fn is_cluster_wide(&self) -> bool {
        self.versions.first().is_some_and(|version| version.facts.namespace.is_empty())
    }

    /// The last write of every object, with the object.
    pub(super) fn newest(&self) -> impl Iterator<Item = (&Version, Bytes)> {
        let last = self.by_key.values().filter_map(|history| Some(&self.versions[*history.last()?]));
        last.map(|version| (version, self.log.line(version.place).slice(version.marks.object.clone())))
    }

    /// Whether the last write made an object, or changed what `state` says of one.
    pub(super) fn has_changed(&self, state: impl Fn(&[u8]) -> String) -> bool {
        let Some(last) = self.shown.checked_sub(1).map(|index| &self.versions[index]) else { return false };
        let state = |version: &Version| state(&self.log.line(version.place)[version.marks.object.clone()]);
        last.change != Change::Deleted
            && last.previous.is_none_or(|previous| state(&self.versions[previous]) != state(last))
    }

    /// How many objects there are.
    pub(super) fn count(&self) -> usize {
        self.count
    }

    /// Number of writes so far.
    pub(super) fn len(&self) -> usize {
        self.shown
    }

    /// Whether it is known what an object was at a revision, from its own history.
    pub(super) fn knows(&self, key: &str, revision: u64) -> bool {
        let Some(history) = self.by_key.get(key) else { return false };
        let known = history.partition_point(|index| self.versions[*index].revision <= revision);
        let is = known.checked_sub(1).map(|index| &self.versions[history[index]]);
        let next = history.get(known).map(|index| &self.versions[*index]);
        match (is, next) {
            (Some(is), _) if is.revision == revision => true,
            (_, Some(next)) => !next.is_after_unknown,
            // It may have been there again since.
            (Some(is), None) => is.since <= revision && is.change != Change::Deleted,
            (None, None) => false,
        }
    }

    /// Whether an object may have been out of the selection of the recording at a revision.
    pub(super) fn may_have_left(&self, key: &str, revision: u64) -> bool {
        let history = self.by_key.get(key).map_or(&[][..], Vec::as_slice);
        let known = history.partition_point(|index| self.versions[*index].revision <= revision);
        known.checked_sub(1).is_some_and(|last| self.versions[history[last]].may_have_left)
    }

    /// The objects that existed at a revision and match a selection, in key order from a key on: keys and indexes.
    pub(super) fn at<'a>(
        &'a self,
        revision: u64,
        selection: &'a Selection,
        from: &'a str,
    ) -> impl Iterator<Item = (&'a str, usize)> {
        let (start, end) = match selection.only_name() {
            Some(name) if !selection.scope.namespace.is_empty() => {
                let key = format!("{}/{name}", selection.scope.namespace);
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

    /// All consecutive lines of one segment from an index up to another, without any selection, and the index after
    /// them.
    pub(super) fn run(&self, from: usize, to: usize) -> Option<(Bytes, usize)> {
        let upcoming = self.versions.get(from..to.min(self.shown))?;
        let first = upcoming.first()?;
        let count = upcoming.partition_point(|version| version.place.segment == first.place.segment);
        let last = &upcoming[count - 1];
        Some((self.log.run(first.place, last.place), from + count))
    }

    /// The event that a watch with a selection gets for a write: none, the write, or that the object entered or left.
    pub(super) fn event(&self, index: usize, selection: &Selection, form: &Printing) -> Option<Bytes> {
        let version = self.version(index)?;
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
    pub(super) fn line(&self, version: &Version, change: Change, form: &Printing) -> Bytes {
        if form.is_full() && change == version.change {
            return self.log.line(version.place);
        }
        let line = self.log.line(version.place);
        form.event(change, &line[version.marks.object.clone()], &line[version.marks.metadata.clone()])
    }

    /// Appends an item of a list, with or without `kind` and `apiVersion`.
    pub(super) fn write(&self, out: &mut Vec<u8>, version: &Version, form: &Printing, typed: bool) {
        let line = self.log.line(version.place);
        if form.is_full() && !typed {
            out.push(b'{');
            out.extend_from_slice(&line[version.marks.members.clone()]);
            out.push(b'}');
        } else {
            form.item(out, &line[version.marks.object.clone()], &line[version.marks.metadata.clone()]);
        }
    }

    /// One object as the response to a GET.
    pub(super) fn object(&self, version: &Version, form: &Printing) -> Vec<u8> {
        let line = self.log.line(version.place);
        form.single(&line[version.marks.object.clone()], &line[version.marks.metadata.clone()])
    }

    /// The event for an object that left the selection: DELETED, in its last state inside, with the version of the
    /// write that removed it (as from a real server's watch cache).
    fn left(&self, was: &Version, now: &Version, form: &Printing) -> Bytes {
        let line = self.log.line(was.place);
        let part = |shown: &Range<usize>| {
            let mut object = line[shown.start..was.marks.version.start].to_vec();
            object.extend_from_slice(itoa::Buffer::new().format(now.revision).as_bytes());
            object.extend_from_slice(&line[was.marks.version.end..shown.end]);
            object
        };
        form.event(Change::Deleted, &part(&was.marks.object), &part(&was.marks.metadata))
    }

    /// The event of a bookmark; `shape` determines the members besides the metadata.
    pub(super) fn bookmark(&self, revision: u64, initial_events_end: bool, form: &Printing, shape: Bookmark) -> Bytes {
        let metadata = if initial_events_end {
            format!("{{\"resourceVersion\":\"{revision}\",\"annotations\":{{\"k8s.io/initial-events-end\":\"true\"}}}}")
        } else {
            format!("{{\"resourceVersion\":\"{revision}\"}}")
        };
        let kind = type_members(&self.resource);
        let object = format!("{{{kind}\"metadata\":{metadata}{}}}", shape.other_members(&self.resource));
        form.bookmark(object.as_bytes(), metadata.as_bytes())
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
