//! The same cases judged within a window, compared with the definition of windows applied to each completion.
//!
//! The reference cuts complete traces one at a time, and shares no code with the judge.

use super::cases::Genes;
use super::language::{Expectation, Finish, LOST, Symbol, Trace};
use super::runner::Answer;
use super::runner::Checked::{Judged, Refused};
use super::sample::{Chance, completion};
use super::timeline::{Depth, End, Event, Timeline, completions};
use super::{Found, run};
use statetrail::expectation::{Judgement, Program, Sketch, Source, Verdict, judge_sketch};
use std::fmt;

const DEPTH: Depth = Depth { hidden: 1, future: 1, ticks: 5, timed: true, budget: 400 };

/// Random completions of a case that was decided.
const SAMPLES: u32 = 60;

/// Where a window starts.
#[derive(Clone, Copy, Debug)]
pub(super) enum Start {
    Created,
    Attached,
    At(i64),
}

/// A window of a sketch.
#[derive(Clone, Copy, Debug)]
pub(super) struct Window {
    pub from: Start,
    pub until: Option<i64>,
    pub max: Option<i64>,
}

impl Window {
    pub(super) fn random(genes: &mut Genes<'_>) -> Self {
        let from = match genes.below(5) {
            0 => Start::Created,
            1 => Start::Attached,
            _ => Start::At(i64::from(genes.below(12))),
        };
        let until = genes.chance(120).then(|| i64::from(genes.below(16)));
        let max = genes.chance(60).then(|| i64::from(genes.below(8)) + 1);
        Self { from, until, max }
    }

    fn is_whole(&self) -> bool {
        matches!(self, Self { from: Start::Created, until: None, max: None })
    }

    /// Its start and end for a subject created and first seen at these times; none when it is empty.
    pub(super) fn bounds(&self, created: i64, seen: i64) -> Option<(Option<i64>, Option<i64>)> {
        let from = match self.from {
            Start::Created => None,
            Start::Attached => Some(seen),
            Start::At(at) => Some(at),
        };
        let longest = self.max.map(|max| from.unwrap_or(created) + max);
        let until = self.until.into_iter().chain(longest).min();
        if from.zip(until).is_some_and(|(from, until)| until < from) { None } else { Some((from, until)) }
    }

    /// True when more may have happened at the time at which the subject of these tracks was first seen: there the
    /// window begins with the first event seen, and times alone do not decide which that was.
    pub(super) fn is_tied(&self, tracks: &[&Timeline]) -> bool {
        let seen = tracks.iter().filter_map(|track| track.events.first()).map(|first| first.hi()).max().unwrap_or(0);
        let tied = |track: &&Timeline| {
            let last = track.events.last().map_or(0, |event| event.hi());
            let more = match track.end {
                End::Deleted(at) => at <= seen,
                End::Unfenced => last <= seen,
                End::Open { alive, .. } => last.max(alive + 1) <= seen,
                End::Closed(_) => false,
            };
            more || track.events.iter().skip(1).any(|event| event.lo() <= seen)
        };
        matches!(self.from, Start::Attached) && tracks.iter().any(tied)
    }

    /// The timeline with an end after which the window may continue.
    pub(super) fn behind(&self, timeline: &Timeline) -> Timeline {
        let asked = match self.from {
            Start::At(at) => self.until.max(Some(at)),
            _ => self.until,
        };
        match timeline.end {
            End::Closed(at) if asked.is_some_and(|asked| asked > at) => {
                Timeline { end: End::Open { now: at, alive: at }, ..timeline.clone() }
            }
            _ => timeline.clone(),
        }
    }
}

impl fmt::Display for Window {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let time = |at: i64| format!("{{time: \"1970-01-01T00:00:00.{at:06}Z\"}}");
        match self.from {
            Start::Created => f.write_str("{from: created")?,
            Start::Attached => f.write_str("{from: attached")?,
            Start::At(at) => write!(f, "{{from: {}", time(at))?,
        }
        if let Some(until) = self.until {
            write!(f, ", until: {}", time(until))?;
        }
        if let Some(max) = self.max {
            write!(f, ", max: {max}us")?;
        }
        f.write_str("}")
    }
}

/// The symbols of a trace within bounds: the state held at the start is entered there.
pub(super) fn symbols(trace: &Trace, (from, until): (Option<i64>, Option<i64>)) -> Vec<(Symbol, i64)> {
    let mut kept: Vec<(Symbol, i64)> = Vec::new();
    for (symbol, at) in &trace.symbols {
        match from {
            Some(from) if *at <= from => kept = vec![(*symbol, from)],
            _ if until.is_some_and(|until| *at > until) => break,
            _ => kept.push((*symbol, *at)),
        }
    }
    // A track whose state was lost has no state there.
    if kept.first().is_some_and(|(symbol, at)| *symbol == LOST && from == Some(*at)) {
        kept.remove(0);
    }
    kept
}

/// The part of a completion within a window; all parts where the definition allows several.
fn within(window: Window, timeline: &Timeline, trace: &Trace, finish: Finish) -> Option<Vec<(Trace, Finish)>> {
    let first = trace.symbols.first().map_or(trace.left, |(_, at)| *at);
    let seen = match timeline.events.first() {
        Some(Event::Enter { .. }) if !timeline.before => first,
        Some(event) => event.hi(),
        None => return None,
    };
    let (from, until) = window.bounds(first, seen)?;
    if finish == Finish::Gone && from.is_some_and(|from| trace.left <= from) {
        return Some(vec![(Trace { symbols: Vec::new(), ..trace.clone() }, Finish::Gone)]);
    }
    let symbols = symbols(trace, (from, until));
    let ends = match (finish, until) {
        (finish, None) => vec![(trace.left, finish)],
        (Finish::Gone, Some(until)) if trace.left <= until => vec![(trace.left, Finish::Gone)],
        (Finish::Fenced(at), Some(until)) if at < until && window.until.is_none() => {
            vec![(trace.left, Finish::Fenced(at))]
        }
        // The state held at its end is held for any time.
        (_, Some(until)) => vec![(until, Finish::Fenced(until)), (until + 40, Finish::Fenced(until))],
    };
    Some(ends.into_iter().map(|(left, finish)| (Trace { symbols: symbols.clone(), left, ..*trace }, finish)).collect())
}

fn see(
    expectation: &Expectation,
    window: Window,
    timeline: &Timeline,
    found: &mut Found,
    completion: (&Trace, Finish),
) {
    let nothing = match expectation {
        Expectation::Never(_) | Expectation::Always(_) => true,
        // Without a window, a path needs the states that it names.
        Expectation::Path(_) => !window.is_whole(),
        _ => false,
    };
    let Some(traces) = within(window, timeline, completion.0, completion.1) else {
        (found.fits, found.unfits) = (true, true);
        return;
    };
    for (trace, finish) in traces {
        match expectation.fits(&trace, finish) {
            // There is nothing to judge, unless the empty trace fits too.
            Some(false) if nothing && trace.symbols.is_empty() => (found.fits, found.unfits) = (true, true),
            None => (found.fits, found.unfits) = (true, true),
            Some(true) if trace.symbols.is_empty() && !matches!(expectation, Expectation::Path(_)) && nothing => {
                (found.fits, found.unfits) = (true, true);
            }
            Some(true) => found.fits = true,
            Some(false) => found.unfits = true,
        }
    }
}

fn document(expectation: &Expectation, window: Window) -> String {
    let statement = match expectation {
        Expectation::Path(path) => format!("{{track: a.t, path: \"{path}\"}}"),
        Expectation::Never(set) => format!("{{track: a.t, never: \"{set}\"}}"),
        Expectation::Always(set) => format!("{{track: a.t, always: \"{set}\"}}"),
        Expectation::Every { every, then, within, min } => {
            let within = within.map(|within| format!("within: {within}, ")).unwrap_or_default();
            format!("{{track: a.t, every: \"{every}\", then: \"{then}\", {within}min: {min}}}")
        }
        Expectation::Count { set, min, max } => {
            let max = max.map(|max| format!(", max: {max}")).unwrap_or_default();
            format!("{{track: a.t, count: {{\"{set}\": {{min: {min}{max}}}}}}}")
        }
        Expectation::OnlyAfter { enter, after } => format!("{{enter: \"a.t={enter}\", onlyAfter: \"a.t={after}\"}}"),
        Expectation::Quiet { after } => format!("{{quiet: [t], after: \"a.t={after}\"}}"),
    };
    format!(
        "apiVersion: statetrail/v1\nkind: Expectation\nmetadata: {{name: x}}\n\
         subjects: {{a: {{kind: Thing, name: a}}}}\nwindow: {window}\nexpect: [{statement}]\n"
    )
}

pub(super) fn judged(document: &str, sketch: &str) -> Option<Judgement> {
    let program = Program::compile([Source::Document { name: "x", text: document }]).ok()?;
    let sketch = Sketch::parse("x", sketch).ok()?;
    Some(judge_sketch(program, &sketch).remove(0).standing)
}

fn compare(bytes: &[u8], decided: &mut u64) -> Answer {
    let mut genes = Genes::new(bytes);
    let window = Window::random(&mut genes);
    let timed = genes.chance(128);
    let (expectation, timeline) = (genes.expectation(timed), genes.timeline(2));
    let (document, sketch) = (document(&expectation, window), format!("Thing/a t: {timeline}"));
    let standing = judged(&document, &sketch).filter(|_| !window.is_tied(&[&timeline]));
    let Some(standing) = standing else { return Ok(Refused) };
    if !standing.verdict.is_decided() {
        return Ok(Judged);
    }
    *decided += 1;
    let timeline = window.behind(&timeline);
    let mut found = Found::default();
    completions(&timeline, DEPTH, &mut |trace, finish| {
        see(&expectation, window, &timeline, &mut found, (trace, finish));
        !(found.fits && found.unfits)
    });
    let mut chance = Chance(11);
    for _ in 0..SAMPLES {
        let (trace, finish) = completion(&timeline, &mut chance);
        see(&expectation, window, &timeline, &mut found, (&trace, finish));
    }
    match standing.verdict {
        Verdict::Satisfied if found.unfits => Err(format!("satisfied: {sketch}\n{document}")),
        Verdict::Violated if found.fits => Err(format!("violated: {sketch}\n{document}")),
        _ => Ok(Judged),
    }
}

#[test]
fn no_decided_verdict_within_a_window_differs_from_the_oracle() {
    let mut decided = 0;
    run("windows", 150, |bytes| compare(bytes, &mut decided));
    println!("windows: {decided} decided");
    assert!(decided > 0, "a window decides nothing at all");
}

#[test]
fn what_comes_later_never_changes_a_decided_verdict_within_a_window() {
    run("windows later", 40, |bytes| {
        let mut genes = Genes::new(bytes);
        let window = Window::random(&mut genes);
        let timed = genes.chance(128);
        let (expectation, timeline) = (genes.expectation(timed), genes.timeline(2));
        let Some(later) = genes.extended(&timeline) else { return Ok(Refused) };
        let document = document(&expectation, window);
        let judge = |timeline: &Timeline| judged(&document, &format!("Thing/a t: {timeline}"));
        let (Some(before), Some(after)) = (judge(&timeline), judge(&later)) else { return Ok(Refused) };
        let flipped = before.verdict.is_decided() && before.verdict != after.verdict;
        let regained = (before.pass_lost && after.verdict == Verdict::Satisfied)
            || (before.fail_lost && after.verdict == Verdict::Violated);
        if flipped || regained {
            return Err(format!("{document}\n{timeline} is {before:?}\n{later} is {after:?}"));
        }
        Ok(Judged)
    });
}
