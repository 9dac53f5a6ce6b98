//! Folds observations into entries: what each line of a recording shows, and what may not be concluded.
//!
//! A version of an object counts as the next one of its subject only where the recording proves it; everywhere else
//! there is a gap, as small as can be proven. This file has the streams, `sighting` the objects.

use super::coverage::{Coverage, Fence, List};
use super::entry::{Body, Entry, GapEntry, Provenance};
use super::life::{Life, Step, Unseen};
use super::place::{Ordered, Place};
use super::tombstones::Tombstones;
use crate::kinds::{self, Interpreter};
use crate::observation::Subject;
use crate::observation::{
    Attached, Environment, Gap, GapReason, Object, Observation, Past, Payload, Position, Problem, Reconnected, Renewal,
    ResourceVersion, Served, Stamp, Undecodable, Watch, WatchId,
};
use jiff::Timestamp;
use smol_str::{SmolStr, ToSmolStr};
use std::collections::{HashMap, HashSet, VecDeque};
use std::sync::Arc;
use std::time::Duration;

/// The fold of one recording.
pub struct Fold {
    pub(super) cluster: Option<SmolStr>,
    pub(super) streams: Vec<Stream>,
    /// By uid. Never iterated where the order would be visible.
    pub(super) lives: HashMap<SmolStr, Life>,
    /// The uid of the object that has a name in a watch.
    pub(super) names: HashMap<(WatchId, SmolStr, SmolStr), SmolStr>,
    pub(super) steps: Vec<Step>,
    pub(super) unread: u64,
    /// Objects seen so far.
    pub(super) seen: u64,
    /// The Events on the timeline, each with its last version.
    pub(super) events: Tombstones,
    /// The subjects deleted most recently, for the Events about them that are yet to come.
    pub(super) recent: VecDeque<Arc<Subject>>,
    pub(super) recent_by_uid: HashMap<SmolStr, Arc<Subject>>,
    /// Objects that left the selection, the earliest first; they may return.
    pub(super) left: VecDeque<SmolStr>,
    /// What no line explains, until [`Fold::take_problems`] is called.
    pub(super) problems: Vec<(WatchId, Problem)>,
    over: bool,
    environments: Vec<Environment>,
    /// The first line that another clock measured than the first one, and the last time before it.
    other_clock: Option<(u64, Timestamp)>,
    /// The last time by the first clock.
    latest: Timestamp,
}

impl std::fmt::Debug for Fold {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Fold").field("cluster", &self.cluster).field("unread", &self.unread).finish_non_exhaustive()
    }
}

/// What is known of one watch.
pub(super) struct Stream {
    pub watch: Watch,
    pub interpreter: Box<dyn Interpreter>,
    /// Number of the list that is being read or was read last; 0 before the first.
    pub list: u32,
    /// Its position.
    pub position: Position,
    /// When the last line about one of its objects, or about all of them, was received.
    last_line: Option<Timestamp>,
    /// Its lists.
    lists: Arc<Vec<List>>,
    /// Receipt of the first line by which it is not served, if that came before its first list.
    absent_since: Option<Timestamp>,
    /// Since when the past was requested and not read, until another line says that it was.
    unread_since: Option<Timestamp>,
    /// Renewals of a Lease in the past that was read, in order, and the storage that they are from.
    leases: (u32, Vec<Renewal>),
    /// The last interruption after which the stream was resumed, and the version at which that was.
    outage: Option<Outage>,
    /// The last span in which its storage was replaced.
    replaced: Option<(Timestamp, Timestamp)>,
    /// What could not be read since the last list or gap.
    unread: Unread,
    /// Its past was read from the first revision of the storage.
    from_first: bool,
    /// How often its storage was replaced.
    pub storage: u32,
    /// How often it had been before the gap that is open.
    storage_before: u32,
    /// Receipt of the list after the last gap: what is missing from it was deleted by then.
    shown_again: Option<Timestamp>,
    /// Lines about objects whose kind is not known yet.
    nameless: Vec<(u64, Observation)>,
    /// Its deleted objects.
    pub gone: Tombstones,
    /// What was read back of a span that is not complete yet: a resumed recorder writes it again.
    pub read_back: HashSet<(SmolStr, ResourceVersion)>,
    /// The objects of a source that is not an API server, as its events left them.
    pub followed: HashMap<SmolStr, Object>,
    /// Objects that had left the selection were forgotten: an apparently new object may be one of them.
    pub forgot_left: bool,
}

/// What could not be read.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Unread {
    Nothing,
    /// Versions of objects that are known by their uid.
    Objects,
    /// Something that may be about any object.
    Anything,
}

/// An interruption after which a stream was resumed.
#[derive(Clone)]
struct Outage {
    from: Timestamp,
    to: Timestamp,
    version: ResourceVersion,
}

impl Stream {
    /// The renewals of a Lease before and after a version, as far as they are known.
    fn leases_around(&self, place: &Place) -> Option<[Timestamp; 2]> {
        let (storage, leases) = &self.leases;
        let revision = place.revision.filter(|_| *storage == place.storage)?;
        let number = |lease: &Renewal| lease.resource_version.number().unwrap_or(u64::MAX);
        let after = leases.partition_point(|lease| number(lease) <= revision);
        let (before, after) = (leases.get(after.checked_sub(1)?)?, leases.get(after)?);
        Some([before.renew_time, after.renew_time])
    }

    fn new(mut watch: Watch, interpreter: Box<dyn Interpreter>) -> Self {
        let resource = &mut watch.resource;
        if resource.kind.is_empty()
            && let Some(kind) = kinds::served(&resource.group, &resource.plural)
        {
            resource.kind = kind.kind.into();
        }
        Self {
            watch,
            interpreter,
            list: 0,
            position: Position::default(),
            last_line: None,
            lists: Arc::default(),
            absent_since: None,
            unread_since: None,
            leases: (0, Vec::new()),
            outage: None,
            replaced: None,
            unread: Unread::Nothing,
            from_first: false,
            storage: 0,
            storage_before: 0,
            shown_again: None,
            nameless: Vec::new(),
            gone: Tombstones::default(),
            read_back: HashSet::new(),
            followed: HashMap::new(),
            forgot_left: false,
        }
    }

    /// Holds back a line until the list is complete, which gives the kind: a subject has one identity from its first
    /// entry on. Returns the line if it need not wait.
    fn hold(&mut self, seq: u64, observation: Observation) -> Option<Observation> {
        let is_about_object = matches!(observation.payload, Payload::Object(_));
        let waits = self.watch.resource.kind.is_empty() && (is_about_object || !self.nameless.is_empty());
        if !waits {
            return Some(observation);
        }
        if let Payload::Attached(attached) = &observation.payload {
            let kind = if attached.kind.is_empty() { &self.watch.resource.plural } else { &attached.kind };
            self.watch.resource.kind = kind.clone();
        }
        self.nameless.push((seq, observation));
        None
    }

    /// How often its storage had been replaced before the version up to which it is known.
    pub(super) fn known_storage(&self) -> u32 {
        if self.position.gap().is_some() { self.storage_before } else { self.storage }
    }

    /// The version up to which no version of a known object is missing before a gap. Where deliveries contradicted each
    /// other, some may have been lost since the last list; none if there is none.
    fn read_through(&self, reason: GapReason, from: &ResourceVersion) -> Option<ResourceVersion> {
        if reason != GapReason::Contradicted {
            return Some(from.clone());
        }
        let list = &self.lists.last()?.version;
        Some(if from.is_covered_by(list) { from.clone() } else { list.clone() })
    }

    fn coverage(&self, over: bool) -> Coverage {
        let position = &self.position;
        let served = position.served();
        let version = match position.gap() {
            // What was lost is recorded object by object until the list is complete.
            Some(gap) => Some(&gap.read_through),
            None => position.version(),
        };
        // Before its initial state is complete, it is not known what exists.
        let alive = position.alive().filter(|_| served == Served::No || version.is_some());
        let fence = position.fence().filter(|fence| fence.whole);
        Coverage {
            watch: self.watch.clone(),
            served,
            lists: Arc::clone(&self.lists),
            absent_since: self.absent_since,
            from_first: self.from_first,
            alive,
            version: version.cloned(),
            storage: self.known_storage(),
            fence: fence.map(|fence| Fence { at: fence.at, version: fence.resource_version.clone() }),
            over,
        }
    }
}

impl Fold {
    /// A fold of a recording of these watches.
    ///
    /// # Errors
    /// When a user-defined track has no valid path.
    pub fn new(cluster: Option<SmolStr>, watches: &[Watch]) -> Result<Self, kinds::Error> {
        let streams = watches
            .iter()
            .map(|watch| {
                let interpreter = kinds::of(watch)?;
                Ok(Stream::new(watch.clone(), interpreter))
            })
            .collect::<Result<_, kinds::Error>>()?;
        let (lives, names) = (HashMap::new(), HashMap::new());
        let (steps, problems, environments) = (Vec::new(), Vec::new(), Vec::new());
        Ok(Self {
            cluster,
            streams,
            lives,
            names,
            steps,
            unread: 0,
            seen: 0,
            events: Tombstones::default(),
            recent: VecDeque::new(),
            recent_by_uid: HashMap::new(),
            left: VecDeque::new(),
            problems,
            over: false,
            environments,
            other_clock: None,
            latest: Timestamp::MIN,
        })
    }

    /// Folds one line, and appends its entries to `out`. A line about an unknown watch is ignored.
    pub fn push(&mut self, seq: u64, observation: Observation, out: &mut Vec<Ordered>) {
        match &observation.payload {
            Payload::Clock(change) if change.boot.is_some() => {
                self.other_clock.get_or_insert((seq, self.latest));
            }
            // A recorder that was started again has the clock that the next line names.
            Payload::Resumed { .. } | Payload::Clock(_) => {}
            _ => self.latest = self.latest.max(observation.stamp.at),
        }
        let Some(watch) = observation.payload.watch().map(usize::from) else {
            if let Payload::End { .. } = observation.payload {
                self.release(out);
            }
            return self.fold(seq, observation, out);
        };
        let Some(stream) = self.streams.get_mut(watch) else { return };
        match stream.hold(seq, observation) {
            Some(observation) => self.fold(seq, observation, out),
            None if stream.watch.resource.kind.is_empty() => {}
            None => self.release_of(watch, out),
        }
    }

    /// Folds the lines that are held back until their kind is known: no more follow, or the recorder that wrote them
    /// ended.
    pub fn release(&mut self, out: &mut Vec<Ordered>) {
        (0..self.streams.len()).for_each(|watch| self.release_of(watch, out));
    }

    fn release_of(&mut self, watch: usize, out: &mut Vec<Ordered>) {
        for (seq, observation) in std::mem::take(&mut self.streams[watch].nameless) {
            self.fold(seq, observation, out);
        }
    }

    fn fold(&mut self, seq: u64, observation: Observation, out: &mut Vec<Ordered>) {
        let Observation { stamp, payload: what } = observation;
        let mut place = Place::new(seq, stamp);
        place.watch = what.watch();
        place.storage = what.watch().map_or(0, |watch| self.stream(watch).storage);
        // These two are folded with the position of the watch before them.
        if !matches!(what, Payload::Attached(_) | Payload::Undecodable(_)) {
            self.apply(stamp, &what);
        }
        match what {
            Payload::Object(seen) => {
                place.not_before = seen.not_before;
                self.locate(seen.watch, Some(&seen.object.resource_version), &mut place);
                if seen.healed {
                    place.leases = self.stream(seen.watch).leases_around(&place);
                }
                self.object(&seen, &place, out);
            }
            Payload::Raw(raw) => {
                place.not_before = (!raw.listed).then(|| raw.earliest());
                self.locate(raw.watch, Some(&raw.resource_version), &mut place);
                self.raw(&raw, &place, out);
            }
            Payload::Unchanged { watch, uid, resource_version } => {
                self.locate(watch, None, &mut place);
                self.unchanged(watch, &uid, &resource_version);
            }
            Payload::Bookmark { watch, resource_version } | Payload::LateBookmark { watch, resource_version, .. } => {
                self.locate(watch, Some(&resource_version), &mut place);
            }
            Payload::Attached(ref attached) => {
                if let Some(since) = self.streams[usize::from(attached.watch)].unread_since.take() {
                    self.past_unread(attached.watch, since, place.clone(), out);
                }
                let stream = &mut self.streams[usize::from(attached.watch)];
                let (version, is_readable) = (attached.resource_version.clone(), stream.unread == Unread::Nothing);
                Arc::make_mut(&mut stream.lists).push(List { at: stamp.at, version, line: seq, is_readable });
                self.attached(attached, place, out);
                self.apply(stamp, &what);
            }
            Payload::Gap(gap) => {
                let is_replaced = gap.reason == GapReason::StorageReplaced;
                let stream = &mut self.streams[usize::from(gap.watch)];
                stream.outage = None;
                // What they are now, is looked at anew.
                stream.followed.clear();
                stream.replaced = is_replaced.then_some((gap.from, gap.to)).or(stream.replaced);
                self.gap(&gap, &place, out);
                self.suspect(&place, out);
            }
            Payload::Undecodable(ref undecodable) => {
                self.undecodable(undecodable, place, out);
                self.apply(stamp, &what);
            }
            Payload::Mark { name } => {
                // Lines that were received after it was requested may stand before it.
                if self.other_clock.is_none() {
                    let since: Duration = self.latest.duration_since(stamp.at).try_into().unwrap_or_default();
                    place.stamp = Stamp { at: self.latest, elapsed: stamp.elapsed + since };
                }
                out.push(place.entry(None, Provenance::Live, Body::Mark(name)));
            }
            Payload::End { .. } => self.end(&place, out),
            Payload::Healed(healed) => {
                self.locate(healed.watch, Some(&healed.to_resource_version), &mut place);
                self.bury_replaced(Some(healed.watch), &place, out);
                self.streams[usize::from(healed.watch)].read_back.clear();
            }
            Payload::Resumed { .. } => self.over = false,
            Payload::Environment(environment) => self.environments.push(environment),
            Payload::Past(past) => self.past(&past, place, out),
            Payload::NotServed { watch } => {
                let stream = &mut self.streams[usize::from(watch)];
                if stream.lists.is_empty() {
                    stream.absent_since.get_or_insert(stamp.at);
                }
            }
            Payload::Reconnected(reconnected) => {
                let Reconnected { watch, resource_version: version, not_before: from, .. } = reconnected;
                self.streams[usize::from(watch)].outage = Some(Outage { from, to: stamp.at, version });
                self.suspect(&place, out);
            }
            Payload::Fence(_) | Payload::Clock(_) => {}
        }
    }

    /// The number of objects seen so far.
    #[must_use]
    pub fn subjects(&self) -> u64 {
        self.seen
    }

    /// The number of recorded versions whose status does not have the shape of the object's kind.
    #[must_use]
    pub fn unread(&self) -> u64 {
        self.unread
    }

    /// Returns what no line since the last call explains: the timeline has a gap there that the recording does not
    /// mention.
    pub fn take_problems(&mut self) -> Vec<(WatchId, Problem)> {
        std::mem::take(&mut self.problems)
    }

    /// Adds the environment at the start, from the header.
    pub fn began_in(&mut self, environment: Environment) {
        self.environments.insert(0, environment);
    }

    /// The environments: at the start, if it is known, and after each change.
    #[must_use]
    pub fn environments(&self) -> &[Environment] {
        &self.environments
    }

    /// The first line whose time, like those of all later ones, was measured by another clock than those before, and the
    /// last time of those.
    #[must_use]
    pub fn other_clock(&self) -> Option<(u64, Timestamp)> {
        self.other_clock
    }

    /// True when the recorder stopped: no more lines follow.
    #[must_use]
    pub fn is_over(&self) -> bool {
        self.over
    }

    /// How far each watch was seen, in the header's order.
    #[must_use]
    pub fn coverage(&self) -> Vec<Coverage> {
        self.streams.iter().map(|stream| stream.coverage(self.over)).collect()
    }

    /// Gaps that are still open: no entry shows the later states of their subjects yet.
    #[must_use]
    pub fn open_gaps(&self, now: Stamp) -> Vec<Entry> {
        let mut out = Vec::new();
        self.unclosed(&Place::new(u64::MAX, now), &mut out);
        out.into_iter().map(|placed| placed.entry).collect()
    }

    pub(super) fn stream(&self, watch: WatchId) -> &Stream {
        &self.streams[usize::from(watch)]
    }

    fn apply(&mut self, stamp: Stamp, what: &Payload) {
        match what.watch() {
            Some(watch) => {
                let stream = &mut self.streams[usize::from(watch)];
                stream.storage_before = stream.known_storage();
                stream.position.apply(stamp.at, what);
            }
            None => self.streams.iter_mut().for_each(|stream| _ = stream.position.apply(stamp.at, what)),
        }
    }

    /// Sets the place of an observation, and notes when the watch was last received.
    fn locate(&mut self, watch: WatchId, version: Option<&ResourceVersion>, place: &mut Place) {
        let stream = &mut self.streams[usize::from(watch)];
        if let Some(version) = version {
            if stream.watch.shares_storage() {
                place.revision = version.number();
            }
            place.version = Some(version.clone());
        }
        place.alive_before = stream.last_line.replace(place.stamp.at);
    }

    /// Nothing exists before the first revision of a storage. Where a kind was not served, and what came then was not
    /// read, objects may have come and gone.
    fn past(&mut self, past: &Past, place: Place, out: &mut Vec<Ordered>) {
        let first = past.resource_version.as_ref().and_then(ResourceVersion::number).is_some_and(|number| number <= 1);
        let is_whole = past.missing.is_empty();
        let stream = &mut self.streams[usize::from(past.watch)];
        stream.from_first |= first && is_whole;
        stream.unread_since = (is_whole && past.resource_version.is_none()).then_some(past.since);
        stream.leases = (stream.storage, past.leases.clone());
        if !is_whole {
            self.past_unread(past.watch, past.since, place, out);
        }
    }

    /// The past since a moment was not read. Without a time at which the kind was not served, that is an unseen beginning.
    fn past_unread(&self, watch: WatchId, since: Timestamp, place: Place, out: &mut Vec<Ordered>) {
        let Stream { position, lists, absent_since, .. } = self.stream(watch);
        if position.is_away() || lists.is_empty() && absent_since.is_some() {
            let (of, span) = ((watch, GapReason::Unrecorded, Some(place.stamp.at)), (Some(since), None, None));
            self.hides_others(of, span, place, out);
        }
    }

    fn unchanged(&mut self, watch: WatchId, uid: &SmolStr, version: &ResourceVersion) {
        let list = self.stream(watch).list;
        if self.lives.get(uid).is_some_and(|life| life.blind.is_none() && life.version != *version) {
            let what = "is reported as unchanged, but was recorded in another version";
            self.problems.push((watch, Problem::Unexplained { name: uid.clone(), version: version.clone(), what }));
        }
        if let Some(life) = self.lives.get_mut(uid) {
            life.listed_in = list;
            life.found(version);
            life.first.get_or_insert_with(|| version.clone());
            if life.version != *version {
                life.recorded(version, false);
            }
            self.names.insert(life.name(), uid.clone());
        }
    }

    /// A list is complete. After a gap, objects that are missing from it are gone, and their end was not seen.
    fn attached(&mut self, attached: &Attached, mut place: Place, out: &mut Vec<Ordered>) {
        self.locate(attached.watch, Some(&attached.resource_version), &mut place);
        let stream = &mut self.streams[usize::from(attached.watch)];
        if stream.watch.resource.kind.is_empty() {
            stream.watch.resource.kind.clone_from(&attached.kind);
        }
        if let Some(gap) = stream.position.gap() {
            let list = stream.list;
            let after = stream.read_through(gap.reason, &gap.read_through);
            let unseen = Unseen { from: gap.from, after, storage: stream.known_storage(), reason: gap.reason };
            // A list at an older revision, recorded first if only part of the span can be read back, carries the moment
            // at which the stream was last known to be alive. At that moment it was not yet known that the objects were
            // gone.
            let seen = stream.shown_again.map_or(place.stamp.at, |shown| place.stamp.at.max(shown));
            place.stamp.at = seen;
            // What it does not show may be what could not be read.
            let is_whole = stream.unread < Unread::Anything;
            for uid in self.living(|life| is_whole && life.watch == attached.watch && life.listed_in != list) {
                self.vanished(&uid, &unseen, &place, out);
            }
        }
        self.bury_replaced(Some(attached.watch), &place, out);
        let stream = &mut self.streams[usize::from(attached.watch)];
        stream.list += 1;
        stream.unread = Unread::Nothing;
        stream.read_back.clear();
    }

    /// A gap of a watch, up to a moment, that says nothing of the objects that are known: after the last moment and version
    /// before it, up to its last version.
    pub(super) fn hides_others(
        &self,
        (watch, reason, to): (WatchId, GapReason, Option<Timestamp>),
        (alive, after, version): (Option<Timestamp>, Option<ResourceVersion>, Option<ResourceVersion>),
        mut place: Place,
        out: &mut Vec<Ordered>,
    ) {
        let stream = self.stream(watch);
        if stream.watch.shares_storage() {
            place.revision = after.as_ref().and_then(ResourceVersion::number);
        }
        let blind = GapEntry {
            resource: stream.watch.resource.to_smolstr(),
            kind: stream.watch.resource.kind.clone(),
            namespace: stream.watch.namespace.clone(),
            track: None,
            from: alive,
            to,
            from_resource_version: after.clone(),
            read_through: after,
            to_resource_version: version,
            reason,
            evidence: None,
        };
        out.push(place.entry_since(stream.known_storage(), None, Provenance::AfterGap, Body::Gap(blind)));
    }

    /// Where one watch shows that the storage was replaced, another one that shares it and was interrupted at that time
    /// may have resumed in the new storage, and missed what was undone.
    fn suspect(&mut self, place: &Place, out: &mut Vec<Ordered>) {
        let shared = || self.streams.iter().filter(|stream| stream.watch.shares_storage());
        let replaced: Vec<(Timestamp, Timestamp)> = shared().filter_map(|stream| stream.replaced).collect();
        for watch in 0..self.streams.len() {
            let stream = &mut self.streams[watch];
            let is_hit = |outage: &mut Outage| replaced.iter().any(|(from, to)| *from < outage.to && outage.from < *to);
            if !stream.watch.shares_storage() {
                continue;
            }
            let Some(outage) = stream.outage.take_if(is_hit) else { continue };
            let watch = WatchId::try_from(watch).unwrap_or(WatchId::MAX);
            let gap = Gap {
                watch,
                to_resource_version: outage.version.clone(),
                from_resource_version: outage.version.clone(),
                from: outage.from,
                to: place.stamp.at,
                reason: GapReason::StorageUnproven,
                unhealed: String::new(),
            };
            let storage = self.stream(watch).storage;
            self.problems.push((
                watch,
                Problem::Gap { from: outage.version.clone(), to: outage.version, unhealed: String::new() },
            ));
            let place = Place { watch: Some(watch), storage, version: None, revision: None, ..place.clone() };
            self.gap(&gap, &place, out);
        }
    }

    /// The stream lost a span. The gap of the whole watch stands for subjects unknown to it; each known subject is
    /// unseen until its next version, or until it is found unchanged.
    fn gap(&mut self, gap: &Gap, place: &Place, out: &mut Vec<Ordered>) {
        let stream = self.stream(gap.watch);
        // If the list after an earlier gap was not finished, the next list follows both gaps.
        let open = stream.position.gap();
        let (from, from_version) =
            open.map_or((gap.from, &gap.from_resource_version), |open| (open.from, &open.read_through));
        let storage = stream.known_storage();
        let after = stream.read_through(gap.reason, from_version);
        let unseen = Unseen { from, after, storage, reason: gap.reason };
        let span = (Some(from), Some(from_version.clone()), Some(gap.to_resource_version.clone()));
        self.hides_others((gap.watch, gap.reason, Some(gap.to)), span, place.clone(), out);
        if gap.reason == GapReason::Contradicted {
            // What is imported says nothing of when deliveries were still in order.
            let is_known = gap.from > Timestamp::UNIX_EPOCH;
            let since = Some(from_version.clone()).filter(|_| is_known).or_else(|| unseen.after.clone());
            self.doubt(gap.watch, &Unseen { after: since, ..unseen.clone() }, place, out);
        }
        let stream = &mut self.streams[usize::from(gap.watch)];
        stream.list += 1;
        stream.unread = Unread::Nothing;
        stream.shown_again = Some(gap.to);
        if gap.reason.may_rewind() {
            stream.storage += 1;
            // Those versions say nothing about later ones: an object may return.
            stream.gone = Tombstones::default();
        }
        for life in self.lives.values_mut().filter(|life| life.watch == gap.watch && !life.gone) {
            // What was delivered about it before the contradiction was found did happen. What came late may have happened
            // early, and the next version at once.
            let is_doubted = gap.reason == GapReason::Contradicted || gap.reason.may_rewind();
            let from = if is_doubted { unseen.from.max(life.not_before) } else { unseen.from };
            let blind = life.blind.get_or_insert_with(|| {
                // What was read back before the gap is later than what its watch had read.
                let is_later = |read: &&ResourceVersion| read.number() >= life.version.number();
                let last = || unseen.after.as_ref().filter(is_later).unwrap_or(&life.version).clone();
                let is_own = gap.reason.may_rewind() || life.healed;
                let after = if is_own { Some(last()) } else { unseen.after.clone() };
                Unseen { from, after, ..unseen.clone() }
            });
            if gap.reason.may_rewind() {
                blind.after.get_or_insert_with(|| life.read.clone());
                // The new storage has versions of its own: earlier ones say nothing about the order of later ones.
                life.version = ResourceVersion::new("0");
                life.read.clone_from(&life.version);
                life.first = None;
                // An object that another one had replaced may be back.
                life.replaced = None;
            }
        }
    }

    /// Of the objects about which something was delivered before a contradiction was found, more may have happened until
    /// then.
    fn doubt(&self, watch: WatchId, unseen: &Unseen, place: &Place, out: &mut Vec<Ordered>) {
        let Stream { watch: of, gone, .. } = self.stream(watch);
        let is_newer = |version: &ResourceVersion| {
            unseen.after.as_ref().is_none_or(|after| version != after && !version.is_covered_by(after))
        };
        let there = self.living(|life| life.watch == watch && !life.healed && is_newer(&life.version));
        let there = there.iter().map(|uid| &self.lives[uid]);
        let there = there.map(|life| (&life.subject, life.version.clone(), life.at));
        let deleted = self.recent.iter().filter_map(|subject| {
            let version = gone.version(&subject.uid).filter(|version| is_newer(version))?;
            Some((subject, version.clone(), place.stamp.at))
        });
        for (subject, version, at) in there.chain(deleted) {
            let after = unseen.after.clone();
            let blind = GapEntry {
                from: Some(unseen.from.min(at)),
                to: Some(at),
                from_resource_version: after.clone(),
                read_through: after,
                to_resource_version: Some(version),
                ..place.blind(subject, of, unseen, &ResourceVersion::default())
            };
            out.push(place.entry_since(unseen.storage, Some(subject), Provenance::AfterGap, Body::Gap(blind)));
        }
    }

    /// A line could not be decoded: its subject is unseen until its next version, or, if the subject is not known,
    /// every subject of the watch. It may have been the only line about an unknown subject.
    fn undecodable(&mut self, undecodable: &Undecodable, place: Place, out: &mut Vec<Ordered>) {
        let stream = self.stream(undecodable.watch);
        let list = stream.list;
        let (alive, version) = (stream.position.alive(), stream.position.version().cloned());
        let (from, storage) = (alive.unwrap_or(place.stamp.at), stream.known_storage());
        // A source that is not an API server says so of what it could not see: there was no event.
        let is_served = stream.watch.is_served();
        let reason = if is_served { GapReason::Undecodable } else { GapReason::Unrecorded };
        let unseen = Unseen { from, after: version.clone(), storage, reason };
        let is_there = |uid: &SmolStr| self.lives.get(uid).is_some_and(|life| !life.gone);
        let is_known = |uid: &SmolStr| self.lives.contains_key(uid) || self.gone(uid).is_some();
        let uid = undecodable.uid.as_ref();
        let ended = uid.filter(|uid| !is_served && !is_there(uid)).and_then(|uid| self.recent_by_uid.get(uid));
        if let Some(subject) = ended {
            // The source had said how it ended, and this says otherwise.
            let from = version.clone().unwrap_or_default();
            let gap = place.blind(subject, &self.stream(undecodable.watch).watch, &unseen, &from);
            out.push(place.entry_since(storage, Some(subject), Provenance::AfterGap, Body::Gap(gap)));
        } else if uid.is_none_or(|uid| !is_known(uid) || !is_served && !is_there(uid)) {
            // After a line of which nothing could be read, the source records a gap of the watch itself; until then,
            // this one says so.
            let span = (alive, version, undecodable.resource_version.clone());
            // An object of which the uid is known is unseen until it is shown; what else it may be, the next list shows.
            let to = undecodable.uid.is_none().then_some(place.stamp.at);
            self.hides_others((undecodable.watch, reason, to), span, place, out);
        }
        let unread = if undecodable.uid.is_some() { Unread::Objects } else { Unread::Anything };
        let stream = &mut self.streams[usize::from(undecodable.watch)];
        stream.unread = stream.unread.max(unread);
        let uids = match &undecodable.uid {
            Some(uid) => vec![uid.clone()],
            None => self.living(|life| life.watch == undecodable.watch),
        };
        for uid in uids {
            if let Some(life) = self.lives.get_mut(&uid) {
                // The last event of an object says itself when it was made, and nothing of it was unseen before that. What was
                // listed does not say since when it is so.
                let told =
                    Some(life.not_before).filter(|told| !is_served && undecodable.uid.is_some() && *told < life.at);
                let from = told.map_or(unseen.from, |told| told.max(unseen.from));
                life.blind.get_or_insert_with(|| Unseen { from, ..unseen.clone() });
                if undecodable.uid.is_some() {
                    // If the line was in a list, the object exists.
                    life.listed_in = list;
                    let version = undecodable.resource_version.as_ref();
                    if let Some(newer) = version.filter(|version| !version.is_covered_by(&life.version)) {
                        life.recorded(newer, false);
                    }
                }
            }
        }
    }

    /// Gaps that were never closed have no end.
    fn end(&mut self, place: &Place, out: &mut Vec<Ordered>) {
        self.over = true;
        self.bury_replaced(None, place, out);
        self.unclosed(place, out);
        self.not_served_and_there();
    }

    /// No object of a resource that is not served can exist, whichever watch saw it.
    fn not_served_and_there(&mut self) {
        for (id, stream) in (0..).zip(&self.streams) {
            if !(stream.position.is_away() && stream.position.is_fenced()) {
                continue;
            }
            let resource = &stream.watch.resource;
            let is_of_it = |life: &Life| {
                let other = &self.stream(life.watch).watch.resource;
                !life.gone && (&other.group, &other.plural) == (&resource.group, &resource.plural)
            };
            if let Some(uid) = self.living(is_of_it).first() {
                let Life { subject, version, .. } = &self.lives[uid];
                let what = "exists at the end, but its resource is reported as not served";
                let unexplained = Problem::Unexplained { name: subject.name.clone(), version: version.clone(), what };
                self.problems.push((id, unexplained));
            }
        }
    }

    fn unclosed(&self, place: &Place, out: &mut Vec<Ordered>) {
        for uid in self.living(|life| life.blind.is_some()) {
            let life = &self.lives[&uid];
            if let Some(unseen) = &life.blind {
                let Stream { watch, storage, .. } = self.stream(life.watch);
                let gap = place.endless_gap(&life.subject, watch, unseen, &life.read);
                let place = Place { watch: Some(life.watch), storage: *storage, ..place.clone() };
                let subject = Some(&life.subject);
                out.push(place.entry_since(unseen.storage, subject, Provenance::AfterGap, Body::Gap(gap)));
            }
        }
    }

    /// The last version of a deleted object, from whichever watch saw it.
    pub(super) fn gone(&self, uid: &SmolStr) -> Option<&ResourceVersion> {
        self.streams.iter().find_map(|stream| stream.gone.version(uid))
    }

    /// The uids of the matching objects that are not gone, in a fixed order.
    pub(super) fn living(&self, which: impl Fn(&Life) -> bool) -> Vec<SmolStr> {
        let mut uids: Vec<SmolStr> =
            self.lives.iter().filter(|(_, life)| !life.gone && which(life)).map(|(uid, _)| uid.clone()).collect();
        uids.sort();
        uids
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::observation::{Attached, Capture, Change, ObjectEvent, Resource, Shape, decode_object};
    use std::time::Duration;

    fn push(fold: &mut Fold, change: Change, uid: u64, version: u64) -> Vec<Ordered> {
        let json = format!(
            r#"{{"metadata":{{"name":"p{uid}","namespace":"ns","uid":"00000000-0000-4000-8000-{uid:012x}","resourceVersion":"{version}"}},"status":{{"phase":"Running"}}}}"#
        );
        let object = decode_object(json.as_bytes(), Shape::Pod, Capture::Status).expect("an object");
        let seen = ObjectEvent { watch: 0, change, object, not_before: None, healed: false, confirmed: false };
        let stamp = Stamp { at: Timestamp::UNIX_EPOCH, elapsed: Duration::ZERO };
        let mut out = Vec::new();
        fold.push(version, Observation { stamp, payload: Payload::Object(seen) }, &mut out);
        out
    }

    #[test]
    fn short_lives_are_remembered_up_to_a_bound_and_no_late_line_is_taken_for_a_creation() {
        let watch = Watch::all(Resource::new("", "v1", "pods", "Pod"));
        let mut fold = Fold::new(None, &[watch]).expect("no user-defined tracks");
        let attached =
            Attached { watch: 0, resource_version: ResourceVersion::new("1"), kind: "Pod".into(), not_before: None };
        let stamp = Stamp { at: Timestamp::UNIX_EPOCH, elapsed: Duration::ZERO };
        fold.push(0, Observation { stamp, payload: Payload::Attached(attached) }, &mut Vec::new());
        let count = 60_000;
        for uid in 1..=count {
            assert!(push(&mut fold, Change::Added, uid, 2 * uid).iter().all(|one| one.entry.seen == Provenance::Live));
            assert!(!push(&mut fold, Change::Deleted, uid, 2 * uid + 1).is_empty());
        }
        assert_eq!((fold.lives.len(), fold.names.len(), fold.subjects()), (0, 0, count));
        assert!(fold.recent.len() <= 2_000 && fold.recent_by_uid.len() <= 2_000);
        assert!(push(&mut fold, Change::Added, count, 2 * count).is_empty(), "it is remembered");
        let forgotten = push(&mut fold, Change::Added, 1, 2);
        assert!(forgotten.iter().all(|one| one.entry.seen == Provenance::Initial), "its beginning is not claimed");
    }
}
