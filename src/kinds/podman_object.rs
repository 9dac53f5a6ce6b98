//! What the kinds of Podman share: the source, and an object after an event.

use super::Error;
use super::declaration::{Follow, Followed, Source};
use super::podman_event::{CREATE, Event, FOUND, REMOVE};
use crate::observation::{Change, Object, Raw, ResourceVersion};
use serde::Serialize;
use serde_json::value::to_raw_value;
use smol_str::SmolStr;

/// The source of a kind.
pub(super) const fn source(follow: Follow) -> Source {
    Source { what: "the socket of Podman's service", usual: "/run/podman/podman.sock", may_be_omitted: false, follow }
}

/// The event of a line.
///
/// # Errors
/// It is not one of Podman.
pub(super) fn event(raw: &Raw) -> Result<Event, Error> {
    serde_json::from_str(raw.event.get()).map_err(Error::shape("event of Podman"))
}

/// How a server would have delivered an event of an object that begins and ends.
pub(super) fn change(before: Option<&Object>, raw: &Raw, event: &Event) -> Change {
    match event.action.as_str() {
        _ if raw.listed => Change::Listed,
        CREATE => Change::Added,
        REMOVE => Change::Deleted,
        // Its creation was not seen, which a line before this one says.
        _ if before.is_none() => Change::Added,
        _ => Change::Modified,
    }
}

/// The last action that changed anything.
pub(super) fn action(event: &Event) -> SmolStr {
    if event.action == FOUND { SmolStr::new_static("present") } else { event.action.clone() }
}

#[derive(Serialize)]
struct Kept<'a, Status> {
    metadata: Metadata<'a>,
    status: Status,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Metadata<'a> {
    name: &'a str,
    uid: &'a str,
    resource_version: &'a ResourceVersion,
}

/// An object after an event.
///
/// # Errors
/// Its status is not JSON.
pub(super) fn followed(raw: &Raw, change: Change, status: impl Serialize) -> Result<Followed, Error> {
    let Raw { name, uid, resource_version, .. } = raw;
    let kept = Kept { metadata: Metadata { name, uid, resource_version }, status };
    let json = to_raw_value(&kept).map_err(Error::shape("event of Podman"))?;
    let (namespace, name, uid) = (SmolStr::default(), name.clone(), uid.clone());
    let object = Object { namespace, name, uid, resource_version: resource_version.clone(), json };
    Ok(Followed { change, object, unpublished: None })
}
