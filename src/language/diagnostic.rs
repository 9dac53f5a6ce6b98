//! Where an expectation is wrong, shown with a caret, and what to write instead.
//!
//! Every error of this room that a person can mend passes through here. It refuses to say only that something is
//! wrong: a [`Fault`] has a place, and most have a remedy.

use crate::monitor::Fault;
use std::fmt;
use unicode_width::UnicodeWidthStr;

/// A piece of a source: a scalar of a document, or a whole line.
#[derive(Clone, Copy, Debug)]
pub struct Fragment<'a> {
    /// What the source is called: a file's name, `--expect`.
    pub origin: &'a str,
    /// The whole source.
    pub source: &'a str,
    /// Where the fragment starts in it, in bytes.
    pub start: usize,
    /// Its length in the source, in bytes.
    pub len: usize,
    /// The fragment stands in the source letter by letter, so that a place in one is a place in the other.
    pub exact: bool,
}

impl<'a> Fragment<'a> {
    /// A source that is one fragment.
    #[must_use]
    pub fn whole(origin: &'a str, source: &'a str) -> Self {
        Self { origin, source, start: 0, len: source.len(), exact: true }
    }

    /// Puts a fault in its place.
    #[must_use]
    pub fn locate(&self, fault: Fault) -> Diagnostic {
        let (from, to) = if self.exact {
            (self.start.saturating_add(fault.range.start), self.start.saturating_add(fault.range.end))
        } else {
            (self.start, self.start.saturating_add(self.len))
        };
        let from = floor(self.source, from);
        let line_start = self.source[..from].rfind('\n').map_or(0, |at| at + 1);
        let line_end = self.source[from..].find('\n').map_or(self.source.len(), |at| from + at);
        let to = floor(self.source, to).clamp(from, line_end);
        // Of a long line only what stands around the caret: a document may be one line of a megabyte.
        let shown_from = floor(self.source, from.saturating_sub(KEPT).max(line_start));
        let shown_to = floor(self.source, from.saturating_add(KEPT).min(line_end)).max(from);
        Diagnostic {
            severity: Severity::Error,
            origin: self.origin.to_owned(),
            line: self.source[..line_start].matches('\n').count() + 1,
            column: self.source[line_start..from].chars().count() + 1,
            text: self.source[shown_from..shown_to].trim_end().to_owned(),
            indent: self.source[shown_from..from].width(),
            width: self.source[from..to.min(shown_to)].width().max(1),
            message: fault.message,
            help: fault.help,
        }
    }
}

/// The last boundary of a character at or before `at`.
fn floor(text: &str, at: usize) -> usize {
    (0..=at.min(text.len())).rev().find(|at| text.is_char_boundary(*at)).unwrap_or(0)
}

/// How bad it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Severity {
    /// It cannot be judged so.
    Error,
    /// It can, and is probably not what is meant.
    Warning,
}

impl Severity {
    /// The word before the message.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Error => "error",
            Self::Warning => "warning",
        }
    }
}

/// One error or warning, in its place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Diagnostic {
    /// How bad it is.
    pub severity: Severity,
    /// What the source is called.
    pub origin: String,
    /// Line, from 1.
    pub line: usize,
    /// Column in characters, from 1.
    pub column: usize,
    /// The line itself, of a long one the part around the caret.
    pub text: String,
    /// Terminal cells of that text before the caret.
    pub indent: usize,
    /// Terminal cells under the caret.
    pub width: usize,
    /// What is wrong.
    pub message: String,
    /// What to write instead.
    pub help: Option<String>,
}

/// Longest line that is shown whole; a longer one is shown around the caret.
const SHOWN: usize = 160;
/// Most bytes of a line that are kept on each side of the caret.
const KEPT: usize = 1024;

impl fmt::Display for Diagnostic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let number = self.line.to_string();
        let gutter = " ".repeat(number.len());
        let skipped = if self.text.width() > SHOWN { self.indent.saturating_sub(SHOWN / 2) } else { 0 };
        let shown: String = self.text.chars().skip(skipped).take(SHOWN).collect();
        let indent = self.indent - skipped;
        writeln!(f, "{}: {}", self.severity.word(), self.message)?;
        writeln!(f, "{gutter}--> {}:{}:{}", self.origin, self.line, self.column)?;
        writeln!(f, "{number} | {shown}")?;
        let carets = self.width.min(SHOWN.saturating_sub(indent)).max(1);
        write!(f, "{gutter} | {}{}", " ".repeat(indent), "^".repeat(carets))?;
        if let Some(help) = &self.help {
            write!(f, "\n{gutter} = help: {help}")?;
        }
        Ok(())
    }
}

/// All that is wrong with some sources; never empty.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub struct Diagnostics(pub Vec<Diagnostic>);

impl fmt::Display for Diagnostics {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, diagnostic) in self.0.iter().enumerate() {
            if index > 0 {
                f.write_str("\n\n")?;
            }
            diagnostic.fmt(f)?;
        }
        Ok(())
    }
}

impl From<Diagnostic> for Diagnostics {
    fn from(diagnostic: Diagnostic) -> Self {
        Self(vec![diagnostic])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_caret_stands_under_the_word() {
        let source = "a: 1\npath: P -> Runing";
        let fragment = Fragment { origin: "x.yaml", source, start: 11, len: 11, exact: true };
        let shown = fragment.locate(Fault::new(5..11, "unknown phase `Runing`").help("did you mean `Running`?"));
        assert_eq!(
            shown.to_string(),
            "error: unknown phase `Runing`\n --> x.yaml:2:12\n2 | path: P -> Runing\n  |            ^^^^^^\n  = help: did you \
             mean `Running`?"
        );
    }

    #[test]
    fn a_place_outside_or_inside_a_character_does_not_panic() {
        let fragment = Fragment::whole("x", "é\n");
        for start in 0..9 {
            for end in 0..9 {
                let _ = fragment.locate(Fault::new(start..end, "x")).to_string();
            }
        }
    }
}
