//! Groups a timeline by subject: per subject its tracks, per track its steps, with gaps in their places.
//!
//! People read this form; the order of entries is not changed. Entries outside the selection still determine how long a
//! state lasted and how a subject ended.

use super::clock;
use super::dwell::{Dwell, End, dwells_under};
use super::selection::{Selection, Shown};
use super::style::Caveats;
use crate::observation::{GapReason, State, Subject, Track};
use crate::timeline::{Body, Detailed, Entry, GapEntry, Provenance, Transition};
use jiff::Timestamp;
use std::collections::HashMap;

/// All accounts of a timeline, in the order in which their subjects were first seen.
pub(super) struct Accounts<'a> {
    pub(super) of: Vec<Account<'a>>,
    /// Marks, gaps of whole watches, and Events about objects that were not seen.
    pub(super) apart: Vec<(usize, &'a Entry)>,
}

/// What is shown about one subject.
pub(super) struct Account<'a> {
    pub(super) subject: &'a Subject,
    pub(super) first: &'a Entry,
    pub(super) last: &'a Entry,
    pub(super) deleted: Option<&'a Entry>,
    /// In reading order.
    pub(super) courses: Vec<Course<'a>>,
    /// Gaps of all its tracks.
    pub(super) gaps: Vec<(usize, &'a GapEntry)>,
    pub(super) evidence: Vec<&'a Entry>,
}

/// The steps of one track.
pub(super) struct Course<'a> {
    pub(super) track: &'a Track,
    pub(super) steps: Vec<Step<'a>>,
    state: Option<&'a State>,
    /// A gap that has ended, while the state at its end is not yet written.
    closed: Option<&'a GapEntry>,
}

/// One step of a track; `place` is the index of its entry in the timeline.
pub(super) enum Step<'a> {
    Entered {
        place: usize,
        entry: &'a Entry,
        transition: &'a Transition,
        dwell: Option<Dwell>,
        /// Entered before the window, and held at its start.
        held: bool,
    },
    /// The state continues, with other details.
    Detailed {
        place: usize,
        entry: &'a Entry,
        detailed: &'a Detailed,
    },
    Lost {
        place: usize,
        gap: &'a GapEntry,
    },
    /// Found after a gap in the state from before: otherwise the fold would have a transition.
    Found {
        state: &'a State,
    },
}

impl<'a> Accounts<'a> {
    /// Groups the entries, and keeps those that the selection matches.
    pub(super) fn of(entries: &'a [Entry], selection: &Selection, caveats: Caveats) -> Self {
        let dwells = dwells_under(entries, caveats);
        let mut places: HashMap<&Subject, usize> = HashMap::new();
        let mut all: Vec<Account<'a>> = Vec::new();
        let mut apart = Vec::new();
        let all_shown = selection.shown(entries);
        for (place, (entry, dwell)) in entries.iter().zip(dwells).enumerate() {
            let shown = all_shown[place];
            let Some(subject) = entry.subject.as_deref() else {
                if shown.is_shown() {
                    apart.push((place, entry));
                }
                continue;
            };
            let at = *places.entry(subject).or_insert_with(|| {
                all.push(Account::new(subject, entry));
                all.len() - 1
            });
            all[at].add(place, entry, dwell, shown);
        }
        all.retain_mut(Account::finish);
        Self { of: all, apart }
    }
}

impl<'a> Account<'a> {
    fn new(subject: &'a Subject, first: &'a Entry) -> Self {
        Self { subject, first, last: first, deleted: None, courses: Vec::new(), gaps: Vec::new(), evidence: Vec::new() }
    }

    fn add(&mut self, place: usize, entry: &'a Entry, dwell: Option<Dwell>, shown: Shown) {
        let (shown, held) = (shown.is_shown(), shown == Shown::Held);
        match &entry.body {
            Body::Transition(transition) => {
                if !matches!(self.first.body, Body::Transition(_)) {
                    self.first = entry;
                }
                self.last = entry;
                if transition.is_deletion() {
                    self.deleted = Some(entry);
                } else if transition.track == Track::Lifecycle {
                    // It was not gone after all.
                    self.deleted = None;
                }
                let step = shown.then_some(Step::Entered { place, entry, transition, dwell, held });
                self.course(&transition.track).enter(step, entry, &transition.to);
                if self.deleted.is_some() {
                    self.courses.iter_mut().for_each(|course| course.closed = None);
                }
            }
            Body::Detailed(detailed) => {
                self.last = entry;
                let step = shown.then_some(Step::Detailed { place, entry, detailed });
                self.course(&detailed.track).detail(step, detailed);
            }
            Body::Gap(gap) => match &gap.track {
                Some(track) if shown => self.course(track).lose(place, gap),
                None if shown => {
                    self.gaps.push((place, gap));
                    self.courses.iter_mut().for_each(|course| course.lose(place, gap));
                }
                _ => {}
            },
            Body::Evidence(_) if shown => self.evidence.push(entry),
            Body::Evidence(_) | Body::Mark(_) => {}
        }
    }

    fn course(&mut self, track: &'a Track) -> &mut Course<'a> {
        let at = self.courses.iter().position(|course| course.track == track).unwrap_or_else(|| {
            self.courses.push(Course { track, steps: Vec::new(), state: None, closed: None });
            self.courses.len() - 1
        });
        &mut self.courses[at]
    }

    /// Puts the tracks into reading order; false when nothing of the subject is to be shown.
    fn finish(&mut self) -> bool {
        self.courses.iter_mut().for_each(Course::find);
        // A gap of the whole subject does not bring up a track that was not selected.
        self.courses.retain(|course| course.steps.iter().any(Step::is_of_track));
        self.courses.sort_by_key(|course| family(course.track));
        !(self.courses.is_empty() && self.gaps.is_empty() && self.evidence.is_empty())
    }

    /// The number of gaps, and how many of them were never published.
    pub(super) fn unseen(&self) -> (usize, usize) {
        let steps = self.courses.iter().flat_map(|course| &course.steps);
        let of_tracks = steps.filter_map(|step| match step {
            Step::Lost { gap, .. } if gap.track.is_some() => Some(*gap),
            _ => None,
        });
        let gaps: Vec<_> = of_tracks.chain(self.gaps.iter().map(|(_, gap)| *gap)).collect();
        (gaps.len(), gaps.iter().filter(|gap| gap.reason == GapReason::NeverPublished).count())
    }

    /// True when the last gap has no end: what happened to the subject afterwards is not known.
    pub(super) fn was_lost(&self) -> bool {
        self.gaps.last().is_some_and(|(_, gap)| gap.to.is_none())
    }

    /// When it was first seen, or when its first gap began; none when that is not known.
    pub(super) fn first_at(&self) -> Option<Timestamp> {
        match &self.first.body {
            Body::Gap(gap) => gap.from.filter(|from| clock::is_known(*from)),
            _ => Some(self.first.stamp.at),
        }
    }

    /// True when it was found after a gap, or shows only gaps: when it began is not known.
    pub(super) fn was_found(&self) -> bool {
        self.first.seen == Provenance::AfterGap || matches!(self.first.body, Body::Gap(_))
    }

    /// True for one of which only Events tell.
    pub(super) fn has_only_events(&self) -> bool {
        matches!(self.first.body, Body::Evidence(_)) && self.gaps.is_empty() && self.courses.is_empty()
    }

    /// True when its beginning was not seen.
    pub(super) fn existed_before(&self) -> bool {
        self.first.seen == Provenance::Initial
    }
}

impl<'a> Course<'a> {
    /// The last state, shown or not.
    pub(super) fn last(&self) -> Option<&'a State> {
        self.state
    }

    /// The state of a track that never changed, with its entry, unless a gap may hide another state.
    pub(super) fn unchanged(&self) -> Option<(&'a State, &'a Entry)> {
        match self.steps[..] {
            [Step::Entered { entry, transition, dwell: Some(dwell), held, .. }]
                if (held || transition.from.is_none() && dwell.end != End::Next)
                    && entry.seen != Provenance::AfterGap =>
            {
                Some((&transition.to, entry))
            }
            _ => None,
        }
    }

    fn enter(&mut self, step: Option<Step<'a>>, entry: &Entry, to: &'a State) {
        let changed =
            entry.seen == Provenance::AfterGap || self.closed.is_some_and(|gap| gap.to == Some(entry.stamp.at));
        if changed {
            self.closed = None;
        }
        self.find();
        self.state = Some(to);
        self.steps.extend(step);
    }

    fn detail(&mut self, step: Option<Step<'a>>, detailed: &'a Detailed) {
        self.find();
        self.state = Some(&detailed.to);
        self.steps.extend(step);
    }

    fn lose(&mut self, place: usize, gap: &'a GapEntry) {
        self.find();
        self.steps.push(Step::Lost { place, gap });
        self.closed = gap.to.is_some().then_some(gap);
    }

    /// A gap that ended without a transition ended in the state in which it began.
    fn find(&mut self) {
        if self.closed.take().is_some() {
            self.steps.extend(self.state.map(|state| Step::Found { state }));
        }
    }
}

impl Step<'_> {
    fn is_of_track(&self) -> bool {
        match self {
            Self::Entered { .. } | Self::Detailed { .. } => true,
            Self::Lost { gap, .. } => gap.track.is_some(),
            Self::Found { .. } => false,
        }
    }
}

/// What people look at first comes first; within a family, in order of appearance.
pub(super) fn family(track: &Track) -> u8 {
    match track {
        Track::Status => 0,
        Track::Phase => 1,
        Track::Migration => 2,
        Track::Node => 3,
        Track::Init(_) => 4,
        Track::Container(_) => 5,
        Track::Ephemeral(_) => 6,
        Track::Volume(_) => 7,
        Track::Custom(_) => 8,
        Track::Condition(_) => 9,
        Track::Lifecycle => 10,
    }
}
