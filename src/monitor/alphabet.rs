//! The symbols that one monitor distinguishes: the states that its expectation names, and all others as one.
//!
//! Atoms partition the states: every state is in exactly one. There are at most 63, so that a set fits in a `u64`.

use super::path::{Name, States};
use super::trace::Symbol;
use crate::observation::StateKind;
use smol_str::SmolStr;

/// A set of atoms.
pub type AtomSet = u64;

/// Most atoms that a monitor distinguishes, including the one for all other states.
pub const MAX_ATOMS: usize = 63;

/// The name of the atom for all other states, in messages.
pub const ANY_OTHER: &str = "any other state";

/// One class of states.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Atom {
    /// One label of one kind.
    Exactly(StateKind, SmolStr),
    /// A label, of every kind that no other atom has.
    Label(SmolStr),
    /// All states that are not named.
    Other,
}

/// The atoms of one monitor; the last is all other states.
#[derive(Clone, Debug)]
pub struct Alphabet {
    atoms: Vec<Atom>,
    /// True when the track's states have kinds, so that one label can follow itself (`waiting:Error`,
    /// `terminated:Error`).
    has_kinds: bool,
}

impl Alphabet {
    /// The atoms that these names need; none when there are more than [`MAX_ATOMS`].
    #[must_use]
    pub fn new<'a>(names: impl Iterator<Item = &'a Name>, has_kinds: bool) -> Option<Self> {
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
        Some(Self { atoms: exact.chain(labels).chain([Atom::Other]).collect(), has_kinds })
    }

    /// The number of atoms.
    #[must_use]
    pub fn size(&self) -> usize {
        self.atoms.len()
    }

    /// The set of all atoms.
    #[must_use]
    pub fn all(&self) -> AtomSet {
        (1 << self.atoms.len()) - 1
    }

    /// The atom that a state is in.
    #[must_use]
    pub fn atom(&self, symbol: &Symbol) -> usize {
        let other = self.atoms.len() - 1;
        let exact = self.atoms.iter().position(|atom| match atom {
            Atom::Exactly(kind, label) => *kind == symbol.kind && *label == symbol.label,
            _ => false,
        });
        let named = || {
            self.atoms.iter().position(
                |atom| matches!(atom, Atom::Label(label) if *label == symbol.label && symbol.kind != StateKind::Absent),
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
            Some(Atom::Label(_)) => self.has_kinds,
            Some(Atom::Other) => true,
        }
    }

    /// An example of a state of this atom.
    #[must_use]
    pub fn sample(&self, atom: usize) -> Symbol {
        match self.atoms.get(atom) {
            Some(Atom::Exactly(kind, label)) => Symbol { label: label.clone(), kind: *kind },
            Some(Atom::Label(label)) => {
                // A kind that no other atom has for this label.
                let taken = |kind| self.atoms.contains(&Atom::Exactly(kind, label.clone()));
                let kinds = [StateKind::Plain, StateKind::Waiting, StateKind::Running, StateKind::Terminated];
                let kind = kinds.into_iter().find(|kind| !taken(*kind)).unwrap_or(StateKind::Plain);
                Symbol { label: label.clone(), kind }
            }
            Some(Atom::Other) | None => Symbol::plain("any other state\0"),
        }
    }

    /// The name of the atom in messages.
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
