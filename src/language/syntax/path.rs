//! The parser of paths. Size, nesting and repetitions are capped to bound the work for any text.

use super::bounds::{self, within};
use super::states::states;
use super::token::{Stream, Token};
use crate::monitor::Fault;
use crate::monitor::{Bound, Item, Path, Primitive, Repeat};
use std::ops::Range;

/// Deepest nesting of groups.
pub const MAX_DEPTH: usize = 16;
/// Deepest nesting of unlimited repetitions.
pub const MAX_STARS: usize = 3;
/// Largest number in `{n,m}`.
pub const MAX_REPEAT: u32 = 1000;

/// Parses a path up to the first token that cannot belong to it.
///
/// # Errors
/// The path does not follow the grammar, or exceeds a cap.
pub fn path(stream: &mut Stream<'_>) -> Result<Path, Fault> {
    alternatives(stream, 0).map(|(path, _)| path)
}

/// Parses alternatives; the second value is the nesting depth of unlimited repetitions.
fn alternatives(stream: &mut Stream<'_>, depth: usize) -> Result<(Path, usize), Fault> {
    let mut found = Vec::new();
    let mut stars = 0;
    loop {
        let (sequence, within) = sequence(stream, depth)?;
        found.push(sequence);
        stars = stars.max(within);
        if !stream.sign('|') {
            return Ok((Path { alternatives: found }, stars));
        }
    }
}

fn sequence(stream: &mut Stream<'_>, depth: usize) -> Result<(Vec<Item>, usize), Fault> {
    let mut found = Vec::new();
    let mut stars = 0;
    loop {
        let (item, within) = item(stream, depth)?;
        found.push(item);
        stars = stars.max(within);
        if !stream.take_if(&Token::Arrow) {
            break;
        }
    }
    let at = stream.end_of_last();
    match stream.peek() {
        Token::Word(_) if matches!(stream.last(), Some(Token::Word(word)) if word == "eventually") => {
            Err(no_word("eventually", at - "eventually".len()..at))
        }
        Token::Sign('=' | '>') => {
            Err(Fault::new(stream.range(), format!("{} is no arrow", stream.peek().describe())).help("write `->`"))
        }
        Token::Word(word) if matches!(word.as_str(), "until" | "eventually" | "next") => {
            Err(no_word(word, stream.range()))
        }
        Token::Word(_)
        | Token::Quoted(_)
        | Token::Placeholder(_)
        | Token::Run
        | Token::One
        | Token::Sign('[' | '!' | '(' | '<' | '~') => {
            let message = format!("{} follows without `->`", stream.peek().describe());
            Err(Fault::new(stream.range(), message)
                .help("`A -> B`: the very next state; `A -> ... -> B`: some time later"))
        }
        _ => Ok((found, stars)),
    }
}

/// A word of other logics; the path is what says it here.
fn no_word(word: &str, at: Range<usize>) -> Fault {
    Fault::new(at, format!("`{word}` is not a word of the language")).help(format!(
        "`... -> A -> ...`: some time; `A -> B`: B right after A; a state of that name is quoted: `'{word}'`"
    ))
}

fn item(stream: &mut Stream<'_>, depth: usize) -> Result<(Item, usize), Fault> {
    let start = stream.range().start;
    let (primitive, mut stars) = primitive(stream, depth)?;
    let at = stream.range();
    let repeat = repeat(stream)?;
    if let Some(repeat) = repeat {
        if primitive == Primitive::Run {
            return Err(Fault::new(at, "`...` already repeats").help("leave the repetition out"));
        }
        stars += usize::from(repeat.max.is_none());
        if matches!(stream.peek(), Token::Sign('?' | '*' | '+' | '{')) {
            return Err(Fault::new(stream.range(), "repeated twice").help("put a group around it: `(A?){2}`"));
        }
    } else if primitive == Primitive::Run {
        stars += 1;
    }
    if stars > MAX_STARS {
        let message = format!("repetitions without an end are nested {stars} deep: at most {MAX_STARS} are read");
        return Err(Fault::new(start..stream.end_of_last(), message).help("`(A*)*` says the same as `A*`"));
    }
    let stay = stay(stream, &primitive)?;
    let within = group_bound(stream, &primitive, repeat)?;
    if within.is_some() && matches!(stream.peek(), Token::Word(word) if word == "for") {
        return Err(
            Fault::new(stream.range(), "`for` after `within`").help("`for` comes first: `A for >=1s within 5s`")
        );
    }
    Ok((Item { primitive, repeat, stay, within, range: start..stream.end_of_last() }, stars))
}

fn group_bound(stream: &mut Stream<'_>, primitive: &Primitive, repeat: Option<Repeat>) -> Result<Option<Bound>, Fault> {
    if !stream.keyword("within") {
        return Ok(None);
    }
    let start = stream.range().start;
    let bound = within(stream)?;
    let at = start..stream.end_of_last();
    let is_state = matches!(primitive, Primitive::State(_) | Primitive::One);
    if bound.least > 0 && is_state && repeat.is_none_or(|repeat| repeat.max.is_some_and(|max| max <= 1)) {
        let fault = Fault::new(at, "no time passes between the first entry and the last: it is one state");
        return Err(fault.help("put the states in a group: `(A -> B) within 3s..`; a stay has `for`: `A for 3s..`"));
    }
    Ok(Some(bound))
}

fn primitive(stream: &mut Stream<'_>, depth: usize) -> Result<(Primitive, usize), Fault> {
    if stream.take_if(&Token::Run) {
        return Ok((Primitive::Run, 0));
    }
    if stream.take_if(&Token::One) {
        return Ok((Primitive::One, 0));
    }
    let open = stream.range();
    if !stream.sign('(') {
        return states(stream).map(|states| (Primitive::State(states), 0));
    }
    if depth == MAX_DEPTH {
        return Err(Fault::new(open, format!("groups are nested more than {MAX_DEPTH} deep"))
            .help("split the path into several expectations"));
    }
    if stream.peek() == &Token::Sign(')') {
        return Err(Fault::new(open, "empty group").help("any run of states, possibly none, is `...`"));
    }
    let (path, stars) = alternatives(stream, depth + 1)?;
    if stream.sign(')') {
        return Ok((Primitive::Group(path), stars));
    }
    let fault = match stream.peek() {
        Token::End => Fault::new(open, "the group that opens here is never closed").help("close it with `)`"),
        other => Fault::new(stream.range(), format!("{} in a group", other.describe()))
            .help("separate states by `->` and alternatives by `|`, and close the group with `)`"),
    };
    Err(fault)
}

fn repeat(stream: &mut Stream<'_>) -> Result<Option<Repeat>, Fault> {
    if stream.sign('?') {
        return Ok(Some(Repeat { min: 0, max: Some(1) }));
    }
    if stream.sign('*') {
        return Ok(Some(Repeat { min: 0, max: None }));
    }
    if stream.sign('+') {
        return Ok(Some(Repeat { min: 1, max: None }));
    }
    let open = stream.range();
    if !stream.sign('{') {
        return Ok(None);
    }
    let min = stream.number("repetitions")?;
    let max = if !stream.sign(',') {
        Some(min)
    } else if stream.peek() == &Token::Sign('}') {
        None
    } else {
        Some(stream.number("repetitions")?)
    };
    if !stream.sign('}') {
        return Err(Fault::new(stream.range(), format!("{} in a repetition", stream.peek().describe()))
            .help("`{2}`, `{2,}` or `{2,5}`"));
    }
    let range = open.start..stream.end_of_last();
    if min.max(max.unwrap_or(0)) > MAX_REPEAT {
        return Err(Fault::new(range, format!("more than {MAX_REPEAT} repetitions")).help("`count` counts further"));
    }
    match max {
        Some(0) => Err(Fault::new(range, "repeated no times").help("leave it out")),
        Some(max) if max < min => {
            Err(Fault::new(range, "the minimum is above the maximum").help(format!("`{{{max},{min}}}`")))
        }
        _ => Ok(Some(Repeat { min, max })),
    }
}

fn stay(stream: &mut Stream<'_>, primitive: &Primitive) -> Result<Option<Bound>, Fault> {
    let start = stream.range();
    if !stream.keyword("for") {
        return Ok(None);
    }
    if matches!(primitive, Primitive::Group(_) | Primitive::Run) {
        return Err(Fault::new(start, "`for` bounds the stay in one state, not a run of them")
            .help("from the first entry of a group to its last: `(A -> B) within 5s`"));
    }
    let bound = bounds::stay(stream)?;
    if matches!(stream.peek(), Token::Word(word) if word == "for") {
        return Err(
            Fault::new(stream.range(), "a second `for`").help("a state takes one bound; a range has two: `for 1s..3s`")
        );
    }
    Ok(Some(bound))
}
