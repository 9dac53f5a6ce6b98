//! The words of a sketch: entries, gaps, times.

use crate::kinds;
use crate::language::syntax::name;
use crate::monitor::{Details, Fault, Micros, Name, Symbol};
use crate::observation::StateKind;
use smol_str::SmolStr;
use std::ops::Range;

pub(super) const SECOND: Micros = 1_000_000;
/// Latest time that a sketch may name, a little over 30 years.
pub(super) const LATEST: Micros = 1_000_000_000 * SECOND;

pub(super) type Word<'a> = (&'a str, Range<usize>);

/// A gap for which the state at its end is not yet known.
pub(super) struct SketchedGap {
    pub span: Option<(Micros, Micros)>,
    pub range: Range<usize>,
}

/// Splits a text at blanks; `;` is a separate word, and blanks within quotes do not separate.
pub(super) fn split(text: &str) -> Vec<Word<'_>> {
    let mut words = Vec::new();
    let mut start = None;
    let mut quoted = false;
    for (at, c) in text.char_indices() {
        quoted ^= c == '\'';
        let separates = !quoted && (c.is_whitespace() || c == ';');
        match start {
            None if !separates => start = Some(at),
            Some(from) if separates => {
                words.push((&text[from..at], from..at));
                start = None;
            }
            _ => {}
        }
        if separates && c == ';' {
            words.push((&text[at..=at], at..at + 1));
        }
    }
    if let Some(from) = start {
        words.push((&text[from..], from..text.len()));
    }
    words
}

/// `Label#3@[30,31]`
pub(super) struct Entry {
    /// None for `-`: the object has no state at the end of a gap.
    pub symbol: Option<Symbol>,
    pub restarts: Option<u32>,
    pub when: Option<(Micros, Micros)>,
}

pub(super) fn entry(word: &str, range: &Range<usize>) -> Result<Entry, Fault> {
    let (label, mut rest) = label(word, range)?;
    let symbol = match label {
        Label::Bare(text) if text == "-" => None,
        Label::Quoted(kind, text) => {
            let (details, behind) = details(rest, range)?;
            rest = behind;
            Some(Symbol { kind, details, ..Symbol::plain(text) })
        }
        Label::Bare(text) => {
            let Name { kind, label, details, .. } = name(&text);
            let any = || Fault::new(range.clone(), format!("`{text}` is not one state"));
            let label =
                label.ok_or_else(|| any().help(format!("a state, such as `{}`", text.replace('_', "Error"))))?;
            Some(Symbol { kind: kind.unwrap_or(StateKind::Plain), label, details })
        }
    };
    let (restarts, when) = match rest.split_once('@') {
        Some((restarts, when)) => (restarts, Some(span(when, range)?)),
        None => (rest, None),
    };
    let restarts = match restarts.strip_prefix('#') {
        Some(count) => Some(count.parse().map_err(|_| {
            Fault::new(range.clone(), format!("`#{count}` is not a restart count")).help("`Running#3`")
        })?),
        None if restarts.is_empty() => None,
        None => return Err(Fault::new(range.clone(), format!("`{restarts}` after a state")).help("`Running#3@12.5`")),
    };
    Ok(Entry { symbol, restarts, when })
}

enum Label {
    Bare(String),
    /// With its kind; plain when there is none.
    Quoted(StateKind, String),
}

fn label<'a>(word: &'a str, range: &Range<usize>) -> Result<(Label, &'a str), Fault> {
    let (kind, quoted) = match word.split_once(":'") {
        Some((kind, _)) => (name(&format!("{kind}:x")).kind, &word[kind.len() + 1..]),
        None => (Some(StateKind::Plain), word),
    };
    if let (Some(kind), Some(rest)) = (kind, quoted.strip_prefix('\'')) {
        let Some((label, rest)) = unquoted(rest) else {
            let at = range.end - quoted.len();
            return Err(Fault::new(at..at + 1, "the quote that opens here is never closed"));
        };
        return Ok((Label::Quoted(kind, label), rest));
    }
    match bare(word, range, &['#', '@'])? {
        ("", _) => Err(Fault::new(range.clone(), "the state has no name").help("an empty label is `''`")),
        (label, rest) => Ok((Label::Bare(label.to_owned()), rest)),
    }
}

/// The text up to one of these characters, without quotes, and what follows it. It is at the end of a word.
fn bare<'a>(text: &'a str, range: &Range<usize>, ends: &[char]) -> Result<(&'a str, &'a str), Fault> {
    let (word, rest) = text.split_at(text.find(ends).unwrap_or(text.len()));
    let Some((at, c)) = word.char_indices().find(|(_, c)| !(c.is_alphanumeric() || "_-./:%()".contains(*c))) else {
        return Ok((word, rest));
    };
    let at = range.end - text.len() + at;
    let fault = Fault::new(at..at + c.len_utf8(), format!("`{c}` in a state"));
    Err(match c {
        '>' => fault.help("a sketch is written without arrows: `Pending Running |closed`"),
        '|' => fault.help("put a space before the end: ` |closed`"),
        _ => fault.help("quote a state with this character: `'...'`"),
    })
}

/// The details after a quoted label, and what follows them: `'1'/Outdated@5`.
fn details<'a>(text: &'a str, range: &Range<usize>) -> Result<(Details, &'a str), Fault> {
    let (mut details, mut rest) = (Vec::new(), text);
    while let Some(detail) = rest.strip_prefix('/') {
        let (detail, behind) = match detail.strip_prefix('\'') {
            Some(quoted) => unquoted(quoted)
                .ok_or_else(|| Fault::new(range.clone(), "a quote that opens in this state is never closed"))?,
            None => bare(detail, range, &['/', '#', '@']).map(|(detail, behind)| (detail.to_owned(), behind))?,
        };
        if detail.is_empty() {
            return Err(Fault::new(range.clone(), "expected a detail after `/`").help("`'1'/Outdated`"));
        }
        details.push(SmolStr::from(detail));
        rest = behind;
    }
    Ok((details.into_iter().collect(), rest))
}

/// The text up to the closing quote, in which `''` stands for one quote, and what follows the quote.
fn unquoted(text: &str) -> Option<(String, &str)> {
    let mut label = String::new();
    let mut rest = text;
    loop {
        let (part, behind) = rest.split_once('\'')?;
        label.push_str(part);
        match behind.strip_prefix('\'') {
            Some(_) => label.push('\''),
            None => return Some((label, behind)),
        }
        rest = &behind[1..];
    }
}

/// The parts of a subject's name, separated by slashes; a part that contains slashes is quoted: `pod/n/'a/b'`. Where names
/// have slashes, the name is one part: `mount//mnt`, `podmanimage/localhost/web:1`.
pub(crate) fn parts(subject: &str) -> Vec<String> {
    if let Some((kind, place)) = kinds::with_slashes(subject) {
        let quoted = place.strip_prefix('\'').and_then(unquoted).filter(|(_, behind)| behind.is_empty());
        return vec![kind.to_owned(), quoted.map_or_else(|| place.to_owned(), |(text, _)| text)];
    }
    let (mut parts, mut part) = (Vec::new(), String::new());
    let mut rest = subject;
    while let Some(c) = rest.chars().next() {
        let behind = &rest[c.len_utf8()..];
        rest = match (c, unquoted(behind)) {
            ('\'', Some((text, behind))) => {
                part.push_str(&text);
                behind
            }
            ('/', _) => {
                parts.push(std::mem::take(&mut part));
                behind
            }
            _ => {
                part.push(c);
                behind
            }
        };
    }
    parts.push(part);
    parts
}

pub(super) fn gap(word: &str, range: &Range<usize>) -> Result<SketchedGap, Fault> {
    let shape = || Fault::new(range.clone(), format!("`{word}` is not a gap")).help("`~` or `~10,40~`, in seconds");
    if word == "~" {
        return Ok(SketchedGap { span: None, range: range.clone() });
    }
    let inside = word.strip_prefix('~').and_then(|word| word.strip_suffix('~')).ok_or_else(shape)?;
    let (from, to) = inside.split_once(',').ok_or_else(shape)?;
    let (from, to) = (time(from, range)?, time(to, range)?);
    if to < from {
        return Err(Fault::new(range.clone(), "the gap ends before it begins").help(format!(
            "`~{},{}~`",
            seconds(to),
            seconds(from)
        )));
    }
    Ok(SketchedGap { span: Some((from, to)), range: range.clone() })
}

fn span(text: &str, range: &Range<usize>) -> Result<(Micros, Micros), Fault> {
    let Some(inside) = text.strip_prefix('[').and_then(|text| text.strip_suffix(']')) else {
        return time(text, range).map(|at| (at, at));
    };
    let (from, to) = inside.split_once(',').ok_or_else(|| {
        Fault::new(range.clone(), format!("`{text}` is not an interval"))
            .help("`@[30,31]`: not before 30, not after 31")
    })?;
    let (from, to) = (time(from, range)?, time(to, range)?);
    if to < from {
        return Err(Fault::new(range.clone(), format!("`{text}` ends before it begins")));
    }
    Ok((from, to))
}

/// Parses seconds with up to six decimal places.
pub(super) fn time(text: &str, range: &Range<usize>) -> Result<Micros, Fault> {
    let shape = || Fault::new(range.clone(), format!("`{text}` is not a time in seconds")).help("`12`, `12.5`");
    let (whole, part) = text.split_once('.').unwrap_or((text, "0"));
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    if !digits(whole) || !digits(part) || part.len() > 6 {
        return Err(shape());
    }
    let whole: Micros = whole.parse().map_err(|_| shape())?;
    let part: Micros = format!("{part:0<6}").parse().map_err(|_| shape())?;
    match whole.checked_mul(SECOND).map(|whole| whole + part) {
        Some(at) if at < LATEST => Ok(at),
        _ => Err(shape().help("at most 999999999 seconds")),
    }
}

pub(super) fn seconds(at: Micros) -> String {
    let text = format!("{}.{:06}", at / SECOND, (at % SECOND).abs());
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_with_slashes_is_one_part() {
        for (subject, expected) in [
            ("mount//scratch/mnt", &["mount", "/scratch/mnt"][..]),
            ("podmanimage/localhost/x:2", &["podmanimage", "localhost/x:2"]),
            ("podmanimage/'localhost/x:2'", &["podmanimage", "localhost/x:2"]),
            ("pod/shop/web", &["pod", "shop", "web"]),
        ] {
            assert_eq!(parts(subject), expected, "{subject}");
        }
    }
}
