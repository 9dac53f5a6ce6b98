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

/// Reads the events after a revision, up to another one if the server shows that.
pub(super) async fn read(cluster: &Cluster, watch: &Watch, clock: Clock, from: u64, to: u64) -> Span {
    let mut span = Span { until: from, to, newest: None };
    let _ = tokio::time::timeout(AT_MOST, read_into(&mut span, cluster, watch, clock)).await;
    span
}

async fn read_into(span: &mut Span, cluster: &Cluster, watch: &Watch, clock: Clock) -> Option<()> {
    let asked = clock.read();
    let path = query::watch(watch, &ResourceVersion::new(span.until.to_string()), LENGTH);
    let response = ask(cluster, "watch", watch, &path).await.ok()?;
    let mut socket = Socket::drain(response, clock, Arc::new(Depth::default()), asked);
    let mut lines = Lines::default();
    loop {
        match socket.next().await {
            Delivery::Chunk(chunk) => {
                let mut is_readable = true;
                lines.push(chunk.bytes.clone(), |line| is_readable = is_readable && span.take(line).is_some()).ok()?;
                if !is_readable || span.is_read() {
                    return None;
                }
            }
            Delivery::Stalled(_) => {}
            Delivery::Closed(_) | Delivery::Broken(_) => return None,
        }
    }
}

/// What is known of the events up to a revision.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Span {
    /// Everything up to this revision was read.
    pub until: u64,
    to: u64,
    /// The newest event, if there was one.
    pub newest: Option<u64>,
}

impl Span {
    /// True when all of it was read.
    pub(super) fn is_read(&self) -> bool {
        self.until >= self.to
    }

    /// Takes a line; none if it does not say what came.
    fn take(&mut self, line: &[u8]) -> Option<()> {
        let Line { r#type, object } = serde_json::from_slice(line).ok()?;
        let version = object.metadata.resource_version.number()?;
        match r#type.as_str() {
            "BOOKMARK" => self.until = self.until.max(version),
            "ADDED" | "MODIFIED" | "DELETED" if version > self.to => self.until = self.to,
            "ADDED" | "MODIFIED" | "DELETED" => self.newest = self.newest.max(Some(version)),
            _ => return None,
        }
        Some(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(what: &str, version: u64) -> String {
        format!(r#"{{"type":"{what}","object":{{"metadata":{{"resourceVersion":"{version}"}}}}}}"#)
    }

    #[test]
    fn the_newest_event_of_a_span_is_known_once_everything_up_to_its_end_came() {
        for (lines, until, newest) in [
            (&[("BOOKMARK", 15), ("BOOKMARK", 20)][..], 20, None),
            (&[("ADDED", 12), ("DELETED", 13), ("BOOKMARK", 30)], 30, Some(13)),
            (&[("MODIFIED", 20), ("MODIFIED", 21)], 20, Some(20)),
            (&[("ADDED", 12), ("BOOKMARK", 19)], 19, Some(12)),
            (&[("ADDED", 12)], 10, Some(12)),
        ] {
            let mut span = Span { until: 10, to: 20, newest: None };
            for (what, version) in lines {
                assert_eq!(
                    (span.is_read(), span.take(line(what, *version).as_bytes())),
                    (false, Some(())),
                    "{lines:?}"
                );
            }
            assert_eq!((span.until, span.newest, span.is_read()), (until, newest, until >= 20), "{lines:?}");
        }
        let mut span = Span { until: 10, to: 20, newest: None };
        for unreadable in [
            r#"{"type":"ERROR","object":{"kind":"Status","metadata":{},"code":410}}"#,
            &line("ERROR", 30),
            &line("", 30),
            r#"{"type":"BOOKMARK","object":{"metadata":{"resourceVersion":"x"}}}"#,
            "{",
        ] {
            assert_eq!(span.take(unreadable.as_bytes()), None);
        }
        assert_eq!(span, Span { until: 10, to: 20, newest: None });
    }
}
