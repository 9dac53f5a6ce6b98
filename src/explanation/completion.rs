//! Completions of what was not seen: the shortest that fits, and the shortest that does not.

mod sample;

use super::nearest::names;
use super::placeholder;
use super::why::{Explanation, Step};
use crate::monitor::{Dfa, End, Event, First, Found, Order, Plan, Shown, Span, Symbol, Verdict};
use std::collections::{BTreeMap, VecDeque};

/// Most states that the search keeps.
const MAX_REMEMBERED: usize = 200_000;

/// How a state of the automaton was reached: from which state, by which hidden atoms, and whether the track was found
/// in the state that it was in.
struct Came {
    from: u32,
    hidden: Vec<usize>,
    stayed: bool,
}

type Layer = BTreeMap<u32, Came>;

impl Explanation {
    /// Adds completions of a trace whose verdict is inconclusive. The search takes much longer than the judgement, so it
    /// is for traces that are shown.
    pub(crate) fn complete(&mut self, plan: &Plan, events: &[Event], end: &End) {
        let Plan::Placeholder(terms) = plan else {
            (self.passing, self.failing) = both(plan, None, events, end);
            return;
        };
        // One that fits for one label fits; one that does not must not fit for any.
        for choice in placeholder::choices(terms, events) {
            let (passing, failing) = both(&choice, Some(plan), events, end);
            self.passing = self.passing.take().or(passing);
            self.failing = self.failing.take().or(failing);
            if self.passing.is_some() && self.failing.is_some() {
                break;
            }
        }
    }
}

/// A completion that fits and one that does not, and does not fit the whole either if there is one; none where the search
/// takes too long.
fn both(plan: &Plan, whole: Option<&Plan>, events: &[Event], end: &End) -> (Option<Vec<Step>>, Option<Vec<Step>>) {
    let Plan::Regular(dfa) = plan else { return sample::both(plan, whole, events, end) };
    let mut layers: Vec<Layer> = Vec::new();
    let mut states: Vec<u32> = vec![0];
    let mut last: Option<Symbol> = None;
    let mut remembered = 0;
    for event in events {
        let layer = layer(dfa, &states, event, last.as_ref());
        states = layer.keys().copied().collect();
        remembered += states.len();
        if remembered > MAX_REMEMBERED {
            return (None, None);
        }
        layers.push(layer);
        last = event.symbol().or(last);
    }
    let tails = if end.is_proven() {
        states.iter().map(|state| (*state, (*state, Vec::new()))).collect()
    } else {
        hidden(dfa, &states)
    };
    let pick = |fits: bool| {
        let ends = tails.iter().filter(|(state, _)| dfa.accepts(**state) == fits);
        let mut ends: Vec<_> = ends.map(|(_, end)| end).collect();
        ends.sort_by_key(|(_, tail)| tail.len());
        let mut found = ends.into_iter().map(|(from, tail)| written(dfa, &layers, events, *from, tail));
        let (steps, _) = found.find(|(_, trace)| {
            fits || whole.is_none_or(|whole| trace.as_ref().is_some_and(|trace| is_violated(whole, trace)))
        })?;
        Some(steps)
    };
    (pick(true), pick(false))
}

/// True when a complete trace, whose times do not matter, is violated.
fn is_violated(plan: &Plan, trace: &[Symbol]) -> bool {
    let mut monitor = plan.start();
    for (at, symbol) in (0..).zip(trace) {
        let shown = Shown { symbol: symbol.clone(), restarts: None };
        monitor.observe(&Event::Enter { shown, when: Span::at(at), order: Order::UNKNOWN });
    }
    let at = i64::try_from(trace.len()).unwrap_or(i64::MAX);
    monitor.judge(&First::default(), &End::Closed { at }).verdict == Verdict::Violated
}

fn layer(dfa: &Dfa, states: &[u32], event: &Event, last: Option<&Symbol>) -> Layer {
    let mut layer = Layer::new();
    match event {
        Event::Enter { shown, .. } => {
            let atom = dfa.alphabet.atom(&shown.symbol);
            for from in states {
                if let Some(next) = dfa.step(*from, atom) {
                    layer.entry(next).or_insert(Came { from: *from, hidden: Vec::new(), stayed: false });
                }
            }
            if layer.is_empty() {
                layer.extend(states.iter().map(|from| (*from, Came { from: *from, hidden: Vec::new(), stayed: true })));
            }
        }
        Event::Gap { found: Found::NotSeen, .. } => {
            for (state, (from, hidden)) in hidden(dfa, states) {
                layer.insert(state, Came { from, hidden, stayed: true });
            }
        }
        Event::Gap { found: Found::NoState, .. } => {
            let atom = dfa.alphabet.atom(&Symbol::absent());
            let stays = |state: &u32| *state == 0 || last == Some(&Symbol::absent());
            let stayed = states.iter().filter(|state| stays(state));
            layer.extend(stayed.map(|from| (*from, Came { from: *from, hidden: Vec::new(), stayed: true })));
            for (state, (from, hidden)) in hidden(dfa, states) {
                if let Some(next) = dfa.step(state, atom).filter(|_| state != 0) {
                    layer.entry(next).or_insert(Came { from, hidden, stayed: false });
                }
            }
        }
        Event::Gap { found: Found::In(shown), .. } => {
            if last == Some(&shown.symbol) {
                layer.extend(states.iter().map(|from| (*from, Came { from: *from, hidden: Vec::new(), stayed: true })));
            }
            let atom = dfa.alphabet.atom(&shown.symbol);
            let again = last == Some(&shown.symbol);
            for (state, (from, hidden)) in hidden(dfa, states) {
                if again && hidden.is_empty() {
                    continue;
                }
                if let Some(next) = dfa.step(state, atom) {
                    layer.entry(next).or_insert(Came { from, hidden, stayed: false });
                }
            }
        }
    }
    layer
}

/// The states that hidden traces lead to, each with the start and atoms of a shortest one.
fn hidden(dfa: &Dfa, states: &[u32]) -> BTreeMap<u32, (u32, Vec<usize>)> {
    let mut found: BTreeMap<u32, (u32, Vec<usize>)> = BTreeMap::new();
    let mut work: VecDeque<(u32, u32, Vec<usize>)> = states.iter().map(|state| (*state, *state, Vec::new())).collect();
    while let Some((state, from, path)) = work.pop_front() {
        if found.contains_key(&state) {
            continue;
        }
        for (atom, next) in dfa.steps(state).filter(|(_, next)| !found.contains_key(next)) {
            let longer = path.iter().copied().chain([atom]).collect();
            work.push_back((next, from, longer));
        }
        found.insert(state, (from, path));
    }
    found
}

/// The steps of a completion, and its symbols; these only where each hidden one has a label of its own.
fn written(
    dfa: &Dfa,
    layers: &[Layer],
    events: &[Event],
    last: u32,
    tail: &[usize],
) -> (Vec<Step>, Option<Vec<Symbol>>) {
    let symbols: Vec<Symbol> = events.iter().filter_map(Event::symbol).collect();
    let labels = names(&symbols.iter().collect::<Vec<_>>());
    let label = |symbol: Symbol| symbols.iter().position(|other| *other == symbol).map(|at| labels[at].clone());
    let hidden = |atom: &usize| {
        let sample = (!dfa.alphabet.has_any_label(*atom)).then(|| dfa.alphabet.sample(*atom));
        (Step { label: dfa.alphabet.describe(*atom), hidden: true, at: None }, sample)
    };
    let mut parts: Vec<Vec<(Step, Option<Symbol>)>> = vec![tail.iter().map(hidden).collect()];
    let mut state = last;
    for (layer, event) in layers.iter().zip(events).rev() {
        let Some(came) = layer.get(&state) else { break };
        let mut part: Vec<_> = came.hidden.iter().map(hidden).collect();
        let symbol = event.symbol().filter(|_| !came.stayed);
        let label = symbol.clone().and_then(label);
        part.extend(label.map(|label| (Step { label, hidden: false, at: None }, symbol)));
        parts.push(part);
        state = came.from;
    }
    let (steps, symbols): (Vec<Step>, Vec<Option<Symbol>>) = parts.into_iter().rev().flatten().unzip();
    (steps, symbols.into_iter().collect())
}
