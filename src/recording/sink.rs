//! The file under a recording: plain, or zstd frames.
//!
//! A zstd frame is closed at every sync, so that the file on disk can always be read by any zstd; a torn last frame
//! loses nothing that was synced.

use super::frames::{Frames, LAST_BLOCK, blocks_end};
use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom, Stdout, Write};
use std::mem;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use zstd::stream::write::Encoder;

/// Level 3 is zstd's own default: about a tenth of the size at the speed of a disk.
const LEVEL: i32 = 3;

/// Largest part of an unfinished frame that is rewritten, in bytes.
const MAX_REST_BYTES: usize = 256 << 20;

/// The destination of a recording's bytes.
pub(super) enum Sink {
    /// JSON Lines, not compressed.
    Plain(Appended),
    /// A sequence of zstd frames.
    Zst(Frame),
    /// Standard output: what is written is out of reach.
    Out(Stdout, Arc<AtomicU64>),
}

/// The frame that is being written.
pub(super) enum Frame {
    /// Between two frames: the last one is complete.
    Between(Appended),
    /// A zstd frame to which lines are being written.
    Open(Box<Encoder<'static, Appended>>),
    /// A write failed in the middle of it.
    Failed,
}

/// A file that is appended to, and its length according to what was written.
pub(super) struct Appended {
    file: File,
    bytes: u64,
    /// Bytes that were written to it, for whoever wants to know.
    written: Arc<AtomicU64>,
}

impl Appended {
    /// A file that has this many bytes.
    pub(super) fn new(file: File, bytes: u64) -> Self {
        Self { file, bytes, written: Arc::default() }
    }

    /// The file.
    pub(super) fn file(&self) -> &File {
        &self.file
    }

    /// Bytes that were written to it so far.
    pub(super) fn written(&self) -> Arc<AtomicU64> {
        Arc::clone(&self.written)
    }

    /// The length that the file must have.
    pub(super) fn bytes(&self) -> u64 {
        self.bytes
    }

    /// Cuts the file off after this many bytes. It never makes a file longer.
    fn cut(&mut self, bytes: u64) -> io::Result<()> {
        if self.file.metadata()?.len() < bytes {
            return Err(io::Error::other("it has become shorter since it was read"));
        }
        self.file.set_len(bytes)?;
        self.bytes = bytes;
        Ok(())
    }
}

impl Write for Appended {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let written = self.file.write(bytes)?;
        self.bytes += written as u64;
        self.written.fetch_add(written as u64, Relaxed);
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}

impl Sink {
    /// Writes all of `bytes`, so that other processes can read them.
    pub(super) fn write(&mut self, bytes: &[u8]) -> io::Result<()> {
        match self {
            Self::Plain(file) => file.write_all(bytes),
            Self::Out(out, written) => {
                out.write_all(bytes).and_then(|()| out.flush())?;
                written.fetch_add(bytes.len() as u64, Relaxed);
                Ok(())
            }
            Self::Zst(frame) => {
                let mut encoder = match mem::replace(frame, Frame::Failed) {
                    Frame::Between(file) => Box::new(Encoder::new(file, LEVEL)?),
                    Frame::Open(encoder) => encoder,
                    Frame::Failed => return Err(failed()),
                };
                encoder.write_all(bytes)?;
                encoder.flush()?;
                *frame = Frame::Open(encoder);
                Ok(())
            }
        }
    }

    /// Cuts the file off after the first `whole_bytes` of its text, which were read and found good. The part of them
    /// that is in an unfinished frame stays in place, or is rewritten if part of a line follows it.
    pub(super) fn cut(&mut self, whole_bytes: u64) -> io::Result<()> {
        match self {
            Self::Plain(file) => file.cut(whole_bytes),
            Self::Out(..) => Err(failed()),
            Self::Zst(frame) => {
                let Frame::Between(file) = frame else { return Err(failed()) };
                let (complete_bytes, rest) = rest(&file.file, whole_bytes)?;
                // A kill between the two steps loses nothing that could be read.
                if let Some(end) = closable(&file.file, complete_bytes, &rest)? {
                    file.cut(end)?;
                    return file.write_all(&LAST_BLOCK);
                }
                // Nothing is cut off before its replacement is ready to be written.
                let rest = if rest.is_empty() { rest } else { zstd::stream::encode_all(&*rest, LEVEL)? };
                file.cut(complete_bytes)?;
                file.write_all(&rest)
            }
        }
    }

    /// Closes the open frame, if there is one: the file is then complete.
    pub(super) fn seal(&mut self) -> io::Result<()> {
        let Self::Zst(frame) = self else { return Ok(()) };
        *frame = match mem::replace(frame, Frame::Failed) {
            Frame::Open(encoder) => Frame::Between(encoder.finish()?),
            Frame::Between(file) => Frame::Between(file),
            Frame::Failed => return Err(failed()),
        };
        Ok(())
    }

    /// Bytes that were written so far, whatever was in the file before.
    pub(super) fn written(&self) -> Arc<AtomicU64> {
        match self {
            Self::Out(_, written) => Arc::clone(written),
            Self::Plain(file) | Self::Zst(Frame::Between(file)) => file.written(),
            Self::Zst(Frame::Open(encoder)) => encoder.get_ref().written(),
            Self::Zst(Frame::Failed) => Arc::default(),
        }
    }

    /// The file, if it is one, unless a write failed in the middle of a frame.
    pub(super) fn appended(&self) -> io::Result<Option<&Appended>> {
        match self {
            Self::Out(..) => Ok(None),
            Self::Plain(file) | Self::Zst(Frame::Between(file)) => Ok(Some(file)),
            Self::Zst(Frame::Open(encoder)) => Ok(Some(encoder.get_ref())),
            Self::Zst(Frame::Failed) => Err(failed()),
        }
    }
}

fn failed() -> io::Error {
    io::Error::other("an earlier write failed")
}

/// Where the last complete frame ends that contains only the first `whole_bytes` of text, and the rest of those bytes.
fn rest(file: &File, whole_bytes: u64) -> io::Result<(u64, Vec<u8>)> {
    let mut source = file.try_clone()?;
    source.seek(SeekFrom::Start(0))?;
    let mut frames = Frames::new(source)?;
    let mut text = vec![0; 1 << 17];
    let (mut complete, mut rest) = (frames.complete(), Vec::new());
    loop {
        let length = frames.read(&mut text)?;
        rest.extend_from_slice(&text[..length]);
        let now = frames.complete();
        if now.plain_bytes <= whole_bytes && now != complete {
            let passed = usize::try_from(now.plain_bytes - complete.plain_bytes).unwrap_or(usize::MAX);
            rest.drain(..passed.min(rest.len()));
            complete = now;
        }
        if rest.len() > MAX_REST_BYTES {
            let message = "its last line is unfinished, in a large zstd frame: decompress the file, and resume that";
            return Err(io::Error::other(message));
        }
        if length == 0 {
            break;
        }
    }
    rest.truncate(usize::try_from(whole_bytes - complete.plain_bytes).unwrap_or(usize::MAX));
    Ok((complete.bytes, rest))
}

/// Where the blocks of the unfinished frame at `complete_bytes` end, if they contain the rest and nothing else.
fn closable(file: &File, complete_bytes: u64, rest: &[u8]) -> io::Result<Option<u64>> {
    if rest.is_empty() {
        return Ok(None);
    }
    let (mut source, mut frame) = (file.try_clone()?, Vec::new());
    source.seek(SeekFrom::Start(complete_bytes))?;
    source.read_to_end(&mut frame)?;
    let Some(end) = blocks_end(&frame) else { return Ok(None) };
    frame.truncate(end);
    frame.extend(LAST_BLOCK);
    let holds_rest = zstd::stream::decode_all(&*frame).is_ok_and(|text| text == rest);
    Ok(holds_rest.then_some(complete_bytes + end as u64))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_unfinished_frame_is_closed_in_place_and_rewritten_only_after_part_of_a_line() {
        let line = "{\"seq\":1}\n".repeat(40);
        for (torn, whole, is_kept) in [("", line.len(), true), ("{\"se", line.len(), false), ("", 10, false)] {
            let mut frame =
                Encoder::new(zstd::encode_all(&b"header\n"[..], LEVEL).expect("a frame"), LEVEL).expect("zstd");
            for text in [&line, torn] {
                frame.write_all(text.as_bytes()).and_then(|()| frame.flush()).expect("it is written");
            }
            // An unreadable part of a block follows.
            let readable = frame.get_ref().clone();
            let file = tempfile::Builder::new().append(true).tempfile().expect("a file");
            let mut file = file.into_file();
            file.write_all(&[&readable[..], &[0xfc, 0xff, 0x01, 7]].concat()).expect("it is written");
            let bytes = file.metadata().expect("a file").len();
            let mut sink = Sink::Zst(Frame::Between(Appended::new(file, bytes)));
            sink.cut(("header\n".len() + whole) as u64).expect("it is cut");
            let mut file = sink.appended().expect("no write failed").expect("a file").file.try_clone().expect("a file");
            let mut now = Vec::new();
            file.seek(SeekFrom::Start(0)).and_then(|_| file.read_to_end(&mut now)).expect("it is read");
            let text = zstd::decode_all(&*now).expect("complete frames");
            assert_eq!(text, format!("header\n{}", &line[..whole]).as_bytes());
            assert_eq!(now == [&readable[..], &LAST_BLOCK].concat(), is_kept, "{torn:?}, {whole} bytes");
        }
    }
}
