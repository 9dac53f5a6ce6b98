//! Reading whole lists, page by page: objects as they are kept, or their metadata only.

use super::clock::Clock;
use super::cluster::Cluster;
use super::decode::{Page, Trouble, ask, decode, get, what};
use super::error::Error;
use super::query;
use crate::observation::{
    Capture, Object, ResourceVersion, Shape, Stamp, Undecodable, Watch, WatchId, decode_object, salvage,
};
use smol_str::SmolStr;

/// How often a list is begun anew when its continue token expires under it.
const ATTEMPTS: u32 = 5;

/// A whole list.
pub struct Pages {
    /// The list's version: every object is as of it.
    pub version: ResourceVersion,
    /// The kind of its objects, when the server tells it.
    pub kind: SmolStr,
    /// The objects, in the server's order, with the receipt of their page.
    pub items: Vec<(Stamp, Item)>,
}

/// An object of a list.
pub enum Item {
    /// Decoded.
    Object(Object),
    /// Kept as it came.
    Undecodable(Undecodable),
}

impl Item {
    /// The object, if it could be decoded.
    pub fn object(&self) -> Option<&Object> {
        match self {
            Self::Object(object) => Some(object),
            Self::Undecodable(_) => None,
        }
    }
}

/// uids, names and versions of a whole list.
pub struct Heads {
    /// The list's version.
    pub version: ResourceVersion,
    /// The objects.
    pub objects: Vec<Head>,
}

impl Heads {
    /// Nothing is there.
    pub fn none() -> Self {
        Self { version: ResourceVersion::default(), objects: Vec::new() }
    }
}

/// Who is in a list, in which version.
pub struct Head {
    pub uid: SmolStr,
    pub name: SmolStr,
    pub version: ResourceVersion,
}

/// Lists whole objects as of now. A continue token that expires in the middle begins the list anew: nothing of a list
/// that was not finished is believed.
pub async fn pages(
    cluster: &Cluster,
    watch: &Watch,
    id: WatchId,
    capture: Capture,
    clock: &Clock,
) -> Result<Pages, Trouble> {
    let shape = crate::kinds::shape(&watch.resource);
    let mut expired = None;
    for _ in 0..ATTEMPTS {
        match pages_once(cluster, watch, id, (shape, capture), clock).await {
            Err(Trouble::Expired(message)) => expired = Some(message),
            result => return result,
        }
    }
    let error = Error::Refused { verb: "list", what: what(watch), code: 410, message: expired.unwrap_or_default() };
    Err(Trouble::Passing { after: None, error })
}

async fn pages_once(
    cluster: &Cluster,
    watch: &Watch,
    id: WatchId,
    (shape, capture): (Shape, Capture),
    clock: &Clock,
) -> Result<Pages, Trouble> {
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
                Err(error) => Item::Undecodable(undecodable(id, bytes, &error)),
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
pub async fn heads(cluster: &Cluster, watch: &Watch) -> Result<Heads, Trouble> {
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
pub async fn head(cluster: &Cluster, watch: &Watch) -> Result<ResourceVersion, Trouble> {
    let page: Page = get(cluster, "list", watch, &query::head(watch), query::METADATA).await?;
    Ok(page.metadata.resource_version)
}

/// Keeps what could not be decoded, with what of it could be read.
pub fn undecodable(id: WatchId, bytes: &[u8], error: &crate::observation::Error) -> Undecodable {
    let saved = salvage(bytes);
    Undecodable {
        watch: id,
        uid: saved.as_ref().map(|(uid, _)| uid.clone()),
        resource_version: saved.map(|(_, version)| version).filter(|version| !version.as_str().is_empty()),
        error: super::socket::causes(error),
        raw: String::from_utf8_lossy(bytes).into_owned(),
    }
}

fn passing(error: Error) -> Trouble {
    Trouble::Passing { after: None, error }
}
