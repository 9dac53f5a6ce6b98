//! Converts the segments of one watch to lines of a recording: lists, attachments, events and gaps.

use super::Note;
use super::item::{Item, Said};
use super::segment::{Begin, Segment};
use super::watches::Group;
use crate::observation::{
    Attached, Change, Gap, GapReason, Object, ObjectEvent, Payload, ResourceVersion, Undecodable, Watch, WatchId,
};
use jiff::Timestamp;
use smol_str::SmolStr;
use std::collections::{HashMap, HashSet};
use std::hash::{DefaultHasher, Hash, Hasher};

/// A line without its place and time in the recording.
#[derive(Debug)]
pub(super) struct Line {
    /// Its version as a number, if it has one.
    pub revision: Option<u64>,
    /// When it was received, if the input has that. Inserted lines have the time of their neighbour.
    pub received: Option<Timestamp>,
    /// The newest timestamp in it.
    pub stamped: Option<Timestamp>,
    /// The payload. The times of gaps are not known yet.
    pub payload: Payload,
    /// Of a gap: it lasts to the end of the watch.
    pub is_lasting: bool,
}

/// The lines of a watch, in its own order.
pub(super) fn lines(id: WatchId, group: Group, notes: &mut Vec<Note>) -> (Watch, Vec<Line>) {
    let Group { watch, segments, is_mixed } = group;
    let mut stream = Stream {
        watch: id,
        kind: watch.resource.kind.clone(),
        is_part: watch.can_be_left(),
        lines: Vec::new(),
        known: HashSet::new(),
        last: None,
        seen: if is_mixed { Seen::Mixed } else { Seen::Watched },
        hides: None,
        is_listed: false,
        gone: HashSet::new(),
        names: HashMap::new(),
        contents: HashMap::new(),
    };
    for segment in segments {
        stream.segment(segment, &watch, notes);
    }
    (watch, stream.lines)
}

/// How the objects were seen.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Seen {
    /// By one watch.
    Watched,
    /// By reads now and then.
    Polled,
    /// Perhaps by several watches, of one namespace and of all.
    Mixed,
}

struct Stream {
    watch: WatchId,
    kind: SmolStr,
    /// True for a selection, which objects may leave and enter again.
    is_part: bool,
    lines: Vec<Line>,
    known: HashSet<SmolStr>,
    /// The last version.
    last: Option<ResourceVersion>,
    seen: Seen,
    /// Why the current list may be incomplete; then missing objects are not deleted.
    hides: Option<GapReason>,
    /// True when a complete list was read, and nothing was lost since.
    is_listed: bool,
    /// Objects whose last event was a deletion.
    gone: HashSet<SmolStr>,
    /// The newest object of each namespace and name.
    names: HashMap<(SmolStr, SmolStr), SmolStr>,
    /// The last version of each object, and a hash of its content.
    contents: HashMap<SmolStr, (ResourceVersion, u64)>,
}

impl Stream {
    fn segment(&mut self, segment: Segment, watch: &Watch, notes: &mut Vec<Note>) {
        note(&segment, watch, self.lines.is_empty(), notes);
        if self.seen != Seen::Mixed {
            self.seen = if is_polled(&segment) { Seen::Polled } else { Seen::Watched };
        }
        let is_whole = segment.is_whole();
        let newest = segment.items().filter_map(version).last().unwrap_or_default();
        let Segment { begin, listed, closing, live, is_placed, .. } = segment;
        let is_first = self.lines.is_empty();
        let known = listed.iter().chain(&closing).find_map(|item| match &item.said {
            Said::List { version, .. } | Said::Bookmark { version, .. } => Some(version.clone()),
            _ => None,
        });
        let beginning = listed.iter().chain(&closing).chain(&live).next().map(Time::of).unwrap_or_default();
        if !is_first {
            let to = known
                .clone()
                .filter(is_set)
                .or_else(|| listed.iter().chain(&live).filter_map(version).find(is_set))
                .or_else(|| self.last.clone())
                .unwrap_or_default();
            let reason = if begin == Begin::Ended(410) { GapReason::HistoryExpired } else { GapReason::Unrecorded };
            self.gap(reason, to, beginning);
        } else if self.seen != Seen::Watched {
            // Of what is asked for now and then, nothing between two answers was seen, of whatever object.
            self.gap(GapReason::Unrecorded, newest, beginning);
            self.lines.iter_mut().for_each(|line| line.is_lasting = true);
        }
        if !is_placed {
            return;
        }
        let mut end = beginning;
        self.hides = None;
        for item in listed {
            end = Time::of(&item);
            self.listed(item);
        }
        // A birth cannot be distinguished from the list of a stream that was opened again, unless something ends the lists.
        if is_first && is_whole && self.seen != Seen::Mixed {
            let version = known.filter(is_set).or_else(|| self.newest_listed()).unwrap_or_default();
            end = closing.as_ref().map_or(end, Time::of);
            let what = self.attached(version.clone());
            self.push(Some(&version), end, what);
        } else if !is_first
            && let Some(item) = closing
            && let Said::Bookmark { version, .. } = &item.said
        {
            // Only if the server had ended the watch is a new list certainly of the same objects: then those not in
            // it are deleted. Joined files may come from watches of different objects.
            let what = match begin {
                Begin::Ended(_) if self.hides.is_none() => self.attached(version.clone()),
                _ => Payload::Bookmark { watch: self.watch, resource_version: version.clone() },
            };
            end = Time::of(&item);
            self.push(Some(version), end, what);
        }
        let is_hidden = self.hides.is_some();
        // Not within the list: lines before a gap are taken for the state before the list.
        if let Some(reason) = self.hides.take() {
            self.gap(reason, self.last.clone().unwrap_or_default(), end);
        }
        self.is_listed = is_whole && !is_hidden;
        for item in live {
            self.live(item);
        }
    }

    fn attached(&self, resource_version: ResourceVersion) -> Payload {
        Payload::Attached(Attached { watch: self.watch, resource_version, kind: self.kind.clone(), not_before: None })
    }

    fn listed(&mut self, item: Item) {
        let time = Time::of(&item);
        match item.said {
            Said::Event(_, object) | Said::Bare(object) => self.listed_object(object, time),
            Said::List { items, is_page, .. } => {
                if is_page {
                    self.hides.get_or_insert(GapReason::Unrecorded);
                }
                for item in items {
                    match item {
                        Ok(object) => self.listed_object(object, time),
                        Err(unreadable) => self.unreadable_listed(unreadable, time),
                    }
                }
            }
            Said::Unreadable(unreadable) => self.unreadable_listed(unreadable, time),
            Said::Bookmark { .. } | Said::Ended(_) => {}
        }
    }

    fn live(&mut self, item: Item) {
        let time = Time::of(&item);
        match item.said {
            Said::Event(change, object) => self.event(change, object, time),
            Said::Bare(object) => {
                let is_new = !self.known.contains(&object.uid);
                let change = if is_new || self.seen != Seen::Watched { Change::Listed } else { Change::Modified };
                self.object(change, object, time);
            }
            Said::Bookmark { version, .. } => {
                self.push(
                    Some(&version),
                    time,
                    Payload::Bookmark { watch: self.watch, resource_version: version.clone() },
                );
            }
            Said::Unreadable(unreadable) => self.unreadable(unreadable, time),
            Said::List { .. } | Said::Ended(_) => {}
        }
    }

    fn listed_object(&mut self, object: Object, time: Time) {
        if self.is_other(&object) {
            self.hides.get_or_insert(GapReason::Contradicted);
        }
        self.gone.remove(&object.uid);
        self.object(Change::Listed, object, time);
    }

    /// An event that contradicts earlier ones shows that something was lost.
    fn event(&mut self, change: Change, object: Object, time: Time) {
        let version = &object.resource_version;
        let last = self.contents.get(&object.uid).map(|(last, _)| last);
        let is_old = last.is_some_and(|last| last == version || version.is_covered_by(last));
        let is_never_added = change != Change::Added && self.is_listed && !self.known.contains(&object.uid);
        let is_after_its_end = self.gone.contains(&object.uid) && !is_old && !(change == Change::Added && self.is_part);
        // Another object has had the name, and nobody said that it went.
        let holder = self.names.get(&name(&object)).filter(|holder| **holder != object.uid);
        let is_replaced = !is_old && holder.is_some_and(|holder| !self.gone.contains(holder));
        if is_never_added || is_after_its_end || is_replaced {
            self.gap(GapReason::Contradicted, object.resource_version.clone(), time);
        }
        // A deletion may have the version of the last change.
        let is_other = change != Change::Deleted && self.is_other(&object);
        if change == Change::Deleted {
            self.gone.insert(object.uid.clone());
        } else if !is_old {
            self.gone.remove(&object.uid);
        }
        let version = object.resource_version.clone();
        self.object(change, object, time);
        // After it: of two contents for one version, it is unknown which is right.
        if is_other {
            self.gap(GapReason::Contradicted, version, time);
        }
    }

    /// True when the version was delivered before with another content.
    fn is_other(&self, object: &Object) -> bool {
        let before = self.contents.get(&object.uid);
        before.is_some_and(|(version, content)| *version == object.resource_version && *content != hashed(object))
    }

    fn object(&mut self, change: Change, object: Object, time: Time) {
        self.known.insert(object.uid.clone());
        self.names.insert(name(&object), object.uid.clone());
        let version = object.resource_version.clone();
        if self.contents.get(&object.uid).is_none_or(|(last, _)| !version.is_covered_by(last)) {
            self.contents.insert(object.uid.clone(), (version.clone(), hashed(&object)));
        }
        let (watch, not_before, healed, confirmed) = (self.watch, None, false, false);
        self.push(
            Some(&version),
            time,
            Payload::Object(ObjectEvent { watch, change, object, not_before, healed, confirmed }),
        );
    }

    /// An undecodable item of a list updates its object's version, if the object can be identified.
    fn unreadable_listed(&mut self, unreadable: Undecodable, time: Time) {
        match &unreadable.uid {
            Some(uid) => _ = self.known.insert(uid.clone()),
            None => self.hides = Some(GapReason::Undecodable),
        }
        let version = unreadable.resource_version.clone();
        let what = Payload::Undecodable(Undecodable { watch: self.watch, ..unreadable });
        self.push(version.as_ref(), time, what);
    }

    /// An undecodable event is kept. If its object cannot be identified, it may be about any object.
    fn unreadable(&mut self, unreadable: Undecodable, time: Time) {
        let Undecodable { uid, resource_version: version, .. } = &unreadable;
        let is_of_known = uid.as_ref().is_some_and(|uid| self.known.contains(uid));
        let to = version.clone().or_else(|| self.last.clone()).unwrap_or_default();
        let from = self.last.clone();
        let version = version.clone();
        let what = Payload::Undecodable(Undecodable { watch: self.watch, ..unreadable });
        self.push(version.as_ref(), time, what);
        if !is_of_known {
            self.last = from;
            self.gap(GapReason::Undecodable, to, time);
        }
    }

    fn gap(&mut self, reason: GapReason, to: ResourceVersion, time: Time) {
        self.is_listed = false;
        let what = Payload::Gap(Gap {
            watch: self.watch,
            from_resource_version: self.last.clone().unwrap_or_default(),
            to_resource_version: to,
            from: Timestamp::UNIX_EPOCH,
            to: Timestamp::UNIX_EPOCH,
            reason,
            unhealed: String::new(),
        });
        let Time { received, stamped } = time;
        self.lines.push(Line { revision: None, received, stamped, payload: what, is_lasting: false });
    }

    fn push(&mut self, version: Option<&ResourceVersion>, time: Time, payload: Payload) {
        let revision = version.and_then(ResourceVersion::number);
        self.last = version.cloned().or(self.last.take());
        let Time { received, stamped } = time;
        self.lines.push(Line { revision, received, stamped, payload, is_lasting: false });
    }

    fn newest_listed(&self) -> Option<ResourceVersion> {
        let newest = self.lines.iter().filter_map(|line| line.revision).max();
        newest.map(|newest| ResourceVersion::new(newest.to_string())).or_else(|| self.last.clone())
    }
}

fn hashed(object: &Object) -> u64 {
    let mut hasher = DefaultHasher::new();
    object.json.get().hash(&mut hasher);
    hasher.finish()
}

#[derive(Clone, Copy, Default)]
struct Time {
    received: Option<Timestamp>,
    stamped: Option<Timestamp>,
}

impl Time {
    fn of(item: &Item) -> Self {
        Self { received: item.received, stamped: item.stamped }
    }
}

fn version(item: &Item) -> Option<ResourceVersion> {
    match &item.said {
        Said::Event(_, object) | Said::Bare(object) => Some(object.resource_version.clone()),
        // kubectl's lists have no version of their own.
        Said::List { version, items, .. } if version.as_str().is_empty() => {
            items.iter().flatten().map(|object| object.resource_version.clone()).max_by_key(ResourceVersion::number)
        }
        Said::List { version, .. } | Said::Bookmark { version, .. } => Some(version.clone()),
        Said::Unreadable(unreadable) => unreadable.resource_version.clone(),
        Said::Ended(_) => None,
    }
}

fn is_set(version: &ResourceVersion) -> bool {
    !version.as_str().is_empty()
}

fn name(object: &Object) -> (SmolStr, SmolStr) {
    (object.namespace.clone(), object.name.clone())
}

/// A watch delivers each version once, in order. Objects that repeat unchanged, or changes in
/// the order of names, are the results of repeated reads, and what happened between two of them was not seen.
fn is_polled(segment: &Segment) -> bool {
    if segment.items().any(|item| item.answers.is_some()) {
        return true;
    }
    let changes = segment.live.iter().filter_map(|item| match &item.said {
        Said::Bare(object) => object.resource_version.number(),
        _ => None,
    });
    let mut newest = 0;
    if changes.into_iter().any(|number| std::mem::replace(&mut newest, number) > number) {
        return true;
    }
    let mut seen = HashSet::new();
    segment.items().any(|item| match &item.said {
        Said::Bare(object) => !seen.insert((object.uid.clone(), object.resource_version.clone())),
        _ => false,
    })
}

fn note(segment: &Segment, watch: &Watch, is_first: bool, notes: &mut Vec<Note>) {
    let Some(first) = segment.items().next() else { return };
    if segment.begin == Begin::AfterList && !is_first {
        let text = format!(
            "nothing proves that the watch continues the list before it: there is a gap between; {}",
            remedy(watch)
        );
        notes.push(Note::at(&segment.input, first.line, text));
    } else if segment.begin != Begin::Input && !is_first {
        notes.push(Note::at(&segment.input, first.line, "the stream continues elsewhere here: there is a gap between"));
    } else if !segment.is_whole() && first.answers.is_none() {
        notes.push(Note::at(&segment.input, first.line, unlisted(segment, watch)));
    }
    if let Some(bare) = segment.items().find(|item| matches!(item.said, Said::Bare(_))) {
        let text = if let Some(text) = bare.answers {
            text
        } else if is_polled(segment) {
            "objects without events, some of them repeated: what happened between them is a gap (ask kubectl for -w --output-watch-events)"
        } else {
            "objects without events: deletions cannot be distinguished from changes (ask kubectl for --output-watch-events)"
        };
        notes.push(Note::at(&segment.input, bare.line, text));
    }
}

/// What is said of lines of which none says what was there when they began.
fn unlisted(segment: &Segment, watch: &Watch) -> String {
    let lacks = if segment.listed.is_empty() {
        "it does not begin with a list (`--watch-only`?): what did not change is not in it"
    } else if segment.is_list() {
        "its list has no resourceVersion, as kubectl prints it: there may be objects that are not in it"
    } else {
        "nothing says where its first list ends: there may be objects that are not in it"
    };
    format!("{lacks}, and no object's beginning is known; {}", remedy(watch))
}

/// How to get a complete list and the watch that continues it.
fn remedy(watch: &Watch) -> String {
    let path = watch.resource.path(&watch.namespace);
    format!(
        "`kubectl get --raw \
         '{path}?watch=true&sendInitialEvents=true&resourceVersionMatch=NotOlderThan&allowWatchBookmarks=true'` and \
         `statetrail record` show both"
    )
}
