//! The output formats of `show`, by name.

use super::{Error, Selection, Shown, Style, csv, export, json, log, standing, table, yaml};
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
    /// One row per entry with typed columns, in a Parquet file.
    Parquet,
    /// The states of a track as a diagram.
    Mermaid,
    /// A trace for Perfetto.
    Perfetto,
    /// Spans for the OpenTelemetry Collector, as lines of OTLP/JSON.
    Otlp,
    /// A file for Kubernetes History Inspector.
    Khi,
}

impl Format {
    /// All formats.
    pub const ALL: [Self; 12] = [
        Self::Table,
        Self::Wide,
        Self::Log,
        Self::Summary,
        Self::Json,
        Self::Yaml,
        Self::Csv,
        Self::Parquet,
        Self::Mermaid,
        Self::Perfetto,
        Self::Otlp,
        Self::Khi,
    ];

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
            Self::Parquet => "parquet",
            Self::Mermaid => "mermaid",
            Self::Perfetto => "perfetto",
            Self::Otlp => "otlp",
            Self::Khi => "khi",
        }
    }

    /// True for the formats of people, which begin with the cluster and its versions.
    #[must_use]
    pub fn is_for_people(self) -> bool {
        matches!(self, Self::Table | Self::Wide | Self::Log | Self::Summary)
    }

    /// The usual end of the name of a file of a binary format, which a terminal cannot show; none for text.
    #[must_use]
    pub fn binary_extension(self) -> Option<&'static str> {
        match self {
            Self::Parquet => Some("parquet"),
            Self::Perfetto => Some("pftrace"),
            Self::Khi => Some("khi"),
            _ => None,
        }
    }

    /// True for lines of JSON.
    #[must_use]
    pub fn is_json(self) -> bool {
        matches!(self, Self::Json | Self::Otlp)
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
            Self::Parquet => export::parquet(entries, selection, style.caveats, out),
            Self::Mermaid => export::mermaid(entries, selection, style.caveats, out),
            Self::Perfetto => export::perfetto(entries, selection, style.caveats, out),
            Self::Otlp => export::otlp(entries, selection, style.caveats, out),
            Self::Khi => export::khi(entries, selection, style.caveats, out),
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
