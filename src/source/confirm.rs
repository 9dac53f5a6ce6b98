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
    let limits = Healing { requests: REQUESTS, ..Healing::default() };
    let history = History::new(Arc::clone(&cluster), watch.clone(), Capture::Status, limits, Stop::default());
    let ask = async {
        let is_there = |head: Option<(SmolStr, Head)>| head.filter(|(found, _)| *found == uid).map(|(_, head)| head);
        let then = is_there(history.head(&namespace, &name, revision, false).await?);
        if !is_deletion {
            return Ok(then.is_some_and(|head| head.version == revision));
        }
        // Under a selector it may only have left, with a new version.
        let is_gone = then.is_none_or(|head| head.version == revision);
        Ok(is_gone && is_there(history.head(&namespace, &name, revision.saturating_sub(1), false).await?).is_some())
    };
    let unknown = match tokio::time::timeout(CONFIRM, ask).await.unwrap_or(Err(Unknown::Stopped)) {
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
