//! Regression tests of timed statements.

use statetrail::expectation::Verdict::{Inconclusive, Pending, Satisfied, Violated};
use statetrail::expectation::{Judgement, Verdict, judge_line};

fn standing(sketch: &str, line: &str) -> Judgement {
    judge_line(sketch, line).unwrap_or_else(|error| panic!("{error}")).standing
}

fn verdict(sketch: &str, line: &str) -> Verdict {
    standing(sketch, line).verdict
}

#[test]
fn what_was_never_published_has_no_time_of_its_own() {
    // The state may have held through the gap: the restart must not be dated to the start of the gap.
    let sketch = "B#0@0 ~0.000002,0.000005~ B#0 B#1@0.000006 |open now=0.000007 alive=0.000007";
    assert_eq!(verdict(sketch, "_ for >=1us -> A? for <=4us -> ..."), Satisfied);
    let sketch = "^B#0@0 ~0.000003,0.000006~ B#0 B#1@0.000007 C#1@0.000008 |closed@0.000012";
    assert_eq!(verdict(sketch, "... -> A for >=5us -> ... within 3us"), Violated);
    let sketch = "B#0@0 ~0.000001,0.000004~ B#0 B#1@0.000004 |closed@0.000004";
    assert_eq!(verdict(sketch, "[B, C] -> (...) within 3us"), Satisfied);
}

#[test]
fn a_stay_that_was_judged_while_it_lasted_is_not_judged_anew_by_a_higher_restart_count() {
    let line = "Running for >=1m -> ...";
    assert_eq!(verdict("Running#0@0 |open now=61 alive=61", line), Satisfied);
    assert_eq!(verdict("Running#0@0 Running#1@90 |open", line), Satisfied);
    assert_eq!(verdict("Running#0@0 Running#1@90 |closed", line), Satisfied);
    assert_eq!(verdict("Running#0@0 Running#1@90 |closed", "never CrashLoopBackOff"), Inconclusive);
    assert_eq!(verdict("Running#0@0 Running#1@90 |closed", "count CrashLoopBackOff max 0"), Inconclusive);
    let late = "every Running then Succeeded within 30s";
    assert_eq!(verdict("Running#0@0 |open now=31 alive=31", late), Violated);
    assert_eq!(verdict("Running#0@0 Running#1@40 |open", late), Violated);
}

/// The verdict on each timeline.
fn judged(line: &str, timelines: &[(&str, Verdict)]) {
    for (sketch, expected) in timelines {
        assert_eq!(verdict(sketch, line), *expected, "{line}   {sketch}");
    }
}

#[test]
fn a_stay_in_a_range_is_neither_too_short_nor_too_long() {
    judged(
        "A for 3s..10s -> B",
        &[
            ("A@0 B@2.999999 |closed", Violated),
            ("A@0 B@3 |closed", Satisfied),
            ("A@0 B@10 |closed", Satisfied),
            ("A@0 B@10.000001 |closed", Violated),
            ("A@0 |open now=10 alive=9", Pending),
            ("A@0 |open now=11 alive=11", Violated),
            ("A@0 B@[2,4] |closed", Inconclusive),
        ],
    );
    judged("A for 3s.. -> B", &[("A@0 B@2 |closed", Violated), ("A@0 B@99 |closed", Satisfied)]);
}

#[test]
fn a_group_in_a_range_is_measured_from_its_first_entry_to_its_last() {
    judged(
        "(A -> !C* -> C) within 3s..10s -> ...",
        &[
            ("A@0 B@2 C@2.5 |open", Violated),
            ("A@0 B@2 C@3 |open", Satisfied),
            ("A@0 B@2 C@10 D@11 |open", Satisfied),
            ("A@0 B@2 |open now=11 alive=11", Violated),
            ("A@0 B@2 |open now=9 alive=9", Pending),
            ("A@0 ~1,2~ C |open", Violated),
            ("A@0 ~1,4~ C |closed", Inconclusive),
            ("A@0 ~3,4~ C |open", Satisfied),
        ],
    );
    // Of two ways to split the trace, the later beginning is too late.
    judged("... -> (A -> ... -> C) within 3s.. -> ...", &[("A@0 B@1 A@2 C@4 |open", Satisfied)]);
    // Each repetition of a group within another has its own time, the outer one is from the first to the last.
    judged(
        "((A -> B) within 2s..3s){2} within 6s..",
        &[
            ("A@0 B@2 A@4 B@6 |closed", Satisfied),
            ("A@0 B@2 A@3 B@5 |closed", Violated),
            ("A@0 B@2 A@5 B@6 |closed", Violated),
        ],
    );
    // What matches nothing takes no time.
    judged("A -> (B -> C){0,1} within 3s..", &[("A@0 |closed", Satisfied), ("A@0 B@1 C@2 |closed", Violated)]);
}

#[test]
fn an_answer_that_is_too_early_neither_answers_nor_violates() {
    judged(
        "every A then B within 3s..10s",
        &[
            ("A@0 B@2 |open now=9 alive=9", Pending),
            ("A@0 B@2 |open now=10 alive=10", Violated),
            ("A@0 B@2 C@4 B@5 |closed", Satisfied),
            ("A@0 B@3 |closed", Satisfied),
            ("A@0 B@10 |closed", Satisfied),
            ("A@0 B@10.000001 |open", Violated),
            ("A@0 B@2 |closed@9", Inconclusive),
            ("A@0 B@2 |deleted@4", Violated),
            ("A@0 B@2 |unfenced", Inconclusive),
            ("C@0 |closed", Violated),
        ],
    );
}

#[test]
fn one_answer_need_not_answer_all_that_are_open() {
    let line = "every A then B within 3s..4s";
    // The second A would need an answer at 5 or 6.
    judged(
        line,
        &[
            ("A@0 C@1 A@2 B@4 |open now=6 alive=5.9", Pending),
            ("A@0 C@1 A@2 B@4 |open now=6 alive=6", Violated),
            ("A@0 C@1 A@2 B@4 C@5 B@6 |closed", Satisfied),
            ("A@0 C@0.5 A@1 B@4 |closed", Satisfied),
            // Whenever B came, it was too early for one, or too late for the other.
            ("A@0 C@1 A@3 B@[4,7] |open now=9 alive=9", Violated),
            ("A@0 C@1 A@1 B@[3,5] |closed@9", Inconclusive),
        ],
    );
}

#[test]
fn without_an_upper_bound_only_a_deletion_or_a_fence_ends_the_wait() {
    judged(
        "every A then B within 3s..",
        &[
            ("A@0 B@2 |open now=999 alive=999", Pending),
            ("A@0 B@2 C@3 B@500 |closed", Satisfied),
            ("A@0 B@2 |deleted@2", Violated),
            ("A@0 B@2 |closed@2.9", Inconclusive),
            ("A@0 B@2 |closed@3", Violated),
        ],
    );
}

#[test]
fn a_gap_may_hide_an_answer_that_is_late_enough() {
    judged(
        "every A then B within 3s..10s",
        &[
            ("A@0 ~1,2~ C |open now=10 alive=10", Violated),
            ("A@0 ~1,3~ C |open now=10 alive=10", Pending),
            ("A@0 ~1,3~ C |closed@10", Inconclusive),
            ("A@0 ~1,2~ B |open now=10 alive=10", Violated),
            ("A@0 ~3,4~ B |closed", Inconclusive),
            ("A@0 ~11,12~ B |open", Violated),
            ("A@0 ~1,2~ C B@5 |closed", Satisfied),
        ],
    );
    let lost = standing("A@0 ~1,3~ C |open now=10 alive=10", "every A then B within 3s..10s");
    assert_eq!((lost.verdict, lost.pass_lost), (Pending, true));
}

#[test]
fn more_open_entries_than_are_remembered_lose_verdicts_and_invent_none() {
    let entries: Vec<String> = (0..600).map(|at| format!("A@{at} C@{at}.5")).collect();
    let entries = entries.join(" ");
    let line = "every A then B within 1000s..2000s";
    judged(
        line,
        &[
            (&format!("{entries} |open now=1999 alive=1999"), Pending),
            (&format!("{entries} |open now=2000 alive=2000"), Violated),
            (&format!("{entries} |deleted@700"), Violated),
        ],
    );
    // One answers all: this is satisfied, and not seen.
    judged(line, &[(&format!("{entries} B@1700 |closed"), Inconclusive)]);
    // Of those that were old enough for any answer, only the oldest matters.
    let line = "every A then B within 10s..2000s";
    judged(line, &[(&format!("{entries} B@700 |closed"), Satisfied), (&format!("{entries} B@2001 |open"), Violated)]);
}
