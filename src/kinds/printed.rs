//! An object that is printed as a row of a table, and the moment that ages are relative to.
//!
//! Anything may be missing: recordings do not keep whole objects. A missing member is Go's zero value, as it is to the
//! printers of Kubernetes.

use super::lapse;
use jiff::Timestamp;
use serde::Deserialize;
use serde_json::Value;

/// An object to print.
#[derive(Debug)]
pub struct Printed<'a> {
    json: &'a [u8],
    value: Value,
    now: Timestamp,
}

impl<'a> Printed<'a> {
    /// An object, given as JSON, at a moment. What is not JSON is an object without members.
    #[must_use]
    pub fn new(json: &'a [u8], now: Timestamp) -> Self {
        Self { json, value: serde_json::from_slice(json).unwrap_or_default(), now }
    }

    /// The whole object.
    pub(super) fn value(&self) -> &Value {
        &self.value
    }

    /// The object as a type that tracks are read from; none if it does not have that shape.
    pub(super) fn parse<T: Deserialize<'a>>(&self) -> Option<T> {
        serde_json::from_slice(self.json).ok()
    }

    /// The member at a JSON pointer, such as `/status/phase`.
    pub(super) fn at(&self, pointer: &str) -> &Value {
        self.value.pointer(pointer).unwrap_or(&Value::Null)
    }

    /// The string at a JSON pointer, or the empty string.
    pub(crate) fn text(&self, pointer: &str) -> &str {
        text(self.at(pointer))
    }

    /// The first of several strings that is not empty.
    pub(super) fn first(&self, pointers: &[&str]) -> &str {
        pointers.iter().map(|pointer| self.text(pointer)).find(|text| !text.is_empty()).unwrap_or_default()
    }

    /// The integer at a JSON pointer, or zero.
    pub(super) fn number(&self, pointer: &str) -> i64 {
        self.at(pointer).as_i64().unwrap_or_default()
    }

    /// The elements of the array at a JSON pointer, or none.
    pub(super) fn list(&self, pointer: &str) -> &[Value] {
        self.at(pointer).as_array().map(Vec::as_slice).unwrap_or_default()
    }

    /// The time at a JSON pointer.
    pub(super) fn time(&self, pointer: &str) -> Option<Timestamp> {
        time(self.at(pointer))
    }

    /// How long ago something was.
    pub(super) fn since(&self, then: Option<Timestamp>) -> String {
        lapse::since(then, self.now)
    }
}

/// The string, or the empty string for anything else.
pub(super) fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}

/// The string, or a word for an empty one, such as `<none>`.
pub(super) fn or<'t>(text: &'t str, otherwise: &'static str) -> &'t str {
    if text.is_empty() { otherwise } else { text }
}

/// The time in RFC 3339, if it is one. The first moment of year 1 is how Go writes that there is none.
pub(super) fn time(value: &Value) -> Option<Timestamp> {
    const NONE: &str = "0001-01-01T00:00:00Z";
    text(value).parse().ok().filter(|time: &Timestamp| NONE.parse::<Timestamp>().ok() != Some(*time))
}
