//! Splits a stream of chunks into lines, wherever the chunks end.

use crate::observation::{Undecodable, WatchId, digest};
use bytes::{Bytes, BytesMut};
use memchr::memchr;

/// Longest line of a stream. The largest object that an API server stores is about a tenth of it.
pub(super) const MAX_LINE_BYTES: usize = 16 << 20;

/// The rest of a chunk that ended in the middle of a line.
#[derive(Debug, Default)]
pub(super) struct Lines {
    rest: BytesMut,
}

/// A line exceeds [`MAX_LINE_BYTES`], so that what follows it in the stream cannot be found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct TooLong;

impl TooLong {
    /// The record of such a line, which is not read to its end.
    pub(super) fn undecodable(watch: WatchId) -> Undecodable {
        Undecodable {
            watch,
            error: format!("a line is longer than {} MiB", MAX_LINE_BYTES >> 20),
            length: MAX_LINE_BYTES as u64,
            digest: digest(&[]),
            ..Undecodable::default()
        }
    }
}

impl Lines {
    /// Calls `take` with each line that the chunk completes, without line ends. Empty lines are skipped.
    ///
    /// # Errors
    /// [`TooLong`] after the last line that is short enough; the rest of the stream must not be read.
    pub(super) fn push(&mut self, mut chunk: Bytes, mut take: impl FnMut(&[u8])) -> Result<(), TooLong> {
        if !self.rest.is_empty() {
            let end = memchr(b'\n', &chunk);
            if self.rest.len() + end.unwrap_or(chunk.len()) > MAX_LINE_BYTES {
                self.rest = BytesMut::new();
                return Err(TooLong);
            }
            let Some(end) = end else {
                self.rest.extend_from_slice(&chunk);
                return Ok(());
            };
            self.rest.extend_from_slice(&chunk.split_to(end + 1)[..end]);
            let line = self.rest.split();
            emit(&line, &mut take);
        }
        let mut start = 0;
        while let Some(length) = memchr(b'\n', &chunk[start..]) {
            if length > MAX_LINE_BYTES {
                return Err(TooLong);
            }
            emit(&chunk[start..start + length], &mut take);
            start += length + 1;
        }
        if chunk.len() - start > MAX_LINE_BYTES {
            return Err(TooLong);
        }
        self.rest.extend_from_slice(&chunk[start..]);
        Ok(())
    }

    /// True when the stream ended in the middle of a line, which was then not delivered.
    #[must_use]
    pub(super) fn is_torn(&self) -> bool {
        !self.rest.is_empty()
    }
}

fn emit(line: &[u8], take: &mut impl FnMut(&[u8])) {
    if !line.is_empty() {
        take(line);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_line_that_is_too_long_is_refused_before_it_is_held_and_the_lines_before_it_are_delivered() {
        for (size, ends) in [(1 << 10, false), (1 << 20, true), (MAX_LINE_BYTES + 1, true)] {
            let mut splitter = Lines::default();
            let mut delivered = 0;
            splitter.push(Bytes::from_static(b"a\nb"), |_| delivered += 1).expect("short");
            let chunk = Bytes::from(vec![b'x'; size]);
            let mut pushed = Ok(());
            let mut bytes = 1;
            while pushed.is_ok() && bytes < 4 * MAX_LINE_BYTES {
                bytes += size;
                pushed = splitter.push(chunk.clone(), |_| delivered += 1);
                assert!(splitter.rest.len() <= MAX_LINE_BYTES);
                if ends && pushed.is_ok() && bytes + 1 > MAX_LINE_BYTES {
                    pushed = splitter.push(Bytes::from_static(b"\n"), |_| delivered += 1);
                }
            }
            assert_eq!((pushed, delivered), (Err(TooLong), 1), "in pieces of {size}");
        }
    }

    proptest! {
        #[test]
        fn lines_are_the_same_however_the_chunks_fall(
            lines in prop::collection::vec("[a-z]{1,12}", 0..8),
            cuts in prop::collection::vec(0usize..100, 0..12),
        ) {
            let text: String = lines.iter().flat_map(|line| [line, "\n"]).collect();
            let mut at: Vec<usize> = cuts.iter().map(|cut| cut % (text.len() + 1)).collect();
            at.extend([0, text.len()]);
            at.sort_unstable();
            let mut splitter = Lines::default();
            let mut found = Vec::new();
            for pair in at.windows(2) {
                let chunk = Bytes::copy_from_slice(&text.as_bytes()[pair[0]..pair[1]]);
                let pushed = splitter.push(chunk, |line| found.push(String::from_utf8_lossy(line).into_owned()));
                prop_assert_eq!(pushed, Ok(()));
            }
            prop_assert_eq!(found, lines);
            prop_assert!(!splitter.is_torn());
        }
    }
}
