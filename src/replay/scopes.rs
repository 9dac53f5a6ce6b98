//! What a recording knows of a collection: of which namespaces and names, in which spans of revisions, and where a client
//! has to list again.
//!
//! Where a store is filled by code, everything is known.

use crate::observation::Watch;
use smol_str::SmolStr;
use std::collections::BTreeMap;

/// The part of a collection that a watch of a recording, or a request, is about.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Scope {
    /// Empty for all namespaces.
    pub namespace: SmolStr,
    /// Empty for all names.
    pub name: SmolStr,
}

impl Scope {
    pub(super) fn of(watch: &Watch) -> Self {
        Self { namespace: watch.namespace.clone(), name: watch.only_name().unwrap_or_default().into() }
    }

    /// Whether an object can be in both.
    pub(super) fn overlaps(&self, other: &Self) -> bool {
        let overlap = |one: &SmolStr, other: &SmolStr| one.is_empty() || other.is_empty() || one == other;
        overlap(&self.namespace, &other.namespace) && overlap(&self.name, &other.name)
    }
}

/// What is known of the parts of a collection.
#[derive(Debug, Default)]
pub(super) struct Scopes {
    /// By the scope of a watch of the recording.
    known: BTreeMap<Scope, Known>,
    /// Where streams break off, in order.
    breaks: Vec<Break>,
    bookmarks: Vec<Mark>,
    /// How many of them are of a storage that was replaced.
    old_bookmarks: usize,
}

/// What one watch of the recording knows.
#[derive(Debug, Default)]
struct Known {
    /// In order. The last one may be open: up to now.
    spans: Vec<Span>,
    /// Nothing is known of what there is now.
    is_lost: bool,
}

/// Everything is known from one revision up to another.
#[derive(Clone, Copy, Debug)]
struct Span {
    from: u64,
    to: Option<u64>,
}

/// Before this write, a stream of this scope lost something: its client must list again.
#[derive(Debug)]
struct Break {
    scope: Scope,
    index: usize,
    /// Up to where streams get everything before they break off.
    revision: u64,
}

/// Before this write, the recorded server sent a bookmark.
#[derive(Debug)]
struct Mark {
    scope: Scope,
    index: usize,
    revision: u64,
}

impl Scopes {
    /// From now on, a watch knows what there is from a revision on, at which a list shows it.
    pub(super) fn list(&mut self, scope: &Scope, index: usize, revision: u64) {
        self.break_off(scope, index);
        let known = self.known.entry(scope.clone()).or_default();
        known.spans.push(Span { from: revision, to: None });
        known.is_lost = false;
    }

    /// From now on, a watch knows nothing that is newer than a revision.
    pub(super) fn freeze(&mut self, scope: &Scope, revision: u64) {
        if let Some(span) = self.known.entry(scope.clone()).or_default().spans.last_mut() {
            span.to = Some(revision);
        }
    }

    /// From now on, a watch knows nothing.
    pub(super) fn lose(&mut self, scope: &Scope, index: usize) {
        self.break_off(scope, index);
        self.known.entry(scope.clone()).or_default().is_lost = true;
    }

    /// The storage was replaced: nothing of what was known is.
    pub(super) fn forget(&mut self, index: usize) {
        for scope in self.known.keys().cloned().collect::<Vec<_>>() {
            self.lose(&scope, index);
        }
        self.known.values_mut().for_each(|known| known.spans.clear());
        // They concern streams that have started before.
        self.breaks.iter_mut().for_each(|broken| broken.revision = 0);
        self.old_bookmarks = self.bookmarks.len();
    }

    /// The recorded server sent a bookmark.
    pub(super) fn bookmark(&mut self, scope: &Scope, index: usize, revision: u64) {
        self.bookmarks.push(Mark { scope: scope.clone(), index, revision });
    }

    fn break_off(&mut self, scope: &Scope, index: usize) {
        let known = self.known.entry(scope.clone()).or_default();
        let revision = known.spans.last().and_then(|span| span.to).unwrap_or_default();
        self.breaks.push(Break { scope: scope.clone(), index, revision });
    }

    /// Whether everything of a scope is known at a revision.
    pub(super) fn knows(&self, scope: &Scope, revision: u64) -> bool {
        let within = |span: &Span| span.from <= revision && span.to.is_none_or(|to| revision <= to);
        self.of(scope).all(|known| known.spans.iter().any(within))
    }

    /// The revision from which on it is known without interruption.
    pub(super) fn oldest(&self, scope: &Scope) -> u64 {
        self.of(scope).filter_map(|known| known.spans.last()).map(|span| span.from).max().unwrap_or_default()
    }

    /// The revision after which nothing is known of it, if a gap has begun.
    pub(super) fn until(&self, scope: &Scope) -> Option<u64> {
        self.of(scope).filter_map(|known| known.spans.last()?.to).min()
    }

    /// Whether the recording has anything of a scope.
    pub(super) fn covers(&self, scope: &Scope) -> bool {
        self.known.is_empty() || self.of(scope).next().is_some()
    }

    /// What the recording has, in words: `namespace shop`, `shop/web`.
    pub(super) fn words(&self) -> String {
        let words = self.known.keys().map(|Scope { namespace, name }| match (namespace.as_str(), name.as_str()) {
            ("", "") => "all namespaces".to_owned(),
            (namespace, "") => format!("namespace {namespace}"),
            ("", name) => name.to_owned(),
            (namespace, name) => format!("{namespace}/{name}"),
        });
        words.collect::<Vec<_>>().join(", ")
    }

    /// Whether what there is now is known.
    pub(super) fn is_known(&self) -> bool {
        self.known.values().all(|known| !known.is_lost && known.spans.last().is_some_and(|span| span.to.is_none()))
    }

    /// Whether nothing is known of what there is now.
    pub(super) fn is_lost(&self, scope: &Scope) -> bool {
        self.of(scope).any(|known| known.is_lost)
    }

    /// The number of bookmarks before a write, and of a storage that was replaced.
    pub(super) fn bookmarks_before(&self, index: usize) -> usize {
        self.bookmarks.partition_point(|mark| mark.index < index).max(self.old_bookmarks)
    }

    /// The number of breaks that a stream from a revision on has behind it.
    pub(super) fn breaks_before(&self, scope: &Scope, revision: u64) -> usize {
        let ahead = |broken: &Break| broken.scope.overlaps(scope) && broken.revision >= revision;
        self.breaks.iter().position(ahead).unwrap_or(self.breaks.len())
    }

    /// Index of the write at which a stream of this scope breaks off that has a number of breaks behind it.
    pub(super) fn next_break(&self, scope: &Scope, behind: usize) -> Option<usize> {
        let later = self.breaks.get(behind..)?;
        later.iter().find(|broken| broken.scope.overlaps(scope)).map(|broken| broken.index)
    }

    /// The next bookmark of a stream of this scope that has met a number of them: the index of the write that it is
    /// before, its revision, and the number of those met with it.
    pub(super) fn next_bookmark(&self, scope: &Scope, met: usize) -> Option<(usize, u64, usize)> {
        let mut later = self.bookmarks.get(met..)?.iter().enumerate();
        let (skipped, mark) = later.find(|(_, mark)| mark.scope == *scope)?;
        Some((mark.index, mark.revision, met + skipped + 1))
    }

    fn of(&self, scope: &Scope) -> impl Iterator<Item = &Known> {
        self.known.iter().filter(move |(known, _)| known.overlaps(scope)).map(|(_, known)| known)
    }
}
