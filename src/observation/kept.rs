//! The allow-list: the structs below *are* the list. What they do not name reaches a recording only with `--capture
//! full`.
//!
//! `status` keeps the bytes that the server sent.

use super::ResourceVersion;
use super::full::Members;
use super::object::{Error, Identity, Keep, Object, identified};
use serde::de::{Error as _, IgnoredAny, Visitor, value};
use serde::{Deserialize, Deserializer, Serialize, Serializer, forward_to_deserialize_any};
use serde_json::value::{RawValue, to_raw_value};
use smol_str::SmolStr;

/// The allow-list of all objects except Events.
#[derive(Deserialize, Serialize)]
#[serde(bound(deserialize = "S: Deserialize<'de>", serialize = "S: Keepable"))]
pub(super) struct Kept<'a, S> {
    #[serde(default, rename = "", skip_serializing)]
    _guard: ObjectsOnly,
    #[serde(default, borrow)]
    metadata: Metadata<'a>,
    #[serde(default = "none", skip_serializing_if = "dropped", serialize_with = "kept")]
    spec: Option<S>,
    #[serde(default, borrow, skip_serializing_if = "Option::is_none")]
    status: Option<&'a RawValue>,
}

fn none<S>() -> Option<S> {
    None
}

/// Whether a spec is kept, and in which form.
pub(super) trait Keepable {
    fn keep<T: Serializer>(&self, serializer: T) -> Result<T::Ok, T::Error>;
    const KEPT: bool;
}

#[expect(clippy::ref_option, reason = "serde hands over the field")]
fn dropped<S: Keepable>(spec: &Option<S>) -> bool {
    !S::KEPT || spec.is_none()
}

#[expect(clippy::ref_option, reason = "serde hands over the field")]
fn kept<S: Keepable, T: Serializer>(spec: &Option<S>, serializer: T) -> Result<T::Ok, T::Error> {
    match spec {
        Some(spec) => spec.keep(serializer),
        None => serializer.serialize_none(),
    }
}

impl Keepable for IgnoredAny {
    const KEPT: bool = false;
    fn keep<T: Serializer>(&self, serializer: T) -> Result<T::Ok, T::Error> {
        serializer.serialize_none()
    }
}

impl Keepable for PodSpec<'_> {
    const KEPT: bool = true;
    fn keep<T: Serializer>(&self, serializer: T) -> Result<T::Ok, T::Error> {
        self.serialize(serializer)
    }
}

/// The members of a spec that its kind declares, limited to numbers and booleans, which hold no secrets.
#[derive(Deserialize)]
#[serde(transparent)]
pub(super) struct Declared<'a>(#[serde(borrow)] Members<'a>);

impl Keepable for Declared<'_> {
    const KEPT: bool = true;
    fn keep<T: Serializer>(&self, serializer: T) -> Result<T::Ok, T::Error> {
        self.0.serialize(serializer)
    }
}

impl Kept<'_, Declared<'_>> {
    /// Drops all members of the spec except these.
    pub(super) fn only(mut self, names: &[&str]) -> Self {
        let is_plain = |value: &RawValue| value.get().starts_with(|c: char| c.is_ascii_digit() || "-tf".contains(c));
        if let Some(Declared(members)) = &mut self.spec {
            members.retain(|name, value| names.contains(&name) && is_plain(value));
        }
        self
    }
}

/// serde also reads a struct from an array, by position, so that a secret could take the place of a kept member. This
/// field comes first, and fails for any element of an array.
#[derive(Default)]
struct ObjectsOnly;

impl<'de> Deserialize<'de> for ObjectsOnly {
    fn deserialize<D: Deserializer<'de>>(_: D) -> Result<Self, D::Error> {
        Err(D::Error::custom("an array in place of an object"))
    }
}

/// A member that the API defines as a string, a number or a boolean. A value of another type may hold anything and is
/// dropped.
fn scalar<'de: 'a, 'a, D: Deserializer<'de>>(deserializer: D) -> Result<Option<&'a RawValue>, D::Error> {
    let raw = Option::<&RawValue>::deserialize(deserializer)?;
    Ok(raw.filter(|raw| !raw.get().starts_with(['{', '['])))
}

#[derive(Default, Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
struct Metadata<'a> {
    #[serde(default, rename = "", skip_serializing)]
    _guard: ObjectsOnly,
    #[serde(default)]
    name: SmolStr,
    #[serde(default, skip_serializing_if = "SmolStr::is_empty")]
    namespace: SmolStr,
    #[serde(default)]
    uid: SmolStr,
    #[serde(default)]
    resource_version: ResourceVersion,
    #[serde(default, borrow, deserialize_with = "scalar", skip_serializing_if = "Option::is_none")]
    generation: Option<&'a RawValue>,
    #[serde(default, borrow, deserialize_with = "scalar", skip_serializing_if = "Option::is_none")]
    creation_timestamp: Option<&'a RawValue>,
    #[serde(default, borrow, deserialize_with = "scalar", skip_serializing_if = "Option::is_none")]
    deletion_timestamp: Option<&'a RawValue>,
    #[serde(default, borrow, deserialize_with = "scalar", skip_serializing_if = "Option::is_none")]
    deletion_grace_period_seconds: Option<&'a RawValue>,
    #[serde(default, borrow, skip_serializing_if = "Option::is_none")]
    labels: Option<&'a RawValue>,
    #[serde(default, borrow, skip_serializing_if = "Option::is_none")]
    owner_references: Option<&'a RawValue>,
    #[serde(default, borrow, skip_serializing_if = "Option::is_none")]
    finalizers: Option<&'a RawValue>,
}

/// The members of an object's metadata that are kept.
pub(crate) fn kept_metadata() -> impl Iterator<Item = &'static str> {
    let mut members: &[&str] = &[];
    // It reads nothing, so it always fails; by then the struct has named its members.
    let _ = Metadata::deserialize(MembersOf(&mut members));
    members.iter().copied().filter(|member| !member.is_empty())
}

/// Records which members a struct asks for.
struct MembersOf<'m>(&'m mut &'static [&'static str]);

impl<'de> Deserializer<'de> for MembersOf<'_> {
    type Error = value::Error;

    fn deserialize_any<V: Visitor<'de>>(self, _: V) -> Result<V::Value, Self::Error> {
        Err(value::Error::custom("nothing is read"))
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        members: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Self::Error> {
        *self.0 = members;
        self.deserialize_any(visitor)
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 u8 u16 u32 u64 f32 f64 char str string bytes byte_buf option unit unit_struct newtype_struct
        seq tuple tuple_struct map enum identifier ignored_any
    }
}

/// The node of a pod, and its containers.
#[derive(Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct PodSpec<'a> {
    #[serde(default, rename = "", skip_serializing)]
    _guard: ObjectsOnly,
    #[serde(default, borrow, deserialize_with = "scalar", skip_serializing_if = "Option::is_none")]
    node_name: Option<&'a RawValue>,
    #[serde(default, borrow, skip_serializing_if = "Option::is_none")]
    init_containers: Option<Vec<Container<'a>>>,
    #[serde(default, borrow, skip_serializing_if = "Option::is_none")]
    containers: Option<Vec<Container<'a>>>,
    #[serde(default, borrow, skip_serializing_if = "Option::is_none")]
    ephemeral_containers: Option<Vec<Container<'a>>>,
}

#[derive(Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
struct Container<'a> {
    #[serde(default, rename = "", skip_serializing)]
    _guard: ObjectsOnly,
    #[serde(default, borrow, deserialize_with = "scalar", skip_serializing_if = "Option::is_none")]
    name: Option<&'a RawValue>,
    #[serde(default, borrow, deserialize_with = "scalar", skip_serializing_if = "Option::is_none")]
    image: Option<&'a RawValue>,
    /// `Always` on an init container makes it a sidecar (KEP-753), which the STATUS column depends on.
    #[serde(default, borrow, deserialize_with = "scalar", skip_serializing_if = "Option::is_none")]
    restart_policy: Option<&'a RawValue>,
}

/// The allow-list of Events, with the member names of core and of events.k8s.io.
#[derive(Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct KeptEvent<'a> {
    #[serde(default, rename = "", skip_serializing)]
    _guard: ObjectsOnly,
    #[serde(default, borrow)]
    metadata: Metadata<'a>,
    #[serde(default, borrow, skip_serializing_if = "Option::is_none")]
    involved_object: Option<&'a RawValue>,
    #[serde(default, borrow, rename = "type", deserialize_with = "scalar", skip_serializing_if = "Option::is_none")]
    kind: Option<&'a RawValue>,
    #[serde(default, borrow, deserialize_with = "scalar", skip_serializing_if = "Option::is_none")]
    reason: Option<&'a RawValue>,
    #[serde(default, borrow, deserialize_with = "scalar", skip_serializing_if = "Option::is_none")]
    message: Option<&'a RawValue>,
    #[serde(default, borrow, deserialize_with = "scalar", skip_serializing_if = "Option::is_none")]
    count: Option<&'a RawValue>,
    #[serde(default, borrow, deserialize_with = "scalar", skip_serializing_if = "Option::is_none")]
    first_timestamp: Option<&'a RawValue>,
    #[serde(default, borrow, deserialize_with = "scalar", skip_serializing_if = "Option::is_none")]
    last_timestamp: Option<&'a RawValue>,
    #[serde(default, borrow, deserialize_with = "scalar", skip_serializing_if = "Option::is_none")]
    event_time: Option<&'a RawValue>,
    #[serde(default, borrow, skip_serializing_if = "Option::is_none")]
    series: Option<&'a RawValue>,
    #[serde(default, borrow, deserialize_with = "scalar", skip_serializing_if = "Option::is_none")]
    action: Option<&'a RawValue>,
    #[serde(default, borrow, skip_serializing_if = "Option::is_none")]
    source: Option<&'a RawValue>,
    #[serde(default, borrow, deserialize_with = "scalar", skip_serializing_if = "Option::is_none")]
    reporting_component: Option<&'a RawValue>,
    #[serde(default, borrow, skip_serializing_if = "Option::is_none")]
    regarding: Option<&'a RawValue>,
    #[serde(default, borrow, deserialize_with = "scalar", skip_serializing_if = "Option::is_none")]
    note: Option<&'a RawValue>,
    #[serde(default, borrow, deserialize_with = "scalar", skip_serializing_if = "Option::is_none")]
    reporting_controller: Option<&'a RawValue>,
    #[serde(default, borrow, skip_serializing_if = "Option::is_none")]
    deprecated_source: Option<&'a RawValue>,
    #[serde(default, borrow, deserialize_with = "scalar", skip_serializing_if = "Option::is_none")]
    deprecated_count: Option<&'a RawValue>,
    #[serde(default, borrow, deserialize_with = "scalar", skip_serializing_if = "Option::is_none")]
    deprecated_first_timestamp: Option<&'a RawValue>,
    #[serde(default, borrow, deserialize_with = "scalar", skip_serializing_if = "Option::is_none")]
    deprecated_last_timestamp: Option<&'a RawValue>,
}

impl Metadata<'_> {
    fn identity(&self) -> Identity {
        Identity {
            namespace: self.namespace.clone(),
            name: self.name.clone(),
            uid: self.uid.clone(),
            resource_version: self.resource_version.clone(),
        }
    }
}

impl<S: Keepable> Keep for Kept<'_, S> {
    fn object(self) -> Result<Object, Error> {
        identified(&self.metadata.identity(), || to_raw_value(&self))
    }
}

impl Keep for KeptEvent<'_> {
    fn object(self) -> Result<Object, Error> {
        identified(&self.metadata.identity(), || to_raw_value(&self))
    }
}
