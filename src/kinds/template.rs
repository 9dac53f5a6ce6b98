//! The columns of kinds that make pods from a template: its containers, their images, and the selector of the pods.
//!
//! A selector is written as Kubernetes 1.36 writes it (k8s.io/apimachinery, pkg/labels/selector.go).

use super::printed::{Printed, text};
use super::table::Column;
use serde_json::Value;

pub(super) const CONTAINERS: Column =
    Column::computed("Containers", "The names of the containers.", |object| listed(object, "name")).wide();

pub(super) const IMAGES: Column =
    Column::computed("Images", "The images of the containers.", |object| listed(object, "image")).wide();

fn listed(object: &Printed<'_>, member: &str) -> Value {
    let containers = object.list("/spec/template/spec/containers");
    containers.iter().map(|container| text(&container[member])).collect::<Vec<_>>().join(",").into()
}

/// The label selector of an object's spec: empty for one that selects everything or nothing. None if it is invalid.
pub(super) fn selector(object: &Printed<'_>) -> Option<String> {
    let mut requirements = Vec::new();
    if let Some(labels) = object.at("/spec/selector/matchLabels").as_object() {
        requirements.extend(labels.iter().map(|(key, value)| (key.as_str(), format!("{key}={}", text(value)))));
    }
    for expression in object.list("/spec/selector/matchExpressions") {
        requirements.push((text(&expression["key"]), requirement(expression)?));
    }
    requirements.sort_by_key(|(key, _)| *key);
    Some(requirements.into_iter().map(|(_, text)| text).collect::<Vec<_>>().join(","))
}

fn requirement(expression: &Value) -> Option<String> {
    let key = text(&expression["key"]);
    let operator = match text(&expression["operator"]) {
        "Exists" => return Some(key.to_owned()),
        "DoesNotExist" => return Some(format!("!{key}")),
        "In" => "in",
        "NotIn" => "notin",
        _ => return None,
    };
    let mut values: Vec<&str> = expression["values"].as_array()?.iter().map(text).collect();
    values.sort_unstable();
    Some(format!("{key} {operator} ({})", values.join(",")))
}
