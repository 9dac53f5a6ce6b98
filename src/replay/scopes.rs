//! What a recording knows of the namespaces of a collection: in which spans of revisions, and where a client has to list
//! again.
//!
//! A watch of a recording is of one namespace or of all. Where a store is filled by code, everything is known.

use smol_str::SmolStr;
use std::collections::BTreeMap;

/// What is known of the namespaces of a collection.
#[derive(Debug, Default)]
pub(super) struct Scopes {
    /// By the namespace of a watch of the recording, empty for all.
    known: BTreeMap<SmolStr, Known>,
    /// Where streams break off, in order.
    breaks: Vec<Break>,
    bookmarks: Vec<Mark>,
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

/// Before this write, a stream of this namespace lost something: its client must list again.
#[derive(Debug)]
struct Break {
    scope: SmolStr,
    index: usize,
    /// Up to where streams get everything before they break off.
    revision: u64,
}

/// Before this write, the recorded server sent a bookmark.
#[derive(Debug)]
struct Mark {
    scope: SmolStr,
    index: usize,
    revision: u64,
}

impl Scopes {
    /// From now on, a watch knows what there is from a revision on, at which a list shows it.
    pub(super) fn list(&mut self, scope: &SmolStr, index: usize, revision: u64) {
        self.break_off(scope, index);
        let known = self.known.entry(scope.clone()).or_default();
        known.spans.push(Span { from: revision, to: None });
        known.is_lost = false;
    }

    /// From now on, a watch knows nothing that is newer than a revision.
    pub(super) fn freeze(&mut self, scope: &SmolStr, revision: u64) {
        if let Some(span) = self.known.entry(scope.clone()).or_default().spans.last_mut() {
            span.to = Some(revision);
        }
    }

    /// From now on, a watch knows nothing.
    pub(super) fn lose(&mut self, scope: &SmolStr, index: usize) {
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
        self.bookmarks.clear();
    }

    /// The recorded server sent a bookmark.
    pub(super) fn bookmark(&mut self, scope: &SmolStr, index: usize, revision: u64) {
        self.bookmarks.push(Mark { scope: scope.clone(), index, revision });
    }

    fn break_off(&mut self, scope: &SmolStr, index: usize) {
        let known = self.known.entry(scope.clone()).or_default();
        let revision = known.spans.last().and_then(|span| span.to).unwrap_or_default();
        self.breaks.push(Break { scope: scope.clone(), index, revision });
    }

    /// Whether everything of a namespace, or of all, is known at a revision.
    pub(super) fn knows(&self, namespace: &str, revision: u64) -> bool {
        let within = |span: &Span| span.from <= revision && span.to.is_none_or(|to| revision <= to);
        self.of(namespace).all(|known| known.spans.iter().any(within))
    }

    /// The revision from which on it is known without interruption.
    pub(super) fn oldest(&self, namespace: &str) -> u64 {
        self.of(namespace).filter_map(|known| known.spans.last()).map(|span| span.from).max().unwrap_or_default()
    }

    /// The revision after which nothing is known of it, if a gap has begun.
    pub(super) fn until(&self, namespace: &str) -> Option<u64> {
        self.of(namespace).filter_map(|known| known.spans.last()?.to).min()
    }

    /// Whether nothing is known of what there is now.
    pub(super) fn is_lost(&self, namespace: &str) -> bool {
        self.of(namespace).any(|known| known.is_lost)
    }

    /// The number of bookmarks before a write.
    pub(super) fn bookmarks_before(&self, index: usize) -> usize {
        self.bookmarks.partition_point(|mark| mark.index < index)
    }

    /// The number of breaks that a stream from a revision on has behind it.
    pub(super) fn breaks_before(&self, namespace: &str, revision: u64) -> usize {
        let ahead = |broken: &Break| concerns(&broken.scope, namespace) && broken.revision >= revision;
        self.breaks.iter().position(ahead).unwrap_or(self.breaks.len())
    }

    /// Index of the write at which a stream of this namespace breaks off that has a number of breaks behind it.
    pub(super) fn next_break(&self, namespace: &str, behind: usize) -> Option<usize> {
        let later = self.breaks.get(behind..)?;
        later.iter().find(|broken| concerns(&broken.scope, namespace)).map(|broken| broken.index)
    }

    /// The next bookmark of a stream of this namespace that has met a number of them: the index of the write that it is
    /// before, its revision, and the number of those met with it.
    pub(super) fn next_bookmark(&self, namespace: &str, met: usize) -> Option<(usize, u64, usize)> {
        let mut later = self.bookmarks.get(met..)?.iter().enumerate();
        let (skipped, mark) = later.find(|(_, mark)| mark.scope == namespace)?;
        Some((mark.index, mark.revision, met + skipped + 1))
    }

    fn of(&self, namespace: &str) -> impl Iterator<Item = &Known> {
        self.known.iter().filter(move |(scope, _)| concerns(scope, namespace)).map(|(_, known)| known)
    }
}

/// Whether what happens to a watch of a namespace, or of all, concerns requests for a namespace, or for all.
fn concerns(scope: &str, namespace: &str) -> bool {
    scope.is_empty() || namespace.is_empty() || scope == namespace
}
