//! Reads what can be read from bytes that do not have the shape of an API object, within the allow-list: members of an
//! unexpected type are left out.

use super::decode::decode_object;
use super::full::Members;
use super::object::{Capture, Error, Identity, Object, Shape};
use super::version::ResourceVersion;
use serde::Serialize;
use serde_json::value::{RawValue, to_raw_value};
use smol_str::SmolStr;
use std::collections::BTreeMap;

/// The types of watch events.
const TYPES: [&str; 5] = ["ADDED", "MODIFIED", "DELETED", "BOOKMARK", "ERROR"];

/// What could be read.
#[derive(Default)]
pub(super) struct Readable {
    /// The type of the event, if it is one of the API's.
    pub kind: Option<&'static str>,
    /// The identity; empty where it could not be read.
    pub identity: Identity,
    /// What the allow-list keeps.
    pub object: Option<Object>,
}

/// Reads a watch line or an object.
pub(super) fn read(bytes: &[u8], shape: Shape) -> Readable {
    parts(bytes, Some(shape))
}

/// The same without what the allow-list keeps.
pub(super) fn identify(bytes: &[u8]) -> Readable {
    parts(bytes, None)
}

fn parts(bytes: &[u8], shape: Option<Shape>) -> Readable {
    let text = String::from_utf8_lossy(bytes);
    let text = text.trim_matches(|c: char| c == '\u{feff}' || c.is_control() || c.is_whitespace());
    let Ok(outer) = members(text) else {
        // A truncated line still begins with its type.
        let rest = text.strip_prefix(r#"{"type":""#).unwrap_or_default();
        let kind = TYPES.into_iter().find(|kind| rest.strip_prefix(kind).is_some_and(|rest| rest.starts_with('"')));
        return Readable { kind, ..Readable::default() };
    };
    let kind = outer.only("type").and_then(|raw| TYPES.into_iter().find(|kind| raw.get().trim_matches('"') == *kind));
    let inner = outer.only("object").and_then(|raw| members(raw.get()).ok());
    let object = inner.as_ref().unwrap_or(&outer);
    let Some(metadata) = object.only("metadata").and_then(|raw| members(raw.get()).ok()) else {
        return Readable { kind, ..Readable::default() };
    };
    Readable { kind, identity: identity(&metadata), object: shape.and_then(|shape| kept(object, &metadata, shape)) }
}

fn members(text: &str) -> Result<Members<'_>, serde_json::Error> {
    serde_json::from_str(text)
}

/// The complete identity or none: parts of one could be another object's.
fn identity(metadata: &Members<'_>) -> Identity {
    let text = |name: &str| match metadata.only(name) {
        None if metadata.each().any(|(of, _)| of == name) => None,
        None => Some(SmolStr::default()),
        Some(raw) => {
            let text: Option<SmolStr> = serde_json::from_str(raw.get()).ok();
            // A text with a replaced character is not usable, either.
            text.filter(|text| !text.contains(char::REPLACEMENT_CHARACTER))
        }
    };
    let identity = || {
        Some(Identity {
            namespace: text("namespace")?,
            name: text("name")?,
            uid: text("uid")?,
            resource_version: ResourceVersion::new(text("resourceVersion")?),
        })
    };
    identity().unwrap_or_default()
}

/// The members that the allow-list accepts, each checked separately.
fn kept(object: &Members<'_>, metadata: &Members<'_>, shape: Shape) -> Option<Object> {
    let of_metadata = metadata.each().filter(|member| {
        let alone = BTreeMap::from([*member]);
        is_taken(&BTreeMap::from([("metadata", alone)]), shape)
    });
    let metadata = to_raw_value(&of_metadata.collect::<BTreeMap<_, _>>()).ok()?;
    let others = object.each().filter(|member| member.0 != "metadata" && is_taken(&BTreeMap::from([*member]), shape));
    let members: BTreeMap<&str, &RawValue> = others.chain([("metadata", &*metadata)]).collect();
    decode_object(&serde_json::to_vec(&members).ok()?, shape, Capture::Status).ok()
}

/// True when the allow-list accepts these members, with or without an identity.
fn is_taken(members: &impl Serialize, shape: Shape) -> bool {
    let decoded = serde_json::to_vec(members).map(|json| decode_object(&json, shape, Capture::Status));
    matches!(decoded, Ok(Ok(_) | Err(Error::Identity(_))))
}
