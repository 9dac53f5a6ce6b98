//! What a line of a recording, or several of them, say of the server's storage.

use crate::observation::Change;
use crate::replay::scopes::Scope;
use bytes::Bytes;
use std::collections::BTreeMap;
use std::time::Duration;

/// Something that was in the storage from a revision on.
#[derive(Debug)]
pub(super) struct Operation {
    pub collection: usize,
    /// That of its watch.
    pub scope: Scope,
    pub storage: usize,
    /// How often the storage was replaced before it.
    pub epoch: u32,
    pub revision: u64,
    /// When it was recorded, since the start of the recording.
    pub at: Duration,
    /// Number of the line.
    pub seq: u64,
    pub what: What,
}

/// What it is.
#[derive(Debug)]
pub(super) enum What {
    /// A write.
    Write(Written),
    /// A list: versions that are new in it, oldest first; the keys of objects that are gone; the keys and versions of those
    /// that are there as before.
    List {
        listed: Vec<Written>,
        gone: Vec<String>,
        unchanged: Vec<(String, u64)>,
        /// Whether it is the first of a watch, whose resource was served from the start.
        is_first: bool,
        /// Whether it shows all there is.
        is_proven: bool,
    },
    /// Nothing is known of what was after its revision.
    Freeze,
    /// Nothing is known of what there is.
    Lose,
    /// The server confirmed that everything up to its revision was delivered.
    Bookmark,
    /// The server does not serve the resource.
    Withhold,
    /// The storage was replaced, and nothing is known of these collections but in some scopes.
    Replace(BTreeMap<usize, Vec<Scope>>),
}

/// A version of an object.
#[derive(Debug)]
pub(super) struct Written {
    pub change: Change,
    pub revision: u64,
    /// Whether the object may have had other versions before it.
    pub is_after_unknown: bool,
    /// Whether a deletion may be that it left the selection of its watch.
    pub may_have_left: bool,
    pub object: Bytes,
}
