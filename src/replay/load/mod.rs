//! Reads a recording as what its server had: a store with all its writes, and the steps in which they happened.
//!
//! The versions are the recording's. Writes of kinds that share a storage happen in the order of their versions, whatever
//! the order in which they were received, each no later than what follows it: so a list and a watch from its version
//! agree, for all kinds. The replay starts where the first lists of all watches are complete. What lists and history show
//! of a time that was not seen is history of its objects, and was never delivered by a stream.

mod operation;
mod watched;

use super::collection::{Collection, Sort};
use super::document::Parsed;
use super::steps::{Step, Steps};
use super::store::State;
use super::{Error, Store};
use crate::observation::{Change, Payload, Resource};
use crate::recording::{self, Header, Record};
use operation::{Listed, Operation, What};
use serde::Deserialize;
use smol_str::SmolStr;
use std::borrow::Cow;
use std::collections::{BTreeMap, HashMap};
use std::time::Duration;
use watched::{Moment, Watched};

/// How much later than the first one a first list may be and belong to the start.
const START: Duration = Duration::from_secs(10);

/// A recording, ready to be replayed.
#[derive(Debug)]
pub struct Loaded {
    /// All that its server had.
    pub store: Store,
    /// The moments of its steps, since the start of the recording.
    pub moments: Vec<Duration>,
    /// When it ends.
    pub length: Duration,
    /// Its marks.
    pub marks: Vec<(Duration, String)>,
    /// What clients may take for complete and is not, for messages.
    pub caveats: Vec<String>,
}

/// The states of the objects of a resource at the end of a recording.
#[derive(Clone, Debug)]
pub struct Ends {
    /// The resource.
    pub resource: Resource,
    /// By `namespace/name`: `.status.phase`, else `.status.printableStatus`, else `Present`; none if it was deleted.
    pub states: BTreeMap<String, Option<String>>,
}

/// What was read so far.
struct Loading<'h> {
    header: &'h Header,
    watches: Vec<Watched>,
    /// The storage of each watch.
    storages: Vec<usize>,
    epochs: Vec<u32>,
    /// The newest version of each storage, in each epoch.
    newest: HashMap<(usize, u32), u64>,
    operations: Vec<Operation>,
    length: Duration,
    marks: Vec<(Duration, String)>,
}

/// Reads a recording.
///
/// # Errors
/// It cannot be read, or its versions are no numbers.
pub fn load(
    header: &Header,
    records: impl IntoIterator<Item = Result<Record, recording::Error>>,
) -> Result<Loaded, Error> {
    let store = Store::new();
    let mut state = store.lock();
    let Filmed { start, later, moments, length, marks, caveats } = film(header, records, &mut state)?;
    state.take(Steps::new(start, later));
    drop(state);
    Ok(Loaded { store, moments, length, marks, caveats })
}

/// Reads the states at the end of a recording.
///
/// # Errors
/// Those of [`load`].
pub fn ends(
    header: &Header,
    records: impl IntoIterator<Item = Result<Record, recording::Error>>,
) -> Result<Vec<Ends>, Error> {
    let store = Store::new();
    let mut state = store.lock();
    film(header, records, &mut state)?;
    Ok(state.collections.iter().map(Ends::of).collect())
}

/// What a recording says, beside its writes.
struct Filmed {
    start: Vec<Step>,
    later: Vec<Step>,
    moments: Vec<Duration>,
    length: Duration,
    marks: Vec<(Duration, String)>,
    caveats: Vec<String>,
}

/// Makes all writes of a recording, up to its end.
fn film(
    header: &Header,
    records: impl IntoIterator<Item = Result<Record, recording::Error>>,
    state: &mut State,
) -> Result<Filmed, Error> {
    let mut loading = Loading::new(header, state);
    for record in records {
        loading.record(record.map_err(|source| Error::Recording(Box::new(source)))?)?;
    }
    loading.end();
    let Loading { watches, operations, length, marks, .. } = loading;
    let (operations, start) = ordered(operations, state.revisions.len());
    let mut film = Film { state, start: Vec::new(), later: Vec::new(), moments: Vec::new(), caveats: Vec::new() };
    for (watch, of) in watches.iter().zip(&header.watches) {
        let begins = operations.iter().take(start).any(|operation| {
            operation.collection == watch.collection
                && operation.scope == of.namespace
                && matches!(operation.what, What::List { .. } | What::Withhold)
        });
        if !begins {
            film.start.push(Step::Lose { collection: watch.collection, scope: of.namespace.clone() });
        }
        if !watch.is_listed {
            film.caveats.push(format!("{}: the recording has no list of them", of.selected()));
        }
    }
    for (index, operation) in operations.into_iter().enumerate() {
        film.take(operation, index < start)?;
    }
    let Film { start, later, moments, mut caveats, .. } = film;
    caveats.sort();
    caveats.dedup();
    Ok(Filmed { start, later, moments, length, marks, caveats })
}

impl Ends {
    fn of(collection: &Collection) -> Self {
        #[derive(Default, Deserialize)]
        #[serde(rename_all = "camelCase", default)]
        struct Status<'a> {
            #[serde(borrow)]
            phase: Option<Cow<'a, str>>,
            #[serde(borrow)]
            printable_status: Option<Cow<'a, str>>,
        }
        #[derive(Deserialize)]
        struct Object<'a> {
            #[serde(borrow, default)]
            status: Option<Status<'a>>,
        }
        let state = |object: &[u8]| {
            let status = serde_json::from_slice::<Object<'_>>(object).ok().and_then(|object| object.status);
            let status = status.unwrap_or_default();
            status.phase.or(status.printable_status).map_or_else(|| "Present".to_owned(), Cow::into_owned)
        };
        let known = collection.newest().filter(|(version, _)| !collection.scopes.is_lost(&version.facts.namespace));
        let states = known.map(|(version, object)| {
            let is_there = version.change != Change::Deleted;
            (version.facts.key(), is_there.then(|| state(&object)))
        });
        Self { resource: collection.resource.clone(), states: states.collect() }
    }
}

impl<'h> Loading<'h> {
    fn new(header: &'h Header, state: &mut State) -> Self {
        let (mut watches, mut storages) = (Vec::new(), Vec::new());
        for watch in &header.watches {
            let collection = state.index(&watch.resource);
            if !watch.shares_storage() && state.collections[collection].storage == 0 {
                state.revisions.push(1);
                state.collections[collection].storage = state.revisions.len() - 1;
            }
            storages.push(state.collections[collection].storage);
            watches.push(Watched::new(watch.clone(), collection));
        }
        let epochs = vec![0; watches.len()];
        Self {
            header,
            watches,
            storages,
            epochs,
            newest: HashMap::new(),
            operations: Vec::new(),
            length: Duration::ZERO,
            marks: Vec::new(),
        }
    }

    fn record(&mut self, Record { seq, observation }: Record) -> Result<(), Error> {
        let started = self.header.started;
        let since_start = |at: jiff::Timestamp| Duration::try_from(at.duration_since(started)).unwrap_or_default();
        let at = since_start(observation.stamp.at);
        self.length = self.length.max(at);
        if let Payload::Mark { name } = observation.payload {
            self.marks.push((at, name));
            return Ok(());
        }
        let Some(watch) = observation.payload.watch().map(usize::from) else { return Ok(()) };
        if watch >= self.watches.len() {
            return Ok(());
        }
        self.told(watch, at, seq, |watched, moment, out| watched.line(observation.payload, moment, since_start, out))
    }

    fn end(&mut self) {
        for watch in 0..self.watches.len() {
            let ended = self.told(watch, self.length, u64::MAX, |watched, moment, out| {
                watched.end(moment, out);
                Ok(())
            });
            debug_assert!(ended.is_ok());
        }
    }

    /// Lets a watch read something, and takes what it says.
    fn told(
        &mut self,
        watch: usize,
        at: Duration,
        seq: u64,
        read: impl FnOnce(&mut Watched, &Moment, &mut Vec<Operation>) -> Result<(), Error>,
    ) -> Result<(), Error> {
        let storage = self.storages[watch];
        let newest = self.newest.get(&(storage, self.epochs[watch])).copied().unwrap_or_default();
        let may_rewind = self.watches[watch].may_rewind();
        let first = self.operations.len();
        read(&mut self.watches[watch], &Moment { at, seq, newest }, &mut self.operations)?;
        for operation in &mut self.operations[first..] {
            let is_list = matches!(operation.what, What::List { .. });
            self.epochs[watch] += u32::from(is_list && may_rewind && operation.revision < newest);
            (operation.storage, operation.epoch) = (storage, self.epochs[watch]);
            let newest = self.newest.entry((storage, operation.epoch)).or_default();
            *newest = operation.revision.max(*newest);
        }
        Ok(())
    }
}

/// The operations in the order in which they happened, and how many of them had happened when the replay starts.
fn ordered(operations: Vec<Operation>, storages: usize) -> (Vec<Operation>, usize) {
    let mut all = Vec::with_capacity(operations.len());
    let mut of: Vec<Vec<Operation>> = (0..storages).map(|_| Vec::new()).collect();
    operations.into_iter().for_each(|operation| of[operation.storage].push(operation));
    let mut start = 0;
    for mut operations in of {
        operations.sort_by_key(|operation| (operation.epoch, operation.revision, operation.seq));
        let mut earliest = Duration::MAX;
        for operation in operations.iter_mut().rev() {
            earliest = earliest.min(operation.at);
            operation.at = earliest;
        }
        let firsts = |operation: &&Operation| matches!(operation.what, What::List { is_first: true, .. });
        let begun = operations.iter().filter(firsts).map(|operation| operation.at).min().unwrap_or_default();
        let first = operations
            .iter()
            .filter(firsts)
            .filter(|operation| operation.epoch == 0 && operation.at <= begun + START)
            .map(|operation| operation.revision)
            .max();
        let count = operations.partition_point(|operation| {
            operation.epoch == 0 && first.is_some_and(|first| operation.revision <= first)
        });
        for (index, mut operation) in operations.into_iter().enumerate() {
            let replaced = all.last().is_some_and(|last: &(bool, Operation)| {
                last.1.storage == operation.storage && last.1.epoch < operation.epoch
            });
            if replaced {
                all.push((false, replacement(&operation)));
            }
            if index < count {
                operation.at = Duration::ZERO;
            }
            all.push((index < count, operation));
        }
        start += count;
    }
    all.sort_by_key(|(is_start, operation)| (!is_start, operation.at));
    (all.into_iter().map(|(_, operation)| operation).collect(), start)
}

/// The replacement of the storage just before its first operation.
fn replacement(first: &Operation) -> Operation {
    let Operation { collection, storage, epoch, revision, at, seq, .. } = *first;
    Operation { collection, scope: SmolStr::default(), storage, epoch, revision, at, seq, what: What::Replace }
}

/// The steps under construction, whose writes go into the store.
struct Film<'s> {
    state: &'s mut State,
    start: Vec<Step>,
    later: Vec<Step>,
    moments: Vec<Duration>,
    caveats: Vec<String>,
}

impl Film<'_> {
    fn take(&mut self, operation: Operation, is_start: bool) -> Result<(), Error> {
        let Operation { collection, scope, storage, revision, at, what, .. } = operation;
        let resource = self.state.collections[collection].resource.clone();
        let step = match what {
            What::Write { change, object } => {
                let written = (revision, revision, false);
                if !self.version(&resource, change, object.get().as_bytes(), written)? {
                    return Ok(());
                }
                Step::Show { collection }
            }
            What::List { listed, gone, is_proven, .. } => {
                let before = self.state.collections[collection].len();
                for key in gone {
                    self.state.collections[collection].remove(&key, revision);
                }
                for Listed { change, revision: own, is_after_unknown, object } in listed {
                    let sort = (own, revision.max(own), is_after_unknown);
                    self.version(&resource, change, object.get().as_bytes(), sort)?;
                }
                if !is_proven {
                    self.caveats
                        .push(format!("{resource}: the recording does not show whether its lists are complete"));
                }
                let versions = self.state.collections[collection].len() - before;
                Step::List { collection, scope, versions, revision }
            }
            What::Freeze => Step::Freeze { collection, scope, revision },
            What::Lose => Step::Lose { collection, scope },
            What::Bookmark => Step::Bookmark { collection, scope, revision },
            What::Withhold => Step::Withhold { collection },
            What::Replace => Step::Replace { storage },
        };
        match step {
            // Writes are shown when they are stored.
            Step::Show { .. } => self.state.advance(storage, revision),
            Step::List { collection, ref scope, revision, .. } => {
                let shown = self.state.collections[collection].len();
                self.state.collections[collection].scopes.list(scope, shown, revision);
            }
            ref step => self.state.make(step),
        }
        if is_start {
            self.start.push(step);
        } else {
            self.later.push(step);
            self.moments.push(at);
        }
        Ok(())
    }

    /// Stores a version: its own, that from which on it is shown, and whether others may be before it. False where it is
    /// known already, or deletes what was never shown.
    fn version(
        &mut self,
        resource: &Resource,
        change: Change,
        object: &[u8],
        (revision, since, is_after_unknown): (u64, u64, bool),
    ) -> Result<bool, Error> {
        let parsed = Parsed::read(resource, object)?;
        let collection = self.state.collection(resource);
        let live = collection.live(&parsed.facts.key());
        let change = match (change, live) {
            (_, Some(live)) if live.revision >= revision => return Ok(false),
            (Change::Deleted, None) => {
                self.caveats.push(format!("{resource}: objects that were deleted but not seen before are left out"));
                return Ok(false);
            }
            (Change::Deleted, Some(_)) => Change::Deleted,
            (_, Some(live)) if live.facts.uid == parsed.facts.uid => Change::Modified,
            _ => Change::Added,
        };
        let (line, marks) = parsed.line(&collection.resource, change, revision);
        collection.push(Sort { change, revision, since, is_after_unknown }, parsed.facts, &line, marks);
        Ok(true)
    }
}
