//! Watch lines one behind the other in a few large pieces, so that a watch with a backlog is served by handing out
//! slices instead of copying events.
//!
//! It refuses to forget: compaction is a rule about what may be asked, not about memory.

use bytes::Bytes;

/// Size of a piece; the largest single write to a client as well.
const SEGMENT: usize = 256 * 1024;

/// Where a line lies.
#[derive(Clone, Copy, Debug)]
pub(super) struct Place {
    /// Which piece.
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
    /// Keeps a line.
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

    /// All lines from one to another of the same piece, without a copy when the piece is full.
    pub(super) fn run(&self, first: Place, last: Place) -> Bytes {
        debug_assert_eq!(first.segment, last.segment);
        match self.sealed.get(first.segment) {
            Some(segment) => segment.slice(first.start..last.end),
            None => Bytes::copy_from_slice(&self.open[first.start..last.end]),
        }
    }
}
