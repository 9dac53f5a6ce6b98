//! From a path to its position automaton: one position for each state that the text has, after repetitions are
//! written out (Glushkov 1961; McNaughton and Yamada 1960).
//!
//! A group with `within` has a clock. An edge says which clocks keep running; every other clock of its target is reset.
//! Paths beyond [`MAX_POSITIONS`], and paths that no track can fit, are rejected.

use super::alphabet::{Alphabet, AtomSet};
use super::fault::Fault;
use super::path::{Bound, Item, Path, Primitive, Repeat};
use std::ops::Range;

/// The most positions of one path, with repetitions expanded.
pub const MAX_POSITIONS: usize = 1024;
/// The most edges of one path, with repetitions expanded.
pub const MAX_EDGES: usize = 65_536;
/// Most groups with a clock in one path.
pub const MAX_GROUPS: usize = 16;

/// A set of clocked groups, one bit each.
pub type GroupSet = u16;

/// One state of the path.
#[derive(Clone, Debug)]
pub struct Position {
    /// The atoms that it accepts.
    pub atoms: AtomSet,
    /// How long a stay here may last; none without a `for`.
    pub stay: Option<Bound>,
    /// The groups that it is inside of.
    pub groups: GroupSet,
    /// Its place in the text, in bytes.
    pub range: Range<usize>,
}

/// A step to a position.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Edge {
    /// The index of the target position.
    pub to: u16,
    /// The clocks that keep running; the target's other clocks start.
    pub kept: GroupSet,
}

/// A path as positions and edges.
#[derive(Clone, Debug)]
pub struct Automaton {
    /// The atoms that it distinguishes.
    pub alphabet: Alphabet,
    /// The states of the path.
    pub positions: Vec<Position>,
    /// The edges from the start.
    pub first: Vec<Edge>,
    /// The edges from each position.
    pub follow: Vec<Vec<Edge>>,
    /// Whether the path may end at each position.
    pub last: Vec<bool>,
    /// True when the path fits a track without any state.
    pub nullable: bool,
    /// How long each group with a clock may take from its first entry to its last.
    pub limits: Vec<Bound>,
}

impl Automaton {
    /// True when the path has a time bound.
    #[must_use]
    pub fn is_timed(&self) -> bool {
        !self.limits.is_empty() || self.positions.iter().any(|position| position.stay.is_some())
    }

    /// Builds the automaton of a path.
    ///
    /// # Errors
    /// The path exceeds a cap, or has a state that follows itself.
    pub fn new(path: &Path, alphabet: Alphabet) -> Result<Self, Fault> {
        let mut builder = Builder {
            edges: 0,
            groups: Vec::new(),
            open: 0,
            automaton: Self {
                alphabet,
                positions: Vec::new(),
                first: Vec::new(),
                follow: Vec::new(),
                last: Vec::new(),
                nullable: false,
                limits: Vec::new(),
            },
        };
        let whole = builder.path(path)?;
        let mut automaton = builder.automaton;
        automaton.first = whole.first.iter().map(|to| Edge { to: *to, kept: 0 }).collect();
        automaton.nullable = whole.nullable;
        automaton.last = vec![false; automaton.positions.len()];
        for last in whole.last {
            automaton.last[usize::from(last)] = true;
        }
        for edges in &mut automaton.follow {
            edges.sort_unstable();
            edges.dedup();
        }
        Ok(automaton)
    }

    /// An automaton over whole sets of states: each state of `edges` may come first, may come last, and is followed by
    /// those that it names.
    #[must_use]
    pub fn graph(alphabet: Alphabet, edges: &[(AtomSet, Vec<u16>, Range<usize>)]) -> Self {
        let position = |(atoms, _, range): &(AtomSet, Vec<u16>, Range<usize>)| Position {
            atoms: *atoms,
            stay: None,
            groups: 0,
            range: range.clone(),
        };
        let edge = |to: &u16| Edge { to: *to, kept: 0 };
        Self {
            alphabet,
            positions: edges.iter().map(position).collect(),
            first: (0..edges.len()).filter_map(|to| u16::try_from(to).ok()).map(|to| Edge { to, kept: 0 }).collect(),
            follow: edges.iter().map(|(_, to, _)| to.iter().map(edge).collect()).collect(),
            last: vec![true; edges.len()],
            nullable: false,
            limits: Vec::new(),
        }
    }
}

/// The automaton of a part of the path while it is built.
#[derive(Clone, Debug)]
struct Part {
    nullable: bool,
    first: Vec<u16>,
    last: Vec<u16>,
}

struct Builder {
    automaton: Automaton,
    edges: usize,
    /// Where each group with a clock is in the text; the copies of a repetition share one clock, since they take turns.
    groups: Vec<Range<usize>>,
    /// The groups around the item being built.
    open: GroupSet,
}

impl Builder {
    fn path(&mut self, path: &Path) -> Result<Part, Fault> {
        let mut sum = Part { nullable: false, first: Vec::new(), last: Vec::new() };
        for sequence in &path.alternatives {
            let part = self.sequence(sequence)?;
            sum.nullable |= part.nullable;
            sum.first.extend(part.first);
            sum.last.extend(part.last);
        }
        Ok(sum)
    }

    fn sequence(&mut self, items: &[Item]) -> Result<Part, Fault> {
        let mut sum = Part { nullable: true, first: Vec::new(), last: Vec::new() };
        let mut direct: Option<Vec<u16>> = None;
        for item in items {
            let part = self.item(item)?;
            if let Some(before) = &direct
                && !part.nullable
            {
                self.refuse_stutter(before, &part.first, &item.range)?;
            }
            direct = (!part.nullable).then(|| part.last.clone());
            sum = self.join(sum, part, &item.range)?;
        }
        Ok(sum)
    }

    fn join(&mut self, before: Part, after: Part, range: &Range<usize>) -> Result<Part, Fault> {
        self.connect(&before.last, &after.first, range)?;
        let mut first = before.first;
        if before.nullable {
            first.extend(&after.first);
        }
        let mut last = after.last;
        if after.nullable {
            last.extend(before.last);
        }
        Ok(Part { nullable: before.nullable && after.nullable, first, last })
    }

    fn connect(&mut self, from: &[u16], to: &[u16], range: &Range<usize>) -> Result<(), Fault> {
        self.edges += from.len() * to.len();
        if self.edges > MAX_EDGES {
            return Err(too_large(range));
        }
        for before in from {
            let follow = &mut self.automaton.follow[usize::from(*before)];
            follow.extend(to.iter().map(|to| Edge { to: *to, kept: self.open }));
        }
        Ok(())
    }

    fn item(&mut self, item: &Item) -> Result<Part, Fault> {
        let around = self.open;
        if let Some(limit) = item.within {
            let known = self.groups.iter().position(|range| *range == item.range);
            let group = known.unwrap_or(self.groups.len());
            if group == MAX_GROUPS {
                return Err(Fault::new(item.range.clone(), format!("more than {MAX_GROUPS} `within` in one path"))
                    .help("split it into several expectations"));
            }
            if known.is_none() {
                self.groups.push(item.range.clone());
                self.automaton.limits.push(limit);
            }
            self.open |= 1 << group;
        }
        let repeat = match (&item.primitive, item.repeat) {
            (Primitive::Run, _) => Repeat { min: 0, max: None },
            (_, repeat) => repeat.unwrap_or(Repeat { min: 1, max: Some(1) }),
        };
        let part = self.repeated(item, repeat)?;
        self.open = around;
        Ok(part)
    }

    fn repeated(&mut self, item: &Item, repeat: Repeat) -> Result<Part, Fault> {
        let mut sum = Part { nullable: true, first: Vec::new(), last: Vec::new() };
        let copies = repeat.max.unwrap_or(repeat.min.max(1));
        for copy in 0..copies {
            let mut part = self.once(item)?;
            if copy == 1 && repeat.min > 1 && !part.nullable {
                self.refuse_stutter(&part.last, &part.first, &item.range)?;
            }
            if repeat.max.is_none() && copy + 1 == copies {
                let (last, first) = (part.last.clone(), part.first.clone());
                self.connect(&last, &first, &item.range)?;
            }
            part.nullable |= copy >= repeat.min;
            sum = self.join(sum, part, &item.range)?;
        }
        Ok(sum)
    }

    fn once(&mut self, item: &Item) -> Result<Part, Fault> {
        let atoms = match &item.primitive {
            Primitive::Group(path) => return self.path(path),
            Primitive::Run | Primitive::One => self.automaton.alphabet.all(),
            Primitive::State(states) => self.automaton.alphabet.set(states),
        };
        let at = match u16::try_from(self.automaton.positions.len()) {
            Ok(at) if usize::from(at) < MAX_POSITIONS => at,
            _ => return Err(too_large(&item.range)),
        };
        self.automaton.positions.push(Position {
            atoms,
            stay: item.stay,
            groups: self.open,
            range: item.range.clone(),
        });
        self.automaton.follow.push(Vec::new());
        Ok(Part { nullable: false, first: vec![at], last: vec![at] })
    }

    /// A track never enters the state that it is in, so `A -> A` is a mistake.
    fn refuse_stutter(&self, before: &[u16], after: &[u16], range: &Range<usize>) -> Result<(), Fault> {
        let single = |at: &u16| self.automaton.positions[usize::from(*at)].atoms;
        let Some(atoms) = before.first().map(single) else { return Ok(()) };
        let same = before.iter().chain(after).all(|at| single(at) == atoms) && !after.is_empty();
        if !same || atoms.count_ones() != 1 {
            return Ok(());
        }
        let atom = atoms.trailing_zeros() as usize;
        let alphabet = &self.automaton.alphabet;
        if alphabet.has_any_label(atom) {
            return Ok(());
        }
        let name = alphabet.describe(atom);
        Err(Fault::new(range.clone(), format!("`{name}` follows itself: a track never enters the state that it is in"))
            .help(format!(
                "`{name} -> ... -> {name}` if something lies between; restarts are counted: `count restart`"
            )))
    }
}

fn too_large(range: &Range<usize>) -> Fault {
    Fault::new(range.clone(), format!("path is too large: repetitions expanded, more than {MAX_POSITIONS} states"))
        .help("use smaller repetitions, `+` or `*`, or `count`")
}
