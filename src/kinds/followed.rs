//! An object of a source that is not an API server, as its kind makes it of an event.

use super::Error;
use super::declaration::Followed;
use crate::observation::{Change, Object, Raw, ResourceVersion};
use serde::Serialize;
use serde_json::value::to_raw_value;
use smol_str::SmolStr;

#[derive(Serialize)]
struct Kept<'a, Labels, Status> {
    metadata: Metadata<'a, Labels>,
    status: Status,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Metadata<'a, Labels> {
    #[serde(skip_serializing_if = "str::is_empty")]
    namespace: &'a str,
    name: &'a str,
    uid: &'a str,
    resource_version: &'a ResourceVersion,
    #[serde(skip_serializing_if = "Option::is_none")]
    labels: Option<Labels>,
}

/// The object after an event, with its status; `what` names the event in an error.
///
/// # Errors
/// Its status is not JSON.
pub(super) fn followed(
    raw: &Raw,
    change: Change,
    status: impl Serialize,
    what: &'static str,
) -> Result<Followed, Error> {
    in_namespace(raw, change, (&SmolStr::default(), None::<()>), status, what)
}

/// The same with labels.
///
/// # Errors
/// The same.
pub(super) fn labelled(
    raw: &Raw,
    change: Change,
    (namespace, labels): (&SmolStr, impl Serialize),
    status: impl Serialize,
    what: &'static str,
) -> Result<Followed, Error> {
    in_namespace(raw, change, (namespace, Some(labels)), status, what)
}

fn in_namespace(
    raw: &Raw,
    change: Change,
    (namespace, labels): (&SmolStr, Option<impl Serialize>),
    status: impl Serialize,
    what: &'static str,
) -> Result<Followed, Error> {
    let Raw { name, uid, resource_version, .. } = raw;
    let metadata = Metadata { namespace, name, uid, resource_version, labels };
    let json = to_raw_value(&Kept { metadata, status }).map_err(Error::shape(what))?;
    let (namespace, name, uid) = (namespace.clone(), name.clone(), uid.clone());
    let object = Object { namespace, name, uid, resource_version: resource_version.clone(), json };
    Ok(Followed { change, object, unpublished: None })
}
