//! The subject and the track before a statement in a line, and what is wrong with words that are probably meant as them.

use super::syntax::{KEYWORDS, Stream, Token};
use crate::monitor::Fault;
use std::ops::Range;

/// `vm/vm-imagepull status:` before a body.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Head {
    /// `KIND`, `KIND/NAME` or `KIND/NAMESPACE/NAME`, with its place.
    pub subject: (String, Range<usize>),
    /// The track's name, with its place.
    pub track: (String, Range<usize>),
}

type Tokens = [(Token, Range<usize>)];

/// The subject and the track that a line, or the condition in one, begins with.
pub fn head(tokens: &Tokens) -> Option<Head> {
    let [(Token::Word(subject), at), (Token::Word(track), there), ..] = tokens else { return None };
    // `never waiting:'a b'` has none.
    let track = track.strip_suffix(':').filter(|_| !KEYWORDS.contains(&subject.as_str()))?;
    let place = there.start..there.end - 1;
    Some(Head { subject: (subject.clone(), at.clone()), track: (track.to_owned(), place) })
}

/// The subject and the track of a condition, where it names them, and what follows.
pub fn awaited(tokens: &Tokens) -> Result<(Option<Head>, Stream<'_>), Fault> {
    let condition = head(tokens);
    match malformed_head(tokens).filter(|_| condition.is_none()) {
        Some(fault) => Err(fault),
        None => {
            let taken = if condition.is_some() { 2 } else { 0 };
            Ok((condition, Stream::new(&tokens[taken..])))
        }
    }
}

/// What is wrong with words that are probably meant as `SUBJECT TRACK:`.
pub fn malformed_head(tokens: &Tokens) -> Option<Fault> {
    const HELP: &str = "`SUBJECT TRACK: STATEMENT`, such as `vm/web status: never Failed`";
    let fault = |at: &Range<usize>, message: String| Some(Fault::new(at.clone(), message).help(HELP));
    if let Some(fault) = of_a_document(tokens).or_else(|| of_a_family(tokens)) {
        return Some(fault);
    }
    match tokens {
        [(Token::Word(subject), at), (Token::Sign('*'), star), ..] if subject.contains('/') && at.end == star.start => {
            let fault = Fault::new(star.clone(), "`*` in a name: a name is not a pattern");
            Some(fault.help("leave the name out for all objects of the kind, or select by labels in a file"))
        }
        [(Token::Word(subject), at), ..] if subject.contains('/') && subject.ends_with(':') => {
            fault(at, format!("the track is missing after `{}`", subject.trim_end_matches(':')))
        }
        [(Token::Word(track), at), ..] if is_lone_track(track) => {
            let track = track.trim_end_matches(':');
            let (kind, track) = track.split_once('.').unwrap_or(("KIND", track));
            let fault = Fault::new(at.clone(), format!("the subject is missing before the track `{track}`"));
            Some(fault.help(format!("`{kind}/NAME {track}: STATEMENT`, such as `vm/web status: never Failed`")))
        }
        [(Token::Word(kind), at), (Token::Word(name), there), (Token::Word(track), _), ..]
            if !kind.contains('/') && !KEYWORDS.contains(&name.as_str()) && is_lone_track(track) =>
        {
            Some(
                Fault::new(at.start..there.end, format!("`/` is missing between `{kind}` and `{name}`"))
                    .help(format!("write `{kind}/{name} {track}`")),
            )
        }
        [(Token::Word(subject), _), (Token::Word(track), at), (Token::Word(colon), apart), ..]
            if subject.contains('/') && colon == ":" =>
        {
            let fault =
                Fault::new(at.start..apart.end, format!("unexpected space between `:` and the track `{track}`"));
            Some(fault.help(format!("write `{subject} {track}:`")))
        }
        [(Token::Word(subject), _), (Token::Word(track), at), ..] if subject.contains('/') => {
            fault(at, format!("`:` is missing after the track `{track}`"))
        }
        _ => None,
    }
}

/// True for `status:`; `waiting:` before a quoted state is a kind.
fn is_lone_track(word: &str) -> bool {
    word.len() > 1 && word.ends_with(':') && !matches!(word, "waiting:" | "running:" | "terminated:")
}

/// The fault of `vmi.phase=Running`: only a document names an entry so.
fn of_a_document(tokens: &Tokens) -> Option<Fault> {
    let [(Token::Word(place), at), rest @ ..] = tokens else { return None };
    let mut rest = rest.iter();
    let mut next = rest.next()?;
    let not = if next.0 == Token::Sign('!') { "!" } else { "" };
    if !not.is_empty() {
        next = rest.next()?;
    }
    let is_place = place.contains(['.', '/']);
    if !is_place || next.0 != Token::Sign('=') || next.1.start != at.end + not.len() {
        return None;
    }
    let state = match rest.next() {
        Some((Token::Word(state), _)) => state.clone(),
        Some((Token::Quoted(text), _)) => format!("'{}'", text.replace('\'', "''")),
        _ => "Running".to_owned(),
    };
    let (subject, track) = match place.split_once('.') {
        Some((subject, track)) if subject.contains('/') => (subject.to_owned(), track),
        Some((alias, track)) => (format!("{alias}/NAME"), track),
        None => ("KIND/NAME".to_owned(), place.as_str()),
    };
    let fault = Fault::new(at.start..next.1.end, format!("`{place}{not}=` is how a document names an entry"));
    Some(fault.help(format!("in a line: `{subject} {track}: {not}{state}`")))
}

/// The fault of `vmi/a condition/*:`: a line is about one track.
fn of_a_family(tokens: &Tokens) -> Option<Fault> {
    let [(Token::Word(subject), _), (Token::Word(family), at), (Token::Sign('*'), star), ..] = tokens else {
        return None;
    };
    let is_family = family.ends_with('/') && at.end == star.start && !KEYWORDS.contains(&subject.as_str());
    is_family.then(|| {
        let (kind, _) = subject.split_once('/').unwrap_or((subject, ""));
        let fault = Fault::new(at.start..star.end, format!("`{family}*` in a line: a line is about one track"));
        fault.help(format!("`{family}NAME`; in a document: `{{track: {kind}.{family}*, never: ...}}`"))
    })
}
