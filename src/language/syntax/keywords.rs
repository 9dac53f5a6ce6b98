//! The words of the language, and which of them a misspelt word was probably meant to be.

use crate::observation::nearest;

/// Keywords; a state with such a name must be quoted.
pub const KEYWORDS: &[&str] = &[
    "for",
    "within",
    "then",
    "every",
    "never",
    "always",
    "count",
    "quiet",
    "after",
    "onlyAfter",
    "while",
    "min",
    "max",
];

/// What a word was probably meant to be, where a keyword may stand; none for a keyword.
#[must_use]
pub fn meant(word: &str) -> Option<&'static str> {
    if KEYWORDS.contains(&word) {
        return None;
    }
    match word.to_ascii_lowercase().as_str() {
        "only" => Some("onlyAfter"),
        "same" | "sameas" | "same-as" => Some("same as"),
        "everyafter" => Some("every A after B"),
        "everythen" => Some("every A then B"),
        _ => nearest(word, KEYWORDS.iter().copied()),
    }
}

/// What to write instead of a word of other logics; none for all other words.
#[must_use]
pub fn instead(word: &str) -> Option<&'static str> {
    match word {
        "until" | "eventually" | "next" => Some("`... -> A -> ...`: some time; `A -> B`: B right after A"),
        "and" => Some("write two expectations"),
        "or" => Some("`A | B` in a path; of two statements, `any:` in a document"),
        "not" => Some("any state but A is `!A`; of a statement, `not:` in a document"),
        _ => None,
    }
}
