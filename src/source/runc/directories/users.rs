//! Who uses which directory, and what is said of it.

use super::super::super::numbered::Lines;
use super::super::host::Bound;
use crate::kinds::{DirectoryDid as Did, DirectoryEvent as Event};
use crate::observation::Raw;
use smol_str::{SmolStr, format_smolstr};
use std::collections::BTreeMap;

/// How many directories are followed that nobody uses.
const IDLE: usize = 100;
/// How many users are named.
const NAMED: usize = 10;

const AT_ONCE: &str = "containers came and went at once: in which order is not known";

/// A container whose process is there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct User {
    /// Tells it apart from all others.
    pub key: SmolStr,
    /// Its name.
    pub name: SmolStr,
}

/// A container that was created, and what it mounts.
pub(super) type Arrival = (User, Vec<Bound>);

/// The directories that are or were in use.
#[derive(Debug, Default)]
pub(super) struct Users {
    /// By their identities.
    known: BTreeMap<SmolStr, Directory>,
    /// The number of the last change.
    changes: u64,
}

#[derive(Clone, Debug)]
struct Directory {
    uid: SmolStr,
    name: SmolStr,
    users: Vec<User>,
    /// The last change.
    change: u64,
}

/// What one turn changes of a directory.
#[derive(Debug, Default)]
struct Change {
    before: Vec<User>,
    arrived: Vec<User>,
    /// Some of both.
    ended: Vec<SmolStr>,
}

impl Users {
    /// Continues after what an earlier recorder left: the last line of each directory. Who uses it is not known.
    pub(super) fn recall<'a>(&mut self, lines: impl Iterator<Item = &'a Raw>) {
        let is_followed =
            |raw: &&Raw| serde_json::from_str::<Event>(raw.event.get()).is_ok_and(|event| event.did != Did::Forget);
        for raw in lines.filter(is_followed) {
            let Some((identity, _)) = raw.uid.rsplit_once('-') else { continue };
            let directory = Directory { uid: raw.uid.clone(), name: raw.name.clone(), users: Vec::new(), change: 0 };
            self.known.insert(identity.into(), directory);
        }
    }

    /// Says what one turn changes: containers that arrived, in order, and others that ended, whose order is not known,
    /// nor whether one ended before another arrived. Whoever is not said to have ended was there when the last one
    /// arrived.
    pub(super) fn say(&mut self, lines: &mut Lines, arrived: &[Arrival], ended: &[SmolStr]) {
        for (identity, change) in self.take(lines, arrived, ended) {
            if let Some(directory) = self.known.get(&identity) {
                directory.say(lines, change);
            }
        }
        self.forget(lines);
    }

    /// The same, where nothing can be said.
    pub(super) fn keep_silent(&mut self, lines: &Lines, arrived: &[Arrival], ended: &[SmolStr]) {
        self.take(lines, arrived, ended);
    }

    /// Says again who uses what.
    pub(super) fn say_all(&mut self, lines: &mut Lines) {
        self.known.values().for_each(|directory| directory.event(lines, Did::Found, &directory.users, false));
        self.forget(lines);
    }

    /// Nobody is there, as far as is known.
    pub(super) fn clear(&mut self) {
        self.known.values_mut().for_each(|directory| directory.users.clear());
    }

    /// Lists all directories, or says why nothing is known of them.
    pub(super) fn list(&self, lines: &mut Lines, unknown: Option<&str>) {
        for directory in self.known.values() {
            match unknown {
                Some(why) => lines.unseen(&directory.uid, why.to_owned()),
                None => directory.event(lines, Did::Found, &directory.users, true),
            }
        }
    }

    fn take(&mut self, lines: &Lines, arrived: &[Arrival], ended: &[SmolStr]) -> BTreeMap<SmolStr, Change> {
        let mut changes: BTreeMap<SmolStr, Change> = BTreeMap::new();
        self.changes += 1;
        for (user, bound) in arrived {
            for Bound { identity, name } in bound {
                let known = self.known.entry(identity.clone()).or_insert_with(|| Directory {
                    uid: format_smolstr!("{identity}-{}", lines.version()),
                    name: name.clone(),
                    users: Vec::new(),
                    change: 0,
                });
                let change = changes.entry(identity.clone()).or_insert_with(|| Change::of(known));
                // It may mount a directory at several places.
                if !change.arrived.contains(user) {
                    change.arrived.push(user.clone());
                    known.users.push(user.clone());
                }
            }
        }
        for (identity, known) in &mut self.known {
            let gone: Vec<SmolStr> =
                known.users.iter().filter(|user| ended.contains(&user.key)).map(|user| user.key.clone()).collect();
            if !gone.is_empty() {
                let change = changes.entry(identity.clone()).or_insert_with(|| Change::of(known));
                known.users.retain(|user| !gone.contains(&user.key));
                change.ended = gone;
            }
            if changes.contains_key(identity) {
                known.change = self.changes;
            }
        }
        changes
    }

    /// Forgets the directories that were not used for longest.
    fn forget(&mut self, lines: &mut Lines) {
        let idle = self.known.iter().filter(|(_, directory)| directory.users.is_empty());
        let mut idle: Vec<(u64, SmolStr)> = idle.map(|(identity, known)| (known.change, identity.clone())).collect();
        let surplus = idle.len().saturating_sub(IDLE);
        if surplus > 0 {
            idle.sort();
        }
        for (_, identity) in idle.into_iter().take(surplus) {
            if let Some(directory) = self.known.remove(&identity) {
                directory.event(lines, Did::Forget, &[], false);
            }
        }
    }
}

impl Change {
    fn of(directory: &Directory) -> Self {
        Self { before: directory.users.clone(), ..Self::default() }
    }
}

impl Directory {
    fn say(&self, lines: &mut Lines, Change { before, arrived, ended }: Change) {
        if arrived.is_empty() {
            // How many are left is known in between, but not who.
            for gone in 1..ended.len() {
                let event = Event { did: Did::Leave, users: before.len() - gone, containers: Vec::new() };
                lines.event(&self.name, &self.uid, &event, false);
            }
            return self.event(lines, Did::Leave, &self.users, false);
        }
        if ended.is_empty() {
            let mut users = before;
            for user in arrived {
                users.push(user);
                self.event(lines, Did::Use, &users, false);
            }
            return;
        }
        // Whoever is the first of all came before anything else.
        if before.is_empty() {
            self.event(lines, Did::Use, &arrived[..1], false);
        }
        if before.is_empty() && arrived.len() == 1 {
            return self.event(lines, Did::Leave, &[], false);
        }
        lines.unseen(&self.uid, AT_ONCE.to_owned());
        self.event(lines, Did::Found, &self.users, false);
    }

    fn event(&self, lines: &mut Lines, did: Did, users: &[User], is_listed: bool) {
        let containers = users.iter().take(NAMED).map(|user| user.name.clone()).collect();
        lines.event(&self.name, &self.uid, &Event { did, users: users.len(), containers }, is_listed);
    }
}
