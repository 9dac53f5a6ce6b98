//! What was recorded last: the versions that were reached, until when everything was known then, and the events of them.
//! It says since when a stream may have lost something, and what of that was recorded nevertheless.

use super::super::heal::Seen;
use crate::observation::{Change, Payload, ResourceVersion};
use jiff::Timestamp;
use std::collections::VecDeque;

/// How many lines are remembered.
const MOST: usize = 1024;

/// The lines of a watch that were recorded last.
#[derive(Debug, Default)]
pub(super) struct Trail {
    steps: VecDeque<Step>,
    /// There were older ones.
    is_cut: bool,
}

/// A point of the trail after which something was lost.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Since {
    pub version: ResourceVersion,
    /// Until when everything was known then.
    pub alive: Timestamp,
    /// Nothing was lost before it, as far as is known.
    pub is_sure: bool,
}

#[derive(Debug)]
struct Step {
    /// The version that was reached with it.
    reached: ResourceVersion,
    /// Until when everything was known then.
    alive: Timestamp,
    what: What,
}

#[derive(Debug)]
enum What {
    Event(Seen),
    /// It tells more than one event, so those before it do not tell all.
    Whole,
    Other,
}

impl Trail {
    /// Of a watch that begins, or that goes on where `is_cut` says so: what was before is not remembered.
    pub(super) fn new(is_cut: bool) -> Self {
        Self { steps: VecDeque::new(), is_cut }
    }

    /// Notes a line, and where the watch is after it.
    pub(super) fn note(&mut self, line: &Payload, reached: &ResourceVersion, alive: Timestamp) {
        let what = match line {
            Payload::Object(seen) if !seen.healed && seen.change != Change::Listed => {
                let (uid, version) = (seen.object.uid.clone(), seen.object.resource_version.clone());
                What::Event(Seen { uid, version, is_deletion: seen.change == Change::Deleted })
            }
            Payload::Attached(_) | Payload::Healed(_) => What::Whole,
            _ => What::Other,
        };
        let says_nothing =
            matches!(what, What::Other) && self.steps.back().is_some_and(|last| last.reached == *reached);
        if says_nothing {
            return;
        }
        if self.steps.len() == MOST {
            self.steps.pop_front();
            self.is_cut = true;
        }
        self.steps.push_back(Step { reached: reached.clone(), alive, what });
    }

    /// Forgets all: versions of before do not compare with those that follow.
    pub(super) fn clear(&mut self) {
        *self = Self::default();
    }

    /// The newest version that is older than this one, and until when everything was known then; the oldest one that is
    /// remembered where none is.
    pub(super) fn before(&self, version: &ResourceVersion) -> Option<Since> {
        self.last(|reached| reached != version && reached.is_covered_by(version))
    }

    /// The same for this version or one before it.
    pub(super) fn up_to(&self, version: &ResourceVersion) -> Option<Since> {
        self.last(|reached| reached.is_covered_by(version))
    }

    fn last(&self, which: impl Fn(&ResourceVersion) -> bool) -> Option<Since> {
        let found = self.steps.iter().rev().find(|step| which(&step.reached));
        // Nothing was before the first list.
        let is_sure = found.is_some() || !self.is_cut;
        let since = |step: &Step| Since { version: step.reached.clone(), alive: step.alive, is_sure };
        found.or_else(|| self.steps.front()).map(since)
    }

    /// The events that were recorded after a version was reached. None where that is not known: it is forgotten, or a
    /// list or history has told what was between.
    pub(super) fn after(&self, version: &ResourceVersion) -> Option<Vec<Seen>> {
        let at = self.steps.iter().rposition(|step| step.reached == *version)?;
        let seen = |step: &Step| match &step.what {
            What::Event(seen) => Some(Some(seen.clone())),
            What::Whole => None,
            What::Other => Some(None),
        };
        let seen: Option<Vec<Option<Seen>>> = self.steps.range(at + 1..).map(seen).collect();
        Some(seen?.into_iter().flatten().collect())
    }
}
