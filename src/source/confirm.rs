//! Questions about one object as of one revision: after a deletion under a selector, whether it is gone, or only out of
//! the selection; after an outage, whether the storage knows what was recorded last.
//!
//! The present state does not show it: an object that left may have been deleted since. So the server is asked for the
//! object with that name at the revision of the event.

use super::attach;
use super::cluster::Cluster;
use super::heal::{Head, History, Stop, Unknown};
use super::settings::{Healing, LastEvent};
use crate::observation::{Capture, Object, Watch};
use smol_str::SmolStr;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::Semaphore;

/// How long one confirmation may take.
const CONFIRM: Duration = Duration::from_secs(2);
/// How long history may take to answer whether it knows what was recorded last.
const RECOGNIZE: Duration = Duration::from_secs(20);
/// Most concurrent confirmations of one watch.
pub(super) const AT_ONCE: usize = 8;
/// Most requests for one confirmation, with retries.
const REQUESTS: u32 = 3;

/// Whether an object was gone at the revision of its DELETED event; false when that is unknown.
pub(super) async fn is_gone(cluster: Arc<Cluster>, watch: Watch, object: Object, turn: Arc<Semaphore>) -> bool {
    let Some(revision) = object.resource_version.number() else { return false };
    let limits = Healing { requests: REQUESTS, ..Healing::default() };
    let history = History::new(cluster, watch, Capture::Status, limits, Stop::default());
    let ask = async {
        let _turn = turn.acquire().await.ok()?;
        history.head(&object.namespace, &object.name, revision, false).await.ok()
    };
    let found = tokio::time::timeout(CONFIRM, ask).await.ok().flatten();
    found.is_some_and(|found| found.is_none_or(|(uid, _)| uid != object.uid))
}

/// Whether the storage knows the newest version that was recorded: history has it, or the object still is in it.
///
/// # Errors
/// Neither shows it.
pub(super) async fn is_known(cluster: Arc<Cluster>, watch: Watch, event: LastEvent) -> Result<bool, Unknown> {
    let LastEvent { namespace, name, uid, revision, is_deletion } = event;
    // Each question is asked again while connections break; time is the bound.
    let limits = Healing::default();
    let history = History::new(Arc::clone(&cluster), watch.clone(), Capture::Status, limits, Stop::default());
    let ask = async {
        let is_there = |head: Option<(SmolStr, Head)>| head.filter(|(found, _)| *found == uid).map(|(_, head)| head);
        let at = |revision| history.head(&namespace, &name, revision, false);
        if !is_deletion {
            return Ok(is_there(at(revision).await?).is_some_and(|head| head.version == revision));
        }
        let (before, then) = futures::try_join!(at(revision.saturating_sub(1)), at(revision))?;
        // Under a selector it may only have left, with a new version.
        let is_gone = is_there(then).is_none_or(|head| head.version == revision);
        Ok(is_gone && is_there(before).is_some())
    };
    let unknown = match tokio::time::timeout(RECOGNIZE, Box::pin(ask)).await.unwrap_or(Err(Unknown::Stopped)) {
        Ok(is_known) => return Ok(is_known),
        Err(unknown) => unknown,
    };
    let now = tokio::time::timeout(CONFIRM, attach::named(&cluster, &watch, &namespace, &name)).await;
    match now {
        // A storage that went back has an older one.
        Ok(Ok(Some(now))) if !is_deletion && now.uid == uid && now.version.number() <= Some(revision) => {
            Ok(now.version.number() == Some(revision))
        }
        // A uid is not used again.
        Ok(Ok(Some(now))) if is_deletion && !watch.can_be_left() && now.uid == uid => Ok(false),
        _ => Err(unknown),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::observation::Resource;
    use std::io::{BufRead, BufReader, Write};
    use std::net::{TcpListener, TcpStream};
    use std::sync::atomic::{AtomicBool, Ordering};

    /// Whether a deletion at 7 is known to a server that has the object at these revisions, in these versions; at others
    /// its history is compacted, or it is not there.
    async fn is_deletion_known(there: &'static [(&'static str, u64)], is_compacted: bool) -> Result<bool, Unknown> {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a loopback port");
        let address = listener.local_addr().expect("an address");
        let serve = move |mut stream: TcpStream| -> Option<()> {
            let head = BufReader::new(&stream).lines().map_while(Result::ok);
            let head: Vec<String> = head.take_while(|line| !line.is_empty()).collect();
            let asked = head.first()?;
            let at = ["6", "7"].into_iter().find(|at| asked.contains(&format!("resourceVersion={at}&")));
            let version = there.iter().find(|(of, _)| *of == at.unwrap_or("now")).map(|(_, version)| *version);
            let object = |version| {
                format!(r#"{{"metadata":{{"name":"a","namespace":"n","uid":"u","resourceVersion":"{version}"}}}}"#)
            };
            let (code, body) = if is_compacted && at.is_some() {
                (410, r#"{"kind":"Status","apiVersion":"v1","code":410,"reason":"Expired"}"#.to_owned())
            } else {
                let (items, at) = (version.map(object).unwrap_or_default(), at.unwrap_or("9"));
                (200, format!(r#"{{"kind":"PodList","metadata":{{"resourceVersion":"{at}"}},"items":[{items}]}}"#))
            };
            let length = body.len();
            write!(stream, "HTTP/1.1 {code} X\r\nConnection: close\r\nContent-Length: {length}\r\n\r\n{body}").ok()
        };
        let is_over = Arc::new(AtomicBool::new(false));
        let over = Arc::clone(&is_over);
        let server = std::thread::spawn(move || {
            // The client may open a connection that it does not use.
            while let Some((stream, _)) = listener.accept().ok().filter(|_| !over.load(Ordering::SeqCst)) {
                let _ = serve(stream);
            }
        });
        let cluster = Arc::new(Cluster::at(format!("http://{address}")).await.expect("a client"));
        let [namespace, name, uid] = ["n", "a", "u"].map(Into::into);
        let event = LastEvent { namespace, name, uid, revision: 7, is_deletion: true };
        let is_known = is_known(cluster, Watch::all(Resource::new("", "v1", "pods", "Pod")), event).await;
        is_over.store(true, Ordering::SeqCst);
        drop(TcpStream::connect(address).expect("it listens"));
        server.join().expect("it does not panic");
        is_known
    }

    #[tokio::test]
    async fn a_deletion_is_known_if_the_object_was_there_right_before_and_not_then() {
        assert_eq!(is_deletion_known(&[("6", 3)], false).await, Ok(true));
        assert_eq!(is_deletion_known(&[("6", 3), ("7", 3), ("now", 3)], false).await, Ok(false), "it was undone");
        assert_eq!(is_deletion_known(&[], false).await, Ok(false), "it was never created");
        assert_eq!(is_deletion_known(&[("6", 3), ("7", 7)], false).await, Ok(true), "it left a selection");
        assert_eq!(is_deletion_known(&[("now", 3)], true).await, Ok(false), "a uid is not used again");
        assert_eq!(is_deletion_known(&[], true).await, Err(Unknown::Forgotten));
    }
}
