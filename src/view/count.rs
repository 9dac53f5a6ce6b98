//! Gaps in numbers. Every count of `show` is made here, in the terms of the other commands.

use super::row::Row;
use super::style::Ink;
use crate::observation::GapReason;
use crate::timeline::{Body, Entry};
use jiff::Timestamp;
use std::collections::{HashMap, HashSet};
use std::fmt::Display;

/// Gaps, counted as `verify` counts them: what a watch lost is one, however many subjects it hid. What was never
/// published is no gap of a watch, and is counted apart.
#[derive(Default)]
pub(super) struct Gaps {
    /// Entries.
    pub(super) all: usize,
    /// What was lost.
    lost: usize,
    /// Subjects that a watch's gap hid.
    hidden: usize,
    unpublished: usize,
}

impl Gaps {
    pub(super) fn of(entries: &[&Entry]) -> Self {
        let gaps = || {
            entries.iter().filter_map(|entry| match &entry.body {
                Body::Gap(gap) => Some((entry.subject.as_ref(), gap)),
                _ => None,
            })
        };
        let mut began: HashMap<(GapReason, &str), Option<Timestamp>> = HashMap::new();
        for (_, gap) in gaps().filter(|(subject, _)| subject.is_none()) {
            let from = began.entry((gap.reason, &gap.resource)).or_insert(gap.from);
            *from = gap.from.min(*from);
        }
        let mut counted = Self::default();
        let mut hidden = HashSet::new();
        for (subject, gap) in gaps() {
            counted.all += 1;
            let is_within = || began.get(&(gap.reason, &*gap.resource)).is_some_and(|from| *from <= gap.from);
            match (gap.reason, subject.filter(|_| is_within())) {
                (GapReason::NeverPublished, _) => counted.unpublished += 1,
                (_, Some(subject)) => _ = hidden.insert(&subject.uid),
                (_, None) => counted.lost += 1,
            }
        }
        counted.hidden = hidden.len();
        counted
    }

    /// How many.
    pub(super) fn number(&self) -> usize {
        self.lost
    }

    /// `no gap`, `2 gaps`, `no gap, 5 never published`, `3 gaps (4 subjects hidden), 1 never published`.
    pub(super) fn row(&self) -> Row {
        numbered(self.lost, self.unpublished, self.hidden)
    }
}

/// The same of one subject.
pub(super) fn gaps_in_numbers(gaps: usize, unpublished: usize) -> Row {
    numbered(gaps - unpublished, unpublished, 0)
}

fn numbered(lost: usize, unpublished: usize, hidden: usize) -> Row {
    let mut row = match lost {
        0 => Row::of(Ink::Plain, "no gap"),
        _ => Row::of(Ink::Gap, number(lost, "gap")),
    };
    if hidden > 0 {
        row.push(Ink::Gap, format!(" ({} hidden)", number(hidden, "subject")));
    }
    if unpublished > 0 {
        row.push(Ink::Plain, ", ").push(Ink::Gap, format!("{unpublished} never published"));
    }
    row
}

/// `1 gap`, `2 gaps`.
pub(super) fn number<N: Copy + Display + PartialEq + From<u8>>(many: N, what: &str) -> String {
    let plural = if many == N::from(1) { "" } else { "s" };
    format!("{many} {what}{plural}")
}
