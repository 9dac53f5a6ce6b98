//! Names of states and sets of them.

use super::token::{Stream, Token};
use crate::monitor::Fault;
use crate::monitor::{Name, NamedAt, States};
use crate::observation::StateKind;
use smol_str::SmolStr;

/// Most names in one set.
pub const MAX_NAMES: usize = 48;

/// Keywords; a state with such a name must be quoted.
pub const KEYWORDS: &[&str] =
    &["for", "within", "then", "every", "never", "always", "count", "quiet", "after", "onlyAfter", "min", "max"];

/// Parses `A`, `[A, B]`, `!A` or `![A, B]`.
///
/// # Errors
/// The next tokens are not a set of states.
pub fn states(stream: &mut Stream<'_>) -> Result<States, Fault> {
    let start = stream.range().start;
    let negated = stream.sign('!');
    if negated && stream.peek() == &Token::Sign('!') {
        return Err(Fault::new(stream.range(), "`!` twice").help("leave both out"));
    }
    let mut names = Vec::new();
    let open = stream.range();
    if stream.sign('[') {
        loop {
            names.push(named(stream)?);
            if names.len() > MAX_NAMES {
                return Err(Fault::new(open, format!("more than {MAX_NAMES} states in one set"))
                    .help("list the states that are not in it: `![A, B]`"));
            }
            if stream.sign(']') {
                break;
            }
            if !stream.sign(',') {
                let message = format!("{} in a set of states", stream.peek().describe());
                return Err(
                    Fault::new(stream.range(), message).help("states are separated by `,`, the set ends with `]`")
                );
            }
        }
    } else {
        names.push(named(stream)?);
    }
    Ok(States { negated, names, range: start..stream.end_of_last() })
}

fn named(stream: &mut Stream<'_>) -> Result<NamedAt, Fault> {
    let range = stream.range();
    let name = match stream.peek() {
        Token::Word(word) if KEYWORDS.contains(&word.as_str()) => {
            return Err(Fault::new(range, format!("`{word}` is a keyword, but a state is expected here"))
                .help(format!("if it is a state, quote it: `'{word}'`")));
        }
        Token::Word(word) => match kind(word) {
            Some((kind, "")) => {
                stream.take();
                return match stream.peek() {
                    Token::Quoted(text) if stream.range().start == range.end => {
                        stream.take();
                        let name = Name { kind: Some(kind), label: Some(SmolStr::new(text)), quoted: true };
                        Ok(NamedAt { name, range: range.start..stream.end_of_last() })
                    }
                    _ => Err(Fault::new(range, format!("`{word}` names a kind without a state"))
                        .help(format!("`{word}ErrImagePull`"))),
                };
            }
            _ => name(word),
        },
        Token::Quoted(text) => Name { kind: None, label: Some(SmolStr::new(text)), quoted: true },
        other => {
            let fault = Fault::new(range, format!("{} where a state is expected", other.describe()));
            return Err(match other {
                Token::Arrow => fault.help("`->` separates two states; any run of states is `...`"),
                Token::One => fault.help("`_` is any one state and cannot be in a set or be negated"),
                Token::End => fault.help("a state, `_` or `...`"),
                _ => fault,
            });
        }
    };
    stream.take();
    Ok(NamedAt { name, range })
}

/// Splits off the kind of `waiting:X`; other colons belong to the label, as in `Init:0/2`.
fn kind(word: &str) -> Option<(StateKind, &str)> {
    let (prefix, label) = word.split_once(':')?;
    let kind = match prefix {
        "waiting" => StateKind::Waiting,
        "running" => StateKind::Running,
        "terminated" => StateKind::Terminated,
        _ => return None,
    };
    Some((kind, label))
}

/// Parses a bare word as a name. `terminated:_` is every state of that kind.
#[must_use]
pub fn name(word: &str) -> Name {
    match kind(word) {
        Some((kind, label)) => {
            let label = (label != "_").then(|| SmolStr::new(label));
            Name { kind: Some(kind), label, quoted: false }
        }
        None => {
            let (kind, label) = if word == "Absent" { (Some(StateKind::Absent), "") } else { (None, word) };
            Name { kind, label: Some(SmolStr::new(label)), quoted: false }
        }
    }
}
