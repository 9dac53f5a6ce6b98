//! How objects of a kind are printed in a table: its columns, as the API server sends them to `kubectl get`.
//!
//! Built-in kinds follow pkg/printers/internalversion/printers.go of Kubernetes 1.36: a function reads each cell. The
//! columns of custom resources are paths, as in the `additionalPrinterColumns` of their definitions. Descriptions are
//! our own: kubectl does not show them.

use super::printed::Printed;
use serde_json::Value;

/// The table of a kind.
#[derive(Clone, Copy, Debug)]
pub struct TableDeclaration {
    /// Its columns, in order.
    pub columns: &'static [Column],
    /// The mark of a row whose object has run to completion.
    pub(super) completion: fn(&Printed<'_>) -> Option<Completion>,
}

/// A column.
#[derive(Clone, Copy, Debug)]
pub struct Column {
    /// The heading as the server sends it, such as `Nominated Node`; kubectl prints it in upper case.
    pub name: &'static str,
    /// The `OpenAPI` type of its cells: `string`, `integer`, `boolean` or `date`.
    pub kind: &'static str,
    /// The `OpenAPI` format: `name` for the column that identifies the object, else empty.
    pub format: &'static str,
    /// What it shows; empty where the path says so.
    pub description: &'static str,
    /// Whether only `-o wide` shows it.
    pub wide: bool,
    /// How its cells are read.
    pub cell: Cell,
}

/// How a cell is read from an object.
#[derive(Clone, Copy, Debug)]
pub enum Cell {
    /// By a function.
    Computed(fn(&Printed<'_>) -> Value),
    /// From the first match of a `JSONPath` as in a `CustomResourceDefinition`, such as `.status.phase`.
    Path(&'static str),
}

/// The condition `Completed` of a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Completion {
    /// How it ended, in one word.
    pub reason: &'static str,
    /// The same in a sentence.
    pub message: &'static str,
}

/// The table of kinds that the server knows without a printer of their own.
pub(crate) const BUILT_IN: TableDeclaration = TableDeclaration::of(&[
    NAME,
    Column { kind: "date", ..Column::computed("Created At", "When the object was created.", created_at) },
]);

/// The table of custom resources whose definition has no columns.
pub(crate) const CUSTOM: TableDeclaration = TableDeclaration::of(&[NAME, CUSTOM_AGE]);

/// The name of the object: the first column of almost all tables.
pub(super) const NAME: Column = Column {
    format: "name",
    ..Column::computed("Name", "The name of the object.", |object| object.text("/metadata/name").into())
};

/// The age of an object of a built-in kind.
pub(super) const AGE: Column = Column::computed("Age", "How long ago the object was created.", |object| {
    object.since(object.time("/metadata/creationTimestamp")).into()
});

/// The age of a custom resource.
pub(super) const CUSTOM_AGE: Column = Column::path("Age", "date", ".metadata.creationTimestamp");

fn created_at(object: &Printed<'_>) -> Value {
    object.text("/metadata/creationTimestamp").into()
}

impl TableDeclaration {
    /// A table whose rows have no marks.
    pub(super) const fn of(columns: &'static [Column]) -> Self {
        Self { columns, completion: |_| None }
    }

    /// The same table, with marks on the rows of objects that have run to completion.
    pub(super) const fn completion(self, completion: fn(&Printed<'_>) -> Option<Completion>) -> Self {
        Self { completion, ..self }
    }
}

impl Column {
    /// A column of text that a function reads.
    pub(super) const fn computed(
        name: &'static str,
        description: &'static str,
        cell: fn(&Printed<'_>) -> Value,
    ) -> Self {
        Self { name, kind: "string", format: "", description, wide: false, cell: Cell::Computed(cell) }
    }

    /// A column of a custom resource.
    pub(super) const fn path(name: &'static str, kind: &'static str, path: &'static str) -> Self {
        Self { name, kind, format: "", description: "", wide: false, cell: Cell::Path(path) }
    }

    /// The same column, which only `-o wide` shows.
    pub(super) const fn wide(self) -> Self {
        Self { wide: true, ..self }
    }
}
