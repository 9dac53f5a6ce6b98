//! Restarts within a window: the rises of the count after its start, from the count held there.

use super::cases::Genes;
use super::run;
use super::runner::Checked::{Judged, Refused};
use super::sample::Chance;
use super::windows::{Start, Window, judged};
use statetrail::expectation::Verdict;
use std::fmt::Write;

/// Completions that are tried for one case.
const SAMPLES: u32 = 60;

/// A restart count that was seen within a span of times.
#[derive(Clone, Copy)]
struct Seen {
    count: u64,
    lo: i64,
    hi: i64,
    /// A gap: any number of restarts, at any times.
    gap: bool,
}

struct Case {
    before: bool,
    seen: Vec<Seen>,
    alive: i64,
    closed: bool,
}

fn case(genes: &mut Genes<'_>) -> Case {
    let (before, mut seen, mut now, mut count) = (genes.chance(50), Vec::new(), 0, 0);
    for at in 0..=genes.below(4) {
        count += u64::from(genes.below(3));
        now += i64::from(genes.below(4));
        let hi = now + if genes.chance(100) && !(at == 0 && before) { i64::from(genes.below(4)) } else { 0 };
        seen.push(Seen { count, lo: now, hi, gap: at > 0 && genes.chance(60) });
        now = hi;
    }
    Case { before, seen, alive: now + i64::from(genes.below(6)), closed: genes.chance(128) }
}

fn sketch(case: &Case) -> String {
    let time = |at: i64| format!("0.{at:06}");
    let mut text = "pod/a container/app: ".to_owned();
    for (at, seen) in case.seen.iter().enumerate() {
        let (label, count, lo, hi) = (["A", "B"][at % 2], seen.count, time(seen.lo), time(seen.hi));
        let caret = if at == 0 && case.before { "^" } else { "" };
        let _ = if seen.gap {
            write!(text, "~{lo},{hi}~ {label}#{count} ")
        } else {
            write!(text, "{caret}{label}#{count}@[{lo},{hi}] ")
        };
    }
    let alive = time(case.alive);
    text + &if case.closed { format!("|closed@{alive}") } else { format!("|open now={alive} alive={alive}") }
}

/// A time within a span, preferring its ends.
fn within(chance: &mut Chance, lo: i64, hi: i64) -> i64 {
    match chance.below(3) {
        0 => lo,
        1 => hi,
        _ => lo + i64::try_from(chance.below(u64::try_from(hi - lo + 1).unwrap())).unwrap(),
    }
}

/// The times of all restarts of one completion, and when the container was created and first seen.
fn restarts(case: &Case, goes_on: bool, chance: &mut Chance) -> (Vec<i64>, i64, i64) {
    let (mut times, mut past, mut last) = (Vec::new(), i64::MIN, 0);
    let (mut created, mut first) = (0, 0);
    for (at, seen) in case.seen.iter().enumerate() {
        let rise = seen.count - last;
        if at == 0 && case.before {
            first = seen.hi;
            created = seen.hi - 9;
            times.extend((0..rise + chance.below(3)).map(|_| within(chance, created, seen.hi)));
            past = seen.hi;
        } else if seen.gap {
            let from = seen.lo.max(past);
            times.extend((0..rise + chance.below(3)).map(|_| within(chance, from, seen.hi)));
            // The last state was entered within the gap, and not before any of these restarts.
            past = times.iter().copied().fold(from, i64::max);
        } else {
            past = within(chance, seen.lo.max(past), seen.hi);
            (created, first) = if at == 0 { (past, past) } else { (created, first) };
            times.extend((0..rise).map(|_| past));
        }
        last = seen.count;
    }
    if goes_on {
        let from = (case.alive + 1).max(past);
        times.extend((0..chance.below(4)).map(|_| within(chance, from, from + 9)));
    }
    (times, created, first)
}

#[test]
fn no_decided_number_of_restarts_within_a_window_differs_from_the_oracle() {
    run("windows restarts", 60, |bytes| {
        let mut genes = Genes::new(bytes);
        let window = Window::random(&mut genes);
        let case = case(&mut genes);
        let min = u64::from(genes.below(3));
        let max = (genes.chance(150) || min == 0).then(|| min + u64::from(genes.below(3)));
        let limit = max.map(|max| format!(", max: {max}")).unwrap_or_default();
        let document = format!(
            "apiVersion: statetrail/v1\nkind: Expectation\nmetadata: {{name: x}}\n\
             subjects: {{a: {{kind: Pod, name: a}}}}\nwindow: {window}\n\
             expect: [{{track: a.container/app, count: {{restart: {{min: {min}{limit}}}}}}}]\n"
        );
        let sketch = sketch(&case);
        // A window that starts when the subject was first seen begins with the first state seen.
        let tied = case.seen.iter().skip(1).any(|seen| seen.lo <= case.seen[0].hi);
        let tied = tied && matches!(window.from, Start::Attached);
        let Some(standing) = judged(&document, &sketch).filter(|_| !tied) else { return Ok(Refused) };
        if !standing.verdict.is_decided() {
            return Ok(Judged);
        }
        let asked = match window.from {
            Start::At(at) => window.until.max(Some(at)),
            _ => window.until,
        };
        let goes_on = !case.closed || asked.is_some_and(|asked| asked > case.alive);
        let mut chance = Chance(13);
        for _ in 0..SAMPLES {
            let (times, created, seen) = restarts(&case, goes_on, &mut chance);
            let fits = window.bounds(created, seen).map(|(from, until)| {
                let within = |at: &&i64| from.is_none_or(|from| **at > from) && until.is_none_or(|until| **at <= until);
                let number = times.iter().filter(within).count() as u64;
                number >= min && max.is_none_or(|max| number <= max)
            });
            if fits != Some(standing.verdict == Verdict::Satisfied) {
                return Err(format!("{}: {sketch}\n{document}{times:?}", standing.verdict));
            }
        }
        Ok(Judged)
    });
}
