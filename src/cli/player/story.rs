//! What is played: the selected entries of a recording, each with its moment.
//!
//! The clock of a replay starts at the start of the selected window, or else of the recording.

use crate::observation::printable;
use crate::replay::{Playback, Position, Speed};
use crate::timeline::{Body, Entry};
use crate::view::states::Now;
use crate::view::{Error, Moment, Selection, Shown, Style};
use jiff::Timestamp;
use std::sync::Arc;
use std::time::Duration;

/// The last digit of a printed time.
const MILLISECOND: Duration = Duration::from_millis(1);

/// The timeline that is played.
#[derive(Debug)]
pub(in crate::cli) struct Story {
    /// All entries of the selected subjects.
    pub entries: Arc<[Entry]>,
    pub selection: Selection,
    pub style: Style,
    /// Places of the entries that are shown.
    pub shown: Vec<usize>,
    /// Which of them are states that were held at the start of the window.
    held: Vec<bool>,
    /// The numbers of the entries that are shown, and for how many occurrences each is; empty for a recording.
    seen: Vec<(u64, u32)>,
    /// Why it ends before the recording did.
    pub damage: Option<Damage>,
    /// When they are shown, ascending.
    pub moments: Vec<Duration>,
    /// The start of the recording, of the window, and the latest end.
    pub start: Timestamp,
    pub begin: Timestamp,
    pub end: Timestamp,
    /// From the start to the end of the window.
    pub length: Duration,
}

/// An entry of a running recorder that is shown.
#[derive(Clone, Copy, Debug)]
pub(super) struct Seen {
    pub place: usize,
    /// Its number, which it keeps while others come and go.
    pub number: u64,
    /// For how many occurrences it is.
    pub times: u32,
}

/// What follows the end and is not played.
#[derive(Debug)]
pub(in crate::cli) struct Damage {
    /// In a few words, `the rest is damaged`.
    pub what: &'static str,
    pub why: String,
}

impl Story {
    /// The selected entries of a recording that lasted from `start` to `end`.
    pub(in crate::cli) fn new(
        entries: Vec<Entry>,
        selection: Selection,
        style: Style,
        [start, end]: [Timestamp; 2],
    ) -> Self {
        let all_shown = selection.shown(&entries);
        let shown: Vec<usize> = (0..entries.len()).filter(|place| all_shown[*place].is_shown()).collect();
        let held = shown.iter().map(|place| all_shown[*place] == Shown::Held).collect();
        let whole = between(start, end);
        let [since, until] = selection.since_start(start);
        let (since, until) = (since.unwrap_or_default(), until.unwrap_or(whole).min(whole));
        // The order of entries is not always that of their times: none is shown before its time.
        let moments = shown.iter().scan(Duration::ZERO, |latest, place| {
            *latest = entries[*place].stamp.elapsed.saturating_sub(since).max(*latest);
            Some(*latest)
        });
        let moments: Vec<Duration> = moments.collect();
        let begin = start.checked_add(since).unwrap_or(start);
        let length = until.saturating_sub(since).max(moments.last().copied().unwrap_or_default());
        Self {
            entries: entries.into(),
            selection,
            style,
            shown,
            held,
            seen: Vec::new(),
            damage: None,
            moments,
            start,
            begin,
            end,
            length,
        }
    }

    /// What was collected so far of a recorder that started at `start`. `oldest` is when the first entry of the list came
    /// if there are older ones; before that, the states are not known.
    pub(super) fn collected(
        entries: Vec<Entry>,
        seen: &[Seen],
        (selection, style): (Selection, Style),
        (start, oldest): (Timestamp, Option<Duration>),
    ) -> Self {
        let since = oldest.unwrap_or_default();
        let moments = seen.iter().scan(Duration::ZERO, |latest, seen| {
            *latest = entries[seen.place].stamp.elapsed.saturating_sub(since).max(*latest);
            Some(*latest)
        });
        let moments: Vec<Duration> = moments.collect();
        let begin = start.checked_add(since).unwrap_or(start);
        let length = moments.last().copied().unwrap_or_default();
        Self {
            entries: entries.into(),
            selection,
            style,
            shown: seen.iter().map(|seen| seen.place).collect(),
            held: vec![false; seen.len()],
            seen: seen.iter().map(|seen| (seen.number, seen.times)).collect(),
            damage: None,
            moments,
            start,
            begin,
            end: begin.checked_add(length).unwrap_or(begin),
            length,
        }
    }

    /// A clock at its start.
    pub(in crate::cli) fn playback(&self, speed: Speed) -> Playback {
        Playback::new(self.moments.clone(), self.length, speed, false, false)
    }

    /// The entry of a step.
    pub(super) fn entry(&self, step: usize) -> &Entry {
        &self.entries[self.shown[step]]
    }

    /// The number of the entry of a step; none in a recording.
    pub(super) fn number(&self, step: usize) -> Option<u64> {
        self.seen.get(step).map(|(number, _)| *number)
    }

    /// For how many occurrences the entry of a step is, if it is for others, too.
    pub(super) fn times(&self, step: usize) -> Option<u32> {
        self.seen.get(step).map(|(_, times)| *times)
    }

    /// The steps up to the entry of a number.
    pub(super) fn steps_up_to(&self, number: u64) -> usize {
        self.seen.partition_point(|(of, _)| *of <= number)
    }

    /// True for the entry of a state that was held at the start of the window.
    pub(super) fn is_held(&self, step: usize) -> bool {
        self.held[step]
    }

    /// The damage of the recording, unless the window ends before it.
    pub(super) fn damage_at_its_end(&self) -> Option<&Damage> {
        self.damage.as_ref().filter(|_| self.begin + self.length >= self.end)
    }

    /// The moment of a position of the clock; `is_stepped` if it came there by a number of entries.
    pub(super) fn now(&self, position: &Position, is_stepped: bool) -> Now {
        let last = position.step.checked_sub(1).filter(|_| is_stepped).map(|step| self.shown[step]);
        Now { at: self.begin.checked_add(position.at).unwrap_or(self.end), last }
    }

    /// The position of the clock at a moment as people write it: `18:09:30`, `+12.5s`, `mark:NAME`, or the name of a
    /// mark. The clock goes up to `length`.
    ///
    /// # Errors
    /// It is not a moment of the recording; what is wrong with it, in one line.
    pub(super) fn moment(&self, text: &str, length: Duration) -> Result<Duration, String> {
        let last = self.begin + length;
        let is_mark = |entry: &Entry| matches!(&entry.body, Body::Mark(name) if name == text);
        let moment = if self.entries.iter().any(is_mark) {
            Moment::Mark(text.to_owned())
        } else {
            Moment::until(text).map_err(|error| self.refusal(&error))?
        };
        let window = Selection { since: Some(moment), ..Selection::default() };
        let window = window.within(self.start, self.end.max(last)).and_then(|window| window.resolve(&self.entries));
        let window = window.map_err(|error| self.refusal(&error))?;
        let [since, _] = window.since_start(self.start);
        let since = since.unwrap_or_default();
        let at = match window.since {
            Some(Moment::At(at)) => at,
            _ => self.start.saturating_add(since).unwrap_or(self.end),
        };
        // Of a printed time, the whole millisecond is meant.
        if at < self.begin || at > last + MILLISECOND {
            let what =
                if self.selection.since.is_some() || self.selection.until.is_some() { "window" } else { "recording" };
            let [from, to] = [self.begin, last].map(|at| self.style.time(at));
            return Err(format!("outside the {what}, which is from {from} to {to}"));
        }
        Ok(since.saturating_sub(between(self.start, self.begin)))
    }

    /// What is wrong with a moment, briefly.
    fn refusal(&self, error: &Error) -> String {
        let mut marks: Vec<&str> = Vec::new();
        for step in 0..self.shown.len() {
            if let Body::Mark(name) = &self.entry(step).body
                && !marks.contains(&name.as_str())
            {
                marks.push(name);
            }
        }
        let marks = if marks.is_empty() { "there are none".to_owned() } else { marks.join(", ") };
        let marks = printable(&marks);
        match error {
            Error::Mark { .. } => format!("no such mark; marks: {marks}"),
            Error::Moment(_) => format!("no such time or mark; times: 18:09:30, +12.5s, 5m; marks: {marks}"),
            Error::Zone(_) => "a time of day is in UTC: write it without a zone".to_owned(),
            Error::TimeOfDay { .. } => "more than one day has this time: write 2026-11-20 18:09:30".to_owned(),
            other => other.to_string(),
        }
    }

    /// The spans of the gaps that are shown, by the clock, which goes up to `length`.
    pub(super) fn gaps(&self, length: Duration) -> impl Iterator<Item = [Duration; 2]> {
        let gaps = self.shown.iter().filter_map(|place| match &self.entries[*place].body {
            Body::Gap(gap) if gap.reason != crate::observation::GapReason::NeverPublished => Some(gap),
            _ => None,
        });
        gaps.filter(|gap| gap.to.is_none_or(|to| to >= self.begin)).map(move |gap| {
            let at = |bound: Option<Timestamp>, otherwise: Duration| {
                bound.map_or(otherwise, |at| between(self.begin, at).min(length))
            };
            [at(gap.from, Duration::ZERO), at(gap.to, length)]
        })
    }

    /// The time since the start of the recording.
    pub(super) fn since_start(&self, position: &Position) -> Duration {
        between(self.start, self.begin) + position.at
    }

    /// The clock's position at a time.
    pub(super) fn at(&self, at: Timestamp) -> Duration {
        between(self.begin, at)
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
