//! docs/PATTERNS.md: every pattern in every scope, on timelines that fit and that break it.

use super::cookbook::verdict;

const PAGE: &str = include_str!("../../docs/PATTERNS.md");

/// The first block of a section.
fn block(title: &str) -> &'static str {
    let (_, section) = PAGE.split_once(&format!("\n## {title}\n")).expect("the section");
    section.split_once("```text\n").and_then(|(_, rest)| rest.split_once("```")).expect("its block").0
}

struct Pattern {
    name: &'static str,
    statement: &'static str,
    fits: Vec<Timeline>,
    breaks: Vec<Timeline>,
}

/// The state that is held at the start, and what follows.
type Timeline = (&'static str, &'static str);

fn patterns() -> Vec<Pattern> {
    let lines: Vec<&str> = block("Patterns").lines().collect();
    let timelines = |lines: &[&'static str], word: &str| -> Vec<Timeline> {
        let entries = lines.iter().filter_map(|line| line.trim().strip_prefix(word)).map(str::trim);
        let parts = entries.map(|entries| entries.split_once(' ').unwrap_or((entries, "")));
        parts.map(|(first, rest)| (first.strip_suffix("@0").expect("a state at the start"), rest)).collect()
    };
    let pattern = |lines: &[&'static str]| {
        let (name, statement) = lines[0].split_at(lines[0].find('{').expect("a statement"));
        let (fits, breaks) = (timelines(lines, "fits"), timelines(lines, "breaks"));
        assert_eq!(fits.len() + breaks.len() + 1, lines.len(), "{name}");
        Pattern { name: name.trim(), statement, fits, breaks }
    };
    lines.chunk_by(|_, next| next.starts_with(' ')).map(pattern).collect()
}

/// The scopes with their windows.
fn scopes() -> Vec<(&'static str, &'static str)> {
    let line = |line: &'static str| line.split_at(line.find('{').unwrap_or(line.len()));
    block("Scopes").lines().map(line).map(|(name, window)| (name.trim(), window)).collect()
}

/// What is said of a pattern in a scope.
fn document(scope: &str, window: &str, statement: &str) -> String {
    let is_nothing_without_r = scope.starts_with("before") || scope.starts_with("between");
    let statement = if is_nothing_without_r {
        format!("{{any: [{{track: q.mode, never: R}}, {statement}]}}")
    } else {
        statement.to_owned()
    };
    let window = if window.is_empty() { String::new() } else { format!("window: {window}\n") };
    format!(
        "apiVersion: statetrail/v1\nkind: Expectation\nmetadata: {{name: w}}\nsubjects:\n  p: {{kind: Pod, name: p}}\n  \
         q: {{kind: VirtualMachine, name: q}}\n{window}expect:\n- {statement}\n"
    )
}

/// Entries, so many seconds later.
fn moved(entries: &str, by: u32) -> String {
    let moved = |entry: &str| {
        let (state, at) = entry.split_once('@').expect("a time");
        format!("{state}@{}", at.parse::<u32>().expect("seconds") + by)
    };
    entries.split_whitespace().map(moved).collect::<Vec<_>>().join(" ")
}

#[test]
fn every_pattern_can_be_said_in_every_scope() {
    let (mut cells, mut wrong) = (0, Vec::new());
    for Pattern { name, statement, fits, breaks } in patterns() {
        for (scope, window) in scopes() {
            let document = document(scope, window, statement);
            let (starts, ends) = (window.contains("from"), window.contains("until"));
            // Where the scope starts, there is time for another one before it.
            let shift = if starts { 100 } else { 0 };
            let mut check = |what: &str, (held, entries): (&str, &str), ends_at: Option<u32>, expected: &str| {
                let (broken_first, broken) = breaks[0];
                let broken = |by: u32| moved(broken, by);
                // What breaks the pattern before and after the scope does not matter.
                let before = if starts {
                    format!("{broken_first}@0 {} O@50 {held}@108", broken(0))
                } else {
                    format!("{held}@0")
                };
                let after = ends_at.map(|at| format!("O@{} {}", at + 5, broken(at + 10))).unwrap_or_default();
                let start = if starts { "Q@110" } else { "" };
                let end = ends_at.map(|at| format!("R@{at}")).unwrap_or_default();
                let entries = moved(entries, shift);
                let sketch =
                    format!("pod/p step: {before} {entries} {after} ; vm/q mode: O@0 {start} {end} |closed@300");
                let found = verdict(&document, &sketch);
                if found != expected {
                    wrong.push(format!("{name}, {scope}, {what}: {found}, not {expected}\n  {sketch}"));
                }
            };
            let end = ends.then_some(shift + 40);
            assert!(!fits.is_empty() && !breaks.is_empty(), "{name}");
            fits.iter().for_each(|fits| check("fits", *fits, end, "satisfied"));
            for breaks in &breaks {
                check("breaks", *breaks, end, "violated");
                if ends {
                    let expected = if scope.starts_with("after") { "violated" } else { "satisfied" };
                    check("breaks without R", *breaks, None, expected);
                }
            }
            cells += 1;
        }
    }
    assert!(wrong.is_empty(), "{} wrong\n{}", wrong.len(), wrong.join("\n"));
    assert_eq!(cells, 75);
}
