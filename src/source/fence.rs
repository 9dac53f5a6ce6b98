//! The fence at the end of a watch: proof that everything up to the end was recorded.
//!
//! A quorum list of metadata says what there is; every object's version in it must have been recorded, and every
//! recorded object must be in it or be seen to go. An object that was born and died since the last recorded version is in
//! neither: so the stream must also have been read to the list's version, or, since waiting for a bookmark of that
//! version may take a minute, have been open and silent for a while.

use super::attach::{Heads, heads};
use super::cluster::Cluster;
use super::decode::Trouble;
use super::error::Error;
use super::stream::Stream;
use crate::observation::{Change, Fence, ResourceVersion, Watch, What};
use smol_str::SmolStr;
use std::collections::{HashMap, HashSet};
use std::future::{Future, pending};
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
    /// When the stream began, or said something last.
    heard: Instant,
}

/// What still has to come before a watch is proven whole.
struct Awaited {
    version: ResourceVersion,
    /// Who is in the list.
    listed: HashSet<SmolStr>,
    /// Objects of the list whose version was not recorded yet.
    versions: HashMap<SmolStr, (ResourceVersion, SmolStr)>,
    /// Recorded objects that the list lacks, and whose deletion was not recorded yet.
    deletions: HashSet<SmolStr>,
}

impl Fencing {
    fn begin(cluster: Arc<Cluster>, watch: Watch, is_empty: bool, now: Instant, deadline: Instant) -> Self {
        let listing = tokio::spawn(async move {
            loop {
                match heads(&cluster, &watch).await {
                    Ok(heads) => return heads,
                    Err(Trouble::NotServed) if is_empty => return Heads::none(),
                    Err(_) => tokio::time::sleep(AGAIN).await,
                }
            }
        });
        Self { deadline, listing: Some(listing), listed: None, awaited: None, gone: HashSet::new(), heard: now }
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

    /// The stream lives.
    pub fn heard(&mut self, now: Instant) {
        self.heard = now;
    }

    /// A whole list was recorded: who was awaited and is not in it went unseen, and that was told.
    pub fn relisted(&mut self, known: &HashMap<SmolStr, ResourceVersion>) {
        self.gone.clear();
        if let Some(awaited) = &mut self.awaited {
            awaited.versions.retain(|uid, (version, _)| known.get(uid).is_some_and(|known| !covers(known, version)));
            awaited.deletions.retain(|uid| known.contains_key(uid));
        }
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
        let mut listed = HashSet::with_capacity(heads.objects.len());
        for head in heads.objects {
            deletions.remove(&head.uid);
            listed.insert(head.uid.clone());
            let recorded = known.get(&head.uid).is_some_and(|version| covers(version, &head.version));
            if !recorded && !gone.contains(&head.uid) {
                versions.insert(head.uid, (head.version, head.name));
            }
        }
        Self { version: heads.version, listed, versions, deletions }
    }

    fn recorded(&mut self, change: Change, uid: &SmolStr, version: &ResourceVersion) {
        if change == Change::Deleted {
            self.versions.remove(uid);
            self.deletions.remove(uid);
        } else if let Some((awaited, _)) = self.versions.get(uid) {
            if covers(version, awaited) {
                self.versions.remove(uid);
            }
        } else if !self.listed.contains(uid) && version.is_covered_by(&self.version) {
            // Born before the list was made, and not in it: its deletion is still on its way.
            self.deletions.insert(uid.clone());
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
        let (now, deadline) = (self.now(), self.settings.clock.after(self.settings.pace.fence));
        let (cluster, watch) = (Arc::clone(&self.settings.cluster), self.watch.clone());
        self.fencing = Some(Fencing::begin(cluster, watch, self.told.objects.known().is_empty(), now, deadline));
    }

    /// Writes the fence when nothing is missing any more: all that the list knows was recorded, and the stream was
    /// read to the list's version, or, as no event need have that version, has nothing more to say.
    pub(super) async fn fenced(&mut self) -> Result<bool, Error> {
        let now = self.now();
        let Some(fencing) = &mut self.fencing else { return Ok(false) };
        if let Some(heads) = fencing.listed.take() {
            fencing.awaited = Some(Awaited::new(heads, &self.told.objects.recorded(), &fencing.gone));
            fencing.heard = now;
        }
        let Some(awaited) = fencing.awaited.as_ref().filter(|awaited| awaited.is_whole()) else { return Ok(false) };
        let read = self.told.position.version().is_some_and(|read| covers(read, &awaited.version));
        if !read && now < fencing.heard + self.settings.pace.quiet {
            return Ok(false);
        }
        let version = awaited.version.clone();
        self.write_fence(version, String::new()).await?;
        Ok(true)
    }

    /// When a stream that stays silent was read to its end; none as long as something is known to be missing.
    pub(super) fn silent_at(&self) -> Option<Instant> {
        let fencing = self.fencing.as_ref()?;
        fencing.awaited.as_ref().filter(|awaited| awaited.is_whole())?;
        Some(fencing.heard + self.settings.pace.quiet)
    }

    /// Waits for an answer, but not longer than the fence may take.
    pub(super) async fn in_time<T>(&self, answer: impl Future<Output = T>) -> Option<T> {
        let out_of_time = async {
            match Fencing::deadline(self.fencing.as_ref()) {
                Some(deadline) => tokio::time::sleep_until(deadline).await,
                None => {
                    self.settings.finish.cancelled().await;
                    tokio::time::sleep(self.settings.pace.fence).await;
                }
            }
        };
        tokio::select! {
            biased;
            answer = answer => Some(answer),
            () = out_of_time => None,
        }
    }

    /// The stream began, or said something.
    pub(super) fn heard(&mut self) {
        let now = self.now();
        if let Some(fencing) = &mut self.fencing {
            fencing.heard(now);
        }
    }

    fn now(&self) -> Instant {
        self.settings.clock.after(Duration::ZERO)
    }

    /// Out of time: the tail stays open, and the recording says why.
    pub(super) async fn give_up_fence(&mut self, why: &str) -> Result<(), Error> {
        let awaited = self.fencing.as_ref().and_then(|fencing| fencing.awaited.as_ref());
        let (version, missing) = match awaited {
            Some(awaited) => (awaited.version.clone(), awaited.missing()),
            None => (self.version(), String::new()),
        };
        let missing = if missing.is_empty() { why.to_owned() } else { missing };
        self.write_fence(version, missing).await
    }

    /// A kind that is not served, and of which nothing was there, has nothing to miss.
    pub(super) async fn fence_nothing(&mut self) -> Result<(), Error> {
        self.write_fence(self.version(), String::new()).await
    }

    async fn write_fence(&mut self, resource_version: ResourceVersion, missing: String) -> Result<(), Error> {
        let fence = Fence { watch: self.id, resource_version, whole: missing.is_empty(), missing };
        self.fencing = None;
        // Nobody came to say what they said.
        let mut lines = self.withheld();
        lines.push(self.tell(self.settings.clock.now(), What::Fence(fence)));
        self.send(lines).await
    }
}
