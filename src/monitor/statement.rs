//! What one statement says, before it is compiled for a track. The one-line form and documents both produce it.

use super::path::{Bound, NamedAt, Path, States};

/// One operator with its operands.
#[derive(Clone, Debug)]
pub enum Statement {
    /// The whole trace of a track fits a path.
    Path(Path),
    /// None of these is ever entered.
    Never(States),
    /// Every state is one of these.
    Always(States),
    /// Each entry into A is followed by one into B.
    Every {
        /// A.
        every: States,
        /// B.
        then: States,
        /// The time between them; none for any.
        within: Option<Bound>,
        /// The least number of entries into A.
        min: u64,
    },
    /// How often something happens.
    Count {
        /// The states to count entries into; none to count restarts.
        states: Option<States>,
        /// The least number of times.
        min: u64,
        /// The most; none for unlimited.
        max: Option<u64>,
    },
    /// A is not entered before B was; B is on the condition's track.
    OnlyAfter {
        /// A.
        enter: States,
        /// B.
        after: States,
    },
    /// The k-th entry into A is not before the k-th one into B, for every k; B is on the condition's track.
    EveryAfter {
        /// A.
        every: States,
        /// B.
        after: States,
        /// The least number of entries into A.
        min: u64,
    },
    /// Each entry into A is followed by one into B; B is on the condition's track.
    EveryThen {
        /// A.
        every: States,
        /// B.
        then: States,
        /// The time between them; none for any.
        within: Option<Bound>,
        /// The least number of entries into A.
        min: u64,
    },
    /// A is not held while B is; B is on the condition's track.
    While {
        /// A.
        never: States,
        /// B.
        held: States,
    },
    /// Its states are those of the condition's track, as long as both have one.
    SameAs {
        /// All states.
        any: States,
    },
    /// After A was entered on the condition's track, the track does not change.
    Quiet {
        /// A.
        after: States,
    },
    /// Only these transitions may happen.
    Graph(Vec<(NamedAt, Vec<NamedAt>)>),
}

impl Statement {
    /// `every A then B` where B is on the track of a condition.
    #[must_use]
    pub fn on_two_tracks(self) -> Self {
        match self {
            Self::Every { every, then, within, min } => Self::EveryThen { every, then, within, min },
            statement => statement,
        }
    }

    /// The same where that track is its own.
    #[must_use]
    pub fn on_one_track(self) -> Self {
        match self {
            Self::EveryThen { every, then, within, min } => Self::Every { every, then, within, min },
            statement => statement,
        }
    }

    /// The names of states of its own track, in the order of the text.
    #[must_use]
    pub fn names(&self) -> Vec<&NamedAt> {
        match self {
            Self::Path(path) => path.names(),
            Self::Never(states)
            | Self::Always(states)
            | Self::OnlyAfter { enter: states, .. }
            | Self::EveryAfter { every: states, .. }
            | Self::EveryThen { every: states, .. }
            | Self::While { never: states, .. } => states.names.iter().collect(),
            Self::Every { every, then, .. } => every.names.iter().chain(&then.names).collect(),
            Self::Count { states, .. } => states.iter().flat_map(|states| &states.names).collect(),
            Self::Quiet { .. } | Self::SameAs { .. } => Vec::new(),
            Self::Graph(edges) => edges.iter().flat_map(|(from, to)| std::iter::once(from).chain(to)).collect(),
        }
    }

    /// The names of states of its condition's track, which may be the same.
    #[must_use]
    pub fn awaited(&self) -> &[NamedAt] {
        match self {
            Self::OnlyAfter { after: states, .. }
            | Self::Quiet { after: states }
            | Self::EveryAfter { after: states, .. }
            | Self::EveryThen { then: states, .. }
            | Self::While { held: states, .. } => &states.names,
            _ => &[],
        }
    }
}
