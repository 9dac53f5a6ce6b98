//! What a line of a recording, or several of them, say of the server's storage.

use crate::observation::Change;
use serde_json::value::RawValue;
use smol_str::SmolStr;
use std::time::Duration;

/// Something that was in the storage from a revision on.
#[derive(Debug)]
pub(super) struct Operation {
    pub collection: usize,
    /// The namespace of its watch, empty for all.
    pub scope: SmolStr,
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
    Write { change: Change, object: Box<RawValue> },
    /// A list: versions that are new in it, oldest first, and the keys of objects that are gone.
    List {
        listed: Vec<Listed>,
        gone: Vec<String>,
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
    /// The storage was replaced.
    Replace,
}

/// A version that is new in a list.
#[derive(Debug)]
pub(super) struct Listed {
    pub change: Change,
    pub revision: u64,
    /// Whether the object may have had other versions before it.
    pub is_after_unknown: bool,
    pub object: Box<RawValue>,
}
