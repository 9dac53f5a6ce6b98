//! Decodes a line of a watch stream: in one pass, without `serde_json::Value`.

use super::entry::Change;
use super::full::Full;
use super::kept::{Declared, Kept, KeptEvent, PodSpec};
use super::object::{Capture, Error, Keep as _, Object, Shape};
use super::version::ResourceVersion;
use serde::Deserialize;
use serde::de::IgnoredAny;
use smol_str::SmolStr;
use std::time::Duration;

/// A line of a watch stream.
#[derive(Clone, Debug, PartialEq)]
pub enum Envelope {
    /// ADDED, MODIFIED or DELETED.
    Object(Change, Object),
    /// BOOKMARK; `initial_events_end` closes a streaming list (KEP-3157).
    Bookmark {
        /// Everything up to this version was delivered.
        resource_version: ResourceVersion,
        /// The initial objects of a streaming list are complete.
        initial_events_end: bool,
    },
    /// ERROR, with the server's status.
    Error(StatusError),
}

/// The members of `metav1.Status` that matter to a watch.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
pub struct StatusError {
    /// `Status` when an API server wrote it.
    #[serde(default)]
    pub kind: String,
    /// `v1` when an API server wrote it.
    #[serde(default, rename = "apiVersion")]
    pub api_version: String,
    /// HTTP code, 410 for an expired version.
    #[serde(default)]
    pub code: u16,
    /// `Expired`, `Forbidden` ...
    #[serde(default)]
    pub reason: String,
    /// The server's message, unchanged.
    #[serde(default)]
    pub message: String,
    /// Further details, depending on the reason.
    #[serde(default)]
    pub details: serde_json::Value,
}

impl StatusError {
    /// True when a Kubernetes API server wrote it, and not a proxy or another web server.
    #[must_use]
    pub fn is_from_an_api(&self) -> bool {
        self.kind == "Status" && self.api_version == "v1"
    }

    /// How long the server asks clients to wait, if it does.
    #[must_use]
    pub fn retry_after(&self) -> Option<Duration> {
        let seconds = self.details.get("retryAfterSeconds")?.as_u64()?;
        (seconds > 0).then(|| Duration::from_secs(seconds))
    }
}

/// Decodes one line of a watch stream.
///
/// # Errors
/// When the line is not JSON, has an unknown type or an object without identity.
pub fn decode_event(line: &[u8], shape: Shape, capture: Capture) -> Result<Envelope, Error> {
    let (kind, object) = match (capture, shape) {
        (Capture::Full, _) => event::<Full<'_>>(line, Full::object)?,
        (_, Shape::Pod) => event::<Kept<'_, PodSpec<'_>>>(line, Kept::object)?,
        (_, Shape::Event) => event::<KeptEvent<'_>>(line, KeptEvent::object)?,
        (_, Shape::Spec(names)) => event::<Kept<'_, Declared<'_>>>(line, |kept| kept.only(names).object())?,
        (_, Shape::Other) => event::<Kept<'_, IgnoredAny>>(line, Kept::object)?,
    };
    let change = match kind {
        "ADDED" => Change::Added,
        "MODIFIED" => Change::Modified,
        "DELETED" => Change::Deleted,
        "BOOKMARK" => return bookmark(line),
        "ERROR" => return Ok(Envelope::Error(serde_json::from_slice::<Wire<'_, StatusError>>(line)?.object)),
        _ => return Err(Error::Type),
    };
    Ok(Envelope::Object(change, object?))
}

fn event<'a, T: Deserialize<'a>>(
    line: &'a [u8],
    keep: impl FnOnce(T) -> Result<Object, Error>,
) -> Result<(&'a str, Result<Object, Error>), Error> {
    let wire: Wire<'a, T> = serde_json::from_slice(line)?;
    Ok((wire.kind, keep(wire.object)))
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
