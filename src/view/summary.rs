//! The closing summary of a recorder: what it saw, and whether that was everything.
//!
//! Only what was counted is printed, and only what `verify` calls whole is called whole.

use super::clock;
use super::count::number;
use super::row::Row;
use super::style::{Ink, Style};
use crate::observation::Stalls;
use std::time::Duration;

/// How many problems of one watch are printed.
const PROBLEMS: usize = 3;

/// What was recorded.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Summary {
    /// What each watch delivered.
    pub streams: Vec<Stream>,
    /// What is wrong with the file as a whole.
    pub problems: Vec<String>,
    /// Every watch is whole from its attachment to its fence, as `verify` determines.
    pub whole: bool,
    /// Transitions of all tracks.
    pub transitions: u64,
    /// Objects seen.
    pub subjects: u64,
    /// Marks written.
    pub marks: u64,
    /// Versions of objects that could not be decoded, or whose states could not be read.
    pub undecodable: u64,
    /// How often a full queue stopped the reading of a stream.
    pub stalls: Stalls,
    /// Time since the recording started; for a resumed one, since its first recorder started.
    pub duration: Duration,
    /// Path of the recording.
    pub file: String,
    /// Its size in bytes, if it is a file.
    pub bytes: Option<u64>,
}

/// What one watch delivered.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Stream {
    /// What is selected: `pods`, `pods/web`, `pods -l app=web`.
    pub selected: String,
    /// The name of its only object, if it selects one by its name.
    pub object: Option<String>,
    /// Empty for all namespaces.
    pub namespace: String,
    /// Objects delivered.
    pub events: u64,
    /// Streams resumed without a loss.
    pub reconnects: u64,
    /// Spans that were not seen.
    pub gaps: u64,
    /// A fence at the end found nothing missing.
    pub fenced: bool,
    /// The server does not serve it: no objects of it can exist.
    pub not_served: bool,
    /// It is a source that is not an API server.
    pub is_source: bool,
    /// Why it is not whole.
    pub problems: Vec<String>,
}

impl Summary {
    /// The text, on several lines.
    #[must_use]
    pub fn text(&self, style: &Style) -> String {
        let mut head = Row::of(Ink::Strong, format!("recorded {}", clock::span(self.duration)));
        head.push(Ink::Plain, format!(": {}", number(self.transitions, "transition")));
        head.push(Ink::Plain, format!(" of {}", number(self.subjects, "subject")));
        if self.marks > 0 {
            head.push(Ink::Plain, format!(", {}", number(self.marks, "mark")));
        }
        let mut text = head.line(style);
        let widest = self.streams.iter().map(|stream| stream.name().len()).max().unwrap_or(0);
        for stream in &self.streams {
            text.push_str(&stream.row(widest).line(style));
            text.push_str(&problems(&stream.problems, "    ", style));
        }
        if self.undecodable > 0 {
            let words = "could not be decoded: a gap on the object concerned";
            let row = Row::of(Ink::Gap, format!("{} {words}", number(self.undecodable, "event")));
            text.push_str(&row.line(style));
        }
        for (count, why) in causes(self.stalls) {
            let words = format!("reading stopped {}, {why}; nothing was dropped", number(count, "time"));
            text.push_str(&Row::of(Ink::Plain, words).line(style));
        }
        text.push_str(&problems(&self.problems, "  ", style));
        text.push_str(&self.judgement().line(style));
        let size = self.bytes.map(|bytes| format!("  {}", size(bytes))).unwrap_or_default();
        text.push_str(&Row::of(Ink::Plain, format!("{}{size}", self.file)).line(style));
        text
    }

    fn judgement(&self) -> Row {
        if self.whole {
            let is_alone = self.streams.iter().all(|stream| !stream.is_source);
            let what = if is_alone { "the API server served" } else { "was delivered" };
            return Row::of(Ink::Running, format!("whole: every change that {what} is in the file"));
        }
        let words = "not whole: nothing may be concluded about what was not seen";
        Row::of(Ink::Gap, words)
    }
}

/// What reading waited for, if it did, in words.
fn causes(stalls: Stalls) -> impl Iterator<Item = (u64, &'static str)> {
    let Stalls { disk, fold, decoding, history, storage } = stalls;
    let causes = [
        (disk, "because writing the file was slower than the server"),
        (fold, "because interpreting the events was slower than the server"),
        (decoding, "because decoding was slower than the server"),
        (history, "while the server's history was read"),
        (storage, "while the server was asked whether its storage is the recorded one"),
    ];
    causes.into_iter().filter(|(count, _)| *count > 0)
}

impl Stream {
    fn name(&self) -> String {
        if self.namespace.is_empty() {
            self.selected.clone()
        } else {
            format!("{} in {}", self.selected, self.namespace)
        }
    }

    fn row(&self, widest: usize) -> Row {
        let mut row = Row::of(Ink::Plain, format!("  {}", self.name()));
        row.tab(widest + 4);
        if self.not_served {
            let words = if self.problems.is_empty() { "not served by this cluster" } else { "not served at first" };
            row.push(Ink::Faint, words);
            return row;
        }
        row.push(Ink::Plain, number(self.events, "event"));
        if self.reconnects > 0 {
            row.push(Ink::Plain, format!(", {}", number(self.reconnects, "reconnect")));
        }
        if self.gaps > 0 {
            row.push(Ink::Plain, ", ").push(Ink::Gap, number(self.gaps, "gap"));
        }
        if self.fenced {
            row.push(Ink::Faint, ", fenced");
        } else {
            row.push(Ink::Plain, ", ").push(Ink::Gap, "not fenced");
        }
        if let Some(name) = self.object.as_ref().filter(|_| self.events == 0) {
            row.push(Ink::Plain, ", ").push(Ink::Gap, format!("no object named {name} was seen"));
        }
        row
    }
}

/// The first problems; `verify` lists all.
fn problems(problems: &[String], indent: &str, style: &Style) -> String {
    let mut text = String::new();
    for problem in problems.iter().take(PROBLEMS) {
        text.push_str(&Row::of(Ink::Gap, format!("{indent}not whole: {problem}")).line(style));
    }
    if let Some(more) = problems.len().checked_sub(PROBLEMS).filter(|more| *more > 0) {
        let row = Row::of(Ink::Faint, format!("{indent}and {more} more, as `statetrail verify` lists them"));
        text.push_str(&row.line(style));
    }
    text
}

/// `912 B`, `41.3 KiB`, `2.0 MiB`.
fn size(bytes: u64) -> String {
    const UNITS: [&str; 4] = ["KiB", "MiB", "GiB", "TiB"];
    if bytes < 1024 {
        return format!("{bytes} B");
    }
    let mut tenths = bytes.saturating_mul(10) / 1024;
    let mut unit = 0;
    while tenths >= 10_240 && unit + 1 < UNITS.len() {
        tenths /= 1024;
        unit += 1;
    }
    format!("{}.{} {}", tenths / 10, tenths % 10, UNITS[unit])
}
