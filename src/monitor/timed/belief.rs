//! The belief of the timed monitor: configurations, each with the states that may be present.
//!
//! The future of a configuration depends on its present state only because no state follows itself. Completions that
//! agree in everything else are therefore merged, with a set of present states: if there are two, any state may follow.

use crate::monitor::alphabet::AtomSet;
use crate::monitor::trace::Span;
use std::collections::BTreeMap;

/// A position in the path, with the starts of the groups that it is in, in the order of the groups.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct Thread {
    pub at: u16,
    pub starts: Vec<Span>,
    /// True when the thread is certainly there, not only possibly.
    pub sure: bool,
}

/// What completions lead to, apart from the present state.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct Config {
    /// When the present state was entered; none before the first.
    pub entered: Option<Span>,
    /// Sorted, without duplicates.
    pub threads: Vec<Thread>,
}

impl Config {
    /// A configuration that no future can make fit.
    pub fn dead() -> Self {
        Self { entered: Some(Span::at(0)), threads: Vec::new() }
    }
}

/// Configurations, each with the atoms that may be present; none before the first state.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Belief(BTreeMap<Config, AtomSet>);

impl Belief {
    /// Before the first state.
    pub fn start() -> Self {
        Self(BTreeMap::from([(Config { entered: None, threads: Vec::new() }, 0)]))
    }

    pub fn len(&self) -> usize {
        self.0.len()
    }

    pub fn iter(&self) -> impl Iterator<Item = (&Config, AtomSet)> {
        self.0.iter().map(|(config, present)| (config, *present))
    }

    /// The atoms that may be present in a configuration; empty when it is not there.
    pub fn present(&self, config: &Config) -> AtomSet {
        self.0.get(config).copied().unwrap_or(0)
    }

    /// Adds completions; true when the configuration was already there.
    pub fn add(&mut self, config: &Config, present: AtomSet) -> bool {
        if let Some(known) = self.0.get_mut(config) {
            *known |= present;
            return true;
        }
        self.0.insert(config.clone(), present);
        false
    }

    /// The configurations that `asked` accepts.
    pub fn only(&self, asked: impl Fn(&Config) -> bool) -> Self {
        Self(
            self.iter()
                .filter(|(config, _)| asked(config))
                .map(|(config, present)| (config.clone(), present))
                .collect(),
        )
    }

    pub fn join(&mut self, other: &Self) {
        other.iter().for_each(|(config, present)| _ = self.add(config, present));
    }
}
