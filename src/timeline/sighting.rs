//! The part of the fold for objects: what one version of an object shows about its subject.

use super::entry::{Body, Provenance, Reported};
use super::fold::{Fold, Stream};
use super::life::{Life, Step, Unseen};
use super::place::{Ordered, Place};
use crate::kinds::{self, Deletion, Evidence, Interpretation, Involved, Kind};
use crate::observation::{
    Change, GapReason, Identity, ObjectEvent, Owner, Problem, ResourceVersion, State, Subject, Track, WatchId,
};
use jiff::Timestamp;
use smol_str::SmolStr;
use std::sync::Arc;

/// How many objects that left a selection are remembered.
const LEFT: usize = 10_000;
/// How many deleted objects are remembered with their whole identity, for the Events about them.
const RECENT: usize = 2_000;

impl Fold {
    /// Folds one version of an object. A version that is not newer than the recorded one adds nothing, unless it is the
    /// deletion.
    pub(super) fn object(&mut self, seen: &ObjectEvent, place: &Place, out: &mut Vec<Ordered>) {
        self.check_read_back(seen);
        let list = self.stream(seen.watch).list;
        if let Some(life) = self.lives.get_mut(&seen.object.uid)
            && seen.object.resource_version.is_covered_by(&life.version)
            && !life.lacks(&seen.object.resource_version)
            && !(seen.change == Change::Deleted && !life.gone && seen.object.resource_version == life.version)
        {
            if seen.change == Change::Listed {
                life.listed_in = list;
            }
            life.found(&seen.object.resource_version);
            if seen.change == Change::Listed && !seen.healed {
                self.names.insert(name_key(seen), seen.object.uid.clone());
            }
            return;
        }
        if !self.lives.contains_key(&seen.object.uid)
            && let Some(last) = self.gone(&seen.object.uid).cloned()
        {
            if seen.object.resource_version.is_covered_by(&last) || seen.object.resource_version == last {
                return;
            }
            self.revived(seen, last, place);
        }
        match self.stream(seen.watch).interpreter.interpret(&seen.object) {
            Ok(Interpretation::Tracks { states, deletion }) => self.version(seen, &states, deletion, place, out),
            Ok(Interpretation::Evidence(_)) if seen.change == Change::Deleted => {}
            // A list that was not completed is read again.
            Ok(Interpretation::Evidence(_))
                if self.events.version(&seen.object.uid) == Some(&seen.object.resource_version) => {}
            Ok(Interpretation::Evidence(evidence)) => self.evidence(evidence, seen, place, out),
            Err(error) => self.unreadable(seen, error.words(), place, out),
        }
    }

    /// Nothing is read back that is older than what was recorded of the same object: such a version would be lost, and
    /// no gap would tell of it. Of several watches of a resource, one may read back what another has delivered.
    fn check_read_back(&mut self, seen: &ObjectEvent) {
        if !seen.healed || seen.change == Change::Listed {
            return;
        }
        let ObjectEvent { watch, object, .. } = seen;
        let recorded = self.lives.get(&object.uid).map(|life| &life.version).or_else(|| self.gone(&object.uid));
        let version = &object.resource_version;
        let is_older = recorded.is_some_and(|last| version != last && version.is_covered_by(last));
        let line = (object.uid.clone(), version.clone());
        let is_new = self.streams[usize::from(*watch)].read_back.insert(line);
        let own = &self.stream(*watch).watch.resource;
        let is_own = |stream: &&Stream| {
            let other = &stream.watch.resource;
            (&other.group, &other.plural) == (&own.group, &own.plural)
        };
        if is_older && is_new && self.streams.iter().filter(is_own).count() == 1 {
            self.unexplained(seen, "was read back after a later version of it");
        }
    }

    /// The object was taken for deleted, but exists: what followed its last version was not seen.
    fn revived(&mut self, seen: &ObjectEvent, last: ResourceVersion, place: &Place) {
        let known = self.recent_by_uid.get(&seen.object.uid).cloned();
        let (subject, at) = (known.unwrap_or_else(|| self.subject(seen)), place.stamp.at);
        let stream = self.stream(seen.watch);
        let (Stream { position, list, .. }, storage) = (stream, stream.known_storage());
        let goes_on = matches!(seen.change, Change::Modified | Change::Deleted) && !seen.healed;
        let gap = position.gap().map(|gap| (gap.from, gap.reason));
        let is_ordered = last.is_decimal() && seen.object.resource_version.is_decimal();
        let mut life = Life::new(subject, seen.watch, last, at, *list);
        if goes_on && is_ordered {
            let (from, reason) = gap.unwrap_or((place.alive_before.unwrap_or(at), GapReason::Contradicted));
            life.blind = Some(Unseen { from, after: None, storage, reason });
            if gap.is_none() {
                self.unexplained(seen, "continues after its deletion");
            }
        }
        self.lives.insert(seen.object.uid.clone(), life);
    }

    fn version(
        &mut self,
        seen: &ObjectEvent,
        states: &[(Track, State)],
        deletion: Option<Deletion>,
        place: &Place,
        out: &mut Vec<Ordered>,
    ) {
        self.check_beginning(seen);
        let replaced = self.replaced(seen, place, out);
        let unseen = self.unseen_before(seen, place);
        let how = self.provenance(seen, unseen.is_some());
        let before = self.lives.get(&seen.object.uid).map(|life| (life.read.clone(), life.at));
        let subject = self.live(seen, true, place);
        if let (Some(unseen), Some((version, _))) = (&unseen, &before) {
            let blind = place.blind(&subject, &self.stream(seen.watch).watch, unseen, version);
            out.push(place.entry_since(unseen.storage, Some(&subject), Provenance::AfterGap, Body::Gap(blind)));
        }
        let left = seen.change == Change::Deleted && !seen.confirmed && self.stream(seen.watch).watch.can_be_left();
        let gone = seen.change == Change::Deleted && !left;
        if let Some(life) = self.lives.get_mut(&seen.object.uid) {
            life.step(&Track::Lifecycle, &lifecycle(deletion), true, &mut self.steps);
            life.enter(states, unseen.is_none(), &mut self.steps);
            life.replaced = replaced.or(life.replaced.take());
            if gone {
                life.step(&Track::Lifecycle, &State::plain("Deleted"), true, &mut self.steps);
            }
        }
        if gone {
            let key = name_key(seen);
            if self.names.get(&key) == Some(&seen.object.uid) {
                self.names.remove(&key);
            }
            self.bury(&seen.object.uid);
        }
        self.drain_steps(&subject, seen.watch, how, before.as_ref(), place, out);
        if left {
            self.left(&seen.object.uid, GapReason::LeftSelection, place, out);
        }
    }

    /// The life of the object, created if it is new, with this version as its last.
    fn live(&mut self, seen: &ObjectEvent, is_read: bool, place: &Place) -> Arc<Subject> {
        let (list, at) = (self.stream(seen.watch).list, place.stamp.at);
        let not_before = place.earliest();
        let version = &seen.object.resource_version;
        if let Some(life) = self.lives.get_mut(&seen.object.uid) {
            life.recorded(version, is_read);
            life.first.get_or_insert_with(|| version.clone());
            (life.listed_in, life.at, life.blind, life.gone) = (list, at, None, false);
            (life.not_before, life.healed) = (not_before, seen.healed);
            return Arc::clone(&life.subject);
        }
        let subject = self.subject(seen);
        let mut life = Life::new(Arc::clone(&subject), seen.watch, version.clone(), at, list);
        (life.not_before, life.healed) = (not_before, seen.healed);
        if !is_read {
            // What it shows is not known from this version on.
            life.read = before(version);
        }
        self.seen += 1;
        self.lives.insert(seen.object.uid.clone(), life);
        subject
    }

    fn drain_steps(
        &mut self,
        subject: &Arc<Subject>,
        watch: WatchId,
        how: Provenance,
        before: Option<&(ResourceVersion, Timestamp)>,
        place: &Place,
        out: &mut Vec<Ordered>,
    ) {
        for step in std::mem::take(&mut self.steps) {
            let body = match (step, before) {
                (Step::Entered(transition), _) => Body::Transition(*transition),
                (Step::Detailed(detailed), _) => Body::Detailed(*detailed),
                (Step::Unpublished(track, evidence), Some((version, at))) => {
                    let (from, storage) = (*at, place.storage);
                    let unseen = Unseen { from, after: None, storage, reason: GapReason::NeverPublished };
                    let mut blind = place.blind(subject, &self.stream(watch).watch, &unseen, version);
                    (blind.track, blind.evidence) = (Some(track), Some(evidence));
                    Body::Gap(blind)
                }
                // Only a later version can show what was missed since the one before.
                (Step::Unpublished(..), None) => continue,
            };
            out.push(place.entry(Some(subject), how, body));
        }
    }

    /// How the states of a version were seen.
    fn provenance(&self, seen: &ObjectEvent, after_gap: bool) -> Provenance {
        let new = !self.lives.contains_key(&seen.object.uid);
        let relisting = self.stream(seen.watch).position.gap().is_some();
        match seen.change {
            _ if after_gap || (new && relisting && seen.change != Change::Added) => Provenance::AfterGap,
            // The oldest version that the server's history still had: the object began before it.
            Change::Listed if new || !seen.healed => Provenance::Initial,
            // It may have entered the selection long after it was created.
            Change::Added if new && self.stream(seen.watch).watch.can_be_left() => Provenance::Initial,
            // Unknown until now, but not created now: it began before what was read.
            Change::Modified | Change::Deleted if new => Provenance::Initial,
            _ if seen.healed => Provenance::Healed,
            // It may be one of a list that is not known to be complete.
            Change::Added if new && relisting => Provenance::AfterGap,
            Change::Added if new && self.stream(seen.watch).position.first_list().is_none() => Provenance::Initial,
            Change::Added if new && self.may_be_known(seen) => Provenance::Initial,
            _ if seen.not_before.is_some() => Provenance::Delayed,
            _ => Provenance::Live,
        }
    }

    /// It may be an object that was forgotten, so its beginning may have been seen already.
    fn may_be_known(&self, seen: &ObjectEvent) -> bool {
        let version = &seen.object.resource_version;
        self.stream(seen.watch).forgot_left || self.streams.iter().any(|stream| stream.gone.may_have_forgotten(version))
    }

    /// Forgets a deleted object, except its last version and, for a while, its identity.
    fn bury(&mut self, uid: &SmolStr) {
        let Some(life) = self.lives.remove(uid) else { return };
        self.streams[usize::from(life.watch)].gone.insert(uid, life.version);
        if self.recent_by_uid.insert(uid.clone(), Arc::clone(&life.subject)).is_none() {
            self.recent.push_back(life.subject);
        }
        if self.recent.len() > RECENT
            && let Some(oldest) = self.recent.pop_front()
        {
            self.recent_by_uid.remove(&oldest.uid);
        }
    }

    /// Remembers an object that may return; the one that left first is forgotten.
    fn park(&mut self, uid: &SmolStr) {
        self.left.push_back(uid.clone());
        if self.left.len() > LEFT
            && let Some(oldest) = self.left.pop_front()
            && self.lives.get(&oldest).is_some_and(|life| life.gone)
            && let Some(life) = self.lives.remove(&oldest)
        {
            let key = life.name();
            if self.names.get(&key) == Some(&oldest) {
                self.names.remove(&key);
            }
            self.streams[usize::from(life.watch)].forgot_left = true;
        }
    }

    /// Since when the subject was unseen before this version; none when it is the next version, or the first.
    fn unseen_before(&mut self, seen: &ObjectEvent, place: &Place) -> Option<Unseen> {
        let life = self.lives.get(&seen.object.uid)?;
        if life.blind.is_some() {
            return life.blind.clone();
        }
        // Found in a list that no gap announced.
        let unseen = (seen.change == Change::Listed && !seen.healed).then(|| Unseen {
            from: place.alive_before.unwrap_or(place.stamp.at),
            after: None,
            storage: self.stream(seen.watch).known_storage(),
            reason: GapReason::Unrecorded,
        });
        let position = &self.stream(seen.watch).position;
        if unseen.is_some() && position.gap().is_none() {
            if position.first_list().is_some() {
                self.unexplained(seen, "was found in a list in another version than the recorded one");
            } else {
                // The recorder before this one ended within the list.
                let (from, to) = (life.version.clone(), seen.object.resource_version.clone());
                self.problems.push((seen.watch, Problem::Gap { from, to, unhealed: String::new() }));
            }
        }
        unseen
    }

    /// After a complete list, an object begins with ADDED, and only once.
    fn check_beginning(&mut self, seen: &ObjectEvent) {
        let Stream { position, watch, .. } = self.stream(seen.watch);
        let is_explained = position.gap().is_some() || position.counts().undecodable > 0;
        let version = &seen.object.resource_version;
        let is_known = self.lives.get(&seen.object.uid).is_some_and(|life| {
            let is_seen = life.watch == seen.watch && !life.gone && life.blind.is_none() && life.has_states();
            is_seen && life.version.is_decimal() && version.is_decimal()
        });
        if seen.change == Change::Added && !seen.healed && !is_explained && is_known && !watch.can_be_left() {
            self.unexplained(seen, "is added, but already existed");
            return;
        }
        let goes_on = matches!(seen.change, Change::Modified | Change::Deleted);
        if !goes_on || seen.healed || is_explained || position.first_list().is_none() {
            return;
        }
        if !self.lives.contains_key(&seen.object.uid) && !self.may_be_known(seen) {
            self.unexplained(seen, "continues, but no line shows where it began");
        }
    }

    fn unexplained(&mut self, seen: &ObjectEvent, what: &'static str) {
        let (name, version) = (seen.object.name.clone(), seen.object.resource_version.clone());
        self.problems.push((seen.watch, Problem::Unexplained { name, version, what }));
    }

    /// Another object has this name: the earlier one is gone, and its end was not seen. Their versions show which one
    /// is earlier, because history is read back object by object. If it is the object of `seen`, returns since when its
    /// end is unseen. Where they do not show it, the next list does: it has the one that is there.
    fn replaced(&mut self, seen: &ObjectEvent, place: &Place, out: &mut Vec<Ordered>) -> Option<Unseen> {
        // Several objects may be at one place; each end has an event of its own.
        if kinds::is_named_by_place(&self.stream(seen.watch).watch.resource.kind) {
            return None;
        }
        let key = name_key(seen);
        let from = place.not_before.or(place.alive_before).unwrap_or(place.stamp.at);
        let storage = self.stream(seen.watch).known_storage();
        let unseen = Unseen { from, after: None, storage, reason: GapReason::Replaced };
        let holder = self.names.get(&key).filter(|holder| **holder != seen.object.uid);
        if let Some(holder) = holder.and_then(|holder| self.lives.get(holder)) {
            let first = holder.first.as_ref().and_then(ResourceVersion::number);
            match seen.object.resource_version.number().zip(first) {
                Some((version, first)) if version < first => return Some(unseen),
                None if seen.healed && !holder.gone => return None,
                _ => {}
            }
        }
        let before = self.names.insert(key, seen.object.uid.clone()).filter(|before| *before != seen.object.uid)?;
        if let Some(life) = self.lives.get_mut(&before).filter(|life| seen.healed && !life.gone) {
            // Lines about it may still follow.
            life.replaced.get_or_insert(unseen);
            return None;
        }
        let from = place.alive_before.unwrap_or(place.stamp.at);
        let unseen = Unseen { from, ..unseen };
        if self.lives.get(&before).is_some_and(|life| !life.gone && life.blind.is_none()) {
            self.unexplained(seen, "has the name of an object whose deletion was not recorded");
        }
        self.deleted_unseen(&before, &unseen, place, out);
        None
    }

    /// Ends objects whose name another object has, once all that was read back about them has been recorded.
    pub(super) fn bury_replaced(&mut self, watch: Option<WatchId>, place: &Place, out: &mut Vec<Ordered>) {
        for uid in self.living(|life| life.replaced.is_some() && watch.is_none_or(|watch| life.watch == watch)) {
            if let Some(unseen) = self.lives.get(&uid).and_then(|life| life.replaced.clone()) {
                self.deleted_unseen(&uid, &unseen, place, out);
            }
        }
    }

    /// A subject that is missing from a list.
    pub(super) fn vanished(&mut self, uid: &SmolStr, unseen: &Unseen, place: &Place, out: &mut Vec<Ordered>) {
        let can_be_left = self.lives.get(uid).is_some_and(|life| self.stream(life.watch).watch.can_be_left());
        if can_be_left {
            if let Some(life) = self.lives.get_mut(uid) {
                life.blind.get_or_insert_with(|| unseen.clone());
            }
            self.left(uid, unseen.reason, place, out);
        } else {
            self.deleted_unseen(uid, unseen, place, out);
        }
    }

    /// An object that left the selection: it may still exist, unseen.
    fn left(&mut self, uid: &SmolStr, reason: GapReason, place: &Place, out: &mut Vec<Ordered>) {
        let Some(life) = self.lives.get_mut(uid) else { return };
        // A version that came late may be an early one.
        let (from, storage) = (place.earliest(), place.storage);
        let unseen = life.blind.get_or_insert(Unseen { from, after: None, storage, reason }).clone();
        life.gone = true;
        let (subject, version, watch) = (Arc::clone(&life.subject), life.read.clone(), life.watch);
        let blind = place.endless_gap(&subject, &self.stream(watch).watch, &unseen, &version);
        out.push(place.entry_since(unseen.storage, Some(&subject), Provenance::Live, Body::Gap(blind)));
        self.park(uid);
    }

    /// A subject that is certainly gone, although its deletion was not seen.
    fn deleted_unseen(&mut self, uid: &SmolStr, unseen: &Unseen, place: &Place, out: &mut Vec<Ordered>) {
        let Some(life) = self.lives.get_mut(uid).filter(|life| !life.gone || life.blind.is_some()) else { return };
        let unseen = life.blind.take().unwrap_or_else(|| unseen.clone());
        life.step(&Track::Lifecycle, &State::plain("Deleted"), true, &mut self.steps);
        let (subject, version, watch) = (Arc::clone(&life.subject), life.read.clone(), life.watch);
        let blind = place.blind(&subject, &self.stream(watch).watch, &unseen, &version);
        out.push(place.entry_since(unseen.storage, Some(&subject), Provenance::AfterGap, Body::Gap(blind)));
        // It was deleted at some moment of the gap.
        let earliest = place.not_before.map_or(unseen.from, |not_before| unseen.from.min(not_before));
        let gone = Place { not_before: Some(earliest.min(place.stamp.at)), ..place.clone() };
        self.drain_steps(&subject, watch, Provenance::AfterGap, None, &gone, out);
        let key = (watch, subject.namespace.clone(), subject.name.clone());
        if self.names.get(&key) == Some(uid) {
            self.names.remove(&key);
        }
        self.bury(uid);
    }

    /// An object whose status does not have the shape of its kind: its states are unknown until its next version. That it
    /// is there, or was deleted, is known.
    fn unreadable(&mut self, seen: &ObjectEvent, error: String, place: &Place, out: &mut Vec<Ordered>) {
        self.unread += 1;
        let (name, version) = (seen.object.name.clone(), seen.object.resource_version.clone());
        self.problems.push((seen.watch, Problem::Unread { name, version: version.clone(), error }));
        // A version that came late may be as early as the others that did.
        let since = place.alive_before.into_iter().chain(place.not_before).fold(place.stamp.at, Timestamp::min);
        let uid = &seen.object.uid;
        let resource = &self.stream(seen.watch).watch.resource;
        let is_evidence = kinds::served(&resource.group, &resource.plural).is_some_and(Kind::is_evidence);
        let deletion = kinds::deletion(&seen.object).ok().filter(|_| !is_evidence);
        let is_new = !self.lives.contains_key(uid);
        if is_new && deletion.is_none() {
            let span = (Some(since), Some(before(&version)), Some(version.clone()));
            self.hides_others((seen.watch, GapReason::Undecodable, None), span, place.clone(), out);
        }
        if is_evidence {
            return;
        }
        let how = self.provenance(seen, false);
        let is_born = is_new && !matches!(how, Provenance::Initial | Provenance::AfterGap);
        let from = if is_born { place.earliest() } else { since };
        let storage = self.stream(seen.watch).known_storage();
        let blind = self.lives.get_mut(uid).and_then(|life| life.blind.take());
        // What the stream delivers one after the other hides nothing before it.
        let is_next = !seen.healed && seen.change != Change::Listed && version.number().is_some();
        let after = is_next.then(|| before(&version));
        let unseen = blind.unwrap_or(Unseen { from, after, storage, reason: GapReason::Undecodable });
        let subject = self.live(seen, false, place);
        if let Some(life) = self.lives.get_mut(uid) {
            life.blind = Some(unseen.clone());
            if let Some(deletion) = deletion.filter(|_| is_new) {
                // If its beginning was not seen, neither was that of its other tracks, up to this version and further.
                if !is_born {
                    let watch = &self.streams[usize::from(seen.watch)].watch;
                    let gap = Body::Gap(place.endless_gap(&subject, watch, &unseen, &life.read));
                    out.push(place.entry_since(storage, Some(&subject), how, gap));
                }
                life.step(&Track::Lifecycle, &lifecycle(deletion), true, &mut self.steps);
            }
        }
        self.drain_steps(&subject, seen.watch, how, None, place, out);
        match seen.change {
            Change::Deleted if seen.confirmed || !self.stream(seen.watch).watch.can_be_left() => {
                self.deleted_unseen(uid, &unseen, place, out);
            }
            Change::Deleted => self.left(uid, unseen.reason, place, out),
            _ => {}
        }
    }

    fn evidence(&mut self, evidence: Evidence, seen: &ObjectEvent, place: &Place, out: &mut Vec<Ordered>) {
        self.events.insert(&seen.object.uid, seen.object.resource_version.clone());
        let involved = &evidence.involved;
        let known = self.lives.get(&involved.uid).map(|life| &life.subject);
        let subject = known.or_else(|| self.recent_by_uid.get(&involved.uid)).map_or_else(
            || {
                Arc::new(Subject {
                    cluster: self.cluster.clone(),
                    kind: involved.kind.clone(),
                    group: involved.group.clone(),
                    namespace: involved.namespace.clone(),
                    name: involved.name.clone(),
                    uid: involved.uid.clone(),
                    identity: Identity::default(),
                })
            },
            Arc::clone,
        );
        // A repeated Event is delivered as MODIFIED; it does not matter that its first version was not seen.
        let seen_as = self.provenance(seen, false);
        let how = match (seen_as, seen.change) {
            (Provenance::Initial, Change::Modified) => Provenance::Live,
            (how, _) => how,
        };
        let is_delivered = matches!(seen_as, Provenance::Live | Provenance::Delayed | Provenance::Healed);
        let is_created = is_delivered && seen.change == Change::Added;
        let Involved { kind, uid, .. } = &evidence.involved;
        let owner = Owner { kind: kind.clone(), uid: uid.clone() };
        let mut event = self.subject(seen);
        // Of an owner without a uid, nothing is known.
        Arc::make_mut(&mut event).identity.owners = Some(vec![owner]).filter(|_| !uid.is_empty());
        out.push(place.entry(Some(&subject), how, Body::Evidence(Reported { event, is_created, evidence })));
    }

    fn subject(&self, seen: &ObjectEvent) -> Arc<Subject> {
        let resource = &self.stream(seen.watch).watch.resource;
        Arc::new(Subject {
            cluster: self.cluster.clone(),
            kind: if resource.kind.is_empty() { resource.plural.clone() } else { resource.kind.clone() },
            group: resource.group.clone(),
            namespace: seen.object.namespace.clone(),
            name: seen.object.name.clone(),
            uid: seen.object.uid.clone(),
            identity: seen.object.identity(),
        })
    }
}

/// The version before one, or before all where versions are not numbers.
fn before(version: &ResourceVersion) -> ResourceVersion {
    ResourceVersion::new(version.number().map_or(0, |version| version.saturating_sub(1)).to_string())
}

fn lifecycle(deletion: Option<Deletion>) -> State {
    let Some(Deletion { due }) = deletion else { return State::plain("Present") };
    let mut state = State::plain("Terminating");
    state.detail.server_time = due;
    state
}

fn name_key(seen: &ObjectEvent) -> (WatchId, SmolStr, SmolStr) {
    (seen.watch, seen.object.namespace.clone(), seen.object.name.clone())
}
