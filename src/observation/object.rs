//! The slim object that is stored.

use super::ResourceVersion;
use super::malformed::Malformed;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use smol_str::SmolStr;

/// How much of an object is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Capture {
    /// Identity, labels, owners, finalizers, deletion timestamps, node, container names and images, the whole status.
    #[default]
    Status,
    /// Everything except `metadata.managedFields`.
    Full,
}

/// Which members besides `metadata` and `status` are kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shape {
    /// core/v1 Pod: node, and names, images and restart policies of containers.
    Pod,
    /// Event: its object, and what happened to it.
    Event,
    /// These members of the spec, if they are numbers or booleans.
    Spec(&'static [&'static str]),
    /// Any other object.
    Other,
}

/// Why bytes could not be decoded.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// Not JSON, or not of the shape of a Kubernetes object.
    #[error("decode object")]
    Json(#[source] Malformed),
    /// An object without the members that identify it.
    #[error("object without metadata.{0}")]
    Identity(&'static str),
    /// A watch event type that the API does not define. It is not quoted, because it may be anything.
    #[error("watch event of a type that the API does not have")]
    Type,
}

impl From<serde_json::Error> for Error {
    fn from(error: serde_json::Error) -> Self {
        Self::Json(error.into())
    }
}

impl Error {
    /// The error and its cause on one line, without any value of the input.
    #[must_use]
    pub fn words(&self) -> String {
        match self {
            Self::Json(malformed) => format!("{self}: {malformed}"),
            _ => self.to_string(),
        }
    }
}

/// An object, reduced to what is stored.
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

impl Object {
    /// Its labels and owners; unknown where they do not have the API's shape.
    #[must_use]
    pub fn identity(&self) -> super::Identity {
        #[derive(Deserialize)]
        struct Outer<'a> {
            #[serde(default, borrow)]
            metadata: Metadata<'a>,
        }
        #[derive(Default, Deserialize)]
        #[serde(rename_all = "camelCase")]
        struct Metadata<'a> {
            #[serde(default, borrow)]
            labels: Option<&'a RawValue>,
            #[serde(default, borrow)]
            owner_references: Option<&'a RawValue>,
        }
        #[derive(Deserialize)]
        struct Owner {
            #[serde(default)]
            kind: SmolStr,
            uid: SmolStr,
        }
        /// Reads each of the two separately, because either may be malformed.
        fn read<'a, T: Default + Deserialize<'a>>(raw: Option<&'a RawValue>) -> Option<T> {
            raw.map_or_else(|| Some(T::default()), |raw| serde_json::from_str(raw.get()).ok())
        }
        let Ok(Outer { metadata }) = serde_json::from_str(self.json.get()) else { return super::Identity::default() };
        let owners: Option<Vec<Owner>> = read(metadata.owner_references);
        super::Identity {
            labels: read(metadata.labels),
            owners: owners
                .map(|owners| owners.into_iter().map(|Owner { kind, uid }| super::Owner { kind, uid }).collect()),
        }
    }

    /// The same object with another version: a DELETED event carries the last state and the version of the deletion.
    ///
    /// # Errors
    /// When the kept object has no version, which does not happen for a decoded one.
    pub fn as_of(&self, version: &ResourceVersion) -> Result<Self, Error> {
        #[derive(Deserialize)]
        struct Outer<'a> {
            #[serde(borrow)]
            metadata: Versioned<'a>,
        }
        #[derive(Deserialize)]
        #[serde(rename_all = "camelCase")]
        struct Versioned<'a> {
            #[serde(borrow)]
            resource_version: &'a RawValue,
        }
        let json = self.json.get();
        let Outer { metadata } = serde_json::from_str(json)?;
        let old = metadata.resource_version.get();
        let start = old.as_ptr() as usize - json.as_ptr() as usize;
        let text = [&json[..start], &serde_json::to_string(version)?, &json[start + old.len()..]].concat();
        Ok(Self { resource_version: version.clone(), json: RawValue::from_string(text)?, ..self.clone() })
    }
}

/// A decoded form of an object that can be reduced to what is stored.
pub(super) trait Keep {
    /// Serializes the members that are kept.
    fn object(self) -> Result<Object, Error>;
}

/// The members that identify an object.
#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Identity {
    #[serde(default)]
    pub(super) namespace: SmolStr,
    #[serde(default)]
    pub(super) name: SmolStr,
    #[serde(default)]
    pub(super) uid: SmolStr,
    #[serde(default)]
    pub(super) resource_version: ResourceVersion,
}

/// Builds an object with this identity, which must be complete.
pub(super) fn identified(
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

/// Raw members keep the sender's white space, but a recording has one observation per line.
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
