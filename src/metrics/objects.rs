//! In which states the objects are now, by the entries, and by what the fold says where entries do not show it.

use super::bounds::Bounds;
use super::labels::{self, OTHER, UNKNOWN};
use super::series::Series;
use crate::observation::{GapReason, StateKind, Subject, Track, WatchId};
use crate::run::States;
use crate::timeline::{Body, Entry, GapEntry, Transition};
use smol_str::SmolStr;
use std::collections::{BTreeMap, HashMap, HashSet, VecDeque};

/// How many tracks are counted by each label, of each watch.
type Counts = Series<4, BTreeMap<WatchId, u64>>;

/// How many objects that left their selection are remembered: they may return.
const LEFT: usize = 10_000;

/// The objects that exist.
#[derive(Debug, Default)]
pub(super) struct Objects {
    by_uid: HashMap<SmolStr, Object>,
    /// Those that left their selection, in order.
    left: VecDeque<SmolStr>,
    counts: Counts,
    /// `seq` of the last line of which the states are known: earlier entries change nothing.
    seq: u64,
    /// False while entries are missing.
    is_known: bool,
}

#[derive(Debug)]
struct Object {
    watch: WatchId,
    kind: SmolStr,
    namespace: SmolStr,
    has_left: bool,
    tracks: Vec<Held>,
}

#[derive(Debug)]
struct Held {
    track: Track,
    /// The labels of the track and of its state.
    labels: [SmolStr; 2],
    is_unknown: bool,
    /// Where it is counted; none while its object has left.
    place: Option<usize>,
}

impl Objects {
    /// Takes the next entry.
    pub(super) fn push(&mut self, entry: &Entry, bounds: &mut Bounds) {
        let Some(subject) = entry.subject.as_deref().filter(|_| entry.seq > self.seq) else { return };
        match &entry.body {
            Body::Transition(transition) if transition.is_deletion() => self.delete(&subject.uid),
            Body::Transition(transition) => {
                let watch = entry.origin.map_or(0, |origin| origin.watch);
                self.enter(subject, watch, transition, bounds);
            }
            Body::Gap(gap) => self.lose(subject, gap),
            Body::Detailed(_) | Body::Mark(_) | Body::Evidence(_) => {}
        }
    }

    /// Entries were missed.
    pub(super) fn forget(&mut self) {
        self.is_known = false;
    }

    /// Replaces all states by those of the fold.
    pub(super) fn replace(&mut self, states: &States, bounds: &mut Bounds) {
        self.counts.values_mut().for_each(BTreeMap::clear);
        self.by_uid.clear();
        (self.seq, self.is_known) = (states.seq, true);
        for standing in &states.objects {
            let subject = &standing.subject;
            let mut object = Object::new(subject, standing.watch, bounds);
            object.has_left = standing.has_left;
            for (track, label, kind) in standing.tracks.iter().filter(|(.., kind)| *kind != StateKind::Absent) {
                let labels = object.labels(track, &labels::named(label, *kind), bounds);
                let held = Held { track: track.clone(), labels, is_unknown: standing.is_unseen, place: None };
                object.tracks.push(held);
            }
            object.count(&mut self.counts);
            self.by_uid.insert(subject.uid.clone(), object);
        }
        self.left.retain(|uid| self.by_uid.get(uid).is_some_and(|object| object.has_left));
        let known: HashSet<SmolStr> = self.left.iter().cloned().collect();
        let left = self.by_uid.iter().filter(|(uid, object)| object.has_left && !known.contains(*uid));
        self.left.extend(left.map(|(uid, _)| uid.clone()));
    }

    /// The objects by kind, namespace, track and state. Nothing is known of the states of a watch that is `out`.
    pub(super) fn now(&self, is_out: impl Fn(WatchId) -> bool) -> BTreeMap<[SmolStr; 4], u64> {
        let mut all: BTreeMap<[SmolStr; 4], u64> = BTreeMap::new();
        for (labels, counts) in self.counts.all() {
            for (watch, count) in counts.iter().filter(|(_, count)| **count > 0) {
                let mut labels = labels.clone();
                if !self.is_known || is_out(*watch) {
                    labels[3] = UNKNOWN;
                }
                *all.entry(labels).or_default() += count;
            }
        }
        all
    }

    fn enter(&mut self, subject: &Subject, watch: WatchId, transition: &Transition, bounds: &mut Bounds) {
        let Transition { track, to, .. } = transition;
        if !self.by_uid.contains_key(&subject.uid) {
            self.by_uid.insert(subject.uid.clone(), Object::new(subject, watch, bounds));
        }
        let Some(object) = self.by_uid.get_mut(&subject.uid) else { return };
        if std::mem::take(&mut object.has_left) {
            object.count(&mut self.counts);
        }
        if let Some(at) = object.tracks.iter().position(|held| held.track == *track) {
            object.tracks.swap_remove(at).uncount(object.watch, &mut self.counts);
        }
        if to.kind != StateKind::Absent {
            let labels = object.labels(track, &labels::state(to), bounds);
            let mut held = Held { track: track.clone(), labels, is_unknown: false, place: None };
            held.count(object, &mut self.counts);
            object.tracks.push(held);
        }
    }

    fn delete(&mut self, uid: &SmolStr) {
        if let Some(mut object) = self.by_uid.remove(uid) {
            object.uncount(&mut self.counts);
        }
    }

    /// A closed gap has been looked behind: what changed follows it. An open one has not.
    fn lose(&mut self, subject: &Subject, gap: &GapEntry) {
        let Some(object) = self.by_uid.get_mut(&subject.uid) else { return };
        object.uncount(&mut self.counts);
        let is_open = gap.to.is_none();
        if is_open && gap.reason == GapReason::LeftSelection {
            object.has_left = true;
            self.left.push_back(subject.uid.clone());
        } else {
            object.has_left &= is_open;
            let lost =
                object.tracks.iter_mut().filter(|held| gap.track.as_ref().is_none_or(|lost| *lost == held.track));
            lost.for_each(|held| held.is_unknown = is_open);
        }
        object.count(&mut self.counts);
        if self.left.len() > LEFT
            && let Some(oldest) = self.left.pop_front()
            && self.by_uid.get(&oldest).is_some_and(|object| object.has_left)
        {
            self.by_uid.remove(&oldest);
        }
    }
}

impl Object {
    fn new(subject: &Subject, watch: WatchId, bounds: &mut Bounds) -> Self {
        let (kind, namespace) = (bounds.kind(&subject.kind), bounds.namespace(&subject.namespace));
        Self { watch, kind, namespace, has_left: false, tracks: Vec::new() }
    }

    fn labels(&self, track: &Track, state: &SmolStr, bounds: &mut Bounds) -> [SmolStr; 2] {
        let track = bounds.track(&self.kind, labels::track(track));
        let state = bounds.state(&self.kind, &track, state);
        [track, state]
    }

    /// Counts all tracks, unless it has left.
    fn count(&mut self, counts: &mut Counts) {
        let mut tracks = std::mem::take(&mut self.tracks);
        tracks.iter_mut().filter(|_| !self.has_left).for_each(|held| held.count(self, counts));
        self.tracks = tracks;
    }

    fn uncount(&mut self, counts: &mut Counts) {
        self.tracks.iter_mut().for_each(|held| held.uncount(self.watch, counts));
    }
}

impl Held {
    fn count(&mut self, object: &Object, counts: &mut Counts) {
        let [track, state] = self.labels.clone();
        let state = if self.is_unknown { UNKNOWN } else { state };
        let labels = [object.kind.clone(), object.namespace.clone(), track, state];
        let beyond = |[kind, _, track, state]: [SmolStr; 4]| {
            [kind, OTHER, track, if state == UNKNOWN { UNKNOWN } else { OTHER }]
        };
        let place = counts.place(labels, beyond, BTreeMap::new);
        *counts.at(place).entry(object.watch).or_default() += 1;
        self.place = Some(place);
    }

    fn uncount(&mut self, watch: WatchId, counts: &mut Counts) {
        if let Some(place) = self.place.take() {
            counts.at(place).entry(watch).and_modify(|count| *count -= 1);
        }
    }
}
