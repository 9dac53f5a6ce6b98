//! Binary formats are for files.

use super::readers::scenario;
use std::process::{Command, Stdio};

#[test]
fn a_binary_format_is_not_written_to_a_terminal() {
    let recording = scenario("crash-loop");
    for (format, name) in
        [("perfetto", "recording.pftrace"), ("parquet", "recording.parquet"), ("khi", "recording.khi")]
    {
        let line = format!("'{}' show '{}' -o {format}", env!("CARGO_BIN_EXE_statetrail"), recording.display());
        // It provides the terminal.
        let mut command = Command::new("script");
        command.args(["-qec", &line, "/dev/null"]).env("STATETRAIL_PAGER", "").stdin(Stdio::null());
        let shown = command.output().expect("script, of bsdutils");
        let text = String::from_utf8_lossy(&shown.stdout);
        assert_eq!(shown.status.code(), Some(2), "{text}");
        let remedy = format!("-o {format} > {name}");
        assert!(text.contains(&format!("error: -o {format} is for a file")) && text.contains(&remedy), "{text}");
    }
}
