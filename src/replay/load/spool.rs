//! The objects of a recording, one after the other in large pieces of memory, until they are in the store. Such pieces go
//! back to the system when they are freed; many small ones would not.

use bytes::{Bytes, BytesMut};

/// Size in bytes of a piece: more than what an allocator keeps for itself. What is not written takes no memory.
const PIECE: usize = 33 << 20;

/// Keeps objects as text.
#[derive(Debug, Default)]
pub(super) struct Spool {
    room: BytesMut,
}

impl Spool {
    pub(super) fn keep(&mut self, text: &str) -> Bytes {
        if self.room.capacity() < text.len() {
            self.room = BytesMut::with_capacity(PIECE.max(text.len()));
        }
        self.room.extend_from_slice(text.as_bytes());
        self.room.split().freeze()
    }
}
