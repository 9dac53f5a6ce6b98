//! One object as the server stores it: the bytes of its watch line, with the ranges from which other responses are cut.
//!
//! Every write is parsed once; lists, watches and metadata-only responses are slices of that one line. Only an object's
//! identity, its labels and the fields that selectors may name are interpreted.

use super::Error;
use super::scopes::Scope;
use crate::kinds;
use crate::observation::{Change, Resource};
use serde::de::{MapAccess, Visitor};
use serde::{Deserialize, Deserializer};
use serde_json::value::RawValue;
use smol_str::SmolStr;
use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt;
use std::ops::Range;

/// What selectors and keys need to know of an object.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Facts {
    pub namespace: SmolStr,
    pub name: SmolStr,
    pub uid: SmolStr,
    pub labels: BTreeMap<SmolStr, SmolStr>,
    /// The fields that selectors may name, besides name and namespace.
    pub fields: Vec<(&'static str, SmolStr)>,
}

impl Facts {
    /// Its key.
    pub(super) fn key(&self) -> String {
        key(&self.namespace, &self.name)
    }

    /// The scope that has only it.
    pub(super) fn scope(&self) -> Scope {
        Scope { namespace: self.namespace.clone(), name: self.name.clone() }
    }
}

/// Key of an object in etcd's order: `namespace/name`, or the name alone.
pub(super) fn key(namespace: &str, name: &str) -> String {
    if namespace.is_empty() { name.to_owned() } else { format!("{namespace}/{name}") }
}

/// An object split into its members.
pub(super) struct Parsed<'a> {
    members: Members<'a>,
    metadata: Members<'a>,
    pub facts: Facts,
    /// `metadata.resourceVersion`, if it is a number.
    pub version: Option<u64>,
    /// `kind`, if it is set.
    pub kind: Option<SmolStr>,
}

/// Ranges within a watch line, in bytes from its start.
#[derive(Clone, Debug)]
pub(super) struct Marks {
    /// The object with kind and apiVersion.
    pub object: Range<usize>,
    /// The members of the object after kind and apiVersion, without the closing brace.
    pub members: Range<usize>,
    /// The value of `metadata`.
    pub metadata: Range<usize>,
    /// The digits of `metadata.resourceVersion`.
    pub version: Range<usize>,
}

impl<'a> Parsed<'a> {
    /// Parses an object.
    pub(super) fn read(resource: &Resource, object: &'a [u8]) -> Result<Self, Error> {
        let document = |source| Error::Document { resource: resource.clone(), source };
        let identity = |field| Error::Identity { resource: resource.clone(), field };
        let members: Members<'a> = serde_json::from_slice(object).map_err(document)?;
        let raw = members.get("metadata").ok_or_else(|| identity("name"))?;
        let metadata: Members<'a> = serde_json::from_str(raw.get()).map_err(document)?;
        let wanted: Wanted<'a> = serde_json::from_str(raw.get()).map_err(document)?;
        if wanted.name.is_empty() {
            return Err(identity("name"));
        }
        let mut fields = Vec::new();
        for path in selectable(resource) {
            fields.push((*path, members.text_at(path).map_err(document)?));
        }
        let kind = members.text_at("kind").map_err(document)?;
        Ok(Self {
            facts: Facts {
                namespace: wanted.namespace,
                name: wanted.name,
                uid: wanted.uid,
                labels: wanted.labels.unwrap_or_default(),
                fields,
            },
            version: wanted.resource_version.and_then(|version| version.parse().ok()),
            kind: (!kind.is_empty()).then_some(kind),
            members,
            metadata,
        })
    }

    /// The watch line `{"type":..,"object":..}` with its newline, at `revision`.
    pub(super) fn line(&self, resource: &Resource, change: Change, revision: u64) -> (Vec<u8>, Marks) {
        let mut line = Line::default();
        line.text(&opening(change));
        let object = line.0.len();
        line.text("{");
        line.text(&type_members(resource));
        let members = line.0.len();
        let (mut metadata, mut version) = (0..0, 0..0);
        for (index, (key, value)) in self.members.others(&["kind", "apiVersion"]).enumerate() {
            line.member(index, key);
            if *key == "metadata" {
                let start = line.0.len();
                version = self.metadata(&mut line, revision);
                metadata = start..line.0.len();
            } else {
                line.text(value.get());
            }
        }
        let members = members..line.0.len();
        line.text("}");
        let object = object..line.0.len();
        line.text("}\n");
        (line.0, Marks { object, members, metadata, version })
    }

    fn metadata(&self, line: &mut Line, revision: u64) -> Range<usize> {
        line.text("{");
        let mut version = None;
        let stamp = |line: &mut Line| {
            line.text("\"");
            let start = line.0.len();
            line.text(itoa::Buffer::new().format(revision));
            let version = start..line.0.len();
            line.text("\"");
            version
        };
        for (index, (key, value)) in self.metadata.0.iter().enumerate() {
            line.member(index, key);
            if *key == "resourceVersion" {
                version = Some(stamp(line));
            } else {
                line.text(value.get());
            }
        }
        if self.metadata.get("uid").is_none() {
            line.member(self.metadata.0.len(), "uid");
            line.text(&format!("\"{}\"", self.facts.uid));
        }
        let version = version.unwrap_or_else(|| {
            line.member(self.metadata.0.len(), "resourceVersion");
            stamp(line)
        });
        line.text("}");
        version
    }
}

/// `{"type":"ADDED","object":`
pub(super) fn opening(change: Change) -> String {
    format!("{{\"type\":\"{}\",\"object\":", word(change))
}

fn word(change: Change) -> &'static str {
    match change {
        Change::Added | Change::Listed => "ADDED",
        Change::Modified => "MODIFIED",
        Change::Deleted => "DELETED",
    }
}

/// True for types that are compiled into a real server: they order their members differently from custom resources, and
/// their lists omit `kind` and `apiVersion` of the items.
pub(super) fn is_builtin(resource: &Resource) -> bool {
    !resource.group.contains('.') || resource.group.ends_with(".k8s.io")
}

/// `"kind":"Pod","apiVersion":"v1",`, in the order that fits the type.
pub(super) fn type_members(resource: &Resource) -> String {
    let (kind, version) = (&resource.kind, resource.api_version());
    if is_builtin(resource) {
        format!("\"kind\":\"{kind}\",\"apiVersion\":\"{version}\",")
    } else {
        format!("\"apiVersion\":\"{version}\",\"kind\":\"{kind}\",")
    }
}

/// Fields that a real server allows in selectors, besides `metadata.name` and `metadata.namespace`.
pub(super) fn selectable(resource: &Resource) -> &'static [&'static str] {
    match kinds::served(&resource.group, &resource.plural) {
        Some(kind) if kind.group == resource.group => kind.fields,
        _ => &[],
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Wanted<'a> {
    #[serde(default)]
    name: SmolStr,
    #[serde(default)]
    namespace: SmolStr,
    #[serde(default)]
    uid: SmolStr,
    #[serde(default, borrow)]
    resource_version: Option<Cow<'a, str>>,
    #[serde(default)]
    labels: Option<BTreeMap<SmolStr, SmolStr>>,
}

/// The members of a JSON object, in order, with their values unparsed.
struct Members<'a>(Vec<(&'a str, &'a RawValue)>);

impl<'a> Members<'a> {
    fn get(&self, key: &str) -> Option<&'a RawValue> {
        self.0.iter().find(|(name, _)| *name == key).map(|(_, value)| *value)
    }

    fn others(&self, but: &'static [&'static str]) -> impl Iterator<Item = &(&'a str, &'a RawValue)> {
        self.0.iter().filter(move |(key, _)| !but.contains(key))
    }

    /// The string at a dotted path; empty if it is absent or not a string, as selectors see it.
    fn text_at(&self, path: &str) -> Result<SmolStr, serde_json::Error> {
        let (head, rest) = path.split_once('.').map_or((path, None), |(head, rest)| (head, Some(rest)));
        let Some(value) = self.get(head) else { return Ok(SmolStr::default()) };
        match rest {
            Some(rest) if value.get().starts_with('{') => {
                serde_json::from_str::<Members<'_>>(value.get())?.text_at(rest)
            }
            None if value.get().starts_with('"') => serde_json::from_str(value.get()),
            _ => Ok(SmolStr::default()),
        }
    }
}

impl<'de: 'a, 'a> Deserialize<'de> for Members<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct InOrder;
        impl<'de> Visitor<'de> for InOrder {
            type Value = Vec<(&'de str, &'de RawValue)>;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a JSON object")
            }
            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                let mut members = Vec::with_capacity(map.size_hint().unwrap_or(8));
                while let Some(member) = map.next_entry()? {
                    members.push(member);
                }
                Ok(members)
            }
        }
        deserializer.deserialize_map(InOrder).map(Members)
    }
}

/// A watch line under construction. A newline would end it early; JSON has raw newlines only between tokens, so they
/// become spaces.
#[derive(Default)]
struct Line(Vec<u8>);

impl Line {
    fn text(&mut self, text: &str) {
        let start = self.0.len();
        self.0.extend_from_slice(text.as_bytes());
        if text.len() > 2 && memchr::memchr2(b'\n', b'\r', text.as_bytes()).is_some() {
            for byte in &mut self.0[start..] {
                if matches!(byte, b'\n' | b'\r') {
                    *byte = b' ';
                }
            }
        }
    }

    fn member(&mut self, index: usize, key: &str) {
        if index > 0 {
            self.text(",");
        }
        self.text("\"");
        self.text(key);
        self.text("\":");
    }
}
