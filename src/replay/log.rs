//! Watch lines stored contiguously in a few large segments, so that a watch with a backlog is served with slices,
//! without copying events.
//!
//! Nothing is forgotten: compaction limits what clients may ask for, not memory.

use bytes::Bytes;

/// Size of a segment in bytes, and of the largest single write to a client.
const SEGMENT: usize = 256 * 1024;

/// Location of a line.
#[derive(Clone, Copy, Debug)]
pub(super) struct Place {
    /// Index of the segment.
    pub segment: usize,
    start: usize,
    end: usize,
}

/// The lines of one collection.
#[derive(Debug, Default)]
pub(super) struct Log {
    sealed: Vec<Bytes>,
    open: Vec<u8>,
}

impl Log {
    /// Appends a line.
    pub(super) fn push(&mut self, line: &[u8]) -> Place {
        if !self.open.is_empty() && self.open.len() + line.len() > SEGMENT {
            self.sealed.push(std::mem::replace(&mut self.open, Vec::with_capacity(SEGMENT)).into());
        }
        let start = self.open.len();
        self.open.extend_from_slice(line);
        Place { segment: self.sealed.len(), start, end: self.open.len() }
    }

    /// One line.
    pub(super) fn line(&self, place: Place) -> Bytes {
        self.run(place, place)
    }

    /// All lines from one to another of the same segment, without copying if the segment is full.
    pub(super) fn run(&self, first: Place, last: Place) -> Bytes {
        debug_assert_eq!(first.segment, last.segment);
        match self.sealed.get(first.segment) {
            Some(segment) => segment.slice(first.start..last.end),
            None => Bytes::copy_from_slice(&self.open[first.start..last.end]),
        }
    }
}
