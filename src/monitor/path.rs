//! What a path consists of once it is read, each part with its place for the caret.

use super::trace::{Micros, Symbol};
use crate::observation::StateKind;
use smol_str::SmolStr;
use std::fmt;
use std::ops::Range;

/// A state as the language names it.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Name {
    /// `waiting:`, `running:`, `terminated:`; none for any sort.
    pub kind: Option<StateKind>,
    /// The label; empty for `Absent` and for `''`.
    pub label: SmolStr,
    /// Written in quotes: taken as it is, never a spelling mistake.
    pub quoted: bool,
}

impl Name {
    /// True when the letter is one that this names.
    #[must_use]
    pub fn fits(&self, letter: &Symbol) -> bool {
        self.label == letter.label
            && match self.kind {
                Some(kind) => kind == letter.kind,
                None => letter.kind != StateKind::Absent,
            }
    }
}

impl fmt::Display for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.kind {
            Some(StateKind::Absent) => return f.write_str("Absent"),
            Some(kind) => write!(f, "{}:", kind.word().unwrap_or_default())?,
            None => {}
        }
        if self.quoted { write!(f, "'{}'", self.label.replace('\'', "''")) } else { f.write_str(&self.label) }
    }
}

/// A name in its place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NamedAt {
    /// Which.
    pub name: Name,
    /// Where.
    pub range: Range<usize>,
}

/// A set of states: `A`, `[A, B]`, `!A`, `![A, B]`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct States {
    /// All but these.
    pub negated: bool,
    /// These.
    pub names: Vec<NamedAt>,
    /// Where it stands.
    pub range: Range<usize>,
}

impl States {
    /// True when the letter is in the set.
    #[must_use]
    pub fn contains(&self, letter: &Symbol) -> bool {
        self.names.iter().any(|named| named.name.fits(letter)) != self.negated
    }
}

impl fmt::Display for States {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.negated {
            f.write_str("!")?;
        }
        let names: Vec<String> = self.names.iter().map(|named| named.name.to_string()).collect();
        match names.as_slice() {
            [one] => f.write_str(one),
            many => write!(f, "[{}]", many.join(", ")),
        }
    }
}

/// `for >=1m`, as the least and the most that a stay may last, both included: times are whole microseconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Bound {
    /// At least.
    pub least: Micros,
    /// At most.
    pub most: Micros,
}

/// `{n,m}` and its short forms.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Repeat {
    /// At least.
    pub min: u32,
    /// At most; none for no end.
    pub max: Option<u32>,
}

/// What an item repeats.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Primitive {
    /// `...`: any run of states, possibly none.
    Run,
    /// `_`: any one state.
    One,
    /// A state out of a set.
    State(States),
    /// `( path )`.
    Group(Path),
}

/// One item of a sequence.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Item {
    /// What.
    pub primitive: Primitive,
    /// How often; once when none.
    pub repeat: Option<Repeat>,
    /// How long each stay lasts.
    pub stay: Option<Bound>,
    /// From its first entry to its last, in microseconds, at most.
    pub within: Option<Micros>,
    /// Where it stands.
    pub range: Range<usize>,
}

/// Alternatives, each a sequence of items that follow each other directly.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Path {
    /// At least one.
    pub alternatives: Vec<Vec<Item>>,
}

impl Path {
    /// Its names, in the order of the text.
    #[must_use]
    pub fn names(&self) -> Vec<&NamedAt> {
        let mut found = Vec::new();
        for item in self.alternatives.iter().flatten() {
            match &item.primitive {
                Primitive::State(states) => found.extend(&states.names),
                Primitive::Group(path) => found.extend(path.names()),
                Primitive::Run | Primitive::One => {}
            }
        }
        found
    }
}
