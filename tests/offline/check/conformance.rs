//! The table of docs/SEMANTICS.md, row by row: judged on sketches, and on equivalent recordings.

use super::tape::{Tape, of_json, pods, vmis};
use statetrail::expectation::{Cause, Ending, Span};
use statetrail::expectation::{Event, Outcome, Program, Sketch, Source, Verdict, judge_line, judge_sketch};
use statetrail::observation::{Change, Object, Resource, StateKind, Watch, WatchId};

const PAGE: &str = include_str!("../../../docs/SEMANTICS.md");

/// A row of the page's table.
struct Row {
    number: u32,
    sketch: String,
    line: String,
    verdict: String,
}

/// The table below a heading of the page; its rows are numbered 1, 2, 2, 3 ...
fn table(page: &str) -> Result<Vec<Row>, String> {
    let (_, section) = page.split_once("\n## Conformance\n").ok_or("no section Conformance")?;
    let section = section.split("\n## ").next().unwrap_or_default();
    let mut lines = section.lines().filter(|line| line.starts_with('|'));
    let head = (lines.next(), lines.next());
    if head != (Some("| # | timeline | expectation | verdict |"), Some("|-|-|-|-|")) {
        return Err(format!("the head of the table is {head:?}"));
    }
    let mut rows: Vec<Row> = Vec::new();
    for line in lines {
        let row = row(line).ok_or_else(|| format!("no row: {line}"))?;
        let last = rows.last().map_or(0, |row| row.number);
        if row.number != last && row.number != last + 1 {
            return Err(format!("row {} follows row {last}", row.number));
        }
        rows.push(row);
    }
    Ok(rows)
}

/// `| 1 | `P R \|open` | `P -> R` | pending |`
fn row(line: &str) -> Option<Row> {
    const VERDICTS: [&str; 5] = ["satisfied", "violated", "pending", "pending, pass lost", "inconclusive"];
    let bar = "\u{1}";
    let line = line.replace("\\|", bar);
    let cells: Vec<&str> = line.strip_prefix('|')?.strip_suffix('|')?.split('|').map(str::trim).collect();
    let [number, sketch, expectation, verdict] = cells[..] else { return None };
    let code = |cell: &str| {
        let code = cell.strip_prefix('`')?.strip_suffix('`')?;
        (!code.contains('`')).then(|| code.replace(bar, "|"))
    };
    let verdict = VERDICTS.contains(&verdict).then(|| verdict.to_owned())?;
    Some(Row { number: number.parse().ok()?, sketch: code(sketch)?, line: code(expectation)?, verdict })
}

/// The rows of docs/SEMANTICS.md.
fn rows() -> Vec<Row> {
    let rows = table(PAGE).unwrap_or_else(|error| panic!("docs/SEMANTICS.md: {error}"));
    assert!(rows.len() >= ROWS, "docs/SEMANTICS.md has {} rows of at least {ROWS}", rows.len());
    rows
}

/// The least number of rows on the page, so that none is lost unnoticed.
const ROWS: usize = 48;

fn verdict_of(outcome: &Outcome) -> String {
    let lost = outcome.standing.pass_lost && outcome.standing.verdict == Verdict::Pending;
    format!("{}{}", outcome.standing.verdict, if lost { ", pass lost" } else { "" })
}

#[test]
fn a_table_with_a_malformed_row_is_refused() {
    let page =
        |rows: &str| format!("\n## Conformance\n\n| # | timeline | expectation | verdict |\n|-|-|-|-|\n{rows}\n");
    let good = r"| 1 | `P R \|open` | `A | B` | pending |".replace("A | B", r"A \| B");
    assert_eq!(table(&page(&good)).unwrap().len(), 1);
    for bad in [
        "| 1 | `P R |open` | `P -> R` | pending |",
        r"| 1 | `P R \|open` | `P -> R` |",
        r"| 1 | P R \|open | `P -> R` | pending |",
        r"| 1 | `P R \|open` | `P -> R` | maybe |",
        r"| 2 | `P R \|open` | `P -> R` | pending |",
        r"| one | `P R \|open` | `P -> R` | pending |",
    ] {
        assert!(table(&page(bad)).is_err(), "{bad}");
    }
    assert!(table("\n## Conformance\n").is_err(), "a page without a table");
}

#[test]
fn every_row_of_the_table_is_reproduced() {
    let mut wrong = Vec::new();
    for Row { number, sketch, line, verdict } in &rows() {
        let is = match judge_line(sketch, line) {
            Ok(outcome) => verdict_of(&outcome),
            Err(error) => format!("error\n{error}"),
        };
        if is != *verdict {
            wrong.push(format!("row {number}: {sketch}   {line}\n  is {is}\n  must be {verdict}"));
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

/// The watches of these recordings: pods, VMIs, objects of an undeclared kind, and one that advances the time.
fn watches() -> Vec<Watch> {
    let things = |plural: &str, kind: &str| Watch::all(Resource::new("example.org", "v1", plural, kind));
    vec![pods(), vmis(), things("things", "Thing"), things("clocks", "Clock")]
}

/// One version of a subject, to be recorded.
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
    kind: StateKind,
    /// The reason, or the exit code.
    detail: Option<String>,
    /// True for a condition, which has a reason.
    condition: bool,
}

impl Version {
    fn object(&self, version: u64) -> Object {
        let status = if self.container {
            let (count, reason) = (self.restarts.unwrap_or(0), &self.label);
            let state = match self.kind {
                StateKind::Waiting => format!(r#""waiting":{{"reason":"{reason}"}}"#),
                StateKind::Terminated => {
                    let code = self.detail.as_deref().unwrap_or("1");
                    format!(r#""terminated":{{"reason":"{reason}","exitCode":{code}}}"#)
                }
                _ => r#""running":{"startedAt":"2026-11-20T18:00:00Z"}"#.to_owned(),
            };
            format!(r#""containerStatuses":[{{"name":"app","restartCount":{count},"state":{{{state}}}}}]"#)
        } else if self.condition {
            let reason = self.detail.as_deref().unwrap_or_default();
            format!(r#""conditions":[{{"type":"Ready","status":"{}","reason":"{reason}"}}]"#, self.label)
        } else {
            format!(r#""phase":"{}""#, self.label)
        };
        of_json(&format!(
            r#"{{"metadata":{{"name":"{0}","namespace":"n","uid":"{1}-{0}","resourceVersion":"{version}"}},"status":{{{status}}}}}"#,
            self.name, self.watch
        ))
    }
}

/// A recording equivalent to a sketch; `before` says that its only subject existed before.
fn recorded(sketch: &Sketch) -> Tape {
    let mut lines: Vec<(f64, Line)> = Vec::new();
    let mut before = Vec::new();
    let has_details = |event: &Event| event.shown().is_some_and(|shown| !shown.symbol.details.is_empty());
    let condition = sketch.tracks.iter().any(|track| track.events.iter().any(has_details));
    for track in &sketch.tracks {
        let (subject, on) = track.name.clone().unwrap_or(("thing/a".to_owned(), "phase".to_owned()));
        // A subject without a name gets an arbitrary one.
        let (kind, name) = subject.split_once('/').unwrap_or((&subject, &subject));
        let watch = match kind {
            "pod" => 0,
            "vmi" => 1,
            _ => 2,
        };
        for event in &track.events {
            let shown = event.shown().expect("found again");
            let kind = shown.symbol.kind;
            let container = on.starts_with("container/") || shown.restarts.is_some() || kind != StateKind::Plain;
            let label = shown.symbol.label.to_string();
            let watch = if container { 0 } else { watch };
            let (name, restarts) = (name.to_owned(), shown.restarts);
            let detail = shown.symbol.details.iter().next().map(ToString::to_string);
            let version = Version { watch, name, label, restarts, container, kind, detail, condition };
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
                    && let Some(statetrail::observation::Payload::Object(seen)) =
                        tape.lines.last_mut().map(|line| &mut line.payload)
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
    let newest = tape.lines.iter().rev().find_map(|line| match &line.payload {
        statetrail::observation::Payload::Object(seen) => Some(seen.clone()),
        _ => None,
    });
    match sketch.end {
        Ending::Open { now, alive } => {
            // What comes at the moment of a line is not known from it.
            (0..3).for_each(|watch| _ = tape.bookmark(seconds(alive) + 0.000_001, watch, version + 1));
            tape.bookmark(seconds(now).max(seconds(alive) + 0.000_001), 3, version + 1)
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

/// The row's expectation about the first life of the recorded subject; restart counts need a container's track.
fn expectation_for(row: &Row) -> String {
    let line = &row.line;
    let (kind, track) = match row.sketch.contains('#') || row.sketch.contains("waiting:") {
        true => ("Pod", "container/app"),
        false if row.sketch.contains('/') && !line.contains(": ") => ("Thing", "condition/Ready"),
        false if line.contains(": ") => return line.clone(),
        false => ("Thing", "phase"),
    };
    let text = |text: &str| serde_json::to_string(text).unwrap();
    let words: Vec<&str> = line.split(' ').collect();
    let statement = match words[..] {
        ["never", state] => format!("never: {}", text(state)),
        ["always", state] => format!("always: {}", text(state)),
        ["count", "restart", "max", max] => format!("count: {{restart: {{max: {max}}}}}"),
        ["count", state, "max", max] => format!("count: {{{state}: {{max: {max}}}}}"),
        ["every", every, "then", then, "within", within] => format!("every: {every}, then: {then}, within: {within}"),
        ["every", every, "then", then, "within", within, "min", min] => {
            format!("every: {every}, then: {then}, within: {within}, min: {min}")
        }
        _ => format!("path: {}", text(line)),
    };
    format!(
        "apiVersion: statetrail/v1\nkind: Expectation\nmetadata: {{name: x}}\n\
         subjects: {{s: {{kind: {kind}, name: a, life: first}}}}\nexpect: [{{track: s.{track}, {statement}}}]\n"
    )
}

#[test]
fn every_row_of_the_table_is_reproduced_through_a_recording() {
    let mut wrong = Vec::new();
    for row in &rows() {
        let Row { number, sketch, line, verdict } = row;
        let is = recorded(&Sketch::parse("row", sketch).unwrap()).verdict(&expectation_for(row));
        if is != *verdict {
            wrong.push(format!("row {number}: {sketch}   {line}\n  is {is}\n  must be {verdict}"));
        }
    }
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}
