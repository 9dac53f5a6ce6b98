//! Explanations are true: every completion in one is written as a sketch and judged.

use statetrail::expectation::{Edit, Event, Explanation, Outcome, Step, Verdict, judge_line};
use std::fmt::Write as _;

/// A pseudo-random generator, the same in every run (Knuth's MMIX constants).
struct Chance(u64);

impl Chance {
    fn below(&mut self, most: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).expect("31 bits") % most
    }

    fn of<'a>(&mut self, some: &[&'a str]) -> &'a str {
        some[self.below(some.len())]
    }
}

const LINES: &[&str] = &[
    "A -> B",
    "A -> ... -> B",
    "... -> (A -> B){2} -> ...",
    "!A* -> B -> _",
    "_ -> _ -> _",
    "never A",
    "always A, B, U",
    "every A then B",
    "every A then B within 3s",
    "every A then B within 3s min 2",
    "every A then B within 2s..5s",
    "every A then B within 2s..",
    "count A min 2",
    "count A max 1",
    "A for >3s -> ...",
    "A for >=3s -> ...",
    "A for <3s -> ...",
    "... -> A for <=3s -> B -> ...",
    "... -> (A -> B) within 3s -> ...",
    "... -> (A -> ... -> B) within 5s -> ...",
    "... -> (A -> ... -> B) within 3s.. -> ...",
    "A for 2s..4s -> ... -> (B -> ...) within 2s..6s",
    "(A | B for >2s) -> ... -> B",
    "B onlyAfter A",
    "quiet after B",
    "... -> $x -> !$x+ -> $x -> ...",
    "$x -> A -> $x",
    "A -> $x -> ... -> $x -> B",
    "($x -> B){2} -> ...",
    "$x -> _ -> !$x -> ...",
    "... -> $x -> A -> !$x* -> $x",
    "$x for >=2s -> ... -> $x",
    "... -> ($x -> !$x+ -> $x) within 4s -> ...",
];

/// A sketch without its end, and its end; no line names `U` and `V`.
fn sketch(chance: &mut Chance) -> (String, String) {
    let labels = ["A", "B", "U", "V"];
    let (mut text, mut at, mut last) = (String::new(), 0, "");
    for place in 0..=chance.below(5) {
        let gap = place > 0 && chance.below(3) == 0;
        let label = chance.of(&labels);
        if !gap && label == last {
            continue;
        }
        let from = at;
        at += usize::from(place > 0) * (1 + chance.below(4));
        match (place, chance.below(5), gap) {
            (0, 0, _) => write!(text, "^{label}@{at}"),
            (_, _, true) => write!(text, " ~{from},{at}~ {label}@{at}"),
            (_, 1, _) if place > 0 => write!(text, " {label}@[{from},{at}]"),
            _ => write!(text, " {label}@{at}"),
        }
        .expect("a String takes all");
        last = label;
    }
    let over = at + chance.below(4);
    let end = match chance.below(5) {
        0 => "|unfenced".to_owned(),
        1 => format!("|deleted@{over}"),
        2 => format!("|open now={over} alive={over}"),
        _ => format!("|closed@{over}"),
    };
    (text, end)
}

/// The completion as a sketch: every state at its time, states of an atom for several states under new names.
fn written(steps: &[Step], events: &[Event], end: &str) -> Option<String> {
    let mut text = String::new();
    let (mut next, mut last, mut latest) = (0, String::new(), 0);
    for (place, step) in steps.iter().enumerate() {
        let label = match step.label.as_str() {
            "any other state" => format!("X{place}"),
            // A label that was not shown.
            "$x" => "X".to_owned(),
            label => label.to_owned(),
        };
        assert_ne!(label, last, "a state follows itself: {steps:?}");
        let seen = (!step.hidden).then(|| {
            let found = events[next..]
                .iter()
                .position(|event| event.shown().is_some_and(|shown| shown.symbol.to_string() == step.label));
            next += found.expect("a state that was seen is one of the word") + 1;
            events[next - 1].when().hi
        });
        let at = step.at.or(seen).unwrap_or(latest);
        // A sketch has no times before its start.
        let at = u64::try_from(at).ok()?;
        write!(text, "{label}@{}.{:06} ", at / 1_000_000, at % 1_000_000).expect("a String takes all");
        (last, latest) = (label, i64::try_from(at).expect("small"));
    }
    // A trace is seen up to its last event; after an unproven end, its last state is held.
    let seen = events.iter().map(|event| event.when().hi).max().unwrap_or(0).max(latest);
    let over = if seen % 1_000_000 == 0 { seen / 1_000_000 } else { seen / 1_000_000 + 1 };
    Some(if end == "|unfenced" { format!("{text}|closed@{over}") } else { text + end })
}

fn explained(outcome: &Outcome) -> Option<(&Explanation, &[Event])> {
    let word = outcome.clauses.first()?.traces.first()?;
    Some((word.explanation.as_ref()?, &word.events))
}

#[test]
fn every_claimed_completion_is_judged_as_it_is_claimed() {
    let mut chance = Chance(7);
    let (mut passing, mut failing) = (0, 0);
    for _ in 0..12_000 {
        let (word, end) = sketch(&mut chance);
        let line = chance.of(LINES);
        let Ok(outcome) = judge_line(&format!("{word} {end}"), line) else { continue };
        let Some((explanation, events)) = explained(&outcome) else { continue };
        for (steps, claimed, known) in [
            (&explanation.passing, Verdict::Satisfied, &mut passing),
            (&explanation.failing, Verdict::Violated, &mut failing),
        ] {
            let Some(steps) = steps.as_ref().filter(|steps| !steps.is_empty()) else { continue };
            let Some(completion) = written(steps, events, &end) else { continue };
            let judged =
                judge_line(&completion, line).unwrap_or_else(|error| panic!("{word} {end}: {completion}: {error}"));
            let mut verdict = judged.standing.verdict;
            if verdict == Verdict::Pending
                && let Some((held, _)) = completion.split_once("|open")
            {
                // The trace is still open; the claim must hold if nothing more comes.
                let closed = judge_line(&format!("{held}|closed@3600"), line).expect("it was judged while it was open");
                verdict = closed.standing.verdict;
            }
            assert_eq!(verdict, claimed, "{word} {end}   {line}: {completion}");
            *known += 1;
        }
    }
    assert!(passing > 300 && failing > 300, "{passing} passing and {failing} failing completions were judged");
}

#[test]
fn every_nearest_trace_is_a_timeline_that_fits() {
    let mut chance = Chance(11);
    let mut judged = 0;
    for _ in 0..12_000 {
        let (word, end) = sketch(&mut chance);
        let line = chance.of(LINES);
        let Ok(outcome) = judge_line(&format!("{word} {end}"), line) else { continue };
        let Some(edits) = explained(&outcome).and_then(|(explanation, _)| explanation.nearest.as_ref()) else {
            continue;
        };
        let states = edits.iter().filter_map(|edit| match edit {
            Edit::Keep(state) | Edit::Insert(state) | Edit::Replace(_, state) => Some(state.as_str()),
            Edit::Drop(_) => None,
        });
        let states = (0..).zip(states);
        let states: Vec<String> = states
            .map(|(at, state)| match state {
                "any other state" => format!("X{at}"),
                "$x" => "X".to_owned(),
                state => state.to_owned(),
            })
            .collect();
        assert!(!states.windows(2).any(|pair| pair[0] == pair[1]), "{word} {end}   {line}: {states:?}");
        if states.is_empty() {
            continue;
        }
        let end = if end.starts_with("|open") { "|open" } else { "|closed" };
        let verdict =
            judge_line(&format!("{} {end}", states.join(" ")), line).expect("it is a sketch").standing.verdict;
        let fits = if end == "|open" { verdict != Verdict::Violated } else { verdict == Verdict::Satisfied };
        assert!(fits, "{word} {end}   {line}: {states:?} is {verdict}");
        judged += 1;
    }
    assert!(judged > 300, "{judged} nearest words were judged");
}

fn reason(sketch: &str, line: &str) -> String {
    judge_line(sketch, line).unwrap_or_else(|error| panic!("{error}")).reason
}

#[test]
fn a_bound_is_quoted_as_it_was_written() {
    let exclusive = reason("A@0 B@30 |closed", "A for >30s -> B");
    assert!(exclusive.contains("expected >30s (exactly at the bound"), "{exclusive}");
    let inclusive = reason("A@0 B@29 |closed", "A for >=30s -> B");
    assert!(inclusive.contains("expected >=30s (1s too short)"), "{inclusive}");
    let below = reason("A@0 B@30 |closed", "A for <30s -> B");
    assert!(below.contains("expected <30s (exactly at the bound"), "{below}");
    let fine = reason("A@0 B@0.001 |closed", "A for >=1500us -> B");
    assert!(fine.contains("expected >=1500us ("), "{fine}");
    let finer = reason("A@0 B@0.0015 |closed", "A for <1500us -> B");
    assert!(finer.contains("expected <1500us (exactly at the bound"), "{finer}");
    let over = reason("A@0 B@2.000001 |closed", "A for <=2s -> B");
    assert!(over.contains("expected <=2s (1us too long)"), "{over}");
}

#[test]
fn a_broken_bound_is_that_of_its_states_though_others_lasted_as_long() {
    let phases = "Pending@0 Scheduling@5 Scheduled@10 Running@15 |closed@20";
    for (sketch, line, words) in [
        (phases, "Pending -> Scheduling -> Scheduled for <=4s -> Running", "Scheduled lasted 5s, expected <=4s"),
        (phases, "Pending -> Scheduling for >=6s -> Scheduled -> Running", "Scheduling lasted 5s, expected >=6s"),
        (phases, "... -> (Scheduled -> Running) within 4s -> ...", "from Scheduled to Running it took 5s"),
        ("A@0 B@1 A@2 B@3 C@4 |closed@9", "(A -> B){2} within 2s -> C", "from A to B it took 3s, expected within 2s"),
    ] {
        let why = reason(sketch, line);
        assert!(why.contains(words), "{sketch}   {line}: {why}");
    }
}

#[test]
fn a_restart_count_is_no_part_of_a_state_and_a_month_is_no_duration() {
    for (line, words) in [
        ("never Error/3#1", "`#1` is a restart count"),
        ("... -> CrashLoopBackOff#12 -> ...", "write `CrashLoopBackOff`"),
        ("A for <5M", "`5m` for minutes"),
    ] {
        let error = judge_line("A@0 |closed@9", line).expect_err("it is refused").to_string();
        assert!(error.contains(words), "{line}: {error}");
    }
    assert_eq!(
        judge_line("A@0 |closed@9", "never 'Error#1'").expect("it is right").standing.verdict,
        Verdict::Satisfied
    );
}

fn left(sketch: &str, line: &str) -> (Option<usize>, Option<i64>) {
    let outcome = judge_line(sketch, line).unwrap_or_else(|error| panic!("{error}"));
    assert_eq!(outcome.standing.verdict, Verdict::Violated, "{sketch}   {line}");
    let (explanation, _) = explained(&outcome).expect("it is explained");
    (explanation.departure, explanation.decided.map(|at| at / 1_000_000))
}

#[test]
fn a_violation_is_dated_to_the_moment_at_which_it_was_decided() {
    let line = "every A then B within 30s";
    assert_eq!(left("A@0 C@10 B@42 |closed", line), (None, Some(30)), "time alone decided, before B came");
    assert_eq!(left("A@0 C@30 B@31 |closed", line), (None, Some(30)), "an answer could still have come with C");
    assert_eq!(left("A@0 |open now=30 alive=30", line), (None, Some(30)), "exactly at the bound");
    assert_eq!(left("A@0 |deleted@5", line), (None, Some(5)), "only the end decided");
    assert_eq!(left("A@0 C@10 |open", "A for >=20s -> ..."), (Some(1), Some(10)), "C came too early");
    assert_eq!(left("A@0 C@50 |open", "A for <20s -> ..."), (None, Some(20)), "A went on for too long");
    assert_eq!(left("A@0 B@1 F@2 C@3 |open", "never F"), (Some(2), Some(2)));
}
