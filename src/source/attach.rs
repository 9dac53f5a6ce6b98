//! Requests for whole lists, page by page, for metadata lists, and for the head of a collection.

use super::clock::Clock;
use super::cluster::Cluster;
use super::decode::{Page, ask, decode, get};
use super::error::Error;
use super::pages::{Head, Heads, Item, Pages};
use super::query;
use super::request_error::{RequestError, passing, what};
use crate::observation::{Capture, ResourceVersion, Shape, Undecodable, Watch, WatchId, decode_object};
use smol_str::SmolStr;

/// How often a list is begun anew when its continue token expires under it.
const ATTEMPTS: u32 = 5;

/// Lists whole objects as of now. A continue token that expires in the middle begins the list anew: nothing of a list
/// that was not finished is believed.
pub async fn pages(
    cluster: &Cluster,
    watch: &Watch,
    id: WatchId,
    capture: Capture,
    clock: &Clock,
) -> Result<Pages, RequestError> {
    let shape = crate::kinds::shape(&watch.resource);
    let mut expired = None;
    for _ in 0..ATTEMPTS {
        match pages_once(cluster, watch, id, (shape, capture), clock).await {
            Err(RequestError::Expired(message)) => expired = Some(message),
            result => return result,
        }
    }
    let error = Error::Refused { verb: "list", what: what(watch), code: 410, message: expired.unwrap_or_default() };
    Err(RequestError::Passing { after: None, error })
}

async fn pages_once(
    cluster: &Cluster,
    watch: &Watch,
    id: WatchId,
    (shape, capture): (Shape, Capture),
    clock: &Clock,
) -> Result<Pages, RequestError> {
    let mut pages = Pages { version: ResourceVersion::default(), kind: SmolStr::default(), items: Vec::new() };
    let mut token: Option<String> = None;
    loop {
        let path = query::list(watch, query::PAGE, token.as_deref());
        let response = ask(cluster, "list", watch, &path).await?;
        let stamp = clock.now();
        let page: Page = decode(cluster, "list", watch, response).await?;
        pages.version = page.metadata.resource_version;
        pages.kind = page.kind.strip_suffix("List").unwrap_or_default().into();
        for raw in page.items.unwrap_or_default() {
            let bytes = raw.get().as_bytes();
            let item = match decode_object(bytes, shape, capture) {
                Ok(object) => Item::Object(object),
                Err(error) => Item::Undecodable(Undecodable::new(id, bytes, shape, capture, &error)),
            };
            pages.items.push((stamp, item));
        }
        token = page.metadata.token.filter(|token| !token.is_empty());
        if token.is_none() {
            return Ok(pages);
        }
    }
}

/// Lists metadata as of now: the proof that all was recorded.
pub async fn heads(cluster: &Cluster, watch: &Watch) -> Result<Heads, RequestError> {
    let mut heads = Heads { version: ResourceVersion::default(), objects: Vec::new() };
    let mut token: Option<String> = None;
    loop {
        let path = query::list(watch, query::PAGE, token.as_deref());
        let page: Page = get(cluster, "list", watch, &path, query::METADATA).await?;
        heads.version = page.metadata.resource_version;
        for raw in page.items.unwrap_or_default() {
            let object = decode_object(raw.get().as_bytes(), Shape::Other, Capture::Status)
                .map_err(|error| passing(Error::Broken { verb: "list", what: what(watch), source: Box::new(error) }))?;
            heads.objects.push(Head { uid: object.uid, name: object.name, version: object.resource_version });
        }
        token = page.metadata.token.filter(|token| !token.is_empty());
        if token.is_none() {
            return Ok(heads);
        }
    }
}

/// The version of the collection as of now.
pub async fn head(cluster: &Cluster, watch: &Watch) -> Result<ResourceVersion, RequestError> {
    let page: Page = get(cluster, "list", watch, &query::head(watch), query::METADATA).await?;
    Ok(page.metadata.resource_version)
}
