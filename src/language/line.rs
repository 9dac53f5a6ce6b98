//! The one-line form for the shell: `[SUBJECT TRACK:] BODY`.

use super::head::{Head, awaited, head, malformed_head};
use super::syntax::{Stream, Token, meant, path, states, tokens, within};
use crate::monitor::{Fault, NamedAt, Statement, States};
use std::ops::Range;

/// A parsed line.
#[derive(Clone, Debug)]
pub struct Line {
    /// The subject and track; none for the one unnamed track of a sketch.
    pub head: Option<Head>,
    /// The subject and track of B in `A onlyAfter B` or `never A while B`; none for those of A.
    pub condition: Option<Head>,
    /// The statement.
    pub statement: Statement,
}

/// Parses a line.
///
/// # Errors
/// The line does not follow the grammar, or exceeds a cap.
pub fn line(text: &str) -> Result<Line, Fault> {
    let tokens = tokens(text)?;
    let (head, taken) = match head(&tokens) {
        Some(head) => (Some(head), 2),
        None => (None, 0),
    };
    let rest = &tokens[taken..];
    if rest.len() == 1 {
        return Err(
            Fault::new(rest[0].1.clone(), "the statement is missing").help("a path, such as `... -> Running -> ...`")
        );
    }
    let is_headless = head.is_none();
    after_head(head, rest).map_err(|fault| malformed_head(&tokens).filter(|_| is_headless).unwrap_or(fault))
}

/// Parses what follows the subject and the track.
fn after_head(head: Option<Head>, rest: &[(Token, Range<usize>)]) -> Result<Line, Fault> {
    if let Some(at) = rest.iter().position(|(token, _)| *token == Token::Word("onlyAfter".into())) {
        return only_after(head, rest, at);
    }
    if let Some(at) = rest.iter().position(|(token, _)| *token == Token::Word("while".into())) {
        return meanwhile(head, rest, at);
    }
    if let [(Token::Word(same), from), (Token::Word(of), _), other @ ..] = rest {
        if (same.as_str(), of.as_str()) == ("same", "as") {
            return same_as(head, from, other);
        }
        if meant(same) == Some("same as") && of.contains('/') {
            let fault = Fault::new(from.clone(), format!("`{same}` is not a word of the language"));
            return Err(fault.help("did you mean `same as`?"));
        }
    }
    if let Some(at) = pair(rest) {
        return every_pair(head, rest, at);
    }
    let statement = statement(&mut Stream::new(rest))?;
    Ok(Line { head, condition: None, statement })
}

/// Parses a statement up to the end of the stream.
///
/// # Errors
/// The statement does not follow the grammar, or exceeds a cap.
pub fn statement(stream: &mut Stream<'_>) -> Result<Statement, Fault> {
    let expected = |what: &str| format!("`{what}` ends before it");
    if stream.keyword("never") {
        let states = list(stream)?;
        stream.finish(&expected("never A, B"))?;
        return Ok(Statement::Never(states));
    }
    if stream.keyword("always") {
        let states = list(stream)?;
        stream.finish(&expected("always A"))?;
        return Ok(Statement::Always(states));
    }
    if stream.keyword("every") {
        return every(stream);
    }
    if stream.keyword("count") {
        return count(stream);
    }
    if stream.keyword("quiet") {
        if !stream.keyword("after") {
            return Err(Fault::new(stream.range(), "`quiet` without `after`").help("`quiet after Succeeded`"));
        }
        let after = list(stream)?;
        stream.finish(&expected("quiet after A"))?;
        return Ok(Statement::Quiet { after });
    }
    let path = path(stream)?;
    stream.finish("the path ends before it")?;
    Ok(Statement::Path(path))
}

fn only_after(own: Option<Head>, tokens: &[(Token, Range<usize>)], at: usize) -> Result<Line, Fault> {
    let mut stream = Stream::new(&tokens[..at]);
    let enter = list(&mut stream).map_err(|fault| match tokens.get(at) {
        Some((_, range)) if at == 0 => Fault::new(range.clone(), "expected a state before `onlyAfter`")
            .help("`Running onlyAfter pod/a phase: Running`"),
        _ => fault,
    })?;
    if at > 0 && stream.peek() != &Token::End {
        stream.finish("`A onlyAfter B` compares states, not paths")?;
    }
    let rest = &tokens[at + 1..];
    let (condition, mut stream) = awaited(rest)?;
    let after = list(&mut stream)?;
    stream.finish("`A onlyAfter B` ends before it")?;
    Ok(Line { head: own, condition, statement: Statement::OnlyAfter { enter, after } })
}

fn meanwhile(own: Option<Head>, tokens: &[(Token, Range<usize>)], at: usize) -> Result<Line, Fault> {
    let (never, range) = (statement(&mut Stream::new(&tokens[..at]))?, &tokens[at].1);
    let rest = &tokens[at + 1..];
    let (condition, mut stream) = awaited(rest)?;
    let held = list(&mut stream)?;
    stream.finish("`never A while B` ends before it")?;
    Ok(Line { head: own, condition, statement: held_while(never, held, range)? })
}

/// `never A` or `always A`, as long as B is held.
///
/// # Errors
/// It is another statement.
pub fn held_while(statement: Statement, held: States, range: &Range<usize>) -> Result<Statement, Fault> {
    match statement {
        Statement::Never(never) => Ok(Statement::While { never, held }),
        Statement::Always(states) => {
            Ok(Statement::While { never: States { negated: !states.negated, ..states }, held })
        }
        _ => Err(Fault::new(range.clone(), "`while` belongs to `never` and `always`")
            .help("`never Failed while vmi/a condition/Ready: True`")),
    }
}

fn same_as(own: Option<Head>, word: &Range<usize>, tokens: &[(Token, Range<usize>)]) -> Result<Line, Fault> {
    let [(Token::Word(subject), at), (Token::Word(track), there), (Token::End, _)] = tokens else {
        let fault = Fault::new(word.clone(), "`same as` names a subject and its track");
        return Err(fault.help("`vmim/m targetNode: same as vmi/a node`"));
    };
    let condition = Head { subject: (subject.clone(), at.clone()), track: (track.clone(), there.clone()) };
    Ok(Line { head: own, condition: Some(condition), statement: same(word.clone()) })
}

/// `same as` another track.
pub fn same(range: Range<usize>) -> Statement {
    Statement::SameAs { any: States { negated: true, names: Vec::new(), range } }
}

/// Where `every A after B`, or `every A then B` with a track before B, has its second word.
fn pair(tokens: &[(Token, Range<usize>)]) -> Option<usize> {
    let is = |at: &usize, word: &str| tokens[*at].0 == Token::Word(word.into());
    let mut words = (1..tokens.len()).filter(|_| is(&0, "every"));
    words.find(|at| is(at, "after") || is(at, "then") && head(&tokens[at + 1..]).is_some())
}

fn every_pair(own: Option<Head>, tokens: &[(Token, Range<usize>)], at: usize) -> Result<Line, Fault> {
    let every = list(&mut Stream::new(&tokens[1..=at]))?;
    let rest = &tokens[at + 1..];
    let (condition, mut stream) = awaited(rest)?;
    let statement = if tokens[at].0 == Token::Word("then".into()) {
        followed(every, &mut stream)?.on_two_tracks()
    } else {
        let after = list(&mut stream)?;
        let min = least(&mut stream)?;
        stream.finish("`every A after B min N` ends before it")?;
        Statement::EveryAfter { every, after, min }
    };
    Ok(Line { head: own, condition, statement })
}

fn every(stream: &mut Stream<'_>) -> Result<Statement, Fault> {
    let every = list(stream)?;
    if !stream.keyword("then") {
        let fault = Fault::new(stream.range(), "`every` without `then` or `after`");
        return Err(match stream.meant() {
            Some(meant) => fault.help(format!("did you mean `{meant}`?")),
            None => fault.help("`every Pending then Running within 30s`"),
        });
    }
    followed(every, stream)
}

/// What follows `every A then`.
fn followed(every: States, stream: &mut Stream<'_>) -> Result<Statement, Fault> {
    let then = list(stream)?;
    let within = if stream.keyword("within") { Some(within(stream)?) } else { None };
    let min = least(stream)?;
    stream.finish("`every A then B within D min N` ends before it")?;
    Ok(Statement::Every { every, then, within, min })
}

fn least(stream: &mut Stream<'_>) -> Result<u64, Fault> {
    if stream.keyword("min") { stream.number("entries").map(u64::from) } else { Ok(1) }
}

fn count(stream: &mut Stream<'_>) -> Result<Statement, Fault> {
    let at = stream.range();
    let states = if stream.keyword("restart") { None } else { Some(list(stream)?) };
    let min = if stream.keyword("min") { Some(u64::from(stream.number("entries")?)) } else { None };
    let max = if stream.keyword("max") { Some(u64::from(stream.number("entries")?)) } else { None };
    if stream.keyword("at") {
        let fault = Fault::new(at, "the limits of a count are `min` and `max`");
        return Err(fault.help("`count Running min 2`: at least twice; `count Running max 2`: at most twice"));
    }
    stream.finish("`count A min N max N` ends before it")?;
    limits(at, min, max).map(|(min, max)| Statement::Count { states, min, max })
}

/// Checks the limits of a count.
///
/// # Errors
/// There are none, or no count satisfies both.
pub fn limits(at: Range<usize>, min: Option<u64>, max: Option<u64>) -> Result<(u64, Option<u64>), Fault> {
    match (min, max) {
        (None, None) => Err(Fault::new(at, "the count has no limits").help("`min N`, `max N` or both")),
        (Some(min), Some(max)) if max < min => {
            Err(Fault::new(at, format!("no count is at least {min} and at most {max}")))
        }
        (Some(0), None) => Err(Fault::new(at, "every count is at least 0").help("`min 1`, or a `max`")),
        _ => Ok((min.unwrap_or(0), max)),
    }
}

/// Parses `A, B` or `[A, B]` or `!A` as one set.
///
/// # Errors
/// The next tokens are not a set.
pub fn list(stream: &mut Stream<'_>) -> Result<States, Fault> {
    let mut sum = states(stream)?;
    while stream.sign(',') {
        let next = states(stream)?;
        if next.negated || sum.negated {
            let at = if next.negated { next.range } else { sum.range };
            return Err(Fault::new(at, "`!` in a list of states").help("negate the whole list: `![A, B]`"));
        }
        sum.names.extend::<Vec<NamedAt>>(next.names);
        sum.range.end = next.range.end;
    }
    Ok(sum)
}

#[cfg(test)]
mod tests {
    use super::line;

    #[test]
    fn a_malformed_beginning_is_named() {
        for (text, said) in [
            ("vm/x: never Running", "the track is missing after `vm/x`"),
            ("vm/x status never Running", "`:` is missing after the track `status`"),
            ("vm x status: ... -> Running", "`/` is missing between `vm` and `x`"),
            ("pod/a*b status: never Running", "`*` in a name: a name is not a pattern"),
            ("vm/x status: Running until Stopped", "`until` is not a word of the language"),
            ("vm/x status: eventually Running", "`eventually` is not a word of the language"),
            ("vm/x status: nevr Running", "`nevr` is not a word of the language"),
            ("vm/x status: NEVER Running", "`NEVER` is not a word of the language"),
            ("vm/x status: A onlyafter vmi/x phase: B", "`onlyafter` is not a word of the language"),
            ("vm/x status: sameas vmi/x phase", "`sameas` is not a word of the language"),
            ("vm/x status: not never Running", "`not` is not a word of the language"),
            ("vm/x status : Running", "unexpected space between `:` and the track `status`"),
            ("vm.status: Running -> Stopped ->", "the subject is missing before the track `status`"),
            ("vmi/x condition/*: never False", "`condition/*` in a line: a line is about one track"),
            ("vm/x status: never A while vmi.phase=B", "`vmi.phase=` is how a document names an entry"),
            ("vm/x status: A => B", "`=` is not an arrow"),
            ("vm/x status: ... > Running", "`>` is not an arrow"),
        ] {
            assert_eq!(line(text).unwrap_err().message, said, "{text}");
        }
        assert!(line("vm/x status: 'until' -> 'eventually'").is_ok());
    }
}
