//! The sandboxes or the containers of a runtime, without I/O: from events and lists to lines.
//!
//! States only go forward: a container is created, runs, exits, is removed, and a new attempt is another container. So
//! what is older than what is known is recognized and says nothing new, in whichever order it comes; and where a list
//! shows what is known, nothing was missed. Where a list or the status in another event shows more, an event of its own
//! may be on its way. If none comes for a while, there is none, and that is a gap of this object: when it happened, and
//! what came before, is not known.

use super::super::numbered::Lines;
use super::shown::{Of, Shown, Told};
use crate::kinds::{CriDid as Did, CriEvent as Event, CriState as State};
use jiff::Timestamp;
use smol_str::{SmolStr, format_smolstr};
use std::collections::{BTreeMap, HashSet, VecDeque};
use std::time::Duration;

/// How long an event of its own is waited for, after a status has shown what it would tell.
pub(super) const SETTLE: Duration = Duration::from_secs(1);
/// How many objects that are gone are remembered, so that what comes late is not taken for a new one.
const REMEMBERED: usize = 10_000;

const NO_CREATION: &str = "no event told that it was created";
const NO_EVENT: &str = "no event told this state: it was read from a status";
const NO_END: &str = "it was removed, and no event told how it ended, or that it never ran";
const MAYBE_RAN: &str = "it ended, and nothing tells whether it ran before";

/// The objects of one kind.
#[derive(Debug)]
pub(super) struct Machine {
    pub(super) lines: Lines,
    of: Of,
    known: BTreeMap<SmolStr, Known>,
    /// Objects that were shown, and no event told of.
    strangers: BTreeMap<SmolStr, Stranger>,
    gone: HashSet<SmolStr>,
    gone_in_order: VecDeque<SmolStr>,
    /// When the last list was asked for, and the one before.
    looked: Timestamp,
    before: Timestamp,
    /// What is older, by the runtime's clock, and about what is not there, was over before the first list.
    attached: i64,
}

/// An object that is there.
#[derive(Clone, Debug)]
struct Known {
    /// As it was last shown, in the state that was told.
    shown: Shown,
    doubt: Option<Doubt>,
}

/// An object that was shown, and that no event told of yet.
#[derive(Clone, Debug)]
struct Stranger {
    since: Duration,
    shown: Shown,
    /// The last list has it.
    is_there: bool,
}

/// A state that was shown, and not told by an event yet.
#[derive(Clone, Debug)]
struct Doubt {
    since: Duration,
    /// None: it is not there any more.
    shown: Option<Shown>,
    /// The event that told that it was removed.
    removal: Option<Told>,
}

impl Machine {
    /// A machine that knows of nothing, and continues these lines.
    pub(super) fn new(of: Of, lines: Lines) -> Self {
        Self {
            looked: lines.not_before(),
            before: lines.not_before(),
            lines,
            of,
            known: BTreeMap::new(),
            strangers: BTreeMap::new(),
            gone: HashSet::new(),
            gone_in_order: VecDeque::new(),
            attached: i64::MIN,
        }
    }

    /// Says what a list shows that was asked for at `asked`, which is `attached` by the runtime's clock; after a gap, if
    /// something was lost.
    pub(super) fn attach(
        &mut self,
        list: Vec<Shown>,
        lost: Option<(Timestamp, &str)>,
        kind: &SmolStr,
        (asked, attached): (Timestamp, i64),
    ) {
        if let Some((since, why)) = lost {
            self.lines.gap(since, asked, why);
        }
        let before = std::mem::take(&mut self.known);
        self.strangers.clear();
        for mut shown in list {
            shown.name = match before.get(&shown.id) {
                Some(known) => known.shown.name.clone(),
                None => self.name(&shown),
            };
            self.line(Did::Found, &shown, None, true);
            self.known.insert(shown.id.clone(), Known { shown, doubt: None });
        }
        let left: Vec<SmolStr> = before.into_keys().filter(|id| !self.known.contains_key(id)).collect();
        left.into_iter().for_each(|id| self.forget(id));
        self.lines.attached_since(kind, asked);
        (self.looked, self.before, self.attached) = (asked, asked, attached);
    }

    /// Takes an event.
    pub(super) fn told(&mut self, told: Told, now: Duration) {
        let id = told.id.clone();
        let is_of_before = told.created_at < self.attached;
        if self.known.contains_key(&id) {
            self.advance(&told, now);
        } else if !self.gone.contains(&id) && !is_of_before && told.did != Did::Deleted {
            self.begin(&told);
        }
        // The event's own object may be further by now than the event says, too.
        for shown in told.own.into_iter().chain(told.others).filter(|_| !is_of_before) {
            self.shown(shown, now);
        }
    }

    /// The state that an event tells, of what is watched.
    fn state(&self, did: Did) -> State {
        match (self.of, did) {
            (_, Did::Deleted) => State::Removed,
            (Of::Sandboxes, Did::Stopped) => State::NotReady,
            (Of::Sandboxes, _) => State::Ready,
            (Of::Containers, Did::Stopped) => State::Exited,
            (Of::Containers, Did::Started) => State::Running,
            (Of::Containers, _) => State::Created,
        }
    }

    /// An object of which nothing was known.
    fn begin(&mut self, told: &Told) {
        // It is of the other kind, or is not shown: then a list will.
        let Some(own) = &told.own else { return };
        let shown = Shown { name: self.name(own), state: self.state(told.did), ..own.clone() };
        if told.did != Did::Created {
            self.lines.unseen(&shown.id, NO_CREATION.to_owned());
        }
        self.line(told.did, &shown, Some(told), false);
        // What was shown of it before may be further, and is not forgotten.
        let doubt = self.strangers.remove(&told.id).and_then(|Stranger { since, shown: later, is_there }| {
            let later = is_there.then_some(later);
            let is_further = later.as_ref().is_none_or(|later| later.state > shown.state);
            is_further.then_some(Doubt { since, shown: later, removal: None })
        });
        self.known.insert(shown.id.clone(), Known { shown, doubt });
    }

    /// An event of an object that is known.
    fn advance(&mut self, told: &Told, now: Duration) {
        let state = self.state(told.did);
        let Some(known) = self.known.get_mut(&told.id) else { return };
        let before = known.shown.state;
        if state <= before {
            return;
        }
        let mut shown = known.shown.clone();
        if let Some(own) = &told.own {
            (shown.end, shown.started_at) = (own.end.clone(), own.started_at);
        }
        let has_run = shown.started_at > 0;
        match state {
            State::Removed if !matches!(before, State::Exited | State::NotReady) => {
                // What ended it may be told after this.
                let doubt = known.doubt.get_or_insert(Doubt { since: now, shown: None, removal: None });
                (doubt.shown, doubt.removal) = (None, Some(told.clone()));
                return;
            }
            State::Exited if before == State::Created && has_run => {
                // It ended before its start was told.
                let shown = Shown { state: State::Running, end: None, ..shown.clone() };
                self.line(Did::Status, &shown, Some(told), false);
            }
            State::Exited if before == State::Created && told.own.is_none() => {
                self.lines.unseen(&told.id, MAYBE_RAN.to_owned());
            }
            _ => {}
        }
        shown.state = state;
        let removal = self.known.get_mut(&told.id).and_then(|known| {
            known.shown = shown.clone();
            let is_told = known.doubt.as_ref().is_some_and(|doubt| {
                doubt.removal.is_none() && doubt.shown.as_ref().is_some_and(|shown| shown.state <= state)
            });
            if is_told {
                known.doubt = None;
            }
            known.doubt.take_if(|doubt| doubt.removal.is_some() && state >= State::Exited || self.of == Of::Sandboxes)
        });
        self.line(told.did, &shown, Some(told), false);
        if state == State::Removed {
            self.forget(told.id.clone());
        } else if let Some(removal) = removal.and_then(|doubt| doubt.removal) {
            self.advance(&removal, now);
        }
    }

    /// A status: of a list, or of an event, which may be newer than the event, and of other objects, too.
    fn shown(&mut self, shown: Shown, now: Duration) {
        if let Some(known) = self.known.get_mut(&shown.id) {
            if shown.state <= known.shown.state {
                return;
            }
            let doubt = known.doubt.get_or_insert(Doubt { since: now, shown: Some(shown.clone()), removal: None });
            doubt.shown.iter_mut().for_each(|before| before.learn(shown.clone()));
        } else if !self.gone.contains(&shown.id) {
            let new = || Stranger { since: now, shown: shown.clone(), is_there: true };
            self.strangers.entry(shown.id.clone()).or_insert_with(new).shown.learn(shown);
        }
    }

    /// Compares with a list that was asked for at `asked`, after all that had come was taken.
    pub(super) fn look(&mut self, list: Vec<Shown>, asked: Timestamp, now: Duration) {
        let there: HashSet<SmolStr> = list.iter().map(|shown| shown.id.clone()).collect();
        list.into_iter().for_each(|shown| self.shown(shown, now));
        for (_, known) in self.known.iter_mut().filter(|(id, _)| !there.contains(*id)) {
            known.doubt.get_or_insert(Doubt { since: now, shown: None, removal: None });
        }
        self.strangers.iter_mut().for_each(|(id, stranger)| stranger.is_there = there.contains(id));
        self.before = std::mem::replace(&mut self.looked, asked);
    }

    /// What came while the last list was asked for was taken: if that left no doubt, everything up to the list before was
    /// told. An event is taken to come before the next list is asked for; if one comes later, it says itself when it was
    /// made.
    pub(super) fn prove(&mut self) {
        if !self.is_in_doubt() {
            self.lines.delivered_until(self.before.max(self.lines.not_before()));
        }
    }

    /// True while something was shown that no event told yet.
    pub(super) fn is_in_doubt(&self) -> bool {
        !self.strangers.is_empty() || self.known.values().any(|known| known.doubt.is_some())
    }

    /// What no event will tell any more.
    pub(super) fn due(&self, now: Duration) -> Vec<SmolStr> {
        let is_due = |since: Duration| now.saturating_sub(since) >= SETTLE;
        let doubted =
            self.known.iter().filter(|(_, known)| known.doubt.as_ref().is_some_and(|doubt| is_due(doubt.since)));
        let strangers = self.strangers.iter().filter(|(_, stranger)| is_due(stranger.since));
        doubted.map(|(id, _)| id).chain(strangers.map(|(id, _)| id)).cloned().collect()
    }

    /// Says what no event told: a gap of each, and then what is known of it. `seen` is what was asked about them.
    pub(super) fn settle(&mut self, due: &[SmolStr], seen: Vec<Shown>) {
        for shown in seen {
            if let Some(stranger) = self.strangers.get_mut(&shown.id) {
                stranger.shown = shown;
            } else if let Some(doubt) = self.known.get_mut(&shown.id).and_then(|known| known.doubt.as_mut()) {
                doubt.shown.iter_mut().for_each(|before| before.learn(shown.clone()));
            }
        }
        for id in due {
            if let Some(Stranger { shown, is_there, .. }) = self.strangers.remove(id) {
                self.lines.unseen(id, NO_CREATION.to_owned());
                if !is_there {
                    self.forget(id.clone());
                    continue;
                }
                let shown = Shown { name: self.name(&shown), ..shown };
                self.line(Did::Status, &shown, None, false);
                self.known.insert(id.clone(), Known { shown, doubt: None });
            } else if let Some(known) = self.known.get_mut(id)
                && let Some(doubt) = known.doubt.take()
            {
                self.settle_one(id, doubt);
            }
        }
    }

    fn settle_one(&mut self, id: &SmolStr, doubt: Doubt) {
        let Some(known) = self.known.get_mut(id) else { return };
        let has_ended = matches!(known.shown.state, State::Exited | State::NotReady);
        match doubt.shown {
            Some(shown) => {
                let Shown { state, end, started_at, .. } = shown;
                known.shown = Shown { state, end, started_at, ..known.shown.clone() };
                let shown = known.shown.clone();
                self.lines.unseen(id, NO_EVENT.to_owned());
                self.line(Did::Status, &shown, None, false);
            }
            None => {
                let shown = Shown { state: State::Removed, end: None, ..known.shown.clone() };
                self.lines.unseen(id, if has_ended { NO_EVENT } else { NO_END }.to_owned());
                let did = if doubt.removal.is_some() { Did::Deleted } else { Did::Found };
                self.line(did, &shown, doubt.removal.as_ref(), false);
                self.forget(id.clone());
            }
        }
    }

    /// Says whether what is there is what was recorded.
    pub(super) fn fence(&mut self) {
        let doubted = self.known.values().filter(|known| known.doubt.is_some()).map(|known| &known.shown);
        let names: Vec<&str> = doubted
            .chain(self.strangers.values().map(|stranger| &stranger.shown))
            .map(|shown| shown.name.as_str())
            .collect();
        let missing = names.join(", ");
        self.lines.fence(missing);
    }

    /// A name that nothing else has that is there: a pod may be made again before the sandbox of the one before is gone.
    fn name(&self, shown: &Shown) -> SmolStr {
        let is_taken = |name: &str| {
            let mut others = self.known.values().map(|known| &known.shown).filter(|other| other.id != shown.id);
            others.any(|other| other.name == name && other.namespace == shown.namespace)
        };
        if !is_taken(&shown.name) {
            return shown.name.clone();
        }
        let short: String = shown.id.chars().take(12).collect();
        format_smolstr!("{}.{short}", shown.name)
    }

    fn forget(&mut self, id: SmolStr) {
        self.known.remove(&id);
        if self.gone.insert(id.clone()) {
            self.gone_in_order.push_back(id);
        }
        if self.gone.len() > REMEMBERED
            && let Some(oldest) = self.gone_in_order.pop_front()
        {
            self.gone.remove(&oldest);
        }
    }

    fn line(&mut self, did: Did, shown: &Shown, told: Option<&Told>, listed: bool) {
        let end = shown.end.as_ref().filter(|_| shown.state == State::Exited);
        let event = Event {
            did,
            state: shown.state,
            pod: shown.pod.clone(),
            container: shown.container.clone(),
            attempt: shown.attempt,
            namespace: shown.namespace.clone(),
            pod_uid: shown.pod_uid.clone(),
            sandbox: shown.sandbox.clone(),
            exit_code: end.map(|end| end.exit_code),
            reason: end.map(|end| end.reason.clone()).unwrap_or_default(),
            created_at: told.map(|told| told.created_at),
            started_at: Some(shown.started_at).filter(|time| *time > 0),
            finished_at: end.map(|end| end.finished_at).filter(|time| *time > 0),
        };
        match told {
            Some(told) if told.begun < self.lines.not_before() => {
                self.lines.late_event(&shown.name, &shown.id, &event, told.begun);
            }
            _ => self.lines.event(&shown.name, &shown.id, &event, listed),
        }
    }
}
