//! What is played: the selected entries of a recording, each with its moment.
//!
//! The clock of a replay starts at the start of the selected window, or else of the recording.

use crate::replay::{Playback, Position, Speed};
use crate::timeline::{Body, Entry};
use crate::view::states::Now;
use crate::view::{Selection, Style};
use jiff::Timestamp;
use std::sync::Arc;
use std::time::Duration;

/// The timeline that is played.
#[derive(Debug)]
pub(in crate::cli) struct Story {
    /// All entries of the selected subjects.
    pub entries: Arc<[Entry]>,
    pub selection: Selection,
    pub style: Style,
    /// Places of the entries that are shown.
    pub shown: Vec<usize>,
    /// When they are shown, ascending.
    pub moments: Vec<Duration>,
    /// The start of the recording, of the window, and the latest end.
    pub start: Timestamp,
    pub begin: Timestamp,
    pub end: Timestamp,
    /// From the start to the end of the window.
    pub length: Duration,
}

impl Story {
    /// The selected entries of a recording that lasted from `start` to `end`.
    pub(in crate::cli) fn new(
        entries: Vec<Entry>,
        selection: Selection,
        style: Style,
        [start, end]: [Timestamp; 2],
    ) -> Self {
        let shown = selection.shown(&entries);
        let shown: Vec<usize> = (0..entries.len()).filter(|place| shown[*place].is_shown()).collect();
        let whole = between(start, end);
        let [since, until] = selection.since_start(start);
        let (since, until) = (since.unwrap_or_default(), until.unwrap_or(whole).min(whole));
        let mut moments: Vec<Duration> =
            shown.iter().map(|place| entries[*place].stamp.elapsed.saturating_sub(since)).collect();
        // A late entry has happened by the time of those after it.
        let mut earliest = Duration::MAX;
        for moment in moments.iter_mut().rev() {
            earliest = earliest.min(*moment);
            *moment = earliest;
        }
        let begin = start.checked_add(since).unwrap_or(start);
        let length = until.saturating_sub(since).max(moments.last().copied().unwrap_or_default());
        Self { entries: entries.into(), selection, style, shown, moments, start, begin, end, length }
    }

    /// A clock at its start.
    pub(in crate::cli) fn playback(&self, speed: Speed) -> Playback {
        Playback::new(self.moments.clone(), self.length, speed, false, false)
    }

    /// The entry of a step.
    pub(super) fn entry(&self, step: usize) -> &Entry {
        &self.entries[self.shown[step]]
    }

    /// What has happened at a position of the clock.
    pub(super) fn now(&self, position: &Position) -> Now {
        let entries = self.shown.get(position.step).copied().unwrap_or(self.entries.len());
        Now { entries, at: self.begin.checked_add(position.at).unwrap_or(self.end) }
    }

    /// The position of the clock at a moment as people write it: `18:09:30`, `+12.5s`, `mark:NAME`, or the name of a mark.
    ///
    /// # Errors
    /// It is not a moment of the recording; what is wrong with it.
    pub(super) fn moment(&self, text: &str) -> Result<Duration, String> {
        let is_mark = |entry: &Entry| matches!(&entry.body, Body::Mark(name) if name == text);
        if let Some(step) = (0..self.shown.len()).find(|step| is_mark(self.entry(*step))) {
            return Ok(self.moments[step]);
        }
        let moment = text.parse().map_err(|error: crate::view::Error| error.to_string())?;
        let window = Selection { since: Some(moment), ..Selection::default() };
        let window = window.within(self.start, self.end).and_then(|window| window.resolve(&self.entries));
        let [since, _] = window.map_err(|error| error.to_string())?.since_start(self.start);
        let since = since.unwrap_or_default();
        let begin = between(self.start, self.begin);
        if since < begin || since > begin + self.length {
            let times = [self.begin, self.begin + self.length].map(|at| self.style.time(at));
            return Err(format!("nothing is played of that time: it is from {} to {}", times[0], times[1]));
        }
        Ok(since.saturating_sub(begin))
    }

    /// The spans of the gaps that are shown, by the clock of the replay.
    pub(super) fn gaps(&self) -> impl Iterator<Item = [Duration; 2]> {
        let gaps = self.shown.iter().filter_map(|place| match &self.entries[*place].body {
            Body::Gap(gap) if gap.reason != crate::observation::GapReason::NeverPublished => Some(gap),
            _ => None,
        });
        gaps.map(|gap| {
            let at = |bound: Option<Timestamp>, otherwise: Duration| {
                bound.map_or(otherwise, |at| between(self.begin, at).min(self.length))
            };
            [at(gap.from, Duration::ZERO), at(gap.to, self.length)]
        })
    }

    /// The moments of the marks.
    pub(super) fn marks(&self) -> impl Iterator<Item = Duration> {
        let is_mark = |step: &usize| matches!(self.entry(*step).body, Body::Mark(_));
        (0..self.shown.len()).filter(is_mark).map(|step| self.moments[step])
    }
}

fn between(earlier: Timestamp, later: Timestamp) -> Duration {
    Duration::try_from(later.duration_since(earlier)).unwrap_or_default()
}
