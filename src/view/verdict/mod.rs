//! Verdicts for people and programs: the verdict on every expectation, and why, at a glance.
//!
//! It reports what the judge found and never judges itself. Like every view it does no I/O of its own: the caller
//! provides the writer. What was not measured is left out of sentences.

mod around;
mod axis;
mod beside;
mod choice;
mod index;
mod ink;
mod json;
mod judged;
mod junit;
mod path;
mod sometimes;
mod story;
mod text;
mod total;
mod trace;
mod way;

use super::style::Style;
pub use axis::Axis;
pub use beside::Beside;
pub use judged::{Extent, Judged, Trouble};
use std::io;
pub use total::total;

/// How verdicts are written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Format {
    /// For people.
    #[default]
    Text,
    /// One JSON document, for programs.
    Json,
    /// JUnit XML, for CI.
    Junit,
}

/// Writes the outcomes, one recording after the other. `style` is for people; programs get the same bytes for every
/// style.
///
/// # Errors
/// When writing to `out` fails.
pub fn write(format: Format, judged: &[Judged<'_>], style: &Style, out: &mut impl io::Write) -> io::Result<()> {
    match format {
        Format::Text => text::write(judged, style, out),
        Format::Json => json::write(judged, out),
        Format::Junit => junit::write(judged, out),
    }
}
