//! What a file contains, where another kind of file is expected: people mix up recordings, expectations and lines of a
//! watch, all of which are named on one command line.

use crate::expectation::API_VERSION;
use crate::recording::{BEGIN, is_gzip, is_zstd};
use std::fs::File;
use std::io::Read;
use std::path::Path;

/// What a file contains instead of expectations, and what to do with it.
pub(super) fn other_than_expectations(bytes: &[u8]) -> Option<&'static str> {
    match () {
        () if is_gzip(bytes) => Some("it is compressed with gzip; run `gunzip` on it"),
        () if is_zstd(bytes) => {
            Some("it is compressed with zstd; pass a recording without -e; expectations are plain text")
        }
        () if bytes.starts_with(BEGIN) => Some("it is a recording; pass it without -e"),
        () if WATCH_LINES.iter().any(|beginning| bytes.starts_with(beginning)) => {
            Some("it has lines of a watch; `statetrail import` makes a recording of them")
        }
        () => None,
    }
}

/// How lines of a watch begin.
const WATCH_LINES: [&[u8]; 2] = [b"{\"type\":\"ADDED\"", b"{\"receivedAt\""];

/// True for a file of expectations, which was given where a recording is expected.
pub(super) fn is_expectations(path: &Path) -> bool {
    /// A comment may come first.
    const START: u64 = 4096;
    let mut start = Vec::new();
    let is_file = path.is_file() && File::open(path).is_ok_and(|file| file.take(START).read_to_end(&mut start).is_ok());
    let has = |word: &[u8]| start.windows(word.len()).any(|window| window == word);
    is_file && has(b"apiVersion") && has(API_VERSION.as_bytes())
}
