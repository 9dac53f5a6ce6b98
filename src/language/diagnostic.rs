//! Diagnostics: where an expectation is wrong, shown with a caret, and what to write instead.
//!
//! Every error of this room that a user can fix passes through here. A [`Fault`] always has a place, and most have a
//! remedy.

use crate::monitor::Fault;
use annotate_snippets::{AnnotationKind, Group, Level, Renderer, Snippet};
use std::fmt;
use std::ops::Range;

/// A piece of a source: a scalar of a document, or a whole line.
#[derive(Clone, Copy, Debug)]
pub struct Fragment<'a> {
    /// The name of the source: a file's name, `--expect`.
    pub origin: &'a str,
    /// The whole source.
    pub source: &'a str,
    /// Where the fragment starts in it, in bytes.
    pub start: usize,
    /// Its length in the source, in bytes.
    pub len: usize,
    /// True when the fragment is a verbatim part of the source, so that a place in it is a place in the source.
    pub exact: bool,
}

impl<'a> Fragment<'a> {
    /// A source that is one fragment.
    #[must_use]
    pub fn whole(origin: &'a str, source: &'a str) -> Self {
        Self { origin, source, start: 0, len: source.len(), exact: true }
    }

    /// Converts a fault to a diagnostic, with its place in the source.
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
        // Only the part around the caret is kept: a document may be one line of a megabyte.
        let shown_from = floor(self.source, from.saturating_sub(KEPT).max(line_start));
        let shown_to = floor(self.source, from.saturating_add(KEPT).min(line_end)).max(from);
        let text = self.source[shown_from..shown_to].trim_end().to_owned();
        let within = |at: usize| at.min(shown_to).saturating_sub(shown_from).min(text.len());
        Diagnostic {
            severity: Severity::Error,
            origin: self.origin.to_owned(),
            line: self.source[..line_start].matches('\n').count() + 1,
            column: self.source[line_start..from].chars().count() + 1,
            range: within(from)..within(to),
            text,
            message: fault.message,
            help: fault.help,
        }
    }
}

/// The last character boundary at or before `at`.
fn floor(text: &str, at: usize) -> usize {
    (0..=at.min(text.len())).rev().find(|at| text.is_char_boundary(*at)).unwrap_or(0)
}

/// How severe a diagnostic is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Severity {
    /// The expectation cannot be judged.
    Error,
    /// The expectation can be judged, but is probably a mistake.
    Warning,
}

impl Severity {
    /// The label before the message.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Error => "error",
            Self::Warning => "warning",
        }
    }
}

/// One error or warning with its place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Diagnostic {
    /// How severe it is.
    pub severity: Severity,
    /// The name of the source.
    pub origin: String,
    /// Line, from 1.
    pub line: usize,
    /// Column in characters, from 1.
    pub column: usize,
    /// The line, or the part of a long line around the caret.
    pub text: String,
    /// The bytes of `text` that the caret marks.
    pub range: Range<usize>,
    /// The message.
    pub message: String,
    /// What to write instead.
    pub help: Option<String>,
}

/// Most terminal cells that a line takes; of a longer line the part around the caret is shown.
const SHOWN: usize = 160;
/// Most bytes of a line that are kept on each side of the caret.
const KEPT: usize = 1024;

impl fmt::Display for Diagnostic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{}: {}", self.severity.as_str(), self.message)?;
        let gutter = self.line.to_string().len();
        writeln!(f, "{:gutter$}--> {}:{}:{}", "", self.origin, self.line, self.column)?;
        let caret = AnnotationKind::Primary.span(self.range.clone());
        let snippet = Snippet::source(&self.text).line_start(self.line).annotation(caret);
        let mut shown = Group::with_level(Level::ERROR).element(snippet);
        if let Some(help) = &self.help {
            shown = shown.element(Level::HELP.message(help));
        }
        f.write_str(&Renderer::plain().term_width(SHOWN).render(&[shown]))
    }
}

/// All errors and warnings of some sources; never empty.
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
    use unicode_width::UnicodeWidthChar;

    #[test]
    fn the_caret_stands_under_the_word() {
        let source = "a: 1\npath: P -> Runing";
        let fragment = Fragment { origin: "x.yaml", source, start: 11, len: 11, exact: true };
        let shown = fragment.locate(Fault::new(5..11, "unknown phase `Runing`").help("did you mean `Running`?"));
        assert_eq!(
            shown.to_string(),
            "error: unknown phase `Runing`\n --> x.yaml:2:12\n  |\n2 | path: P -> Runing\n  |            ^^^^^^\n  |\n  = help: did \
             you mean `Running`?"
        );
    }

    /// The shown line, and the part of it above the carets; columns are counted in terminal cells.
    fn above_the_carets(line: &str, word: &str) -> (String, String) {
        let at = line.find(word).unwrap();
        let shown = Fragment::whole("x", line).locate(Fault::new(at..at + word.len(), "x")).to_string();
        let lines: Vec<&str> = shown.lines().collect();
        let carets = lines.iter().position(|line| line.contains('^')).unwrap();
        let under = lines[carets].find('^').unwrap()..lines[carets].rfind('^').unwrap() + 1;
        let (mut above, mut cell) = (String::new(), 0);
        for c in lines[carets - 1].chars() {
            let width = c.width().unwrap_or(0);
            // A combining character shares the cell of its base.
            if under.contains(&cell) && (width > 0 || !above.is_empty()) {
                above.push(c);
            }
            cell += width;
        }
        assert!(cell <= SHOWN + 10, "{cell} cells: {shown}");
        (lines[carets - 1].to_owned(), above)
    }

    #[test]
    fn the_carets_stand_under_the_word_in_long_lines_of_wide_characters() {
        for around in ["状態", "状", "a ", "e\u{301}", "\t", "状\te\u{301}"] {
            for times in [1, 10, 100, 1_000] {
                let line = format!("x{}Runing{}x", around.repeat(times), around.repeat(times));
                let (shown, above) = above_the_carets(&line, "Runing");
                assert!(shown.contains("Runing"), "{around:?} {times}: {shown}");
                assert_eq!(above, "Runing", "{around:?} {times}: {shown}");
            }
        }
    }

    #[test]
    fn the_carets_of_a_wide_word_are_as_wide() {
        let (_, above) = above_the_carets(&format!("{}状態{}", "é".repeat(300), "x".repeat(300)), "状態");
        assert_eq!(above, "状態");
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
