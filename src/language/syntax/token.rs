//! The tokens of the language, each with its place.
//!
//! Other characters are rejected; a state that contains one must be quoted.

use super::keywords::meant;
use crate::monitor::{Fault, Micros};
use std::ops::Range;

/// Longest text of one expectation, in bytes.
pub const MAX_TEXT: usize = 16 * 1024;

/// A token.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Token {
    /// A bare word: a state, a keyword, a number or a duration.
    Word(String),
    /// `'text'`; `''` within it stands for one quote.
    Quoted(String),
    /// `$word`
    Placeholder(String),
    /// `->`
    Arrow,
    /// `...`
    Run,
    /// `_`
    One,
    /// One of `| ( ) [ ] , ! ? * + { } < > = ~`.
    Sign(char),
    /// The end of the text.
    End,
}

impl Token {
    /// The name in messages.
    #[must_use]
    pub fn describe(&self) -> String {
        match self {
            Self::Word(word) => format!("`{word}`"),
            Self::Quoted(text) => format!("`'{text}'`"),
            Self::Placeholder(word) => format!("`${word}`"),
            Self::Arrow => "`->`".into(),
            Self::Run => "`...`".into(),
            Self::One => "`_`".into(),
            Self::Sign(sign) => format!("`{sign}`"),
            Self::End => "the end".into(),
        }
    }
}

/// Characters of a bare word; a `-` followed by `>` ends the word.
fn is_word(c: char) -> bool {
    c.is_alphanumeric() || matches!(c, '_' | '-' | '.' | '/' | ':' | '%' | '#' | '@')
}

/// Splits a text into tokens, the last of which is [`Token::End`].
///
/// # Errors
/// The text has a character that is not in the language or an open quote, or exceeds [`MAX_TEXT`].
pub fn tokens(text: &str) -> Result<Vec<(Token, Range<usize>)>, Fault> {
    if text.len() > MAX_TEXT {
        let message = format!("the expectation has {} bytes, at most {MAX_TEXT} are allowed", text.len());
        return Err(Fault::new(0..1, message).help("split it into several expectations"));
    }
    let mut found = Vec::new();
    let mut at = 0;
    while let Some(c) = text[at..].chars().next() {
        let rest = &text[at..];
        let (token, len) = if c.is_whitespace() {
            at += c.len_utf8();
            continue;
        } else if rest.starts_with("->") {
            (Token::Arrow, 2)
        } else if rest.starts_with("...") {
            (Token::Run, 3)
        } else if c == '\'' {
            quoted(rest, at)?
        } else if "|()[],!?*+{}<>=~".contains(c) {
            (Token::Sign(c), 1)
        } else if c == '$' {
            placeholder(rest, at)?
        } else if is_word(c) && c != '.' {
            word(rest)
        } else {
            return Err(if rest.starts_with("..") { broken_range(at) } else { unknown(c, at) });
        };
        found.push((token, at..at + len));
        at += len;
    }
    found.push((Token::End, text.len()..text.len()));
    Ok(found)
}

fn is_octal(rest: &str) -> bool {
    rest.bytes().take(3).filter(|byte| matches!(byte, b'0'..=b'7')).count() == 3
}

fn word(rest: &str) -> (Token, usize) {
    let mut len = 0;
    for (at, c) in rest.char_indices() {
        let arrow = rest[at..].starts_with("->");
        let run = rest[at..].starts_with("...");
        // A name of a place is written as the kernel writes it.
        let is_escape = c == '\\' && rest[..at].contains('/') && is_octal(&rest[at + 1..]);
        if !(is_word(c) || is_escape) || arrow || run {
            break;
        }
        len = at + c.len_utf8();
    }
    let word = &rest[..len];
    (if word == "_" { Token::One } else { Token::Word(word.to_owned()) }, len)
}

fn quoted(rest: &str, at: usize) -> Result<(Token, usize), Fault> {
    let mut text = String::new();
    let mut chars = rest.char_indices().skip(1).peekable();
    while let Some((place, c)) = chars.next() {
        if c != '\'' {
            text.push(c);
        } else if chars.peek().is_some_and(|(_, next)| *next == '\'') {
            text.push('\'');
            chars.next();
        } else {
            return Ok((Token::Quoted(text), place + 1));
        }
    }
    Err(Fault::new(at..at + 1, "the quote that opens here is never closed").help("close it with `'`"))
}

fn placeholder(rest: &str, at: usize) -> Result<(Token, usize), Fault> {
    let (_, len) = word(&rest[1..]);
    let name = &rest[1..=len];
    if name.starts_with(|c: char| c.is_alphabetic() || c == '_') {
        return Ok((Token::Placeholder(name.to_owned()), 1 + len));
    }
    let fault = Fault::new(at..at + 1 + len, "expected a name after `$`");
    Err(fault.help("`$home` stands for one label throughout a path; quote a state with this character: `'$'`"))
}

fn broken_range(at: usize) -> Fault {
    Fault::new(at..at + 2, "unexpected `..` in a path")
        .help("write a range of times as one word: `3s..10s`; any run of states is written `...`")
}

fn unknown(c: char, at: usize) -> Fault {
    let fault = Fault::new(at..at + c.len_utf8(), format!("unexpected `{c}` in a path"));
    match c {
        '"' | '`' => fault.help("quote states with `'`"),
        '→' | '⇒' => fault.help("write `->`"),
        '…' | '.' => fault.help("any run of states is written `...`"),
        '&' => fault.help("write two expectations"),
        _ => fault.help("quote a state with this character: `'...'`"),
    }
}

/// A cursor over tokens.
pub struct Stream<'a> {
    tokens: &'a [(Token, Range<usize>)],
    at: usize,
}

impl<'a> Stream<'a> {
    /// Starts at the first token; `tokens` are the result of [`tokens`].
    #[must_use]
    pub fn new(tokens: &'a [(Token, Range<usize>)]) -> Self {
        Self { tokens, at: 0 }
    }

    /// The next token, without taking it.
    #[must_use]
    pub fn peek(&self) -> &'a Token {
        self.tokens.get(self.at).map_or(&Token::End, |(token, _)| token)
    }

    /// The place of the next token.
    #[must_use]
    pub fn range(&self) -> Range<usize> {
        self.tokens.get(self.at).or(self.tokens.last()).map_or(0..0, |(_, range)| range.clone())
    }

    /// The end of the last token taken.
    #[must_use]
    pub fn end_of_last(&self) -> usize {
        self.at.checked_sub(1).and_then(|at| self.tokens.get(at)).map_or(0, |(_, range)| range.end)
    }

    /// True when nothing separates the next token from the last one taken. In a text with escapes, whose tokens have no
    /// places of their own, blanks may.
    #[must_use]
    pub fn is_adjacent(&self) -> bool {
        let last = self.at.checked_sub(1).and_then(|at| self.tokens.get(at));
        self.range().start == self.end_of_last() || last.is_some_and(|(_, last)| *last == self.range())
    }

    /// Takes a text in quotes, if it is directly after the last token.
    pub fn adjacent_text(&mut self) -> Option<&'a str> {
        let Token::Quoted(text) = self.peek() else { return None };
        self.is_adjacent().then(|| self.take())?;
        Some(text)
    }

    /// The last token taken.
    #[must_use]
    pub fn last(&self) -> Option<&'a Token> {
        self.at.checked_sub(1).and_then(|at| self.tokens.get(at)).map(|(token, _)| token)
    }

    /// Takes the next token.
    pub fn take(&mut self) -> &'a Token {
        let token = self.peek();
        self.at += 1;
        token
    }

    /// Takes the next token if it is `wanted`.
    pub fn take_if(&mut self, wanted: &Token) -> bool {
        let fits = self.peek() == wanted;
        self.at += usize::from(fits);
        fits
    }

    /// Takes a sign if it is next; returns whether it was.
    pub fn sign(&mut self, sign: char) -> bool {
        self.take_if(&Token::Sign(sign))
    }

    /// Takes a keyword if it is next; returns whether it was.
    pub fn keyword(&mut self, word: &str) -> bool {
        let fits = matches!(self.peek(), Token::Word(next) if next == word);
        self.at += usize::from(fits);
        fits
    }

    /// Requires that no token is left.
    ///
    /// # Errors
    /// A token is left.
    pub fn finish(&self, expected: &str) -> Result<(), Fault> {
        match self.peek() {
            Token::End => Ok(()),
            other => {
                let fault = Fault::new(self.range(), format!("unexpected {}: {expected}", other.describe()));
                Err(match self.meant() {
                    Some(meant) => fault.help(format!("did you mean `{meant}`?")),
                    None => fault,
                })
            }
        }
    }

    /// What the next word was probably meant to be.
    #[must_use]
    pub fn meant(&self) -> Option<&'static str> {
        if let Token::Word(word) = self.peek() { meant(word) } else { None }
    }

    /// Parses a whole number.
    ///
    /// # Errors
    /// The next token is not one.
    pub fn number(&mut self, what: &str) -> Result<u32, Fault> {
        let range = self.range();
        match self.take() {
            Token::Word(word) => word.parse().map_err(|_| {
                let shape = Fault::new(range, format!("`{word}` is not a number of {what}"));
                if word.bytes().all(|b| b.is_ascii_digit()) {
                    shape.help(format!("at most {}", u32::MAX))
                } else {
                    shape.help("a whole number, such as 2")
                }
            }),
            other => Err(Fault::new(range, format!("expected a number of {what}, found {}", other.describe()))),
        }
    }

    /// Parses a duration with its unit.
    ///
    /// # Errors
    /// The next token is not one.
    pub fn duration(&mut self) -> Result<Micros, Fault> {
        let range = self.range();
        match self.take() {
            Token::Word(word) => duration(word).map_err(|(message, help)| Fault::new(range, message).help(help)),
            other => Err(Fault::new(range, format!("expected a duration, found {}", other.describe()))
                .help("use a number with a unit, such as 30s, 5m, 1h30m")),
        }
    }
}

/// Parses a duration as humantime does, in whole microseconds.
///
/// # Errors
/// The message and the remedy.
pub fn duration(text: &str) -> Result<Micros, (String, String)> {
    if !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit() || b == b'.') {
        return Err((
            format!("duration `{text}` has no unit"),
            format!("`{text}s` for seconds, `{text}m` for minutes"),
        ));
    }
    let unit = text.trim_start_matches(|c: char| c.is_ascii_digit() || c == '.');
    if ["M", "month", "months", "y", "year", "years"].contains(&unit) {
        let number = &text[..text.len() - unit.len()];
        let message = format!("duration `{text}`: months and years have no fixed length");
        return Err((message, format!("`{number}m` for minutes, `{number}d` for days")));
    }
    let example = || "use a number with a unit, such as 30s, 5m, 1h30m, 200ms".to_owned();
    let read = humantime::parse_duration(text).map_err(|error| match error {
        humantime::DurationError::UnknownUnit { unit, value, .. } if unit.is_empty() => {
            (format!("duration `{text}`: `{value}` has no unit"), example())
        }
        error => (format!("duration `{text}`: {error}"), example()),
    })?;
    if read.subsec_nanos() % 1000 != 0 {
        return Err((format!("duration `{text}` is finer than a microsecond"), "times are whole microseconds".into()));
    }
    match Micros::try_from(read.as_micros()) {
        Ok(micros) if micros <= Micros::MAX / 16 => Ok(micros),
        _ => Err((format!("duration `{text}` is longer than any recording"), example())),
    }
}
