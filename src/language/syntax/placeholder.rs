//! Placeholders for a label: `$home`.

use super::token::{Stream, Token};
use crate::monitor::{Fault, Name, NamedAt};

/// Reads a placeholder, whose word is next.
///
/// # Errors
/// A detail follows, or a character that no placeholder has.
pub(super) fn read(stream: &mut Stream<'_>, word: &str) -> Result<NamedAt, Fault> {
    let range = stream.range();
    stream.take();
    let is_part = |c: char| c.is_alphanumeric() || matches!(c, '_' | '-');
    let Some((at, c)) = word.char_indices().find(|(_, c)| !is_part(*c)) else {
        return Ok(NamedAt { name: Name::placeholder(word), range });
    };
    let name = &word[..at];
    if c == '/' {
        let fault = Fault::new(range, format!("a detail after `${name}`: {TAKES_NEITHER}"));
        return Err(fault.help("any state with a detail is `_/Current`"));
    }
    let fault = Fault::new(range, format!("`{c}` in the name of a placeholder"));
    Err(fault.help(format!("letters, digits, `-` and `_`: `${name}`; quote a state of that name: `'${word}'`")))
}

/// The fault of a kind before a placeholder: `waiting:$home`.
pub(super) fn with_kind(kind: &str, stream: &Stream<'_>, start: usize) -> Option<Fault> {
    let Token::Placeholder(word) = stream.peek() else { return None };
    stream.is_adjacent().then(|| {
        let fault = Fault::new(start..stream.range().end, format!("`{kind}` before `${word}`: {TAKES_NEITHER}"));
        fault.help("leave it out: a label matches under every kind")
    })
}

const TAKES_NEITHER: &str = "a placeholder takes neither a kind nor a detail";
