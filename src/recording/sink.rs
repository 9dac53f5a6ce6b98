//! The file under a recording: plain, or zstd frames when it is named `.zst`.
//!
//! A zstd frame is closed at every fsync, so that what is on the disk is always a file that any zstd reads; a torn
//! last frame loses nothing that was synced.

use std::fs::File;
use std::io::{self, Write};
use std::mem;
use zstd::stream::write::Encoder;

/// Level 3 is zstd's own default: about a tenth of the size at the speed of a disk.
const LEVEL: i32 = 3;

/// Where bytes of a recording go.
pub enum Sink {
    /// JSON Lines as they are.
    Plain(File),
    /// A sequence of zstd frames.
    Zst(Frame),
}

/// The frame that is being written.
pub enum Frame {
    /// None is open.
    Between(File),
    /// This one.
    Open(Box<Encoder<'static, File>>),
    /// A write failed in the middle of it.
    Failed,
}

impl Sink {
    /// Writes all of `bytes`; they are readable by others afterwards.
    pub fn write(&mut self, bytes: &[u8]) -> io::Result<()> {
        match self {
            Self::Plain(file) => file.write_all(bytes),
            Self::Zst(frame) => {
                let mut encoder = match mem::replace(frame, Frame::Failed) {
                    Frame::Between(file) => Box::new(Encoder::new(file, LEVEL)?),
                    Frame::Open(encoder) => encoder,
                    Frame::Failed => return Err(io::Error::other("an earlier write failed")),
                };
                encoder.write_all(bytes)?;
                encoder.flush()?;
                *frame = Frame::Open(encoder);
                Ok(())
            }
        }
    }

    /// Closes the open frame, if there is one: what was written is a complete file.
    pub fn seal(&mut self) -> io::Result<()> {
        if let Self::Zst(frame) = self
            && let Frame::Open(encoder) = mem::replace(frame, Frame::Failed)
        {
            *frame = Frame::Between(encoder.finish()?);
        }
        Ok(())
    }
}
