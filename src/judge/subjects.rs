//! The subjects of a timeline with the traces of their tracks, and the monitors that read them as they grow.
//!
//! Memory is bounded: a track keeps its last [`MAX_TRACE`] events, for explanations and windows; monitors of
//! expectations about the whole timeline need none of them.

use super::log::{ClauseId, Log, MAX_TRACE};
use super::members::Members;
use super::membership::Membership;
use super::outcome::Life;
use super::unshown::Unshown;
use super::window::{Edge, Marks, Sight};
use crate::kinds;
use crate::language::{Expectation, Program, Selector};
use crate::monitor::{End, Event, Found, Micros, NEVER_BEFORE, Order, START, Span};
use crate::observation::{Owner, Subject, Track, WatchId, alike};
use smol_str::SmolStr;
use std::collections::hash_map::Entry;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

/// Most owners that are followed from one subject.
const MAX_OWNERS: usize = 64;

/// A gap whose end is not known yet.
#[derive(Clone, Copy, Debug)]
pub struct OpenGap {
    /// The time of the gap; `hi` is [`crate::monitor::NEVER_AFTER`] while it has no end.
    pub when: Span,
    /// The first place that hidden entries may have.
    pub from: u64,
    /// The last place that hidden entries may have.
    pub place: u64,
    /// True when a track without a transition at the gap's end was found in its previous state.
    pub keeps: bool,
    /// True when the previous state was served until the gap's end: what it hides was never published.
    pub served: bool,
}

/// A subject.
#[derive(Clone, Debug)]
pub struct Member {
    /// Its identity.
    pub subject: Arc<Subject>,
    /// The index of the watch that first showed it, which counts its places.
    pub watch: Option<WatchId>,
    /// Its tracks; the unnamed track of a sketch is a custom track with an empty name.
    pub tracks: BTreeMap<Track, Log>,
    /// The last time at which a version certainly showed it.
    pub there_at: Micros,
    /// When it was deleted.
    pub deleted: Option<Span>,
    /// Gaps of tracks for which it is not yet known what was found at their end.
    pub open_gaps: BTreeMap<Track, OpenGap>,
    /// The tracks that no version has shown.
    pub unshown: Unshown,
    /// When it was created and first seen.
    pub sight: Option<Sight>,
    /// The first place that its first entry may have, in the storage that was there first; a line, where its watch counts
    /// lines.
    pub began_after: u64,
    /// The last place that its first entry may have; none when it is unknown in that storage.
    pub began: Option<u64>,
    /// The place of its first version, where that is known exactly.
    pub first: Option<u64>,
    /// Its index.
    pub index: usize,
    /// It may be one that was dropped: whether it is another subject is not known.
    pub may_be_known: bool,
    /// It may be another life of an object that was deleted unseen: its storage had gone back before it was first shown.
    pub may_be_again: bool,
    /// Of an Event, the count of its occurrences.
    pub occurred: u32,
    /// How often the storage had been replaced when it was deleted, as far as its watch shows.
    pub died_in: Option<u32>,
    /// The same when it left its watch's selection and has not come back.
    pub left_in: Option<u32>,
    /// True for another life of an object that was deleted: a restored storage has it again.
    pub is_again: bool,
    /// Clauses that may be about it.
    interests: Vec<ClauseId>,
    /// Clauses whose condition may be about it.
    triggers: Vec<ClauseId>,
}

/// Kind, group, namespace and name.
pub(super) type Name = [SmolStr; 4];

pub(super) fn name(subject: &Subject) -> Name {
    [subject.kind.clone(), subject.group.clone(), subject.namespace.clone(), subject.name.clone()]
}

/// All subjects.
#[derive(Clone, Debug, Default)]
pub struct Subjects {
    /// In the order in which they were first seen.
    pub members: Members<Member>,
    by_uid: Arc<HashMap<SmolStr, usize>>,
    /// The lives of each name, in the order in which they were first seen.
    by_name: Arc<HashMap<Name, Vec<usize>>>,
    /// For each clause the members that it may be about; kind, namespace and name never change.
    interested: Arc<HashMap<ClauseId, Vec<usize>>>,
    /// For each clause the members that its condition may be about.
    awaited: Arc<HashMap<ClauseId, Vec<usize>>>,
    /// For each expectation and each of its subjects that an entry at a bound of its window is about, the members of it.
    bounding: Arc<HashMap<(usize, usize), Vec<usize>>>,
}

impl Subjects {
    /// The index of a subject, which is added if it is new.
    pub fn seen(&mut self, program: &Program, subject: &Arc<Subject>) -> usize {
        match self.by_uid.get(&subject.uid) {
            Some(at) => *at,
            None => self.add(program, Arc::clone(subject), false),
        }
    }

    /// Adds another life of an object that was deleted. Its uid means the first one.
    pub fn revive(&mut self, program: &Program, subject: &Subject) -> usize {
        self.add(program, Arc::new(subject.clone()), true)
    }

    fn add(&mut self, program: &Program, subject: Arc<Subject>, is_again: bool) -> usize {
        let (mut interests, mut triggers, mut bounds) = (Vec::new(), Vec::new(), BTreeSet::new());
        for (number, expectation) in program.expectations.iter().enumerate() {
            let names = |alias: usize| is_named_by(&expectation.subjects[alias].1, &subject, is_again);
            let entered = expectation.window.entries().map(|entered| entered.subject);
            bounds.extend(entered.filter(|alias| names(*alias)).map(|alias| (number, alias)));
            for (index, clause) in expectation.clauses.iter().enumerate() {
                if names(clause.subject) {
                    interests.push((number, index));
                }
                if clause.condition.as_ref().is_some_and(|(alias, _)| names(*alias)) {
                    triggers.push((number, index));
                }
            }
        }
        let at = self.members.next();
        for id in &interests {
            Arc::make_mut(&mut self.interested).entry(*id).or_default().push(at);
        }
        for id in &triggers {
            Arc::make_mut(&mut self.awaited).entry(*id).or_default().push(at);
        }
        for bound in bounds {
            Arc::make_mut(&mut self.bounding).entry(bound).or_default().push(at);
        }
        Arc::make_mut(&mut self.by_uid).insert(subject.uid.clone(), at);
        Arc::make_mut(&mut self.by_name).entry(name(&subject)).or_default().push(at);
        self.members.push(Member {
            subject,
            watch: None,
            tracks: BTreeMap::new(),
            there_at: NEVER_BEFORE,
            deleted: None,
            open_gaps: BTreeMap::new(),
            unshown: Unshown::default(),
            sight: None,
            began_after: 0,
            began: None,
            first: None,
            index: at,
            may_be_known: false,
            may_be_again: false,
            occurred: 0,
            died_in: None,
            left_in: None,
            is_again,
            interests,
            triggers,
        });
        at
    }

    /// How many entries its indices have: what must not grow with the number of the dead.
    #[cfg(test)]
    pub fn entries(&self) -> usize {
        let of_clauses = self.interested.values().chain(self.awaited.values()).chain(self.bounding.values());
        let of_clauses = of_clauses.map(Vec::len).sum::<usize>();
        self.by_uid.len() + self.by_name.len() + of_clauses
    }

    /// Forgets some of them.
    pub fn remove(&mut self, gone: &BTreeSet<usize>) {
        if gone.is_empty() {
            return;
        }
        let (by_uid, by_name) = (Arc::make_mut(&mut self.by_uid), Arc::make_mut(&mut self.by_name));
        for at in gone {
            let subject = &self.members[*at].subject;
            if by_uid.get(&subject.uid) == Some(at) {
                by_uid.remove(&subject.uid);
            }
            if let Entry::Occupied(mut lives) = by_name.entry(name(subject)) {
                lives.get_mut().retain(|life| life != at);
                if lives.get().is_empty() {
                    lives.remove();
                }
            }
        }
        let is_kept = |at: &usize| !gone.contains(at);
        Arc::make_mut(&mut self.interested).values_mut().for_each(|members| members.retain(is_kept));
        Arc::make_mut(&mut self.awaited).values_mut().for_each(|members| members.retain(is_kept));
        Arc::make_mut(&mut self.bounding).values_mut().for_each(|members| members.retain(is_kept));
        self.members.remove(gone);
    }

    /// The subject that a selector without any probably means: one of its kind with its name in another namespace, or
    /// with a similar name.
    pub fn alike(&self, selector: &Selector) -> Option<&Subject> {
        let subjects = self.members.iter().map(|member| member.subject.as_ref());
        let of_kind: Vec<&Subject> = subjects.filter(|subject| subject.kind == selector.kind).collect();
        let find = |is_it: &dyn Fn(&Subject) -> bool| of_kind.iter().copied().find(|subject| is_it(subject));
        let near = |word: &str, of: fn(&Subject) -> &str| {
            let near = alike(word, of_kind.iter().map(|subject| of(subject)))?;
            find(&|subject| of(subject) == near)
        };
        match (&selector.name, &selector.namespace) {
            // One that is named in full is not meant again.
            (Some(name), None) if of_kind.iter().any(|subject| subject.name == *name) => None,
            (Some(name), _) => find(&|subject| subject.name == *name).or_else(|| near(name, |subject| &subject.name)),
            (None, Some(namespace)) => near(namespace, |subject| &subject.namespace),
            (None, None) => None,
        }
    }

    /// The members that a clause may be about, in the order in which they were first seen.
    pub fn interested(&self, id: ClauseId) -> impl Iterator<Item = &Member> {
        self.interested.get(&id).into_iter().flatten().map(|at| &self.members[*at])
    }

    /// The members that a clause's condition may be about, in the order in which they were first seen.
    pub fn awaited(&self, id: ClauseId) -> impl Iterator<Item = &Member> {
        self.awaited.get(&id).into_iter().flatten().map(|at| &self.members[*at])
    }

    /// The members that an entry at a bound of an expectation's window may be of, in the order in which they were first
    /// seen.
    pub fn bounding(&self, expectation: usize, alias: usize) -> impl Iterator<Item = &Member> {
        self.bounding.get(&(expectation, alias)).into_iter().flatten().map(|at| &self.members[*at])
    }

    /// The lives of a subject's name.
    pub fn named(&self, subject: &Subject) -> impl Iterator<Item = &Member> {
        self.by_name.get(&name(subject)).into_iter().flatten().map(|at| &self.members[*at])
    }

    /// How many lives of a member's name there are.
    pub fn lives(&self, member: &Name) -> usize {
        self.by_name.get(member).map_or(0, Vec::len)
    }

    /// Which of the lives of its name a member is, of those that are kept.
    #[must_use]
    pub fn life(&self, member: &Member) -> Option<Life> {
        let lives = self.by_name.get(&name(&member.subject)).filter(|_| !member.subject.kind.is_empty())?;
        let mut lives: Vec<&Member> = lives.iter().map(|at| &self.members[*at]).collect();
        if lives.iter().all(|life| life.began.is_some()) {
            lives.sort_by_key(|life| life.began);
        }
        let at = lives.iter().position(|life| Arc::ptr_eq(&life.subject, &member.subject))?;
        Some(Life { number: at + 1, of: lives.len() })
    }

    /// The lives of an object, of which all but the last were deleted in earlier storages.
    fn lives_of<'a>(&'a self, member: &'a Member) -> impl Iterator<Item = &'a Member> {
        self.named(&member.subject).filter(|life| life.subject.uid == member.subject.uid)
    }

    /// The index of a subject, if it was seen.
    #[must_use]
    pub fn find(&self, uid: &str) -> Option<usize> {
        self.by_uid.get(uid).copied()
    }

    /// Whether one subject is owned by another that `is_owner` accepts, by the chain of a selector. An owner that was
    /// not watched, or whose owners are unknown, may be owned by anything; the kinds of such owners are passed to
    /// `missing`.
    fn owned(
        &self,
        member: &Member,
        chain: &Chain<'_>,
        is_owner: &dyn Fn(&Member) -> Membership,
        missing: &mut dyn FnMut(&str),
    ) -> Membership {
        let mut best = Membership::No;
        let mut seen: Vec<&SmolStr> = Vec::new();
        let mut work = vec![(member, 0)];
        while let Some((member, depth)) = work.pop() {
            let Some(owners) = &member.subject.identity.owners else {
                best = best.max(Membership::Unknown);
                continue;
            };
            for Owner { kind, uid } in owners {
                let found = self.find(uid).map(|at| &self.members[at]);
                let kind = found.map_or(kind, |found| &found.subject.kind);
                let (is_end, goes_on) = chain.leads(&member.subject.kind, depth, kind);
                if !(is_end || goes_on) || seen.contains(&uid) {
                    continue;
                }
                seen.push(uid);
                match found.filter(|_| seen.len() <= MAX_OWNERS) {
                    None => {
                        best = best.max(Membership::Unknown);
                        missing(kind);
                    }
                    // Owners are in the namespace of what they own, or cluster-scoped.
                    Some(owner) if owner.is_apart(member) => {}
                    Some(owner) => {
                        if is_end {
                            let lives = self.lives_of(owner).map(is_owner).max();
                            best = best.max(lives.unwrap_or(Membership::No));
                        }
                        if goes_on {
                            work.push((owner, depth + 1));
                        }
                    }
                }
            }
        }
        best
    }

    /// Whether one subject is owned by another, by the chain of its selector.
    #[must_use]
    pub fn owned_by(
        &self,
        subjects: &[(String, Selector)],
        alias: usize,
        member: &Member,
        owner: &Member,
    ) -> Membership {
        let is_owner = |other: &Member| {
            if Arc::ptr_eq(&other.subject, &owner.subject) { Membership::Yes } else { Membership::No }
        };
        match Chain::of(subjects, alias) {
            Some(chain) => self.owned(member, &chain, &is_owner, &mut |_| {}),
            None => Membership::No,
        }
    }

    /// Whether a subject may have an owner of its alias that no watch showed.
    #[must_use]
    pub fn hides_owner(&self, subjects: &[(String, Selector)], alias: usize, member: &Member) -> Membership {
        match Chain::of(subjects, alias) {
            Some(chain) => self.owned(member, &chain, &|_| Membership::No, &mut |_| {}),
            None => Membership::Unknown,
        }
    }

    /// The kind that must be recorded to decide whether a member is one of the subjects of an alias.
    pub fn missing_owner(&self, subjects: &[(String, Selector)], alias: usize, member: &Member) -> Option<String> {
        let mut found = None;
        if let Some(chain) = Chain::of(subjects, alias) {
            self.owned(member, &chain, &|_| Membership::No, &mut |kind| {
                found.get_or_insert_with(|| kind.to_owned());
            });
        }
        found.filter(|kind| !kind.is_empty())
    }

    /// Whether a member is one of the subjects of an alias, where `is_meant` says whether it is of the time and the life
    /// that the alias with a number asks for.
    #[must_use]
    pub fn membership(
        &self,
        subjects: &[(String, Selector)],
        alias: usize,
        member: &Member,
        is_meant: &dyn Fn(usize, &Member) -> Membership,
    ) -> Membership {
        self.membership_within(subjects, (alias, subjects.len()), member, is_meant)
    }

    fn membership_within(
        &self,
        subjects: &[(String, Selector)],
        (alias, depth): (usize, usize),
        member: &Member,
        is_meant: &dyn Fn(usize, &Member) -> Membership,
    ) -> Membership {
        let Some((_, selector)) = subjects.get(alias).filter(|(_, selector)| member.is_named_by(selector)) else {
            return Membership::No;
        };
        let labelled = selector.labelled(&member.subject.identity).min(is_meant(alias, member));
        let Some(owner) = &selector.owned_by else { return labelled };
        let Some(owner) = subjects.iter().position(|(alias, _)| alias == owner) else { return Membership::Unknown };
        if depth == 0 || labelled == Membership::No {
            return labelled.min(Membership::Unknown);
        }
        let is_owner = |member: &Member| self.membership_within(subjects, (owner, depth - 1), member, is_meant);
        let Some(chain) = Chain::of(subjects, alias) else { return labelled.min(Membership::Unknown) };
        labelled.min(self.owned(member, &chain, &is_owner, &mut |_| {}))
    }
}

/// The place of the version that an event is from, where that is known exactly.
fn version(event: &Event) -> Option<u64> {
    let order = event.order();
    let is_exact = match event {
        Event::Enter { .. } => order.lo == order.hi,
        Event::Gap { found, .. } => *found != Found::NotSeen && order.hi < u64::MAX,
    };
    is_exact.then_some(order.hi)
}

/// The kinds that lead from a subject up to its owner.
struct Chain<'a> {
    owner: &'a str,
    through: Option<&'a [String]>,
}

impl<'a> Chain<'a> {
    /// The chain of an alias with an owner.
    fn of(subjects: &'a [(String, Selector)], alias: usize) -> Option<Self> {
        let (_, selector) = subjects.get(alias)?;
        let (_, owner) = subjects.iter().find(|(alias, _)| Some(alias) == selector.owned_by.as_ref())?;
        Some(Self { owner: &owner.kind, through: selector.through.as_deref() })
    }

    /// Whether an owner of this kind ends the chain, and whether the chain continues; it is an owner of an object that
    /// is `depth` owners above the subject.
    fn leads(&self, owned: &str, depth: usize, kind: &str) -> (bool, bool) {
        if kind.is_empty() {
            return (true, true);
        }
        match self.through {
            Some(through) => {
                (depth == through.len() && kind == self.owner, through.get(depth).is_some_and(|next| next == kind))
            }
            None => {
                (kind == self.owner, kinds::owners(owned).any(|owner| owner == kind) && kinds::owns(self.owner, kind))
            }
        }
    }
}

/// Whether a selector has the kind and the names of a subject. A uid names the first life.
fn is_named_by(selector: &Selector, subject: &Subject, is_again: bool) -> bool {
    selector.names(subject) && !(is_again && selector.uid.is_some())
}

impl Member {
    /// Its name, of which it is one life.
    pub(super) fn name(&self) -> Name {
        name(&self.subject)
    }

    /// Clauses that may be about it.
    pub(super) fn interests(&self) -> &[ClauseId] {
        &self.interests
    }

    /// Clauses whose condition may be about it.
    pub(super) fn triggers(&self) -> &[ClauseId] {
        &self.triggers
    }

    /// The place at which it was created, where that was seen.
    pub(super) fn birth_place(&self) -> Option<u64> {
        let lifecycle = self.tracks.get(&Track::Lifecycle).filter(|log| log.dropped == 0 && !self.may_be_known)?;
        match lifecycle.events.first()? {
            Event::Enter { order, .. } if order.lo == order.hi => Some(order.lo),
            _ => None,
        }
    }

    /// The place at which it began, as far as that was seen.
    pub(super) fn first_place(&self) -> Order {
        let born = self.first.filter(|_| self.sight.is_some_and(Sight::is_birth));
        born.map_or(Order::UNKNOWN, Order::at)
    }

    /// The place by which it was first seen.
    pub(super) fn seen_by(&self) -> u64 {
        self.sight.map_or(u64::MAX, Sight::place)
    }

    /// The first place at which it may have been deleted.
    pub(super) fn death_place(&self) -> Option<u64> {
        let lifecycle = self.tracks.get(&Track::Lifecycle).filter(|_| self.deleted.is_some())?;
        lifecycle.events.last().map(|event| event.order().lo)
    }

    /// When it was deleted.
    pub(super) fn gone(&self) -> Option<Edge> {
        let when = self.deleted?;
        let lifecycle = self.tracks.get(&Track::Lifecycle).and_then(|log| log.events.last());
        // A deletion that reaches back over what was not seen may be an earlier one.
        let known = lifecycle.filter(|event| event.when() == when).map(Event::order);
        Some(Edge::new(when, known.unwrap_or(Order::UNKNOWN)))
    }

    /// The places before which the last state of a track ended with its subject.
    pub(super) fn leaves(&self, track: Option<&Track>) -> Option<Order> {
        let when = self.deleted.filter(|_| track != Some(&Track::Lifecycle))?;
        let is_it = |event: &&Event| event.shown().is_some_and(|shown| shown.symbol.label == "Deleted");
        // A storage that may have gone back may have it again: that is another life.
        let deletion = self.tracks.get(&Track::Lifecycle).and_then(|log| log.events.iter().rev().find(is_it));
        Some(deletion.map_or(Order::UNKNOWN, |event| {
            let Order { lo, hi } = event.order();
            // One that reaches back over what was not seen may be an earlier one.
            Order { lo: if event.when() == when { lo } else { START }, hi }
        }))
    }

    /// True when neither can own the other, because they are in different namespaces.
    fn is_apart(&self, other: &Self) -> bool {
        !self.subject.namespace.is_empty() && self.subject.namespace != other.subject.namespace
    }

    /// Whether a selector has its kind and its names.
    pub fn is_named_by(&self, selector: &Selector) -> bool {
        is_named_by(selector, &self.subject, self.is_again)
    }

    /// How the traces of its tracks end, when its stream ends with `end`.
    #[must_use]
    pub fn end(&self, end: End) -> End {
        self.deleted.map_or(end, |when| End::Deleted { when })
    }

    /// Adds an event to a track, and passes it to the monitors of that track. It has an order in the storage that was
    /// there first, too.
    pub fn push(&mut self, program: &Program, marks: &Marks, track: &Track, (event, first): (Event, Order)) {
        if self.sight.is_none() {
            self.began_after = first.lo;
            self.began = Some(first.hi).filter(|place| *place < u64::MAX);
            self.first = version(&event);
        }
        if !self.tracks.contains_key(track) {
            self.began_after = self.began_after.min(first.lo);
            // The tracks of a sketch are added one by one.
            if let Some(first) = self.first {
                let Order { lo, hi } = event.order();
                let may_be_earlier = lo < first && matches!(event, Event::Enter { .. });
                self.first = if hi < first { version(&event) } else { Some(first).filter(|_| !may_be_earlier) };
            }
            let sight = Sight::of(&event);
            self.sight = Some(self.sight.map_or(sight, |known| known.with(sight)));
            let log = self.begin(program, track);
            self.tracks.insert(track.clone(), log);
        }
        let Some(log) = self.tracks.get_mut(track) else { return };
        for (id, monitor) in &mut log.monitors {
            if let Some(seen) = program.clause(*id).sees(Some(track)).event(log.events.last(), &event) {
                monitor.observe(&seen);
            }
        }
        for (id, first) in &mut log.conditions {
            let clause = program.clause(*id);
            let seen = clause.sight.awaited.event(log.events.last(), &event);
            if let Some((states, seen)) = clause.plan.condition().zip(seen) {
                first.observe(states, &seen);
            }
        }
        if log.events.len() < MAX_TRACE {
            log.events.push(event);
            return;
        }
        let pins = self.pins(program, marks, track, &self.tracks[track], &event);
        let Some(log) = self.tracks.get_mut(track) else { return };
        log.events.drain(..MAX_TRACE / 2);
        log.dropped += MAX_TRACE as u64 / 2;
        (log.pins, log.shortened) = (pins, true);
        log.events.push(event);
    }

    /// True when an expectation may wait for it on behalf of other subjects.
    pub(super) fn is_awaited(&self, program: &Program, expectation: usize) -> bool {
        let clause = |id: &ClauseId| program.clause(*id);
        let by_others = |id: &ClauseId| clause(id).condition.as_ref().is_some_and(|(at, _)| *at != clause(id).subject);
        self.triggers.iter().any(|id| id.0 == expectation && by_others(id))
    }

    /// The expectations with a window that may read a track.
    pub(super) fn windowed(&self, program: &Program, track: &Track) -> Vec<usize> {
        let clause = |id: &ClauseId| program.clause(*id);
        let judged = self.interests.iter().filter(|id| clause(id).tracks.fits(track));
        let awaits = |id: &&ClauseId| clause(id).condition.as_ref().is_some_and(|(_, pattern)| pattern.fits(track));
        let read = judged.chain(self.triggers.iter().filter(awaits)).map(|id| id.0);
        let bounds = |expectation: &Expectation| {
            expectation
                .window
                .entries()
                .any(|entered| entered.tracks.fits(track) && self.is_named_by(&expectation.subjects[entered.subject].1))
        };
        let bound = program.expectations.iter().enumerate().filter(|(_, expectation)| bounds(expectation));
        let read = read.chain(bound.map(|(number, _)| number));
        let read: BTreeSet<usize> = read.filter(|number| !program.expectations[*number].window.is_whole()).collect();
        read.into_iter().collect()
    }

    fn begin(&self, program: &Program, track: &Track) -> Log {
        let clause = |id: &ClauseId| program.clause(*id);
        let whole = |id: &ClauseId| program.expectations[id.0].window.is_whole();
        let judged = self.interests.iter().filter(|id| whole(id) && clause(id).tracks.fits(track));
        let awaited = self
            .triggers
            .iter()
            .filter(|id| whole(id) && clause(id).condition.as_ref().is_some_and(|(_, pattern)| pattern.fits(track)));
        Log {
            events: Vec::new(),
            shortened: self.unshown.log().shortened,
            dropped: 0,
            pins: Vec::new(),
            monitors: judged.map(|id| (*id, clause(id).plan.start())).collect(),
            conditions: awaited.map(|id| (*id, clause(id).plan.awaited())).collect(),
        }
    }
}
