//! `-o yaml`: one document per entry, with the members of the JSON form.
//!
//! A stream of documents instead of one list, so that it can be written and read entry by entry, and so that a filter
//! for the JSON lines (`select(.track == "status")`) works here, too.

use super::document::Document;
use crate::observation::is_printable;
use crate::timeline::Entry;
use serde::Serialize;
use std::fmt::Write as _;
use std::io;
use std::time::Duration;

/// Writes one entry as a document of its own.
///
/// # Errors
/// When writing to `out` fails.
pub fn entry(entry: &Entry, out: &mut impl io::Write) -> io::Result<()> {
    shown(entry, false, out)
}

/// The same; `held` if it is shown as the state that was held when the window began.
pub(super) fn shown(entry: &Entry, held: bool, out: &mut impl io::Write) -> io::Result<()> {
    let document = Document::new(entry, held, seconds);
    let text = serde_saphyr::to_string(&document).map_err(io::Error::other)?;
    if !text.chars().all(|c| is_printable(c) || c == '\n') {
        return unprintable(&document, out);
    }
    write!(out, "---\n{text}")?;
    if text.ends_with('\n') { Ok(()) } else { out.write_all(b"\n") }
}

/// JSON is YAML, and can escape every character; plain scalars cannot.
fn unprintable(document: &impl Serialize, out: &mut impl io::Write) -> io::Result<()> {
    let mut text = String::from("---\n");
    for character in serde_json::to_string(document)?.chars() {
        if is_printable(character) {
            text.push(character);
        } else {
            let _ = write!(text, "\\u{:04x}", u32::from(character));
        }
    }
    writeln!(out, "{text}")
}

/// The nearest number to what was recorded, in whole microseconds.
#[expect(clippy::cast_precision_loss, reason = "exact for 285 years")]
fn seconds(elapsed: Duration) -> f64 {
    elapsed.as_micros() as f64 / 1e6
}
