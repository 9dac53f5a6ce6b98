//! A row of text on a terminal: pieces in their inks, with a known width.
//!
//! Text from clusters passes through [`Row::push`], which writes what could move a cursor or fake a line as code
//! points. Widths are columns, not bytes or characters.

use super::style::{Ink, Style};
use crate::observation::printable;
use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

/// Marks a line that was cut; `…` is a stay that continues.
const CUT: char = '»';

/// A piece of a line in one style, for those who draw lines themselves.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Piece {
    /// Its colour and effects.
    pub style: anstyle::Style,
    /// Its text, which cannot act on a terminal.
    pub text: String,
}

/// One line, not yet painted.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Row {
    pieces: Vec<(Ink, String)>,
    width: usize,
}

impl Row {
    /// An empty row.
    pub(super) fn new() -> Self {
        Self::default()
    }

    /// A row of one piece.
    pub(super) fn of(ink: Ink, text: impl AsRef<str>) -> Self {
        let mut row = Self::new();
        row.push(ink, text);
        row
    }

    /// Columns taken so far.
    pub(super) fn width(&self) -> usize {
        self.width
    }

    /// True when nothing was written.
    pub(super) fn is_empty(&self) -> bool {
        self.pieces.is_empty()
    }

    /// Adds a piece.
    pub(super) fn push(&mut self, ink: Ink, text: impl AsRef<str>) -> &mut Self {
        let text = harmless(text.as_ref());
        if !text.is_empty() {
            self.width += text.width();
            match self.pieces.last_mut() {
                Some((last, before)) if *last == ink => before.push_str(&text),
                _ => self.pieces.push((ink, text)),
            }
        }
        self
    }

    /// Adds another row.
    pub(super) fn append(&mut self, other: Self) -> &mut Self {
        for (ink, text) in other.pieces {
            self.push(ink, text);
        }
        self
    }

    /// Fills with blanks up to `column`, with at least one after existing text.
    pub(super) fn tab(&mut self, column: usize) -> &mut Self {
        let least = usize::from(self.width > 0);
        let blanks = column.saturating_sub(self.width).max(least);
        self.push(Ink::Plain, " ".repeat(blanks))
    }

    /// Fills with blanks on the left so that the row ends at `column`.
    pub(super) fn align_right(mut self, column: usize) -> Self {
        let blanks = column.saturating_sub(self.width);
        if blanks > 0 {
            self.pieces.insert(0, (Ink::Plain, " ".repeat(blanks)));
            self.width += blanks;
        }
        self
    }

    /// The row in at most `width` columns, shortened in the middle: `virt-launcher…-x7k2p`.
    pub(super) fn shortened(self, width: usize) -> Self {
        if self.width <= width || width < 3 {
            return self;
        }
        let ink = self.pieces.first().map(|(ink, _)| *ink).unwrap_or_default();
        let text: String = self.pieces.into_iter().map(|(_, text)| text).collect();
        let within = |text: &mut dyn Iterator<Item = char>, room: usize| {
            let mut used = 0;
            let fits = |c: &char| {
                used += c.width().unwrap_or(0);
                used <= room
            };
            text.take_while(fits).collect::<String>()
        };
        let head = within(&mut text.chars(), width / 2);
        let tail = within(&mut text.chars().rev(), width - 1 - width / 2);
        Self::of(ink, format!("{head}…{}", tail.chars().rev().collect::<String>()))
    }

    /// Breaks the row at words into lines of `width` columns; the lines after the first start at `hang`.
    pub(super) fn broken(self, width: usize, hang: usize) -> Vec<Self> {
        if self.width <= width || width <= hang + 20 {
            return vec![self];
        }
        let mut lines = vec![Self::new()];
        for (ink, text) in self.pieces {
            for word in text.split_inclusive(' ') {
                let last = lines.last_mut().expect("there is a first line");
                let begun = last.pieces.iter().any(|(_, text)| !text.trim().is_empty());
                if begun && last.width + word.trim_end().width() > width {
                    last.trim();
                    let mut next = Self::of(Ink::Plain, " ".repeat(hang));
                    next.push(ink, word.trim_start());
                    lines.push(next);
                } else {
                    last.push(ink, word);
                }
            }
        }
        lines
    }

    /// Removes blanks at the end.
    fn trim(&mut self) {
        if let Some((_, text)) = self.pieces.last_mut() {
            self.width -= text.width() - text.trim_end().width();
            text.truncate(text.trim_end().len());
        }
    }

    /// The coloured line with its line end, cut at the terminal's width if there is one.
    pub(super) fn line(mut self, style: &Style) -> String {
        if let Some(width) = style.width {
            self.cut(width);
        }
        let mut line = String::with_capacity(self.width + 16);
        let last = self.pieces.len().saturating_sub(1);
        for (index, (ink, text)) in self.pieces.iter().enumerate() {
            let text = if index == last { text.trim_end() } else { text };
            ink.paint(text, style.colour, &mut line).expect("a String takes everything");
        }
        line.push('\n');
        line
    }

    /// The pieces of the line, cut to a width.
    pub(super) fn pieces(mut self, width: usize) -> Vec<Piece> {
        self.cut(width);
        self.pieces.into_iter().map(|(ink, text)| Piece { style: ink.style(), text }).collect()
    }

    fn cut(&mut self, width: usize) {
        if self.width <= width || width == 0 {
            return;
        }
        let room = width - 1;
        let mut used = 0;
        let mut kept = Vec::new();
        for (ink, text) in std::mem::take(&mut self.pieces) {
            let mut short = String::new();
            for c in text.chars() {
                let columns = c.width().unwrap_or(0);
                if used + columns > room {
                    short.push(CUT);
                    kept.push((ink, short));
                    self.width = used + 1;
                    self.pieces = kept;
                    return;
                }
                used += columns;
                short.push(c);
            }
            kept.push((ink, short));
        }
        self.pieces = kept;
    }
}

/// One line of text: [`printable`], with blanks in place of newlines and tabs.
pub(super) fn harmless(text: &str) -> String {
    printable(&text.replace(['\n', '\t'], " ")).into_owned()
}

/// A list with commas, on as many lines of `width` columns as necessary.
pub(super) fn wrapped(words: impl IntoIterator<Item = Row>, width: usize) -> Vec<Row> {
    let mut lines: Vec<Row> = Vec::new();
    for word in words {
        match lines.last_mut() {
            Some(line) if line.width() + word.width() + 3 <= width => {
                line.push(Ink::Faint, ", ").append(word);
            }
            full => {
                if let Some(line) = full {
                    line.push(Ink::Faint, ",");
                }
                lines.push(word);
            }
        }
    }
    lines
}
