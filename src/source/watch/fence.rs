//! The fence at the end of a watch: proof that everything up to the end was recorded.
//!
//! A quorum list of metadata says what there is; every object's version in it must have been recorded, and every
//! recorded object must be in it or be seen to go. An object that was born and died since the last recorded version is in
//! neither: so the stream must also have been read to the list's version, or, since waiting for a bookmark of that
//! version may take a minute, have been open and silent for a while.

use super::super::pages::Heads;
use crate::observation::{Change, ResourceVersion};
use smol_str::SmolStr;
use std::collections::{HashMap, HashSet};
use std::time::Duration;

/// Pause between attempts to list what there is.
const AGAIN: Duration = Duration::from_millis(200);

/// A fence that is being built. Moments are times of the monotonic clock.
#[derive(Debug)]
pub struct Fence {
    begun: Duration,
    /// When it must be done.
    deadline: Duration,
    proof: Proof,
    /// Whose deletion was recorded since the list was asked for.
    gone: HashSet<SmolStr>,
    /// When the stream began, or said something last.
    heard: Duration,
}

/// How far the list of what there is has come.
#[derive(Debug)]
enum Proof {
    Asked,
    /// It could not be listed, and is asked for again at this moment.
    Again(Duration),
    Listed(Awaited),
}

/// What still has to come before a watch is proven whole.
#[derive(Debug)]
struct Awaited {
    version: ResourceVersion,
    /// Who is in the list.
    listed: HashSet<SmolStr>,
    /// Objects of the list whose version was not recorded yet.
    versions: HashMap<SmolStr, (ResourceVersion, SmolStr)>,
    /// Recorded objects that the list lacks, and whose deletion was not recorded yet.
    deletions: HashSet<SmolStr>,
}

impl Fence {
    /// Who begins it asks for the list.
    pub fn begin(now: Duration, deadline: Duration) -> Self {
        Self { begun: now, deadline, proof: Proof::Asked, gone: HashSet::new(), heard: now }
    }

    /// When it must be done.
    pub fn deadline(&self) -> Duration {
        self.deadline
    }

    /// When half of its time is over: what may be given up leaves it the other half.
    pub fn half_time(&self) -> Duration {
        self.begun + self.deadline.saturating_sub(self.begun) / 2
    }

    /// The list of what there is was answered.
    pub fn listed(&mut self, heads: Heads, recorded: &HashMap<SmolStr, ResourceVersion>, now: Duration) {
        self.proof = Proof::Listed(Awaited::new(heads, recorded, &self.gone));
        self.heard = now;
    }

    /// It was not.
    pub fn not_listed(&mut self, now: Duration) {
        self.proof = Proof::Again(now + AGAIN);
    }

    /// Whether the list is to be asked for again now; who is told so asks.
    pub fn asks_again(&mut self, now: Duration) -> bool {
        let due = matches!(self.proof, Proof::Again(at) if at <= now) && now < self.deadline;
        if due {
            self.proof = Proof::Asked;
        }
        due
    }

    /// A whole list was recorded: what is awaited is to be reckoned anew. Who calls this asks for the list.
    pub fn restart(&mut self) {
        self.gone.clear();
        self.proof = Proof::Asked;
    }

    /// The stream began, or said something.
    pub fn heard(&mut self, now: Duration) {
        self.heard = now;
    }

    /// Something was recorded.
    pub fn recorded(&mut self, change: Change, uid: &SmolStr, version: &ResourceVersion) {
        if change == Change::Deleted {
            self.gone.insert(uid.clone());
        }
        if let Proof::Listed(awaited) = &mut self.proof {
            awaited.recorded(change, uid, version);
        }
    }

    /// The version at which the watch is proven whole: nothing of the list is missing, and the stream was read to the
    /// list's version, or, as no event need have that version, has nothing more to say.
    pub fn met(
        &self,
        read: Option<&ResourceVersion>,
        silent_for: Option<Duration>,
        quiet: Duration,
    ) -> Option<ResourceVersion> {
        let awaited = self.whole()?;
        let is_read = read.is_some_and(|read| covers(read, &awaited.version));
        let is_silent = silent_for.is_some_and(|now| now >= self.heard + quiet);
        (is_read || is_silent).then(|| awaited.version.clone())
    }

    /// The next moment at which it wants to be looked at; `following` an open stream, its silence counts.
    pub fn wakes_at(&self, following: bool, quiet: Duration) -> Duration {
        let next = match &self.proof {
            Proof::Again(at) => Some(*at),
            _ if following => self.whole().map(|_| self.heard + quiet),
            _ => None,
        };
        next.map_or(self.deadline, |next| next.min(self.deadline))
    }

    /// The list's version and what of it is missing, in words; none when there is no list yet.
    pub fn missing(&self) -> Option<(ResourceVersion, String)> {
        match &self.proof {
            Proof::Listed(awaited) => Some((awaited.version.clone(), awaited.missing())),
            Proof::Asked | Proof::Again(_) => None,
        }
    }

    fn whole(&self) -> Option<&Awaited> {
        match &self.proof {
            Proof::Listed(awaited) if awaited.is_whole() => Some(awaited),
            _ => None,
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
