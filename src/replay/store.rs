//! An etcd-like store in memory: one revision counter for all resources, all versions kept, reads at any revision that
//! is not compacted.
//!
//! It is filled by code: from a recording or a capture with the versions of a real server ([`Store::apply`]), or by a
//! script whose versions the store assigns ([`Store::write`]). Revisions only rise.

use super::Error;
use super::collection::Collection;
use super::document::Parsed;
use crate::observation::{Change, Resource, ResourceVersion};
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
    /// The newest revision.
    pub revision: u64,
    /// LISTs at older revisions, and watches from them, are answered with 410.
    pub compacted: u64,
    /// Watches from older revisions are answered with 410 although LISTs are not: a restarted API server.
    pub watch_floor: u64,
    pub collections: BTreeMap<Address, Collection>,
    assigned_uids: u64,
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
        let state = State { revision: 1, compacted: 0, watch_floor: 0, collections: BTreeMap::new(), assigned_uids: 0 };
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
        number(self.lock().revision)
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
        let key = if namespace.is_empty() { name.to_owned() } else { format!("{namespace}/{name}") };
        let mut object = Vec::new();
        {
            let state = self.lock();
            let not_found = || Error::NotFound { resource: resource.clone(), key: key.clone() };
            let collection = state.collections.get(&address(resource)).ok_or_else(not_found)?;
            let last = collection.live(&key).ok_or_else(not_found)?;
            collection.write(&mut object, last, super::collection::Form::Full, true);
        }
        self.write(resource, Change::Deleted, &object)
    }

    /// Raises the revision without a write to the resources here, as writes to other resources do. Never lowers it.
    pub fn advance(&self, revision: u64) {
        let mut state = self.lock();
        state.revision = state.revision.max(revision);
        let revision = state.revision;
        drop(state);
        self.changed.send_replace(revision);
    }

    /// Forgets what was before a revision, as etcd does: older LISTs and watches are answered with 410.
    ///
    /// # Errors
    /// When the revision is newer than the store.
    pub fn compact(&self, revision: u64) -> Result<(), Error> {
        let mut state = self.lock();
        if revision > state.revision {
            return Err(Error::Future { revision, current: state.revision });
        }
        state.compacted = state.compacted.max(revision);
        Ok(())
    }

    /// Answers watches from before now with 410, although LISTs at older revisions still work: as a restarted API
    /// server does, whose watch cache starts empty.
    pub fn forget_watch_history(&self) {
        let mut state = self.lock();
        state.watch_floor = state.revision;
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
        let revision = state.revision;
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
        let current = state.revision;
        let revision = explicit.unwrap_or(current + 1);
        if revision <= current {
            return Err(Error::Order { resource: resource.clone(), revision, current });
        }
        if change == Change::Deleted && !state.collections.contains_key(&address(resource)) {
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
        collection.push(revision, change, parsed.facts, &bytes, marks);
        state.assigned_uids += u64::from(took_made_up);
        state.revision = revision;
        drop(state);
        self.changed.send_replace(revision);
        Ok(number(revision))
    }
}

impl State {
    /// The collection of a resource, if it is served.
    pub(super) fn served(&self, resource: &Address) -> Option<&Collection> {
        self.collections.get(resource).filter(|collection| collection.served)
    }

    fn collection(&mut self, resource: &Resource) -> &mut Collection {
        let collection = self.collections.entry(address(resource)).or_insert_with(|| Collection::new(resource.clone()));
        if collection.resource.kind.is_empty() {
            collection.resource.kind = resource.kind.clone();
        }
        collection
    }
}

fn number(revision: u64) -> ResourceVersion {
    ResourceVersion::new(itoa::Buffer::new().format(revision))
}
