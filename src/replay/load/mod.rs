//! Reads a recording as what its server had: a store with all its writes, and the steps in which they happened.
//!
//! The versions are the recording's. Writes of kinds that share a storage happen in the order of their versions, whatever
//! the order in which they were received, each no later than what follows it: so a list and a watch from its version
//! agree, for all kinds. The replay starts where the first lists of all watches are complete. What lists and history show
//! of a time that was not seen is history of its objects, and was never delivered by a stream.

mod operation;
mod spool;
mod watched;

use super::collection::{Collection, Sort};
use super::document::Parsed;
use super::scopes::Scope;
use super::steps::{Step, Steps};
use super::store::State;
use super::{Error, Store};
use crate::observation::{Change, Payload, Resource};
use crate::recording::{self, Header, Record};
use operation::{Operation, What, Written};
use serde::Deserialize;
use spool::Spool;
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

/// A moment of a recording, with the states of the objects of a resource.
#[derive(Clone, Debug)]
pub struct Checkpoint {
    /// How many steps were made by then.
    pub step: usize,
    /// How many events of the resource a stream has had by then, since it was last broken off.
    pub events: usize,
    /// By `namespace/name`: `.status.phase`, else `.status.printableStatus`, else `Present`; none if it was deleted.
    pub states: BTreeMap<String, Option<String>>,
}

/// What was read so far.
struct Loading<'h> {
    header: &'h Header,
    watches: Vec<Watched>,
    /// The storage of each watch.
    storages: Vec<usize>,
    /// How often its storage was replaced, as far as each watch shows.
    epochs: Vec<u32>,
    /// The same, as far as any watch of a storage shows.
    replaced: HashMap<usize, u32>,
    /// The newest version of each storage, in each epoch.
    newest: HashMap<(usize, u32), u64>,
    operations: Vec<Operation>,
    spool: Spool,
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

/// Moments at which a client that watches a resource is compared with a recording: after the last event that changes a
/// state while most objects exist, and the end. None where the recording never has an object of it.
///
/// # Errors
/// Those of [`load`].
pub fn checkpoints(
    header: &Header,
    records: impl IntoIterator<Item = Result<Record, recording::Error>>,
    resource: &Resource,
) -> Result<Vec<Checkpoint>, Error> {
    let store = Store::new();
    let mut state = store.lock();
    let Filmed { start, later, .. } = film(header, records, &mut state)?;
    let collection = state.index(resource);
    state.take(Steps::new(start, later.clone()));
    // Where an event has just changed a state: a client that misses that one is wrong. Otherwise, where a list shows most.
    let at = |state: &State, is_event: bool| {
        let collection = &state.collections[collection];
        let is_known = collection.scopes.is_known() && collection.count() > 0;
        is_known.then(|| (is_event && collection.has_changed(self::state), collection.count()))
    };
    let (mut best, mut fullest) = (at(&state, false), 0);
    for (index, step) in later.iter().enumerate() {
        state.make(step);
        let found = at(&state, matches!(step, Step::Show { collection: of } if *of == collection));
        if found.is_some() && found >= best {
            (best, fullest) = (found, index + 1);
        }
    }
    if best.is_none() {
        return Ok(Vec::new());
    }
    state.rewind();
    let (mut checkpoints, mut begun) = (Vec::new(), state.collections[collection].len());
    for made in 0..=later.len() {
        if let Some(step) = made.checked_sub(1).and_then(|made| later.get(made)) {
            state.make(step);
            if step.ends_streams().iter().any(|(of, _)| *of == collection) {
                begun = state.collections[collection].len();
            }
        }
        if made == fullest || made == later.len() {
            let events = state.collections[collection].len() - begun;
            checkpoints.push(Checkpoint { step: made, events, states: states(&state.collections[collection]) });
        }
    }
    Ok(checkpoints)
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
                && operation.scope == Scope::of(of)
                && matches!(operation.what, What::List { .. } | What::Withhold)
        });
        if !begins {
            film.start.push(Step::Lose { collection: watch.collection, scope: Scope::of(of) });
        }
        if watch.has_incomplete_list {
            let missing =
                "an object in a list could not be read when it was recorded, and is missing or as it was before";
            film.caveats.push(format!("{}: {missing}", of.selected()));
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

/// The states of the objects of a collection.
fn states(collection: &Collection) -> BTreeMap<String, Option<String>> {
    let known = collection.newest().filter(|(version, _)| !collection.scopes.is_lost(&version.facts.scope()));
    let states = known.map(|(version, object)| {
        let is_there = version.change != Change::Deleted;
        (version.facts.key(), is_there.then(|| state(&object)))
    });
    states.collect()
}

/// `.status.phase`, else `.status.printableStatus`, else `Present`.
fn state(object: &[u8]) -> String {
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
    let status = serde_json::from_slice::<Object<'_>>(object).ok().and_then(|object| object.status);
    let status = status.unwrap_or_default();
    status.phase.or(status.printable_status).map_or_else(|| "Present".to_owned(), Cow::into_owned)
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
            replaced: HashMap::new(),
            newest: HashMap::new(),
            operations: Vec::new(),
            spool: Spool::default(),
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
        self.told(watch, at, seq, |watched, moment, spool, out| {
            watched.line(observation.payload, moment, since_start, spool, out)
        })
    }

    fn end(&mut self) {
        for watch in 0..self.watches.len() {
            let ended = self.told(watch, self.length, u64::MAX, |watched, moment, _, out| {
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
        read: impl FnOnce(&mut Watched, &Moment, &mut Spool, &mut Vec<Operation>) -> Result<(), Error>,
    ) -> Result<(), Error> {
        let storage = self.storages[watch];
        let newest = self.newest.get(&(storage, self.epochs[watch])).copied().unwrap_or_default();
        let may_rewind = self.watches[watch].may_rewind();
        let first = self.operations.len();
        read(&mut self.watches[watch], &Moment { at, seq, newest }, &mut self.spool, &mut self.operations)?;
        let replaced = self.replaced.entry(storage).or_default();
        for operation in &mut self.operations[first..] {
            match operation.what {
                What::List { .. } if may_rewind && operation.revision < newest => self.epochs[watch] += 1,
                // What it lost was in the storage before.
                What::Freeze | What::Lose => {}
                // It did not notice: everything that it knew is in the storage that replaced the other one.
                _ => self.epochs[watch] = self.epochs[watch].max(*replaced),
            }
            *replaced = self.epochs[watch].max(*replaced);
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
        // What a list, or a bookmark, of its version shows of one kind, it shows of all.
        let is_write = |operation: &Operation| matches!(operation.what, What::Write(_));
        operations.sort_by_key(|operation| (operation.epoch, operation.revision, !is_write(operation), operation.seq));
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
        let mut lost = lost(&operations);
        for (index, mut operation) in operations.into_iter().enumerate() {
            let replaced = all.last().is_some_and(|last: &(bool, Operation)| {
                last.1.storage == operation.storage && last.1.epoch < operation.epoch
            });
            if replaced {
                let lost = lost.remove(&operation.epoch).unwrap_or_default();
                all.push((false, replacement(&operation, lost)));
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

/// The collections of which nothing is known when a storage is replaced, by its epoch: a watch of them was listed again.
/// With the scopes of those that were not.
fn lost(operations: &[Operation]) -> BTreeMap<u32, BTreeMap<usize, Vec<Scope>>> {
    let mut by_watch: BTreeMap<(usize, &Scope), Vec<&Operation>> = BTreeMap::new();
    for operation in operations {
        by_watch.entry((operation.collection, &operation.scope)).or_default().push(operation);
    }
    let newest = operations.iter().map(|operation| operation.epoch).max().unwrap_or_default();
    let (mut lost, mut kept) = (BTreeMap::<u32, BTreeMap<usize, Vec<Scope>>>::new(), Vec::new());
    for ((collection, scope), mut operations) in by_watch {
        operations.sort_by_key(|operation| operation.seq);
        for epoch in 1..=newest {
            let first = operations.iter().find(|operation| operation.epoch == epoch);
            let last = operations.iter().rfind(|operation| operation.epoch < epoch);
            let is_lost = first.is_some_and(|first| matches!(first.what, What::List { .. }))
                || last.is_some_and(|last| matches!(last.what, What::Freeze | What::Lose));
            if is_lost {
                lost.entry(epoch).or_default().entry(collection).or_default();
            } else {
                kept.push((epoch, collection, scope));
            }
        }
    }
    for (epoch, collection, scope) in kept {
        if let Some(scopes) = lost.get_mut(&epoch).and_then(|lost| lost.get_mut(&collection)) {
            scopes.push(scope.clone());
        }
    }
    lost
}

/// The replacement of the storage just before its first operation.
fn replacement(first: &Operation, lost: BTreeMap<usize, Vec<Scope>>) -> Operation {
    let Operation { collection, storage, epoch, revision, at, seq, .. } = *first;
    Operation { collection, scope: Scope::default(), storage, epoch, revision, at, seq, what: What::Replace(lost) }
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
            What::Write(written) => {
                if !self.version(&resource, written, revision)? {
                    return Ok(());
                }
                Step::Show { collection }
            }
            What::List { listed, gone, unchanged, is_proven, .. } => {
                let before = self.state.collections[collection].len();
                for key in gone {
                    self.state.collections[collection].remove(&key, revision);
                }
                for (key, version) in unchanged {
                    // The storage may have been replaced.
                    self.state.collections[collection].restore(&key, version, revision);
                }
                for version in listed {
                    self.version(&resource, version, revision)?;
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
            What::Replace(lost) => {
                return self.replace(storage, revision, &lost, at);
            }
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
            self.push(step, at);
        }
        Ok(())
    }

    fn push(&mut self, step: Step, at: Duration) {
        self.later.push(step);
        self.moments.push(at);
    }

    /// Replaces a storage. What watches that did not notice it know is in the new one, too, and is listed.
    fn replace(
        &mut self,
        storage: usize,
        revision: u64,
        lost: &BTreeMap<usize, Vec<Scope>>,
        at: Duration,
    ) -> Result<(), Error> {
        let kept = lost.iter().flat_map(|(collection, kept)| kept.iter().map(|scope| (*collection, scope)));
        let lists: Vec<Operation> = kept
            .map(|(collection, scope)| {
                let unchanged = self.state.collections[collection].present(scope);
                let (listed, gone) = (Vec::new(), Vec::new());
                let what = What::List { listed, gone, unchanged, is_first: false, is_proven: true };
                Operation { collection, scope: scope.clone(), storage, epoch: 0, revision, at, seq: 0, what }
            })
            .collect();
        let replace = Step::Replace { storage, revision, collections: lost.keys().copied().collect() };
        self.state.make(&replace);
        self.push(replace, at);
        lists.into_iter().try_for_each(|list| self.take(list, false))
    }

    /// Stores a version that is shown from a revision on. False where it is known already, or deletes what was never
    /// shown.
    fn version(&mut self, resource: &Resource, written: Written, shown: u64) -> Result<bool, Error> {
        let Written { change, revision, is_after_unknown, may_have_left, object } = written;
        let parsed = Parsed::read(resource, &object)?;
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
        let sort = Sort { change, revision, since: shown.max(revision), is_after_unknown, may_have_left };
        collection.push(sort, parsed.facts, &line, marks);
        Ok(true)
    }
}
