//! How objects are written into a response: whole, by their metadata, or as rows of a table.

use super::document::opening;
use super::table::{IncludeObject, Table};
use crate::observation::{Change, Resource};
use bytes::Bytes;
use jiff::Timestamp;

/// The representation of objects that a client asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Form {
    /// The whole object.
    Full,
    /// `meta.k8s.io/v1` `PartialObjectMetadata`.
    Metadata,
    /// `meta.k8s.io/v1` `Table`.
    Table(IncludeObject),
}

/// Writes objects of one resource, at one moment.
pub(super) enum Printing {
    Full,
    Metadata,
    /// With the columns in the first event of a watch.
    Table(Box<Table>, bool),
}

impl Printing {
    pub(super) fn new(form: Form, resource: &Resource, now: Timestamp, with_columns: bool) -> Self {
        match form {
            Form::Full => Self::Full,
            Form::Metadata => Self::Metadata,
            Form::Table(include) => Self::Table(Box::new(Table::of(resource, include, now)), with_columns),
        }
    }

    pub(super) fn is_full(&self) -> bool {
        matches!(self, Self::Full)
    }

    /// The beginning of a list, up to its items.
    pub(super) fn opening(&self, resource: &Resource, metadata: &str) -> String {
        let list = |kind: &str, version: &str| {
            format!("{{\"kind\":\"{kind}\",\"apiVersion\":\"{version}\",\"metadata\":{metadata},\"items\":[")
        };
        match self {
            Self::Full => list(&format!("{}List", resource.kind), &resource.api_version()),
            Self::Metadata => list("PartialObjectMetadataList", "meta.k8s.io/v1"),
            Self::Table(table, _) => table.opening(metadata),
        }
    }

    /// Appends an item of a list.
    pub(super) fn item(&self, out: &mut Vec<u8>, object: &[u8], metadata: &[u8]) {
        match self {
            Self::Full => out.extend_from_slice(object),
            Self::Metadata => partial(out, metadata),
            Self::Table(table, _) => table.row(out, object, metadata),
        }
    }

    /// The response to a GET.
    pub(super) fn single(&self, object: &[u8], metadata: &[u8]) -> Vec<u8> {
        let mut out = Vec::new();
        match self {
            Self::Table(table, with_columns) => table.single(&mut out, object, metadata, *with_columns),
            _ => self.item(&mut out, object, metadata),
        }
        out
    }

    /// An event of a watch.
    pub(super) fn event(&self, change: Change, object: &[u8], metadata: &[u8]) -> Bytes {
        self.line(opening(change).into_bytes(), object, metadata)
    }

    /// A bookmark of a watch.
    pub(super) fn bookmark(&self, object: &[u8], metadata: &[u8]) -> Bytes {
        self.line(br#"{"type":"BOOKMARK","object":"#.to_vec(), object, metadata)
    }

    fn line(&self, mut line: Vec<u8>, object: &[u8], metadata: &[u8]) -> Bytes {
        line.append(&mut self.single(object, metadata));
        line.extend_from_slice(b"}\n");
        line.into()
    }
}

fn partial(out: &mut Vec<u8>, metadata: &[u8]) {
    out.extend_from_slice(br#"{"kind":"PartialObjectMetadata","apiVersion":"meta.k8s.io/v1","metadata":"#);
    out.extend_from_slice(metadata);
    out.push(b'}');
}
