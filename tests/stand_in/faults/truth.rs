//! What was written into a store, and the timeline that follows from it.

use crate::recorder::folded;
use statetrail::kinds;
use statetrail::observation::{
    Capture, Change, GapReason, ObjectEvent, Observation, Payload, Resource, Stamp, StateKind, Watch, decode_object,
};
use statetrail::replay::Store;
use statetrail::timeline::{Body, Entry, GapEntry, SETTLE, sorted};
use std::collections::HashMap;
use std::time::Duration;

pub(super) fn pods() -> Resource {
    Resource::new("", "v1", "pods", "Pod")
}

pub(super) fn vmis() -> Resource {
    Resource::new("kubevirt.io", "v1", "virtualmachineinstances", "VirtualMachineInstance")
}

/// An object with a phase; every phase is a label of its own, so that a lost or duplicated one shows.
pub(super) fn object(name: &str, uid: &str, phase: &str) -> String {
    format!(
        r#"{{"metadata":{{"name":"{name}","namespace":"story","uid":"{uid}","labels":{{"app":"web"}},"resourceVersion":"0"}},"status":{{"phase":"{phase}"}}}}"#
    )
}

/// A store with the log of its writes.
pub(super) struct Truth {
    pub store: Store,
    watches: Vec<Watch>,
    log: Vec<Observation>,
    /// How many objects of a name were deleted.
    deleted: HashMap<String, usize>,
}

impl Truth {
    /// A store of pods.
    pub(super) fn new() -> Self {
        Self::of(vec![pods()])
    }

    pub(super) fn of(resources: Vec<Resource>) -> Self {
        let store = Store::new();
        resources.iter().for_each(|resource| store.serve(resource));
        Self {
            store,
            watches: resources.into_iter().map(Watch::all).collect(),
            log: Vec::new(),
            deleted: HashMap::new(),
        }
    }

    /// Writes an object of the first resource. Its uid is derived from its name; each life of the name has its own.
    pub(super) fn put(&mut self, name: &str, phase: &str) {
        self.write(0, Change::Modified, &object(name, &self.uid(name), phase));
    }

    fn uid(&self, name: &str) -> String {
        self.deleted.get(name).map_or_else(|| format!("uid-{name}"), |lives| format!("uid-{name}-{}", lives + 1))
    }

    pub(super) fn write(&mut self, watch: u16, change: Change, json: &str) {
        let resource = self.watches[usize::from(watch)].resource.clone();
        let version = self.store.write(&resource, change, json.as_bytes()).expect("an object");
        let json = json.replace(r#""resourceVersion":"0""#, &format!(r#""resourceVersion":"{version}""#));
        let object =
            decode_object(json.as_bytes(), kinds::shape(&resource), Capture::Status).expect("an object with identity");
        let stamp = Stamp { at: jiff::Timestamp::UNIX_EPOCH, elapsed: Duration::ZERO };
        let seen = ObjectEvent { watch, change, object, not_before: None, healed: false, confirmed: false };
        self.log.push(Observation { stamp, payload: Payload::Object(seen) });
    }

    pub(super) fn delete(&mut self, name: &str, phase: &str) {
        self.write(0, Change::Deleted, &object(name, &self.uid(name), phase));
        *self.deleted.entry(name.to_owned()).or_default() += 1;
    }

    pub(super) fn delete_as(&mut self, name: &str, uid: &str, phase: &str) {
        self.write(0, Change::Deleted, &object(name, uid, phase));
    }

    /// This many events: pods pass through phases, and some are deleted and created again with a new uid.
    pub(super) fn story(&mut self, events: usize) {
        let begun = self.log.len();
        for turn in 0.. {
            for name in ["a", "b", "c"] {
                let done = self.log.len() - begun;
                if done == events {
                    return;
                }
                if turn % 4 == 3 {
                    self.delete(name, &format!("Phase{}", turn - 1));
                } else {
                    self.put(name, &format!("Phase{turn}"));
                }
            }
        }
    }

    /// The timeline of what was written, as lines of text.
    pub(super) fn lines(&self) -> Vec<String> {
        lines(&sorted(folded(&self.watches, self.log.clone()), SETTLE))
    }
}

/// Transitions and gaps as lines of text, in order.
pub(super) fn lines(entries: &[Entry]) -> Vec<String> {
    entries.iter().filter_map(line).collect()
}

/// `a/uid-a phase: Phase0 -> Phase1 @7`.
pub(super) fn line(entry: &Entry) -> Option<String> {
    let subject =
        entry.subject.as_ref().map_or("watch".to_owned(), |subject| format!("{}/{}", subject.name, subject.uid));
    match &entry.body {
        Body::Transition(transition) => {
            let label = |state: &statetrail::observation::State| match state.kind {
                StateKind::Absent => "(absent)".to_owned(),
                _ => state.label.to_string(),
            };
            let from = transition.from.as_ref().map_or("-".to_owned(), label);
            let version = entry.resource_version.as_ref().map_or("?".to_owned(), ToString::to_string);
            Some(format!("{subject} {}: {from} -> {} @{version}", transition.track, label(&transition.to)))
        }
        Body::Gap(blind) => Some(format!("{subject} {}", gap(blind))),
        Body::Detailed(_) | Body::Mark(_) | Body::Evidence(_) => None,
    }
}

/// `gap 3..7 HistoryExpired`; `gap 3.. LeftSelection` when it has no end.
pub(super) fn gap(blind: &GapEntry) -> String {
    let version = |version: &Option<statetrail::observation::ResourceVersion>| {
        version.as_ref().map_or(String::new(), ToString::to_string)
    };
    let track = blind.track.as_ref().map_or(String::new(), |track| format!(" on {track}"));
    let reason: GapReason = blind.reason;
    format!("gap{track} {}..{} {reason:?}", version(&blind.from_resource_version), version(&blind.to_resource_version))
}
