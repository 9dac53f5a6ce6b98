//! How a view is to look: what the caller knows about where it goes.
//!
//! The caller decides (terminal or pipe, `NO_COLOR`, the window's width); this room obeys and detects nothing.

use anstyle::{AnsiColor, Effects};
use std::fmt;

/// Where a text view goes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Style {
    /// Write ANSI colours.
    pub colour: bool,
    /// Columns of the terminal. None in a pipe: then nothing is ever cut.
    pub width: Option<usize>,
    /// Name the namespace on every line, as `kubectl -A` does.
    pub namespaces: bool,
    /// What the entries alone do not show.
    pub caveats: Caveats,
}

/// What of a recording its entries do not show; programs get it as well.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Caveats {
    /// The times are stamps of the writers' clocks in whole seconds, and not of receipt: no stay is exact.
    pub stamped: bool,
    /// Lines are missing in it: that there is no gap says nothing.
    pub incomplete: bool,
}

/// What a piece of text is, which decides its colour. One family of states, one ink.
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
    /// The side of the story: times, arrows, messages.
    Faint,
    /// Who it is about.
    Strong,
}

impl Ink {
    /// Writes `text` in this ink, or as it is when colours are not wanted.
    pub(super) fn paint(self, text: &str, colour: bool, f: &mut dyn fmt::Write) -> fmt::Result {
        if !colour || self == Self::Plain || text.trim().is_empty() {
            return f.write_str(text);
        }
        let style = self.style();
        write!(f, "{style}{text}{style:#}")
    }

    fn style(self) -> anstyle::Style {
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
