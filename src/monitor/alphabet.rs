//! The symbols that one monitor distinguishes: the states that its expectation names, and all others as one.
//!
//! Atoms partition the states: every state is in exactly one. There are at most 63, so that a set fits in a `u64`.

use super::combination::{add, combinations, narrowest, predicates};
use super::path::{Name, States};
use super::trace::{Details, Symbol};
use crate::observation::{OF_LABEL, StateKind};
use smol_str::SmolStr;

/// A set of atoms.
pub type AtomSet = u64;

/// Most atoms that a monitor distinguishes, including the one for all other states.
pub const MAX_ATOMS: usize = 63;

/// The name of the atom for all other states, in messages.
pub const ANY_OTHER: &str = "any other state";

/// The label of a sample of a state that is not named.
const OTHER_SAMPLE: &str = "any other state\0";

/// States that are distinguished from all others, apart from their details.
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

    /// The label of its states, if they have one.
    fn label(&self) -> Option<&SmolStr> {
        match self {
            Self::Exactly(_, label) | Self::Label(label) => Some(label),
            Self::Kind(_) | Self::Other => None,
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

/// The atoms of one monitor; the last is all other states.
#[derive(Clone, Debug)]
pub struct Alphabet {
    /// Each with the details that tell its states apart. A state is in the first that has it.
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
        let predicates = predicates(&names, MAX_ATOMS)?;
        let (mut classes, mut atoms) = (Vec::new(), Vec::new());
        for class in exact.chain(labels).chain(kinds).chain([Class::Other]) {
            let mut named = Vec::new();
            for name in names.iter().filter(|name| class.is_named_by(name)) {
                name.details.iter().for_each(|detail| add(&mut named, detail.clone()));
            }
            // Of a known label, each predicate holds or does not.
            let known: Vec<SmolStr> = match class.label() {
                Some(label) => {
                    let of_label = named.extract_if(.., |detail| detail.starts_with(OF_LABEL));
                    of_label.filter(|of| predicates.iter().any(|(name, one)| name == of && one.holds(label))).collect()
                }
                None => Vec::new(),
            };
            for details in combinations(&named, &predicates, MAX_ATOMS)? {
                let details = details.iter().chain(&known).cloned().collect();
                atoms.push(Atom { class: classes.len(), details });
            }
            if atoms.len() > MAX_ATOMS {
                return None;
            }
            classes.push((class, named));
        }
        Some(Self { classes, atoms, has_kinds })
    }

    /// The same atoms with another label in place of one.
    #[must_use]
    pub fn renamed(&self, label: &str, other: &SmolStr) -> Self {
        let mut renamed = self.clone();
        for (class, _) in &mut renamed.classes {
            if let Class::Exactly(_, of) | Class::Label(of) = class
                && of == label
            {
                *of = other.clone();
            }
        }
        renamed
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
        let details = narrowest(&atom.details);
        let name = |kind: Option<StateKind>, label: Option<&SmolStr>| {
            let quoted = label.is_some_and(SmolStr::is_empty) && kind != Some(StateKind::Absent);
            Name { kind, label: label.cloned(), details: details.clone(), quoted }.to_string()
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::monitor::{NamedAt, Predicate};

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

    /// Every set of these names, on labels of which the predicates hold or do not.
    #[test]
    fn predicates_are_of_the_atoms_of_the_labels_of_which_they_hold() {
        let of_label = |text: &str| (None, [SmolStr::from(format!("{OF_LABEL}{text}"))].into_iter().collect());
        let labelled = |label: &str| (Some(SmolStr::new(label)), Details::default());
        let texts = [">1", "<=1.0", ">=3", "<2.5", "~^1"];
        let names: Vec<NamedAt> = texts
            .map(of_label)
            .into_iter()
            .chain([labelled("1"), labelled("x")])
            .map(|(label, details)| NamedAt { name: Name { kind: None, label, details, quoted: false }, range: 0..0 })
            .collect();
        let symbols = ["-7", "0", "1", "1.0", "1.5", "2.5", "2.6", "3", "10", "x", "1x", ""].map(|label| {
            let holds = |text: &&&str| Predicate::parse(text).expect("a predicate").holds(label);
            let details = texts.iter().filter(holds).map(|text| SmolStr::from(format!("{OF_LABEL}{text}")));
            Symbol { details: details.collect(), ..Symbol::plain(label) }
        });
        for chosen in 1_u32..1 << names.len() {
            let chosen =
                names.iter().enumerate().filter(|(at, _)| chosen & 1 << at != 0).map(|(_, named)| named.clone());
            let chosen: Vec<NamedAt> = chosen.collect();
            let alphabet = Alphabet::new(chosen.iter().map(|named| &named.name), true).expect("few names");
            for named in &chosen {
                let states = States { negated: false, names: vec![named.clone()], range: 0..0 };
                for symbol in &symbols {
                    let is_in = alphabet.set(&states) & 1 << alphabet.atom(symbol) != 0;
                    assert_eq!(is_in, states.contains(symbol), "{symbol:?} {chosen:?}");
                }
            }
            for atom in 0..alphabet.size() {
                assert_eq!(alphabet.atom(&alphabet.sample(atom)), atom, "{chosen:?}");
            }
        }
    }

    #[test]
    fn comparisons_that_exclude_each_other_have_no_atom_together() {
        let names = |texts: &[&str]| -> Vec<Name> {
            let details = texts.iter().map(|text| [SmolStr::from(format!("{OF_LABEL}{text}"))].into_iter().collect());
            details.map(|details| Name { kind: None, label: None, details, quoted: false }).collect()
        };
        let atoms = |texts: &[&str]| {
            let alphabet = Alphabet::new(names(texts).iter(), false)?;
            Some((0..alphabet.size()).map(|atom| alphabet.describe(atom)).collect::<Vec<_>>())
        };
        assert_eq!(atoms(&["<2", ">3"]).unwrap(), [">3", "<2", ANY_OTHER]);
        assert_eq!(atoms(&[">=0", "<5"]).unwrap(), [">=0", "<5 and >=0", "<5", ANY_OTHER]);
        assert_eq!(atoms(&[">1", ">3"]).unwrap(), [">3", ">1", ANY_OTHER]);
        let many = |count: usize| (0..count).map(|bound| format!(">{bound}")).collect::<Vec<_>>();
        let is_small = |count: usize| atoms(&many(count).iter().map(String::as_str).collect::<Vec<_>>()).is_some();
        assert!(is_small(MAX_ATOMS - 1) && !is_small(MAX_ATOMS));
    }
}
