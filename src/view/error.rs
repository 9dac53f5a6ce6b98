//! Errors in selectors and formats. Writing a view fails only if the caller's writer does.

use jiff::Timestamp;

/// A selector or a format that cannot be used, with the remedy.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// Not the name of a kind.
    #[error("`{0}` is not a kind: write Pod, vmi, vm/NAME, deployments.apps or group/version/plural")]
    Kind(String),
    /// An empty pattern would select nothing.
    #[error("the {what} is empty: write {example}, or leave the selector out for all")]
    Empty {
        /// The selector.
        what: &'static str,
        /// An example of a valid one.
        example: &'static str,
    },
    /// Not a part of a uid.
    #[error("`{0}` is not a uid: write a uid or the beginning of one, letters, digits and dashes only")]
    Uid(String),
    /// Not a moment.
    #[error(
        "`{0}` is not a moment: write a time (18:09:30, 2026-11-20T18:09:30Z), a duration before the end (5m), one after the \
         start (+30s) or mark:NAME"
    )]
    Moment(String),
    /// A time of day with a zone.
    #[error(
        "`{0}`: a time of day is in UTC; write it without a zone, or the date, the time and an offset \
             (2026-11-20T18:09:30+02:00)"
    )]
    Zone(String),
    /// A recording of several days.
    #[error("the recording has the time {time} more than once, from {start:.0} to {end:.0}: give the date, too")]
    TimeOfDay {
        /// The time of day.
        time: String,
        /// Start of the recording.
        start: Timestamp,
        /// Its end.
        end: Timestamp,
    },
    /// The window would be empty.
    #[error("select since {since} until {until}: nothing is selected, because the second is before the first")]
    Backwards {
        /// Start of the window.
        since: String,
        /// Its end.
        until: String,
    },
    /// A mark that the timeline does not have.
    #[error("no mark `{name}`: {}", known_marks(.known))]
    Mark {
        /// The mark that was requested.
        name: String,
        /// The marks of the timeline.
        known: Vec<String>,
    },
    /// Not an output format.
    #[error(
        "`{0}` is not an output format: write table, wide, log, summary, json, yaml, csv, parquet, mermaid, perfetto, \
         otlp or khi"
    )]
    Format(String),
}

fn known_marks(known: &[String]) -> String {
    if known.is_empty() {
        "the timeline has no marks; give a time or a duration instead".to_owned()
    } else {
        format!("marks of this timeline: {}", known.join(", "))
    }
}
