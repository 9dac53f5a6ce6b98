//! The output formats of `show`, by name.

use super::{Error, Selection, Style, csv, json, table, wide, yaml};
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
    /// Every entry with all its data, for people with wide windows.
    Wide,
    /// One line per entry, for programs.
    Json,
    /// One document per entry.
    Yaml,
    /// One row per entry.
    Csv,
}

impl Format {
    /// All formats.
    pub const ALL: [Self; 5] = [Self::Table, Self::Wide, Self::Json, Self::Yaml, Self::Csv];

    /// The argument of `-o`.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Table => "table",
            Self::Wide => "wide",
            Self::Json => "json",
            Self::Yaml => "yaml",
            Self::Csv => "csv",
        }
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
        let mut shown = entries.iter().filter(|entry| selection.matches(entry));
        match self {
            Self::Table => table::write(entries, selection, style, out),
            Self::Wide => wide::write(entries, selection, style, out),
            Self::Json => shown.try_for_each(|entry| json::entry(entry, out)),
            Self::Yaml => shown.try_for_each(|entry| yaml::entry(entry, out)),
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
