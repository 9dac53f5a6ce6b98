//! What happened in a collection after a revision, by a watch of its own.
//!
//! A bookmark tells that everything up to it was delivered, and a quiet watch may have none for a minute. But a server
//! sends one two seconds before it ends a watch (`nextBookmarkTime` in `storage/cacher` of k8s.io/apiserver), so that a
//! short watch has one at once. Servers without a watch cache do not.

use super::clock::Clock;
use super::cluster::Cluster;
use super::decode::{ListMetadata, ask};
use super::depth::Depth;
use super::lines::Lines;
use super::query;
use super::socket::{Delivery, Socket};
use crate::observation::{ResourceVersion, Watch};
use serde::Deserialize;
use smol_str::SmolStr;
use std::sync::Arc;
use std::time::Duration;

/// For how long it is asked for, in seconds.
const LENGTH: u64 = 3;
/// How long it may take.
const AT_MOST: Duration = Duration::from_secs(6);

/// What is read of a line.
#[derive(Deserialize)]
struct Line {
    r#type: SmolStr,
    object: Object,
}

#[derive(Deserialize)]
struct Object {
    metadata: ListMetadata,
}

/// The newest event after a revision and up to another one, if there was one; none if the server does not show it.
pub(super) async fn newest(cluster: &Cluster, watch: &Watch, clock: Clock, from: u64, to: u64) -> Option<Option<u64>> {
    let read = read(cluster, watch, clock, Span { from, to, newest: None });
    tokio::time::timeout(AT_MOST, read).await.ok().flatten()
}

async fn read(cluster: &Cluster, watch: &Watch, clock: Clock, mut span: Span) -> Option<Option<u64>> {
    let asked = clock.read();
    let path = query::watch(watch, &ResourceVersion::new(span.from.to_string()), LENGTH);
    let response = ask(cluster, "watch", watch, &path).await.ok()?;
    let mut socket = Socket::drain(response, clock, Arc::new(Depth::default()), asked);
    let mut lines = Lines::default();
    loop {
        match socket.next().await {
            Delivery::Chunk(chunk) => {
                let mut end = None;
                lines.push(chunk.bytes.clone(), |line| end = end.or_else(|| span.take(line))).ok()?;
                match end {
                    None => {}
                    Some(End::Read) => return Some(span.newest),
                    Some(End::Unreadable) => return None,
                }
            }
            Delivery::Stalled(_) => {}
            Delivery::Closed(_) | Delivery::Broken(_) => return None,
        }
    }
}

/// What is asked, and what is known so far.
struct Span {
    from: u64,
    to: u64,
    newest: Option<u64>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum End {
    /// Everything up to the end of the span came.
    Read,
    /// It does not say what came.
    Unreadable,
}

impl Span {
    fn take(&mut self, line: &[u8]) -> Option<End> {
        let Ok(Line { r#type, object }) = serde_json::from_slice(line) else { return Some(End::Unreadable) };
        let Some(version) = object.metadata.resource_version.number() else { return Some(End::Unreadable) };
        match r#type.as_str() {
            "BOOKMARK" => (version >= self.to).then_some(End::Read),
            "ADDED" | "MODIFIED" | "DELETED" if version > self.to => Some(End::Read),
            "ADDED" | "MODIFIED" | "DELETED" => {
                self.newest = self.newest.max(Some(version));
                None
            }
            _ => Some(End::Unreadable),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_newest_event_of_a_span_is_known_once_everything_up_to_its_end_came() {
        let read = |lines: &[(&str, u64)]| {
            let mut span = Span { from: 10, to: 20, newest: None };
            let ends: Vec<Option<End>> = lines
                .iter()
                .map(|(what, version)| {
                    let line =
                        format!(r#"{{"type":"{what}","object":{{"metadata":{{"resourceVersion":"{version}"}}}}}}"#);
                    span.take(line.as_bytes())
                })
                .collect();
            (ends.iter().position(Option::is_some), ends.into_iter().flatten().next(), span.newest)
        };
        assert_eq!(read(&[("BOOKMARK", 15), ("BOOKMARK", 20)]), (Some(1), Some(End::Read), None));
        assert_eq!(read(&[("ADDED", 12), ("DELETED", 13), ("BOOKMARK", 30)]), (Some(2), Some(End::Read), Some(13)));
        assert_eq!(read(&[("MODIFIED", 20), ("MODIFIED", 21)]), (Some(1), Some(End::Read), Some(20)));
        assert_eq!(read(&[("ADDED", 12), ("BOOKMARK", 19)]), (None, None, Some(12)));
        assert_eq!(read(&[("ERROR", 12)]), (Some(0), Some(End::Unreadable), None));
        let mut span = Span { from: 10, to: 20, newest: None };
        let expired = br#"{"type":"ERROR","object":{"kind":"Status","metadata":{},"code":410}}"#;
        assert_eq!(span.take(expired), Some(End::Unreadable));
        assert_eq!(span.take(b"{"), Some(End::Unreadable));
    }
}
