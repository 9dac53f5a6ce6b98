//! The output formats of `show`, by name.

use super::{Error, Selection, Shown, Style, csv, json, log, standing, table, yaml};
use crate::timeline::Entry;
use std::fmt;
use std::io;
use std::str::FromStr;

/// How a timeline is written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Format {
    /// By subject, for people.
    #[default]
    Table,
    /// By subject, with more columns: uids, versions of the objects.
    Wide,
    /// Every entry in the order of the timeline, with all its data.
    Log,
    /// The beginning of a long table alone: kinds, failures and gaps in numbers, and what failed.
    Summary,
    /// One line per entry, for programs.
    Json,
    /// One document per entry.
    Yaml,
    /// One row per entry.
    Csv,
}

impl Format {
    /// All formats.
    pub const ALL: [Self; 7] = [Self::Table, Self::Wide, Self::Log, Self::Summary, Self::Json, Self::Yaml, Self::Csv];

    /// The argument of `-o`.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Table => "table",
            Self::Wide => "wide",
            Self::Log => "log",
            Self::Summary => "summary",
            Self::Json => "json",
            Self::Yaml => "yaml",
            Self::Csv => "csv",
        }
    }

    /// True for the formats of people, which begin with the cluster and its versions.
    #[must_use]
    pub fn is_for_people(self) -> bool {
        matches!(self, Self::Table | Self::Wide | Self::Log | Self::Summary)
    }

    /// Writes the entries that the selection matches, in order. `style` is for people; of it, only the caveats change
    /// what programs get.
    ///
    /// # Errors
    /// When writing to `out` fails.
    pub fn write(
        self,
        entries: &[Entry],
        selection: &Selection,
        style: &Style,
        out: &mut impl io::Write,
    ) -> io::Result<()> {
        let shown = || entries.iter().zip(selection.shown(entries)).filter(|(_, shown)| shown.is_shown());
        match self {
            Self::Table | Self::Summary if selection.is_moment() => standing::write(entries, selection, style, out),
            Self::Wide if selection.is_moment() => {
                standing::write(entries, selection, &Style { wide: true, ..*style }, out)
            }
            Self::Summary => table::write_summary(entries, selection, style, out),
            Self::Table => table::write(entries, selection, style, out),
            Self::Wide => table::write(entries, selection, &Style { wide: true, ..*style }, out),
            Self::Log => log::write(entries, selection, style, out),
            Self::Json => shown().try_for_each(|(entry, shown)| json::shown(entry, shown == Shown::Held, out)),
            Self::Yaml => shown().try_for_each(|(entry, shown)| yaml::shown(entry, shown == Shown::Held, out)),
            Self::Csv => csv::write(entries, selection, style.caveats, out),
        }
    }
}

impl FromStr for Format {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        Self::ALL.into_iter().find(|format| format.as_str() == text).ok_or_else(|| Error::Format(text.to_owned()))
    }
}

impl fmt::Display for Format {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
