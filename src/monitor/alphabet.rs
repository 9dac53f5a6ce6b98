//! The symbols that one monitor distinguishes: the states that its expectation names, and all others as one.
//!
//! Atoms partition the states: every state is in exactly one. There are at most 63, so that a set fits in a `u64`.

use super::path::{Name, States};
use super::trace::{Details, Symbol};
use crate::observation::{DetailSort, StateKind};
use smol_str::SmolStr;

/// A set of atoms.
pub type AtomSet = u64;

/// Most atoms that a monitor distinguishes, including the one for all other states.
pub const MAX_ATOMS: usize = 63;

/// The name of the atom for all other states, in messages.
pub const ANY_OTHER: &str = "any other state";

/// The label of a sample of a state that is not named.
const OTHER_SAMPLE: &str = "any other state\0";

/// States that are told apart from all others, apart from their details.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Class {
    /// One label of one kind.
    Exactly(StateKind, SmolStr),
    /// A label, of every kind that no other class has.
    Label(SmolStr),
    /// A kind, with every label that no other class has.
    Kind(StateKind),
    /// All states that are not named.
    Other,
}

impl Class {
    fn has(&self, symbol: &Symbol) -> bool {
        match self {
            Self::Exactly(kind, label) => *kind == symbol.kind && *label == symbol.label,
            Self::Label(label) => *label == symbol.label && symbol.kind != StateKind::Absent,
            Self::Kind(kind) => *kind == symbol.kind,
            Self::Other => true,
        }
    }

    /// True when a name is about its states, perhaps with details.
    fn is_named_by(&self, name: &Name) -> bool {
        match self {
            Self::Exactly(kind, label) => {
                name.label.as_ref().is_none_or(|named| named == label)
                    && match name.kind {
                        Some(wanted) => wanted == *kind,
                        None => *kind != StateKind::Absent,
                    }
            }
            Self::Label(label) => name.label.as_ref().is_none_or(|named| named == label) && name.kind.is_none(),
            Self::Kind(kind) => name.label.is_none() && name.kind.is_none_or(|named| named == *kind),
            Self::Other => name.label.is_none() && name.kind.is_none(),
        }
    }
}

/// A class, and which of the details that are named for it its states have.
#[derive(Clone, Debug)]
struct Atom {
    class: usize,
    details: Details,
}

fn add<T: PartialEq>(all: &mut Vec<T>, one: T) {
    if !all.contains(&one) {
        all.push(one);
    }
}

/// The atoms of one monitor; the last is all other states.
#[derive(Clone, Debug)]
pub struct Alphabet {
    /// Each with the details that are named for it. A state is in the first that has it.
    classes: Vec<(Class, Vec<SmolStr>)>,
    atoms: Vec<Atom>,
    /// True when the track's states have kinds, so that one label can follow itself (`waiting:Error`,
    /// `terminated:Error`).
    has_kinds: bool,
}

impl Alphabet {
    /// The atoms that these names need; none when there are more than [`MAX_ATOMS`].
    #[must_use]
    pub fn new<'a>(names: impl Iterator<Item = &'a Name>, has_kinds: bool) -> Option<Self> {
        let names: Vec<&Name> = names.collect();
        let mut exact: Vec<(StateKind, SmolStr)> = Vec::new();
        let (mut labels, mut kinds): (Vec<SmolStr>, Vec<StateKind>) = (Vec::new(), Vec::new());
        for name in &names {
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
        let exact = exact.into_iter().map(|(kind, label)| Class::Exactly(kind, label));
        let (labels, kinds) = (labels.into_iter().map(Class::Label), kinds.into_iter().map(Class::Kind));
        let with_details = |class: Class| {
            let mut details = Vec::new();
            for name in names.iter().filter(|name| class.is_named_by(name)) {
                name.details.iter().for_each(|detail| add(&mut details, detail.clone()));
            }
            (class, details)
        };
        let classes: Vec<_> = exact.chain(labels).chain(kinds).chain([Class::Other]).map(with_details).collect();
        let mut atoms = Vec::new();
        for (class, (_, named)) in classes.iter().enumerate() {
            for details in combinations(named)? {
                atoms.push(Atom { class, details });
            }
            if atoms.len() > MAX_ATOMS {
                return None;
            }
        }
        Some(Self { classes, atoms, has_kinds })
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
        let Some(class) = self.classes.iter().position(|(class, _)| class.has(symbol)) else { return other };
        let named = &self.classes[class].1;
        let is_it = |atom: &Atom| {
            atom.class == class && named.iter().all(|detail| atom.details.has(detail) == symbol.details.has(detail))
        };
        self.atoms.iter().position(is_it).unwrap_or(other)
    }

    /// True when a state is one that the description of an atom names, perhaps with more details.
    #[must_use]
    pub fn describes(&self, atom: usize, symbol: &Symbol) -> bool {
        self.atoms.get(atom).is_some_and(|atom| {
            let is_any = *self.class(atom) == Class::Other;
            (is_any || self.class(atom).has(symbol)) && atom.details.iter().all(|detail| symbol.details.has(detail))
        })
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
            let is_named = self.class(atom).is_named_by(name);
            let fits = is_named && name.details.iter().all(|detail| atom.details.has(detail));
            if fits { set | 1 << index } else { set }
        })
    }

    /// True when two different states of this atom can follow each other.
    #[must_use]
    pub fn repeats(&self, atom: usize) -> bool {
        match self.atoms.get(atom).map(|atom| self.class(atom)) {
            Some(Class::Exactly(..)) | None => false,
            Some(Class::Label(_)) => self.has_kinds,
            Some(Class::Kind(_) | Class::Other) => true,
        }
    }

    /// True when the states of this atom have any label, except those that are named.
    #[must_use]
    pub fn has_any_label(&self, atom: usize) -> bool {
        let class = self.atoms.get(atom).map(|atom| self.class(atom));
        !matches!(class, Some(Class::Exactly(..) | Class::Label(_)))
    }

    /// An example of a state of this atom.
    #[must_use]
    pub fn sample(&self, atom: usize) -> Symbol {
        let Some(atom) = self.atoms.get(atom) else { return Symbol::plain(OTHER_SAMPLE) };
        let symbol = match self.class(atom) {
            Class::Exactly(kind, label) => Symbol { kind: *kind, ..Symbol::plain(label) },
            Class::Label(label) => {
                // A kind that no other class has for this label.
                let is_taken = |kind| self.classes.iter().any(|(of, _)| *of == Class::Exactly(kind, label.clone()));
                let kinds = [StateKind::Plain, StateKind::Waiting, StateKind::Running, StateKind::Terminated];
                let kind = kinds.into_iter().find(|kind| !is_taken(*kind)).unwrap_or(StateKind::Plain);
                Symbol { kind, ..Symbol::plain(label) }
            }
            Class::Kind(kind) => Symbol { kind: *kind, ..Symbol::plain(OTHER_SAMPLE) },
            Class::Other => Symbol::plain(OTHER_SAMPLE),
        };
        Symbol { details: atom.details.clone(), ..symbol }
    }

    /// The name of the atom in messages.
    #[must_use]
    pub fn describe(&self, atom: usize) -> String {
        let Some(atom) = self.atoms.get(atom) else { return ANY_OTHER.into() };
        let name = |kind: Option<StateKind>, label: Option<&SmolStr>| {
            let quoted = label.is_some_and(SmolStr::is_empty) && kind != Some(StateKind::Absent);
            Name { kind, label: label.cloned(), details: atom.details.clone(), quoted }.to_string()
        };
        match self.class(atom) {
            Class::Exactly(kind, label) => name(Some(*kind), Some(label)),
            Class::Label(label) => name(None, Some(label)),
            Class::Kind(kind) => name(Some(*kind), None),
            Class::Other if atom.details.is_empty() => ANY_OTHER.into(),
            Class::Other => name(None, None),
        }
    }

    fn class(&self, atom: &Atom) -> &Class {
        &self.classes[atom.class].0
    }
}

/// The sets of details that one state may have, the empty one last; none when there are more than [`MAX_ATOMS`].
fn combinations(named: &[SmolStr]) -> Option<Vec<Details>> {
    let mut sets = vec![Details::default()];
    for detail in named {
        let sort = DetailSort::of(detail);
        let has_room = |set: &&Details| set.iter().filter(|of| DetailSort::of(of) == sort).count() < sort.most();
        let with = |set: &Details| set.iter().chain([detail]).cloned().collect();
        let more: Vec<Details> = sets.iter().filter(has_room).map(with).collect();
        sets.extend(more);
        if sets.len() > MAX_ATOMS {
            return None;
        }
    }
    sets.reverse();
    Some(sets)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::monitor::NamedAt;

    /// Every set of names: each symbol is in one atom, and the atoms of a set are those of its symbols.
    #[test]
    fn atoms_are_of_a_set_of_states_exactly_where_their_symbols_are() {
        let kinds = [None, Some(StateKind::Waiting), Some(StateKind::Terminated)];
        let labels = [None, Some("A"), Some("B")].map(|label| label.map(SmolStr::new));
        let details = |all: &[&str]| -> Details { all.iter().map(SmolStr::new).collect() };
        let names = kinds.iter().flat_map(|kind| labels.iter().map(|label| (*kind, label.clone(), details(&[]))));
        let detailed = [("A", &["1"][..]), ("A", &["2"]), ("A", &["R"]), ("_", &["1"]), ("_", &["1", "R"])];
        let detailed = detailed.map(|(label, all)| (None, (label != "_").then(|| label.into()), details(all)));
        let named =
            |(kind, label, details)| NamedAt { name: Name { kind, label, details, quoted: false }, range: 0..0 };
        let names = names.filter(|(kind, label, _)| kind.is_some() || label.is_some());
        let names: Vec<NamedAt> = names.chain(detailed).map(named).collect();
        let all_kinds = [StateKind::Plain, StateKind::Waiting, StateKind::Running, StateKind::Terminated];
        let all_details: [&[&str]; 6] = [&[], &["1"], &["2"], &["R"], &["1", "R"], &["3", "S"]];
        let symbols = all_kinds.iter().flat_map(|kind| ["A", "B", "C"].map(|label| (*kind, label)));
        let symbols = symbols.flat_map(|(kind, label)| {
            all_details.map(|all| Symbol { kind, details: details(all), ..Symbol::plain(label) })
        });
        let symbols: Vec<Symbol> = symbols.chain([Symbol::absent()]).collect();
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
