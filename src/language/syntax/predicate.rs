//! Names that say something of a label, or of an Event's message, instead of spelling it: `~'no such host'`, `>=3`.

use super::token::{Stream, Token};
use crate::monitor::{Details, Fault, Name, NamedAt, Predicate};
use crate::observation::{OF_LABEL, OF_MESSAGE};
use smol_str::{SmolStr, format_smolstr};

/// True for a sign with which one starts.
pub(super) fn starts(token: &Token) -> bool {
    matches!(token, Token::Sign('~' | '<' | '>'))
}

/// Reads a name that is a predicate over labels.
///
/// # Errors
/// It is malformed, or details follow.
pub(super) fn of_label(stream: &mut Stream<'_>) -> Result<NamedAt, Fault> {
    let start = stream.range().start;
    let text = if stream.sign('~') { regex(stream, start)? } else { comparison(stream)? };
    let range = start..stream.end_of_last();
    if matches!(stream.peek(), Token::Word(word) if word.starts_with('/')) && stream.is_adjacent() {
        return Err(detailed(&Predicate::written(&text), start..stream.range().end));
    }
    let details: Details = [format_smolstr!("{OF_LABEL}{text}")].into_iter().collect();
    Ok(NamedAt { name: Name { kind: None, label: None, details, quoted: false }, range })
}

/// Reads the detail after a slash that is a predicate over messages, if it is one.
///
/// # Errors
/// It is malformed.
pub(super) fn of_message(stream: &mut Stream<'_>) -> Result<Option<SmolStr>, Fault> {
    let start = stream.range().start;
    if stream.peek() != &Token::Sign('~') || !stream.is_adjacent() {
        return Ok(None);
    }
    stream.take();
    Ok(Some(format_smolstr!("{OF_MESSAGE}{}", regex(stream, start)?)))
}

/// The fault of a kind before a predicate: `waiting:>3`.
pub(super) fn with_kind(kind: &str, stream: &Stream<'_>, start: usize) -> Option<Fault> {
    let Token::Sign(sign) = stream.peek() else { return None };
    (starts(stream.peek()) && stream.is_adjacent()).then(|| {
        let what = format!("`{kind}` before `{sign}`: {TAKES_NEITHER}");
        Fault::new(start..stream.range().end, what).help("leave it out: a label matches under every kind")
    })
}

const TAKES_NEITHER: &str = "a comparison or a regular expression takes neither a kind nor a detail";

fn detailed(written: &str, range: std::ops::Range<usize>) -> Fault {
    Fault::new(range, format!("a detail after `{written}`: {TAKES_NEITHER}"))
        .help("any state with a detail is `_/Current`, in a statement of its own")
}

/// The regular expression after `~`.
fn regex(stream: &mut Stream<'_>, start: usize) -> Result<String, Fault> {
    let Some(text) = stream.adjacent_text() else {
        let fault = Fault::new(start..stream.end_of_last(), "expected a quoted regular expression after `~`");
        return Err(fault.help("`~'no such (host|file)'`: every state whose label it matches"));
    };
    let predicate = Predicate::matches(text);
    if let Err(cause) = Predicate::parse(&predicate) {
        let range = start..stream.end_of_last();
        let fault = Fault::new(range, format!("`{text}` is not a valid regular expression: {cause}"));
        return Err(fault.help("the syntax is that of Rust's `regex`, without look-around and backreferences"));
    }
    Ok(predicate)
}

/// `<3`, `<=3`, `>3`, `>=3`, as it is written.
fn comparison(stream: &mut Stream<'_>) -> Result<String, Fault> {
    let range = stream.range();
    let mut text = String::from(if stream.take() == &Token::Sign('<') { "<" } else { ">" });
    if stream.sign('=') {
        text.push('=');
    }
    let sign = text.clone();
    if stream.sign('+') {
        text.push('+');
    }
    let number = stream.peek();
    let Token::Word(word) = number else {
        let message = format!("`{sign}` compares with a number, but {} follows", number.describe());
        return Err(Fault::new(range.start..stream.range().end, message).help(format!("`{sign}3`, `{sign}0.5`")));
    };
    stream.take();
    text.push_str(word);
    let range = range.start..stream.end_of_last();
    if let Some((number, _)) = word.split_once('/') {
        return Err(detailed(&format!("{sign}{number}"), range));
    }
    if Predicate::parse(&text).is_err() {
        let help = format!("`{sign}3`, `{sign}-1`, `{sign}0.5`: digits, with an optional sign and fraction");
        return Err(
            Fault::new(range, format!("`{sign}` compares with a number, but `{word}` is not a number")).help(help)
        );
    }
    Ok(text)
}
