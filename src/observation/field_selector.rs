//! Field selectors: terms separated by commas, with `\\`, `,` and `=` escaped in values (`fields` of
//! k8s.io/apimachinery).

use std::borrow::Cow;

/// Escapes a value for a selector.
#[must_use]
pub(crate) fn escape(value: &str) -> Cow<'_, str> {
    if !value.contains(SPECIAL) {
        return value.into();
    }
    let mut escaped = String::with_capacity(value.len() + 1);
    for character in value.chars() {
        if SPECIAL.contains(&character) {
            escaped.push('\\');
        }
        escaped.push(character);
    }
    escaped.into()
}

/// Unescapes a value of a selector; none when it is not a valid value.
#[must_use]
pub(crate) fn unescape(text: &str) -> Option<String> {
    let mut value = String::with_capacity(text.len());
    let mut characters = text.chars();
    while let Some(character) = characters.next() {
        value.push(match character {
            '\\' => characters.next().filter(|escaped| SPECIAL.contains(escaped))?,
            ',' | '=' => return None,
            plain => plain,
        });
    }
    Some(value)
}

const SPECIAL: [char; 3] = ['\\', ',', '='];

/// The terms of a selector, still escaped.
pub(crate) fn terms(selector: &str) -> impl Iterator<Item = &str> {
    let mut escaped = false;
    selector.split(move |character| {
        let special = !escaped;
        escaped = special && character == '\\';
        special && character == ','
    })
}

/// Splits a term into the field, whether it must be equal, and the value, still escaped.
#[must_use]
pub(crate) fn split(term: &str) -> Option<(&str, bool, &str)> {
    let at = term.find('=')?;
    let (left, value) = (&term[..at], &term[at + 1..]);
    Some(match left.strip_suffix('!') {
        Some(field) => (field, false, value),
        None => (left, true, value.strip_prefix('=').unwrap_or(value)),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_value_is_read_as_it_was_written() {
        for value in ["", "web", "a,b", "a=b", r"a\b", r"\,", "a b", "ü", r"\\=,,"] {
            let selector = format!("metadata.name={},x!=y", escape(value));
            let read: Vec<_> = terms(&selector).collect();
            assert_eq!(read.len(), 2, "{selector}");
            let (field, equal, text) = split(read[0]).expect("a term");
            assert_eq!((field, equal, unescape(text).as_deref()), ("metadata.name", true, Some(value)));
            assert_eq!(split(read[1]), Some(("x", false, "y")));
        }
    }

    #[test]
    fn what_is_not_escaped_is_no_value() {
        for text in ["a=b", "a,b", r"a\", r"a\b"] {
            assert_eq!(unescape(text), None, "{text}");
        }
        assert_eq!(split("a==b"), Some(("a", true, "b")));
        assert_eq!(split("a"), None);
    }
}
