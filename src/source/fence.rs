//! The fence at the end of a watch: proof that everything up to the end was recorded.
//!
//! A quorum list of metadata says what there is; every object's version in it must have been recorded, and every
//! recorded object must be in it or be seen to go. Waiting for the list's own version would take until the next
//! bookmark.

use super::attach::{Heads, heads};
use super::cluster::Cluster;
use super::decode::Trouble;
use super::error::Error;
use super::stream::Stream;
use crate::observation::{Change, Fence, Observation, ResourceVersion, Watch, What};
use smol_str::SmolStr;
use std::collections::{HashMap, HashSet};
use std::future::pending;
use std::sync::Arc;
use std::time::Duration;
use tokio::task::JoinHandle;
use tokio::time::Instant;

/// Pause between attempts to list what there is.
const AGAIN: Duration = Duration::from_millis(200);

/// A fence that is being built.
pub struct Fencing {
    deadline: Instant,
    listing: Option<JoinHandle<Heads>>,
    listed: Option<Heads>,
    awaited: Option<Awaited>,
    /// Whose deletion was recorded since the fence was begun.
    gone: HashSet<SmolStr>,
}

/// What still has to come before a watch is proven whole.
struct Awaited {
    version: ResourceVersion,
    /// Objects of the list whose version was not recorded yet.
    versions: HashMap<SmolStr, (ResourceVersion, SmolStr)>,
    /// Recorded objects that the list lacks, and whose deletion was not recorded yet.
    deletions: HashSet<SmolStr>,
}

impl Fencing {
    fn begin(cluster: Arc<Cluster>, watch: Watch, deadline: Instant) -> Self {
        let listing = tokio::spawn(async move {
            loop {
                match heads(&cluster, &watch).await {
                    Ok(heads) => return heads,
                    Err(Trouble::NotServed) => return Heads::none(),
                    Err(_) => tokio::time::sleep(AGAIN).await,
                }
            }
        });
        Self { deadline, listing: Some(listing), listed: None, awaited: None, gone: HashSet::new() }
    }

    /// When it must be done; far away when there is none.
    pub fn deadline(fencing: Option<&Self>) -> Option<Instant> {
        fencing.map(|fencing| fencing.deadline)
    }

    /// Waits for the list; for ever when there is none to wait for. Cancel-safe.
    pub async fn progress(fencing: Option<&mut Self>) {
        let Some(fencing) = fencing else { return pending().await };
        let Some(listing) = &mut fencing.listing else { return pending().await };
        let listed = listing.await;
        fencing.listing = None;
        fencing.listed = listed.ok();
    }

    /// Something was recorded.
    pub fn recorded(&mut self, change: Change, uid: &SmolStr, version: &ResourceVersion) {
        if change == Change::Deleted {
            self.gone.insert(uid.clone());
        }
        if let Some(awaited) = &mut self.awaited {
            awaited.recorded(change, uid, version);
        }
    }
}

impl Drop for Fencing {
    fn drop(&mut self) {
        if let Some(listing) = &self.listing {
            listing.abort();
        }
    }
}

impl Awaited {
    fn new(heads: Heads, known: &HashMap<SmolStr, ResourceVersion>, gone: &HashSet<SmolStr>) -> Self {
        let mut deletions: HashSet<SmolStr> = known
            .iter()
            // What was recorded after the list was made need not be in it.
            .filter(|(_, version)| !heads.version.is_covered_by(version) || **version == heads.version)
            .map(|(uid, _)| uid.clone())
            .collect();
        let mut versions = HashMap::new();
        for head in heads.objects {
            deletions.remove(&head.uid);
            let recorded = known.get(&head.uid).is_some_and(|version| covers(version, &head.version));
            if !recorded && !gone.contains(&head.uid) {
                versions.insert(head.uid, (head.version, head.name));
            }
        }
        Self { version: heads.version, versions, deletions }
    }

    fn recorded(&mut self, change: Change, uid: &SmolStr, version: &ResourceVersion) {
        if change == Change::Deleted {
            self.versions.remove(uid);
            self.deletions.remove(uid);
        } else if self.versions.get(uid).is_some_and(|(awaited, _)| covers(version, awaited)) {
            self.versions.remove(uid);
        }
    }

    fn is_whole(&self) -> bool {
        self.versions.is_empty() && self.deletions.is_empty()
    }

    fn missing(&self) -> String {
        let mut names: Vec<&str> = self.versions.values().map(|(_, name)| name.as_str()).collect();
        names.sort_unstable();
        let mut missing = Vec::new();
        if !names.is_empty() {
            names.truncate(3);
            missing.push(format!(
                "{} objects not recorded as they are ({} ...)",
                self.versions.len(),
                names.join(", ")
            ));
        }
        if !self.deletions.is_empty() {
            missing.push(format!("{} objects gone without a recorded deletion", self.deletions.len()));
        }
        missing.join("; ")
    }
}

fn covers(recorded: &ResourceVersion, awaited: &ResourceVersion) -> bool {
    recorded == awaited || awaited.is_covered_by(recorded)
}

impl Stream {
    pub(super) fn begin_fence(&mut self) {
        let deadline = self.settings.clock.after(self.settings.pace.fence);
        self.fencing = Some(Fencing::begin(Arc::clone(&self.settings.cluster), self.watch.clone(), deadline));
    }

    /// Writes the fence when nothing is missing any more.
    pub(super) async fn fenced(&mut self) -> Result<bool, Error> {
        let Some(fencing) = &mut self.fencing else { return Ok(false) };
        if let Some(heads) = fencing.listed.take() {
            fencing.awaited = Some(Awaited::new(heads, &self.known, &fencing.gone));
        }
        let Some(awaited) = fencing.awaited.as_ref().filter(|awaited| awaited.is_whole()) else { return Ok(false) };
        let version = awaited.version.clone();
        self.write_fence(version, String::new()).await?;
        Ok(true)
    }

    /// Out of time: the tail stays open, and the recording says why.
    pub(super) async fn give_up_fence(&mut self, why: &str) -> Result<(), Error> {
        let awaited = self.fencing.as_ref().and_then(|fencing| fencing.awaited.as_ref());
        let (version, missing) = match awaited {
            Some(awaited) => (awaited.version.clone(), awaited.missing()),
            None => (self.version.clone().unwrap_or_default(), String::new()),
        };
        let missing = if missing.is_empty() { why.to_owned() } else { missing };
        self.write_fence(version, missing).await
    }

    /// A kind that is not served has nothing to miss, unless there was something of it.
    pub(super) async fn fence_nothing(&mut self) -> Result<(), Error> {
        let missing = if self.known.is_empty() {
            String::new()
        } else {
            format!("{} objects were there, and the resource is not served any more", self.known.len())
        };
        self.write_fence(self.version.clone().unwrap_or_default(), missing).await
    }

    async fn write_fence(&mut self, resource_version: ResourceVersion, missing: String) -> Result<(), Error> {
        let fence = Fence { watch: self.id, resource_version, whole: missing.is_empty(), missing };
        self.fencing = None;
        self.send(vec![Observation { stamp: self.settings.clock.now(), what: What::Fence(fence) }]).await
    }
}
