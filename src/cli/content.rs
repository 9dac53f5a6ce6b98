//! What a file contains, where another kind of file is expected: people mix up recordings, expectations and lines of a
//! watch, all of which are named on one command line.

use std::fs::File;
use std::io::Read;
use std::path::Path;

/// What a file contains instead of expectations, and what to do with it.
pub(super) fn other_than_expectations(bytes: &[u8]) -> Option<&'static str> {
    const BEGINNINGS: [(&[u8], &str); 5] = [
        (b"\x1f\x8b", "it is compressed by gzip; run `gunzip` on it"),
        (
            b"\x28\xb5\x2f\xfd",
            "it is compressed by zstd; a recording is named without -e, and expectations are plain text",
        ),
        (b"{\"format\":\"statetrail.recording/", "it is a recording; name it without -e"),
        (b"{\"type\":\"ADDED\"", WATCH_LINES),
        (b"{\"receivedAt\"", WATCH_LINES),
    ];
    BEGINNINGS.iter().find(|(beginning, _)| bytes.starts_with(beginning)).map(|(_, instead)| *instead)
}

const WATCH_LINES: &str = "it has lines of a watch; `statetrail import` makes a recording of them";

/// True for a file of expectations, which was given where a recording is expected.
pub(super) fn is_expectations(path: &Path) -> bool {
    /// A comment may come first.
    const START: u64 = 4096;
    let mut start = Vec::new();
    let is_file = path.is_file() && File::open(path).is_ok_and(|file| file.take(START).read_to_end(&mut start).is_ok());
    let has = |word: &[u8]| start.windows(word.len()).any(|window| window == word);
    is_file && has(b"apiVersion") && has(b"statetrail/v1")
}
