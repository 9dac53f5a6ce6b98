//! Completions of statements that count or measure time, found by trying: a few fillings for each thing that was not seen
//! (nothing, one state, two, one twice; early, late, spread), one changed after the other. What is found is a completion for certain, for the
//! monitor judged it; that none is found proves nothing.

use crate::explanation::case::Case;
use crate::explanation::why::Step;
use crate::monitor::{Alphabet, End, Event, Found, Micros, NEVER_BEFORE, Order, Plan, Shown, Span, Symbol, Verdict};

/// Most words that are tried.
const MAX_TRIED: usize = 400;
/// Most work that trying may be.
const MAX_WORK: u64 = 200_000;
/// Longest word that is tried.
const MAX_EVENTS: usize = 64;
/// Most different states that are put in.
const MAX_LETTERS: usize = 6;
/// How long before a beginning that was not seen something is put, and how long after an end that was not.
const LONG: Micros = 3_600_000_000;
/// How far apart states are put after an end that was not seen.
const APART: Micros = 1_000_000;

/// One state of a word that is tried.
#[derive(Clone)]
struct Entry {
    letter: Symbol,
    label: String,
    at: Micros,
    hidden: bool,
    /// Its time was not seen.
    chosen: bool,
}

/// The ways in which one event, or the end, may have gone.
type Ways = Vec<Vec<Entry>>;

/// A completion that fits and one that does not, where trying finds them.
pub(super) fn both(case: &Case<'_>, events: &[Event], end: &End) -> (Option<Vec<Step>>, Option<Vec<Step>>) {
    let Some(alphabet) = alphabet(case.plan).filter(|_| events.len() <= MAX_EVENTS) else { return (None, None) };
    let last = events.last().map_or(0, |event| event.when().hi);
    let mut ways: Vec<Ways> = Vec::new();
    let mut before = None;
    for event in events {
        ways.push(ways_of(&alphabet, event, before));
        before = event.shown().map(|shown| &shown.letter).or(before);
    }
    let end = if *end == End::Unfenced {
        ways.push(tails(&alphabet, before, last));
        None
    } else {
        Some(*end)
    };
    let timed = !matches!(case.plan, Plan::Count(..));
    let (mut passing, mut failing) = (None, None);
    let mut work = 0;
    for choice in choices(&ways).into_iter().take(MAX_TRIED) {
        let word: Vec<&Entry> = ways.iter().zip(&choice).flat_map(|(ways, way)| &ways[*way]).collect();
        // After an end that was not seen the last state is held for as long as it likes.
        let over = word.last().map_or(last, |entry| entry.at.max(last));
        let end = end.unwrap_or(End::Closed { at: over });
        let found = match judged(case, &word, &end, &mut work) {
            Some(Verdict::Satisfied) => &mut passing,
            Some(Verdict::Violated) => &mut failing,
            _ if work > MAX_WORK => break,
            _ => continue,
        };
        if found.is_none() {
            let step = |entry: &&Entry| Step {
                label: entry.label.clone(),
                hidden: entry.hidden,
                at: (timed && entry.chosen).then_some(entry.at),
            };
            *found = Some(word.iter().map(step).collect());
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

/// Runs the monitor over a word without gaps; none when no track can go so.
fn judged(case: &Case<'_>, word: &[&Entry], end: &End, work: &mut u64) -> Option<Verdict> {
    if word.windows(2).any(|pair| pair[0].letter == pair[1].letter || pair[0].at > pair[1].at) {
        return None;
    }
    let mut monitor = case.plan.start();
    for (order, entry) in (0..).zip(word) {
        let shown = Shown { letter: entry.letter.clone(), restarts: None };
        monitor.observe(&Event::Enter { shown, when: Span::at(entry.at), order: Order::at(order) });
    }
    *work += monitor.work(word.len());
    Some(monitor.judge(case.condition, end).verdict)
}

/// For each event one of its ways: all at their first and at their last, then one changed, then two.
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
    // The shortest tell most.
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
    let seen = |letter: &Symbol, at: Micros, chosen: bool| Entry {
        letter: letter.clone(),
        label: letter.to_string(),
        at,
        hidden: false,
        chosen,
    };
    match event {
        Event::Enter { shown, .. } if when.lo == when.hi => vec![vec![seen(&shown.letter, when.hi, false)]],
        Event::Enter { shown, .. } => {
            [when.lo, when.hi].into_iter().map(|at| vec![seen(&shown.letter, at, true)]).collect()
        }
        Event::Gap { found, .. } => {
            let lo = if when.lo <= NEVER_BEFORE { when.hi.saturating_sub(LONG) } else { when.lo };
            let letter = event.letter();
            let keeps = match found {
                Found::NoState => before.is_none_or(|before| *before == Symbol::absent()),
                found => found.shown().is_some() && letter.as_ref() == before,
            };
            let mut ways = Ways::new();
            for hidden in hidden(alphabet) {
                let stayed = hidden.is_empty() && keeps;
                let entered = letter.as_ref().filter(|_| !stayed);
                let step = (when.hi - lo) / (i64::try_from(hidden.len()).unwrap_or(0) + 1);
                for (start, step, end) in [(lo, 0, lo), (lo, step, when.hi), (lo, 0, when.hi), (when.hi, 0, when.hi)] {
                    let at = |place: i64| start + step * place;
                    let mut way: Vec<Entry> =
                        (0..).zip(&hidden).map(|(place, entry)| Entry { at: at(place), ..entry.clone() }).collect();
                    way.extend(entered.map(|letter| seen(letter, end, true)));
                    ways.push(way);
                }
            }
            ways
        }
    }
}

/// What may have come after an end that was not seen.
fn tails(alphabet: &Alphabet, before: Option<&Symbol>, last: Micros) -> Ways {
    let starts = |way: &Vec<Entry>| way.first().is_none_or(|entry| Some(&entry.letter) != before);
    let placed = |way: &[Entry], apart: Micros| {
        (1..).zip(way).map(|(place, entry)| Entry { at: last + place * apart, ..entry.clone() }).collect()
    };
    let ways: Ways = hidden(alphabet).into_iter().filter(starts).collect();
    [APART, LONG].into_iter().flat_map(|apart| ways.iter().map(move |way| placed(way, apart))).collect()
}

/// No state, one, two, three: of each sort that the statement tells apart.
fn hidden(alphabet: &Alphabet) -> Ways {
    let atoms = alphabet.size().saturating_sub(MAX_LETTERS)..alphabet.size();
    let entry = |atom: usize| Entry {
        letter: alphabet.sample(atom),
        label: alphabet.describe(atom),
        at: 0,
        hidden: true,
        chosen: true,
    };
    let mut words: Ways = vec![Vec::new()];
    words.extend(atoms.clone().map(|atom| vec![entry(atom)]));
    for one in atoms.clone() {
        words.extend(atoms.clone().filter(|other| *other != one).map(|other| vec![entry(one), entry(other)]));
    }
    for one in atoms.clone() {
        let others = atoms.clone().filter(|other| *other != one);
        words.extend(others.map(|other| vec![entry(one), entry(other), entry(one)]));
    }
    words
}
