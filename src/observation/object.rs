//! From the bytes of a watch line or a list item to the slim object that is kept: one pass, no `serde_json::Value`.
//!
//! The allow-list lives here and nowhere else: the structs below *are* the list. What they do not name never reaches a
//! recording. `status` stays the bytes that the server sent.

use super::ResourceVersion;
use serde::de::{IgnoredAny, MapAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer, ser::SerializeMap};
use serde_json::value::{RawValue, to_raw_value};
use smol_str::SmolStr;
use std::borrow::Cow;
use std::fmt;

/// How much of an object is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Capture {
    /// Identity, labels, owners, finalizers, deletion stamps, node, container names and images, the whole status.
    #[default]
    Status,
    /// All but managedFields.
    Full,
}

/// Which members outside `metadata` and `status` belong to the allow-list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shape {
    /// core/v1 Pod: node, and names, images and restart policies of containers.
    Pod,
    /// core/v1 Event: what happened to whom.
    Event,
    /// Any other object.
    Other,
}

/// Why bytes are not an object.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// Not JSON, or not of a Kubernetes object's shape.
    #[error("decode object")]
    Json(#[from] serde_json::Error),
    /// An object that nobody could tell from another.
    #[error("object without metadata.{0}")]
    Identity(&'static str),
    /// A watch event type outside the API's set.
    #[error("watch event of unknown type `{0}`")]
    Type(String),
}

/// An object as far as it is kept.
#[derive(Clone, Debug)]
pub struct Object {
    /// `metadata.namespace`, empty when cluster-scoped.
    pub namespace: SmolStr,
    /// `metadata.name`.
    pub name: SmolStr,
    /// `metadata.uid`.
    pub uid: SmolStr,
    /// `metadata.resourceVersion`.
    pub resource_version: ResourceVersion,
    /// The kept object, compact JSON on one line.
    pub json: Box<RawValue>,
}

impl PartialEq for Object {
    fn eq(&self, other: &Self) -> bool {
        self.json.get() == other.json.get()
    }
}

/// A line of a watch stream.
#[derive(Clone, Debug, PartialEq)]
pub enum Envelope {
    /// ADDED, MODIFIED or DELETED.
    Object(super::Change, Object),
    /// BOOKMARK; `initial_events_end` closes a streaming list (KEP-3157).
    Bookmark { resource_version: ResourceVersion, initial_events_end: bool },
    /// ERROR, with the server's status.
    Error(StatusError),
}

/// What of `metav1.Status` matters to a watch.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
pub struct StatusError {
    /// HTTP code, 410 for an expired version.
    #[serde(default)]
    pub code: u16,
    /// `Expired`, `Forbidden` ...
    #[serde(default)]
    pub reason: String,
    /// The server's words.
    #[serde(default)]
    pub message: String,
}

/// Decodes one line of a watch stream.
///
/// # Errors
/// When the line is not JSON, has an unknown type or an object without identity.
pub fn decode_event(line: &[u8], shape: Shape, capture: Capture) -> Result<Envelope, Error> {
    let (kind, object) = match (capture, shape) {
        (Capture::Full, _) => event::<Full<'_>>(line)?,
        (_, Shape::Pod) => event::<Kept<'_, PodSpec<'_>>>(line)?,
        (_, Shape::Event) => event::<KeptEvent<'_>>(line)?,
        (_, Shape::Other) => event::<Kept<'_, IgnoredAny>>(line)?,
    };
    let change = match kind {
        "ADDED" => super::Change::Added,
        "MODIFIED" => super::Change::Modified,
        "DELETED" => super::Change::Deleted,
        "BOOKMARK" => return bookmark(line),
        "ERROR" => return Ok(Envelope::Error(serde_json::from_slice::<Wire<StatusError>>(line)?.object)),
        other => return Err(Error::Type(other.to_owned())),
    };
    Ok(Envelope::Object(change, object?))
}

/// Decodes one object as it stands in a list or in `kubectl get -o json`.
///
/// # Errors
/// When the bytes are not a Kubernetes object.
pub fn decode_object(bytes: &[u8], shape: Shape, capture: Capture) -> Result<Object, Error> {
    match (capture, shape) {
        (Capture::Full, _) => serde_json::from_slice::<Full<'_>>(bytes)?.object(),
        (_, Shape::Pod) => serde_json::from_slice::<Kept<'_, PodSpec<'_>>>(bytes)?.object(),
        (_, Shape::Event) => serde_json::from_slice::<KeptEvent<'_>>(bytes)?.object(),
        (_, Shape::Other) => serde_json::from_slice::<Kept<'_, IgnoredAny>>(bytes)?.object(),
    }
}

/// Takes a kept object, as a recording holds it, as it is.
///
/// # Errors
/// When it has no identity.
pub fn decode_kept(json: &RawValue) -> Result<Object, Error> {
    let Identified { metadata } = serde_json::from_str(json.get())?;
    identified(&metadata, || Ok(json.to_owned()))
}

/// What can be saved of a watch line or a list item that could not be decoded: the object's uid and version, read from
/// where they belong.
#[must_use]
pub fn salvage(bytes: &[u8]) -> Option<(SmolStr, ResourceVersion)> {
    let event: Option<Wire<'_, Identified>> = serde_json::from_slice(bytes).ok();
    let Identified { metadata } = event.map(|wire| wire.object).or_else(|| serde_json::from_slice(bytes).ok())?;
    (!metadata.uid.is_empty()).then_some((metadata.uid, metadata.resource_version))
}

fn event<'a, T: Deserialize<'a> + Keep>(line: &'a [u8]) -> Result<(&'a str, Result<Object, Error>), Error> {
    let wire: Wire<'a, T> = serde_json::from_slice(line)?;
    Ok((wire.kind, wire.object.object()))
}

fn bookmark(line: &[u8]) -> Result<Envelope, Error> {
    #[derive(Deserialize)]
    struct Bookmark {
        metadata: Metadata,
    }
    #[derive(Deserialize)]
    #[serde(rename_all = "camelCase")]
    struct Metadata {
        resource_version: ResourceVersion,
        #[serde(default)]
        annotations: Option<Annotations>,
    }
    #[derive(Deserialize)]
    struct Annotations {
        #[serde(rename = "k8s.io/initial-events-end", default)]
        initial_events_end: Option<SmolStr>,
    }
    let Wire { object: Bookmark { metadata }, .. } = serde_json::from_slice(line)?;
    Ok(Envelope::Bookmark {
        resource_version: metadata.resource_version,
        initial_events_end: metadata
            .annotations
            .and_then(|annotations| annotations.initial_events_end)
            .is_some_and(|value| value == "true"),
    })
}

#[derive(Deserialize)]
struct Wire<'a, T> {
    #[serde(rename = "type")]
    kind: &'a str,
    object: T,
}

trait Keep {
    fn object(self) -> Result<Object, Error>;
}

#[derive(Deserialize)]
struct Identified {
    #[serde(default)]
    metadata: Identity,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Identity {
    #[serde(default)]
    namespace: SmolStr,
    #[serde(default)]
    name: SmolStr,
    #[serde(default)]
    uid: SmolStr,
    #[serde(default)]
    resource_version: ResourceVersion,
}

fn identified(
    identity: &Identity,
    json: impl FnOnce() -> Result<Box<RawValue>, serde_json::Error>,
) -> Result<Object, Error> {
    let missing = [
        (identity.name.is_empty(), "name"),
        (identity.uid.is_empty(), "uid"),
        (identity.resource_version.as_str().is_empty(), "resourceVersion"),
    ];
    if let Some((_, field)) = missing.into_iter().find(|(empty, _)| *empty) {
        return Err(Error::Identity(field));
    }
    Ok(Object {
        namespace: identity.namespace.clone(),
        name: identity.name.clone(),
        uid: identity.uid.clone(),
        resource_version: identity.resource_version.clone(),
        json: one_line(json()?)?,
    })
}

/// The allow-list of every object but Events.
#[derive(Deserialize, Serialize)]
#[serde(bound(deserialize = "S: Deserialize<'de>", serialize = "S: Keepable"))]
struct Kept<'a, S> {
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

/// Whether a spec is kept, and how.
trait Keepable {
    fn keep<T: Serializer>(&self, serializer: T) -> Result<T::Ok, T::Error>;
    const KEPT: bool;
}

fn dropped<S: Keepable>(spec: &Option<S>) -> bool {
    !S::KEPT || spec.is_none()
}

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

#[derive(Default, Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
struct Metadata<'a> {
    #[serde(default)]
    name: SmolStr,
    #[serde(default, skip_serializing_if = "SmolStr::is_empty")]
    namespace: SmolStr,
    #[serde(default)]
    uid: SmolStr,
    #[serde(default)]
    resource_version: ResourceVersion,
    #[serde(default, borrow, skip_serializing_if = "Option::is_none")]
    generation: Option<&'a RawValue>,
    #[serde(default, borrow, skip_serializing_if = "Option::is_none")]
    creation_timestamp: Option<&'a RawValue>,
    #[serde(default, borrow, skip_serializing_if = "Option::is_none")]
    deletion_timestamp: Option<&'a RawValue>,
    #[serde(default, borrow, skip_serializing_if = "Option::is_none")]
    deletion_grace_period_seconds: Option<&'a RawValue>,
    #[serde(default, borrow, skip_serializing_if = "Option::is_none")]
    labels: Option<&'a RawValue>,
    #[serde(default, borrow, skip_serializing_if = "Option::is_none")]
    owner_references: Option<&'a RawValue>,
    #[serde(default, borrow, skip_serializing_if = "Option::is_none")]
    finalizers: Option<&'a RawValue>,
}

#[derive(Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
struct PodSpec<'a> {
    #[serde(default, borrow, skip_serializing_if = "Option::is_none")]
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
    #[serde(default, borrow, skip_serializing_if = "Option::is_none")]
    name: Option<&'a RawValue>,
    #[serde(default, borrow, skip_serializing_if = "Option::is_none")]
    image: Option<&'a RawValue>,
    /// `Always` on an init container makes it a sidecar (KEP-753), which the STATUS column depends on.
    #[serde(default, borrow, skip_serializing_if = "Option::is_none")]
    restart_policy: Option<&'a RawValue>,
}

/// The allow-list of core Events: all of it that tells what happened to whom.
#[derive(Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
struct KeptEvent<'a> {
    #[serde(default, borrow)]
    metadata: Metadata<'a>,
    #[serde(default, borrow, skip_serializing_if = "Option::is_none")]
    involved_object: Option<&'a RawValue>,
    #[serde(default, borrow, rename = "type", skip_serializing_if = "Option::is_none")]
    kind: Option<&'a RawValue>,
    #[serde(default, borrow, skip_serializing_if = "Option::is_none")]
    reason: Option<&'a RawValue>,
    #[serde(default, borrow, skip_serializing_if = "Option::is_none")]
    message: Option<&'a RawValue>,
    #[serde(default, borrow, skip_serializing_if = "Option::is_none")]
    count: Option<&'a RawValue>,
    #[serde(default, borrow, skip_serializing_if = "Option::is_none")]
    first_timestamp: Option<&'a RawValue>,
    #[serde(default, borrow, skip_serializing_if = "Option::is_none")]
    last_timestamp: Option<&'a RawValue>,
    #[serde(default, borrow, skip_serializing_if = "Option::is_none")]
    event_time: Option<&'a RawValue>,
    #[serde(default, borrow, skip_serializing_if = "Option::is_none")]
    series: Option<&'a RawValue>,
    #[serde(default, borrow, skip_serializing_if = "Option::is_none")]
    action: Option<&'a RawValue>,
    #[serde(default, borrow, skip_serializing_if = "Option::is_none")]
    source: Option<&'a RawValue>,
    #[serde(default, borrow, skip_serializing_if = "Option::is_none")]
    reporting_component: Option<&'a RawValue>,
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

/// `--capture full`: every member but `metadata.managedFields`, in the server's order.
#[derive(Deserialize)]
struct Full<'a>(#[serde(borrow)] Members<'a>);

impl Keep for Full<'_> {
    fn object(self) -> Result<Object, Error> {
        let mut identity = Identity::default();
        let mut members = Vec::with_capacity(self.0.0.len());
        for (key, value) in self.0.0 {
            if key == "metadata" {
                identity = serde_json::from_str(value.get())?;
                let mut metadata: Members<'_> = serde_json::from_str(value.get())?;
                metadata.0.retain(|(key, _)| key != "managedFields");
                members.push((key, Cow::Owned(to_raw_value(&metadata)?)));
            } else {
                members.push((key, Cow::Borrowed(value)));
            }
        }
        identified(&identity, || to_raw_value(&OwnedMembers(members)))
    }
}

struct Members<'a>(Vec<(Cow<'a, str>, &'a RawValue)>);

struct OwnedMembers<'a>(Vec<(Cow<'a, str>, Cow<'a, RawValue>)>);

impl<'de: 'a, 'a> Deserialize<'de> for Members<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Collect;
        impl<'de> Visitor<'de> for Collect {
            type Value = Vec<(Cow<'de, str>, &'de RawValue)>;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a JSON object")
            }
            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                #[derive(Deserialize)]
                struct Key<'a>(#[serde(borrow)] Cow<'a, str>);
                let mut members = Vec::new();
                while let Some((Key(key), value)) = map.next_entry()? {
                    members.push((key, value));
                }
                Ok(members)
            }
        }
        deserializer.deserialize_map(Collect).map(Members)
    }
}

impl Serialize for Members<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.0.iter().map(|(key, value)| (key, value)))
    }
}

impl Serialize for OwnedMembers<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(self.0.len()))?;
        for (key, value) in &self.0 {
            map.serialize_entry(key, &**value)?;
        }
        map.end()
    }
}

/// Raw members keep the sender's white space; a recording has one observation per line.
fn one_line(json: Box<RawValue>) -> Result<Box<RawValue>, serde_json::Error> {
    if memchr::memchr(b'\n', json.get().as_bytes()).is_none() {
        return Ok(json);
    }
    let mut compact = String::with_capacity(json.get().len());
    let (mut in_string, mut escaped) = (false, false);
    for character in json.get().chars() {
        if in_string {
            in_string = escaped || character != '"';
            escaped = !escaped && character == '\\';
        } else if character.is_ascii_whitespace() {
            continue;
        } else {
            in_string = character == '"';
        }
        compact.push(character);
    }
    RawValue::from_string(compact)
}
