//! What a judge knows so far: subjects and their traces, marks, and subjects that may have been missed.

use super::buried::{self, Buried};
use super::predicates::Predicates;
use super::requires::Environment;
use super::storages::Storages;
use super::subjects::{Member, Subjects};
use super::window::Marks;
use crate::language::Program;
use crate::monitor::{Details, Event, Micros, NEVER_AFTER, NEVER_BEFORE, Order, Span};
use crate::observation::{ResourceVersion, Subject, Track, WatchId};
use jiff::Timestamp;
use smol_str::SmolStr;
use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;

/// Most spans of one watch that are kept apart.
const MAX_UNSEEN: usize = 64;

/// The objects that a watch shows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Scope {
    /// The kind; empty when it is not known.
    pub kind: SmolStr,
    /// The API group; none when it is not known.
    pub group: Option<SmolStr>,
    /// The namespace; empty for all.
    pub namespace: SmolStr,
}

impl Scope {
    /// Whether a subject of this kind may be among them, in this group and namespace or, if none is given, in any.
    pub(super) fn may_have(&self, kind: &str, group: Option<&str>, namespace: Option<&str>) -> bool {
        (self.kind.is_empty() || self.kind == kind)
            && is_one(self.group.as_deref(), group)
            && (self.namespace.is_empty() || namespace.is_none_or(|namespace| self.namespace == namespace))
    }
}

/// Subjects that may have been created and deleted unseen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Unseen {
    /// The watch that did not show them.
    pub scope: Scope,
    /// Of Events that their source may have dropped, the uid of the object that they are about.
    pub about: Option<SmolStr>,
    /// The first place that their entries may have, in the storage that was there first; a line, where its watch counts
    /// lines.
    pub place: u64,
    /// That watch by its index, and the first and the last place that their entries may have, as it counts.
    pub watch: Option<WatchId>,
    pub order: Order,
    /// True when an earlier state of the storage may have returned meanwhile, with subjects that were deleted since.
    pub rewinds: bool,
    /// The time after which they were created.
    pub after: Micros,
    /// They were gone by this moment, or are still there.
    pub until: Micros,
    /// The time by which they were created.
    pub by: Micros,
    /// The last line that says so.
    pub line: u64,
}

/// A watch whose storage was replaced by one with new resourceVersions, or may have been.
#[derive(Clone, Debug)]
pub(super) struct Replaced {
    /// The watch.
    pub scope: Scope,
    /// The place in the old storage up to which the watch had been read.
    pub place: u64,
    /// The last moment at which the storage was certainly the old one.
    pub after: Micros,
}

impl Replaced {
    /// True when the watch shows objects of this kind, group and namespace.
    pub fn covers(&self, kind: &str, group: Option<&str>, namespace: &str) -> bool {
        !self.scope.kind.is_empty() && self.scope.may_have(kind, group, Some(namespace))
    }
}

/// From where on the times of a timeline are unknown.
#[derive(Clone, Copy, Debug)]
pub(super) struct Unmeasured {
    /// The first line with a time of another clock.
    pub line: u64,
    /// The last time of the lines before.
    pub since: Micros,
}

impl Unmeasured {
    /// What is known of a time that a line says.
    pub fn known(self, when: Span, line: u64) -> Span {
        if line < self.line && when.hi <= self.since {
            return when;
        }
        Span::new(when.lo.min(self.since + 1), NEVER_AFTER)
    }
}

/// Whether two groups may be one; one that is not known may be any.
fn is_one(group: Option<&str>, other: Option<&str>) -> bool {
    group.zip(other).is_none_or(|(group, other)| group == other)
}

/// Judges a program on a timeline as it grows.
#[derive(Clone, Debug)]
pub struct Judge {
    pub(super) program: Arc<Program>,
    /// The details that the program names.
    pub(super) details: Details,
    /// The predicates among them.
    pub(super) predicates: Predicates,
    pub(super) roster: Subjects,
    pub(super) marks: Marks,
    pub(super) unseen: Vec<Unseen>,
    /// Storages that were replaced: places before and after cannot be compared.
    pub(super) replaced: Vec<Replaced>,
    /// How its watches count places.
    pub(super) storages: Storages,
    /// From where on times are unknown, because no one clock measured them.
    pub(super) unmeasured: Option<Unmeasured>,
    pub(super) environment: Environment,
    /// How many Events each source has reported about each object, by the source and the object's uid.
    pub(super) reports: BTreeMap<(SmolStr, SmolStr), u64>,
    /// True for a sketch, which shows all its subjects.
    pub(super) sketched: bool,
    /// Subjects with a gap that has no end yet, each as before the gap: the version in which it is found may be the
    /// last recorded one, and then there was no gap.
    pub(super) ongoing: BTreeMap<usize, Arc<Member>>,
    /// Deleted subjects that are kept, oldest deletion first, each with its last version.
    pub(super) dead: VecDeque<(usize, ResourceVersion)>,
    /// How many of them are kept.
    pub(super) keeps: usize,
    /// What is kept of the dropped ones.
    pub(super) buried: Arc<Buried>,
}

impl Judge {
    /// A judge before the first entry.
    #[must_use]
    pub fn new(program: Arc<Program>) -> Self {
        let details = program.details();
        Self {
            predicates: Predicates::of(&details),
            details,
            program,
            roster: Subjects::default(),
            marks: Marks::new(),
            unseen: Vec::new(),
            replaced: Vec::new(),
            storages: Storages::default(),
            unmeasured: None,
            environment: Environment::default(),
            reports: BTreeMap::new(),
            sketched: false,
            ongoing: BTreeMap::new(),
            dead: VecDeque::new(),
            keeps: buried::KEPT,
            buried: Arc::default(),
        }
    }

    /// Sets how many deleted subjects are kept. Verdicts do not depend on it: earlier ones are dropped only if no later
    /// line can change their verdicts.
    pub fn keep(&mut self, dead: usize) {
        self.keeps = dead;
    }

    /// The number of subjects that it has dropped.
    #[must_use]
    pub fn dropped(&self) -> usize {
        self.roster.members.next() - self.roster.members.len()
    }

    /// What it runs.
    #[must_use]
    pub fn program(&self) -> &Program {
        &self.program
    }

    /// Sets what is known about the cluster of the recording.
    pub fn environment(&mut self, environment: Environment) {
        self.environment = environment;
    }

    /// Declares that the timeline's times are not receipt times, so that no time is known.
    pub fn without_clock(&mut self) {
        self.unmeasured = Some(Unmeasured { line: 0, since: NEVER_BEFORE - 1 });
    }

    /// Declares that another clock than before measured the times of a line and of all later ones: they are only known
    /// to be after `last`, the last time of the lines before. Of several such lines, the first counts.
    pub fn unmeasured_since(&mut self, line: u64, last: Timestamp) {
        self.unmeasured.get_or_insert(Unmeasured { line, since: last.as_microsecond() });
    }

    /// True when it has been declared that times are unknown from some line on.
    #[must_use]
    pub fn is_unmeasured(&self) -> bool {
        self.unmeasured.is_some()
    }

    /// True when no time is known.
    pub(super) fn is_timeless(&self) -> bool {
        self.unmeasured.is_some_and(|unmeasured| unmeasured.since <= NEVER_BEFORE)
    }

    /// Adds a mark; the first one of a name counts.
    pub fn mark(&mut self, name: &str, at: Micros) {
        self.marks.entry(name.to_owned()).or_insert(at);
    }

    /// The index of a subject, for [`Judge::observe`].
    pub fn seen(&mut self, subject: &Arc<Subject>) -> usize {
        self.roster.seen(&self.program, subject)
    }

    /// Adds an event on a track of a subject.
    pub fn observe(&mut self, member: usize, track: &Track, event: Event) {
        if let Some(member) = self.roster.members.get_mut(member) {
            let order = self.storages.in_first(member.watch, event.order());
            member.push(&self.program, &self.marks, track, (event, order));
        }
    }

    /// Where the storage that a subject was in may have gone back.
    pub(super) fn replaced_under(&self, subject: &Subject) -> impl Iterator<Item = &Replaced> {
        let Subject { kind, group, namespace, .. } = subject;
        let may_be_its =
            move |replaced: &&Replaced| replaced.scope.kind.is_empty() || replaced.covers(kind, Some(group), namespace);
        self.replaced.iter().filter(may_be_its)
    }

    /// Adds subjects that may have been created and deleted unseen.
    pub(super) fn may_have_missed(&mut self, unseen: Unseen) {
        let same = |known: &&mut Unseen| known.scope == unseen.scope;
        let mut known: Vec<&mut Unseen> = self.unseen.iter_mut().filter(same).collect();
        match known.pop() {
            // What comes later is as good as one with the last.
            Some(last) if known.len() + 1 == MAX_UNSEEN => {
                (last.place, last.after) = (last.place.min(unseen.place), last.after.min(unseen.after));
                let is_same = last.watch == unseen.watch;
                let (lo, hi) = (last.order.lo.min(unseen.order.lo), last.order.hi.max(unseen.order.hi));
                last.order = if is_same { Order { lo, hi } } else { Order::UNKNOWN };
                last.until = last.until.max(unseen.until);
                last.by = last.by.max(unseen.by);
                last.rewinds |= unseen.rewinds;
                last.about = last.about.take().filter(|about| Some(about) == unseen.about.as_ref());
                last.line = last.line.max(unseen.line);
            }
            _ => self.unseen.push(unseen),
        }
    }
}
