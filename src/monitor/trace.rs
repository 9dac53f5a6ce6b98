//! The trace that monitors read: what happened on one track, including what was not seen, with integer times.
//!
//! Sketches and timelines are both translated to it. It knows neither clocks nor formats: times are whole microseconds
//! since an origin that the caller chooses.

use crate::observation::{PREDICATE, State, StateKind};
use smol_str::SmolStr;
use std::borrow::Cow;
use std::collections::BTreeSet;
use std::fmt;
use std::sync::Arc;

/// Microseconds since the caller's origin.
pub type Micros = i64;

/// Earlier than every time; sums of two such values do not overflow.
pub const NEVER_BEFORE: Micros = i64::MIN / 4;

/// The place of the state held at a window's start: the same for all watches, before all entries within.
pub const START: u64 = 0;
/// Later than every time.
pub const NEVER_AFTER: Micros = i64::MAX / 4;

/// A time that is known to lie between two others, both included.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Span {
    /// The earliest time.
    pub lo: Micros,
    /// The latest time.
    pub hi: Micros,
}

impl Span {
    /// From `lo` to `hi`; if `lo` is later, the point `hi`.
    #[must_use]
    pub fn new(lo: Micros, hi: Micros) -> Self {
        let hi = hi.clamp(NEVER_BEFORE, NEVER_AFTER);
        Self { lo: lo.clamp(NEVER_BEFORE, hi), hi }
    }

    /// A time that is known exactly.
    #[must_use]
    pub fn at(at: Micros) -> Self {
        Self::new(at, at)
    }

    /// The part that is not before `earliest`.
    #[must_use]
    pub fn not_before(self, earliest: Micros) -> Self {
        Self { lo: self.lo.max(earliest).min(self.hi), hi: self.hi }
    }

    /// Its parts between these times, each of which starts one; the whole where that makes more than `most`.
    #[must_use]
    pub fn cut(self, at: impl Iterator<Item = Micros>, most: usize) -> Vec<Self> {
        let mut cuts: Vec<Micros> = at.filter(|cut| self.lo < *cut && *cut <= self.hi).collect();
        cuts.sort_unstable();
        cuts.dedup();
        if cuts.len() >= most {
            return vec![self];
        }
        let starts = std::iter::once(self.lo).chain(cuts.iter().copied());
        let ends = cuts.iter().map(|cut| cut - 1).chain([self.hi]);
        starts.zip(ends).map(|(lo, hi)| Self { lo, hi }).collect()
    }

    /// The least and most time from `start` to this, never below zero.
    #[must_use]
    pub fn since(self, start: Self) -> Self {
        let least = (self.lo - start.hi).clamp(0, NEVER_AFTER);
        // Since an unknown time it may be any: no bound that is not set is exceeded.
        Self { lo: least, hi: (self.hi - start.lo).clamp(least, NEVER_AFTER) }
    }
}

/// A range of places in the order of all entries of all tracks of one timeline. One range is before another only when
/// all of it is; overlapping ranges may be in either order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Order {
    /// First possible place.
    pub lo: u64,
    /// Last possible place.
    pub hi: u64,
}

impl Order {
    /// A place that is not known.
    pub const UNKNOWN: Self = Self { lo: 0, hi: u64::MAX };

    /// A place that is known exactly.
    #[must_use]
    pub fn at(place: u64) -> Self {
        Self { lo: place, hi: place }
    }
}

/// A state as far as traces distinguish states: its label, its kind, and the details that a statement names.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Symbol {
    /// The label, as the API spells it.
    pub label: SmolStr,
    /// The kind.
    pub kind: StateKind,
    /// Of its details, those that are distinguished.
    pub details: Details,
}

/// Details of a state, in order, as expectations name them.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Details(Option<Arc<[SmolStr]>>);

impl Details {
    /// True when there are none: nearly always.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_none()
    }

    /// In order.
    pub fn iter(&self) -> impl Iterator<Item = &SmolStr> {
        self.0.iter().flat_map(|all| all.iter())
    }

    /// Those of the object: what holds of a label is seen in the label.
    pub fn shown(&self) -> impl Iterator<Item = &SmolStr> {
        self.iter().filter(|detail| !detail.starts_with(PREDICATE))
    }

    /// The texts of the predicates among them that are over labels, or over messages.
    pub fn predicates<'a>(&'a self, of: &'static str) -> impl Iterator<Item = &'a str> {
        self.iter().filter_map(move |detail| detail.strip_prefix(of))
    }

    /// True when this is one of them.
    #[must_use]
    pub fn has(&self, detail: &str) -> bool {
        self.iter().any(|known| known == detail)
    }
}

impl FromIterator<SmolStr> for Details {
    fn from_iter<T: IntoIterator<Item = SmolStr>>(details: T) -> Self {
        let all: BTreeSet<SmolStr> = details.into_iter().collect();
        Self((!all.is_empty()).then(|| all.into_iter().collect()))
    }
}

impl Symbol {
    /// The state of a track that its object lost.
    #[must_use]
    pub fn absent() -> Self {
        Self { label: SmolStr::default(), kind: StateKind::Absent, details: Details::default() }
    }

    /// A label without a kind.
    #[must_use]
    pub fn plain(label: impl AsRef<str>) -> Self {
        Self { label: SmolStr::new(label), kind: StateKind::Plain, details: Details::default() }
    }

    /// True when both are one state, whatever their details.
    #[must_use]
    pub fn is_same_state(&self, other: &Self) -> bool {
        self.label == other.label && self.kind == other.kind
    }
}

impl From<&State> for Symbol {
    fn from(state: &State) -> Self {
        Self { label: state.label.clone(), kind: state.kind, details: Details::default() }
    }
}

impl fmt::Display for Symbol {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.kind {
            StateKind::Absent => f.write_str("Absent"),
            _ => f.write_str(&written(&self.label)),
        }?;
        self.details.shown().try_for_each(|detail| write!(f, "/{}", written_detail(detail)))
    }
}

/// A label as the language writes it: in quotes, unless it is a word that means no other state.
pub(super) fn written(label: &str) -> Cow<'_, str> {
    let is_word = |c: char| c.is_alphanumeric() || "_-./:%#@".contains(c);
    let is_kind = ["waiting:", "running:", "terminated:"].iter().any(|kind| label.starts_with(kind));
    // After a number a slash belongs to the label, `Init:0/2`; elsewhere a detail follows it.
    let has_detail = label
        .split_once('/')
        .is_some_and(|(state, _)| !state.trim_start_matches("Init:").bytes().all(|byte| byte.is_ascii_digit()));
    let is_sign = label.is_empty() || label.starts_with('.') || label.contains("...") || label.contains("->");
    let is_other = matches!(label, "Absent" | "_") || is_kind || has_detail || is_sign;
    if !is_other && label.chars().all(is_word) { label.into() } else { quoted(label).into() }
}

/// A detail as the language writes it.
pub(super) fn written_detail(detail: &str) -> Cow<'_, str> {
    let is_word = |c: char| c.is_alphanumeric() || "_-.:%#@".contains(c);
    let is_bare = detail.chars().all(is_word) && !detail.contains("...");
    if is_bare { detail.into() } else { quoted(detail).into() }
}

fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\'', "''"))
}

/// A state that was seen, with its restart count where it has one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Shown {
    /// Its label and kind.
    pub symbol: Symbol,
    /// The container's `restartCount`.
    pub restarts: Option<u32>,
}

/// What a track was found in at the end of a gap.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Found {
    /// This state, which may be the one before the gap.
    In(Shown),
    /// The version there shows no state: the track had never had one, or had lost it.
    NoState,
    /// It was not seen again.
    NotSeen,
}

impl Found {
    /// The state, if there was one.
    #[must_use]
    pub fn shown(&self) -> Option<&Shown> {
        match self {
            Self::In(shown) => Some(shown),
            Self::NoState | Self::NotSeen => None,
        }
    }
}

/// Without a state, the track was not seen again.
impl From<Option<Shown>> for Found {
    fn from(shown: Option<Shown>) -> Self {
        shown.map_or(Self::NotSeen, Self::In)
    }
}

/// Why a part of a trace was not seen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cause {
    /// The subject existed before the recording began.
    Beginning,
    /// The stream lost it, or it was never published.
    Lost,
    /// A higher restart count under the same label: what happened between was not published.
    Coalesced,
}

/// What happened on one track.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Event {
    /// It entered a state.
    Enter {
        /// The state; its symbol differs from the one before it.
        shown: Shown,
        /// When it was entered.
        when: Span,
        /// Its place among all entries.
        order: Order,
    },
    /// It was not seen: any sequence of states without repetition may have happened.
    Gap {
        /// From the last moment seen to the first moment seen again.
        when: Span,
        /// The places that hidden entries may have.
        order: Order,
        /// Why it was not seen.
        cause: Cause,
        /// The state that it was found in.
        found: Found,
    },
}

impl Event {
    /// The same where nothing shows in which state the track is then.
    #[must_use]
    pub fn unseen(self) -> Self {
        let cause = self.cause().unwrap_or(Cause::Lost);
        Self::Gap { when: self.when(), order: self.order(), cause, found: Found::NotSeen }
    }

    /// Why it was not seen, of a gap.
    #[must_use]
    pub fn cause(&self) -> Option<Cause> {
        if let Self::Gap { cause, .. } = self { Some(*cause) } else { None }
    }

    /// When it happened.
    #[must_use]
    pub fn when(&self) -> Span {
        match self {
            Self::Enter { when, .. } | Self::Gap { when, .. } => *when,
        }
    }

    /// Its place among all entries; of a gap, the places that hidden entries may have.
    #[must_use]
    pub fn order(&self) -> Order {
        match self {
            Self::Enter { order, .. } | Self::Gap { order, .. } => *order,
        }
    }

    /// The first place that a later entry on the same track may have.
    #[must_use]
    pub fn next_place(&self) -> u64 {
        let Order { lo, hi } = self.order();
        // If the end of the range is not known, only its beginning counts.
        if hi == u64::MAX { lo } else { hi + 1 }
    }

    /// The symbol of the track after it; for a track without a state, the same as for one whose state was lost.
    #[must_use]
    pub fn symbol(&self) -> Option<Symbol> {
        match self {
            Self::Gap { found: Found::NoState, .. } => Some(Symbol::absent()),
            event => event.shown().map(|shown| shown.symbol.clone()),
        }
    }

    /// What the track is found in after it.
    #[must_use]
    pub fn found(&self) -> Found {
        match self {
            Self::Enter { shown, .. } => Found::In(shown.clone()),
            Self::Gap { found, .. } => found.clone(),
        }
    }

    /// The state that the track is in after it.
    #[must_use]
    pub fn shown(&self) -> Option<&Shown> {
        match self {
            Self::Enter { shown, .. } => Some(shown),
            Self::Gap { found, .. } => found.shown(),
        }
    }
}

/// How the trace of a track ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    /// The trace continues; everything up to and including `alive` was seen.
    Open {
        /// The time of the judgement.
        now: Micros,
        /// The last time at which the stream was known to be alive.
        alive: Micros,
    },
    /// A fence proved at this moment that nothing is missing; the last state continues.
    Closed {
        /// The time of the proof.
        at: Micros,
    },
    /// The recording stopped; nothing proves that its end is complete, and no more will be seen.
    Unfenced,
    /// The subject was confirmed gone.
    Deleted {
        /// The time of the deletion.
        when: Span,
    },
}

impl End {
    /// True when it is proven that nothing is missing before it.
    #[must_use]
    pub fn is_proven(&self) -> bool {
        matches!(self, Self::Closed { .. } | Self::Deleted { .. })
    }

    /// True when no more will be seen.
    #[must_use]
    pub fn is_final(&self) -> bool {
        !matches!(self, Self::Open { .. })
    }
}
