//! Which subjects an expectation is about, as it was written.

use crate::kinds;

/// How the subjects of one name are judged together.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Quantify {
    /// The first that was seen; later ones of the same name are others.
    First,
    /// Every one.
    Each,
    /// At least one.
    Any,
}

/// A condition on labels.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Term {
    /// `key`
    Exists(String),
    /// `!key`
    Missing(String),
    /// `key=value`, `key in (a, b)`
    In(String, Vec<String>),
    /// `key!=value`, `key notin (a, b)`
    NotIn(String, Vec<String>),
}

/// Which subjects.
#[derive(Clone, Debug)]
pub struct Selector {
    /// Kind, `Pod`.
    pub kind: String,
    /// API group, where it was said.
    pub group: Option<String>,
    /// Namespace; any when none.
    pub namespace: Option<String>,
    /// Name; any when none.
    pub name: Option<String>,
    /// Conditions on labels, all of them.
    pub labels: Vec<Term>,
    /// The alias of the owner, direct or through others.
    pub owned_by: Option<String>,
    /// How they are judged together.
    pub quantify: Quantify,
    /// At least so many.
    pub min: u64,
    /// At most so many.
    pub max: Option<u64>,
}

impl Selector {
    /// Every subject of a kind.
    #[must_use]
    pub fn of(kind: &str) -> Self {
        Self {
            kind: kind.to_owned(),
            group: None,
            namespace: None,
            name: None,
            labels: Vec::new(),
            owned_by: None,
            quantify: Quantify::Each,
            min: 1,
            max: None,
        }
    }
}

/// The kind that a word means: `pod`, `vmi`, `VirtualMachine`; any other word is a kind of the user's own.
#[must_use]
pub fn kind(word: &str) -> String {
    kinds::named(word).map_or(word, |known| known.kind).to_owned()
}

/// The short words for the known kinds, for messages.
#[must_use]
pub fn known_kinds() -> Vec<&'static str> {
    kinds::well_known().iter().flat_map(|known| known.names.iter().copied()).collect()
}

/// Reads kubectl's `-l`: `a=b,c!=d,e,!f,g in (h, i)`.
///
/// # Errors
/// The part that is not of that form.
pub fn labels(text: &str) -> Result<Vec<Term>, String> {
    let mut terms = Vec::new();
    let mut depth = 0_u32;
    let parts = text.split(|c| {
        match c {
            '(' => depth += 1,
            ')' => depth = depth.saturating_sub(1),
            _ => {}
        }
        c == ',' && depth == 0
    });
    for part in parts.map(str::trim).filter(|part| !part.is_empty()) {
        terms.push(term(part).ok_or_else(|| part.to_owned())?);
    }
    Ok(terms)
}

fn term(part: &str) -> Option<Term> {
    let key = |text: &str| {
        let text = text.trim();
        let fits = !text.is_empty() && text.chars().all(|c| c.is_ascii_alphanumeric() || "-_./".contains(c));
        fits.then(|| text.to_owned())
    };
    let values = |text: &str| -> Option<Vec<String>> {
        let inside = text.trim().strip_prefix('(')?.strip_suffix(')')?;
        Some(inside.split(',').map(|value| value.trim().to_owned()).collect())
    };
    if let Some((name, rest)) = part.split_once(" notin ") {
        return Some(Term::NotIn(key(name)?, values(rest)?));
    }
    if let Some((name, rest)) = part.split_once(" in ") {
        return Some(Term::In(key(name)?, values(rest)?));
    }
    if let Some((name, value)) = part.split_once("!=") {
        return Some(Term::NotIn(key(name)?, vec![value.trim().to_owned()]));
    }
    if let Some((name, value)) = part.split_once("==").or_else(|| part.split_once('=')) {
        return Some(Term::In(key(name)?, vec![value.trim().to_owned()]));
    }
    match part.strip_prefix('!') {
        Some(name) => key(name).map(Term::Missing),
        None => key(part).map(Term::Exists),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn label_selectors_read_as_kubectl_reads_them() {
        let terms = labels("a=b, c!=d,e,!f,g in (h, i)").unwrap();
        assert_eq!(terms.len(), 5);
        assert_eq!(terms[4], Term::In("g".into(), vec!["h".into(), "i".into()]));
        assert!(labels("a=b,,=c").is_err());
    }
}
