//! How the streams end that a timeline came from: which subjects each could see, and how far.
//!
//! What no stream watched was not seen: nothing is concluded from its absence.

use crate::language::Selector;
use crate::monitor::{End, Micros, NEVER_BEFORE};
use crate::observation::{ResourceVersion, Subject, Watch};
use crate::timeline::Coverage;
use jiff::Timestamp;
use smol_str::SmolStr;

/// How all streams of a timeline end.
#[derive(Clone, Debug)]
pub struct Ends {
    streams: Vec<Stream>,
    /// The end of everything, when the timeline is not made of watches.
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
}

/// The ends of all that a selector may mean.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Cover {
    /// The weakest of them.
    pub end: End,
    /// No watch would have seen them.
    pub unwatched: bool,
}

impl From<&End> for Ends {
    fn from(end: &End) -> Self {
        Self { streams: Vec::new(), everything: Some(*end) }
    }
}

impl Ends {
    /// The ends of watches, when it is `now`.
    #[must_use]
    pub fn new(tails: Vec<Coverage>, now: Timestamp) -> Self {
        let streams = tails.into_iter().map(|tail| Stream::new(tail, now.as_microsecond())).collect();
        Self { streams, everything: None }
    }

    /// How the words of a subject end, unless it ended before.
    #[must_use]
    pub fn of_subject(&self, subject: &Subject) -> End {
        self.everything
            .unwrap_or_else(|| weakest(self.seeing(subject).map(|stream| stream.end)).unwrap_or(End::Unfenced))
    }

    /// Up to which moment everything about a subject was seen; none when that is not known.
    #[must_use]
    pub fn last_alive(&self, subject: &Subject) -> Option<Micros> {
        self.seeing(subject).map(|stream| stream.alive).min()
    }

    /// How all that a selector may mean ends.
    #[must_use]
    pub(super) fn of_selector(&self, selector: &Selector) -> Cover {
        if let Some(end) = self.everything {
            return Cover { end, unwatched: false };
        }
        let end = weakest(self.streams.iter().filter(|stream| stream.may_show(selector)).map(|stream| stream.end));
        Cover { end: end.unwrap_or(End::Unfenced), unwatched: end.is_none() }
    }

    /// Up to which moment everything about all that a selector may mean was seen; none when that is not known.
    #[must_use]
    pub fn alive(&self, selector: &Selector) -> Option<Micros> {
        self.streams.iter().filter(|stream| stream.may_show(selector)).map(|stream| stream.alive).min()
    }

    /// Up to which place every subject that a selector may mean was seen; none when places say nothing here.
    #[must_use]
    pub fn through(&self, selector: &Selector) -> Option<u64> {
        self.streams.iter().filter(|stream| stream.may_show(selector)).map(|stream| stream.through).min()
    }

    /// The same, where `known` says up to which place a watch of a kind and namespace had been read.
    #[must_use]
    pub(super) fn read_to(&self, selector: &Selector, known: &dyn Fn(&str, &str) -> Option<u64>) -> Option<u64> {
        let read = |stream: &Stream| known(stream.kind(), &stream.watch.namespace).unwrap_or(stream.through);
        self.streams.iter().filter(|stream| stream.may_show(selector)).map(read).min()
    }

    /// True when the places of what two selectors mean do not compare.
    #[must_use]
    pub(super) fn is_separate(&self, one: &Selector, other: &Selector) -> bool {
        let mut both = self.streams.iter().filter(|stream| stream.may_show(one) || stream.may_show(other));
        both.any(|stream| !stream.watch.shares_storage())
    }

    /// True when the places of two subjects compare.
    #[must_use]
    pub fn compare(&self, one: &Subject, other: &Subject) -> bool {
        let separate = |subject| self.seeing(subject).any(|stream| !stream.watch.shares_storage());
        one.uid == other.uid || !(separate(one) || separate(other))
    }

    fn seeing<'a>(&'a self, subject: &'a Subject) -> impl Iterator<Item = &'a Stream> {
        self.streams.iter().filter(move |stream| {
            let same = *stream.kind() == subject.kind && stream.watch.resource.group == subject.group;
            same && stream.reaches(&subject.namespace) && stream.name().is_none_or(|name| name == subject.name)
        })
    }
}

impl Stream {
    fn new(tail: Coverage, now: Micros) -> Self {
        let alive = tail.alive.map_or(NEVER_BEFORE, Timestamp::as_microsecond);
        let end = match (tail.over, tail.fenced) {
            (true, Some(at)) => End::Closed { at: at.as_microsecond() },
            (true, None) => End::Unfenced,
            (false, _) => End::Open { now, alive },
        };
        let through = tail.version.as_ref().and_then(ResourceVersion::number).unwrap_or(0);
        Self { watch: tail.watch, end, alive, through }
    }

    /// Its kind, or what stands for it while the server has not told it.
    fn kind(&self) -> &SmolStr {
        let resource = &self.watch.resource;
        if resource.kind.is_empty() { &resource.plural } else { &resource.kind }
    }

    fn reaches(&self, namespace: &str) -> bool {
        self.watch.namespace.is_empty() || self.watch.namespace == namespace
    }

    /// The only name that it watches.
    fn name(&self) -> Option<String> {
        self.watch.only_name()
    }

    /// Whether it would have shown what a selector means: a named object by any watch that cannot miss it, objects of
    /// no name by every watch of their kind.
    fn may_show(&self, selector: &Selector) -> bool {
        let named = |name: &String| !self.watch.can_be_left() && self.name().is_none_or(|only| only == *name);
        *self.kind() == selector.kind.as_str()
            && selector.group.as_ref().is_none_or(|group| self.watch.resource.group == group.as_str())
            && selector.namespace.as_ref().is_none_or(|namespace| self.reaches(namespace))
            && selector.name.as_ref().is_none_or(named)
    }
}

/// The end that says least.
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
