//! The subjects of a timeline with the words of their tracks, and the monitors that read them as they grow.
//!
//! Bounded: a track keeps its last [`MAX_TRACE`] events, for explanations and for windows; the monitors of
//! expectations about the whole timeline need none of them.

use super::log::{ClauseId, Log, MAX_TRACE};
use super::membership::Membership;
use super::unshown::Unshown;
use crate::language::{Clause, Program, Selector};
use crate::monitor::{End, Event, First, Micros, Span};
use crate::observation::{Subject, Track};
use smol_str::SmolStr;
use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

/// Most owners that are followed from one subject.
const MAX_OWNERS: usize = 64;

/// A gap that waits for what was found at its end.
#[derive(Clone, Copy, Debug)]
pub struct OpenGap {
    /// When nothing was seen; `hi` is [`crate::monitor::NEVER_AFTER`] while it goes on.
    pub when: Span,
    /// The first place that what it hides may have.
    pub from: u64,
    /// The last place that what it hides may have.
    pub place: u64,
    /// A track without a transition at its end was found in the state that it had.
    pub keeps: bool,
    /// The state before it was served until its end: what it hides was never published.
    pub served: bool,
}

/// A subject.
#[derive(Clone, Debug)]
pub struct Member {
    /// Which.
    pub subject: Arc<Subject>,
    /// Its tracks; the unnamed one of a sketch is there under an empty name of the user's own.
    pub tracks: BTreeMap<Track, Log>,
    /// It was confirmed gone.
    pub deleted: Option<Span>,
    /// Gaps of tracks of which it is not yet known what was found at their end.
    pub holes: BTreeMap<Track, OpenGap>,
    /// The tracks that no version has shown.
    pub unshown: Unshown,
    /// When it was first seen, and whether that was the moment of its beginning.
    pub first: Option<(Micros, bool)>,
    /// Clauses that may be about it.
    interests: Vec<ClauseId>,
    /// Clauses whose condition may be about it.
    triggers: Vec<ClauseId>,
}

/// All subjects.
#[derive(Clone, Debug, Default)]
pub struct Subjects {
    /// In the order in which they were first seen.
    pub members: Vec<Member>,
    by_uid: HashMap<SmolStr, usize>,
    /// For each clause the members that it may be about: kind, namespace and name never change.
    interested: HashMap<ClauseId, Vec<usize>>,
    /// For each clause the members that its condition may be about.
    awaited: HashMap<ClauseId, Vec<usize>>,
}

impl Subjects {
    /// The index of a subject, which is added if it is new.
    pub fn seen(&mut self, program: &Program, subject: &Arc<Subject>) -> usize {
        if let Some(at) = self.by_uid.get(&subject.uid) {
            return *at;
        }
        let (mut interests, mut triggers) = (Vec::new(), Vec::new());
        for (number, expectation) in program.expectations.iter().enumerate() {
            let names = |alias: usize| expectation.subjects[alias].1.names(subject);
            for (index, clause) in expectation.clauses.iter().enumerate() {
                if names(clause.subject) {
                    interests.push((number, index));
                }
                if clause.condition.as_ref().is_some_and(|(alias, _)| names(*alias)) {
                    triggers.push((number, index));
                }
            }
        }
        let at = self.members.len();
        for id in &interests {
            self.interested.entry(*id).or_default().push(at);
        }
        for id in &triggers {
            self.awaited.entry(*id).or_default().push(at);
        }
        self.by_uid.insert(subject.uid.clone(), at);
        self.members.push(Member {
            subject: Arc::clone(subject),
            tracks: BTreeMap::new(),
            deleted: None,
            holes: BTreeMap::new(),
            unshown: Unshown::default(),
            first: None,
            interests,
            triggers,
        });
        at
    }

    /// The members that a clause may be about, in the order in which they were first seen.
    pub fn interested(&self, id: ClauseId) -> impl Iterator<Item = &Member> {
        self.interested.get(&id).into_iter().flatten().map(|at| &self.members[*at])
    }

    /// The members that a clause's condition may be about, in the order in which they were first seen.
    pub fn awaited(&self, id: ClauseId) -> impl Iterator<Item = &Member> {
        self.awaited.get(&id).into_iter().flatten().map(|at| &self.members[*at])
    }

    /// The index of a subject that was seen.
    #[must_use]
    pub fn find(&self, uid: &str) -> Option<usize> {
        self.by_uid.get(uid).copied()
    }

    /// Whether one subject is owned by another that `is_owner` accepts, directly or through others. An owner that was
    /// not watched, or whose owners are not known, may be owned by anything.
    fn owned(&self, member: &Member, is_owner: &dyn Fn(&Member) -> Membership) -> Membership {
        let mut best = Membership::No;
        let mut seen: Vec<&SmolStr> = Vec::new();
        let mut work = vec![member];
        while let Some(member) = work.pop() {
            let Some(owners) = &member.subject.identity.owners else {
                best = best.max(Membership::Unknown);
                continue;
            };
            for uid in owners {
                if seen.contains(&uid) {
                    continue;
                }
                seen.push(uid);
                match self.find(uid).filter(|_| seen.len() <= MAX_OWNERS) {
                    None => best = best.max(Membership::Unknown),
                    Some(at) => {
                        best = best.max(is_owner(&self.members[at]));
                        work.push(&self.members[at]);
                    }
                }
            }
        }
        best
    }

    /// Whether one subject is owned by another, directly or through others.
    #[must_use]
    pub fn owned_by(&self, member: &Member, owner: &Member) -> Membership {
        let is_owner = |other: &Member| {
            if Arc::ptr_eq(&other.subject, &owner.subject) { Membership::Yes } else { Membership::No }
        };
        self.owned(member, &is_owner)
    }

    /// Whether a member is one of the subjects of an alias.
    #[must_use]
    pub fn membership(&self, subjects: &[(String, Selector)], alias: usize, member: &Member) -> Membership {
        self.membership_within(subjects, alias, member, subjects.len())
    }

    fn membership_within(
        &self,
        subjects: &[(String, Selector)],
        alias: usize,
        member: &Member,
        depth: usize,
    ) -> Membership {
        let Some((_, selector)) = subjects.get(alias).filter(|(_, selector)| selector.names(&member.subject)) else {
            return Membership::No;
        };
        let labelled = selector.labelled(&member.subject.identity);
        let Some(owner) = &selector.owned_by else { return labelled };
        let Some(owner) = subjects.iter().position(|(alias, _)| alias == owner) else { return Membership::Unknown };
        if depth == 0 || labelled == Membership::No {
            return labelled.min(Membership::Unknown);
        }
        let is_owner = |member: &Member| self.membership_within(subjects, owner, member, depth - 1);
        labelled.min(self.owned(member, &is_owner))
    }
}

impl Member {
    /// How the words of its tracks end, when its stream ends so.
    #[must_use]
    pub fn end(&self, end: End) -> End {
        self.deleted.map_or(end, |when| End::Deleted { when })
    }

    /// Adds an event to a track, and shows it to the monitors that wait for it.
    pub fn push(&mut self, program: &Program, track: &Track, event: Event) {
        let beginning = matches!(event, Event::Enter { when, .. } if when.lo == when.hi);
        self.first.get_or_insert((event.when().hi, beginning));
        if !self.tracks.contains_key(track) {
            let log = self.begin(program, track);
            self.tracks.insert(track.clone(), log);
        }
        let Some(log) = self.tracks.get_mut(track) else { return };
        for (_, monitor) in &mut log.monitors {
            monitor.observe(&event);
        }
        for ((expectation, clause), first) in &mut log.conditions {
            if let Some(states) = program.expectations[*expectation].clauses[*clause].plan.condition() {
                first.observe(states, &event);
            }
        }
        if log.events.len() == MAX_TRACE {
            log.events.drain(..MAX_TRACE / 2);
            log.shortened = true;
        }
        log.events.push(event);
    }

    fn begin(&self, program: &Program, track: &Track) -> Log {
        let clause = |id: &ClauseId| -> &Clause { &program.expectations[id.0].clauses[id.1] };
        let whole = |id: &ClauseId| program.expectations[id.0].window.is_whole();
        let judged = self.interests.iter().filter(|id| whole(id) && clause(id).tracks.fits(track));
        let awaited = self
            .triggers
            .iter()
            .filter(|id| whole(id) && clause(id).condition.as_ref().is_some_and(|(_, pattern)| pattern.fits(track)));
        Log {
            events: Vec::new(),
            shortened: self.unshown.log().shortened,
            monitors: judged.map(|id| (*id, clause(id).plan.start())).collect(),
            conditions: awaited.map(|id| (*id, First::default())).collect(),
        }
    }
}
