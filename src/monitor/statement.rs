//! What one statement says, before it is compiled for a track. Both forms, the line and the document, lead here.

use super::path::{NamedAt, Path, States};
use super::trace::Micros;

/// One operator and what it is told.
#[derive(Clone, Debug)]
pub enum Statement {
    /// The whole word of a track fits a path.
    Path(Path),
    /// No entry into any of these.
    Never(States),
    /// Every state is one of these.
    Always(States),
    /// Each entry into A is followed by one into B.
    Every {
        /// A.
        every: States,
        /// B.
        then: States,
        /// At most so long after.
        within: Option<Micros>,
        /// Entries into A that there must be.
        min: u64,
    },
    /// How often something happens.
    Count {
        /// Entries into these; restarts when none.
        states: Option<States>,
        /// At least.
        min: u64,
        /// At most.
        max: Option<u64>,
    },
    /// A is not entered before B was; B is on the condition's track.
    OnlyAfter {
        /// A.
        enter: States,
        /// B.
        after: States,
    },
    /// After A was entered on the condition's track, nothing changes.
    Quiet {
        /// A.
        after: States,
    },
    /// Only these edges are taken.
    Graph(Vec<(NamedAt, Vec<NamedAt>)>),
}
