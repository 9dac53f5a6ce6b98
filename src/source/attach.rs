//! Requests for whole lists, page by page, for metadata lists, and for the version of a collection.

use super::clock::Clock;
use super::cluster::Cluster;
use super::decode::{ask, decode_page, page};
use super::error::Error;
use super::lines::MAX_LINE_BYTES;
use super::pages::{Endless, Head, Heads, Item, Pages, Paging, Skew};
use super::query;
use super::request_error::{RequestError, passing, what};
use crate::observation::{Capture, Object, ResourceVersion, Shape, Undecodable, Watch, WatchId, decode_object};
use http::header;
use serde_json::value::RawValue;
use smol_str::SmolStr;
use std::time::Duration;

/// How often a list is restarted when its continue token expires.
const ATTEMPTS: u32 = 5;
/// How long a list may take, with all its pages.
const LONGEST: Duration = Duration::from_mins(10);

/// How many fewer objects a page has after one that was too large.
const SMALLER: u32 = 8;

/// Lists whole objects as of now. A continue token that expires restarts the list, and so does a page that is too large:
/// an unfinished list is discarded.
pub(super) async fn pages(
    cluster: &Cluster,
    watch: &Watch,
    id: WatchId,
    capture: Capture,
    clock: &Clock,
) -> Result<Pages, RequestError> {
    let shape = crate::kinds::shape(&watch.resource);
    let (mut expired, mut limit) = (None, query::PAGE);
    for _ in 0..ATTEMPTS {
        match in_time(watch, pages_once(cluster, watch, id, (shape, capture), limit, clock)).await {
            Err(RequestError::Expired(message)) => expired = Some(message),
            Err(RequestError::Passing { error: Error::TooLarge { .. }, .. }) if limit > 1 => {
                limit = (limit / SMALLER).max(1);
            }
            result => return result,
        }
    }
    let error = Error::Refused { verb: "list", what: what(watch), code: 410, message: expired.unwrap_or_default() };
    Err(RequestError::Passing { after: None, error })
}

/// Waits for a whole list, with a bound.
async fn in_time<T>(watch: &Watch, list: impl Future<Output = Result<T, RequestError>>) -> Result<T, RequestError> {
    tokio::time::timeout(LONGEST, list).await.unwrap_or_else(|elapsed| {
        Err(passing(Error::Broken { verb: "list", what: what(watch), source: Box::new(elapsed) }))
    })
}

fn endless(watch: &Watch, error: Endless) -> RequestError {
    passing(Error::Broken { verb: "list", what: what(watch), source: Box::new(error) })
}

async fn pages_once(
    cluster: &Cluster,
    watch: &Watch,
    id: WatchId,
    (shape, capture): (Shape, Capture),
    limit: u32,
    clock: &Clock,
) -> Result<Pages, RequestError> {
    let mut pages = Pages {
        version: ResourceVersion::default(),
        kind: SmolStr::default(),
        skew: clock.is_of_a_story().then_some(Skew::NONE),
        items: Vec::new(),
        took: Duration::ZERO,
    };
    let (mut paging, mut token, begun) = (Paging::default(), None, clock.played());
    loop {
        let path = query::list(watch, limit, token.as_deref());
        let asked = clock.now().at;
        let response = ask(cluster, "list", watch, &path).await?;
        let stamp = clock.now();
        pages.took = clock.played().saturating_sub(begun);
        let date = response.headers().get(header::DATE).and_then(|date| date.to_str().ok());
        pages.skew = pages.skew.or_else(|| Skew::measured(date?, asked, stamp.at));
        let page = decode_page(cluster, watch, response).await?;
        one_version(&mut pages.version, page.metadata.resource_version)?;
        pages.kind = page.kind.strip_suffix("List").unwrap_or_default().into();
        for raw in page.items.unwrap_or_default() {
            let bytes = raw.get().as_bytes();
            let item = if bytes.len() > MAX_LINE_BYTES {
                Item::Undecodable(Undecodable::too_long(id, bytes, MAX_LINE_BYTES))
            } else {
                match decode_object(bytes, shape, capture) {
                    Ok(object) => Item::Object(object),
                    Err(error) => Item::Undecodable(Undecodable::new(id, bytes, shape, capture, &error)),
                }
            };
            paging.object(item.uid()).map_err(|error| endless(watch, error))?;
            pages.items.push((stamp, item));
        }
        token = paging.next(page.metadata.token).map_err(|error| endless(watch, error))?;
        if token.is_none() {
            return Ok(pages);
        }
    }
}

/// Lists metadata as of now, to prove that everything was recorded.
pub(super) async fn heads(cluster: &Cluster, watch: &Watch) -> Result<Heads, RequestError> {
    in_time(watch, heads_once(cluster, watch)).await
}

async fn heads_once(cluster: &Cluster, watch: &Watch) -> Result<Heads, RequestError> {
    let mut heads = Heads { version: ResourceVersion::default(), objects: Vec::new() };
    let (mut paging, mut token) = (Paging::default(), None);
    loop {
        let path = query::list(watch, query::PAGE, token.as_deref());
        let page = page(cluster, watch, &path, query::METADATA).await?;
        one_version(&mut heads.version, page.metadata.resource_version)?;
        for raw in page.items.unwrap_or_default() {
            let head = head_of(watch, &raw)?;
            paging.object(Some(&head.uid)).map_err(|error| endless(watch, error))?;
            heads.objects.push(head);
        }
        token = paging.next(page.metadata.token).map_err(|error| endless(watch, error))?;
        if token.is_none() {
            return Ok(heads);
        }
    }
}

fn head_of(watch: &Watch, raw: &RawValue) -> Result<Head, RequestError> {
    let object = decode_object(raw.get().as_bytes(), Shape::Other, Capture::Status)
        .map_err(|error| passing(Error::Broken { verb: "list", what: what(watch), source: Box::new(error) }))?;
    let Object { uid, namespace, name, resource_version: version, .. } = object;
    Ok(Head { uid, namespace, name, version })
}

/// The object with a name as of now, selected or not.
pub(super) async fn named(
    cluster: &Cluster,
    watch: &Watch,
    namespace: &str,
    name: &str,
) -> Result<Option<Head>, RequestError> {
    let page = page(cluster, watch, &query::named(watch, namespace, name), query::METADATA).await?;
    page.items.unwrap_or_default().first().map(|raw| head_of(watch, raw)).transpose()
}

/// All pages of a list must have one version; otherwise the list is restarted.
fn one_version(list: &mut ResourceVersion, page: ResourceVersion) -> Result<(), RequestError> {
    if !list.as_str().is_empty() && *list != page {
        return Err(RequestError::Expired(format!("a list at {list} was continued at {page}")));
    }
    *list = page;
    Ok(())
}

/// The current version of the collection.
pub(super) async fn head(cluster: &Cluster, watch: &Watch) -> Result<ResourceVersion, RequestError> {
    let page = page(cluster, watch, &query::head(watch), query::METADATA).await?;
    Ok(page.metadata.resource_version)
}
