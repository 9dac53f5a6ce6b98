//! The messages of OTLP that `-o otlp` writes, in OTLP's JSON: a part of `opentelemetry/proto/trace/v1/trace.proto`.
//!
//! 64-bit integers are strings, and ids are hexadecimal: <https://opentelemetry.io/docs/specs/otlp/#json-protobuf-encoding>

use crate::view::export::fact::{Facts, Value};
use jiff::Timestamp;
use serde::{Serialize, Serializer};

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct TracesData {
    pub(super) resource_spans: [ResourceSpans; 1],
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct ResourceSpans {
    pub(super) resource: Resource,
    pub(super) scope_spans: [ScopeSpans; 1],
    pub(super) schema_url: &'static str,
}

#[derive(Serialize)]
pub(super) struct Resource {
    #[serde(skip_serializing_if = "Attributes::is_empty")]
    pub(super) attributes: Attributes,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct ScopeSpans {
    pub(super) scope: Scope,
    pub(super) spans: Vec<Span>,
}

#[derive(Serialize)]
pub(super) struct Scope {
    pub(super) name: &'static str,
    pub(super) version: &'static str,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
#[expect(clippy::struct_field_names, reason = "the names are OTLP's")]
pub(super) struct Span {
    pub(super) trace_id: Id<16>,
    pub(super) span_id: Id<8>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) parent_span_id: Option<Id<8>>,
    pub(super) name: String,
    pub(super) kind: u8,
    pub(super) start_time_unix_nano: Nanos,
    pub(super) end_time_unix_nano: Nanos,
    #[serde(skip_serializing_if = "Attributes::is_empty")]
    pub(super) attributes: Attributes,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) events: Vec<Event>,
    pub(super) status: Status,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Event {
    pub(super) time_unix_nano: Nanos,
    pub(super) name: String,
    #[serde(skip_serializing_if = "Attributes::is_empty")]
    pub(super) attributes: Attributes,
}

/// Of a span: without members it is unset.
#[derive(Default, Serialize)]
pub(super) struct Status {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) code: Option<u8>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) message: Option<String>,
}

/// The id of a trace, or of a span.
#[derive(Clone, Copy)]
pub(super) struct Id<const LENGTH: usize>(pub(super) [u8; LENGTH]);

impl<const LENGTH: usize> Serialize for Id<LENGTH> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let digits = self.0.iter().flat_map(|byte| [byte >> 4, byte & 15]);
        let digits = digits.map(|digit| char::from_digit(digit.into(), 16).expect("a nibble is a digit"));
        serializer.serialize_str(&digits.collect::<String>())
    }
}

/// Nanoseconds since the epoch.
#[derive(Clone, Copy)]
pub(super) struct Nanos(pub(super) Timestamp);

impl Serialize for Nanos {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&self.0.as_nanosecond().max(0))
    }
}

#[derive(Default, Serialize)]
pub(super) struct Attributes(pub(super) Vec<Attribute>);

#[derive(Serialize)]
pub(super) struct Attribute {
    key: String,
    value: AnyValue,
}

#[derive(Serialize)]
enum AnyValue {
    #[serde(rename = "stringValue")]
    Text(String),
    #[serde(rename = "intValue")]
    Number(String),
    #[serde(rename = "boolValue")]
    Flag(bool),
}

impl Attributes {
    fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// An attribute of a semantic convention.
    pub(super) fn with(mut self, key: impl Into<String>, value: Option<Value>) -> Self {
        self.0.extend(value.map(|value| Attribute { key: key.into(), value: value.into() }));
        self
    }

    /// Attributes of our own.
    pub(super) fn and(mut self, facts: Facts) -> Self {
        let facts = facts.0.into_iter();
        self.0.extend(facts.map(|(key, value)| Attribute { key: format!("statetrail.{key}"), value: value.into() }));
        self
    }
}

impl From<Value> for AnyValue {
    fn from(value: Value) -> Self {
        match value {
            Value::Text(text) => Self::Text(text),
            Value::Number(number) => Self::Number(number.to_string()),
            Value::Flag(flag) => Self::Flag(flag),
        }
    }
}
