//! The belief of the timed monitor: configurations, each with the states that may be present.
//!
//! The future of a configuration depends on its present state only because no state follows itself. Completions that
//! agree in everything else are therefore merged, with a set of present states: if there are two, any state may follow.

use super::starts::Starts;
use crate::monitor::alphabet::AtomSet;
use crate::monitor::trace::Span;
use std::collections::BTreeMap;
use std::collections::btree_map::Entry;

/// A position in the path, with the starts of the groups that it is in, in the order of the groups.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct Thread {
    pub at: u16,
    pub starts: Starts,
    /// True when the thread is certainly there, not only possibly.
    pub sure: bool,
}

impl Thread {
    /// True when another accepts all that this one does, and as surely: it is at the same position, and its groups have
    /// as much time left and need not wait longer.
    pub fn is_within(&self, other: &Self) -> bool {
        other.at == self.at
            && other.sure >= self.sure
            && other.starts.iter().zip(&*self.starts).all(|(other, own)| other.allows_all_of(own))
    }
}

/// What completions lead to, apart from the present state.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct Config {
    /// When the present state was entered; none before the first.
    pub entered: Option<Span>,
    /// Sorted, without duplicates.
    pub threads: Vec<Thread>,
    /// Whether a thread accepts every future, and if one does, whether it is sure.
    pub accepts_all: Option<bool>,
}

impl Config {
    /// Before the first state.
    pub fn start() -> Self {
        Self { entered: None, threads: Vec::new(), accepts_all: None }
    }

    /// A configuration that no future can make fit.
    pub fn dead() -> Self {
        Self { entered: Some(Span::at(0)), ..Self::start() }
    }

    /// A configuration that fits whatever follows, because of this thread.
    pub fn saved(by: Thread) -> Self {
        Self { entered: Some(Span::at(0)), threads: vec![by], accepts_all: Some(true) }
    }

    /// True when no future changes it.
    pub fn is_settled(&self) -> bool {
        self.entered.is_some() && (self.threads.is_empty() || self.accepts_all == Some(true))
    }

    /// True when another accepts all that this one does, and as surely.
    fn is_within(&self, other: &Self) -> bool {
        if self.entered.is_none() || other.entered.is_none() {
            return self == other;
        }
        if self.threads.is_empty() || other.accepts_all == Some(true) {
            return true;
        }
        let mut others = &*other.threads;
        self.entered == other.entered
            && self.threads.iter().all(|thread| {
                // Both are sorted by position.
                others = &others[others.partition_point(|other| other.at < thread.at)..];
                !thread.sure && other.accepts_all.is_some()
                    || others.iter().take_while(|other| other.at == thread.at).any(|other| thread.is_within(other))
            })
    }

    /// The order in which configurations are expanded: those that accept much come last.
    pub fn rank(&self) -> (Option<bool>, usize) {
        (self.accepts_all, self.threads.len())
    }
}

/// Configurations, each with the atoms that may be present; none before the first state.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Belief(BTreeMap<Config, AtomSet>);

impl Belief {
    /// Before the first state.
    pub fn start() -> Self {
        Self(BTreeMap::from([(Config::start(), 0)]))
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

    /// Without the configurations between others.
    pub fn reduced(mut self) -> Self {
        if self.len() > 2 {
            let mut extremes = Extremes::default();
            self.iter().for_each(|(config, present)| extremes.add(config, present));
            self.0.retain(|config, present| config.entered.is_none() || !extremes.are_around(config, *present));
        }
        self
    }

    pub fn join(&mut self, other: &Self) {
        other.iter().for_each(|(config, present)| _ = self.add(config, present));
    }
}

/// The configurations that accept least and most, each with atoms that may be present.
///
/// Additional threads only accept more. So between two configurations, one that accepts less and one that accepts more,
/// all others say nothing that these two do not: what both accept, or both refuse, so do they. Such are left out.
#[derive(Default)]
struct Extremes {
    least: Vec<(Config, AtomSet)>,
    most: Vec<(Config, AtomSet)>,
}

/// So many of the least and of the most are known: it bounds what a step costs.
const MAX_EXTREMES: usize = 8;

impl Extremes {
    fn add(&mut self, config: &Config, atoms: AtomSet) {
        let extreme = |known: &mut Vec<(Config, AtomSet)>, outdoes: fn(&Config, &Config) -> bool| {
            if let Some((_, present)) = known.iter_mut().find(|(other, _)| other == config) {
                *present |= atoms;
            } else if !known.iter().any(|(other, present)| atoms & !present == 0 && outdoes(other, config)) {
                known.retain(|(other, present)| !(present & !atoms == 0 && outdoes(config, other)));
                if known.len() < MAX_EXTREMES {
                    known.push((config.clone(), atoms));
                }
            }
        };
        extreme(&mut self.least, Config::is_within);
        extreme(&mut self.most, |one, other| other.is_within(one));
    }

    /// Whether for each of the atoms one that accepts less and one that accepts more is known.
    fn are_around(&self, config: &Config, atoms: AtomSet) -> bool {
        let covered = |known: &[(Config, AtomSet)], outdoes: fn(&Config, &Config) -> bool| {
            let mut left = atoms;
            for (other, present) in known {
                if left & present != 0 && other != config && outdoes(other, config) {
                    left &= !present;
                }
            }
            left == 0
        };
        covered(&self.least, Config::is_within) && covered(&self.most, |one, other| other.is_within(one))
    }
}

/// What the words that a gap may hide lead to: for each configuration the atoms that may be present, and those that are
/// after one hidden state at least.
pub(super) struct Reached {
    all: BTreeMap<Config, (AtomSet, AtomSet)>,
    /// With their atoms after one hidden state at least.
    extremes: Extremes,
}

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
        Self { all, extremes: Extremes::default() }
    }

    pub fn len(&self) -> usize {
        self.all.len()
    }

    pub fn present(&self, config: &Config) -> AtomSet {
        self.all.get(config).map_or(0, |(present, _)| *present)
    }

    /// Adds completions with a hidden state, unless others say all that they do.
    pub fn add(&mut self, config: Config, atoms: AtomSet) -> Added {
        if self.extremes.are_around(&config, atoms) {
            return Added::LeftOut;
        }
        self.extremes.add(&config, atoms);
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
        let is_between = left != 0 && present == left && self.extremes.are_around(config, left);
        if is_between {
            self.all.remove(config);
        }
        is_between
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
