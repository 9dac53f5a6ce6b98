//! The rules: what is recorded, and the alerts.

use std::collections::BTreeMap;
use std::fs;
use std::path::PathBuf;

use serde::Deserialize;

#[derive(Deserialize)]
struct File {
    groups: Vec<Group>,
}

#[derive(Deserialize)]
struct Group {
    rules: Vec<Rule>,
}

/// A recording rule or an alert.
#[derive(Deserialize)]
pub(crate) struct Rule {
    pub record: Option<String>,
    pub alert: Option<String>,
    pub expr: String,
    #[serde(default)]
    pub labels: BTreeMap<String, String>,
    #[serde(default)]
    pub annotations: BTreeMap<String, String>,
}

/// What a fixture of promtool expects of an alert at one moment.
#[derive(Deserialize)]
pub(crate) struct Alert {
    pub alertname: String,
    pub exp_alerts: Vec<serde_json::Value>,
}

#[derive(Deserialize)]
struct Fixture {
    tests: Vec<Test>,
}

#[derive(Deserialize)]
struct Test {
    alert_rule_test: Vec<Alert>,
}

/// The files with rules.
pub(crate) fn rule_files() -> Vec<PathBuf> {
    super::files(&super::folder().join("rules"), "yaml")
}

/// The fixtures of promtool.
pub(crate) fn fixtures() -> Vec<PathBuf> {
    super::files(&super::folder().join("rules/tests"), "yaml")
}

/// All rules.
pub(crate) fn rules() -> Vec<Rule> {
    let files: Vec<File> = rule_files().iter().map(read).collect();
    files.into_iter().flat_map(|file| file.groups).flat_map(|group| group.rules).collect()
}

/// What the fixtures expect of alerts.
pub(crate) fn alerts() -> Vec<Alert> {
    let fixtures: Vec<Fixture> = fixtures().iter().map(read).collect();
    fixtures.into_iter().flat_map(|fixture| fixture.tests).flat_map(|test| test.alert_rule_test).collect()
}

fn read<T: for<'de> Deserialize<'de>>(file: &PathBuf) -> T {
    let text = fs::read_to_string(file).expect("UTF-8");
    serde_saphyr::from_str(&text).unwrap_or_else(|error| panic!("{}: {error}", file.display()))
}
