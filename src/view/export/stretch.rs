//! Each track as stretches, one after the other: stays in a state, and gaps.
//!
//! Formats that draw spans need two ends of each. They are receipt times; what is known of how long the state really
//! lasted is its [`Dwell`], and a stretch never overlaps the one before it.

use crate::observation::{State, Subject, Track};
use crate::timeline::{Body, Entry, GapEntry, Transition};
use crate::view::account::{Account, Accounts, Course, Step};
use crate::view::clock;
use crate::view::dwell::{Dwell, End, dwells};
use crate::view::selection::Selection;
use crate::view::style::Caveats;
use jiff::Timestamp;
use std::collections::HashMap;

/// What is shown of a timeline.
pub(super) struct Lives<'a> {
    /// In the order in which their subjects were first seen.
    pub(super) of: Vec<Life<'a>>,
    /// Marks, gaps of whole watches, and Events about objects that were not seen.
    pub(super) apart: Vec<&'a Entry>,
    /// When the recording started, and the last moment of the timeline; none without entries.
    pub(super) span: Option<(Timestamp, Timestamp)>,
}

/// What is shown of one subject.
pub(super) struct Life<'a> {
    pub(super) subject: &'a Subject,
    /// From the first moment that is shown of it.
    pub(super) from: Timestamp,
    /// When it was deleted; none if that was not seen.
    pub(super) deleted: Option<Timestamp>,
    /// In reading order.
    pub(super) strips: Vec<Strip<'a>>,
    /// Gaps of all its tracks; each of the tracks has them as well.
    pub(super) gaps: Vec<Stretch<'a>>,
    pub(super) events: Vec<&'a Entry>,
}

/// One track.
pub(super) struct Strip<'a> {
    pub(super) track: &'a Track,
    pub(super) stretches: Vec<Stretch<'a>>,
    /// Entries that changed the details of a state.
    pub(super) details: Vec<&'a Entry>,
}

/// A part of a track.
pub(super) struct Stretch<'a> {
    /// The entry with which it begins; that of the gap for what was found after it.
    pub(super) entry: &'a Entry,
    pub(super) of: Of<'a>,
    pub(super) from: Timestamp,
    /// None if it had no end yet.
    pub(super) to: Option<Timestamp>,
}

/// What a stretch consists of.
pub(super) enum Of<'a> {
    Stay {
        transition: &'a Transition,
        /// None for `Deleted`, which is the end of a track.
        dwell: Option<Dwell>,
        /// Entered before the window.
        held: bool,
    },
    /// After a gap, the track was found in the state from before it.
    Found(&'a State),
    Gap(&'a GapEntry),
}

impl<'a> Lives<'a> {
    /// What the selection shows of a timeline.
    pub(super) fn of(entries: &'a [Entry], selection: &Selection, caveats: Caveats) -> Self {
        let accounts = Accounts::of(entries, selection, caveats);
        let start = entries.first().and_then(|first| first.stamp.start());
        let end = entries.iter().map(|entry| entry.stamp.at).max();
        let span = start.zip(end);
        let laying = Laying { entries, moves: Moves::of(entries), lasted: dwells(entries) };
        let (seen, unseen): (Vec<_>, Vec<_>) = accounts.of.iter().partition(|account| !account.has_only_events());
        let mut apart: Vec<&Entry> = accounts.apart.iter().map(|(_, entry)| *entry).collect();
        apart.extend(unseen.iter().flat_map(|account| &account.evidence));
        apart.sort_by_key(|entry| entry.seq);
        let of = seen.into_iter().map(|account| laying.life(account)).collect();
        Self { of, apart, span }
    }
}

/// The place of an entry, and its time.
type Move = (usize, Timestamp);

/// When the tracks of a subject moved.
#[derive(Default)]
struct Moves<'a> {
    of: HashMap<&'a Subject, HashMap<&'a Track, Vec<Move>>>,
    /// Deletions, which end the states of all tracks.
    ends: HashMap<&'a Subject, Vec<Move>>,
}

impl<'a> Moves<'a> {
    fn of(entries: &'a [Entry]) -> Self {
        let mut moves = Self::default();
        for (place, entry) in entries.iter().enumerate() {
            let (Some(subject), Body::Transition(transition)) = (entry.subject.as_deref(), &entry.body) else {
                continue;
            };
            let moved = (place, entry.stamp.at);
            if transition.is_deletion() {
                moves.ends.entry(subject).or_default().push(moved);
            }
            moves.of.entry(subject).or_default().entry(&transition.track).or_default().push(moved);
        }
        moves
    }

    /// When a track moved, or its subject was deleted, after the entry at a place.
    fn after(&self, place: usize, subject: &Subject, track: &Track) -> Option<Timestamp> {
        let next = |moves: &Vec<Move>| moves.iter().find(|(at, _)| *at > place).copied();
        let moved = self.of.get(subject).and_then(|tracks| tracks.get(track)).and_then(next);
        let ended = self.ends.get(subject).and_then(next);
        [moved, ended].into_iter().flatten().min_by_key(|(place, _)| *place).map(|(_, at)| at)
    }
}

struct Laying<'a> {
    entries: &'a [Entry],
    moves: Moves<'a>,
    /// Dwells by the times as they stand, whatever measured them.
    lasted: Vec<Option<Dwell>>,
}

impl<'a> Laying<'a> {
    fn life(&self, account: &Account<'a>) -> Life<'a> {
        let strips: Vec<Strip<'a>> = account.courses.iter().map(|course| self.strip(account.subject, course)).collect();
        let gaps: Vec<Stretch<'a>> =
            account.gaps.iter().map(|(place, gap)| Stretch::gap(&self.entries[*place], gap)).collect();
        let of_strips = strips.iter().flat_map(|strip| &strip.stretches);
        let shown = of_strips.chain(&gaps).map(|stretch| stretch.from);
        let shown = shown.chain(account.evidence.iter().map(|event| event.stamp.at));
        let from = shown.min().unwrap_or(account.first.stamp.at);
        let deleted = account.deleted.map(|entry| entry.stamp.at);
        Life { subject: account.subject, from, deleted, strips, gaps, events: account.evidence.clone() }
    }

    fn strip(&self, subject: &Subject, course: &Course<'a>) -> Strip<'a> {
        let mut strip = Strip { track: course.track, stretches: Vec::new(), details: Vec::new() };
        let mut lost = None;
        for step in &course.steps {
            let next = |place| self.moves.after(place, subject, course.track);
            let stretch = match *step {
                Step::Entered { place, entry, transition, dwell, held } => {
                    lost = None;
                    let of = Of::Stay { transition, dwell, held };
                    Stretch { entry, of, from: entry.stamp.at, to: self.left(place, next(place)) }
                }
                Step::Detailed { entry, .. } => {
                    strip.details.push(entry);
                    continue;
                }
                Step::Lost { place, gap } => {
                    lost = Some((place, gap));
                    let to = gap.to.or_else(|| next(place));
                    Stretch { to, ..Stretch::gap(&self.entries[place], gap) }
                }
                Step::Found { state } => {
                    let Some((place, gap)) = lost.take() else { continue };
                    let entry = &self.entries[place];
                    let from = gap.to.unwrap_or(entry.stamp.at);
                    Stretch { entry, of: Of::Found(state), from, to: next(place) }
                }
            };
            strip.lay(stretch);
        }
        strip
    }

    /// When a state was left, or when it was seen last.
    fn left(&self, place: usize, moved: Option<Timestamp>) -> Option<Timestamp> {
        let entered = self.entries[place].stamp.at;
        match self.lasted[place] {
            None => Some(entered),
            Some(Dwell { end: End::Open, .. }) => None,
            Some(Dwell { end: End::Unseen, at_least, .. }) => Some(entered.saturating_add(at_least).unwrap_or(entered)),
            Some(_) => moved,
        }
    }
}

impl<'a> Stretch<'a> {
    /// A gap; from the start of the recording on if it is not known from when.
    pub(super) fn gap(entry: &'a Entry, gap: &'a GapEntry) -> Self {
        let known = gap.from.filter(|from| clock::is_known(*from));
        let from = known.or(entry.stamp.start()).unwrap_or(entry.stamp.at);
        let from = gap.to.map_or(from, |to| from.min(to));
        Self { entry, of: Of::Gap(gap), from, to: gap.to }
    }
}

impl<'a> Strip<'a> {
    /// Adds a stretch after the last one.
    fn lay(&mut self, mut stretch: Stretch<'a>) {
        if let Some(last) = self.stretches.last_mut() {
            let next = stretch.from.max(last.from);
            let end = match last.of {
                // Up to the next move, unless another gap comes before it.
                Of::Found(_) => last.to.insert(last.to.map_or(next, |to| to.min(next))),
                _ => last.to.get_or_insert(next),
            };
            let end = *end;
            stretch.from = stretch.from.max(end);
        }
        stretch.to = stretch.to.map(|to| to.max(stretch.from));
        self.stretches.push(stretch);
    }
}
