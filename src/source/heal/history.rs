//! The server's history: collections at exact revisions, read with a budget and with pauses that the server requests.
//!
//! A list with `resourceVersionMatch=Exact` is answered from etcd's history for every revision that is not compacted. A
//! response for any other revision than the requested one is rejected.

use super::super::causes::causes;
use super::super::cluster::Cluster;
use super::super::decode::{ListMetadata, Page, get};
use super::super::error::Error;
use super::super::lines::MAX_LINE_BYTES;
use super::super::pages::{Endless, MAX_OBJECTS, Paging};
use super::super::query;
use super::super::request_error::RequestError;
use super::super::settings::Healing;
use crate::observation::{Capture, Object, ResourceVersion, Watch, decode_object};
use futures::future::BoxFuture;
use futures::{Stream, StreamExt};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use smol_str::SmolStr;
use std::collections::HashMap;
use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU32, AtomicU64, Ordering::Relaxed};
use std::time::Duration;
use tokio_util::sync::CancellationToken;

/// How often a request is tried after temporary errors.
const ATTEMPTS: u32 = 8;
/// The first pause between attempts; it doubles.
const PAUSE: Duration = Duration::from_millis(100);
/// The longest pause that a server may request.
const LONGEST_PAUSE: Duration = Duration::from_secs(10);

/// Why history gives no answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Unknown {
    /// It is not to be asked.
    Unasked,
    /// It is compacted.
    Forgotten,
    /// The server does not support such requests.
    Refused(String),
    /// The budget is used up.
    Spent,
    /// Too many revisions to inspect one by one.
    TooLong { revisions: u64 },
    /// Too many objects to list repeatedly.
    TooLarge { revisions: u64, objects: u64 },
    /// Too many objects to ask for one by one.
    TooMany { objects: u64 },
    /// There is no more time.
    Stopped,
    /// The recorder is stopped meanwhile.
    Ended,
    /// The storage is another one than when it was asked.
    Replaced,
    /// A request failed, or its response was not understood.
    Failed(String),
    /// Responses contradict each other.
    Contradicted(String),
    /// Something was lost before a revision, as this object shows, and why that is not read back.
    LostBefore { name: SmolStr, revision: u64, why: String },
    /// A lost event of this object is older than what was recorded of it.
    Overtaken { name: SmolStr },
}

impl Unknown {
    /// True where reading revisions one by one is refused or takes too much.
    pub(crate) fn is_of_cost(&self) -> bool {
        matches!(self, Self::Refused(_) | Self::Spent | Self::TooLong { .. } | Self::TooLarge { .. })
    }
}

impl fmt::Display for Unknown {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unasked => Ok(()),
            Self::Forgotten => f.write_str("the server's history is compacted"),
            Self::Refused(why) => write!(f, "the server does not list at exact revisions: {why}"),
            Self::Spent => f.write_str("it would take more requests than --heal-requests allows"),
            Self::TooLong { revisions } => {
                write!(f, "{revisions} revisions are more than --heal-revisions allows to look at one by one")
            }
            Self::TooLarge { revisions, objects } => {
                write!(f, "{objects} objects are too many to look at as of {revisions} revisions")
            }
            Self::TooMany { objects } => write!(f, "{objects} objects are too many to ask about one by one"),
            Self::Stopped => f.write_str("there was no more time"),
            Self::Ended => f.write_str("the recorder was stopped meanwhile"),
            Self::Replaced => f.write_str("the server's storage was replaced while it was read"),
            Self::Failed(why) => write!(f, "history could not be read: {why}"),
            Self::Contradicted(why) => write!(f, "history contradicts what was recorded: {why}"),
            Self::LostBefore { name, revision, why } => {
                write!(
                    f,
                    "{name} is not recorded as history shows it at revision {revision}, so something was lost before"
                )?;
                if why.is_empty() { Ok(()) } else { write!(f, "; {why}") }
            }
            Self::Overtaken { name } => write!(f, "what was lost of {name} is older than what was recorded of it"),
        }
    }
}

/// An object and its version in a snapshot.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Head {
    pub namespace: SmolStr,
    pub name: SmolStr,
    pub version: u64,
}

/// A collection at a revision, by uid.
pub(crate) type Snapshot = HashMap<SmolStr, Head>;

/// When to stop reading history.
#[derive(Clone, Debug, Default)]
pub(crate) struct Stop {
    /// Now.
    pub token: CancellationToken,
    /// The recorder ends, which may be why.
    pub end: CancellationToken,
}

/// The history of one watch's collection.
pub(crate) struct History {
    cluster: Arc<Cluster>,
    watch: Watch,
    capture: Capture,
    /// The limits.
    pub limits: Healing,
    left: AtomicU32,
    /// The newest revision that is known to be compacted.
    floor: AtomicU64,
    /// True when further requests are of no use.
    refused: AtomicBool,
    stop: Stop,
}

impl History {
    /// Reads history until `stop`, within `limits`.
    pub(crate) fn new(cluster: Arc<Cluster>, watch: Watch, capture: Capture, limits: Healing, stop: Stop) -> Arc<Self> {
        Arc::new(Self {
            cluster,
            watch,
            capture,
            limits,
            left: AtomicU32::new(limits.requests),
            floor: AtomicU64::new(0),
            refused: AtomicBool::new(false),
            stop,
        })
    }

    /// The watch of the collection.
    pub(crate) fn watch(&self) -> &Watch {
        &self.watch
    }

    /// Answers questions concurrently, a few at a time, in their order.
    pub(crate) fn few<T: Send + 'static>(
        &self,
        questions: impl IntoIterator<Item = BoxFuture<'static, T>>,
    ) -> impl Stream<Item = T> {
        futures::stream::iter(questions).buffered(self.limits.at_once.max(1))
    }

    /// The number of requests that were made.
    pub(crate) fn asked(&self) -> u32 {
        self.limits.requests - self.left()
    }

    /// The number of requests that are left.
    pub(crate) fn left(&self) -> u32 {
        self.left.load(Relaxed)
    }

    /// The newest revision that is known to be compacted.
    pub(crate) fn floor(&self) -> u64 {
        self.floor.load(Relaxed)
    }

    /// The objects of the collection at a revision.
    pub(crate) async fn heads(&self, at: u64) -> Result<Snapshot, Unknown> {
        let mut snapshot = Snapshot::new();
        let (mut paging, mut token) = (Paging::default(), None);
        loop {
            let path = query::exact(&self.watch, at, token.as_deref());
            token = read_heads(self.ask(&path, query::METADATA, at).await?, at, &mut snapshot)?;
            if snapshot.len() > MAX_OBJECTS {
                return Err(Unknown::Failed(Endless::TooManyObjects.to_string()));
            }
            token = paging.next(token).map_err(|error| Unknown::Contradicted(error.to_string()))?;
            if token.is_none() {
                return Ok(snapshot);
            }
        }
    }

    /// Whether the server still has a revision.
    pub(crate) async fn remembers(&self, at: u64) -> Result<bool, Unknown> {
        match self.ask(&query::exact_head(&self.watch, at), query::METADATA, at).await {
            Ok(heads) => read_heads(heads, at, &mut Snapshot::new()).map(|_| true),
            Err(Unknown::Forgotten) => Ok(false),
            Err(unknown) => Err(unknown),
        }
    }

    /// The first page of the collection at a revision.
    pub(crate) async fn first_page<T: DeserializeOwned>(&self, at: u64, accept: &str) -> Result<T, Unknown> {
        self.ask(&query::exact(&self.watch, at, None), accept, at).await
    }

    /// The object with a name at a revision, and its version. With `selected`, only if the watch selected it.
    pub(crate) async fn head(
        &self,
        namespace: &str,
        name: &str,
        at: u64,
        selected: bool,
    ) -> Result<Option<(SmolStr, Head)>, Unknown> {
        let path = query::exact_name(&self.watch, namespace, name, at, selected);
        let mut snapshot = Snapshot::new();
        read_heads(self.ask(&path, query::METADATA, at).await?, at, &mut snapshot)?;
        let mut all = snapshot.into_iter();
        match (all.next(), all.next()) {
            (one, None) => Ok(one),
            _ => Err(Unknown::Failed(format!("{name} is the name of several objects"))),
        }
    }

    /// The whole object with a name at a revision, as far as objects are kept.
    pub(crate) async fn object(&self, namespace: &str, name: &str, at: u64) -> Result<Option<Object>, Unknown> {
        let path = query::exact_name(&self.watch, namespace, name, at, true);
        let objects = self.read_objects(self.ask(&path, query::JSON, at).await?, at, &mut None)?;
        match <[Object; 1]>::try_from(objects) {
            Ok([object]) => Ok(Some(object)),
            Err(none) if none.is_empty() => Ok(None),
            Err(_) => Err(Unknown::Failed(format!("{name} is the name of several objects"))),
        }
    }

    /// All objects of the collection at a revision, whole.
    pub(crate) async fn objects(&self, at: u64) -> Result<Vec<Object>, Unknown> {
        let mut objects = Vec::new();
        let (mut paging, mut token) = (Paging::default(), None);
        loop {
            let path = query::exact(&self.watch, at, token.as_deref());
            let page = self.ask(&path, query::JSON, at).await?;
            for object in self.read_objects(page, at, &mut token)? {
                paging.object(Some(&object.uid)).map_err(|error| Unknown::Contradicted(error.to_string()))?;
                objects.push(object);
            }
            token = paging.next(token).map_err(|error| Unknown::Contradicted(error.to_string()))?;
            if token.is_none() {
                return Ok(objects);
            }
        }
    }

    fn read_objects(&self, page: Page, at: u64, token: &mut Option<String>) -> Result<Vec<Object>, Unknown> {
        believe(page.metadata.resource_version.number(), at)?;
        *token = page.metadata.token.filter(|token| !token.is_empty());
        let shape = crate::kinds::shape(&self.watch.resource);
        let decode = |raw: Box<serde_json::value::RawValue>| {
            if raw.get().len() > MAX_LINE_BYTES {
                return Err(Unknown::Failed(format!("an object is longer than {} MiB", MAX_LINE_BYTES >> 20)));
            }
            let object = decode_object(raw.get().as_bytes(), shape, self.capture)
                .map_err(|error| Unknown::Failed(causes(&error)))?;
            believe_version(&object.resource_version, at)?;
            Ok(object)
        };
        page.items.unwrap_or_default().into_iter().map(decode).collect()
    }

    /// Sends one request, with retries. 429 and other temporary errors are waited out.
    async fn ask<T: DeserializeOwned>(&self, path: &str, accept: &str, at: u64) -> Result<T, Unknown> {
        let (mut attempts, mut pause) = (0, PAUSE);
        loop {
            self.spend(at)?;
            let (after, why) = match self.in_time(get(&self.cluster, "list", &self.watch, path, accept)).await? {
                Ok(answer) => return Ok(answer),
                Err(RequestError::Passing {
                    error: error @ (Error::Answer { .. } | Error::TooLarge { .. }), ..
                }) => {
                    return Err(Unknown::Failed(causes(&error)));
                }
                Err(RequestError::Expired(_)) => {
                    self.floor.fetch_max(at, Relaxed);
                    return Err(Unknown::Forgotten);
                }
                // Not implemented: that does not pass.
                Err(
                    trouble @ (RequestError::NotServed
                    | RequestError::ServedAs(_)
                    | RequestError::Lasting(_)
                    | RequestError::Passing { error: Error::Refused { code: 501, .. }, .. }),
                ) => {
                    self.refused.store(true, Relaxed);
                    return Err(Unknown::Refused(trouble.words()));
                }
                Err(RequestError::Passing { after, error }) => (after, causes(&error)),
            };
            attempts += 1;
            if attempts == ATTEMPTS {
                return Err(Unknown::Failed(why));
            }
            self.in_time(tokio::time::sleep(after.unwrap_or(pause).min(LONGEST_PAUSE))).await?;
            pause *= 2;
        }
    }

    /// Takes a request from the budget, if sending it makes sense.
    fn spend(&self, at: u64) -> Result<(), Unknown> {
        if at <= self.floor() {
            return Err(Unknown::Forgotten);
        }
        if self.refused.load(Relaxed) {
            return Err(Unknown::Refused("it said so before".to_owned()));
        }
        let spent = self.left.fetch_update(Relaxed, Relaxed, |left| left.checked_sub(1));
        spent.map(|_| ()).map_err(|_| Unknown::Spent)
    }

    async fn in_time<T>(&self, answer: impl Future<Output = T>) -> Result<T, Unknown> {
        tokio::select! {
            biased;
            () = self.stop.token.cancelled() => {
                Err(if self.stop.end.is_cancelled() { Unknown::Ended } else { Unknown::Stopped })
            }
            answer = answer => Ok(answer),
        }
    }
}

/// A page of metadata.
#[derive(Deserialize)]
struct Heads {
    metadata: ListMetadata,
    #[serde(default)]
    items: Option<Vec<Item>>,
}

#[derive(Deserialize)]
struct Item {
    metadata: Metadata,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Metadata {
    #[serde(default)]
    namespace: SmolStr,
    name: SmolStr,
    uid: SmolStr,
    resource_version: ResourceVersion,
}

/// Adds the objects of a page to a snapshot; returns the token of the next page.
fn read_heads(heads: Heads, at: u64, snapshot: &mut Snapshot) -> Result<Option<String>, Unknown> {
    believe(heads.metadata.resource_version.number(), at)?;
    for Item { metadata } in heads.items.unwrap_or_default() {
        let version = believe_version(&metadata.resource_version, at)?;
        let head = Head { namespace: metadata.namespace, name: metadata.name, version };
        snapshot.insert(metadata.uid, head);
    }
    Ok(heads.metadata.token.filter(|token| !token.is_empty()))
}

/// A server that does not know exact lists answers with what is there now.
pub(super) fn believe(answered: Option<u64>, asked: u64) -> Result<(), Unknown> {
    if answered == Some(asked) {
        return Ok(());
    }
    Err(Unknown::Contradicted(format!(
        "asked for revision {asked}, it answered as of {}",
        answered.unwrap_or_default()
    )))
}

/// No object is newer than the revision at which it was there.
fn believe_version(version: &ResourceVersion, at: u64) -> Result<u64, Unknown> {
    let number = version.number().filter(|number| *number <= at);
    number.ok_or_else(|| Unknown::Contradicted(format!("an object of version {version} at revision {at}")))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::observation::Resource;
    use std::io::{BufRead, BufReader, Write};
    use std::net::TcpListener;

    /// What history says of an object with so long a message.
    async fn object(length: usize) -> Result<Option<Object>, Unknown> {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a loopback port");
        let url = format!("http://{}", listener.local_addr().expect("an address"));
        let server = std::thread::spawn(move || {
            let (mut stream, _) = listener.accept().expect("a connection");
            let head = BufReader::new(&stream).lines().map_while(Result::ok);
            head.take_while(|line| !line.is_empty()).for_each(drop);
            let metadata = r#"{"name":"a","namespace":"n","uid":"u","resourceVersion":"7"}"#;
            let object = format!(r#"{{"metadata":{metadata},"status":{{"message":"{}"}}}}"#, "y".repeat(length));
            let list = format!(r#"{{"kind":"PodList","metadata":{{"resourceVersion":"7"}},"items":[{object}]}}"#);
            let length = list.len();
            write!(stream, "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: {length}\r\n\r\n{list}")
        });
        let cluster = Arc::new(Cluster::at(url).await.expect("a client"));
        let watch = Watch::all(Resource::new("", "v1", "pods", "Pod"));
        let (limits, stop) = (Healing::default(), Stop::default());
        let answer = History::new(cluster, watch, Capture::Status, limits, stop).object("n", "a", 7).await;
        server.join().expect("it does not panic").expect("it is sent");
        answer
    }

    #[tokio::test]
    async fn an_object_that_no_server_would_store_is_not_taken_from_history() {
        assert!(matches!(object(1 << 20).await, Ok(Some(_))));
        let Err(Unknown::Failed(why)) = object(MAX_LINE_BYTES).await else { panic!("it is too long") };
        assert_eq!(why, "an object is longer than 16 MiB");
    }
}
