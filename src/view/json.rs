//! `-o json`: one line per entry, for programs.
//!
//! The same timeline gives the same bytes. Seconds have six decimals, as they were recorded, and never pass through a
//! float.

use super::document::Document;
use crate::timeline::Entry;
use serde_json::value::RawValue;
use std::io;
use std::time::Duration;

/// Writes one entry and the end of its line.
///
/// When writing to `out` fails.
pub fn entry(entry: &Entry, out: &mut impl io::Write) -> io::Result<()> {
    shown(entry, false, out)
}

/// The same; `held` if it is shown as the state that was held when the window began.
pub(super) fn shown(entry: &Entry, held: bool, out: &mut impl io::Write) -> io::Result<()> {
    serde_json::to_writer(&mut *out, &Document::new(entry, held, seconds))?;
    out.write_all(b"\n")
}

/// Decimal seconds with six digits.
pub(super) fn seconds(elapsed: Duration) -> Box<RawValue> {
    let number = format!("{}.{:06}", elapsed.as_secs(), elapsed.subsec_micros());
    RawValue::from_string(number).expect("decimal seconds are a JSON number")
}
