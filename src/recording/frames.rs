//! Decodes a sequence of zstd frames, and finds the end of the last complete one.
//!
//! A kill, a power loss or an interrupted copy leaves a frame without its end, or zeros in place of data: the text ends
//! there, and [`Frames::unfinished_bytes`] gives its length. Anything else that is not a frame is an error.

use std::io::{self, Read};
use zstd::stream::raw::{Decoder, InBuffer, Operation, OutBuffer};

const BUFFER: usize = 1 << 17;
/// A frame ends in at most this many zeros: those of an empty last block.
const LAST_ZEROS: u64 = 2;

/// True for the beginning of a gzip file (RFC 1952, section 2.3.1).
#[must_use]
pub(crate) fn is_gzip(start: &[u8]) -> bool {
    start.starts_with(&[0x1f, 0x8b])
}

/// True for the beginning of a file of zstd frames (RFC 8878, sections 3.1.1 and 3.1.2: a frame, or a skippable one).
#[must_use]
pub(crate) fn is_zstd(start: &[u8]) -> bool {
    match start {
        [0x28, 0xb5, 0x2f, 0xfd, ..] => true,
        [first, 0x2a, 0x4d, 0x18, ..] => first & 0xf0 == 0x50,
        _ => false,
    }
}

/// The decoded text of a source of zstd frames.
pub(super) struct Frames<R> {
    source: Unpadded<R>,
    decoder: Decoder<'static>,
    input: Box<[u8]>,
    start: usize,
    end: usize,
    /// The decoder may have more text, even without more input.
    is_full: bool,
    /// Bytes since the last complete frame.
    open_bytes: u64,
    /// How many of the zeros at the end of the file were taken as the end of a frame.
    released: u64,
    unfinished_bytes: Option<u64>,
    complete: Complete,
    plain_bytes: u64,
}

/// The extent of the complete frames.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Complete {
    /// Their size in the file, in bytes.
    pub bytes: u64,
    /// The size of their text, in bytes.
    pub plain_bytes: u64,
}

impl<R: Read> Frames<R> {
    /// Reads from `source`, which is at the beginning of a frame.
    /// Reads from `source`, which is at the beginning of a frame.
    /// # Errors
    /// When there is no memory for a decoder.
    pub(super) fn new(source: R) -> io::Result<Self> {
        Ok(Self {
            source: Unpadded { source, before: 0, data: vec![0; BUFFER].into(), start: 0, end: 0, behind: 0 },
            decoder: Decoder::new()?,
            input: vec![0; BUFFER].into(),
            start: 0,
            end: 0,
            is_full: false,
            open_bytes: 0,
            released: 0,
            unfinished_bytes: None,
            complete: Complete::default(),
            plain_bytes: 0,
        })
    }

    /// The complete frames that were read so far.
    pub(super) fn complete(&self) -> Complete {
        self.complete
    }

    /// How many bytes follow the last complete frame; known at the end.
    pub(super) fn unfinished_bytes(&self) -> u64 {
        self.unfinished_bytes.unwrap_or_default()
    }

    /// Reads more input; false at the end.
    fn fill(&mut self) -> io::Result<bool> {
        self.end = self.source.read(&mut self.input)?;
        self.start = 0;
        if self.end == 0 && self.open_bytes > 0 && self.released < LAST_ZEROS && self.source.before > 0 {
            (self.input[0], self.end) = (0, 1);
            self.source.before -= 1;
            self.released += 1;
        }
        Ok(self.end > 0)
    }

    fn ends(&mut self) {
        self.unfinished_bytes = Some(self.open_bytes + (self.end - self.start) as u64 + self.source.before);
    }
}

impl<R: Read> Read for Frames<R> {
    fn read(&mut self, text: &mut [u8]) -> io::Result<usize> {
        while self.unfinished_bytes.is_none() && !text.is_empty() {
            if self.start == self.end && !self.is_full && !self.fill()? {
                self.ends();
                break;
            }
            let mut source = InBuffer::around(&self.input[self.start..self.end]);
            let mut target = OutBuffer::around(&mut *text);
            let hint = match self.decoder.run(&mut source, &mut target) {
                // The zeros were not the end of the frame.
                Err(_) if self.released > 0 => {
                    self.ends();
                    break;
                }
                hint => hint?,
            };
            let (read, written) = (source.pos(), target.pos());
            self.start += read;
            self.open_bytes += read as u64;
            self.plain_bytes += written as u64;
            self.is_full = written == text.len();
            if hint == 0 && self.open_bytes > 0 {
                self.complete.bytes += std::mem::take(&mut self.open_bytes);
                self.complete.plain_bytes = self.plain_bytes;
                (self.is_full, self.released) = (false, 0);
                self.decoder.reinit()?;
            }
            if written > 0 {
                return Ok(written);
            }
        }
        Ok(0)
    }
}

/// A source without the zeros at its end.
struct Unpadded<R> {
    source: R,
    /// Zeros to return next, if anything but zeros follows them.
    before: u64,
    data: Box<[u8]>,
    start: usize,
    end: usize,
    /// Zeros after the data.
    behind: u64,
}

impl<R: Read> Read for Unpadded<R> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        while self.start == self.end {
            self.before += std::mem::take(&mut self.behind);
            let length = match self.source.read(&mut self.data) {
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                length => length?,
            };
            if length == 0 {
                return Ok(0);
            }
            self.start = 0;
            self.end = self.data[..length].iter().rposition(|byte| *byte != 0).map_or(0, |last| last + 1);
            self.behind = (length - self.end) as u64;
        }
        if self.before > 0 {
            let length = usize::try_from(self.before).unwrap_or(usize::MAX).min(out.len());
            out[..length].fill(0);
            self.before -= length as u64;
            return Ok(length);
        }
        let length = out.len().min(self.end - self.start);
        out[..length].copy_from_slice(&self.data[self.start..self.start + length]);
        self.start += length;
        Ok(length)
    }
}

/// An empty last block of a frame.
pub(super) const LAST_BLOCK: [u8; 3] = [1, 0, 0];

/// Where the last complete block ends in a frame without a last block (RFC 8878, sections 3.1.1.1 and 3.1.1.2).
pub(super) fn blocks_end(frame: &[u8]) -> Option<usize> {
    let descriptor = *frame.get(4)?;
    let is_single = descriptor & 0x20 != 0;
    let content_size = match descriptor >> 6 {
        0 => usize::from(is_single),
        flag => 1 << flag,
    };
    let dictionary = [0, 1, 2, 4][usize::from(descriptor & 3)];
    let mut end = 5 + usize::from(!is_single) + dictionary + content_size;
    while let Some(&[low, middle, high]) = frame.get(end..end + 3) {
        let header = u32::from_le_bytes([low, middle, high, 0]);
        let (is_last, is_run, size) = (header & 1 == 1, header >> 1 & 3 == 1, header >> 3);
        let next = end + 3 + if is_run { 1 } else { usize::try_from(size).ok()? };
        if is_last || next > frame.len() {
            break;
        }
        end = next;
    }
    (end <= frame.len()).then_some(end)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn frame(text: &str) -> Vec<u8> {
        zstd::stream::encode_all(text.as_bytes(), 3).expect("a Vec takes every byte")
    }

    fn read(bytes: &[u8]) -> io::Result<(String, Complete, u64)> {
        let mut frames = Frames::new(bytes)?;
        let mut text = String::new();
        frames.read_to_string(&mut text)?;
        Ok((text, frames.complete(), frames.unfinished_bytes()))
    }

    #[test]
    fn a_frame_that_is_cut_or_zero_filled_anywhere_is_unfinished_and_earlier_ones_are_complete() {
        let (first, second) = (frame("one\n"), frame(&"two\n".repeat(500)));
        let complete = Complete { bytes: first.len() as u64, plain_bytes: 4 };
        for length in 1..second.len() {
            for zeros in [0, 1, 2, 3, 4096, 1 << 18] {
                let mut bytes = [&first[..], &second[..length]].concat();
                bytes.resize(bytes.len() + zeros, 0);
                let (text, found, unfinished) = read(&bytes).unwrap_or_else(|error| panic!("{length}: {error}"));
                let is_whole = second[length..].iter().all(|byte| *byte == 0) && zeros >= second.len() - length;
                if !is_whole {
                    assert_eq!((found, unfinished), (complete, (length + zeros) as u64), "{length} and {zeros}");
                    assert!(text.starts_with("one\n"), "{length}");
                }
            }
        }
    }

    #[test]
    fn zeros_inside_a_file_are_not_its_end() {
        let bytes = [&frame("one\n")[..], &[0; 4096], &frame("two\n")[..]].concat();
        assert!(read(&bytes).is_err());
        assert!(read(&[&frame("one\n")[..], b"hello"].concat()).is_err());
        assert_eq!(read(&[frame("one\n"), frame("two\n")].concat()).expect("two frames").0, "one\ntwo\n");
    }
}
