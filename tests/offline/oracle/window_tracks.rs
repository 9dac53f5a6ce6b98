//! Order across tracks within a window: what is held at its start is entered there, on all tracks at once.

use super::cases::Genes;
use super::language::{Set, Trace};
use super::runner::Answer;
use super::runner::Checked::{Judged, Refused};
use super::timeline::{Event, Timeline};
use super::tracks::{pair, sketch, traces};
use super::windows::{Window, judged, symbols};
use super::{Found, run};
use statetrail::expectation::Verdict;

/// When the subject of some tracks was created and first seen.
fn beginning(tracks: &[(&Timeline, &Trace)]) -> Option<(i64, i64)> {
    let seen = tracks.iter().filter_map(|(timeline, trace)| match timeline.events.first()? {
        Event::Enter { .. } if !timeline.before => trace.symbols.first().map(|(_, at)| *at),
        event => Some(event.hi()),
    });
    let seen = seen.min()?;
    let created = tracks.iter().filter_map(|(_, trace)| trace.symbols.first()).map(|(_, at)| *at).min();
    Some((created.unwrap_or(seen), seen))
}

type Symbols = Vec<(u8, i64)>;

fn first(symbols: &Symbols, set: Set) -> Option<i64> {
    symbols.iter().find(|(symbol, _)| set.has(*symbol)).map(|(_, at)| *at)
}

/// Checks a statement against every pair of traces; `fits` returns none where the order of a tie decides.
fn compare(
    (window, one, other): (Window, &Timeline, &Timeline),
    (sketch, document): (&str, &str),
    alone: bool,
    fits: impl Fn(&Symbols, &Symbols, Option<i64>) -> Option<bool>,
) -> Answer {
    let both = [one, other];
    let tied = window.is_tied(&both[..if alone { 1 } else { 2 }]);
    let Some(standing) = judged(document, sketch).filter(|_| !tied) else { return Ok(Refused) };
    if !standing.verdict.is_decided() {
        return Ok(Judged);
    }
    let (one, other) = (window.behind(one), window.behind(other));
    let others = traces(&other);
    let mut found = Found::default();
    for own in traces(&one) {
        for another in &others {
            let tracks = [(&one, &own), (&other, another)];
            let begun = beginning(if alone { &tracks[..1] } else { &tracks });
            let bounds = begun.and_then(|(created, seen)| window.bounds(created, seen));
            let answer = bounds.and_then(|bounds| fits(&symbols(&own, bounds), &symbols(another, bounds), bounds.0));
            match answer {
                Some(true) => found.fits = true,
                Some(false) => found.unfits = true,
                None => (found.fits, found.unfits) = (true, true),
            }
        }
    }
    match standing.verdict {
        Verdict::Satisfied if found.unfits => Err(format!("satisfied: {sketch}\n{document}")),
        Verdict::Violated if found.fits => Err(format!("violated: {sketch}\n{document}")),
        _ => Ok(Judged),
    }
}

fn document(window: Window, statement: &str) -> String {
    format!(
        "apiVersion: statetrail/v1\nkind: Expectation\nmetadata: {{name: x}}\n\
         subjects: {{a: {{kind: Thing, name: a}}, b: {{kind: Thing, name: b}}}}\n\
         window: {window}\nexpect: [{statement}]\n"
    )
}

#[test]
fn no_decided_verdict_on_only_after_within_a_window_differs_from_the_oracle() {
    run("windows onlyAfter", 60, |bytes| {
        let mut genes = Genes::new(bytes);
        let window = Window::random(&mut genes);
        let (one, other) = pair(&mut genes);
        let (enter, after, same) = (genes.set(), genes.set(), genes.chance(100));
        let (name, alias) = if same { ("Thing/a u", "a.u") } else { ("Thing/b t", "b.t") };
        let sketch = sketch(("Thing/a t", &one), (name, &other));
        let document = document(window, &format!("{{enter: \"a.t={enter}\", onlyAfter: \"{alias}={after}\"}}"));
        compare((window, &one, &other), (&sketch, &document), !same, |own, other, from| {
            match (first(own, enter), first(other, after)) {
                (None, _) => Some(true),
                (Some(_), None) => Some(false),
                (Some(entered), Some(condition)) if entered == condition && from != Some(entered) => None,
                (Some(entered), Some(condition)) => Some(condition <= entered),
            }
        })
    });
}

#[test]
fn no_decided_verdict_on_quiet_within_a_window_differs_from_the_oracle() {
    run("windows quiet", 60, |bytes| {
        let mut genes = Genes::new(bytes);
        let window = Window::random(&mut genes);
        let (one, other) = pair(&mut genes);
        let after = genes.set();
        let sketch = sketch(("Thing/a t", &one), ("Thing/a u", &other));
        let document = document(window, &format!("{{quiet: [t], after: \"a.u={after}\"}}"));
        compare((window, &one, &other), (&sketch, &document), false, |own, other, from| {
            let Some(trigger) = first(other, after) else { return Some(true) };
            match own.last() {
                Some((_, last)) if *last == trigger && from != Some(trigger) => None,
                Some((_, last)) => Some(*last <= trigger),
                None => Some(true),
            }
        })
    });
}
