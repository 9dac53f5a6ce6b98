//! The belief of the timed monitor: configurations, each with the states that may be present.
//!
//! The future of a configuration depends on its present state only because no state follows itself. Completions that
//! agree in everything else are therefore merged, with a set of present states: if there are two, any state may follow.

use crate::monitor::alphabet::AtomSet;
use crate::monitor::trace::Span;
use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::sync::Arc;

/// A position in the path, with the starts of the groups that it is in, in the order of the groups.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct Thread {
    pub at: u16,
    pub starts: Arc<[Span]>,
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

    /// True when another has all of its threads, each as surely, and accepts all that this one does.
    fn is_within(&self, other: &Self) -> bool {
        let mut others = other.threads.iter();
        let is_dead = self.entered.is_some() && self.threads.is_empty() && other.entered.is_some();
        is_dead
            || self.entered == other.entered
                && self.threads.len() <= other.threads.len()
                && self.threads.iter().all(|thread| {
                    others.any(|other| {
                        other.at == thread.at && other.sure >= thread.sure && other.starts == thread.starts
                    })
                })
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

/// What the words that a gap may hide lead to: for each configuration the atoms that may be present, and those that are
/// after one hidden state at least.
///
/// More threads accept more. So between two configurations, one with fewer threads and one with more, all others say
/// nothing that these two do not: what both accept, or both refuse, so do they. Such are left out.
pub(super) struct Reached {
    all: BTreeMap<Config, (AtomSet, AtomSet)>,
    /// Some with few threads, and some with many, each with its atoms after one hidden state at least.
    least: Vec<(Config, AtomSet)>,
    most: Vec<(Config, AtomSet)>,
}

/// So many of the least and of the most are known: it bounds what a step costs.
const MAX_EXTREMES: usize = 8;

/// What became of a configuration.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Added {
    /// Others say all that it does.
    LeftOut,
    /// It is new.
    New,
    /// It was there, with these atoms.
    Known(AtomSet),
}

impl Reached {
    /// By the empty word.
    pub fn by_nothing(belief: &Belief) -> Self {
        let all = belief.0.iter().map(|(config, present)| (config.clone(), (*present, 0))).collect();
        Self { all, least: Vec::new(), most: Vec::new() }
    }

    pub fn len(&self) -> usize {
        self.all.len()
    }

    pub fn present(&self, config: &Config) -> AtomSet {
        self.all.get(config).map_or(0, |(present, _)| *present)
    }

    /// Adds completions with a hidden state, unless others say all that they do.
    pub fn add(&mut self, config: Config, atoms: AtomSet) -> Added {
        if self.is_between(&config, atoms) {
            return Added::LeftOut;
        }
        let extreme = |known: &mut Vec<(Config, AtomSet)>, outdoes: fn(&Config, &Config) -> bool| {
            if let Some((_, present)) = known.iter_mut().find(|(other, _)| *other == config) {
                *present |= atoms;
            } else if !known.iter().any(|(other, _)| outdoes(other, &config)) {
                known.retain(|(other, present)| !(outdoes(&config, other) && present & !atoms == 0));
                if known.len() < MAX_EXTREMES {
                    known.push((config.clone(), atoms));
                }
            }
        };
        extreme(&mut self.least, Config::is_within);
        extreme(&mut self.most, |one, other| other.is_within(one));
        match self.all.entry(config) {
            Entry::Vacant(new) => {
                new.insert((atoms, atoms));
                Added::New
            }
            Entry::Occupied(mut known) => {
                let (present, left) = known.get_mut();
                let before = std::mem::replace(present, *present | atoms);
                *left |= atoms;
                Added::Known(before)
            }
        }
    }

    /// Leaves a configuration out again, if others that came after it say all that it does.
    pub fn leave_out(&mut self, config: &Config) -> bool {
        let Some((present, left)) = self.all.get(config).copied() else { return true };
        // What the empty word leads to stays, and so does the beginning.
        let is_between = left != 0 && present == left && self.is_between(config, left);
        if is_between {
            self.all.remove(config);
        }
        is_between
    }

    /// Whether for each of the atoms one with fewer threads and one with more is known.
    fn is_between(&self, config: &Config, atoms: AtomSet) -> bool {
        let covered = |known: &[(Config, AtomSet)], outdoes: fn(&Config, &Config) -> bool| {
            let outdoing = known.iter().filter(|(other, _)| other != config && outdoes(other, config));
            outdoing.fold(0, |sum, (_, present)| sum | present)
        };
        atoms & !covered(&self.least, Config::is_within) == 0
            && atoms & !covered(&self.most, |one, other| other.is_within(one)) == 0
    }

    /// All of it, and what is after one hidden state at least.
    pub fn beliefs(mut self) -> (Belief, Belief) {
        let configs: Vec<Config> = self.all.keys().cloned().collect();
        configs.iter().for_each(|config| _ = self.leave_out(config));
        let left = self.all.iter().filter(|(_, (_, left))| *left != 0);
        let left = Belief(left.map(|(config, (_, left))| (config.clone(), *left)).collect());
        (Belief(self.all.into_iter().map(|(config, (present, _))| (config, present)).collect()), left)
    }
}
