//! The last recorded lines: the versions they reached, until when everything was known then, and their events. They
//! show since when a stream may have lost something, and which events since then were recorded nevertheless.

use super::super::heal::{self, Seen};
use crate::observation::{Change, Payload, ResourceVersion};
use jiff::Timestamp;
use std::collections::VecDeque;

/// Most lines that are kept.
const MOST: usize = 1024;

/// The last recorded lines of a watch.
#[derive(Clone, Debug, Default)]
pub(super) struct Trail {
    steps: VecDeque<Step>,
    /// True when older ones were dropped.
    is_cut: bool,
}

/// A point of the trail after which something was lost.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Since {
    pub version: ResourceVersion,
    /// Until when everything was known then.
    pub alive: Timestamp,
    /// True when nothing is known to be lost before it.
    pub is_sure: bool,
}

#[derive(Clone, Debug)]
struct Step {
    /// The version that it reached.
    reached: ResourceVersion,
    /// Until when everything was known then.
    alive: Timestamp,
    what: What,
}

#[derive(Clone, Debug)]
enum What {
    Event(Seen),
    /// A line for more than one event, so the events before it are incomplete.
    Whole,
    Other,
}

impl Trail {
    /// The trail of a watch that begins; `is_cut` when it continues one whose earlier lines are not known.
    pub(super) fn new(is_cut: bool) -> Self {
        Self { steps: VecDeque::new(), is_cut }
    }

    /// Adds a line, and the position of the watch after it.
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

    /// Clears it: earlier versions cannot be compared with those that follow.
    pub(super) fn clear(&mut self) {
        *self = Self::default();
    }

    /// The newest point with an older version, and until when everything was known then; otherwise the oldest point.
    pub(super) fn before(&self, version: &ResourceVersion) -> Option<Since> {
        self.last(|reached| reached != version && reached.is_covered_by(version))
    }

    /// The same for this version or an older one.
    pub(super) fn up_to(&self, version: &ResourceVersion) -> Option<Since> {
        self.last(|reached| reached.is_covered_by(version))
    }

    fn last(&self, which: impl Fn(&ResourceVersion) -> bool) -> Option<Since> {
        let found = self.steps.iter().rev().find(|step| which(&step.reached));
        // There was nothing before the first list.
        let is_sure = found.is_some() || !self.is_cut;
        let since = |step: &Step| Since { version: step.reached.clone(), alive: step.alive, is_sure };
        found.or_else(|| self.steps.front()).map(since)
    }

    /// The last lines from which on every event has a line of its own; none where versions are not numbers.
    pub(super) fn steps(&self) -> Vec<heal::Step> {
        let from = self.steps.iter().rposition(|step| matches!(step.what, What::Whole)).unwrap_or_default();
        let step = |step: &Step| {
            let seen = if let What::Event(seen) = &step.what { Some(seen.clone()) } else { None };
            Some(heal::Step { revision: step.reached.number()?, seen })
        };
        let steps: Option<Vec<heal::Step>> = self.steps.range(from..).map(step).collect();
        steps.unwrap_or_default()
    }

    /// The events that were recorded after a version was reached. None when that is unknown: the version is no longer
    /// in the trail, or a list or history covers several events.
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
