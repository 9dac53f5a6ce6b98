//! The left margin of the table: a name, written once next to the lines that it belongs to.

use super::row::Row;
use super::style::Ink;

/// A name, and the column at which the lines next to it start.
pub(super) struct Aside {
    name: Option<String>,
    indent: usize,
}

impl Aside {
    /// Starts with a name, which is written next to the first line, or above it when it is too long.
    pub(super) fn new(name: impl Into<String>, indent: usize) -> Self {
        Self { name: Some(name.into()), indent }
    }

    /// The lines, next to the name.
    pub(super) fn beside(mut self, lines: impl IntoIterator<Item = Row>) -> Vec<Row> {
        let mut rows = Vec::new();
        for line in lines {
            let mut row = Row::of(Ink::Plain, format!("  {}", self.name.take().unwrap_or_default()));
            if row.width() >= self.indent {
                rows.push(std::mem::take(&mut row));
            }
            row.tab(self.indent).append(line);
            rows.push(row);
        }
        rows
    }
}
