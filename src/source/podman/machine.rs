//! Podman's log of events, without I/O: from events and lists to lines.
//!
//! The log has an order of its own, in which a stream and a whole reading deliver it: what comes after the last event
//! that was taken is new. That event, the anchor, must come again after every interruption; if it does not, events may
//! have been dropped from the log, and everything is listed after a gap.

use super::super::clock::STEP_MICROS;
use super::super::numbered::Lines;
use super::lives::Lives;
use super::message::{Anchor, Event, Look};
use crate::kinds::{PODMAN_CREATE as CREATE, PODMAN_REMOVE as REMOVE, PodmanEvent as Recorded};
use crate::observation::Raw;
use jiff::Timestamp;
use smol_str::{SmolStr, format_smolstr};
use std::collections::{HashMap, HashSet, VecDeque};

/// What a watch is of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Sort {
    Container,
    Pod,
    Image,
    Volume,
}

/// Why everything must be listed again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Lost {
    /// The last event is not in the log any more.
    Anchor,
    /// An event before the last one is in the log, and was not delivered.
    Undelivered,
    /// Podman set the states of everything without an event for each.
    Refresh,
}

impl Lost {
    pub(super) fn words(self) -> &'static str {
        match self {
            Self::Anchor => "the last event recorded is not in Podman's log any more, and with it others may be gone",
            Self::Undelivered => "Podman's stream left out an event that is in its log",
            Self::Refresh => "Podman refreshed the states of all objects, as after a restart of the machine",
        }
    }
}

/// Why what is listed does not follow from what was recorded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Missed {
    /// No recorder ran since then, and the log does not say what happened.
    NotRun(Timestamp),
    /// What was lost.
    Lost(Lost),
}

/// How the times of events are read.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Reading {
    /// By how many nanoseconds the wall clock, which Podman reads, may be ahead of the recorder's; none where nothing
    /// is known.
    pub ahead: Option<i64>,
    /// When the event was read.
    pub at: Timestamp,
    /// When the container of the event ended, in nanoseconds; none where a look did not show it.
    pub ended: Option<i64>,
}

/// The action of the end of a container.
pub(super) const DIED: &str = "died";

const OUT_OF_ORDER: &str = "Podman logged this event after a later one, so that their order is not certain";
const UNPROVEN: &str = "Podman says this of a failed attempt, too, and a look did not show it";
const NO_END: &str = "no event said how it had ended before that";
const NOT_UNDONE: &str = "it was initialized before, and no event said that this was undone";
const NOT_SHOWN: &str = "Podman cleaned it up, and a look did not show whether it is still initialized";
const UNKNOWN: &str = "Podman did not list it, and its creation was not seen";

/// How many events are remembered, so that one that comes again is not taken twice, and one that is left out is noticed:
/// more than the log has at its size of 1 MB.
const RECENT: usize = 8192;

/// An object that is there.
#[derive(Clone, Debug)]
pub(super) struct Known {
    pub name: SmolStr,
    /// The state of a container; empty where it is not known, which is a gap. Of one that was checkpointed, the one that
    /// a look showed, if there was one.
    pub state: SmolStr,
    /// When Podman made its last event; of a volume, when it was created.
    pub time_nano: i64,
    /// When Podman made the event that led to its state; 0 where none was seen.
    pub since: i64,
}

impl Known {
    /// An object without a state that is known.
    fn new(name: &SmolStr, time_nano: i64) -> Self {
        Self { name: name.clone(), state: SmolStr::default(), time_nano, since: 0 }
    }
}

/// The objects of one sort.
#[derive(Debug)]
pub(super) struct Machine {
    pub(super) lines: Lines,
    pub(super) sort: Sort,
    address: SmolStr,
    /// By uid.
    pub(super) known: HashMap<SmolStr, Known>,
    /// The uids of volumes, by name.
    pub(super) volumes: HashMap<SmolStr, SmolStr>,
    /// When a list was asked for last.
    pub(super) listed: Timestamp,
    pub(super) lives: Lives,
    anchor: Option<Anchor>,
    /// The last event when the log was read as a whole, or the first one after it if there was none.
    read: Option<Anchor>,
    recent: (VecDeque<Anchor>, HashSet<Anchor>),
    /// The stream has not come to the anchor yet.
    is_skipping: bool,
    /// The latest time of an event that changed something.
    newest: i64,
}

impl Sort {
    /// The sort of objects of a resource.
    pub(super) fn of(plural: &str) -> Option<Self> {
        let all = [Self::Container, Self::Pod, Self::Image, Self::Volume];
        let singular = plural.strip_suffix('s')?;
        all.into_iter().find(|sort| singular.ends_with(sort.word()))
    }

    /// The type of its events.
    pub(super) fn word(self) -> &'static str {
        match self {
            Self::Container => "container",
            Self::Pod => "pod",
            Self::Image => "image",
            Self::Volume => "volume",
        }
    }

    /// Where all are listed.
    pub(super) fn list(self) -> &'static str {
        match self {
            Self::Container => "/v4.0.0/libpod/containers/json?all=true",
            Self::Pod => "/v4.0.0/libpod/pods/json",
            Self::Image => "/v4.0.0/libpod/images/json",
            Self::Volume => "/v4.0.0/libpod/volumes/json",
        }
    }
}

impl Machine {
    /// A machine that knows nothing yet.
    pub(super) fn new(lines: Lines, sort: Sort, address: &str) -> Self {
        Self {
            lines,
            sort,
            address: address.into(),
            known: HashMap::new(),
            volumes: HashMap::new(),
            listed: Timestamp::UNIX_EPOCH,
            lives: Lives::default(),
            anchor: None,
            read: None,
            recent: (VecDeque::new(), HashSet::new()),
            is_skipping: false,
            newest: i64::MIN,
        }
    }

    /// Continues after what an earlier recorder left: the last line of each object, those of which something was not seen
    /// since, and the last event.
    pub(super) fn recall<'a>(&mut self, lines: impl Iterator<Item = &'a Raw>, doubted: &HashSet<SmolStr>, last: &Raw) {
        let read = |raw: &Raw| serde_json::from_str::<Recorded>(raw.event.get()).ok();
        let mut lines: Vec<&Raw> = lines.collect();
        lines.sort_by_key(|raw| raw.resource_version.number());
        for raw in lines {
            if self.sort == Sort::Container {
                self.lives.began(&raw.uid);
            }
            let Some(event) = read(raw) else { continue };
            if event.action == REMOVE {
                self.lives.ended(&raw.uid);
                continue;
            }
            let time_nano = match self.sort {
                Sort::Volume => raw.uid.rsplit_once('@').and_then(|(_, time)| time.parse().ok()).unwrap_or_default(),
                _ => event.time_nano.unwrap_or_default(),
            };
            let state = event.container_state().filter(|_| !doubted.contains(&raw.uid)).unwrap_or_default();
            self.know(&raw.uid, Known { name: raw.name.clone(), state, time_nano, since: 0 });
        }
        if let Some(Recorded { action, time_nano: Some(time_nano), .. }) = read(last) {
            self.anchor = Some(Anchor { time_nano, kind: SmolStr::new_static(self.sort.word()), action });
        }
    }

    /// True when something was taken or listed, from where it can go on.
    pub(super) fn has_anchor(&self) -> bool {
        self.anchor.is_some()
    }

    /// The time of the anchor, in seconds.
    pub(super) fn anchored_at(&self) -> Option<i64> {
        self.anchor.as_ref().map(|anchor| anchor.time_nano.div_euclid(1_000_000_000))
    }

    /// A stream was opened: what it delivers up to the anchor is known.
    pub(super) fn opened(&mut self) {
        self.is_skipping = self.anchor.is_some();
    }

    /// True while the stream has not come to the anchor.
    pub(super) fn is_skipping(&self) -> bool {
        self.is_skipping
    }

    /// True for an event of the stream that was taken before.
    pub(super) fn has_taken(&mut self, event: &Event) -> bool {
        if !self.is_skipping {
            return self.recent.1.contains(&event.anchor());
        }
        self.is_skipping = !self.anchor.as_ref().is_some_and(|anchor| event.is(anchor));
        true
    }

    /// True for the event by which a stream says that Podman cut the log, if it was not seen before. What the stream had
    /// not delivered by then may be left out.
    pub(super) fn is_cut(&mut self, event: &Event) -> bool {
        event.is_rotation() && self.remember(event.anchor())
    }

    /// The part of the log, read since a second, that is new.
    ///
    /// # Errors
    /// The anchor is not in it, or what was in it when it was read last: it was emptied, and what stood in it, but was
    /// not delivered, is lost. Or one before the anchor was not delivered.
    pub(super) fn news<'a>(&self, log: &'a [Event], since: i64) -> Result<&'a [Event], Lost> {
        let mut begin = 0;
        if let Some(read) = &self.read {
            let is_older = read.time_nano.div_euclid(1_000_000_000) < since;
            // Where Podman cuts the log, it says so there.
            let is_cut = || log.iter().any(|event| event.is_rotation() && event.time_nano >= read.time_nano);
            match log.iter().rposition(|event| event.is(read)) {
                Some(at) => begin = at + 1,
                None if is_older || is_cut() => {}
                None => return Err(Lost::Anchor),
            }
        }
        let new = match &self.anchor {
            Some(anchor) => log.iter().rposition(|event| event.is(anchor)).map(|at| at + 1),
            // Nothing was in the log, so all that it had since must be there.
            None => (!log.iter().any(Event::is_rotation)).then_some(0),
        };
        let new = new.ok_or(Lost::Anchor)?;
        let mut known = log.get(begin..new).unwrap_or_default().iter().rev().take(RECENT);
        // Of the two events of a cut, the stream has the later one.
        let is_known = |event: &Event| event.is_rotation() || self.recent.1.contains(&event.anchor());
        if self.read.is_some() && !known.all(is_known) {
            return Err(Lost::Undelivered);
        }
        Ok(&log[new..])
    }

    /// The log was read as a whole, and what was new in it was taken.
    pub(super) fn was_read(&mut self) {
        self.read.clone_from(&self.anchor);
    }

    /// Takes the next event of the log.
    ///
    /// # Errors
    /// Everything must be listed again.
    pub(super) fn take(&mut self, event: &Event, look: Look, reading: Reading) -> Result<(), Lost> {
        self.anchor_at(event.anchor());
        match event.kind.as_str() {
            "system" if event.action == "refresh" => return Err(Lost::Refresh),
            kind if kind != self.sort.word() => {}
            _ => match self.sort {
                Sort::Container => self.container(event, look, reading),
                Sort::Pod => self.pod(event, reading),
                Sort::Image => self.image(event, reading),
                Sort::Volume => self.volume(event, reading),
            },
        }
        Ok(())
    }

    /// What comes after this log is new.
    pub(super) fn begin_after(&mut self, log: &[Event]) {
        self.anchor = None;
        self.recent = (VecDeque::new(), HashSet::new());
        self.newest = i64::MIN;
        log.iter().for_each(|event| self.anchor_at(event.anchor()));
        self.was_read();
    }

    fn anchor_at(&mut self, anchor: Anchor) {
        self.remember(anchor.clone());
        self.read.get_or_insert_with(|| anchor.clone());
        self.anchor = Some(anchor);
    }

    /// Remembers an event; false if it was known.
    fn remember(&mut self, anchor: Anchor) -> bool {
        let (order, all) = &mut self.recent;
        if !all.insert(anchor.clone()) {
            return false;
        }
        order.push_back(anchor);
        if order.len() > RECENT
            && let Some(oldest) = order.pop_front()
        {
            all.remove(&oldest);
        }
        true
    }

    fn container(&mut self, event: &Event, look: Look, reading: Reading) {
        // What is removed before its creation is seen was gone when everything was listed.
        if event.actor.id.is_empty() || self.of(event).is_none() && event.action == REMOVE || self.is_refused(event) {
            return;
        }
        if event.action == CREATE && self.of(event).is_none() {
            self.lives.begin(&event.actor.id, &self.lines.version());
        }
        let (id, known) = (&self.lives.uid(&event.actor.id).clone(), self.of(event));
        let name = known.map_or_else(|| self.free(id, &named(event)), |known| known.name.clone());
        let before = known.map(|known| (known.state.clone(), known.time_nano, known.since));
        if before.is_none() && event.action != CREATE {
            self.unseen(id, &name, event, UNKNOWN);
            self.know(id, Known::new(&name, event.time_nano));
        }
        let (before, last, began) = before.unwrap_or_default();
        // Podman says that a container died before it removes it or starts it again, unless nothing told Podman.
        let has_run = matches!(before.as_str(), "running" | "paused" | "restored" | "checkpointed");
        if has_run && matches!(event.action.as_str(), REMOVE | "init" | "start") {
            self.unseen(id, &name, event, NO_END);
        }
        let is_initialized = before == "initialized";
        if is_initialized && event.action == "init" {
            self.unseen(id, &name, event, NOT_UNDONE);
        }
        let mut recorded = recorded(event);
        let state = match (recorded.container_state(), look) {
            (None, Look::Spared) => before.clone(),
            (Some(says), Look::Spared) => {
                self.in_order(id, &name, event);
                says
            }
            (Some(says), Look::Saw(saw)) if self.is_proven(event, saw.as_ref()) => {
                self.in_order(id, &name, event);
                says
            }
            (Some(says), Look::Saw(saw)) if event.action == "checkpoint" && event.time_nano >= last => {
                self.in_order(id, &name, event);
                saw.filter(|saw| matches!(saw.as_str(), "running" | "exited")).unwrap_or(says)
            }
            (says, Look::Saw(saw)) => {
                if says.is_some() {
                    let why = if event.time_nano < last { OUT_OF_ORDER } else { UNPROVEN };
                    self.unseen(id, &name, event, why);
                    self.newest = self.newest.max(event.time_nano);
                } else if is_initialized && saw.is_none() {
                    self.unseen(id, &name, event, NOT_SHOWN);
                }
                recorded.state = saw;
                recorded.state.as_ref().and_then(|_| recorded.container_state()).unwrap_or_default()
            }
        };
        let (is_known, time_nano) = (!state.is_empty(), event.time_nano.max(last));
        if event.action == REMOVE {
            self.known.remove(id);
            self.lives.ended(id);
        } else {
            let since = if state == before { began } else { event.time_nano };
            self.know(id, Known { name: name.clone(), state, time_nano, since });
        }
        // A line would end the gap with a state that is not known, or say that a container still ran which is only asked
        // to end, or cleaned up.
        let says_nothing = has_run && matches!(event.action.as_str(), "stop" | "kill" | "cleanup");
        if is_known && !says_nothing {
            match self.ended(event, began, reading) {
                Some(ended) => self.lines.late_event(&name, id, &recorded, ended),
                None => self.lines.event_since(&name, id, &recorded, since(event.time_nano, reading)),
            }
        }
    }

    /// The earliest moment at which a container can have ended of which Podman says so: when a look shows that it did,
    /// or else after it was in the state before, which it was in since `began`. None for another event.
    fn ended(&self, event: &Event, began: i64, reading: Reading) -> Option<Timestamp> {
        if !self.is_end(event) {
            return None;
        }
        let shown = reading.ended.filter(|ended| (began..=event.time_nano).contains(ended));
        let made = shown.or(Some(began).filter(|began| *began > 0));
        Some(made.and_then(|made| since(made, reading)).unwrap_or(self.listed))
    }

    fn pod(&mut self, event: &Event, reading: Reading) {
        let (id, known) = (&event.actor.id, self.known.get(&event.actor.id));
        if id.is_empty() || known.is_none() && event.action == REMOVE {
            return;
        }
        let name = known.map_or_else(|| self.free(id, &named(event)), |known| known.name.clone());
        if known.is_none() && event.action != CREATE {
            self.unseen(id, &name, event, UNKNOWN);
        }
        self.in_order(id, &name, event);
        if event.action == REMOVE {
            self.known.remove(id);
        } else {
            self.know(id, Known::new(&name, event.time_nano));
        }
        self.lines.event_since(&name, id, &recorded(event), since(event.time_nano, reading));
    }

    /// Podman identifies volumes by name: the time at which one was created tells it from an earlier one.
    fn volume(&mut self, event: &Event, reading: Reading) {
        let name = event.name();
        let uid = match (event.action.as_str(), self.volumes.get(name)) {
            (CREATE, _) => format_smolstr!("{name}@{}", event.time_nano),
            (_, Some(uid)) => uid.clone(),
            _ => return,
        };
        self.in_order(&uid, name, event);
        match event.action.as_str() {
            CREATE => {
                self.know(&uid, Known::new(name, event.time_nano));
            }
            REMOVE => {
                self.known.remove(&uid);
                self.volumes.remove(name);
            }
            _ => {}
        }
        self.lines.event_since(name, &uid, &recorded(event), since(event.time_nano, reading));
    }

    fn image(&mut self, event: &Event, reading: Reading) {
        let (id, name) = (&event.actor.id, event.name());
        let mut recorded = recorded(event);
        let is_build = event.action == "build";
        recorded.id = Some(if is_build { name } else { id }).filter(|id| !id.is_empty()).cloned();
        let name = match name.as_str() {
            "" if is_build => format_smolstr!("build-{}", event.time_nano),
            "" => id.clone(),
            // It was named by the beginning of its identity.
            short if id.starts_with(short) => id.clone(),
            _ => name.clone(),
        };
        let uid = self.image_uid(&name);
        self.lines.event_since(&name, &uid, &recorded, since(event.time_nano, reading));
    }

    pub(super) fn image_uid(&self, name: &str) -> SmolStr {
        format_smolstr!("{:08x}-{}#{name}", crc32c::crc32c(name.as_bytes()), self.address)
    }

    /// The container of an event, if it is there.
    pub(super) fn of(&self, event: &Event) -> Option<&Known> {
        self.known.get(self.lives.uid(&event.actor.id))
    }

    /// Something of an object was not seen, up to an event.
    fn unseen(&mut self, uid: &SmolStr, name: &str, event: &Event, why: &str) {
        self.lines.unseen(uid, format!("{name}: {}: {why}", event.action));
    }

    fn in_order(&mut self, uid: &SmolStr, name: &str, event: &Event) {
        if event.time_nano < self.newest {
            self.unseen(uid, name, event, OUT_OF_ORDER);
        }
        self.newest = self.newest.max(event.time_nano);
    }

    /// A name that no other object has that is there: one that was renamed keeps the name under which it was seen first.
    pub(super) fn free(&self, id: &str, name: &SmolStr) -> SmolStr {
        let is_taken = self.known.iter().any(|(uid, known)| uid != id && known.name == *name);
        if is_taken { with_id(name, id) } else { name.clone() }
    }

    pub(super) fn know(&mut self, uid: &SmolStr, known: Known) {
        if self.sort == Sort::Volume {
            self.volumes.insert(known.name.clone(), uid.clone());
        }
        self.known.insert(uid.clone(), known);
    }
}

/// An event as it is recorded.
pub(super) fn recorded(event: &Event) -> Recorded {
    let attributes = event.actor.attributes.as_ref();
    // Before Podman 5 it is 0 in all others.
    let code = attributes.filter(|_| event.kind == "container" && event.action == DIED);
    let image = attributes.filter(|_| event.kind == "container").map(|attributes| attributes.image.clone());
    Recorded {
        action: event.action.clone(),
        time_nano: Some(event.time_nano),
        exit_code: code.and_then(|attributes| attributes.exit_code.parse().ok()),
        image: image.filter(|image| !image.is_empty()),
        ..Recorded::default()
    }
}

/// A name with the first twelve digits of an id.
fn with_id(name: &str, id: &str) -> SmolStr {
    let short: String = id.chars().take(12).collect();
    format_smolstr!("{name}-{short}")
}

fn named(event: &Event) -> SmolStr {
    Some(event.name()).filter(|name| !name.is_empty()).unwrap_or(&event.actor.id).clone()
}

/// The earliest moment at which Podman can have made an event, by the recorder's clock. It is of the same machine; that
/// its clock was set by less than a step is not noticed.
fn since(time_nano: i64, reading: Reading) -> Option<Timestamp> {
    let nanos = time_nano.checked_sub(reading.ahead?)?;
    let since = Timestamp::from_microsecond(nanos.div_euclid(1000) - STEP_MICROS).ok()?;
    (since <= reading.at).then_some(since)
}
