//! What a judge was told so far: subjects with what happened to them, marks, what may have been missed.

use super::requires::Environment;
use super::subjects::{Member, Subjects};
use super::window::Marks;
use crate::language::Program;
use crate::monitor::{Event, Micros};
use crate::observation::{Subject, Track};
use smol_str::SmolStr;
use std::collections::BTreeMap;
use std::sync::Arc;

/// Subjects that may have lived and died unseen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unseen {
    /// Kind; empty when it is not known.
    pub kind: SmolStr,
    /// Namespace; empty for all.
    pub namespace: SmolStr,
    /// The first place that their entries may have.
    pub place: u64,
    /// They came after this moment.
    pub after: Micros,
}

/// A watch whose storage was replaced by one that counts anew.
#[derive(Clone, Debug)]
pub(super) struct Replaced {
    /// Kind; empty when it is not known.
    pub kind: SmolStr,
    /// Namespace; empty for all.
    pub namespace: SmolStr,
    /// The last place in the storage before up to which it had been read.
    pub place: u64,
    /// The line that tells.
    pub line: u64,
}

impl Replaced {
    /// True when the watch shows objects of that kind and namespace.
    pub fn tells_of(&self, kind: &str, namespace: &str) -> bool {
        !self.kind.is_empty() && self.kind == kind && (self.namespace.is_empty() || self.namespace == namespace)
    }
}

/// A judge.
#[derive(Clone, Debug)]
pub struct Judge {
    pub(super) program: Arc<Program>,
    pub(super) roster: Subjects,
    pub(super) marks: Marks,
    pub(super) unseen: Vec<Unseen>,
    /// Storages that were replaced: places of before and after do not compare.
    pub(super) replaced: Vec<Replaced>,
    /// Times are not those of receipts: they say nothing of what lay how far apart.
    pub(super) timeless: bool,
    pub(super) environment: Environment,
    /// It is a sketch: there are no subjects but those that it shows.
    pub(super) sketched: bool,
    /// Subjects in a gap that goes on, each as it was before: the version that it is found in may be the one recorded
    /// last, and then there was no gap.
    pub(super) ongoing: BTreeMap<usize, Arc<Member>>,
}

impl Judge {
    /// Before the first entry.
    #[must_use]
    pub fn new(program: Arc<Program>) -> Self {
        Self {
            program,
            roster: Subjects::default(),
            marks: Marks::new(),
            unseen: Vec::new(),
            replaced: Vec::new(),
            timeless: false,
            environment: Environment::default(),
            sketched: false,
            ongoing: BTreeMap::new(),
        }
    }

    /// What it runs.
    #[must_use]
    pub fn program(&self) -> &Program {
        &self.program
    }

    /// Tells what is known of where the recording was made.
    pub fn environment(&mut self, environment: Environment) {
        self.environment = environment;
    }

    /// The stamps of the timeline are not times of receipt: no time is known.
    pub fn without_clock(&mut self) {
        self.timeless = true;
    }

    /// A named instant; the first of a name counts.
    pub fn mark(&mut self, name: &str, at: Micros) {
        self.marks.entry(name.to_owned()).or_insert(at);
    }

    /// The index of a subject, for [`Judge::observe`].
    pub fn seen(&mut self, subject: &Arc<Subject>) -> usize {
        self.roster.seen(&self.program, subject)
    }

    /// Something happened on a track of a subject.
    pub fn observe(&mut self, member: usize, track: &Track, event: Event) {
        if let Some(member) = self.roster.members.get_mut(member) {
            member.push(&self.program, track, event);
        }
    }

    /// Subjects may have lived and died unseen.
    pub fn may_have_missed(&mut self, unseen: Unseen) {
        let same = |known: &&mut Unseen| known.kind == unseen.kind && known.namespace == unseen.namespace;
        match self.unseen.iter_mut().find(same) {
            Some(known) => {
                (known.place, known.after) = (known.place.min(unseen.place), known.after.min(unseen.after));
            }
            None => self.unseen.push(unseen),
        }
    }
}
