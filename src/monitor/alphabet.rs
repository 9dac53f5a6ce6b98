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

/// The label of a sample of a state that is not named.
const OTHER_SAMPLE: &str = "any other state\0";

/// One class of states.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Atom {
    /// One label of one kind.
    Exactly(StateKind, SmolStr),
    /// A label, of every kind that no other atom has.
    Label(SmolStr),
    /// A kind, with every label that no other atom has.
    Kind(StateKind),
    /// All states that are not named.
    Other,
}

fn add<T: PartialEq>(all: &mut Vec<T>, one: T) {
    if !all.contains(&one) {
        all.push(one);
    }
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
        let (mut labels, mut kinds): (Vec<SmolStr>, Vec<StateKind>) = (Vec::new(), Vec::new());
        for name in names {
            match (name.kind, name.label.clone()) {
                (Some(kind), Some(label)) => add(&mut exact, (kind, label)),
                (None, Some(label)) => add(&mut labels, label),
                (Some(kind), None) => add(&mut kinds, kind),
                (None, None) => {}
            }
            if exact.len() + labels.len() + kinds.len() >= MAX_ATOMS {
                return None;
            }
        }
        // A state may have both a label and a kind that are named.
        for kind in &kinds {
            labels.iter().for_each(|label| add(&mut exact, (*kind, label.clone())));
        }
        let exact = exact.into_iter().map(|(kind, label)| Atom::Exactly(kind, label));
        let (labels, kinds) = (labels.into_iter().map(Atom::Label), kinds.into_iter().map(Atom::Kind));
        let atoms: Vec<Atom> = exact.chain(labels).chain(kinds).chain([Atom::Other]).collect();
        (atoms.len() <= MAX_ATOMS).then_some(Self { atoms, has_kinds })
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
        let of_kind = || self.atoms.iter().position(|atom| matches!(atom, Atom::Kind(kind) if *kind == symbol.kind));
        exact.or_else(named).or_else(of_kind).unwrap_or(other)
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
                    name.label.as_ref().is_none_or(|named| named == label)
                        && match name.kind {
                            Some(wanted) => wanted == *kind,
                            None => *kind != StateKind::Absent,
                        }
                }
                Atom::Label(label) => name.label.as_ref() == Some(label) && name.kind.is_none(),
                Atom::Kind(kind) => name.label.is_none() && name.kind == Some(*kind),
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
            Some(Atom::Kind(_) | Atom::Other) => true,
        }
    }

    /// True when the states of this atom have any label, except those that are named.
    #[must_use]
    pub fn has_any_label(&self, atom: usize) -> bool {
        !matches!(self.atoms.get(atom), Some(Atom::Exactly(..) | Atom::Label(_)))
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
            Some(Atom::Kind(kind)) => Symbol { kind: *kind, ..Symbol::plain(OTHER_SAMPLE) },
            Some(Atom::Other) | None => Symbol::plain(OTHER_SAMPLE),
        }
    }

    /// The name of the atom in messages.
    #[must_use]
    pub fn describe(&self, atom: usize) -> String {
        let plain = |kind: Option<StateKind>, label: &SmolStr| {
            let quoted = label.is_empty() && kind != Some(StateKind::Absent);
            Name { kind, label: Some(label.clone()), quoted }.to_string()
        };
        match self.atoms.get(atom) {
            Some(Atom::Exactly(kind, label)) => plain(Some(*kind), label),
            Some(Atom::Label(label)) => plain(None, label),
            Some(Atom::Kind(kind)) => Name { kind: Some(*kind), label: None, quoted: false }.to_string(),
            Some(Atom::Other) | None => ANY_OTHER.into(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::monitor::NamedAt;

    /// Every set of three names: each symbol is in one atom, and the atoms of a set are those of its symbols.
    #[test]
    fn atoms_are_of_a_set_of_states_exactly_where_their_symbols_are() {
        let kinds = [None, Some(StateKind::Waiting), Some(StateKind::Terminated)];
        let labels = [None, Some("A"), Some("B")].map(|label| label.map(SmolStr::new));
        let names = kinds.iter().flat_map(|kind| labels.iter().map(|label| (*kind, label.clone())));
        let named = |(kind, label)| NamedAt { name: Name { kind, label, quoted: false }, range: 0..0 };
        let names: Vec<NamedAt> = names.filter(|name| *name != (None, None)).map(named).collect();
        let all_kinds = [StateKind::Plain, StateKind::Waiting, StateKind::Running, StateKind::Terminated];
        let symbols =
            all_kinds.iter().flat_map(|kind| ["A", "B", "C"].map(|label| Symbol { kind: *kind, label: label.into() }));
        let absent = Symbol { kind: StateKind::Absent, label: SmolStr::default() };
        let symbols: Vec<Symbol> = symbols.chain([absent]).collect();
        for chosen in 1_u32..1 << names.len() {
            let chosen =
                names.iter().enumerate().filter(|(at, _)| chosen & 1 << at != 0).map(|(_, named)| named.clone());
            let chosen: Vec<NamedAt> = chosen.collect();
            let alphabet = Alphabet::new(chosen.iter().map(|named| &named.name), true).expect("few names");
            let sets = chosen.iter().map(|named| vec![named.clone()]).chain([chosen.clone()]);
            for (names, negated) in sets.flat_map(|names| [(names.clone(), false), (names, true)]) {
                let states = States { negated, names, range: 0..0 };
                let set = alphabet.set(&states);
                for symbol in &symbols {
                    assert_eq!(set & 1 << alphabet.atom(symbol) != 0, states.contains(symbol), "{symbol:?} {states:?}");
                }
                for atom in 0..alphabet.size() {
                    let sample = alphabet.sample(atom);
                    assert_eq!(alphabet.atom(&sample), atom, "{sample:?} {states:?}");
                }
            }
        }
    }
}
