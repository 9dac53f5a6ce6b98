//! Tables: objects printed by the server, as `kubectl get` requests them (`application/json;as=Table`).
//!
//! What the columns of a kind are, and how a cell is read, the kind declares. Here is the JSON around it, as
//! kube-apiserver writes it (k8s.io/apiserver, pkg/endpoints/handlers/response.go).

use super::document::is_builtin;
use crate::kinds::{self, Cell, Column, Printed, Printer};
use crate::observation::Resource;
use jiff::Timestamp;
use serde_json::{Value, json};

/// How much of an object accompanies its row: the query parameter `includeObject`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum IncludeObject {
    /// Nothing.
    None,
    /// Its metadata.
    #[default]
    Metadata,
    /// All of it.
    Object,
}

impl IncludeObject {
    /// Reads the parameter; empty where the query has none.
    ///
    /// # Errors
    /// The message for another value; the response has the status code 400.
    pub(super) fn read(value: &str) -> Result<Self, String> {
        match value {
            "" | "Metadata" => Ok(Self::Metadata),
            "None" => Ok(Self::None),
            "Object" => Ok(Self::Object),
            other => Err(format!(
                "Unable to convert to Table as requested: includeObject: Invalid value: {other:?}: must be 'Metadata', \
                 'Object', 'None', or empty"
            )),
        }
    }
}

/// Prints objects of a resource, at one moment of the replay's clock.
pub(super) struct Table {
    printer: Printer,
    include: IncludeObject,
    now: Timestamp,
}

impl Table {
    /// The table of a resource: as its kind declares it, or what a server prints of a kind without columns.
    pub(super) fn of(resource: &Resource, include: IncludeObject, now: Timestamp) -> Self {
        let declared = kinds::served(&resource.group, &resource.plural).map(|kind| kind.table);
        let table = declared.unwrap_or(if is_builtin(resource) { kinds::BUILT_IN } else { kinds::CUSTOM });
        Self { printer: Printer::new(table), include, now }
    }

    /// The value of `columnDefinitions`.
    pub(super) fn columns(&self) -> String {
        self.printer.table().columns.iter().map(column).collect::<Value>().to_string()
    }

    /// The beginning of a list, up to its first row; commas separate rows, and [`Table::CLOSING`] ends the list.
    /// `metadata` is the JSON of the list's metadata.
    pub(super) fn opening(&self, metadata: &str) -> String {
        opening(metadata, &self.columns())
    }

    /// The end of a table, after its last row.
    pub(super) const CLOSING: &str = "]}";

    /// Appends the row of an object. `object` is the JSON of all of it, `metadata` that of its metadata.
    pub(super) fn row(&self, out: &mut Vec<u8>, object: &[u8], metadata: &[u8]) {
        self.print(out, &Printed::new(object, self.now), object, metadata);
    }

    /// Appends a table with one object: the response to a GET, or the object of a watch event. Of the events of a
    /// watch, only the first has columns (`with_columns`).
    pub(super) fn single(&self, out: &mut Vec<u8>, object: &[u8], metadata: &[u8], with_columns: bool) {
        let printed = Printed::new(object, self.now);
        let version = match printed.text("/metadata/resourceVersion") {
            "" => json!({}),
            version => json!({"resourceVersion": version}),
        };
        let columns = if with_columns { self.columns() } else { "null".to_owned() };
        out.extend_from_slice(opening(&version.to_string(), &columns).as_bytes());
        self.print(out, &printed, object, metadata);
        out.extend_from_slice(Self::CLOSING.as_bytes());
    }

    fn print(&self, out: &mut Vec<u8>, printed: &Printed<'_>, object: &[u8], metadata: &[u8]) {
        let cells = Value::Array(self.printer.cells(printed));
        out.extend_from_slice(format!("{{\"cells\":{cells}").as_bytes());
        if let Some(completion) = self.printer.completion(printed) {
            let (reason, message) = (completion.reason, completion.message);
            let condition = json!({"type": "Completed", "status": "True", "reason": reason, "message": message});
            out.extend_from_slice(format!(",\"conditions\":[{condition}]").as_bytes());
        }
        out.extend_from_slice(b",\"object\":");
        match self.include {
            IncludeObject::Object => out.extend_from_slice(object),
            // The bookmark that ends the initial events is recognized by an annotation.
            IncludeObject::None if printed.text(INITIAL_EVENTS_END) != "true" => out.extend_from_slice(b"null"),
            IncludeObject::None | IncludeObject::Metadata => {
                out.extend_from_slice(br#"{"kind":"PartialObjectMetadata","apiVersion":"meta.k8s.io/v1","metadata":"#);
                out.extend_from_slice(metadata);
                out.push(b'}');
            }
        }
        out.push(b'}');
    }
}

const INITIAL_EVENTS_END: &str = "/metadata/annotations/k8s.io~1initial-events-end";

fn opening(metadata: &str, columns: &str) -> String {
    format!(
        "{{\"kind\":\"Table\",\"apiVersion\":\"meta.k8s.io/v1\",\"metadata\":{metadata},\
         \"columnDefinitions\":{columns},\"rows\":["
    )
}

fn column(column: &Column) -> Value {
    let description = match column.cell {
        Cell::Path(path) if column.description.is_empty() => {
            format!("Custom resource definition column (in JSONPath format): {path}")
        }
        _ => column.description.to_owned(),
    };
    json!({
        "name": column.name,
        "type": column.kind,
        "format": column.format,
        "description": description,
        "priority": i32::from(column.wide),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: &str = "2026-01-01T00:05:00Z";
    const PODS: (&str, &str, &str) = ("", "pods", "Pod");
    const MACHINES: (&str, &str, &str) = ("kubevirt.io", "virtualmachines", "VirtualMachine");

    fn table((group, plural, kind): (&str, &str, &str), include: IncludeObject) -> Table {
        Table::of(&Resource::new(group, "v1", plural, kind), include, NOW.parse().unwrap())
    }

    fn object(status: &Value) -> (Vec<u8>, Vec<u8>) {
        let metadata =
            json!({"name": "web", "resourceVersion": "7", "creationTimestamp": "2026-01-01T00:00:00Z", "labels": {}});
        let object = json!({"kind": "Any", "apiVersion": "v1", "metadata": metadata, "status": status});
        (object.to_string().into(), metadata.to_string().into())
    }

    fn row(table: &Table, object: &[u8], metadata: &[u8]) -> Value {
        let mut out = Vec::new();
        table.row(&mut out, object, metadata);
        serde_json::from_slice(&out).unwrap()
    }

    #[test]
    fn a_list_is_an_opening_its_rows_and_a_closing() {
        let table = table(MACHINES, IncludeObject::Metadata);
        let (object, metadata) = object(&json!({"printableStatus": "Running"}));
        let mut list = table.opening(r#"{"resourceVersion":"9"}"#).into_bytes();
        table.row(&mut list, &object, &metadata);
        list.push(b',');
        table.row(&mut list, &object, &metadata);
        list.extend_from_slice(Table::CLOSING.as_bytes());
        let list: Value = serde_json::from_slice(&list).unwrap();
        assert_eq!(list["kind"], "Table");
        assert_eq!(list["metadata"], json!({"resourceVersion": "9"}));
        let columns = list["columnDefinitions"].as_array().unwrap();
        let names: Vec<_> = columns.iter().map(|column| column["name"].as_str().unwrap()).collect();
        assert_eq!(names, ["Name", "Age", "Status", "Ready"]);
        assert_eq!(columns[0]["format"], "name");
        let status = "Custom resource definition column (in JSONPath format): .status.printableStatus";
        assert_eq!(columns[2]["description"], status);
        assert_eq!(list["rows"][1]["cells"], json!(["web", "5m", "Running", null]));
    }

    #[test]
    fn a_row_has_as_much_of_the_object_as_was_requested() {
        let (object, metadata) = object(&json!({"phase": "Running"}));
        let shown = |include| row(&table(PODS, include), &object, &metadata)["object"].clone();
        assert_eq!(shown(IncludeObject::None), Value::Null);
        assert_eq!(shown(IncludeObject::Object), serde_json::from_slice::<Value>(&object).unwrap());
        let partial = json!({
            "kind": "PartialObjectMetadata",
            "apiVersion": "meta.k8s.io/v1",
            "metadata": serde_json::from_slice::<Value>(&metadata).unwrap(),
        });
        assert_eq!(shown(IncludeObject::Metadata), partial);
    }

    #[test]
    fn the_end_of_the_initial_events_has_its_annotation_even_without_objects() {
        let metadata = r#"{"resourceVersion":"9","annotations":{"k8s.io/initial-events-end":"true"}}"#;
        let object = format!("{{\"metadata\":{metadata}}}");
        let row = row(&table(PODS, IncludeObject::None), object.as_bytes(), metadata.as_bytes());
        assert_eq!(row["object"]["metadata"]["annotations"]["k8s.io/initial-events-end"], "true");
    }

    #[test]
    fn only_the_first_event_of_a_watch_has_columns() {
        let table = table(PODS, IncludeObject::Metadata);
        let (object, metadata) = object(&json!({"phase": "Running"}));
        let single = |with_columns| -> Value {
            let mut out = Vec::new();
            table.single(&mut out, &object, &metadata, with_columns);
            serde_json::from_slice(&out).unwrap()
        };
        let (first, second) = (single(true), single(false));
        assert_eq!(first["columnDefinitions"].as_array().unwrap().len(), 9);
        assert_eq!(second["columnDefinitions"], Value::Null);
        assert_eq!(first["metadata"], json!({"resourceVersion": "7"}));
        assert_eq!(first["rows"], second["rows"]);
    }

    #[test]
    fn a_row_says_that_its_pod_has_completed() {
        let table = table(PODS, IncludeObject::None);
        let conditions = |phase: &str| {
            let (object, metadata) = object(&json!({"phase": phase}));
            row(&table, &object, &metadata).get("conditions").map(|conditions| conditions[0]["reason"].clone())
        };
        assert_eq!(conditions("Running"), None);
        assert_eq!(conditions("Succeeded"), Some("Succeeded".into()));
        assert_eq!(conditions("Failed"), Some("Failed".into()));
    }

    #[test]
    fn kinds_that_are_not_declared_have_a_name_and_an_age() {
        let (object, metadata) = object(&json!({}));
        let cells = |resource| row(&table(resource, IncludeObject::None), &object, &metadata)["cells"].clone();
        assert_eq!(cells(("", "configmaps", "ConfigMap")), json!(["web", "2026-01-01T00:00:00Z"]));
        assert_eq!(cells(("example.com", "things", "Thing")), json!(["web", "5m"]));
    }

    #[test]
    fn ages_are_relative_to_the_given_moment() {
        let (object, metadata) = object(&json!({}));
        let later = table(MACHINES, IncludeObject::None);
        let later = Table { now: "2026-01-02T00:00:00Z".parse().unwrap(), ..later };
        assert_eq!(row(&later, &object, &metadata)["cells"][1], "24h");
    }

    #[test]
    fn malformed_objects_have_rows_of_the_same_width() {
        let of_kind = |kind: &kinds::Kind| Table::of(&kind.resource(), IncludeObject::Metadata, NOW.parse().unwrap());
        for table in kinds::all().map(of_kind) {
            let width = table.printer.table().columns.len();
            for object in ["{}", "", "[]", "7", "{", r#"{"metadata":7,"spec":[],"status":"?"}"#] {
                let row = row(&table, object.as_bytes(), b"{}");
                assert_eq!(row["cells"].as_array().unwrap().len(), width, "{object}");
            }
        }
    }

    #[test]
    fn only_known_policies_are_accepted() {
        assert_eq!(IncludeObject::read(""), Ok(IncludeObject::Metadata));
        assert_eq!(IncludeObject::read("Metadata"), Ok(IncludeObject::Metadata));
        assert_eq!(IncludeObject::read("None"), Ok(IncludeObject::None));
        assert_eq!(IncludeObject::read("Object"), Ok(IncludeObject::Object));
        let message = IncludeObject::read("all").unwrap_err();
        assert!(message.contains(r#"includeObject: Invalid value: "all""#), "{message}");
    }
}
