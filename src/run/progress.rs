//! How far a recorder has come.

use super::meters::Meters;
use crate::observation::{Past, Payload, Position, ResourceVersion};
use crate::source::{Connections, Depth};
use std::sync::Arc;

/// What has been recorded and folded so far.
#[derive(Clone, Debug, Default)]
pub struct Progress {
    /// The watches, in the header's order.
    pub watches: Vec<Watched>,
    /// Objects that exist or existed.
    pub subjects: u64,
    /// Transitions on all tracks.
    pub transitions: u64,
    /// Marks.
    pub marks: u64,
    /// Versions of objects that were recorded but whose states could not be read.
    pub undecodable: u64,
    /// True once its times are of clocks that do not compare: no difference of them is a duration.
    pub has_other_clock: bool,
    /// How full the queues between sockets and decoders are; shared, not a copy.
    pub depth: Arc<Depth>,
    /// The connections of the watches; shared, not a copy.
    pub connections: Arc<Connections>,
    /// What the recorder measures of itself; shared, not a copy.
    pub(crate) meters: Arc<Meters>,
}

/// What has been recorded of one watch.
#[derive(Clone, Debug, Default)]
pub struct Watched {
    /// True when it has delivered its initial state, or is known not to be served.
    pub attached: bool,
    /// True when the server does not serve it.
    pub absent: bool,
    /// True when its end is recorded: proven, or given up.
    pub ended: bool,
    /// Objects in lists and events.
    pub objects: u64,
    /// Lines that could not be decoded.
    pub undecodable: u64,
    /// The version up to which it was recorded.
    pub version: Option<ResourceVersion>,
    /// The number of reconnections without a loss.
    pub reconnects: u64,
    /// The number of gaps.
    pub gaps: u64,
    /// The number of losses that were read back completely.
    pub healed: u64,
    /// How far back its past was read, if that was requested.
    pub past: Option<Past>,
}

impl Progress {
    /// Updates the positions of the watches.
    pub(super) fn follow<'a>(&mut self, positions: impl Iterator<Item = &'a Position>) {
        for (watched, position) in self.watches.iter_mut().zip(positions) {
            *watched = Watched { past: watched.past.take(), ..Watched::from(position) };
        }
    }

    /// Counts what positions do not include.
    pub(super) fn count(&mut self, what: &Payload) {
        match what {
            Payload::Mark { .. } => self.marks += 1,
            Payload::Past(past) if !past.is_unread() => {
                let watched = self.watches.get_mut(usize::from(past.watch));
                watched.into_iter().for_each(|watched| watched.past = Some(past.clone()));
            }
            _ => {}
        }
    }

    /// True when every watch has delivered its initial state.
    #[must_use]
    pub fn is_attached(&self) -> bool {
        !self.watches.is_empty() && self.watches.iter().all(|watched| watched.attached)
    }

    /// Objects of all watches.
    #[must_use]
    pub fn objects(&self) -> u64 {
        self.watches.iter().map(|watched| watched.objects).sum()
    }
}

impl From<&Position> for Watched {
    fn from(position: &Position) -> Self {
        let counts = position.counts();
        Self {
            attached: position.is_attached(),
            absent: position.is_away(),
            ended: position.fence().is_some(),
            objects: counts.events,
            undecodable: counts.undecodable,
            version: position.version().cloned(),
            reconnects: counts.reconnects,
            gaps: counts.gaps,
            healed: counts.healed,
            past: None,
        }
    }
}
