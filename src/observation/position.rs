//! The position of one watch: what its observations, applied one by one in recording order, prove about it.
//!
//! The source and a resumed recorder (from which version to continue), `verify` and the recorder's summary (whether it
//! is whole, and why not) and the fold (how far it was seen) all use it. It keeps no objects; an
//! [`Inventory`](super::Inventory) does.

use super::problem::Problem;
use super::served::Served;
use super::{Attached, Change, Fence, Gap, GapReason, Healed, ObjectEvent, Payload, Raw, ResourceVersion, Undecodable};
use jiff::{SignedDuration, Timestamp};
use smol_str::SmolStr;

/// The position of one watch.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Position {
    first_list: Option<ResourceVersion>,
    version: Option<ResourceVersion>,
    /// The uids of the events with that version: several deletions may share one.
    sharing: Vec<SmolStr>,
    /// The version before it, if more deletions may share `version`.
    before: Option<ResourceVersion>,
    alive: Option<Timestamp>,
    served: Served,
    away: bool,
    attached: bool,
    gap: Option<OpenGap>,
    fence: Option<Fenced>,
    /// A list may follow another one: the resource was not served in between.
    may_list: bool,
    /// Versions reached long ago; a fence cannot be older than these.
    reached: Reached,
    /// Whether the versions of its events are decimal numbers: those of one storage all are, or none is.
    are_decimal: Option<bool>,
    counts: Counts,
}

/// Versions, and the moments at which they were reached.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Reached {
    earlier: Option<ResourceVersion>,
    latest: Option<(Timestamp, ResourceVersion)>,
}

impl Reached {
    /// Longer than building a fence may take: whatever was delivered this long before a fence is older than its list.
    const SPAN: SignedDuration = SignedDuration::from_secs(60);

    fn note(&mut self, at: Timestamp, version: &ResourceVersion) {
        if self.latest.as_ref().is_none_or(|(then, _)| at.duration_since(*then) >= Self::SPAN) {
            self.earlier = self.latest.replace((at, version.clone())).map(|(_, version)| version);
        }
    }

    /// The version that a fence written `at` this moment must not be older than.
    fn before(&self, at: Timestamp) -> Option<&ResourceVersion> {
        let latest = self.latest.as_ref().filter(|(then, _)| at.duration_since(*then) >= Self::SPAN);
        latest.map(|(_, version)| version).or(self.earlier.as_ref())
    }
}

/// Counts of what happened on a watch.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Counts {
    /// Objects delivered by lists and events.
    pub(crate) events: u64,
    /// Streams that were resumed without a loss.
    pub(crate) reconnects: u64,
    /// Spans that were lost.
    pub(crate) gaps: u64,
    /// Spans that were lost and read back completely from the server's history.
    pub(crate) healed: u64,
    /// Lines that could not be decoded.
    pub(crate) undecodable: u64,
    /// Observations that prove that the recording is not whole; each was returned by [`Position::apply`].
    pub(crate) problems: u64,
}

/// A gap whose list is not yet complete.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct OpenGap {
    /// When the stream was last known to be alive before it.
    pub(crate) from: Timestamp,
    /// The version of the stream before it.
    pub(crate) from_resource_version: ResourceVersion,
    /// The version up to which everything was delivered by then.
    pub(crate) read_through: ResourceVersion,
    /// Why the span was lost.
    pub(crate) reason: GapReason,
    /// Versions after it may be lower than before.
    rewound: bool,
}

/// The last fence of a watch.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Fenced {
    /// When it was written.
    pub(crate) at: Timestamp,
    /// The version of its list.
    pub(crate) resource_version: ResourceVersion,
    /// Whether it found nothing missing.
    pub(crate) whole: bool,
    /// What it found missing; empty if nothing.
    pub(crate) missing: String,
}

impl Position {
    /// Applies the next observation of the watch, received `at` this moment, or one about the whole recording; returns
    /// the problem that it proves, if any. The caller does not pass observations of other watches.
    pub(crate) fn apply(&mut self, at: Timestamp, what: &Payload) -> Option<Problem> {
        // A fence does not cover what follows it. A failed one is a problem once more of its watch follows; a resumed
        // recorder withdraws it.
        let failed = what.watch().and_then(|_| self.fence.take()).filter(|fence| !fence.whole);
        let failed = failed.filter(|fence| !self.has_passed(&fence.resource_version));
        let problem = match what {
            Payload::Object(seen) => self.object(seen, at),
            Payload::Raw(raw) => self.raw(raw, at),
            Payload::Unchanged { .. } => {
                self.listed(at);
                None
            }
            Payload::Bookmark { resource_version, .. } => {
                self.bookmark(resource_version, at);
                None
            }
            Payload::LateBookmark { resource_version, not_before, .. } => {
                // More of the backlog may follow it.
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
                // The answer proves that the server is there, not that it continues from that version: only the first
                // line of the stream does. So neither the version nor the moment moves.
                if self.resumes_at() == Some(&reconnected.resource_version) {
                    None
                } else {
                    self.contradiction(&reconnected.resource_version, |at, left| Problem::ResumedElsewhere { at, left })
                }
            }
            Payload::Gap(gap) => Some(self.lost(gap)),
            Payload::Healed(healed) => self.healed(healed, at),
            Payload::Undecodable(undecodable) => Some(self.undecodable(undecodable)),
            Payload::Fence(fence) => self.fenced(fence, at),
            Payload::Resumed { .. } => {
                // The end is no longer the end, and the new recorder has yet to attach.
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
        let is_between_lists = self.attached && self.gap.is_none() && !self.may_list;
        self.seen();
        let version = &seen.object.resource_version;
        if seen.healed {
            // What was read back is as old as the span that it fills. Until a line says that the span is filled, it
            // proves nothing about the position of the stream.
            return None;
        }
        match seen.not_before {
            // It shows the state at the time of the list, which is not complete.
            _ if seen.change == Change::Listed => self.listed(at),
            // Behind an event of the server's backlog there may be more of it, and all of that may have happened since.
            Some(not_before) => self.alive = self.alive.max(Some(not_before)),
            None => self.delivered(at),
        }
        // The version of a listed object says nothing about the position of the stream.
        if seen.change == Change::Listed {
            let (name, version) = (seen.object.name.clone(), version.clone());
            return is_between_lists.then_some(Problem::Unlisted { name, version });
        }
        let was_decimal = self.are_decimal.replace(version.is_decimal());
        // Versions that go back after a gap whose list is not complete are part of that gap.
        let last = self.version.clone().filter(|_| self.gap.is_none());
        let is_reached = self.reach_event(&seen.object.uid, version, seen.change);
        match last {
            Some(last) if was_decimal.is_some_and(|was| was != version.is_decimal()) => {
                Some(Problem::Incomparable { version: version.clone(), last })
            }
            Some(last) if !is_reached => Some(Problem::EventBehind { version: version.clone(), last }),
            _ => None,
        }
    }

    /// An event of a source that is not an API server. More may have happened since the source was last empty.
    fn raw(&mut self, raw: &Raw, at: Timestamp) -> Option<Problem> {
        self.counts.events += 1;
        let is_between_lists = self.attached && self.gap.is_none() && !self.may_list;
        self.seen();
        let Raw { resource_version: version, name, .. } = raw;
        if raw.listed {
            self.listed(at);
            let (name, version) = (name.clone(), version.clone());
            return is_between_lists.then_some(Problem::Unlisted { name, version });
        }
        self.delivered(raw.not_before);
        let last = self.version.clone().filter(|_| self.gap.is_none());
        let is_reached = self.reach_event(&raw.uid, version, Change::Modified);
        last.filter(|_| !is_reached).map(|last| Problem::EventBehind { version: version.clone(), last })
    }

    /// A server that is behind, or whose storage was replaced, reports how far it has come itself. An older bookmark
    /// thus proves nothing about what was delivered, and nothing about the moment: the server may not know what has
    /// happened since.
    fn bookmark(&mut self, version: &ResourceVersion, at: Timestamp) {
        if self.reach(version) || self.version.as_ref() == Some(version) {
            self.before = None;
            self.seen();
            self.delivered(at);
        }
    }

    fn attached(&mut self, attached: &Attached, at: Timestamp) -> Option<Problem> {
        self.seen();
        self.delivered(attached.not_before.unwrap_or(at));
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
        // If the list after an earlier gap was not completed, the next list closes both gaps.
        let earlier = self.gap.take();
        let rewound = gap.reason.may_rewind() || earlier.as_ref().is_some_and(|gap| gap.rewound);
        let (from, from_resource_version, read_through) = match earlier {
            Some(earlier) => (earlier.from, earlier.from_resource_version, earlier.read_through),
            None => {
                let from = &gap.from_resource_version;
                // A bookmark may be later than what was recorded last.
                let later = self.version.as_ref().filter(|version| from.is_covered_by(version));
                let later = later.filter(|_| gap.reason != GapReason::Contradicted);
                (gap.from, from.clone(), later.unwrap_or(from).clone())
            }
        };
        self.gap = Some(OpenGap { from, from_resource_version, read_through, reason: gap.reason, rewound });
        Problem::Gap {
            from: gap.from_resource_version.clone(),
            to: gap.to_resource_version.clone(),
            unhealed: gap.unhealed.clone(),
        }
    }

    fn healed(&mut self, healed: &Healed, at: Timestamp) -> Option<Problem> {
        self.counts.healed += 1;
        (self.attached, self.away) = (true, false);
        // The span may begin earlier: something was lost where nothing seemed to be.
        let from = &healed.from_resource_version;
        let is_from_before = self.version.as_ref().is_some_and(|left| from.is_covered_by(left));
        let elsewhere = |at, left| Problem::HealedElsewhere { at, left };
        let problem = if is_from_before { None } else { self.contradiction(from, elsewhere) };
        self.seen();
        if problem.is_none() {
            // Everything since the stream stopped has been recorded, including what an unfinished list was to show.
            self.gap = None;
            self.delivered(healed.not_before.unwrap_or(at));
        }
        self.reach(&healed.to_resource_version);
        problem
    }

    fn undecodable(&mut self, undecodable: &Undecodable) -> Problem {
        self.counts.undecodable += 1;
        if let Undecodable { uid: Some(uid), resource_version: Some(version), .. } = undecodable
            && self.gap.is_none()
        {
            // Only this object lost a state, and the stream continues after it. A line that shows neither its object
            // nor its version may be anything: the stream is not resumed after it. In a list, the version says where
            // the object is.
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
            // What the stream had yet to deliver, a stream resumed at its version delivers; what it had passed over,
            // none will.
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

    /// Records that everything up to this version was delivered. Returns false if it is not newer than the current one.
    ///
    /// Before the first list is complete, nothing is recorded: a watch that was resumed from an event of that time
    /// would never see the objects that the list had yet to show. Versions that are not numbers are taken in order of
    /// arrival.
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

    /// Records that an event of this version was delivered. Returns false if it is not newer than the current one,
    /// unless it is another event of the same version: etcd deletes objects whose lease expires in one revision, and
    /// every DELETED event has it.
    fn reach_event(&mut self, uid: &SmolStr, version: &ResourceVersion, change: Change) -> bool {
        // Before the first list is complete, nothing is recorded.
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

    /// Records that everything up to this moment was delivered. The latest observation counts, not the latest moment:
    /// when the wall clock is set back, later observations have earlier moments.
    fn delivered(&mut self, at: Timestamp) {
        self.alive = Some(at);
        if let Some(version) = &self.version {
            self.reached.note(at, version);
        }
    }

    /// An object of a list. Until the list is complete, nothing later than its first object is known.
    fn listed(&mut self, at: Timestamp) {
        if self.alive.is_none() {
            self.delivered(at);
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

/// Queries.
impl Position {
    /// The version up to which everything was delivered; of that version itself, at least one event was. None before
    /// the first list is complete: then the list must be read.
    #[must_use]
    pub(crate) fn version(&self) -> Option<&ResourceVersion> {
        self.version.as_ref()
    }

    /// The version from which the stream is resumed. More deletions may share the version delivered last: then it is
    /// the version before, and repeated events are skipped.
    #[must_use]
    pub(crate) fn resumes_at(&self) -> Option<&ResourceVersion> {
        self.before.as_ref().or(self.version.as_ref())
    }

    /// True when everything up to this version was delivered.
    #[must_use]
    pub(crate) fn covers(&self, version: &ResourceVersion) -> bool {
        self.version.as_ref().is_some_and(|last| version.is_covered_by(last))
    }

    /// The moment up to which everything that happened was delivered; none when nothing was. While a gap is open, this
    /// is the start of the gap: what was lost is recorded object by object until the list is complete.
    #[must_use]
    pub(crate) fn alive(&self) -> Option<Timestamp> {
        self.gap.as_ref().map(|gap| gap.from).or(self.alive)
    }

    /// The version up to which everything is known: the stream's, or that of a whole fence.
    #[must_use]
    pub(crate) fn known_to(&self) -> Option<&ResourceVersion> {
        let last = self.version.as_ref()?;
        let fence = self.fence.as_ref().filter(|fence| fence.whole).map(|fence| &fence.resource_version);
        Some(fence.filter(|fence| !fence.is_covered_by(last)).unwrap_or(last))
    }

    /// The version of the first list; none before it is complete.
    #[must_use]
    pub(crate) fn first_list(&self) -> Option<&ResourceVersion> {
        self.first_list.as_ref()
    }

    /// The gap whose list is not yet complete, and must be read again if the recorder ends.
    #[must_use]
    pub(crate) fn gap(&self) -> Option<&OpenGap> {
        self.gap.as_ref()
    }

    /// True when the current recorder follows the watch, or knows that there is nothing to follow.
    #[must_use]
    pub(crate) fn is_attached(&self) -> bool {
        self.attached
    }

    /// Whether the server serves the resource.
    #[must_use]
    pub(crate) fn served(&self) -> Served {
        self.served
    }

    /// True when the resource was never served: there was nothing to see.
    #[must_use]
    pub(crate) fn is_not_served(&self) -> bool {
        self.served == Served::No
    }

    /// True when the server's latest answer was that it does not serve the resource.
    #[must_use]
    pub(crate) fn is_away(&self) -> bool {
        self.away
    }

    /// The fence, if nothing of the watch follows it.
    #[must_use]
    pub(crate) fn fence(&self) -> Option<&Fenced> {
        self.fence.as_ref()
    }

    /// True when a fence is the last line of the watch and found nothing missing.
    #[must_use]
    pub(crate) fn is_fenced(&self) -> bool {
        self.fence.as_ref().is_some_and(|fence| fence.whole)
    }

    /// The counts so far.
    #[must_use]
    pub(crate) fn counts(&self) -> Counts {
        self.counts
    }

    /// The problem if this is the end. A missing fence is reported only if there is no other problem.
    #[must_use]
    pub(crate) fn at_end(&self) -> Option<Problem> {
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
}

fn is_older(version: &ResourceVersion, last: &ResourceVersion) -> bool {
    version != last && version.is_covered_by(last)
}
