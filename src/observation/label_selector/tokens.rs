//! The tokens of a label selector. `in` and `notin` are words, too, where an operator cannot stand.

use super::error::LabelSelectorError;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Word,
    In,
    NotIn,
    Not,
    Equal,
    NotEqual,
    Above,
    Below,
    Open,
    Close,
    Comma,
    End,
}

#[derive(Clone, Copy, Debug)]
pub(super) struct Token<'a> {
    pub kind: Kind,
    pub text: &'a str,
    /// Offset of its first byte in the text.
    pub at: usize,
}

impl Token<'_> {
    /// True for a token that may be a key or a value.
    pub(super) fn is_word(&self) -> bool {
        matches!(self.kind, Kind::Word | Kind::In | Kind::NotIn)
    }
}

const SIGNS: [(&str, Kind); 9] = [
    ("==", Kind::Equal),
    ("!=", Kind::NotEqual),
    ("=", Kind::Equal),
    ("!", Kind::Not),
    (">", Kind::Above),
    ("<", Kind::Below),
    ("(", Kind::Open),
    (")", Kind::Close),
    (",", Kind::Comma),
];

/// Splits a text; the last token is [`Kind::End`].
pub(super) fn tokens(text: &str) -> Result<Vec<Token<'_>>, LabelSelectorError> {
    let mut tokens = Vec::new();
    let mut at = 0;
    loop {
        let rest = &text[at..];
        at += rest.len() - rest.trim_start_matches([' ', '\t', '\r', '\n']).len();
        let rest = &text[at..];
        if rest.is_empty() {
            tokens.push(Token { kind: Kind::End, text: "", at });
            return Ok(tokens);
        }
        let token = sign(rest, at).unwrap_or_else(|| word(rest, at));
        if token.text.contains('\0') {
            return Err(token.wrong("a label cannot contain NUL".to_owned()));
        }
        at += token.text.len();
        tokens.push(token);
    }
}

fn sign(rest: &str, at: usize) -> Option<Token<'_>> {
    let (sign, kind) = SIGNS.into_iter().find(|(sign, _)| rest.starts_with(sign))?;
    Some(Token { kind, text: &rest[..sign.len()], at })
}

fn word(rest: &str, at: usize) -> Token<'_> {
    let ends = [' ', '\t', '\r', '\n', '=', '!', '(', ')', ',', '>', '<'];
    let text = &rest[..rest.find(ends).unwrap_or(rest.len())];
    let kind = match text {
        "in" => Kind::In,
        "notin" => Kind::NotIn,
        _ => Kind::Word,
    };
    Token { kind, text, at }
}
