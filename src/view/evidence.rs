//! Events about one subject, in short: one line per reason, with the number of occurrences and the first message.
//!
//! An Event object repeats with a rising count, so counts are not simply added up: only the increase counts. Nothing is
//! left out silently: different messages are counted.

use super::aside::Aside;
use super::row::Row;
use super::style::{Ink, Style};
use crate::kinds::Evidence;
use crate::timeline::{Body, Entry};

/// The lines, in the order in which the reasons first occurred.
pub(super) fn rows(entries: &[&Entry], indent: usize, style: &Style) -> Vec<Row> {
    let mut reasons: Vec<Reason<'_>> = Vec::new();
    for entry in entries {
        let Body::Evidence(evidence) = &entry.body else { continue };
        let known = reasons.iter_mut().find(|reason| reason.is_of(evidence));
        match known {
            Some(reason) => reason.add(entry, evidence),
            None => reasons.push(Reason::new(entry, evidence)),
        }
    }
    let widest = reasons.iter().map(|reason| reason.heading().len()).max().unwrap_or(0);
    Aside::new("events", indent).beside(reasons.iter().map(|reason| reason.row(widest, style)))
}

struct Reason<'a> {
    first: &'a Entry,
    last: &'a Entry,
    times: u32,
    /// The distinct messages, each with its count so far.
    said: Vec<(&'a Evidence, u32)>,
}

impl<'a> Reason<'a> {
    fn new(entry: &'a Entry, evidence: &'a Evidence) -> Self {
        Self { first: entry, last: entry, times: evidence.count.max(1), said: vec![(evidence, evidence.count)] }
    }

    fn is_of(&self, evidence: &Evidence) -> bool {
        self.first_words().reason == evidence.reason && self.first_words().kind == evidence.kind
    }

    fn add(&mut self, entry: &'a Entry, evidence: &'a Evidence) {
        self.last = entry;
        let same = self.said.iter_mut().find(|(said, _)| {
            said.message == evidence.message
                && said.source == evidence.source
                && said.involved.field_path == evidence.involved.field_path
        });
        match same {
            // The same Event object with a higher count.
            Some((_, count)) if evidence.count > *count => {
                self.times = self.times.saturating_add(evidence.count - *count);
                *count = evidence.count;
            }
            // A new Event object with the same message.
            Some((_, count)) => {
                self.times = self.times.saturating_add(evidence.count.max(1));
                *count = evidence.count;
            }
            None => {
                self.times = self.times.saturating_add(evidence.count.max(1));
                self.said.push((evidence, evidence.count));
            }
        }
    }

    /// The first message: causes come before consequences.
    fn first_words(&self) -> &'a Evidence {
        self.said[0].0
    }

    fn heading(&self) -> String {
        if self.times > 1 {
            format!("{} x{}", self.first_words().reason, self.times)
        } else {
            self.first_words().reason.to_string()
        }
    }

    fn row(&self, widest: usize, style: &Style) -> Row {
        let mut row = Row::of(Ink::Faint, style.time(self.first.stamp.at));
        if self.times > 1 {
            row.push(Ink::Faint, format!(" to {}", style.time(self.last.stamp.at)));
        }
        row.tab(30);
        let ink = if self.first_words().kind == "Warning" { Ink::Waiting } else { Ink::Plain };
        let start = row.width();
        row.push(ink, self.heading()).tab(start + widest + 2);
        row.push(Ink::Faint, &self.first_words().message);
        match self.said.len() {
            1 => {}
            2 => _ = row.push(Ink::Faint, " (and another message)"),
            many => _ = row.push(Ink::Faint, format!(" (and {} other messages)", many - 1)),
        }
        row
    }
}
