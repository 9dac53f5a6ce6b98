//! Splits a stream of chunks into lines, however the chunks fall.

use bytes::{Bytes, BytesMut};
use memchr::memchr;

/// The rest of a chunk that ended in the middle of a line.
#[derive(Debug, Default)]
pub struct Lines {
    rest: BytesMut,
}

impl Lines {
    /// Calls `take` with each line that the chunk completes, without line ends. Empty lines are skipped.
    pub fn push(&mut self, mut chunk: Bytes, mut take: impl FnMut(&[u8])) {
        if !self.rest.is_empty() {
            let Some(end) = memchr(b'\n', &chunk) else {
                self.rest.extend_from_slice(&chunk);
                return;
            };
            self.rest.extend_from_slice(&chunk.split_to(end + 1)[..end]);
            let line = self.rest.split();
            emit(&line, &mut take);
        }
        let mut start = 0;
        while let Some(length) = memchr(b'\n', &chunk[start..]) {
            emit(&chunk[start..start + length], &mut take);
            start += length + 1;
        }
        self.rest.extend_from_slice(&chunk[start..]);
    }

    /// True when the stream ended in the middle of a line: that line was never delivered.
    #[must_use]
    pub fn is_torn(&self) -> bool {
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
                splitter.push(chunk, |line| found.push(String::from_utf8_lossy(line).into_owned()));
            }
            prop_assert_eq!(found, lines);
            prop_assert!(!splitter.is_torn());
        }
    }
}
