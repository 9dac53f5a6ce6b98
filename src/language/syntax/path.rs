//! The parser of paths. Size, nesting and repetitions are capped to bound the work for any text.

use super::bounds::{self, within};
use super::keywords::{instead, meant};
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
        let (item, within) = item(stream, depth, &found)?;
        found.push(item);
        stars = stars.max(within);
        if !stream.take_if(&Token::Arrow) {
            break;
        }
    }
    match unfollowed(stream) {
        Some(fault) => Err(fault),
        None => Ok((found, stars)),
    }
}

/// What is wrong with a token that follows an item without an arrow; none where a sequence may end before it.
fn unfollowed(stream: &Stream<'_>) -> Option<Fault> {
    let next = stream.peek();
    match next {
        Token::Sign('=' | '>') => {
            let fault = Fault::new(stream.range(), format!("{} is not an arrow", next.describe()));
            return Some(fault.help("write `->`"));
        }
        Token::Word(word) if word.starts_with('-') => {
            let fault = Fault::new(stream.range(), format!("`{word}` is not an arrow"));
            return Some(fault.help("write `->`"));
        }
        Token::Word(_)
        | Token::Quoted(_)
        | Token::Placeholder(_)
        | Token::Run
        | Token::One
        | Token::Sign('[' | '!' | '(' | '<' | '~') => {}
        _ => return None,
    }
    let at = stream.end_of_last();
    let last = match stream.last() {
        Some(Token::Word(word)) => Some((word, at.saturating_sub(word.len())..at)),
        _ => None,
    };
    let here = if let Token::Word(word) = next { Some((word, stream.range())) } else { None };
    let odd = here.clone().into_iter().chain(last).find_map(|(word, at)| no_word(word, at));
    Some(odd.unwrap_or_else(|| {
        let fault = Fault::new(stream.range(), format!("{} follows without `->`", next.describe()));
        match (next, stream.last()) {
            // `Error(137)` is how a timeline shows an exit code.
            (Token::Sign('('), Some(Token::Word(state))) if stream.is_adjacent() => {
                fault.help(format!("an exit code follows a slash: `{state}/137`; other states are quoted"))
            }
            _ => fault.help("`A -> B`: the very next state; `A -> ... -> B`: some time later"),
        }
    }))
}

/// The fault of a word that is probably meant as a keyword, or is one of other logics; none for all other words.
fn no_word(word: &str, at: Range<usize>) -> Option<Fault> {
    let help = match (instead(word), meant(word)) {
        (Some(help), _) => format!("{help}; quote a state of that name: `'{word}'`"),
        (None, Some(meant)) => format!("did you mean `{meant}`?"),
        (None, None) => return None,
    };
    Some(Fault::new(at, format!("`{word}` is not a word of the language")).help(help))
}

/// Parses an item that follows those `before` it.
fn item(stream: &mut Stream<'_>, depth: usize, before: &[Item]) -> Result<(Item, usize), Fault> {
    let start = stream.range().start;
    let (primitive, mut stars) = primitive(stream, depth)?;
    let at = stream.range();
    let repeat = repeat(stream)?;
    if let Some(repeat) = repeat {
        if primitive == Primitive::Run {
            return Err(Fault::new(at, "`...` already repeats").help("remove the repetition"));
        }
        stars += usize::from(repeat.max.is_none());
        if matches!(stream.peek(), Token::Sign('?' | '*' | '+' | '{')) {
            return Err(Fault::new(stream.range(), "repeated twice").help("put a group around it: `(A?){2}`"));
        }
    } else if primitive == Primitive::Run {
        stars += 1;
    }
    if stars > MAX_STARS {
        let message = format!("unbounded repetitions are nested {stars} deep, at most {MAX_STARS} are allowed");
        return Err(Fault::new(start..stream.end_of_last(), message).help("`(A*)*` is the same as `A*`"));
    }
    let stay = stay(stream, &primitive)?;
    let within = group_bound(stream, &primitive, repeat, before)?;
    if within.is_some() && matches!(stream.peek(), Token::Word(word) if word == "for") {
        return Err(
            Fault::new(stream.range(), "`for` after `within`").help("`for` comes first: `(A for >=1s -> B) within 5s`")
        );
    }
    Ok((Item { primitive, repeat, stay, within, range: start..stream.end_of_last() }, stars))
}

fn group_bound(
    stream: &mut Stream<'_>,
    primitive: &Primitive,
    repeat: Option<Repeat>,
    before: &[Item],
) -> Result<Option<Bound>, Fault> {
    if !stream.keyword("within") {
        return Ok(None);
    }
    let start = stream.range().start;
    let time = if let Token::Word(word) = stream.peek() { word.as_str() } else { "5s" };
    let bound = within(stream)?;
    if !is_one_state(primitive, repeat) {
        return Ok(Some(bound));
    }
    let state = if let Primitive::State(state) = primitive { state.to_string() } else { "B".to_owned() };
    let run = before.iter().rev().take_while(|item| item.primitive == Primitive::Run).count();
    let first = match before.len().checked_sub(run + 1).map(|at| &before[at]) {
        Some(Item { primitive: Primitive::State(first), repeat: None, .. }) => first.to_string(),
        _ => "A".to_owned(),
    };
    let between = if run > 0 { "... -> " } else { "" };
    let fault = Fault::new(
        start..stream.end_of_last(),
        "`within` bounds a group from its first entry to its last: this is one state",
    );
    Err(fault.help(format!(
        "`({first} -> {between}{state}) within {time}`, or `every {first} then {state} within {time}`; \
         `for` bounds the time in one state"
    )))
}

/// True for what matches at most one entry: from its first to its last no time passes.
fn is_one_state(primitive: &Primitive, repeat: Option<Repeat>) -> bool {
    let is_once = repeat.is_none_or(|repeat| repeat.max.is_some_and(|max| max <= 1));
    let is_one = match primitive {
        Primitive::State(_) | Primitive::One => true,
        Primitive::Run => false,
        Primitive::Group(path) => path.alternatives.iter().all(|items| match items.as_slice() {
            [item] => is_one_state(&item.primitive, item.repeat),
            _ => false,
        }),
    };
    is_once && is_one
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
        other => {
            Fault::new(stream.range(), format!("expected `->`, `|` or `)` in a group, found {}", other.describe()))
                .help("separate states by `->` and alternatives by `|`, and close the group with `)`")
        }
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
        return Err(Fault::new(
            stream.range(),
            format!("expected `}}` in a repetition, found {}", stream.peek().describe()),
        )
        .help("`{2}`, `{2,}` or `{2,5}`"));
    }
    let range = open.start..stream.end_of_last();
    if min.max(max.unwrap_or(0)) > MAX_REPEAT {
        return Err(Fault::new(range, format!("more than {MAX_REPEAT} repetitions")).help("use `count` for more"));
    }
    match max {
        Some(0) => Err(Fault::new(range, "repeated zero times").help("leave it out")),
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
        return Err(Fault::new(start, "`for` bounds the time in one state, not in several")
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
