//! The table of conformance.md, row by row: through sketches, and through recordings that say the same.

use super::tape::{Tape, of_json, pods, vmis};
use statetrail::expectation::{Cause, Ending, Span};
use statetrail::expectation::{Event, Outcome, Program, Sketch, Source, Verdict, judge_line, judge_sketch};
use statetrail::observation::{Change, Object, Resource, Watch, WatchId};

/// Row, sketch, expectation, verdict.
const ROWS: &[(&str, &str, &str, &str)] = &[
    ("1 open", "P R |open", "P -> R", "pending"),
    ("1 closed", "P R |closed", "P -> R", "satisfied"),
    ("2", "P R F |open", "P -> R", "violated"),
    ("3", "P R |open", "... -> R -> ...", "satisfied"),
    ("4", "P ~ R |open", "P -> R -> ...", "inconclusive"),
    ("5", "P ~ R |open", "P -> ... -> R -> ...", "satisfied"),
    ("6", "P F ~ R |open", "never F", "violated"),
    ("7 open", "P ~ P |open", "never R", "pending, pass lost"),
    ("7 closed", "P ~ P |closed", "never R", "inconclusive"),
    ("8", "^R |closed", "never F", "inconclusive"),
    ("9", "P R |unfenced", "never F", "inconclusive"),
    ("10", "P R ~ R |closed", "count R max 1", "inconclusive"),
    ("11", "E I ~ E I |open", "(E -> ... -> I -> ...){2}", "satisfied"),
    ("12", "running:A#0 ~ running:A#3 |open", "count restart max 2", "violated"),
    ("13", "running:A#0 ~ running:A#1 |closed", "count restart max 2", "inconclusive"),
    ("14", "Running#0 Running#1 |closed", "never CrashLoopBackOff", "inconclusive"),
    ("15", "T U T |open", "always T", "violated"),
    ("16 alive until 25", "P@0 |open now=31 alive=25", "every P then R within 30s", "pending"),
    ("16 alive until 29.999999", "P@0 |open now=31 alive=29.999999", "every P then R within 30s", "pending"),
    ("16 alive until 30", "P@0 |open now=31 alive=30", "every P then R within 30s", "violated"),
    ("16 alive until 31", "P@0 |open now=31 alive=31", "every P then R within 30s", "violated"),
    ("17", "P@0 ~10,40~ R |closed", "every P then R within 30s", "inconclusive"),
    ("18", "P@0 ~10,25~ R |closed", "every P then R within 30s", "satisfied"),
    ("19", "P@0 ~35,50~ R |open", "every P then R within 30s", "violated"),
    ("20", "P@[0,1] R@[30,31] |closed", "every P then R within 30s", "inconclusive"),
    ("21 closed", "P@0 |closed@5", "every P then R within 30s", "inconclusive"),
    ("21 deleted", "P@0 |deleted@5", "every P then R within 30s", "violated"),
    ("22", "R |closed", "every P then R within 30s", "violated"),
    ("22 min 0", "R |closed", "every P then R within 30s min 0", "satisfied"),
    ("23 alive until 75", "T@10 ~30,40~ T |open now=100 alive=75", "... -> T for >=1m -> ...", "pending"),
    ("23 alive until 100", "T@10 ~30,40~ T |open now=100 alive=100", "... -> T for >=1m -> ...", "satisfied"),
    ("24", "E@0 I@600 E@700 I@710 E@800 I@810 |open", "... -> (E -> I){2,} within 11m -> ...", "satisfied"),
    (
        "25 at 5",
        "pod/launcher phase: P@0 ~2,10~ 'R' ; vmi/a phase: 'S'@0 Running@5 |closed@12",
        "vmi/a phase: Running onlyAfter pod/launcher phase: 'R'",
        "inconclusive",
    ),
    (
        "25 at 12",
        "pod/launcher phase: P@0 ~2,10~ 'R' ; vmi/a phase: 'S'@0 Running@12 |closed@12",
        "vmi/a phase: Running onlyAfter pod/launcher phase: 'R'",
        "satisfied",
    ),
];

fn told(outcome: &Outcome) -> String {
    let lost = outcome.standing.pass_lost && outcome.standing.verdict == Verdict::Pending;
    format!("{}{}", outcome.standing.verdict, if lost { ", pass lost" } else { "" })
}

#[test]
fn every_row_of_the_table_is_reproduced() {
    let mut wrong = Vec::new();
    for (row, sketch, line, verdict) in ROWS {
        let is = match judge_line(sketch, line) {
            Ok(outcome) => told(&outcome),
            Err(error) => format!("error\n{error}"),
        };
        if is != *verdict {
            wrong.push(format!("row {row}: {sketch}   {line}\n  is {is}\n  must be {verdict}"));
        }
    }
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}

#[test]
fn row_13_is_satisfied_when_restart_counts_are_assumed_exact() {
    let document = "
apiVersion: statetrail/v1
kind: Expectation
metadata: {name: restarts}
assume: [restart-count-exact]
subjects: {pod: {kind: Pod, name: a}}
expect: [{track: pod.container/app, count: {restart: {max: 2}}}]
";
    let sketch = Sketch::parse("sketch", "pod/a container/app: running:Running#0 ~ running:Running#1 |closed").unwrap();
    let program =
        Program::compile([Source::Document { name: "x.yaml", text: document }]).unwrap_or_else(|e| panic!("{e}"));
    let outcome = judge_sketch(program, &sketch).remove(0);
    assert_eq!(outcome.standing.verdict, Verdict::Satisfied);
    assert_eq!(outcome.assumptions, ["restart-count-exact"]);
}

#[test]
fn zero_subjects_under_min_1_at_a_fenced_end_is_violated() {
    let judge = |end: &str| {
        let outcome = judge_line(&format!("vm/b status: Starting {end}"), "pod phase: ... -> Running -> ...").unwrap();
        outcome.standing.verdict
    };
    assert_eq!(judge("|closed"), Verdict::Violated);
    assert_eq!(judge("|open"), Verdict::Pending);
    assert_eq!(judge("|unfenced"), Verdict::Inconclusive);
}

/// The watches of these recordings: pods, VMIs, things of a kind that nobody knows, and another that tells the time.
fn watches() -> Vec<Watch> {
    let things = |plural: &str, kind: &str| Watch::all(Resource::new("example.org", "v1", plural, kind));
    vec![pods(), vmis(), things("things", "Thing"), things("clocks", "Clock")]
}

/// One version of a subject on its way into a recording.
enum Line {
    Entered(Span, Version),
    Lost(Span, Version),
}

#[derive(Clone)]
struct Version {
    watch: WatchId,
    name: String,
    label: String,
    restarts: Option<u32>,
    container: bool,
}

impl Version {
    fn object(&self, version: u64) -> Object {
        let status = if self.container {
            let count = self.restarts.unwrap_or(0);
            format!(
                r#""containerStatuses":[{{"name":"app","restartCount":{count},"state":{{"running":{{"startedAt":"2026-11-20T18:00:00Z"}}}}}}]"#
            )
        } else {
            format!(r#""phase":"{}""#, self.label)
        };
        of_json(&format!(
            r#"{{"metadata":{{"name":"{0}","namespace":"n","uid":"{1}-{0}","resourceVersion":"{version}"}},"status":{{{status}}}}}"#,
            self.name, self.watch
        ))
    }
}

/// A recording that says what a sketch says, with `before` when its only subject existed before.
fn recorded(sketch: &Sketch) -> Tape {
    let mut lines: Vec<(f64, Line)> = Vec::new();
    let mut before = Vec::new();
    for track in &sketch.tracks {
        let (subject, on) = track.name.clone().unwrap_or(("thing/a".to_owned(), "phase".to_owned()));
        let (kind, name) = subject.split_once('/').expect("a kind and a name");
        let watch = match kind {
            "pod" => 0,
            "vmi" => 1,
            _ => 2,
        };
        for event in &track.events {
            let shown = event.shown().expect("found again");
            let container = on.starts_with("container/") || shown.restarts.is_some();
            let label = shown.letter.label.to_string();
            let watch = if container { 0 } else { watch };
            let version = Version { watch, name: name.to_owned(), label, restarts: shown.restarts, container };
            let when = event.when();
            let second = seconds(when.hi);
            match event {
                Event::Gap { cause: Cause::Beginning, .. } => before.push(version),
                Event::Gap { cause: Cause::Lost, .. } => lines.push((second, Line::Lost(when, version))),
                _ => lines.push((second, Line::Entered(when, version))),
            }
        }
    }
    lines.sort_by(|(a, _), (b, _)| a.total_cmp(b));
    let mut tape = Tape::of(watches());
    let mut last = [(0.0, 10_u64); 4];
    let mut version = 10;
    for known in &before {
        version += 1;
        tape.object(0.0, known.watch, Change::Listed, known.object(version));
    }
    (0..4).for_each(|watch| _ = tape.attached(0.0, watch, version));
    last.iter_mut().for_each(|last| last.1 = version);
    let mut born: Vec<String> = before.into_iter().map(|version| version.name).collect();
    for (second, line) in lines {
        version += 1;
        match line {
            Line::Entered(when, state) => {
                let change = if born.contains(&state.name) { Change::Modified } else { Change::Added };
                tape.object(second, state.watch, change, state.object(version));
                if when.lo < when.hi
                    && let Some(statetrail::observation::What::Object(seen)) =
                        tape.lines.last_mut().map(|line| &mut line.what)
                {
                    seen.not_before = Some(super::tape::at(seconds(when.lo)));
                }
                last[usize::from(state.watch)] = (second, version);
                born.push(state.name);
            }
            Line::Lost(when, state) => {
                let (_, from) = last[usize::from(state.watch)];
                tape.gap(second, state.watch, (seconds(when.lo), from), version);
                tape.object(second, state.watch, Change::Listed, state.object(version));
                tape.attached(second, state.watch, version);
                last[usize::from(state.watch)] = (second, version);
            }
        }
    }
    let newest = tape.lines.iter().rev().find_map(|line| match &line.what {
        statetrail::observation::What::Object(seen) => Some(seen.clone()),
        _ => None,
    });
    match sketch.end {
        Ending::Open { now, alive } => {
            (0..3).for_each(|watch| _ = tape.bookmark(seconds(alive), watch, version + 1));
            tape.bookmark(seconds(now).max(seconds(alive)), 3, version + 1)
        }
        Ending::Closed(at) => tape.closed(seconds(at)),
        Ending::Unfenced => tape.ended(100.0),
        Ending::Deleted(at) => {
            let seen = newest.expect("somebody to delete");
            let json = seen.object.json.get();
            let old = format!(r#""resourceVersion":"{}""#, seen.object.resource_version);
            let gone = of_json(&json.replace(&old, &format!(r#""resourceVersion":"{}""#, version + 1)));
            tape.object(seconds(at), seen.watch, Change::Deleted, gone).closed(seconds(at))
        }
    };
    tape
}

#[expect(clippy::cast_precision_loss, reason = "seconds of a sketch")]
fn seconds(micros: i64) -> f64 {
    micros as f64 / 1e6
}

/// Rows whose sketch says what no recording can: a container's label is the server's, and a gap without an end has none.
fn line_for(row: &str, line: &str) -> String {
    match row {
        "12" | "13" | "14" => format!("pod/a container/app: {line}"),
        _ if line.contains(": ") => line.to_owned(),
        _ => format!("Thing/a phase: {line}"),
    }
}

#[test]
fn every_row_of_the_table_is_reproduced_through_a_recording() {
    let mut wrong = Vec::new();
    for (row, sketch, line, verdict) in ROWS {
        let sketched = Sketch::parse("row", &sketch.replace("running:A", "running:Running")).unwrap();
        let is = recorded(&sketched).verdict(&line_for(row, line));
        if is != *verdict {
            wrong.push(format!("row {row}: {sketch}   {line}\n  is {is}\n  must be {verdict}"));
        }
    }
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}
