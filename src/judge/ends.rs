//! How the streams of a timeline end: which subjects each could see, and how far.
//!
//! What no stream watched was not seen: nothing is concluded from its absence.

use crate::language::Selector;
use crate::monitor::{End, Micros, NEVER_AFTER, NEVER_BEFORE};
use crate::observation::field_selector::{split, terms, unescape};
use crate::observation::{LabelSelector, Served, Subject, Watch, WatchId};
use crate::timeline::{Coverage, List};
use jiff::Timestamp;
use smol_str::SmolStr;
use std::sync::Arc;

/// The ends of all streams of a timeline.
#[derive(Clone, Debug)]
pub struct Ends {
    streams: Vec<Stream>,
    /// The common end of a timeline that does not come from watches.
    everything: Option<End>,
}

#[derive(Clone, Debug)]
struct Stream {
    watch: Watch,
    end: End,
    /// Everything up to this moment was seen.
    alive: Micros,
    /// Everything up to this place was seen.
    through: u64,
    /// How often its storage had been replaced before that place.
    storage: u32,
    /// Its lists.
    lists: Arc<Vec<List>>,
    /// Times up to this one are known.
    measured: Micros,
    /// The time from which on every object of it was shown: that of its first list, or when it was seen not to be
    /// served before. The place is that of the list.
    whole: Option<(Micros, u64)>,
    /// True when its past was read from the first revision of the storage.
    from_first: bool,
    /// True when the server does not serve its kind, so that there are no objects of it.
    is_unserved: bool,
}

/// The combined end of everything that a selector may select.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Cover {
    /// The weakest of the ends.
    pub end: End,
    /// True when no watch would have seen all of it.
    pub unwatched: bool,
    /// True when a subject may come into the selection of a watch long after it was created.
    pub may_enter: bool,
    /// The time up to which all of it was seen; none when that is unknown.
    pub alive: Option<Micros>,
    /// A description of the part that was watched.
    pub part: Option<String>,
}

impl From<&End> for Ends {
    fn from(end: &End) -> Self {
        Self { streams: Vec::new(), everything: Some(*end) }
    }
}

impl Ends {
    /// The ends of watches, at the time `now`.
    #[must_use]
    pub fn new(tails: Vec<Coverage>, now: Timestamp) -> Self {
        let streams = tails.into_iter().map(|tail| Stream::new(tail, now.as_microsecond())).collect();
        Self { streams, everything: None }
    }

    /// The same where times after a moment are only known to be later.
    pub(super) fn measured_until(self, at: Micros) -> Self {
        let end = |end: End| match end {
            End::Open { now, alive } => End::Open { now, alive: alive.min(at) },
            End::Closed { at: closed } => End::Closed { at: closed.min(at) },
            end => end,
        };
        let later = |(known, place): (Micros, u64)| (if known > at { NEVER_AFTER } else { known }, place);
        let measured = |stream: Stream| Stream {
            end: end(stream.end),
            alive: stream.alive.min(at),
            measured: at,
            whole: stream.whole.map(later),
            ..stream
        };
        Self { streams: self.streams.into_iter().map(measured).collect(), everything: self.everything.map(end) }
    }

    /// The ends if a fence proved now that nothing is missing, as far as the streams were seen.
    #[must_use]
    pub(super) fn if_fenced(&self) -> Self {
        let fenced = |end: End| match end {
            End::Open { alive, .. } if alive > NEVER_BEFORE => End::Closed { at: alive },
            End::Open { .. } => End::Unfenced,
            end => end,
        };
        let streams = self.streams.iter().map(|stream| Stream { end: fenced(stream.end), ..stream.clone() });
        Self { streams: streams.collect(), everything: self.everything.map(fenced) }
    }

    /// The ends if nothing more had happened up to now, as far as the streams were seen at all.
    #[must_use]
    pub(super) fn if_quiet(&self) -> Self {
        let quiet = |end: End| match end {
            End::Open { now, alive } if alive > NEVER_BEFORE => End::Open { now, alive: now.max(alive) },
            end => end,
        };
        let streams = self.streams.iter().map(|stream| {
            let end = quiet(stream.end);
            let alive = if let End::Open { alive, .. } = end { alive.max(stream.alive) } else { stream.alive };
            Stream { end, alive, ..stream.clone() }
        });
        Self { streams: streams.collect(), everything: self.everything.map(quiet) }
    }

    /// Whether no more will be seen of anything.
    #[must_use]
    pub(super) fn are_final(&self) -> bool {
        self.everything.iter().chain(self.streams.iter().map(|stream| &stream.end)).all(End::is_final)
    }

    /// How the traces of a subject end, unless it was deleted before.
    #[must_use]
    pub fn of_subject(&self, subject: &Subject) -> End {
        self.everything
            .unwrap_or_else(|| weakest(self.seeing(subject).map(|stream| stream.end)).unwrap_or(End::Unfenced))
    }

    /// The time up to which everything about a subject was seen; none when that is unknown.
    #[must_use]
    pub fn last_alive(&self, subject: &Subject) -> Option<Micros> {
        self.seeing(subject).map(|stream| stream.alive).min()
    }

    /// The time and the line of the last list that, by its time, its place and its line, `is_before` a subject was first
    /// shown, and in which it would have been; none where one of its watches has no such list.
    #[must_use]
    pub(super) fn last_list(
        &self,
        subject: &Subject,
        is_before: impl Fn((Micros, u64), u64) -> bool,
    ) -> Option<(Micros, u64)> {
        let last = |stream: &Stream| {
            let readable = stream.lists.iter().rev().filter(|list| list.is_readable);
            let mut lists = readable.map(|list| (listed(list), list.line));
            let list = lists.find(|(list, line)| list.0 <= stream.measured && is_before(*list, *line));
            list.map(|((at, _), line)| (at, line)).filter(|_| !stream.watch.can_be_left())
        };
        let all: Option<Vec<(Micros, u64)>> = self.seeing(subject).map(last).collect();
        all?.into_iter().max()
    }

    /// True for those of a timeline that does not come from watches.
    #[must_use]
    pub(super) fn are_of_sketch(&self) -> bool {
        self.everything.is_some()
    }

    /// The combined end of everything that a selector may select.
    #[must_use]
    pub(super) fn of_selector(&self, selector: &Selector) -> Cover {
        if let Some(end) = self.everything {
            return Cover { end, unwatched: false, may_enter: false, alive: None, part: None };
        }
        let may_show = || self.streams.iter().filter(|stream| stream.may_show(selector));
        // A watch with a selector may or may not show the object with a name.
        let may_have = || self.streams.iter().filter(|stream| stream.may_have(selector));
        let end = weakest(may_show().map(|stream| stream.end)).or_else(|| weakest(may_have().map(|stream| stream.end)));
        let unwatched = !self.shows_all(selector);
        let part = may_have().find_map(|stream| stream.part(selector)).filter(|_| unwatched);
        let may_enter = may_have().any(|stream| stream.watch.can_be_left());
        Cover { end: end.unwrap_or(End::Unfenced), unwatched, may_enter, alive: self.alive(selector), part }
    }

    /// Whether what a selector may select was watched in one namespace only; none where no watch would show it.
    #[must_use]
    pub(super) fn is_one_namespace(&self, selector: &Selector) -> Option<bool> {
        let mut watched = self.streams.iter().filter(|stream| stream.may_have(selector));
        let first = &watched.next()?.watch.namespace;
        Some(!first.is_empty() && watched.all(|stream| stream.watch.namespace == *first))
    }

    /// Whether its watches show every object that a selector may select. A selector without a namespace selects from
    /// the watched namespaces.
    #[must_use]
    pub(super) fn shows_all(&self, selector: &Selector) -> bool {
        if self.everything.is_some() {
            return true;
        }
        let may_show = || self.streams.iter().filter(|stream| stream.may_show(selector));
        let shown = |namespace: &str| {
            may_show().any(|stream| stream.shows_all(selector) && (stream.is_unserved || stream.reaches(namespace)))
        };
        // A watch whose own selectors may miss a name was a watch of its namespace, too. Events are in the namespace of
        // what they are about.
        let about = selector.about.as_ref();
        let is_meant =
            |stream: &&Stream| stream.may_have(selector) || about.is_some_and(|of| *stream.kind() == of.kind.as_str());
        let mut watched = self.streams.iter().filter(is_meant).map(|stream| stream.watch.namespace.as_str()).peekable();
        watched.peek().is_some()
            && match &selector.namespace {
                Some(namespace) => shown(namespace),
                None => watched.all(shown),
            }
    }

    /// Whether they do, and would if the kinds that are not served were.
    #[must_use]
    pub(super) fn would_show_all(&self, selector: &Selector) -> bool {
        let is_unserved = self.streams.iter().any(|stream| stream.is_unserved);
        let served = |stream: &Stream| Stream { is_unserved: false, ..stream.clone() };
        let served = || Self { streams: self.streams.iter().map(served).collect(), ..self.clone() };
        self.shows_all(selector) && (!is_unserved || served().shows_all(selector))
    }

    /// Whether no object that a selector may select can have existed before what was seen.
    #[must_use]
    pub(super) fn is_whole_from_first(&self, selector: &Selector) -> bool {
        self.everything.is_some()
            || (self.shows_all(selector)
                && self.streams.iter().filter(|stream| stream.may_show(selector)).all(|stream| stream.from_first))
    }

    /// Since when every object that a selector may select was shown: the latest time and place at which one of its
    /// watches began.
    #[must_use]
    pub(super) fn since(&self, selector: &Selector) -> Option<(Micros, u64)> {
        self.beginnings(selector).map(|(_, began)| began).reduce(latest)
    }

    /// The same of each of the watches.
    pub(super) fn beginnings(&self, selector: &Selector) -> impl Iterator<Item = (WatchId, (Micros, u64))> {
        let shown = self.numbered().filter(|(_, stream)| stream.may_show(selector));
        shown.map(|(watch, stream)| (watch, stream.whole.unwrap_or((NEVER_AFTER, u64::MAX))))
    }

    /// The time up to which everything that a selector may select was seen; none when that is unknown.
    #[must_use]
    pub fn alive(&self, selector: &Selector) -> Option<Micros> {
        self.streams.iter().filter(|stream| stream.may_show(selector)).map(|stream| stream.alive).min()
    }

    /// The same, where a watch that may not show all of it counts if no other does, as for its end.
    #[must_use]
    pub(super) fn alive_at_least(&self, selector: &Selector) -> Option<Micros> {
        let of_any = || self.streams.iter().filter(|stream| stream.may_have(selector)).map(|stream| stream.alive).min();
        self.alive(selector).or_else(of_any)
    }

    /// Whether objects that a selector may select enter and leave what its watches show: then one that is shown later may
    /// have been there before.
    #[must_use]
    pub(super) fn may_be_left(&self, selector: &Selector) -> bool {
        self.streams.iter().any(|stream| stream.may_have(selector) && stream.watch.can_be_left())
    }

    /// The place up to which everything that a selector may select was seen; none when places are unknown. `known` gives
    /// the place up to which a watch of a kind, group and namespace was read, where that is another than the last.
    #[must_use]
    pub(super) fn read_to(&self, selector: &Selector, known: &dyn Fn(&str, &str, &str) -> Option<u64>) -> Option<u64> {
        let read = |stream: &Stream| {
            known(stream.kind(), &stream.watch.resource.group, &stream.watch.namespace).unwrap_or(stream.through)
        };
        self.streams.iter().filter(|stream| stream.may_have(selector)).map(read).min()
    }

    /// The watches that may show some of what a selector selects, each with the storage and the version up to which it
    /// was read.
    #[must_use]
    pub(super) fn read_for(&self, selector: &Selector) -> Vec<(WatchId, u32, u64)> {
        self.numbered().filter(|(_, stream)| stream.may_have(selector)).map(Stream::read).collect()
    }

    /// The same of the watches that may show a subject.
    #[must_use]
    pub(super) fn read_of(&self, subject: &Subject) -> Vec<(WatchId, u32, u64)> {
        self.numbered().filter(|(_, stream)| stream.sees(subject)).map(Stream::read).collect()
    }

    /// The time up to which a watch was seen.
    #[must_use]
    pub(super) fn alive_of(&self, watch: WatchId) -> Micros {
        self.streams.get(usize::from(watch)).map_or(NEVER_BEFORE, |stream| stream.alive)
    }

    /// The time and the version of the first list of a watch from a moment on.
    #[must_use]
    pub(super) fn list_since(&self, watch: WatchId, moment: Micros) -> Option<(Micros, u64)> {
        let stream = self.streams.get(usize::from(watch))?;
        stream.lists().find(|(at, _)| *at >= moment && *at <= stream.measured)
    }

    fn numbered(&self) -> impl Iterator<Item = (WatchId, &Stream)> {
        (0..).zip(&self.streams)
    }

    /// True when the places of subjects of two selectors cannot be compared.
    #[must_use]
    pub(super) fn is_separate(&self, one: &Selector, other: &Selector) -> bool {
        let mut both = self.streams.iter().filter(|stream| stream.may_have(one) || stream.may_have(other));
        both.any(|stream| !stream.watch.shares_storage())
    }

    /// True when the places of two subjects can be compared.
    #[must_use]
    pub fn compare(&self, one: &Subject, other: &Subject) -> bool {
        let separate = |subject| self.seeing(subject).any(|stream| !stream.watch.shares_storage());
        one.uid == other.uid || !(separate(one) || separate(other))
    }

    /// True when every watch that may show some of what a selector selects says from when on its events may have
    /// happened.
    #[must_use]
    pub(super) fn tells_times(&self, selector: &Selector) -> bool {
        let mut shown = self.streams.iter().filter(|stream| stream.may_have(selector)).peekable();
        shown.peek().is_some() && shown.all(Stream::is_dated)
    }

    /// The same of the watches that show a subject.
    #[must_use]
    pub(super) fn are_dated(&self, subject: &Subject) -> bool {
        let mut seeing = self.seeing(subject).peekable();
        seeing.peek().is_some() && seeing.all(Stream::is_dated)
    }

    /// The same of one watch.
    #[must_use]
    pub(super) fn is_dated(&self, watch: Option<WatchId>) -> bool {
        watch.and_then(|watch| self.streams.get(usize::from(watch))).is_some_and(Stream::is_dated)
    }

    fn seeing<'a>(&'a self, subject: &'a Subject) -> impl Iterator<Item = &'a Stream> {
        self.streams.iter().filter(move |stream| stream.sees(subject))
    }
}

impl Stream {
    fn new(tail: Coverage, now: Micros) -> Self {
        // What comes next may bear the very moment of the last line.
        let alive = tail.alive.map_or(NEVER_BEFORE, |at| at.as_microsecond() - 1);
        let fence = tail.fence.filter(|_| tail.over);
        let end = match &fence {
            Some(fence) => End::Closed { at: fence.at.as_microsecond() },
            None if tail.over => End::Unfenced,
            None => End::Open { now, alive },
        };
        let read = tail.version.into_iter().chain(fence.map(|fence| fence.version));
        let through = read.filter_map(|version| version.number()).max().unwrap_or(0);
        let since = tail.lists.first().map(listed);
        let absent = tail.absent_since.map(Timestamp::as_microsecond);
        let whole = absent.map(|at| (at, since.map_or(u64::MAX, |(_, place)| place))).or(since);
        let is_unserved = tail.served == Served::No;
        let (measured, from_first) = (NEVER_AFTER, tail.from_first);
        let (watch, storage, lists) = (tail.watch, tail.storage, tail.lists);
        Self { watch, end, alive, through, storage, lists, measured, whole, from_first, is_unserved }
    }

    /// Whether its events say from when on they may have happened: those of an API server only say by when.
    fn is_dated(&self) -> bool {
        !self.watch.is_served()
    }

    /// The time and the place of each of its lists.
    fn lists(&self) -> impl Iterator<Item = (Micros, u64)> {
        self.lists.iter().map(listed)
    }

    /// Its kind, or a placeholder until the server has reported it.
    fn kind(&self) -> &SmolStr {
        let resource = &self.watch.resource;
        if resource.kind.is_empty() { &resource.plural } else { &resource.kind }
    }

    /// Whether it shows a subject, unless its own selectors exclude that.
    fn sees(&self, subject: &Subject) -> bool {
        let same = *self.kind() == subject.kind && self.watch.resource.group == subject.group;
        same && self.reaches(&subject.namespace) && self.name().is_none_or(|name| name == subject.name)
    }

    /// The storage and the version up to which the watch with this index was read.
    fn read((watch, stream): (WatchId, &Self)) -> (WatchId, u32, u64) {
        (watch, stream.storage, stream.through)
    }

    fn reaches(&self, namespace: &str) -> bool {
        self.watch.namespace.is_empty() || self.watch.namespace == namespace
    }

    /// The only name that it watches; none for all names.
    fn name(&self) -> Option<String> {
        self.watch.only_name()
    }

    /// Whether it shows some of what a selector selects: a named object counts only if the watch cannot miss it.
    fn may_show(&self, selector: &Selector) -> bool {
        let is_sure = selector.name.is_none() || !self.watch.can_be_left() && self.may_have(selector);
        (is_sure || self.shows_all(selector)) && self.is_of(selector)
    }

    /// Whether it shows some of what a selector selects, unless its own selectors exclude that.
    fn may_have(&self, selector: &Selector) -> bool {
        let named = |name: &String| self.name().is_none_or(|only| only == *name);
        selector.name.as_ref().is_none_or(named) && self.is_of(selector)
    }

    /// Whether it has the kind of a selector and includes its namespace.
    fn is_of(&self, selector: &Selector) -> bool {
        *self.kind() == selector.kind.as_str()
            && selector.group.as_ref().is_none_or(|group| self.watch.resource.group == group.as_str())
            && (self.is_unserved || selector.namespace.as_ref().is_none_or(|namespace| self.reaches(namespace)))
    }

    /// Whether it shows everything that a selector selects in its namespaces, because its own selectors are implied.
    fn shows_all(&self, selector: &Selector) -> bool {
        let labels = LabelSelector::parse(&self.watch.label_selector);
        let labelled = labels.is_ok_and(|labels| labels.is_implied_by(&selector.labels));
        self.is_unserved || (labelled && terms(&self.watch.field_selector).all(|term| is_implied(term, selector)))
    }

    /// What restricts it to a part of what a selector selects.
    fn part(&self, selector: &Selector) -> Option<String> {
        let (labels, fields) = (&self.watch.label_selector, &self.watch.field_selector);
        let text = match (labels.as_str(), fields.as_str()) {
            ("", fields) => format!("`--field-selector {fields}`"),
            (labels, "") => format!("`-l {labels}`"),
            (labels, fields) => format!("`-l {labels} --field-selector {fields}`"),
        };
        (!self.shows_all(selector)).then_some(text)
    }
}

/// Whether every object that a selector selects satisfies a term of a field selector: names and namespaces never
/// change.
fn is_implied(term: &str, selector: &Selector) -> bool {
    if term.trim().is_empty() {
        return true;
    }
    let Some((field, equal, value)) = split(term) else { return false };
    let known = match field.trim() {
        "metadata.name" => &selector.name,
        "metadata.namespace" => &selector.namespace,
        _ => return false,
    };
    let value = unescape(value.trim());
    known.is_some() && value.is_some() && (*known == value) == equal
}

/// The time and the place of a list; the last place where its version is not a number.
fn listed(list: &List) -> (Micros, u64) {
    (list.at.as_microsecond(), list.version.number().unwrap_or(u64::MAX))
}

/// The latest time and the latest place.
fn latest((at, place): (Micros, u64), (other, there): (Micros, u64)) -> (Micros, u64) {
    (at.max(other), place.max(there))
}

/// The weakest of several ends.
#[must_use]
pub fn weakest(ends: impl IntoIterator<Item = End>) -> Option<End> {
    ends.into_iter().reduce(|one, other| match (one, other) {
        (End::Unfenced, _) | (_, End::Unfenced) => End::Unfenced,
        (End::Open { now: a, alive: b }, End::Open { now: c, alive: d }) => {
            End::Open { now: a.max(c), alive: b.min(d) }
        }
        (open @ End::Open { .. }, _) | (_, open @ End::Open { .. }) => open,
        (End::Closed { at: a }, End::Closed { at: b }) => End::Closed { at: a.min(b) },
        (closed @ End::Closed { .. }, _) | (_, closed @ End::Closed { .. }) => closed,
        (deleted @ End::Deleted { .. }, End::Deleted { .. }) => deleted,
    })
}
