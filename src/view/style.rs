//! How a view looks, depending on its destination.
//!
//! The caller decides (terminal or pipe, `NO_COLOR`, the window's width); nothing is detected here.

use super::clock;
use anstyle::{AnsiColor, Effects};
use jiff::Timestamp;
use std::fmt;

/// The destination of a text view.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Style {
    /// Write ANSI colours.
    pub colour: bool,
    /// Columns of the terminal. None in a pipe, where nothing is ever cut.
    pub width: Option<usize>,
    /// Name the namespace on every line, as `kubectl -A` does.
    pub namespaces: bool,
    /// More columns, as `kubectl -o wide` has.
    pub wide: bool,
    /// When the recording started: times of other days have a date. None for no dates.
    pub start: Option<Timestamp>,
    /// What the entries alone do not show.
    pub caveats: Caveats,
}

impl Style {
    /// `18:09:28.746`; `2026-11-21 00:05:00.000` on another day than the start.
    #[must_use]
    pub fn time(&self, at: Timestamp) -> String {
        self.dated(at, clock::time_of_day(at))
    }

    /// The text of a time, after its date on another day than the start.
    pub(super) fn dated(&self, at: Timestamp, time: String) -> String {
        let is_of_first_day = self.start.is_none_or(|start| clock::is_of_one_day(start, at));
        if is_of_first_day { time } else { format!("{} {time}", clock::day(at)) }
    }
}

/// What the differences of a recording's times mean.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Durations {
    /// They are durations, measured by one clock.
    #[default]
    Measured,
    /// The times are timestamps of the writers' clocks in whole seconds, not of receipt: no stay is exact.
    Stamped,
    /// Nothing: no one clock measured them (receipt times that go back, a reboot of the recorder's machine).
    Unknown,
}

/// Properties of a recording that its entries do not show; programs get them, too.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Caveats {
    /// What the differences of its times mean.
    pub durations: Durations,
    /// The wall clock was set during the recording: times are those of the clock as it was at the start.
    pub stepped: bool,
    /// Lines of the recording are missing: the absence of gaps means nothing.
    pub incomplete: bool,
}

/// The role of a piece of text, which determines its colour. Each family of states has one ink.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Ink {
    /// Nothing special.
    #[default]
    Plain,
    /// On the way: pending, starting, being created.
    Waiting,
    /// As wanted: running, ready.
    Running,
    /// Ended well.
    Done,
    /// Failing or failed.
    Failure,
    /// No longer there.
    Gone,
    /// Not seen.
    Gap,
    /// A named instant.
    Mark,
    /// Secondary text: times, arrows, messages.
    Faint,
    /// The subject.
    Strong,
}

impl Ink {
    /// Writes `text` in this ink, or unchanged without colours.
    pub(super) fn paint(self, text: &str, colour: bool, f: &mut dyn fmt::Write) -> fmt::Result {
        if !colour || self == Self::Plain || text.trim().is_empty() {
            return f.write_str(text);
        }
        let style = self.style();
        write!(f, "{style}{text}{style:#}")
    }

    pub(super) fn style(self) -> anstyle::Style {
        let of = |colour: AnsiColor| colour.on_default();
        match self {
            Self::Plain => anstyle::Style::new(),
            Self::Waiting => of(AnsiColor::Yellow),
            Self::Running => of(AnsiColor::Green),
            Self::Done => of(AnsiColor::Cyan),
            Self::Failure => of(AnsiColor::Red),
            Self::Gone | Self::Faint => anstyle::Style::new().effects(Effects::DIMMED),
            Self::Gap => of(AnsiColor::Magenta).effects(Effects::BOLD),
            Self::Mark => of(AnsiColor::Blue).effects(Effects::BOLD),
            Self::Strong => anstyle::Style::new().effects(Effects::BOLD),
        }
    }
}
