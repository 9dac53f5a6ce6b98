//! Every query of every dashboard has data.

use std::collections::BTreeSet;

use regex::Regex;
use serde_json::Value;

use super::server::{Prometheus, now};
use super::story::Story;
use crate::dashboards::{Board, Panel, boards};

/// The labels of a container's failed attempt to pull an image.
const CONTAINER_FAILED: &str = r#"track="(container|init)".*to="ErrImagePull""#;

/// A query as Grafana sends it, with everything selected. What stands for no data is left out: there must be some.
fn sent(expr: &str, story: &Story) -> String {
    let range = format!("{}s", (now() - story.began).ceil());
    let variables = [
        ("$__rate_interval", "4s"),
        ("$__interval", "2s"),
        ("$__range", &range),
        ("$recorder", ".*"),
        ("$namespace", ".*"),
        ("$kind", ".*"),
    ];
    let expr = expr.trim_end().trim_end_matches("vector(0)").trim_end().trim_end_matches("or");
    let sent = variables.iter().fold(expr.to_owned(), |expr, (name, value)| expr.replace(name, value));
    assert!(!sent.contains('$'), "a variable that this test does not know: {sent}");
    sent
}

/// True if a series has a number.
fn has_number(series: &Value) -> bool {
    let values = series["values"].as_array().into_iter().flatten();
    values.filter_map(|value| value[1].as_str()?.parse::<f64>().ok()).any(f64::is_finite)
}

fn has_label(series: &[Value], label: &str) -> bool {
    series.iter().any(|one| one["metric"][label].as_str().is_some_and(|value| !value.is_empty()))
}

fn check(board: &Board, prometheus: &Prometheus, story: &Story) -> Vec<String> {
    let mut problems = Vec::new();
    for query in board.queries() {
        let series = prometheus.range(&sent(query.expr, story), story.began);
        if !series.iter().any(has_number) {
            problems.push(format!("{}: no data", query.place));
        }
        let labels = query.labels.iter().filter(|label| !has_label(&series, label));
        problems.extend(labels.map(|label| format!("{}: no label {label}", query.place)));
    }
    for panel in board.panels().iter().filter(|panel| panel.kind() == "table") {
        problems.extend(columns_without_data(panel, prometheus, story));
    }
    for (name, query) in board.variables() {
        let Some(query) = query else { continue };
        let inner = query.strip_prefix("label_values(").and_then(|query| query.strip_suffix(')'));
        let (selector, label) = inner.and_then(|inner| inner.rsplit_once(", ")).expect("label_values(SELECTOR, LABEL)");
        if prometheus.label_values(&sent(selector, story), label).is_empty() {
            problems.push(format!("{}: ${name} has no values", board.uid()));
        }
    }
    problems
}

fn columns_without_data(panel: &Panel<'_>, prometheus: &Prometheus, story: &Story) -> Vec<String> {
    let targets = panel.json["targets"].as_array().expect("targets").iter();
    let exprs: BTreeSet<&str> = targets.filter_map(|target| target["expr"].as_str()).collect();
    let series: Vec<Value> = exprs.iter().flat_map(|expr| prometheus.range(&sent(expr, story), story.began)).collect();
    let columns = panel.columns().into_iter().filter(|column| !has_label(&series, column));
    columns.map(|column| format!("{}: no column {column}", panel.title)).collect()
}

/// The sum of the counters of a family whose labels match.
fn counted(metrics: &str, family: &str, labels: &str) -> f64 {
    let labels = Regex::new(labels).expect("a pattern");
    let series = metrics.lines().filter_map(|line| line.strip_prefix(family)?.rsplit_once(' '));
    series.filter(|(own, _)| labels.is_match(own)).filter_map(|(_, count)| count.parse::<f64>().ok()).sum()
}

/// The number that a panel shows.
fn shown(title: &str, board: &str, prometheus: &Prometheus, story: &Story) -> f64 {
    let boards = boards();
    let board = boards.iter().find(|one| one.uid() == board).expect("a dashboard");
    let panels = board.panels();
    let panel = panels.iter().find(|panel| panel.title == title).expect("a panel");
    let expr = panel.json["targets"][0]["expr"].as_str().expect("a query");
    let series = prometheus.instant(&sent(expr, story));
    series[0]["value"][1].as_str().and_then(|value| value.parse().ok()).expect("a number")
}

#[test]
fn every_panel_of_every_dashboard_has_data() {
    let mut story = Story::begun();
    story.expect();
    story.ends();
    for prometheus in &story.releases {
        prometheus.await_data(r#"ALERTS{alertname="StatetrailGap", alertstate="firing"}"#);
        let problems: Vec<String> = boards().iter().flat_map(|board| check(board, prometheus, &story)).collect();
        assert!(problems.is_empty(), "{}", problems.join("\n"));
        // Most of these series begin with 1: they are new when the first of it happens.
        let metrics = story.metrics();
        for (title, board, family, labels) in [
            ("Failed attempts", "statetrail-image-pulls", "statetrail_transitions_total", CONTAINER_FAILED),
            ("Gaps", "statetrail-recorder", "statetrail_gaps_total", "history-expired"),
            ("Reconnects", "statetrail-recorder", "statetrail_watch_reconnects_total", "."),
            ("Versions read back", "statetrail-recorder", "statetrail_healed_total", "."),
        ] {
            let counted = counted(&metrics, family, labels);
            let shown = shown(title, board, prometheus, &story);
            assert!(counted >= 1.0 && (shown - counted).abs() < 0.5, "{title}: {shown}, of {counted}\n{metrics}");
        }
    }
}
