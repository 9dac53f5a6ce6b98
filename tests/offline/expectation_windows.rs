//! Every operator within windows, on sketches: states across a bound, states before it, windows past the last entry.

use statetrail::expectation::{Program, Sketch, Source, judge_sketch};

fn document(window: &str, statement: &str) -> String {
    format!(
        "apiVersion: statetrail/v1\nkind: Expectation\nmetadata: {{name: x}}\n\
         subjects: {{p: {{kind: Pod, name: a, life: first}}, v: {{kind: VirtualMachineInstance, name: a}}}}\n\
         window: {window}\nexpect: [{statement}]\n"
    )
}

fn verdict(sketch: &str, window: &str, statement: &str) -> String {
    let text = document(window, statement);
    let program =
        Program::compile([Source::Document { name: "x.yaml", text: &text }]).unwrap_or_else(|error| panic!("{error}"));
    let sketch = Sketch::parse("x", sketch).unwrap_or_else(|error| panic!("{error}"));
    judge_sketch(program, &sketch).remove(0).standing.verdict.as_str().to_owned()
}

/// `10..20`, `10..`, `..20`: seconds.
fn times(bounds: &str) -> String {
    let (from, until) = bounds.split_once("..").expect("two bounds");
    let time = |key: &str, at: &str| format!("{key}: {{time: \"1970-01-01T00:00:{at:0>2}Z\"}}");
    let parts = [("from", from), ("until", until)].into_iter().filter(|(_, at)| !at.is_empty());
    format!("{{{}}}", parts.map(|(key, at)| time(key, at)).collect::<Vec<_>>().join(", "))
}

fn check(rows: &[(&str, &str, &str, &str)]) {
    let wrong: Vec<String> = rows
        .iter()
        .map(|row @ (sketch, window, statement, _)| {
            let window = if window.contains("..") { times(window) } else { (*window).to_owned() };
            (row, verdict(sketch, &window, statement))
        })
        .filter(|((.., expected), found)| found != expected)
        .map(|(row, found)| format!("{row:?} is {found}"))
        .collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn what_straddles_a_bound_is_not_known() {
    check(&[
        (
            "pod/a phase: Pending@0 Running@[5,15] Failed@[8,20] |closed@30",
            "10..",
            "{track: p.phase, never: Running}",
            "inconclusive",
        ),
        (
            "pod/a phase: Pending@0 Running@[5,15] Failed@[8,20] |closed@30",
            "10..",
            "{track: p.phase, path: \"... -> Failed\"}",
            "satisfied",
        ),
        (
            "pod/a phase: Pending@0 Running@[5,15] Failed@[8,20] |closed@30",
            "10..",
            "{track: p.phase, count: {Failed: {min: 1}}}",
            "satisfied",
        ),
        (
            "pod/a phase: Pending@0 Running@[5,15] Failed@[8,20] |closed@30",
            "10..",
            "{track: p.phase, path: \"Pending -> ...\"}",
            "inconclusive",
        ),
        (
            "pod/a phase: Pending@0 Running@[5,15] Failed@[8,20] |closed@30",
            "10..",
            "{track: p.phase, always: Failed}",
            "inconclusive",
        ),
        (
            "pod/a phase: Pending@0 Running@[5,15] |closed@30",
            "..10",
            "{track: p.phase, path: \"Pending -> Running\"}",
            "inconclusive",
        ),
        (
            "pod/a phase: Pending@0 Running@[5,15] Failed@[8,20] |closed@30",
            "..10",
            "{track: p.phase, never: Failed}",
            "inconclusive",
        ),
        (
            "pod/a phase: Pending@0 Running@[5,15] Failed@[18,20] |closed@30",
            "..10",
            "{track: p.phase, never: Failed}",
            "inconclusive",
        ),
        (
            "pod/a phase: Pending@0 Running@[5,15] Failed@[18,20] |closed@30",
            "..15",
            "{track: p.phase, never: Failed}",
            "satisfied",
        ),
        (
            "pod/a phase: Pending@0 ~5,15~ Failed@15 |closed@30",
            "10..",
            "{track: p.phase, path: Failed}",
            "inconclusive",
        ),
        (
            "pod/a phase: Pending@0 Running@[5,15] |closed@30",
            "10..12",
            "{track: p.phase, always: Pending}",
            "inconclusive",
        ),
        (
            "pod/a phase: Pending@0 ~5,8~ Pending Running@20 |closed@30",
            "10..",
            "{track: p.phase, path: \"Pending -> Running\"}",
            "satisfied",
        ),
        // After a gap without an end, the state held at the start is unknown.
        (
            "pod/a phase: Pending@0 ~5,8~ |open now=20 alive=20",
            "10..15",
            "{track: p.phase, never: Running}",
            "inconclusive",
        ),
    ]);
}

#[test]
fn a_window_behind_what_was_seen_is_undecided() {
    let never = "{track: p.phase, never: Failed}";
    let path = "{track: p.phase, path: Running}";
    check(&[
        ("pod/a phase: Pending@0 Running@5 |unfenced", "10..", never, "inconclusive"),
        ("pod/a phase: Pending@0 Running@5 |unfenced", "10..", path, "inconclusive"),
        (
            "pod/a phase: Pending@0 Running@5 |unfenced",
            "10..",
            "{track: p.phase, count: {Running: {max: 0}}}",
            "inconclusive",
        ),
        ("pod/a phase: Pending@0 Running@5 |unfenced", "3..", "{track: p.phase, never: Running}", "violated"),
        ("pod/a phase: Pending@0 Running@5 Failed@20 |unfenced", "10..15", never, "satisfied"),
        ("pod/a phase: Pending@0 Running@5 Failed@20 |unfenced", "10..15", path, "satisfied"),
        ("pod/a phase: Pending@0 Running@5 |open now=9 alive=9", "10..", never, "pending"),
        ("pod/a phase: Pending@0 Running@5 |open now=12 alive=12", "10..15", never, "pending"),
        ("pod/a phase: Pending@0 Running@5 |open now=15 alive=15", "10..15", never, "satisfied"),
        ("pod/a phase: Pending@0 Running@5 |closed@9", "10..", never, "inconclusive"),
        ("pod/a phase: Pending@0 Running@5 |closed@12", "10..15", never, "inconclusive"),
        ("pod/a phase: Pending@0 Running@5 |closed@12", "10..15", path, "inconclusive"),
        ("pod/a phase: Pending@0 Running@5 Failed@11 |closed@12", "10..15", never, "violated"),
        // `max` does not require the timeline to be that long.
        ("pod/a phase: Pending@0 Running@5 |closed@12", "{max: 15s}", never, "satisfied"),
        ("pod/a phase: Pending@0 Running@5 |closed@12", "{from: attached, max: 15s}", never, "satisfied"),
    ]);
}

#[test]
fn a_subject_that_did_not_live_within_is_nothing_to_judge() {
    check(&[
        ("pod/a phase: Pending@0 Failed@5 |deleted@8", "10..", "{track: p.phase, never: Failed}", "inconclusive"),
        ("pod/a phase: Pending@0 Failed@5 |deleted@8", "10..", "{track: p.phase, always: Failed}", "inconclusive"),
        ("pod/a phase: Pending@0 Failed@5 |deleted@8", "10..", "{track: p.phase, path: Failed}", "inconclusive"),
        (
            "pod/a phase: Pending@0 Failed@5 |deleted@8",
            "10..",
            "{track: p.phase, graph: {Failed: [Pending]}}",
            "inconclusive",
        ),
        (
            "pod/a phase: Pending@0 Failed@5 |deleted@8",
            "10..",
            "{track: p.phase, count: {Failed: {max: 0}}}",
            "satisfied",
        ),
        (
            "pod/a phase: Pending@0 Failed@5 |deleted@8",
            "8..",
            "{track: p.phase, count: {Failed: {max: 0}}}",
            "satisfied",
        ),
        ("pod/a phase: Pending@0 Failed@5 |deleted@8", "7..", "{track: p.phase, path: Failed}", "satisfied"),
        (
            "pod/a phase: Pending@0 Failed@5 |deleted@8",
            "..6",
            "{track: p.phase, every: Failed, then: Running, within: 2s}",
            "inconclusive",
        ),
        (
            "pod/a phase: Pending@0 Failed@5 |deleted@8",
            "..8",
            "{track: p.phase, every: Failed, then: Running, within: 9s}",
            "violated",
        ),
        ("pod/a phase: Pending@12 Failed@15 |closed@20", "..10", "{track: p.phase, never: Failed}", "inconclusive"),
        ("pod/a phase: Pending@12 Failed@15 |closed@20", "10..13", "{track: p.phase, never: Failed}", "satisfied"),
    ]);
}

#[test]
fn a_window_that_counts_from_an_inexact_creation_may_end_before_the_next_entry() {
    let late = "pod/a phase: Pending@[0,1] Running@1 Pending@4 |open now=9 alive=9";
    check(&[
        (
            late,
            "{from: created, max: 3s}",
            "{track: p.phase, path: \"... -> Running for <=2s -> ...\"}",
            "inconclusive",
        ),
        (
            late,
            "{from: created, max: 2s}",
            "{track: p.phase, path: \"... -> Running for <=2s -> ...\"}",
            "inconclusive",
        ),
        (late, "{from: created, max: 4s}", "{track: p.phase, path: \"... -> Running for <=2s -> ...\"}", "violated"),
        (
            late,
            "{from: created, max: 3s}",
            "{track: p.phase, every: Running, then: Pending, within: 2500ms}",
            "inconclusive",
        ),
        (late, "{from: created, max: 4s}", "{track: p.phase, every: Running, then: Pending, within: 2s}", "violated"),
        (
            late,
            "{from: created, max: 3s}",
            "{track: p.phase, path: \"Pending -> (Running -> ... -> Pending) within 2s\"}",
            "violated",
        ),
    ]);
}

#[test]
fn a_track_that_was_not_seen_again_may_change_until_the_window_ends() {
    let lost = "pod/a phase: Pending@0 Running@0 ~0,1~ |open now=9 alive=9";
    check(&[
        (lost, "..1", "{track: p.phase, path: \"_{2,} within 1s\"}", "satisfied"),
        (lost, "..2", "{track: p.phase, path: \"_{2,} within 1s\"}", "inconclusive"),
    ]);
}

#[test]
fn one_that_is_gone_at_the_start_does_not_count() {
    let verdict = |deleted: u8| {
        let sketch = format!("pod/a phase: Pending@0 |deleted@{deleted} ; pod/b phase: Pending@2 |closed@20");
        let text = document(&times("10.."), "{track: p.phase, never: Failed}")
            .replace("{kind: Pod, name: a, life: first}", "{kind: Pod, max: 1}");
        let program = Program::compile([Source::Document { name: "x.yaml", text: &text }]).expect("it compiles");
        judge_sketch(program, &Sketch::parse("x", &sketch).expect("a sketch")).remove(0).standing.verdict.as_str()
    };
    assert_eq!([9, 10, 11].map(verdict), ["satisfied", "satisfied", "violated"]);
}

#[test]
fn restarts_count_from_what_is_held_at_the_start() {
    let most = |max: u8| format!("{{track: p.container/app, count: {{restart: {{max: {max}}}}}}}");
    let least = |min: u8| format!("{{track: p.container/app, count: {{restart: {{min: {min}}}}}}}");
    let twice = "pod/a container/app: Running#0@0 Error#0@1 Running#5@2 Error#5@20 Running#6@21 |closed@30";
    check(&[
        ("pod/a container/app: Running#0@0 Error#0@1 Running#5@2 |closed@30", "10..", &most(2), "satisfied"),
        ("pod/a container/app: ^Running#5@0 |closed@30", "{from: attached}", &most(2), "satisfied"),
        ("pod/a container/app: ^Running#5@0 |closed@30", "{from: created}", &most(2), "violated"),
        (twice, "10..", &most(0), "violated"),
        (twice, "10..", &most(1), "satisfied"),
        (twice, "10..", &least(2), "violated"),
        (twice, "10..20", &most(0), "satisfied"),
        (twice, "..20", &most(5), "satisfied"),
        (twice, "..21", &most(5), "violated"),
        ("pod/a container/app: Running#0@0 Error#4@[5,15] |closed@30", "10..", &most(0), "inconclusive"),
        ("pod/a container/app: Running#0@0 Error#4@[5,15] |closed@30", "10..", &least(1), "inconclusive"),
        ("pod/a container/app: Running#0@0 ~5,15~ Error#4 |closed@30", "10..", &most(9), "inconclusive"),
        ("pod/a container/app: Running#0@0 ~5,8~ Error#4 Running#5@20 |closed@30", "10..", &most(1), "satisfied"),
    ]);
}

#[test]
fn what_is_held_at_the_start_has_one_place_on_all_tracks() {
    let quiet = "{quiet: [phase], after: p.condition/Ready=True}";
    let only = "{enter: v.phase=Running, onlyAfter: p.phase=Running}";
    check(&[
        ("pod/a condition/Ready: True@5 ; pod/a phase: Pending@0 Running@7 |closed@30", "10..", quiet, "satisfied"),
        (
            "pod/a condition/Ready: True@5 ; pod/a phase: Pending@0 Running@7 Failed@12 |closed@30",
            "10..",
            quiet,
            "violated",
        ),
        (
            "pod/a condition/Ready: True@5 ; pod/a phase: Pending@0 Running@7 Failed@12 |closed@30",
            "10..11",
            quiet,
            "satisfied",
        ),
        (
            "pod/a condition/Ready: True@[5,15] ; pod/a phase: Pending@0 Failed@12 |closed@30",
            "10..",
            quiet,
            "inconclusive",
        ),
        (
            "pod/a phase: Pending@0 Running@7 ; vmi/a phase: Scheduling@0 Running@5 |closed@30",
            "10..",
            only,
            "satisfied",
        ),
        (
            "pod/a phase: Pending@0 Running@7 ; vmi/a phase: Scheduling@0 Running@12 |closed@30",
            "10..",
            only,
            "satisfied",
        ),
        (
            "pod/a phase: Pending@0 Running@12 ; vmi/a phase: Scheduling@0 Running@5 |closed@30",
            "10..",
            only,
            "violated",
        ),
        (
            "pod/a phase: Pending@0 Running@5 Failed@7 ; vmi/a phase: Scheduling@0 Running@12 |closed@30",
            "10..",
            only,
            "violated",
        ),
        (
            "pod/a phase: Pending@0 Running@20 ; vmi/a phase: Scheduling@0 Running@12 |closed@30",
            "10..15",
            only,
            "violated",
        ),
        (
            "pod/a phase: Pending@0 Running@[5,15] ; vmi/a phase: Scheduling@0 Running@12 |closed@30",
            "10..",
            only,
            "inconclusive",
        ),
        (
            "pod/a phase: Pending@0 Running@7 ; vmi/a phase: Scheduling@0 Running@12 |unfenced",
            "10..",
            only,
            "inconclusive",
        ),
    ]);
}

#[test]
fn the_longest_span_counts_from_the_creation_of_the_subject() {
    let count = "{track: p.phase, count: {Running: {max: 0}}}";
    let never = "{track: p.phase, never: Running}";
    check(&[
        (
            "pod/a phase: Pending@3 Running@3.5 ; pod/a condition/Ready: False@0 True@1 |closed@9",
            "{max: 1s}",
            count,
            "satisfied",
        ),
        (
            "pod/a condition/Ready: False@0 True@1 ; pod/a phase: Pending@3 Running@3.5 |closed@9",
            "{max: 1s}",
            count,
            "satisfied",
        ),
        (
            "pod/a phase: Pending@0 Running@3 ; pod/a condition/Ready: False@2 |closed@9",
            "{max: 2s}",
            never,
            "satisfied",
        ),
        ("pod/a phase: Pending@0 Running@3 ; pod/a condition/Ready: False@2 |closed@9", "{max: 4s}", never, "violated"),
        ("pod/a phase: ^Pending@0 Running@3 |closed@9", "{max: 2s}", never, "inconclusive"),
        ("pod/a phase: ^Pending@0 Running@3 |closed@9", "{from: attached, max: 2s}", never, "satisfied"),
        ("pod/a phase: Pending@[0,2] Running@3 |closed@9", "{max: 2s}", never, "inconclusive"),
        ("pod/a phase: Pending@[0,2] Running@3 |closed@9", "{max: 3s}", never, "violated"),
    ]);
}

#[test]
fn a_window_whose_end_can_only_come_before_its_start_does_not_compile() {
    let wrong = |window: &str| {
        let text = document(window, "{track: p.phase, never: Running}");
        let found = Program::compile([Source::Document { name: "x.yaml", text: &text }]);
        found.err().map(|error| error.to_string()).unwrap_or_default()
    };
    assert!(wrong(&times("20..10")).contains("the window ends before it starts"));
    assert!(wrong("{from: {mark: x}, until: {mark: x}}").contains("starts and ends at the mark `x`"));
    assert_eq!(wrong(&times("10..10")), "");
    assert_eq!(wrong("{from: {mark: x}, until: {mark: y}}"), "");
}

#[test]
fn a_path_of_a_track_that_may_have_had_no_state_within_is_nothing_to_judge() {
    check(&[
        ("pod/a phase: ~0,5~ - |closed@30", "..10", "{track: p.phase, path: Running}", "inconclusive"),
        ("pod/a phase: ~0,5~ - |open now=30 alive=30", "..10", "{track: p.phase, path: Running}", "pending"),
        ("pod/a phase: ~0,5~ - Pending@8 |closed@30", "..10", "{track: p.phase, path: Running}", "violated"),
    ]);
}
