//! Regression tests of timed statements.

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
    assert_eq!(verdict(sketch, "_ for >=1us within 2us -> A? for <=4us -> ..."), Verdict::Satisfied);
    let sketch = "^B#0@0 ~0.000003,0.000006~ B#0 B#1@0.000007 C#1@0.000008 |closed@0.000012";
    assert_eq!(verdict(sketch, "... -> A for >=5us -> ... within 3us"), Verdict::Violated);
    let sketch = "B#0@0 ~0.000001,0.000004~ B#0 B#1@0.000004 |closed@0.000004";
    assert_eq!(verdict(sketch, "[B, C] -> (...) within 3us"), Verdict::Satisfied);
}

#[test]
fn a_stay_that_was_judged_while_it_lasted_is_not_judged_anew_by_a_higher_restart_count() {
    let line = "Running for >=1m -> ...";
    assert_eq!(verdict("Running#0@0 |open now=61 alive=61", line), Verdict::Satisfied);
    assert_eq!(verdict("Running#0@0 Running#1@90 |open", line), Verdict::Satisfied);
    assert_eq!(verdict("Running#0@0 Running#1@90 |closed", line), Verdict::Satisfied);
    assert_eq!(verdict("Running#0@0 Running#1@90 |closed", "never CrashLoopBackOff"), Verdict::Inconclusive);
    assert_eq!(verdict("Running#0@0 Running#1@90 |closed", "count CrashLoopBackOff max 0"), Verdict::Inconclusive);
    let late = "every Running then Succeeded within 30s";
    assert_eq!(verdict("Running#0@0 |open now=31 alive=31", late), Verdict::Violated);
    assert_eq!(verdict("Running#0@0 Running#1@40 |open", late), Verdict::Violated);
}
