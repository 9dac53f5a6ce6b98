//! Makes a failing case smaller while it fails in the same way.

use super::case::{Case, Fault};
use super::statement::{Among, Formula, Window};

/// Most candidates that are tried.
const MOST: usize = 1_500;

impl Fault {
    /// The smallest that is found.
    pub(super) fn shrunk(self) -> Self {
        let mut best = self;
        let mut tries = 0;
        'again: while tries < MOST {
            for smaller in smaller(&best.case) {
                tries += 1;
                if let Some(found) = best.again(smaller) {
                    best = found;
                    continue 'again;
                }
            }
            break;
        }
        best
    }
}

/// Cases with one thing less.
fn smaller(case: &Case) -> Vec<Case> {
    let mut found = Vec::new();
    let mut with = |change: &dyn Fn(&mut Case)| {
        let mut other = case.clone();
        change(&mut other);
        found.push(other);
    };
    for at in 0..case.world.lives.len() {
        with(&|case| _ = case.world.lives.remove(at));
    }
    if case.view.watches.len() > 1 {
        for at in 0..case.view.watches.len() {
            with(&|case| _ = case.view.watches.remove(at));
        }
    }
    for formula in simpler(&case.documents[0].formula) {
        with(&|case| case.documents[0].formula = formula.clone());
    }
    with(&|case| {
        case.world.restored = None;
        case.world.lives.iter_mut().for_each(|life| life.writes.retain(|write| write.again.is_none()));
    });
    with(&|case| (case.view.resumed, case.view.rebooted, case.view.ended) = (None, false, false));
    with(&|case| (case.view.rebooted, case.view.ended) = (false, false));
    for mark in 0..case.view.marks.len() {
        with(&|case| _ = case.view.marks.remove(mark));
    }
    with(&|case| case.view.unit = 1);
    with(&|case| case.world.delays = [0, 0]);
    with(&|case| case.documents[0].window = Window::WHOLE);
    with(&|case| case.documents[0].window.until = None);
    with(&|case| case.documents[0].window.max = None);
    if let [_, second] = &case.documents[0].subjects[..]
        && !case.documents[0].window.is_by_entry()
    {
        with(&|case| {
            if of_subject(&mut case.documents[0].formula, 0, 0) {
                case.documents[0].subjects.truncate(1);
            }
        });
        if !second.owned {
            with(&|case| {
                if of_subject(&mut case.documents[0].formula, 1, 0) {
                    case.documents[0].subjects.remove(0);
                }
            });
        }
    }
    for at in 0..case.documents[0].subjects.len() {
        with(&|case| case.documents[0].subjects[at].among = Among::Each);
        with(&|case| case.documents[0].subjects[at].label = None);
        with(&|case| case.documents[0].subjects[at].max = None);
        with(&|case| case.documents[0].subjects[at].min = None);
        with(&|case| case.documents[0].subjects[at].disown());
        with(&|case| case.documents[0].subjects[at].born = false);
        with(&|case| case.documents[0].subjects[at].uid = None);
        with(&|case| {
            case.documents[0].subjects[at].name = None;
            case.documents[0].subjects[at].namespace = None;
        });
    }
    for (at, life) in case.world.lives.iter().enumerate() {
        for write in 0..life.writes.len() {
            with(&|case| _ = case.world.lives[at].writes.remove(write));
        }
        for (write, state) in life.writes.iter().enumerate().filter_map(|(at, write)| Some((at, write.state.as_ref()?)))
        {
            let mut simpler = |change: &dyn Fn(&mut super::world::State)| {
                let mut state = state.clone();
                change(&mut state);
                let state = Some(state);
                with(&|case| case.world.lives[at].writes[write].state.clone_from(&state));
            };
            simpler(&|state| state.ready = None);
            simpler(&|state| state.other = None);
            simpler(&|state| {
                state.container = None;
                state.hidden.clear();
            });
            simpler(&|state| state.hidden.clear());
            simpler(&|state| state.label = 0);
            simpler(&|state| state.terminating = false);
        }
    }
    found.extend(simpler_watches(case));
    found.retain(|other| other.world != case.world || other.view != case.view || differs(case, other));
    found
}

/// Cases with one thing less in a watch.
fn simpler_watches(case: &Case) -> Vec<Case> {
    let mut found = Vec::new();
    let mut with = |change: &dyn Fn(&mut Case)| {
        let mut other = case.clone();
        change(&mut other);
        found.push(other);
    };
    for (at, watch) in case.view.watches.iter().enumerate() {
        for outage in 0..watch.outages.len() {
            with(&|case| _ = case.view.watches[at].outages.remove(outage));
        }
        for bookmark in 0..watch.bookmarks.len() {
            with(&|case| _ = case.view.watches[at].bookmarks.remove(bookmark));
        }
        with(&|case| case.view.watches[at].undecodable = 0);
        with(&|case| case.view.watches[at].unreadable = 0);
        with(&|case| case.view.watches[at].past = None);
        with(&|case| case.view.watches[at].label = None);
        with(&|case| case.view.watches[at].separate = None);
        // Two watches do not show the same objects.
        if case.view.watches.iter().filter(|other| other.kind == watch.kind).count() == 1 {
            with(&|case| case.view.watches[at].namespace = None);
        }
        with(&|case| (case.view.watches[at].attached, case.view.watches[at].unserved) = (0, None));
        with(&|case| case.view.watches[at].unserved = None);
    }
    found
}

fn differs(case: &Case, other: &Case) -> bool {
    case.documents[0].text("w", 1) != other.documents[0].text("w", 1)
}

/// Formulas with less in them.
fn simpler(formula: &Formula) -> Vec<Formula> {
    match formula {
        Formula::All(parts) | Formula::Any(parts) => parts.clone(),
        Formula::Not(part) => {
            let inner = simpler(part).into_iter().map(|part| Formula::Not(Box::new(part)));
            std::iter::once((**part).clone()).chain(inner).collect()
        }
        Formula::Clause { .. } => Vec::new(),
    }
}

/// Whether a formula is about one subject alone, which is told by another number then.
fn of_subject(formula: &mut Formula, number: usize, becomes: usize) -> bool {
    match formula {
        Formula::All(parts) | Formula::Any(parts) => parts.iter_mut().all(|part| of_subject(part, number, becomes)),
        Formula::Not(part) => of_subject(part, number, becomes),
        Formula::Clause { subject, says, .. } => {
            let mut is_own = *subject == number;
            *subject = becomes;
            if let Some(other) = says.other_mut() {
                is_own &= *other == number;
                *other = becomes;
            }
            is_own
        }
    }
}
