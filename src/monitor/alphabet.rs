//! The letters that one monitor tells apart: the states that its expectation names, and all others as one.
//!
//! Atoms partition the states: every state is in exactly one. At most 63 of them, so that a set is one word.

use super::path::{Name, States};
use super::trace::Symbol;
use crate::observation::StateKind;
use smol_str::SmolStr;

/// A set of atoms.
pub type AtomSet = u64;

/// Most atoms that a monitor tells apart, with the one for all other states.
pub const MAX_ATOMS: usize = 63;

/// How all states that are not named are told to people.
pub const ANY_OTHER: &str = "any other state";

/// One class of states.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Atom {
    /// One label of one sort.
    Exactly(StateKind, SmolStr),
    /// A label, of every sort that no other atom has.
    Label(SmolStr),
    /// All states that are not named.
    Other,
}

/// The atoms of one monitor; the last is all other states.
#[derive(Clone, Debug)]
pub struct Alphabet {
    atoms: Vec<Atom>,
    /// The track's states have sorts, so that one label can follow itself (`waiting:Error`, `terminated:Error`).
    sorted: bool,
}

impl Alphabet {
    /// The atoms that these names need; none when there are more than [`MAX_ATOMS`].
    #[must_use]
    pub fn new<'a>(names: impl Iterator<Item = &'a Name>, sorted: bool) -> Option<Self> {
        let mut exact: Vec<(StateKind, SmolStr)> = Vec::new();
        let mut labels: Vec<SmolStr> = Vec::new();
        for name in names {
            match name.kind {
                Some(kind) if !exact.contains(&(kind, name.label.clone())) => exact.push((kind, name.label.clone())),
                None if !labels.contains(&name.label) => labels.push(name.label.clone()),
                _ => {}
            }
            if exact.len() + labels.len() >= MAX_ATOMS {
                return None;
            }
        }
        let exact = exact.into_iter().map(|(kind, label)| Atom::Exactly(kind, label));
        let labels = labels.into_iter().map(Atom::Label);
        Some(Self { atoms: exact.chain(labels).chain([Atom::Other]).collect(), sorted })
    }

    /// How many atoms there are.
    #[must_use]
    pub fn size(&self) -> usize {
        self.atoms.len()
    }

    /// Every atom.
    #[must_use]
    pub fn all(&self) -> AtomSet {
        (1 << self.atoms.len()) - 1
    }

    /// The atom that a state is in.
    #[must_use]
    pub fn atom(&self, letter: &Symbol) -> usize {
        let other = self.atoms.len() - 1;
        let exact = self.atoms.iter().position(|atom| match atom {
            Atom::Exactly(kind, label) => *kind == letter.kind && *label == letter.label,
            _ => false,
        });
        let named = || {
            self.atoms.iter().position(
                |atom| matches!(atom, Atom::Label(label) if *label == letter.label && letter.kind != StateKind::Absent),
            )
        };
        exact.or_else(named).unwrap_or(other)
    }

    /// The atoms of a set of states.
    #[must_use]
    pub fn set(&self, states: &States) -> AtomSet {
        let names = states.names.iter().fold(0, |set, named| set | self.of(&named.name));
        if states.negated { self.all() & !names } else { names }
    }

    /// The atoms of one name.
    #[must_use]
    pub fn of(&self, name: &Name) -> AtomSet {
        self.atoms.iter().enumerate().fold(0, |set, (index, atom)| {
            let fits = match atom {
                Atom::Exactly(kind, label) => {
                    *label == name.label
                        && match name.kind {
                            Some(wanted) => wanted == *kind,
                            None => *kind != StateKind::Absent,
                        }
                }
                Atom::Label(label) => *label == name.label && name.kind.is_none(),
                Atom::Other => false,
            };
            if fits { set | 1 << index } else { set }
        })
    }

    /// True when two different states of this atom can follow each other.
    #[must_use]
    pub fn repeats(&self, atom: usize) -> bool {
        match self.atoms.get(atom) {
            Some(Atom::Exactly(..)) | None => false,
            Some(Atom::Label(_)) => self.sorted,
            Some(Atom::Other) => true,
        }
    }

    /// A state of this atom.
    #[must_use]
    pub fn sample(&self, atom: usize) -> Symbol {
        match self.atoms.get(atom) {
            Some(Atom::Exactly(kind, label)) => Symbol { label: label.clone(), kind: *kind },
            Some(Atom::Label(label)) => {
                // A sort that no other atom has for this label.
                let taken = |kind| self.atoms.contains(&Atom::Exactly(kind, label.clone()));
                let kinds = [StateKind::Plain, StateKind::Waiting, StateKind::Running, StateKind::Terminated];
                let kind = kinds.into_iter().find(|kind| !taken(*kind)).unwrap_or(StateKind::Plain);
                Symbol { label: label.clone(), kind }
            }
            Some(Atom::Other) | None => Symbol::plain("any other state\0"),
        }
    }

    /// How the atom is named to people.
    #[must_use]
    pub fn describe(&self, atom: usize) -> String {
        let plain = |kind: Option<StateKind>, label: &SmolStr| {
            let quoted = label.is_empty() && kind != Some(StateKind::Absent);
            Name { kind, label: label.clone(), quoted }.to_string()
        };
        match self.atoms.get(atom) {
            Some(Atom::Exactly(kind, label)) => plain(Some(*kind), label),
            Some(Atom::Label(label)) => plain(None, label),
            Some(Atom::Other) | None => ANY_OTHER.into(),
        }
    }
}
