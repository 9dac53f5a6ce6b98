//! Decodes a list item into the slim object that is stored: in one pass, without `serde_json::Value`.

use super::full::Full;
use super::kept::{Declared, Kept, KeptEvent, PodSpec};
use super::object::{Capture, Error, Identity, Keep as _, Object, Shape, identified};
use serde::Deserialize;
use serde::de::IgnoredAny;
use serde_json::value::RawValue;

/// Decodes one object as it appears in a list or in the output of `kubectl get -o json`.
///
/// # Errors
/// When the bytes are not a Kubernetes object.
pub fn decode_object(bytes: &[u8], shape: Shape, capture: Capture) -> Result<Object, Error> {
    match (capture, shape) {
        (Capture::Full, _) => serde_json::from_slice::<Full<'_>>(bytes)?.object(),
        (_, Shape::Pod) => serde_json::from_slice::<Kept<'_, PodSpec<'_>>>(bytes)?.object(),
        (_, Shape::Event) => serde_json::from_slice::<KeptEvent<'_>>(bytes)?.object(),
        (_, Shape::Spec(names)) => serde_json::from_slice::<Kept<'_, Declared<'_>>>(bytes)?.only(names).object(),
        (_, Shape::Other) => serde_json::from_slice::<Kept<'_, IgnoredAny>>(bytes)?.object(),
    }
}

/// Reads a kept object from a recording, unchanged.
///
/// # Errors
/// When it has no identity.
pub fn decode_kept(json: &RawValue) -> Result<Object, Error> {
    let Identified { metadata } = serde_json::from_str(json.get())?;
    identified(&metadata, || Ok(json.to_owned()))
}

#[derive(Deserialize)]
struct Identified {
    #[serde(default)]
    metadata: Identity,
}
