//! The word nearest to the one that was seen that would have fitted: fewest states put in, left out or exchanged
//! (edit distance between a word and a regular language, Wagner 1974), by a search over places and states.

use super::why::Edit;
use crate::monitor::{Dfa, End, Event, Plan, Symbol};
use std::collections::VecDeque;

/// Most pairs of place and state that are looked at.
const MAX_NODES: usize = 400_000;

/// How a node was reached: from where, and by which atom; `kept` when the letter was taken as it was.
#[derive(Clone, Copy)]
struct Came {
    from: usize,
    atom: Option<usize>,
}

/// Finds it; none for words with gaps, timed paths and words that are too long.
pub(super) fn nearest(plan: &Plan, events: &[Event], end: &End) -> Option<Vec<Edit>> {
    let Plan::Regular(dfa) = plan else { return None };
    let letters: Option<Vec<_>> = events
        .iter()
        .map(|event| match event {
            Event::Enter { shown, .. } => Some(&shown.letter),
            Event::Gap { .. } => None,
        })
        .collect();
    let letters = letters?;
    let atoms: Vec<usize> = letters.iter().map(|letter| dfa.alphabet.atom(letter)).collect();
    let graph = Graph { dfa, kept: Kept::new(dfa, &letters, &atoms) };
    let nodes = (atoms.len() + 1).checked_mul(graph.layer()).filter(|nodes| *nodes <= MAX_NODES)?;
    let mut came: Vec<Option<Came>> = vec![None; nodes];
    let mut done = vec![false; nodes];
    let mut work = VecDeque::from([(0_usize, None::<Came>)]);
    while let Some((node, by)) = work.pop_front() {
        if std::mem::replace(&mut done[node], true) {
            continue;
        }
        came[node] = by;
        let (at, state, last) = graph.parts(node);
        if at == atoms.len() && fits(dfa, state, end) {
            return Some(edits(&graph, &came, node, &names(&letters), &atoms));
        }
        let by = |atom: Option<usize>| Some(Came { from: node, atom });
        for (atom, next) in dfa.steps(state) {
            if at < atoms.len() && atom == atoms[at] {
                // A state that was kept and follows itself, where others between were left out, is no timeline.
                let own = graph.kept.of(at);
                if own == 0 || own != last {
                    work.push_front((graph.node(at + 1, next, own), by(Some(atom))));
                }
            } else if at < atoms.len() {
                work.push_back((graph.node(at + 1, next, 0), by(Some(atom))));
            }
            work.push_back((graph.node(at, next, 0), by(Some(atom))));
        }
        if at < atoms.len() {
            work.push_back((graph.node(at + 1, state, last), by(None)));
        }
    }
    None
}

/// The states that share an atom with others: only of these the automaton does not know that they follow themselves. Each
/// has a number from 1.
struct Kept(Vec<usize>, usize);

impl Kept {
    fn new(dfa: &Dfa, letters: &[&Symbol], atoms: &[usize]) -> Self {
        let mut known: Vec<&Symbol> = Vec::new();
        let mut numbers = Vec::new();
        for (letter, atom) in letters.iter().copied().zip(atoms) {
            numbers.push(match known.iter().position(|other| *other == letter) {
                _ if !dfa.alphabet.repeats(*atom) => 0,
                Some(at) => at + 1,
                None => {
                    known.push(letter);
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

/// Nodes: how much of the word was read, the state of the automaton, and the state that was kept last, if it matters.
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

/// States by their labels; with their sorts where one label has two of them.
pub(super) fn names(letters: &[&Symbol]) -> Vec<String> {
    let twice = |letter: &Symbol| letters.iter().any(|other| other.label == letter.label && other.kind != letter.kind);
    let name = |letter: &&Symbol| match letter.kind.word().filter(|_| twice(letter)) {
        Some(kind) => format!("{kind}:{letter}"),
        None => letter.to_string(),
    };
    letters.iter().map(name).collect()
}

fn fits(dfa: &Dfa, state: u32, end: &End) -> bool {
    if end.is_final() { dfa.accepts(state) } else { !dfa.is_bad(state) }
}

fn edits(graph: &Graph<'_>, came: &[Option<Came>], last: usize, letters: &[String], atoms: &[usize]) -> Vec<Edit> {
    let mut found = Vec::new();
    let mut node = last;
    while let Some(Came { from, atom }) = came[node] {
        let (before, after) = (graph.parts(from).0, graph.parts(node).0);
        found.push(match atom {
            None => Edit::Drop(letters[before].clone()),
            Some(atom) if before == after => Edit::Insert(graph.dfa.alphabet.describe(atom)),
            Some(atom) if atom == atoms[before] => Edit::Keep(letters[before].clone()),
            Some(atom) => Edit::Replace(letters[before].clone(), graph.dfa.alphabet.describe(atom)),
        });
        node = from;
    }
    found.reverse();
    found
}
