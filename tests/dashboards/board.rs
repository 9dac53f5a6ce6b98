//! A dashboard: its panels, and the queries of everything on it.

use std::fs;
use std::path::PathBuf;

use serde_json::Value;

/// A dashboard of Grafana.
pub(crate) struct Board {
    pub file: PathBuf,
    pub json: Value,
}

/// A panel of it.
pub(crate) struct Panel<'b> {
    pub title: &'b str,
    pub json: &'b Value,
}

/// A query of a panel or of an annotation.
pub(crate) struct Query<'b> {
    /// Where it is, for messages.
    pub place: String,
    pub expr: &'b str,
    /// What a legend, a text or a table shows of each series.
    pub labels: Vec<String>,
}

/// All dashboards.
pub(crate) fn boards() -> Vec<Board> {
    let read = |file: PathBuf| {
        let text = fs::read_to_string(&file).expect("UTF-8");
        let json = serde_json::from_str(&text).unwrap_or_else(|error| panic!("{}: {error}", file.display()));
        Board { file, json }
    };
    super::files(&super::folder(), "json").into_iter().map(read).collect()
}

impl Board {
    pub(crate) fn uid(&self) -> &str {
        text(&self.json, "uid")
    }

    pub(crate) fn panels(&self) -> Vec<Panel<'_>> {
        let panels = list(&self.json, "/panels");
        panels.iter().map(|json| Panel { title: text(json, "title"), json }).collect()
    }

    /// The variables that a query fills: their names and queries, `label_values(SELECTOR, LABEL)`.
    pub(crate) fn variables(&self) -> Vec<(&str, Option<&str>)> {
        let variables = list(&self.json, "/templating/list");
        variables.iter().map(|one| (text(one, "name"), one.pointer("/query/query").and_then(Value::as_str))).collect()
    }

    /// The queries of all panels and annotations.
    pub(crate) fn queries(&self) -> Vec<Query<'_>> {
        let annotations = list(&self.json, "/annotations/list").iter().map(|one| Query {
            place: format!("{}: annotation {}", self.uid(), text(one, "name")),
            expr: text(one, "expr"),
            labels: placeholders(text(one, "textFormat")),
        });
        let panels = self.panels();
        let queries = panels.iter().flat_map(|panel| {
            let targets = list(panel.json, "/targets");
            targets.iter().map(|target| Query {
                place: format!("{}: {} {}", self.uid(), panel.title, text(target, "refId")),
                expr: text(target, "expr"),
                labels: placeholders(target["legendFormat"].as_str().unwrap_or_default()),
            })
        });
        annotations.chain(queries).collect()
    }
}

impl Panel<'_> {
    pub(crate) fn kind(&self) -> &str {
        text(self.json, "type")
    }

    /// The columns of a table that are labels.
    pub(crate) fn columns(&self) -> Vec<&str> {
        let transformations = self.json["transformations"].as_array().into_iter().flatten();
        let names = transformations.filter_map(|one| one.pointer("/options/indexByName")?.as_object());
        names.flat_map(|names| names.keys()).map(String::as_str).filter(|name| !name.starts_with("Value")).collect()
    }
}

/// The labels in `{{label}} text`.
fn placeholders(legend: &str) -> Vec<String> {
    let parts = legend.split("{{").skip(1).filter_map(|part| part.split("}}").next());
    parts.map(|label| label.trim().to_owned()).collect()
}

fn text<'v>(value: &'v Value, member: &str) -> &'v str {
    value[member].as_str().unwrap_or_else(|| panic!("no {member} in {value}"))
}

fn list<'v>(value: &'v Value, pointer: &str) -> &'v [Value] {
    value.pointer(pointer).and_then(Value::as_array).unwrap_or_else(|| panic!("no {pointer}"))
}
