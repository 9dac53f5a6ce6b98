//! The file under a recording: plain, or zstd frames when it is named `.zst`.
//!
//! A zstd frame is closed at every fsync, so that what is on the disk is always a file that any zstd reads; a torn
//! last frame loses nothing that was synced.

use std::fs::File;
use std::io::{self, Read, Write};
use std::mem;
use std::path::Path;
use zstd::stream::raw::{Decoder, InBuffer, Operation, OutBuffer};
use zstd::stream::write::Encoder;

/// Level 3 is zstd's own default: about a tenth of the size at the speed of a disk.
const LEVEL: i32 = 3;

/// Where bytes of a recording go.
pub enum Sink {
    /// JSON Lines, not compressed.
    Plain(File),
    /// A sequence of zstd frames.
    Zst(Frame),
}

/// The frame that is being written.
pub enum Frame {
    /// Between two frames: the last one is complete.
    Between(File),
    /// A zstd frame that lines are being written to.
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

    /// Cuts the file after its first `whole_bytes` of lines. What a torn frame held of whole lines is written anew.
    pub fn cut(&mut self, path: &Path, whole_bytes: u64) -> io::Result<()> {
        match self {
            Self::Plain(file) => file.set_len(whole_bytes),
            Self::Zst(frame) => {
                let Frame::Between(file) = frame else { return Err(io::Error::other("a frame is open")) };
                let Coverage { sealed_bytes, sealed_plain_bytes, mut rest } = tail(File::open(path)?)?;
                let keep = usize::try_from(whole_bytes.saturating_sub(sealed_plain_bytes)).unwrap_or(usize::MAX);
                rest.truncate(keep);
                file.set_len(sealed_bytes)?;
                if rest.is_empty() { Ok(()) } else { self.write(&rest).and_then(|()| self.seal()) }
            }
        }
    }

    /// Closes the open frame, if there is one: what was written is a complete file.
    pub fn seal(&mut self) -> io::Result<()> {
        let Self::Zst(frame) = self else { return Ok(()) };
        *frame = match mem::replace(frame, Frame::Failed) {
            Frame::Open(encoder) => Frame::Between(encoder.finish()?),
            Frame::Between(file) => Frame::Between(file),
            Frame::Failed => return Err(io::Error::other("an earlier write failed")),
        };
        Ok(())
    }
}

/// Where the last complete frame of a file ends, and what the torn one after it holds.
struct Coverage {
    sealed_bytes: u64,
    sealed_plain_bytes: u64,
    rest: Vec<u8>,
}

fn tail(mut file: File) -> io::Result<Coverage> {
    let mut decoder = Decoder::new()?;
    let mut tail = Coverage { sealed_bytes: 0, sealed_plain_bytes: 0, rest: Vec::new() };
    let (mut input, mut output) = (vec![0; 1 << 17], vec![0; 1 << 17]);
    let mut read_bytes = 0;
    loop {
        let length = file.read(&mut input)?;
        if length == 0 {
            return Ok(tail);
        }
        let mut source = InBuffer::around(&input[..length]);
        loop {
            let mut target = OutBuffer::around(&mut output[..]);
            let hint = decoder.run(&mut source, &mut target)?;
            let written = target.pos();
            tail.rest.extend_from_slice(&output[..written]);
            if hint == 0 {
                tail.sealed_bytes = read_bytes + source.pos() as u64;
                tail.sealed_plain_bytes += tail.rest.len() as u64;
                tail.rest.clear();
                decoder.reinit()?;
            }
            if source.pos() == length && written < output.len() {
                break;
            }
        }
        read_bytes += length as u64;
    }
}
