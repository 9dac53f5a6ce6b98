//! Prints the cells of a row.
//!
//! Cells of custom resources follow `ConvertToTable` of Kubernetes 1.36 (k8s.io/apiextensions-apiserver,
//! pkg/registry/customresource/tableconvertor): a value that is missing or of another type than the column is null,
//! which kubectl shows as nothing.

use super::printed::{self, Printed};
use super::table::{Cell, Completion, TableDeclaration};
use jsonpath_rust::parser::model::JpQuery;
use jsonpath_rust::parser::parse_json_path;
use jsonpath_rust::query::js_path_process;
use serde_json::Value;

/// Prints objects of one kind.
pub(crate) struct Printer {
    table: TableDeclaration,
    /// The path of each column that has one.
    paths: Vec<Option<JpQuery>>,
}

impl Printer {
    /// Prints as a kind declares it.
    pub(crate) fn new(table: TableDeclaration) -> Self {
        let path = |cell: Cell| match cell {
            Cell::Computed(_) => None,
            Cell::Path(path) => Some(parse_json_path(&format!("${path}")).expect("declared paths are JSONPath")),
        };
        Self { table, paths: table.columns.iter().map(|column| path(column.cell)).collect() }
    }

    /// The declaration.
    pub(crate) fn table(&self) -> &TableDeclaration {
        &self.table
    }

    /// The cells of the row of an object, one for each column.
    pub(crate) fn cells(&self, object: &Printed<'_>) -> Vec<Value> {
        let columns = self.table.columns.iter().zip(&self.paths);
        let cells = columns.map(|(column, path)| match (column.cell, path) {
            (Cell::Computed(read), _) => read(object),
            (Cell::Path(_), Some(path)) => {
                let matches = js_path_process(path, object.value()).unwrap_or_default();
                matches.into_iter().next().map_or(Value::Null, |first| custom(column.kind, first.val(), object))
            }
            (Cell::Path(_), None) => Value::Null,
        });
        cells.collect()
    }

    /// The mark of the row of an object that has run to completion.
    pub(crate) fn completion(&self, object: &Printed<'_>) -> Option<Completion> {
        (self.table.completion)(object)
    }
}

/// The cell of a custom resource that shows a value in a column of some type.
fn custom(kind: &str, value: &Value, object: &Printed<'_>) -> Value {
    match (kind, value) {
        (_, Value::Null) => Value::Null,
        ("string", Value::String(_)) | ("boolean", Value::Bool(_)) => value.clone(),
        ("string", other) => other.to_string().into(),
        ("integer", Value::Number(number)) => {
            let truncated = || number.as_f64().map(f64::trunc).and_then(whole);
            number.as_i64().or_else(truncated).map_or(Value::Null, Value::from)
        }
        ("date", Value::String(text)) if text.is_empty() => object.since(None).into(),
        ("date", Value::String(text)) => match text.parse::<jiff::Timestamp>() {
            Ok(_) => object.since(printed::time(value)).into(),
            Err(_) => "<invalid>".into(),
        },
        _ => Value::Null,
    }
}

/// A number without a fraction as an integer, unless it is too large.
fn whole(number: f64) -> Option<i64> {
    format!("{number:.0}").parse().ok()
}

#[cfg(test)]
mod tests;
