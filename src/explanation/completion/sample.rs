//! Completions of statements that count or measure time, found by trying a few fillings for each thing that was not
//! seen (nothing, one state, two, one twice; early, late, spread), changing one or two at a time. A completion that is
//! found is real, because the monitor judged it; finding none proves nothing.

use crate::explanation::why::Step;
use crate::monitor::{
    Alphabet, End, Event, First, Found, Micros, NEVER_BEFORE, Order, Plan, Shown, Span, Symbol, Verdict,
};

/// Most traces that are tried.
const MAX_TRIED: usize = 400;
/// Most work of all trials, in steps of the monitor.
const MAX_WORK: u64 = 200_000;
/// Longest trace that is tried.
const MAX_EVENTS: usize = 64;
/// Most different states that are inserted.
const MAX_SYMBOLS: usize = 6;
/// How long before an unseen beginning, or after an unseen end, states are inserted.
const LONG: Micros = 3_600_000_000;
/// The distance between states that are inserted after an unseen end.
const APART: Micros = 1_000_000;

/// One state of a trace that is tried.
#[derive(Clone)]
struct Entry {
    symbol: Symbol,
    label: String,
    at: Micros,
    hidden: bool,
    /// True when its time was not seen.
    chosen: bool,
}

/// The alternatives for one event, or for the end.
type Ways = Vec<Vec<Entry>>;

/// A completion that fits and one that does not, and does not fit the whole either if there is one, where the trials
/// find them.
pub(super) fn both(
    plan: &Plan,
    whole: Option<&Plan>,
    events: &[Event],
    end: &End,
) -> (Option<Vec<Step>>, Option<Vec<Step>>) {
    let Some(alphabet) = alphabet(plan).filter(|_| events.len() <= MAX_EVENTS) else { return (None, None) };
    let last = events.last().map_or(0, |event| event.when().hi);
    let mut ways: Vec<Ways> = Vec::new();
    let mut before = None;
    for event in events {
        ways.push(ways_of(&alphabet, event, before));
        before = event.shown().map(|shown| &shown.symbol).or(before);
    }
    let end = if *end == End::Unfenced {
        ways.push(tails(&alphabet, before, last));
        None
    } else {
        Some(*end)
    };
    let timed = !matches!(plan, Plan::Count(..));
    let (mut passing, mut failing) = (None, None);
    let mut work = 0;
    for choice in choices(&ways).into_iter().take(MAX_TRIED) {
        let trace: Vec<&Entry> = ways.iter().zip(&choice).flat_map(|(ways, way)| &ways[*way]).collect();
        // After an unseen end the last state may be held for any time.
        let over = trace.last().map_or(last, |entry| entry.at.max(last));
        let end = end.unwrap_or(End::Closed { at: over });
        let found = match judged(plan, &trace, &end, &mut work) {
            Some(Verdict::Satisfied) => &mut passing,
            Some(Verdict::Violated)
                if failing.is_some() || whole.is_none_or(|whole| fails(whole, &alphabet, &trace, &end, &mut work)) =>
            {
                &mut failing
            }
            _ if work > MAX_WORK => break,
            _ => continue,
        };
        if found.is_none() {
            let step = |entry: &&Entry| Step {
                label: entry.label.clone(),
                hidden: entry.hidden,
                at: (timed && entry.chosen).then_some(entry.at),
            };
            *found = Some(trace.iter().map(step).collect());
        }
        if passing.is_some() && failing.is_some() || work > MAX_WORK {
            break;
        }
    }
    (passing, failing)
}

fn alphabet(plan: &Plan) -> Option<Alphabet> {
    match plan {
        Plan::Timed(automaton, _) => Some(automaton.alphabet.clone()),
        Plan::Response(terms) => {
            let names = terms.every.names.iter().chain(&terms.then.names);
            Alphabet::new(names.map(|named| &named.name), false)
        }
        Plan::Count(states, _) => Alphabet::new(states.names.iter().map(|named| &named.name), false),
        _ => None,
    }
}

/// Runs the monitor over a trace without gaps; none when no track can have that trace.
fn judged(plan: &Plan, trace: &[&Entry], end: &End, work: &mut u64) -> Option<Verdict> {
    if trace.windows(2).any(|pair| pair[0].symbol == pair[1].symbol || pair[0].at > pair[1].at) {
        return None;
    }
    let mut monitor = plan.start();
    for (order, entry) in (0..).zip(trace) {
        let shown = Shown { symbol: entry.symbol.clone(), restarts: None };
        monitor.observe(&Event::Enter { shown, when: Span::at(entry.at), order: Order::at(order) });
    }
    *work += monitor.work(trace.len());
    Some(monitor.judge(&First::default(), end).verdict)
}

/// True when a trace is violated, whatever label its hidden states with any label have.
fn fails(plan: &Plan, alphabet: &Alphabet, trace: &[&Entry], end: &End, work: &mut u64) -> bool {
    let is_sure = |entry: &&Entry| !entry.hidden || !alphabet.has_any_label(alphabet.atom(&entry.symbol));
    trace.iter().all(is_sure) && judged(plan, trace, end, work) == Some(Verdict::Violated)
}

/// Choices of one alternative for each event: all first, all last, then one changed, then two.
fn choices(ways: &[Ways]) -> Vec<Vec<usize>> {
    let first = vec![0; ways.len()];
    let last: Vec<usize> = ways.iter().map(|ways| ways.len() - 1).collect();
    let mut choices = vec![first.clone(), last.clone()];
    let unsure: Vec<usize> = (0..ways.len()).filter(|at| ways[*at].len() > 1).collect();
    for base in [&first, &last] {
        for at in &unsure {
            choices.extend((0..ways[*at].len()).map(|way| with(base, &[(*at, way)])));
        }
    }
    for (one, other) in unsure.iter().zip(unsure.iter().skip(1)) {
        for way in 0..ways[*one].len() {
            choices.extend((0..ways[*other].len()).map(|also| with(&first, &[(*one, way), (*other, also)])));
        }
        if choices.len() > MAX_TRIED {
            break;
        }
    }
    // Shorter completions explain better.
    choices.sort_by_key(|choice| ways.iter().zip(choice).map(|(ways, way)| ways[*way].len()).sum::<usize>());
    choices
}

fn with(base: &[usize], changed: &[(usize, usize)]) -> Vec<usize> {
    let mut choice = base.to_vec();
    for (at, way) in changed {
        choice[*at] = *way;
    }
    choice
}

fn ways_of(alphabet: &Alphabet, event: &Event, before: Option<&Symbol>) -> Ways {
    let when = event.when();
    let seen = |symbol: &Symbol, at: Micros, chosen: bool| Entry {
        symbol: symbol.clone(),
        label: symbol.to_string(),
        at,
        hidden: false,
        chosen,
    };
    match event {
        Event::Enter { shown, .. } if when.lo == when.hi => vec![vec![seen(&shown.symbol, when.hi, false)]],
        Event::Enter { shown, .. } => {
            [when.lo, when.hi].into_iter().map(|at| vec![seen(&shown.symbol, at, true)]).collect()
        }
        Event::Gap { found, .. } => {
            let lo = if when.lo <= NEVER_BEFORE { when.hi.saturating_sub(LONG) } else { when.lo };
            let symbol = event.symbol();
            let keeps = match found {
                Found::NoState => before.is_none_or(|before| *before == Symbol::absent()),
                found => found.shown().is_some() && symbol.as_ref() == before,
            };
            let mut ways = Ways::new();
            for hidden in hidden(alphabet) {
                let stayed = hidden.is_empty() && keeps;
                let entered = symbol.as_ref().filter(|_| !stayed);
                let step = (when.hi - lo) / (i64::try_from(hidden.len()).unwrap_or(0) + 1);
                for (start, step, end) in [(lo, 0, lo), (lo, step, when.hi), (lo, 0, when.hi), (when.hi, 0, when.hi)] {
                    let at = |place: i64| start + step * place;
                    let mut way: Vec<Entry> =
                        (0..).zip(&hidden).map(|(place, entry)| Entry { at: at(place), ..entry.clone() }).collect();
                    way.extend(entered.map(|symbol| seen(symbol, end, true)));
                    ways.push(way);
                }
            }
            ways
        }
    }
}

/// The alternatives for what came after an unseen end.
fn tails(alphabet: &Alphabet, before: Option<&Symbol>, last: Micros) -> Ways {
    let starts = |way: &Vec<Entry>| way.first().is_none_or(|entry| Some(&entry.symbol) != before);
    let placed = |way: &[Entry], apart: Micros| {
        (1..).zip(way).map(|(place, entry)| Entry { at: last + place * apart, ..entry.clone() }).collect()
    };
    let ways: Ways = hidden(alphabet).into_iter().filter(starts).collect();
    [APART, LONG].into_iter().flat_map(|apart| ways.iter().map(move |way| placed(way, apart))).collect()
}

/// No state, one, two or three, out of the atoms that the statement distinguishes.
fn hidden(alphabet: &Alphabet) -> Ways {
    let atoms = alphabet.size().saturating_sub(MAX_SYMBOLS)..alphabet.size();
    let entry = |atom: usize| Entry {
        symbol: alphabet.sample(atom),
        label: alphabet.describe(atom),
        at: 0,
        hidden: true,
        chosen: true,
    };
    let mut fillings: Ways = vec![Vec::new()];
    fillings.extend(atoms.clone().map(|atom| vec![entry(atom)]));
    for one in atoms.clone() {
        fillings.extend(atoms.clone().filter(|other| *other != one).map(|other| vec![entry(one), entry(other)]));
    }
    for one in atoms.clone() {
        let others = atoms.clone().filter(|other| *other != one);
        fillings.extend(others.map(|other| vec![entry(one), entry(other), entry(one)]));
    }
    fillings
}
