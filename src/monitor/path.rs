//! A parsed path, each part with its place for diagnostics.

use super::predicate::Predicate;
use super::trace::{Details, Micros, NEVER_AFTER, Symbol, written, written_detail};
use crate::observation::{OF_LABEL, OF_MESSAGE, StateKind};
use smol_str::{SmolStr, format_smolstr};
use std::fmt;
use std::ops::Range;

/// What the label of a placeholder starts with; in an expectation, only a label in quotes can start with it, too.
const PLACEHOLDER: char = '\0';

/// A state as the language names it.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Name {
    /// `waiting:`, `running:`, `terminated:`; none for any kind.
    pub kind: Option<StateKind>,
    /// The label, empty for `Absent` and for `''`; none for any, as in `terminated:_`.
    pub label: Option<SmolStr>,
    /// The details that the state has, as in `Error/137`.
    pub details: Details,
    /// True when written in quotes: then it is never reported as a spelling mistake.
    pub quoted: bool,
}

impl Name {
    /// True when the name matches the symbol.
    #[must_use]
    pub fn fits(&self, symbol: &Symbol) -> bool {
        self.fits_state(symbol) && self.details.iter().all(|detail| symbol.details.has(detail))
    }

    /// True when it does, whatever the details.
    #[must_use]
    pub fn fits_state(&self, symbol: &Symbol) -> bool {
        self.label.as_ref().is_none_or(|label| *label == symbol.label)
            && match self.kind {
                Some(kind) => kind == symbol.kind,
                None => symbol.kind != StateKind::Absent,
            }
    }
}

impl Name {
    /// The placeholder `$word`, as a label that is no label of a state.
    #[must_use]
    pub fn placeholder(word: &str) -> Self {
        let label = Some(format_smolstr!("{PLACEHOLDER}${word}"));
        Self { kind: None, label, details: Details::default(), quoted: false }
    }

    /// True for a placeholder.
    #[must_use]
    pub fn is_placeholder(&self) -> bool {
        !self.quoted && self.has_reserved_label()
    }

    /// True when its label may be that of a placeholder.
    #[must_use]
    pub fn has_reserved_label(&self) -> bool {
        self.label.as_ref().is_some_and(|label| label.starts_with(PLACEHOLDER))
    }

    /// What it says of the label as the language writes it: its predicate. Where an atom has several, its comparisons,
    /// as a range, or else its first regular expression.
    fn of_label(&self) -> Option<String> {
        let texts: Vec<&str> = self.details.predicates(OF_LABEL).collect();
        let range: Vec<&str> = texts.iter().copied().filter(|text| Predicate::compares(text)).collect();
        if range.is_empty() { texts.first().map(|text| Predicate::written(text)) } else { Some(range.join(" and ")) }
    }
}

impl fmt::Display for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.kind {
            Some(StateKind::Absent) => return f.write_str("Absent"),
            Some(kind) => write!(f, "{}:", kind.name().unwrap_or_default())?,
            None => {}
        }
        match &self.label {
            None if let Some(predicate) = self.of_label() => f.write_str(&predicate),
            Some(label) if self.quoted => write!(f, "'{}'", label.replace('\'', "''")),
            Some(label) if let Some(placeholder) = label.strip_prefix(PLACEHOLDER) => f.write_str(placeholder),
            Some(label) => f.write_str(&written(label)),
            None => f.write_str("_"),
        }?;
        self.details.shown().try_for_each(|detail| write!(f, "/{}", written_detail(detail)))?;
        let mut of_message = self.details.predicates(OF_MESSAGE);
        of_message.try_for_each(|text| write!(f, "/{}", Predicate::written(text)))
    }
}

/// A name with its place in the text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NamedAt {
    /// The name.
    pub name: Name,
    /// The place, in bytes.
    pub range: Range<usize>,
}

/// A set of states: `A`, `[A, B]`, `!A`, `![A, B]`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct States {
    /// True for all states but these.
    pub negated: bool,
    /// The names listed.
    pub names: Vec<NamedAt>,
    /// The place in the text, in bytes.
    pub range: Range<usize>,
}

impl States {
    /// True when the symbol is in the set.
    #[must_use]
    pub fn contains(&self, symbol: &Symbol) -> bool {
        self.names.iter().any(|named| named.name.fits(symbol)) != self.negated
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

/// `for >=1m`, `within 3s..10s`: the least and the most time, in whole microseconds, both included.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Bound {
    /// The least.
    pub least: Micros,
    /// The most; [`NEVER_AFTER`] for unlimited.
    pub most: Micros,
}

impl Bound {
    /// The most, if there is one.
    #[must_use]
    pub fn limit(self) -> Option<Micros> {
        (self.most < NEVER_AFTER).then_some(self.most)
    }
}

/// `{n,m}` and its short forms.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Repeat {
    /// The least number of times.
    pub min: u32,
    /// The most; none for unlimited.
    pub max: Option<u32>,
}

/// What an item repeats.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Primitive {
    /// `...`: any run of states, possibly none.
    Run,
    /// `_`: any one state.
    One,
    /// A state of a set.
    State(States),
    /// `( path )`.
    Group(Path),
}

/// One item of a sequence.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Item {
    /// What the item consists of.
    pub primitive: Primitive,
    /// How often it repeats; none for once.
    pub repeat: Option<Repeat>,
    /// How long each stay may last.
    pub stay: Option<Bound>,
    /// The time from its first entry to its last.
    pub within: Option<Bound>,
    /// The place in the text, in bytes.
    pub range: Range<usize>,
}

/// Alternatives, each a sequence of items that follow each other directly.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Path {
    /// The alternatives; at least one.
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

    /// Its first placeholder.
    #[must_use]
    pub fn placeholder(&self) -> Option<&NamedAt> {
        self.names().into_iter().find(|named| named.name.is_placeholder())
    }

    /// How often it uses its placeholder; of what it repeats, twice.
    #[must_use]
    pub fn placeholder_uses(&self) -> usize {
        let of_item = |item: &Item| {
            let once = match &item.primitive {
                Primitive::State(states) => states.names.iter().filter(|named| named.name.is_placeholder()).count(),
                Primitive::Group(path) => path.placeholder_uses(),
                Primitive::Run | Primitive::One => 0,
            };
            if item.repeat.is_some_and(|repeat| repeat.max != Some(1)) { 2 * once } else { once }
        };
        self.alternatives.iter().flatten().map(of_item).sum()
    }
}
