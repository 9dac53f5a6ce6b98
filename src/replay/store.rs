//! An etcd-like store in memory: one revision counter for all resources, all versions kept, reads at any revision that
//! is not compacted.
//!
//! It holds a recording, of which more or less has happened ([`Store::move_to`]); or it is filled by code: from a capture
//! with the versions of a real server ([`Store::apply`]), or by a script whose versions the store assigns
//! ([`Store::write`]). Revisions only rise, except where a recording shows that the storage was replaced, and where it is
//! moved back.

use super::Error;
use super::collection::{Collection, Sort};
use super::document::{Parsed, key};
use super::playback::Playback;
use super::printing::Printing;
use super::scopes::Scope;
use super::steps::{Step, Steps};
use crate::observation::{Change, Resource, ResourceVersion};
use jiff::Timestamp;
use smol_str::{SmolStr, format_smolstr};
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio::sync::watch;

/// The store. Clones share it.
#[derive(Clone, Debug)]
pub struct Store {
    state: Arc<Mutex<State>>,
    changed: Arc<watch::Sender<u64>>,
}

/// The content of the store, under one lock.
#[derive(Debug)]
pub(super) struct State {
    /// The newest revision of each storage: of the one that the kinds of a cluster share, and of those that are apart.
    pub revisions: Vec<u64>,
    /// LISTs at older revisions, and watches from them, are answered with 410.
    pub compacted: u64,
    /// Watches from older revisions are answered with 410 although LISTs are not: a restarted API server.
    pub watch_floor: u64,
    pub collections: Vec<Collection>,
    by_address: BTreeMap<Address, usize>,
    /// How often it was moved back.
    pub round: u64,
    assigned_uids: u64,
    steps: Steps,
    /// Steps that were made.
    made: usize,
    /// The clock of its recording, with when that was started.
    clock: Option<(Timestamp, Playback)>,
}

/// What a step does to streams.
#[derive(Debug)]
pub(super) struct Ended {
    /// The resources and scopes whose streams it ends.
    pub watches: Vec<(Address, Scope)>,
    /// Their clients can list again.
    pub is_listed: bool,
}

/// Group, version, plural.
pub(super) type Address = (SmolStr, SmolStr, SmolStr);

/// The address of a resource.
pub(super) fn address(resource: &Resource) -> Address {
    (resource.group.clone(), resource.version.clone(), resource.plural.clone())
}

impl Default for Store {
    fn default() -> Self {
        Self::new()
    }
}

impl Store {
    /// An empty store at revision 1, which serves no resource yet.
    #[must_use]
    pub fn new() -> Self {
        let state = State {
            revisions: vec![1],
            compacted: 0,
            watch_floor: 0,
            collections: Vec::new(),
            by_address: BTreeMap::new(),
            round: 0,
            assigned_uids: 0,
            steps: Steps::default(),
            made: 0,
            clock: None,
        };
        Self { state: Arc::new(Mutex::new(state)), changed: Arc::new(watch::Sender::new(1)) }
    }

    /// Serves a resource, even if it has no objects or was withheld. Its kind must be set.
    pub fn serve(&self, resource: &Resource) {
        self.set_served(resource, true);
    }

    /// Stops serving a resource, as before its `CustomResourceDefinition` is installed: its watches end. Later writes
    /// to it are kept.
    pub fn withhold(&self, resource: &Resource) {
        self.set_served(resource, false);
    }

    /// The newest resourceVersion.
    #[must_use]
    pub fn revision(&self) -> ResourceVersion {
        number(self.lock().revision())
    }

    /// Makes a write at the object's resourceVersion, and serves its resource unless withheld.
    ///
    /// `Added`, `Modified` and `Listed` all put the object: whether a client sees ADDED or MODIFIED depends on the
    /// current state, so an incomplete script still makes a consistent stream.
    ///
    /// # Errors
    /// When the bytes are not an object, have no decimal resourceVersion, are not newer than the store, or delete an
    /// object that does not exist. Nothing is written then.
    pub fn apply(&self, resource: &Resource, change: Change, object: &[u8]) -> Result<ResourceVersion, Error> {
        let parsed = Parsed::read(resource, object)?;
        let revision =
            parsed.version.ok_or_else(|| Error::Identity { resource: resource.clone(), field: "resourceVersion" })?;
        self.put(resource, change, parsed, Some(revision))
    }

    /// Makes a write at the next revision. A resourceVersion in the object is replaced. An absent uid is generated for
    /// a new object and copied for an existing one.
    ///
    /// # Errors
    /// When the bytes are not an object, or delete one that does not exist. Nothing is written then.
    pub fn write(&self, resource: &Resource, change: Change, object: &[u8]) -> Result<ResourceVersion, Error> {
        self.put(resource, change, Parsed::read(resource, object)?, None)
    }

    /// Deletes an object at the next revision, in its last state.
    ///
    /// # Errors
    /// When there is no such object.
    pub fn delete(&self, resource: &Resource, namespace: &str, name: &str) -> Result<ResourceVersion, Error> {
        let key = key(namespace, name);
        let mut object = Vec::new();
        {
            let state = self.lock();
            let not_found = || Error::NotFound { resource: resource.clone(), key: key.clone() };
            let collection = state.find(&address(resource)).ok_or_else(not_found)?;
            let last = collection.live(&key).ok_or_else(not_found)?;
            collection.write(&mut object, last, &Printing::Full, true);
        }
        self.write(resource, Change::Deleted, &object)
    }

    /// Raises the revision without a write to the resources here, as writes to other resources do. Never lowers it.
    pub fn advance(&self, revision: u64) {
        let mut state = self.lock();
        state.advance(0, revision);
        let revision = state.revision();
        drop(state);
        self.changed.send_replace(revision);
    }

    /// Forgets what was before a revision, as etcd does: older LISTs and watches are answered with 410.
    ///
    /// # Errors
    /// When the revision is newer than the store.
    pub fn compact(&self, revision: u64) -> Result<(), Error> {
        let mut state = self.lock();
        if revision > state.revision() {
            return Err(Error::Future { revision, current: state.revision() });
        }
        state.compacted = state.compacted.max(revision);
        Ok(())
    }

    /// Answers watches from before now with 410, although LISTs at older revisions still work: as a restarted API
    /// server does, whose watch cache starts empty.
    pub fn forget_watch_history(&self) {
        let mut state = self.lock();
        state.watch_floor = state.revision();
    }

    /// Makes the steps of its recording up to a number, or goes back to them; returns how many were made. Unless it jumps
    /// there, it stops after a step that ends streams: `ends` gets which, before any of them notices.
    pub(super) fn move_to(&self, made: usize, jumps: bool, ends: impl FnOnce(&Ended)) -> usize {
        let mut state = self.lock();
        let (made, ended) = state.move_to(made, jumps);
        if let Some(ended) = &ended {
            ends(ended);
        }
        let revision = state.revision();
        drop(state);
        self.changed.send_replace(revision);
        made
    }

    /// Prints ages as they were by this clock of a recording that was started then.
    pub(super) fn follow(&self, started: Timestamp, playback: Playback) {
        self.lock().clock = Some((started, playback));
    }

    /// Notifies of changes of the store.
    pub(super) fn changes(&self) -> watch::Receiver<u64> {
        self.changed.subscribe()
    }

    pub(super) fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn set_served(&self, resource: &Resource, served: bool) {
        let mut state = self.lock();
        state.collection(resource).served = served;
        let revision = state.revision();
        drop(state);
        self.changed.send_replace(revision);
    }

    fn put(
        &self,
        resource: &Resource,
        change: Change,
        mut parsed: Parsed<'_>,
        explicit: Option<u64>,
    ) -> Result<ResourceVersion, Error> {
        let mut state = self.lock();
        let current = state.revision();
        let revision = explicit.unwrap_or(current + 1);
        if revision <= current {
            return Err(Error::Order { resource: resource.clone(), revision, current });
        }
        if change == Change::Deleted && state.find(&address(resource)).is_none() {
            return Err(Error::NotFound { resource: resource.clone(), key: parsed.facts.key() });
        }
        let made_up = format_smolstr!("00000000-0000-4000-8000-{:012x}", state.assigned_uids + 1);
        let collection = state.collection(resource);
        if collection.resource.kind.is_empty() {
            collection.resource.kind = parsed.kind.clone().unwrap_or_default();
        }
        let key = parsed.facts.key();
        let live = collection.live(&key);
        let mut took_made_up = false;
        if parsed.facts.uid.is_empty() {
            took_made_up = live.is_none();
            parsed.facts.uid = live.map_or(made_up, |live| live.facts.uid.clone());
        }
        let change = match (change, live) {
            (Change::Deleted, None) => return Err(Error::NotFound { resource: resource.clone(), key }),
            (Change::Deleted, Some(_)) => Change::Deleted,
            (_, Some(live)) if live.facts.uid == parsed.facts.uid => Change::Modified,
            _ => Change::Added,
        };
        let (bytes, marks) = parsed.line(&collection.resource, change, revision);
        let sort = Sort { change, revision, since: revision, is_after_unknown: false, may_have_left: false };
        collection.push(sort, parsed.facts, &bytes, marks);
        state.assigned_uids += u64::from(took_made_up);
        state.advance(0, revision);
        drop(state);
        self.changed.send_replace(revision);
        Ok(number(revision))
    }
}

impl State {
    /// The newest revision of the storage that kinds share.
    pub(super) fn revision(&self) -> u64 {
        self.revisions[0]
    }

    /// The newest revision up to which a part of a collection is known.
    pub(super) fn known_until(&self, collection: &Collection, scope: &Scope) -> u64 {
        let newest = self.revisions[collection.storage];
        collection.scopes.until(scope).map_or(newest, |until| until.min(newest))
    }

    /// Whether all of it is known at a revision.
    pub(super) fn knows(&self, collection: &Collection, scope: &Scope, revision: u64) -> bool {
        !self.has_compacted(collection, revision) && collection.scopes.knows(scope, revision)
    }

    /// Whether it was forgotten.
    pub(super) fn has_compacted(&self, collection: &Collection, revision: u64) -> bool {
        collection.storage == 0 && revision < self.compacted
    }

    /// The revision from which on all of it is known.
    pub(super) fn known_since(&self, collection: &Collection, scope: &Scope) -> u64 {
        let compacted = if collection.storage == 0 { self.compacted } else { 0 };
        collection.scopes.oldest(scope).max(compacted)
    }

    /// The collection of a resource, if it is served.
    pub(super) fn served(&self, resource: &Address) -> Option<&Collection> {
        self.find(resource).filter(|collection| collection.served)
    }

    fn find(&self, resource: &Address) -> Option<&Collection> {
        Some(&self.collections[*self.by_address.get(resource)?])
    }

    pub(super) fn collection(&mut self, resource: &Resource) -> &mut Collection {
        let index = self.index(resource);
        &mut self.collections[index]
    }

    /// The index of the collection of a resource, which is made if there is none.
    pub(super) fn index(&mut self, resource: &Resource) -> usize {
        let index = *self.by_address.entry(address(resource)).or_insert_with(|| {
            self.collections.push(Collection::new(resource.clone()));
            self.collections.len() - 1
        });
        let collection = &mut self.collections[index];
        if collection.resource.kind.is_empty() {
            collection.resource.kind = resource.kind.clone();
        }
        index
    }

    pub(super) fn advance(&mut self, storage: usize, revision: u64) {
        self.revisions[storage] = self.revisions[storage].max(revision);
    }

    /// Makes the steps of a recording up to a number, or goes back. Unless it jumps, it stops after a step that ends
    /// streams; returns how many were made.
    fn move_to(&mut self, made: usize, jumps: bool) -> (usize, Option<Ended>) {
        let steps = self.steps.clone();
        if made < self.made {
            self.round += 1;
            self.rewind();
        }
        for step in steps.between(self.made, made) {
            self.make(step);
            self.made += 1;
            let ended = if jumps { Vec::new() } else { step.ends_streams() };
            if !ended.is_empty() {
                let resource = |collection: usize| address(&self.collections[collection].resource);
                let watches = ended.into_iter().map(|(collection, scope)| (resource(collection), scope));
                return (self.made, Some(Ended { watches: watches.collect(), is_listed: step.is_list() }));
            }
        }
        (self.made, None)
    }

    /// Goes back to before the first step, and makes those of the start.
    pub(super) fn rewind(&mut self) {
        let steps = self.steps.clone();
        (self.made, self.compacted) = (0, 0);
        self.revisions.fill(1);
        self.collections.iter_mut().for_each(|collection| {
            collection.rewind();
            collection.served = true;
        });
        for step in steps.of_the_start() {
            self.make(step);
        }
    }

    /// Makes a step of a recording.
    pub(super) fn make(&mut self, step: &Step) {
        match *step {
            Step::Show { collection } => {
                let collection = &mut self.collections[collection];
                let revision = collection.show();
                self.revisions[collection.storage] = self.revisions[collection.storage].max(revision);
            }
            Step::List { collection, ref scope, versions, revision } => {
                let collection = &mut self.collections[collection];
                let index = collection.len();
                for _ in 0..versions {
                    collection.show();
                }
                collection.served = true;
                collection.scopes.list(scope, index, revision);
                self.revisions[collection.storage] = self.revisions[collection.storage].max(revision);
            }
            Step::Freeze { collection, ref scope, revision } => {
                let collection = &mut self.collections[collection];
                collection.scopes.bookmark(scope, collection.len(), revision);
                collection.scopes.freeze(scope, revision);
            }
            Step::Lose { collection, ref scope } => {
                let collection = &mut self.collections[collection];
                collection.scopes.lose(scope, collection.len());
            }
            Step::Bookmark { collection, ref scope, revision } => {
                let collection = &mut self.collections[collection];
                collection.scopes.bookmark(scope, collection.len(), revision);
                self.revisions[collection.storage] = self.revisions[collection.storage].max(revision);
            }
            Step::Withhold { collection } => self.collections[collection].served = false,
            Step::Replace { storage, revision, ref collections } => {
                self.revisions[storage] = revision;
                for collection in collections {
                    let collection = &mut self.collections[*collection];
                    collection.scopes.forget(collection.len());
                    collection.clear();
                }
            }
        }
    }

    /// The moment that the clock of the recording shows; without one, the present.
    pub(super) fn now(&self) -> Timestamp {
        let of_recording =
            self.clock.as_ref().and_then(|(started, playback)| started.checked_add(playback.position().at).ok());
        of_recording.unwrap_or_else(Timestamp::now)
    }

    /// When its recording was started; without one, long ago.
    pub(super) fn started(&self) -> Timestamp {
        self.clock.as_ref().map_or(Timestamp::UNIX_EPOCH, |(started, _)| *started)
    }

    /// Takes the steps of a recording, whose writes it has.
    pub(super) fn take(&mut self, steps: Steps) {
        self.steps = steps;
        self.rewind();
    }
}

fn number(revision: u64) -> ResourceVersion {
    ResourceVersion::new(itoa::Buffer::new().format(revision))
}
