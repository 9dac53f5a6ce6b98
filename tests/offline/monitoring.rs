//! The dashboards and alerts are complete, and name only what there is.

use std::collections::BTreeSet;
use std::process::Command;

use regex::Regex;
use serde_json::Value;
use statetrail::metrics;

use crate::dashboards::{Board, Panel, alerts, boards, rules};

/// The labels that every series has from Prometheus.
const TARGET: [&str; 2] = ["job", "instance"];
/// The columns of a dashboard.
const GRID: u64 = 24;

fn uint(panel: &Panel<'_>, pointer: &str) -> u64 {
    let number = panel.json.pointer(pointer).and_then(Value::as_u64);
    number.unwrap_or_else(|| panic!("{}: no {pointer}", panel.title))
}

fn text<'p>(panel: &'p Panel<'_>, pointer: &str) -> &'p str {
    panel.json.pointer(pointer).and_then(Value::as_str).unwrap_or_default()
}

#[test]
fn a_panel_says_what_it_shows_in_which_unit() {
    for board in boards() {
        let mut titles = BTreeSet::new();
        for panel in board.panels() {
            let place = format!("{}: {}", board.uid(), panel.title);
            assert!(titles.insert(panel.title.to_owned()), "{place}: twice");
            assert!(text(&panel, "/description").ends_with('.'), "{place}: no description");
            assert!(!text(&panel, "/fieldConfig/defaults/unit").is_empty(), "{place}: no unit");
            let targets = panel.json["targets"].as_array().expect("targets");
            for target in targets {
                let sources = [&panel.json["datasource"], &target["datasource"]];
                assert!(sources.iter().all(|source| source["uid"] == "${datasource}"), "{place}: another data source");
                let has_legend = target["legendFormat"].as_str().is_some_and(|legend| legend.contains("{{"));
                let needs_legend = ["timeseries", "state-timeline"].contains(&panel.kind());
                assert!(has_legend || !needs_legend, "{place}: no legend");
            }
        }
    }
}

#[test]
fn panels_fill_their_rows_and_do_not_overlap() {
    for board in boards() {
        let mut taken = BTreeSet::new();
        let mut ids = BTreeSet::new();
        let mut height = 0;
        for panel in board.panels() {
            assert!(ids.insert(uint(&panel, "/id")), "{}: {} has the id of another", board.uid(), panel.title);
            let [x, y, w, h] = ["x", "y", "w", "h"].map(|side| uint(&panel, &format!("/gridPos/{side}")));
            height = height.max(y + h);
            for cell in (x..x + w).flat_map(|x| (y..y + h).map(move |y| (x, y))) {
                assert!(cell.0 < GRID && taken.insert(cell), "{}: {} overlaps at {cell:?}", board.uid(), panel.title);
            }
        }
        assert_eq!(taken.len() as u64, GRID * height, "{}: a row is not full", board.uid());
    }
}

#[test]
fn dashboards_have_the_same_variables_and_lead_to_each_other() {
    let used = Regex::new(r"\$(\w+)").expect("a pattern");
    let targets = Regex::new("/d/([a-z-]+)").expect("a pattern");
    let uids: Vec<String> = boards().iter().map(|board| board.uid().to_owned()).collect();
    for board in boards() {
        let names: Vec<&str> = board.variables().into_iter().map(|(name, _)| name).collect();
        // A recorder has no kind.
        let expected = &["datasource", "recorder", "namespace", "kind"][..names.len().max(3)];
        assert_eq!(names, expected, "{}", board.uid());
        let link = &board.json["links"][0];
        assert!(
            link["tags"] == board.json["tags"] && link["keepTime"] == true && link["includeVars"] == true,
            "{link}"
        );
        let known = |name: &str| names.contains(&name) || name.starts_with("__");
        for query in board.queries() {
            let unknown = used.captures_iter(query.expr).find(|found| !known(&found[1]));
            assert!(unknown.is_none(), "{}: {unknown:?}", query.place);
        }
        for found in targets.captures_iter(&board.json.to_string()) {
            assert!(uids.contains(&found[1].to_owned()), "{}: there is no dashboard {}", board.uid(), &found[1]);
        }
    }
}

/// What is wrong with the names of metrics and labels in an expression.
fn unknown_names(expr: &str, recorded: &[String]) -> Vec<String> {
    let metric = Regex::new(r"\b(?:(?:\w+:)+\w+|statetrail_\w+)(?:\{[^}]*\})?").expect("a pattern");
    let matcher = Regex::new(r#"(\w+)\s*(?:=~|!~|!=|=)\s*""#).expect("a pattern");
    let mut problems = Vec::new();
    for found in metric.find_iter(expr) {
        let (name, matchers) = found.as_str().split_once('{').unwrap_or((found.as_str(), ""));
        if recorded.iter().any(|own| own == name) {
            continue;
        }
        let base = ["_bucket", "_count", "_sum"].iter().find_map(|part| name.strip_suffix(part)).unwrap_or(name);
        let Some(family) = metrics::ALL.iter().find(|family| [name, base].contains(&family.name)) else {
            problems.push(format!("there is no metric {name}"));
            continue;
        };
        let known = |label: &str| family.labels.contains(&label) || TARGET.contains(&label) || label == "le";
        let labels = matcher.captures_iter(matchers).map(|found| found[1].to_owned());
        problems.extend(labels.filter(|label| !known(label)).map(|label| format!("{name} has no label {label}")));
    }
    problems
}

#[test]
fn queries_and_rules_use_metrics_and_labels_that_exist() {
    let recorded: Vec<String> = rules().into_iter().filter_map(|rule| rule.record).collect();
    let boards = boards();
    let queries = boards.iter().flat_map(Board::queries).map(|query| (query.place, query.expr.to_owned()));
    let rules = rules().into_iter().map(|rule| (rule.alert.or(rule.record).expect("a name"), rule.expr));
    for (place, expr) in queries.chain(rules) {
        assert_eq!(unknown_names(&expr, &recorded), [""; 0], "{place}");
    }
    let wrong = r#"statetrail_object{kind="Pod"} / statetrail_objects{knd="Pod"} > a:statetrail_objects:sum"#;
    assert_eq!(unknown_names(wrong, &recorded).len(), 3, "the check finds nothing");
}

#[test]
fn every_metric_is_on_a_dashboard_or_in_an_alert() {
    let boards = boards();
    let queries = boards.iter().flat_map(Board::queries).map(|query| query.expr.to_owned());
    let all: Vec<String> = queries.chain(rules().into_iter().map(|rule| rule.expr)).collect();
    for family in metrics::ALL {
        assert!(all.iter().any(|expr| expr.contains(family.name)), "{} is nowhere", family.name);
    }
}

#[test]
fn rules_have_the_names_that_prometheus_recommends() {
    let recorded = Regex::new(r"^[a-z0-9_]+:statetrail_[a-z0-9_]+:[a-z0-9_]+$").expect("a pattern");
    let alert = Regex::new(r"^Statetrail[A-Z][A-Za-z]+$").expect("a pattern");
    for rule in rules() {
        match (&rule.record, &rule.alert) {
            (Some(name), None) => assert!(recorded.is_match(name), "{name}"),
            (None, Some(name)) => assert!(alert.is_match(name), "{name}"),
            both => panic!("{both:?}"),
        }
    }
}

#[test]
fn an_alert_says_what_is_wrong_and_where_to_read_on() {
    for rule in rules() {
        let Some(name) = rule.alert else { continue };
        let severity = rule.labels.get("severity").map(String::as_str);
        assert!(matches!(severity, Some("critical" | "warning" | "info")), "{name}: {severity:?}");
        for annotation in ["summary", "description"] {
            let text = rule.annotations.get(annotation).map_or("", |text| text.trim());
            assert!(text.ends_with('.'), "{name}: {annotation}: {text}");
        }
        let runbook = rule.annotations.get("runbook").expect("a runbook");
        let words: Vec<&str> = runbook.split(' ').collect();
        assert_eq!(words[..2], ["statetrail", "explain"], "{runbook}");
        let output = Command::new(env!("CARGO_BIN_EXE_statetrail")).args(&words[1..]).output().expect("the program");
        let page = String::from_utf8_lossy(&output.stdout);
        assert!(output.status.success() && page.contains(&name), "{runbook}: {page}");
    }
}

#[test]
fn the_fixtures_have_every_alert_firing_and_silent() {
    let expected = alerts();
    for name in rules().into_iter().filter_map(|rule| rule.alert) {
        for fires in [true, false] {
            let found = expected.iter().any(|one| one.alertname == name && one.exp_alerts.is_empty() != fires);
            assert!(found, "{name}: no fixture in which it {}", if fires { "fires" } else { "is silent" });
        }
    }
}
