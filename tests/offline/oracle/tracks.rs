//! Statements over two tracks, against all pairs of completions: entries at the same time may be in either order.

use super::cases::Genes;
use super::language::{LOST, Set, Symbol, Trace};
use super::runner::Answer;
use super::runner::Checked::Judged;
use super::timeline::{Depth, End, Event, Timeline, completions};
use super::{Found, run};
use statetrail::expectation::{Program, Sketch, Source, Verdict, judge_line, judge_sketch};

const DEPTH: Depth = Depth { hidden: 1, future: 1, ticks: 2, timed: true, budget: 400 };

/// The traces of a track, up to a size.
pub(super) fn traces(timeline: &Timeline) -> Vec<Trace> {
    let mut found: Vec<Trace> = Vec::new();
    completions(timeline, DEPTH, &mut |trace, _| {
        if found.last().is_none_or(|last| last.symbols != trace.symbols) {
            found.push(trace.clone());
        }
        true
    });
    found
}

fn first(trace: &Trace, set: Set) -> Option<i64> {
    trace.symbols.iter().find(|(symbol, _)| set.has(*symbol)).map(|(_, at)| *at)
}

/// Two timelines with a common end, not before the last entry of either.
pub(super) fn pair(genes: &mut Genes<'_>) -> (Timeline, Timeline) {
    let (mut one, mut other) = (genes.timeline(1), genes.timeline(1));
    for timeline in [&mut one, &mut other] {
        timeline.events.retain(|event| !matches!(event, Event::Lost { .. }));
    }
    let hi = |timeline: &Timeline| timeline.events.last().map_or(0, |event: &Event| event.hi());
    let latest = hi(&one).max(hi(&other));
    let later = latest + i64::from(genes.below(3));
    let end = match one.end {
        End::Open { .. } => {
            let alive = if genes.chance(100) { i64::from(genes.below(4)) } else { later };
            End::Open { now: later.max(alive), alive }
        }
        End::Closed(_) | End::Deleted(_) => End::Closed(later),
        End::Unfenced => End::Unfenced,
    };
    one.end = end;
    other.end = end;
    (one, other)
}

pub(super) fn sketch(one: (&str, &Timeline), other: (&str, &Timeline)) -> String {
    let (first, second) = (one.1.to_string(), other.1.to_string());
    let cut = |text: &str| text.split('|').next().unwrap_or_default().to_owned();
    let end = second.split('|').nth(1).unwrap_or_default();
    format!("{}: {}; {}: {}|{end}", one.0, cut(&first), other.0, cut(&second))
}

fn check(verdict: Verdict, found: Found, case: &str) -> Answer {
    match verdict {
        Verdict::Satisfied if found.unfits => Err(format!("a completion does not fit: {case}")),
        Verdict::Violated if found.fits => Err(format!("a completion fits: {case}")),
        _ => Ok(Judged),
    }
}

/// Checks a statement against every pair of traces; `fits` returns none when the order of a tie decides.
fn every_pair(one: &Timeline, other: &Timeline, fits: impl Fn(&Trace, &Trace) -> Option<bool>) -> Found {
    let mut found = Found::default();
    let others = traces(other);
    for own in traces(one) {
        for other in &others {
            match fits(&own, other) {
                Some(true) => found.fits = true,
                Some(false) => found.unfits = true,
                None => (found.fits, found.unfits) = (true, true),
            }
        }
    }
    found
}

#[test]
fn no_decided_verdict_on_only_after_differs_from_the_oracle() {
    run("onlyAfter", 50, |bytes| {
        let mut genes = Genes::new(bytes);
        let (one, other) = pair(&mut genes);
        let (enter, after) = (genes.set(), genes.set());
        let sketch = sketch(("Thing/a t", &one), ("Thing/b t", &other));
        let line = format!("Thing/a t: {enter} onlyAfter Thing/b t: {after}");
        let outcome = judge_line(&sketch, &line).map_err(|error| format!("{sketch}\n{error}"))?;
        let found = every_pair(&one, &other, |own, other| match (first(own, enter), first(other, after)) {
            (None, _) => Some(true),
            (Some(_), None) => Some(false),
            (Some(entered), Some(condition)) if entered == condition => None,
            (Some(entered), Some(condition)) => Some(condition < entered),
        });
        check(outcome.standing.verdict, found, &format!("{sketch}   {line}   is {}", outcome.standing.verdict))
    });
}

/// Whether two traces are in states of two sets at one time; none when the order of a tie decides.
fn meet((own, never): (&Trace, Set), (other, held): (&Trace, Set)) -> Option<bool> {
    let stays = |trace: &Trace, set: Set| {
        let next = trace.symbols.iter().skip(1).map(|(_, at)| *at).chain([i64::MAX]);
        let stays = trace.symbols.iter().zip(next.collect::<Vec<_>>());
        stays.filter(|((symbol, _), _)| set.has(*symbol)).map(|((_, at), next)| (*at, next)).collect::<Vec<_>>()
    };
    let mut is_tied = false;
    for (from, to) in stays(own, never) {
        for (since, until) in stays(other, held) {
            if from < until && since < to {
                return Some(true);
            }
            is_tied |= from <= until && since <= to;
        }
    }
    (!is_tied).then_some(false)
}

#[test]
fn no_decided_verdict_on_while_differs_from_the_oracle() {
    run("while", 50, |bytes| {
        let mut genes = Genes::new(bytes);
        let (one, other) = pair(&mut genes);
        let (set, held, is_always) = (genes.set(), genes.set(), genes.chance(128));
        let sketch = sketch(("Thing/a t", &one), ("Thing/b t", &other));
        let operator = if is_always { "always" } else { "never" };
        let line = format!("Thing/a t: {operator} {set} while Thing/b t: {held}");
        let outcome = judge_line(&sketch, &line).map_err(|error| format!("{sketch}\n{error}"))?;
        let never = Set { negated: set.negated != is_always, ..set };
        let found = every_pair(&one, &other, |own, other| meet((own, never), (other, held)).map(|meet| !meet));
        check(outcome.standing.verdict, found, &format!("{sketch}   {line}   is {}", outcome.standing.verdict))
    });
}

/// The times of the entries into a set.
fn entries(trace: &Trace, set: Set) -> Vec<i64> {
    trace.symbols.iter().filter(|(symbol, _)| set.has(*symbol)).map(|(_, at)| *at).collect()
}

/// Whether all of several answers are true; none when the order of a tie decides.
fn all(answers: impl IntoIterator<Item = Option<bool>>) -> Option<bool> {
    let answers: Vec<Option<bool>> = answers.into_iter().collect();
    if answers.contains(&Some(false)) { Some(false) } else { (!answers.contains(&None)).then_some(true) }
}

#[test]
fn no_decided_verdict_on_every_after_differs_from_the_oracle() {
    run("every after", 50, |bytes| {
        let mut genes = Genes::new(bytes);
        let (one, other) = pair(&mut genes);
        let (every, after, min) = (genes.set(), genes.set(), usize::from(genes.below(3)));
        let sketch = sketch(("Thing/a t", &one), ("Thing/b t", &other));
        let line = format!("Thing/a t: every {every} after Thing/b t: {after} min {min}");
        let outcome = judge_line(&sketch, &line).map_err(|error| format!("{sketch}\n{error}"))?;
        let found = every_pair(&one, &other, |own, other| {
            let (own, causes) = (entries(own, every), entries(other, after));
            let has_cause = |(number, entered): (usize, &i64)| {
                let before = |is_it: &dyn Fn(&i64) -> bool| causes.iter().filter(|at| is_it(at)).count() > number;
                let (surely, perhaps) = (before(&|at| at < entered), before(&|at| at <= entered));
                if surely == perhaps { Some(surely) } else { None }
            };
            all(own.iter().enumerate().map(has_cause).chain([Some(own.len() >= min)]))
        });
        check(outcome.standing.verdict, found, &format!("{sketch}   {line}   is {}", outcome.standing.verdict))
    });
}

#[test]
fn no_decided_verdict_on_every_then_of_two_tracks_differs_from_the_oracle() {
    run("every then", 50, |bytes| {
        let mut genes = Genes::new(bytes);
        let (one, other) = pair(&mut genes);
        let (every, then, min) = (genes.set(), genes.set(), usize::from(genes.below(3)));
        let within = genes.chance(170).then(|| genes.within());
        let sketch = sketch(("Thing/a t", &one), ("Thing/b t", &other));
        let limit = within.map(|within| format!(" within {within}")).unwrap_or_default();
        let line = format!("Thing/a t: every {every} then Thing/b t: {then}{limit} min {min}");
        let outcome = judge_line(&sketch, &line).map_err(|error| format!("{sketch}\n{error}"))?;
        let found = every_pair(&one, &other, |own, other| {
            let (own, answers) = (entries(own, every), entries(other, then));
            let is_answered = |entered: &i64| {
                let fits = |at: &&i64| within.is_none_or(|within| within.holds(*at - entered));
                let later = |is_it: &dyn Fn(&i64) -> bool| answers.iter().filter(fits).any(is_it);
                let deadline = within.map(|within| entered + within.most.unwrap_or(within.least));
                match (one.end, deadline) {
                    _ if later(&|at| at > entered) => Some(true),
                    _ if later(&|at| at == entered) => None,
                    (End::Closed(at), Some(deadline)) if deadline > at => None,
                    _ => Some(false),
                }
            };
            all(own.iter().map(is_answered).chain([Some(own.len() >= min)]))
        });
        check(outcome.standing.verdict, found, &format!("{sketch}   {line}   is {}", outcome.standing.verdict))
    });
}

/// The label of a symbol; none for a track without a state.
fn value(symbol: Symbol) -> Option<Symbol> {
    Some(symbol).filter(|symbol| *symbol != LOST)
}

#[test]
fn no_decided_verdict_on_same_as_differs_from_the_oracle() {
    run("same as", 50, |bytes| {
        let mut genes = Genes::new(bytes);
        let (one, other) = pair(&mut genes);
        let sketch = sketch(("Thing/a t", &one), ("Thing/b t", &other));
        let line = "Thing/a t: same as Thing/b t";
        let outcome = judge_line(&sketch, line).map_err(|error| format!("{sketch}\n{error}"))?;
        let stays = |trace: &Trace| {
            let next = trace.symbols.iter().skip(1).map(|(_, at)| *at).chain([i64::MAX]).collect::<Vec<_>>();
            let stays = trace.symbols.iter().zip(next).map(|((symbol, at), next)| (*symbol, *at, next));
            stays.filter(|(symbol, ..)| value(*symbol).is_some()).collect::<Vec<_>>()
        };
        let found = every_pair(&one, &other, |own, other| {
            let (mut is_tied, mut is_met) = (false, false);
            for (symbol, from, to) in stays(own) {
                for (another, since, until) in stays(other) {
                    let meets = from < until && since < to;
                    let is_same = value(symbol) == value(another);
                    if meets && !is_same {
                        return Some(false);
                    }
                    is_met |= meets;
                    is_tied |= !meets && from <= until && since <= to;
                }
            }
            (is_met && !is_tied).then_some(true)
        });
        check(outcome.standing.verdict, found, &format!("{sketch}   {line}   is {}", outcome.standing.verdict))
    });
}

#[test]
fn no_decided_verdict_on_quiet_differs_from_the_oracle() {
    run("quiet", 50, |bytes| {
        let mut genes = Genes::new(bytes);
        let (one, other) = pair(&mut genes);
        let after = genes.set();
        let sketch = sketch(("Thing/a t", &one), ("Thing/a u", &other));
        let document = format!(
            "apiVersion: statetrail/v1\nkind: Expectation\nmetadata: {{name: x}}\nsubjects: {{a: {{kind: Thing, name: a}}}}\n\
             expect: [{{quiet: [t], after: \"a.u={after}\"}}]\n"
        );
        let program =
            Program::compile([Source::Document { name: "x", text: &document }]).map_err(|error| error.to_string())?;
        let parsed = Sketch::parse("x", &sketch).map_err(|error| format!("{sketch}\n{error}"))?;
        let outcome = judge_sketch(program, &parsed).remove(0);
        let found = every_pair(&one, &other, |own, other| {
            let Some(trigger) = first(other, after) else { return Some(true) };
            match own.symbols.last() {
                Some((_, last)) if *last == trigger => None,
                Some((_, last)) => Some(*last < trigger),
                None => Some(true),
            }
        });
        check(
            outcome.standing.verdict,
            found,
            &format!("{sketch}   quiet t after u={after}   is {}", outcome.standing.verdict),
        )
    });
}
