//! The legal trace nearest to the one that was seen, by the fewest states inserted, dropped or replaced (edit distance
//! between a word and a regular language, Wagner 1974), found by a search over positions and states.

use super::why::Edit;
use crate::monitor::{Dfa, End, Event, Plan, Symbol};
use std::cmp::Reverse;
use std::collections::BinaryHeap;

/// Most pairs of position and state that are searched.
const MAX_NODES: usize = 400_000;

/// How good a way is, the best first: the number of its edits; of these, those that are no insertions; and how far from
/// the end its insertions are, so that what never came is inserted last.
type Rank = (usize, usize, usize);

/// How a node was reached: from which node, and by which atom; without an atom, a state was dropped.
#[derive(Clone, Copy)]
struct Came {
    from: usize,
    atom: Option<usize>,
}

/// The edits that lead to it; none for traces with gaps, timed paths and traces that are too long.
pub(super) fn nearest(plan: &Plan, events: &[Event], end: &End) -> Option<Vec<Edit>> {
    let Plan::Regular(dfa) = plan else { return None };
    let symbols: Option<Vec<_>> = events
        .iter()
        .map(|event| match event {
            Event::Enter { shown, .. } => Some(&shown.symbol),
            Event::Gap { .. } => None,
        })
        .collect();
    let symbols = symbols?;
    let atoms: Vec<usize> = symbols.iter().map(|symbol| dfa.alphabet.atom(symbol)).collect();
    let graph = Graph { dfa, kept: Kept::new(dfa, &symbols, &atoms) };
    let nodes = (atoms.len() + 1).checked_mul(graph.layer()).filter(|nodes| *nodes <= MAX_NODES)?;
    let mut came: Vec<Option<Came>> = vec![None; nodes];
    let mut done = vec![false; nodes];
    // Of ways with the same rank, the first that was found.
    let mut work: BinaryHeap<Reverse<(Rank, usize)>> = BinaryHeap::from([Reverse(((0, 0, 0), 0))]);
    let mut ways: Vec<(usize, Option<Came>)> = vec![(0, None)];
    while let Some(Reverse((rank, way))) = work.pop() {
        let (node, by) = ways[way];
        if std::mem::replace(&mut done[node], true) {
            continue;
        }
        came[node] = by;
        let (at, state, last) = graph.parts(node);
        if at == atoms.len() && fits(dfa, state, end) {
            return Some(found(&graph, &came, node, &symbols, &atoms));
        }
        let (edits, others, distance) = rank;
        let mut push = |rank: Rank, node: usize, atom: Option<usize>, from: usize| {
            work.push(Reverse((rank, ways.len())));
            ways.push((node, Some(Came { from, atom })));
        };
        let changed = (edits + 1, others + 1, distance);
        let inserted = (edits + 1, others, distance + atoms.len() - at);
        for (atom, next) in dfa.steps(state) {
            if at < atoms.len() && atom == atoms[at] {
                // A kept state cannot follow itself after the states between were dropped.
                let own = graph.kept.of(at);
                if own == 0 || own != last {
                    push(rank, graph.node(at + 1, next, own), Some(atom), node);
                }
            } else if at < atoms.len() {
                push(changed, graph.node(at + 1, next, 0), Some(atom), node);
            }
            push(inserted, graph.node(at, next, 0), Some(atom), node);
        }
        if at < atoms.len() {
            push(changed, graph.node(at + 1, state, last), None, node);
        }
    }
    None
}

/// The states that share an atom with others, numbered from 1: the automaton does not know when one of these follows
/// itself.
struct Kept(Vec<usize>, usize);

impl Kept {
    fn new(dfa: &Dfa, symbols: &[&Symbol], atoms: &[usize]) -> Self {
        let mut known: Vec<&Symbol> = Vec::new();
        let mut numbers = Vec::new();
        for (symbol, atom) in symbols.iter().copied().zip(atoms) {
            numbers.push(match known.iter().position(|other| *other == symbol) {
                _ if !dfa.alphabet.repeats(*atom) => 0,
                Some(at) => at + 1,
                None => {
                    known.push(symbol);
                    known.len()
                }
            });
        }
        Self(numbers, known.len() + 1)
    }

    fn of(&self, at: usize) -> usize {
        self.0[at]
    }
}

/// Nodes of the search: the position in the trace, the state of the automaton, and the last kept state if it matters.
struct Graph<'a> {
    dfa: &'a Dfa,
    kept: Kept,
}

impl Graph<'_> {
    fn layer(&self) -> usize {
        self.dfa.size() * self.kept.1
    }

    fn node(&self, at: usize, state: u32, last: usize) -> usize {
        (at * self.dfa.size() + state as usize) * self.kept.1 + last
    }

    fn parts(&self, node: usize) -> (usize, u32, usize) {
        let state = node / self.kept.1;
        let number = u32::try_from(state % self.dfa.size()).unwrap_or(u32::MAX);
        (state / self.dfa.size(), number, node % self.kept.1)
    }
}

/// The labels of states, with their kinds where one label has two of them.
pub(super) fn names(symbols: &[&Symbol]) -> Vec<String> {
    let twice = |symbol: &Symbol| symbols.iter().any(|other| other.label == symbol.label && other.kind != symbol.kind);
    let name = |symbol: &&Symbol| match symbol.kind.name().filter(|_| twice(symbol)) {
        Some(kind) => format!("{kind}:{symbol}"),
        None => symbol.to_string(),
    };
    symbols.iter().map(name).collect()
}

fn fits(dfa: &Dfa, state: u32, end: &End) -> bool {
    if end.is_final() { dfa.accepts(state) } else { !dfa.is_bad(state) }
}

fn found(graph: &Graph<'_>, came: &[Option<Came>], last: usize, symbols: &[&Symbol], atoms: &[usize]) -> Vec<Edit> {
    let (alphabet, names) = (&graph.dfa.alphabet, names(symbols));
    let mut edits = Vec::new();
    let mut node = last;
    while let Some(Came { from, atom }) = came[node] {
        let (before, after) = (graph.parts(from).0, graph.parts(node).0);
        edits.push(match atom {
            Some(atom) if before == after => Edit::Insert(alphabet.describe(atom)),
            Some(atom) if atom == atoms[before] => Edit::Keep(names[before].clone()),
            Some(atom) => Edit::Replace(names[before].clone(), alphabet.describe(atom)),
            None => Edit::Drop(names[before].clone()),
        });
        node = from;
    }
    edits.reverse();
    edits
}
