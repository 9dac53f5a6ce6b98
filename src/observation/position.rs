//! Where one watch is: what its observations, applied one by one in the order of the recording, prove about it.
//!
//! Everybody who asks that question asks it here: the source and a resumed recorder (from which version to go on),
//! `verify` and the recorder's summary (is it whole, and why not), the fold (how far was it seen). It keeps no objects:
//! who needs them keeps an [`Inventory`](super::Inventory) beside it.

use super::problem::Problem;
use super::served::Served;
use super::{Attached, Change, Fence, Gap, GapReason, Healed, ObjectEvent, Payload, ResourceVersion, Undecodable};
use jiff::{SignedDuration, Timestamp};
use smol_str::SmolStr;

/// The position of one watch.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Position {
    first_list: Option<ResourceVersion>,
    version: Option<ResourceVersion>,
    /// Whose events had that version: deletions of several objects may share one.
    sharing: Vec<SmolStr>,
    /// The version before it, where more deletions may share it.
    before: Option<ResourceVersion>,
    alive: Option<Timestamp>,
    served: Served,
    away: bool,
    attached: bool,
    gap: Option<OpenGap>,
    fence: Option<Fenced>,
    /// A list may follow another: the resource was not served in between.
    may_list: bool,
    /// What was reached some time ago; a fence is built in less.
    reached: Reached,
    counts: Counts,
}

/// Versions that were reached, and when.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Reached {
    earlier: Option<ResourceVersion>,
    latest: Option<(Timestamp, ResourceVersion)>,
}

impl Reached {
    /// Longer than a fence may take: so long before it, all that was delivered is older than its list.
    const SPAN: SignedDuration = SignedDuration::from_secs(60);

    fn note(&mut self, at: Timestamp, version: &ResourceVersion) {
        if self.latest.as_ref().is_none_or(|(then, _)| at.duration_since(*then) >= Self::SPAN) {
            self.earlier = self.latest.replace((at, version.clone())).map(|(_, version)| version);
        }
    }

    /// What a fence written `at` this moment must be as new as.
    fn before(&self, at: Timestamp) -> Option<&ResourceVersion> {
        let latest = self.latest.as_ref().filter(|(then, _)| at.duration_since(*then) >= Self::SPAN);
        latest.map(|(_, version)| version).or(self.earlier.as_ref())
    }
}

/// How often something happened on a watch.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Objects of lists and events.
    pub events: u64,
    /// Streams that were taken up again without a loss.
    pub reconnects: u64,
    /// Spans that were lost.
    pub gaps: u64,
    /// Spans that were lost, and read back whole from the server's history.
    pub healed: u64,
    /// Lines that could not be decoded.
    pub undecodable: u64,
    /// Observations that prove that the recording is not whole; each was returned by [`Position::apply`].
    pub problems: u64,
}

/// A gap whose list is not complete yet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OpenGap {
    /// When the stream was last known alive before it.
    pub from: Timestamp,
    /// Where the stream was before it.
    pub from_resource_version: ResourceVersion,
    /// Why the span was lost.
    pub reason: GapReason,
    /// The versions that follow may be lower than those before.
    rewound: bool,
}

/// The last fence of a watch.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fenced {
    /// When it was written.
    pub at: Timestamp,
    /// The version of its list.
    pub resource_version: ResourceVersion,
    /// It found nothing missing.
    pub whole: bool,
    /// What it found missing, in words.
    pub missing: String,
}

impl Position {
    /// Applies the next observation of the watch, received `at` this moment, or one of the whole recording; returns
    /// what it proves to be wrong. The caller applies only what is about this watch or about none.
    pub fn apply(&mut self, at: Timestamp, what: &Payload) -> Option<Problem> {
        // A fence says nothing about what comes after it; one that failed is over only when a recorder goes on.
        let failed = what.watch().and_then(|_| self.fence.take()).filter(|fence| !fence.whole);
        let failed = failed.filter(|fence| !self.has_passed(&fence.resource_version));
        let problem = match what {
            Payload::Object(seen) => self.object(seen, at),
            Payload::Unchanged { .. } => {
                self.delivered(at);
                None
            }
            Payload::Bookmark { resource_version, .. } => {
                self.bookmark(resource_version, at);
                None
            }
            Payload::LateBookmark { resource_version, not_before, .. } => {
                // Behind it there may be more of the backlog.
                let alive = self.alive.max(Some(*not_before));
                self.bookmark(resource_version, at);
                self.alive = alive;
                None
            }
            Payload::Attached(attached) => self.attached(attached, at),
            Payload::NotServed { .. } => {
                self.served.refused();
                (self.attached, self.away, self.may_list) = (true, true, true);
                None
            }
            Payload::Reconnected(reconnected) => {
                self.counts.reconnects += 1;
                (self.attached, self.away) = (true, false);
                // The answer proves that the server is there, not yet that it will go on from that version: only the
                // first line of the stream does. So neither the version nor the moment moves.
                if self.resumes_at() == Some(&reconnected.resource_version) {
                    None
                } else {
                    self.contradiction(&reconnected.resource_version, |at, left| Problem::TakenUpElsewhere { at, left })
                }
            }
            Payload::Gap(gap) => Some(self.lost(gap)),
            Payload::Healed(healed) => self.healed(healed, at),
            Payload::Undecodable(undecodable) => Some(self.undecodable(undecodable)),
            Payload::Fence(fence) => self.fenced(fence, at),
            Payload::Resumed { .. } => {
                // What was the end is not the end, and this recorder has still to attach.
                (self.fence, self.attached) = (None, false);
                None
            }
            Payload::Past(_)
            | Payload::Environment(_)
            | Payload::Clock(_)
            | Payload::Mark { .. }
            | Payload::End { .. } => None,
        };
        let problem = problem.or_else(|| failed.map(|fence| Problem::Fence { missing: fence.missing }));
        self.counts.problems += u64::from(problem.is_some());
        problem
    }

    fn object(&mut self, seen: &ObjectEvent, at: Timestamp) -> Option<Problem> {
        self.counts.events += 1;
        self.seen();
        let version = &seen.object.resource_version;
        if seen.healed {
            // What was read back is as old as the span that it fills. Until a line says that the span is filled, it
            // proves nothing about where the stream is.
            return None;
        }
        match seen.not_before {
            // Behind an event of the server's backlog there may be more of it, and all of that may have happened since.
            Some(not_before) => self.alive = self.alive.max(Some(not_before)),
            None => self.delivered(at),
        }
        // A list says where its objects are, not where the stream is.
        if seen.change == Change::Listed || self.reach_event(&seen.object.uid, version, seen.change) {
            return None;
        }
        self.version.clone().map(|last| Problem::EventBehind { version: version.clone(), last })
    }

    /// A server that is behind, or has counted anew, says how far *it* has come. An older bookmark so proves nothing
    /// about what was delivered, and nothing about the moment either: what happened since may be unknown to it.
    fn bookmark(&mut self, version: &ResourceVersion, at: Timestamp) {
        if self.reach(version) || self.version.as_ref() == Some(version) {
            self.before = None;
            self.seen();
            self.delivered(at);
        }
    }

    fn attached(&mut self, attached: &Attached, at: Timestamp) -> Option<Problem> {
        self.seen();
        self.delivered(at);
        self.attached = true;
        let version = &attached.resource_version;
        self.first_list.get_or_insert_with(|| version.clone());
        let is_explained = std::mem::take(&mut self.may_list) || self.gap.is_some() || self.version.is_none();
        let rewound = self.gap.take().is_some_and(|gap| gap.rewound);
        if rewound {
            self.reached = Reached::default();
        }
        let last = self.version.get_or_insert_with(|| version.clone());
        if !rewound && is_older(version, last) {
            return Some(Problem::ListBehind { version: version.clone(), last: last.clone() });
        }
        last.clone_from(version);
        self.sharing.clear();
        self.before = None;
        (!is_explained).then(|| Problem::ListedAgain { version: version.clone() })
    }

    fn lost(&mut self, gap: &Gap) -> Problem {
        self.counts.gaps += 1;
        // If the list after an earlier gap was not read to its end, the list that follows now is the one after both.
        let earlier = self.gap.take();
        let rewound = gap.reason == GapReason::StorageReplaced || earlier.as_ref().is_some_and(|gap| gap.rewound);
        let (from, from_resource_version) = match earlier {
            Some(earlier) => (earlier.from, earlier.from_resource_version),
            None => (gap.from, gap.from_resource_version.clone()),
        };
        self.gap = Some(OpenGap { from, from_resource_version, reason: gap.reason, rewound });
        Problem::Gap {
            from: gap.from_resource_version.clone(),
            to: gap.to_resource_version.clone(),
            unhealed: gap.unhealed.clone(),
        }
    }

    fn healed(&mut self, healed: &Healed, at: Timestamp) -> Option<Problem> {
        self.counts.healed += 1;
        (self.attached, self.away) = (true, false);
        // It may begin earlier: something was lost of what seemed to be whole.
        let from = &healed.from_resource_version;
        let is_from_before = self.version.as_ref().is_some_and(|left| from.is_covered_by(left));
        let elsewhere = |at, left| Problem::HealedElsewhere { at, left };
        let problem = if is_from_before { None } else { self.contradiction(from, elsewhere) };
        self.seen();
        if problem.is_none() {
            // Everything since the stream was left has been recorded, also what an unfinished list was to show.
            self.gap = None;
            self.delivered(at);
        }
        self.reach(&healed.to_resource_version);
        problem
    }

    fn undecodable(&mut self, undecodable: &Undecodable) -> Problem {
        self.counts.undecodable += 1;
        if let Undecodable { uid: Some(uid), resource_version: Some(version), .. } = undecodable
            && self.gap.is_none()
        {
            // The loss is its subject's alone, and the stream goes on behind it. One that shows neither whose it is nor
            // its version may be anything: the stream is not resumed behind it. In a list it says where its object is.
            self.reach_event(uid, version, Change::Modified);
        }
        Problem::Undecodable { error: undecodable.error.clone() }
    }

    fn fenced(&mut self, fence: &Fence, at: Timestamp) -> Option<Problem> {
        // The stream need not have been read to the version of the fence's list, so it is not resumed from there.
        let Fence { resource_version, missing, from_resource_version: from, .. } = fence;
        let whole = fence.whole && missing.is_empty();
        let (version, missing) = (resource_version.clone(), missing.clone());
        self.fence = Some(Fenced { at, resource_version: version, whole, missing: missing.clone() });
        if !whole {
            // What the stream had still to deliver, one that is taken up again where this one was left delivers; what it
            // had passed over, none will.
            return self.has_passed(resource_version).then_some(Problem::Fence { missing });
        }
        if let Some(asked) = from.as_ref().filter(|asked| is_older(resource_version, asked)) {
            return Some(Problem::FenceBehind { version: resource_version.clone(), last: asked.clone() });
        }
        let last =
            self.reached.before(at).into_iter().chain(&self.first_list).find(|last| is_older(resource_version, last));
        let is_rewound = self.counts.gaps > 0;
        last.filter(|_| !is_rewound)
            .map(|last| Problem::FenceBehind { version: resource_version.clone(), last: last.clone() })
    }

    /// Everything up to this version was delivered. Returns false if it is not newer than what was.
    ///
    /// Before the first list is complete nothing is: a watch that went on from an event of then would never hear of
    /// the objects that the list still had to show. Versions that are no numbers come in the order of arrival.
    fn reach(&mut self, version: &ResourceVersion) -> bool {
        match &mut self.version {
            Some(last) if version.is_covered_by(last) => false,
            Some(last) => {
                if last != version {
                    last.clone_from(version);
                    self.sharing.clear();
                    self.before = None;
                }
                true
            }
            None => true,
        }
    }

    /// An event of this version was delivered. Returns false if it is not newer than what was, and not another one of
    /// the same version: etcd deletes objects whose lease expires in one revision, and every DELETED has it.
    fn reach_event(&mut self, uid: &SmolStr, version: &ResourceVersion, change: Change) -> bool {
        // Before the first list is complete, nothing is reached.
        if self.version.is_none() {
            return true;
        }
        if self.version.as_ref() == Some(version) {
            let is_other = !self.sharing.contains(uid);
            if is_other {
                self.sharing.push(uid.clone());
            }
            return is_other;
        }
        let before = self.version.clone();
        if !self.reach(version) {
            return false;
        }
        self.sharing.push(uid.clone());
        self.before = before.filter(|_| change == Change::Deleted);
        true
    }

    /// Everything that happened up to this moment was delivered. The newest word counts, not the latest moment: when
    /// the wall clock is set back, what comes is stamped with moments that were there before.
    fn delivered(&mut self, at: Timestamp) {
        self.alive = Some(at);
        if let Some(version) = &self.version {
            self.reached.note(at, version);
        }
    }

    /// The stream was read beyond this version.
    fn has_passed(&self, version: &ResourceVersion) -> bool {
        self.version.as_ref().is_some_and(|read| is_older(version, read))
    }

    fn seen(&mut self) {
        self.served.seen();
        self.away = false;
    }

    fn contradiction(
        &self,
        version: &ResourceVersion,
        problem: impl FnOnce(ResourceVersion, Option<ResourceVersion>) -> Problem,
    ) -> Option<Problem> {
        (self.version.as_ref() != Some(version)).then(|| problem(version.clone(), self.version.clone()))
    }
}

/// What it answers.
impl Position {
    /// Up to which version everything was delivered; of that version itself, at least one event. None before the first
    /// list is complete, which then has to be read.
    #[must_use]
    pub fn version(&self) -> Option<&ResourceVersion> {
        self.version.as_ref()
    }

    /// From which version the stream goes on. More deletions may share the version of one that was delivered last: then
    /// it is the version before, and what comes again is passed over.
    #[must_use]
    pub fn resumes_at(&self) -> Option<&ResourceVersion> {
        self.before.as_ref().or(self.version.as_ref())
    }

    /// True when this event was delivered, and no later one since.
    #[must_use]
    pub fn is_at(&self, uid: &SmolStr, version: &ResourceVersion) -> bool {
        self.version.as_ref() == Some(version) && self.sharing.contains(uid)
    }

    /// True when everything up to this version was delivered.
    #[must_use]
    pub fn covers(&self, version: &ResourceVersion) -> bool {
        self.version.as_ref().is_some_and(|last| version.is_covered_by(last))
    }

    /// Up to which moment everything that happened was delivered; none when nothing was. While a gap is open that is
    /// its beginning: what was lost is recorded object by object until its list is complete.
    #[must_use]
    pub fn alive(&self) -> Option<Timestamp> {
        self.gap.as_ref().map(|gap| gap.from).or(self.alive)
    }

    /// Up to which version everything is known: the stream's, or that of a fence that found nothing missing.
    #[must_use]
    pub fn known_to(&self) -> Option<&ResourceVersion> {
        let last = self.version.as_ref()?;
        let fence = self.fence.as_ref().filter(|fence| fence.whole).map(|fence| &fence.resource_version);
        Some(fence.filter(|fence| !fence.is_covered_by(last)).unwrap_or(last))
    }

    /// The version of the first list; none before it is complete.
    #[must_use]
    pub fn first_list(&self) -> Option<&ResourceVersion> {
        self.first_list.as_ref()
    }

    /// The gap whose list is still to be completed, and so to be read again if its recorder ended.
    #[must_use]
    pub fn gap(&self) -> Option<&OpenGap> {
        self.gap.as_ref()
    }

    /// True when the recorder that writes now follows the watch, or knows that there is nothing to follow.
    #[must_use]
    pub fn is_attached(&self) -> bool {
        self.attached
    }

    /// Whether the server serves the resource.
    #[must_use]
    pub fn served(&self) -> Served {
        self.served
    }

    /// True when it was never served: there was nothing to see.
    #[must_use]
    pub fn is_not_served(&self) -> bool {
        self.served == Served::No
    }

    /// True when the server said last that it does not serve the resource, whatever was before.
    #[must_use]
    pub fn is_away(&self) -> bool {
        self.away
    }

    /// The fence, if nothing of the watch came after it.
    #[must_use]
    pub fn fence(&self) -> Option<&Fenced> {
        self.fence.as_ref()
    }

    /// True when a fence at the end found nothing missing.
    #[must_use]
    pub fn is_fenced(&self) -> bool {
        self.fence.as_ref().is_some_and(|fence| fence.whole)
    }

    /// How often what happened.
    #[must_use]
    pub fn counts(&self) -> Counts {
        self.counts
    }

    /// What is wrong if this is the end. That the end is open is said only where nothing worse was said before.
    #[must_use]
    pub fn at_end(&self) -> Option<Problem> {
        let failed = self.fence.as_ref().filter(|fence| !fence.whole);
        if self.is_not_served() && self.is_fenced() {
            None
        } else if self.first_list.is_none() {
            Some(Problem::NeverAttached)
        } else if let Some(fence) = failed.filter(|fence| !self.has_passed(&fence.resource_version)) {
            Some(Problem::Fence { missing: fence.missing.clone() })
        } else {
            (!self.is_fenced() && self.counts.problems == 0).then_some(Problem::Unfenced)
        }
    }

    /// True when everything from the first list to the fence was recorded, if this is the end.
    #[must_use]
    pub fn is_whole(&self) -> bool {
        self.counts.problems == 0 && self.at_end().is_none()
    }
}

fn is_older(version: &ResourceVersion, last: &ResourceVersion) -> bool {
    version != last && version.is_covered_by(last)
}
