//! Names of states and sets of them.

use super::keywords::KEYWORDS;
use super::placeholder;
use super::predicate;
use super::token::{Stream, Token};
use crate::monitor::Fault;
use crate::monitor::{Details, Name, NamedAt, States};
use crate::observation::StateKind;
use smol_str::SmolStr;

/// Most names in one set.
pub const MAX_NAMES: usize = 48;

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
                let message = format!("expected `,` or `]` in a set of states, found {}", stream.peek().describe());
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
    let mut written = match stream.peek() {
        Token::Word(word) if KEYWORDS.contains(&word.as_str()) => {
            return Err(Fault::new(range, format!("expected a state, found the keyword `{word}`"))
                .help(format!("if it is a state, quote it: `'{word}'`")));
        }
        Token::Word(word) => match kind(word) {
            Some((kind, "")) => {
                stream.take();
                let fault = predicate::with_kind(word, stream, range.start);
                if let Some(fault) = fault.or_else(|| placeholder::with_kind(word, stream, range.start)) {
                    return Err(fault);
                }
                let Some(text) = stream.adjacent_text() else {
                    return Err(Fault::new(range, format!("expected a state after `{word}`"))
                        .help(format!("`{word}ErrImagePull`")));
                };
                Written::quoted(Some(kind), text)
            }
            _ => {
                if let Some((state, count)) = with_restarts(word) {
                    let fault = format!("`#{count}` is a restart count, which is no part of a state");
                    return Err(Fault::new(range, fault)
                        .help(format!("write `{state}`; restarts are counted by `count restart`")));
                }
                stream.take();
                written(word)
            }
        },
        Token::Quoted(text) => {
            stream.take();
            Written::quoted(None, text)
        }
        sign if predicate::starts(sign) => return predicate::of_label(stream),
        Token::Placeholder(word) => return placeholder::read(stream, word),
        other => {
            let fault = Fault::new(range, format!("expected a state, found {}", other.describe()));
            return Err(match other {
                Token::Arrow => fault.help("`->` separates two states; any run of states is `...`"),
                Token::One => fault.help("`_` is any one state and cannot be in a set or be negated"),
                Token::End => fault.help("a state, `_` or `...`"),
                Token::Sign('=') => fault.help("numbers are compared by `<3`, `<=3`, `>3`, `>=3`; one alone is `3`"),
                _ => fault,
            });
        }
    };
    // Details in quotes, and those after a part in quotes.
    loop {
        if written.is_open {
            if let Some(detail) = predicate::of_message(stream)? {
                written.detail(&detail);
                continue;
            }
            let Some(text) = stream.adjacent_text() else { break };
            written.detail(text);
        } else {
            match stream.peek() {
                Token::Word(rest) if rest.starts_with('/') && stream.is_adjacent() => {
                    stream.take();
                    written.details(&rest[1..]);
                }
                _ => break,
            }
        }
    }
    let range = range.start..stream.end_of_last();
    if written.is_open {
        return Err(Fault::new(range, "expected a detail after `/`")
            .help("`Error/137`, `True/Deferred`; quote a state of that name: `'a/b'`"));
    }
    Ok(NamedAt { name: written.name(), range })
}

/// A name as far as it was read.
struct Written {
    name: Name,
    details: Vec<SmolStr>,
    /// True when a detail must follow.
    is_open: bool,
}

impl Written {
    fn quoted(kind: Option<StateKind>, text: &str) -> Self {
        let name = Name { kind, label: Some(SmolStr::new(text)), details: Details::default(), quoted: true };
        Self { name, details: Vec::new(), is_open: false }
    }

    fn detail(&mut self, text: &str) {
        self.details.push(SmolStr::new(text));
        self.is_open = false;
    }

    /// Adds `Deferred/137`; it is open if nothing follows the last slash.
    fn details(&mut self, text: &str) {
        // An empty detail is none.
        self.is_open = text.split('/').any(str::is_empty);
        self.details.extend(text.split('/').filter(|detail| !detail.is_empty()).map(SmolStr::new));
    }

    fn name(self) -> Name {
        Name { details: self.details.into_iter().collect(), ..self.name }
    }
}

/// Splits off the restart count of `Error/3#1`, as views print it. In quotes, it is part of a label.
fn with_restarts(word: &str) -> Option<(&str, &str)> {
    let (state, count) = word.rsplit_once('#')?;
    let is_count = !state.is_empty() && !count.is_empty() && count.bytes().all(|byte| byte.is_ascii_digit());
    is_count.then_some((state, count))
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

/// Reads `terminated:Error/137`. `terminated:_` is every state of that kind, `_/137` every state with that detail. The
/// slash after a number, as in `0/3` and `Init:0/2`, belongs to the label.
fn written(word: &str) -> Written {
    let is_number = |state: &str| state.trim_start_matches("Init:").bytes().all(|byte| byte.is_ascii_digit());
    let (state, details) = match word.split_once('/') {
        Some((state, details)) if !is_number(state) => (state, Some(details)),
        _ => (word, None),
    };
    let any = |label: &str| (label != "_").then(|| SmolStr::new(label));
    let (kind, label) = match kind(state) {
        Some((kind, label)) => (Some(kind), any(label)),
        None if state == "Absent" => (Some(StateKind::Absent), Some(SmolStr::default())),
        None => (None, any(state)),
    };
    let name = Name { kind, label, details: Details::default(), quoted: false };
    let mut written = Written { name, details: Vec::new(), is_open: false };
    details.into_iter().for_each(|details| written.details(details));
    written
}

/// Reads a bare word as a name.
#[must_use]
pub fn name(word: &str) -> Name {
    written(word).name()
}
