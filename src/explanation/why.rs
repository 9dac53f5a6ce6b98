//! What an explanation says, as data: which of a word's events, which bound, how long, how often.

use crate::monitor::{Micros, NEVER_AFTER, Span};

/// Why one word stands where it stands.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Explanation {
    /// Index of the event with which satisfied went out of reach; none when only the end, or time, did it.
    pub departure: Option<usize>,
    /// By when a violation was decided: the time of the departure, or the moment at which time alone decided it; none where
    /// no time is known.
    pub decided: Option<Micros>,
    /// The states that were legal there, or, without a departure, that are legal next.
    pub legal: Vec<String>,
    /// What broke it.
    pub breach: Option<Breach>,
    /// The word with the fewest edits that make it fit.
    pub nearest: Option<Vec<Edit>>,
    /// What keeps it from being decided.
    pub doubt: Option<Doubt>,
    /// A completion that fits.
    pub passing: Option<Vec<Step>>,
    /// A completion that does not.
    pub failing: Option<Vec<Step>>,
}

impl Explanation {
    /// Nothing is known.
    pub const NOTHING: Self = Self {
        departure: None,
        decided: None,
        legal: Vec::new(),
        breach: None,
        nearest: None,
        doubt: None,
        passing: None,
        failing: None,
    };

    /// The event that the doubt is about.
    #[must_use]
    pub fn blamed(&self) -> Option<usize> {
        match self.doubt.as_ref()? {
            Doubt::Beginning(at)
            | Doubt::Lost(at)
            | Doubt::NotSeenAgain(at)
            | Doubt::Coalesced(at)
            | Doubt::Interval(at) => Some(*at),
            Doubt::Unended { since, .. } => Some(*since),
            Doubt::Waiting { trigger, .. } => *trigger,
            Doubt::Unfenced | Doubt::Condition(_) => None,
        }
    }

    /// The event that is looked at first.
    #[must_use]
    pub fn focus(&self) -> Option<usize> {
        let breach = self.breach.as_ref().and_then(|breach| match breach {
            Breach::Illegal { at, .. }
            | Breach::Stay { at, .. }
            | Breach::Early { at, .. }
            | Breach::Noise { at, .. } => Some(*at),
            Breach::Group { from, to, .. } => Some(to.unwrap_or(*from)),
            Breach::Unanswered { trigger, .. } => Some(*trigger),
            Breach::Number { at, .. } => *at,
            Breach::Unfinished | Breach::Untriggered { .. } => None,
        });
        breach.or(self.departure).or(self.blamed())
    }
}

/// A length of time of which bounds are known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Length {
    /// At least, in microseconds.
    pub least: Micros,
    /// At most; none while it goes on, or when nothing bounds it.
    pub most: Option<Micros>,
}

impl Length {
    /// A span of microseconds.
    #[must_use]
    pub fn of(span: Span) -> Self {
        Self { least: span.lo, most: (span.hi < NEVER_AFTER / 2).then_some(span.hi) }
    }
}

/// The statement that was broken by a state.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Rule {
    /// A path had another state there.
    Path,
    /// `never`
    Never,
    /// `always` these.
    Always(String),
    /// A `graph` does not lead there from this state; from none when it was the first.
    Graph(Option<String>),
}

/// What broke a word. Numbers of events are indices into the word.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Breach {
    /// A state that was not legal where it was entered.
    Illegal {
        /// The entry.
        at: usize,
        /// What it broke.
        rule: Rule,
    },
    /// It ended where more was asked for.
    Unfinished,
    /// A stay was too short or too long.
    Stay {
        /// The entry of the state.
        at: usize,
        /// How long it was.
        lasted: Length,
        /// How long it had to be.
        least: Micros,
        /// How long it might be; none for any time.
        most: Option<Micros>,
    },
    /// A group took too long, from its first entry to its last.
    Group {
        /// Its first entry.
        from: usize,
        /// The entry that came too late; none when it did not come.
        to: Option<usize>,
        /// How long it took.
        took: Length,
        /// How long it might take.
        limit: Micros,
    },
    /// What should have followed came too late or not at all.
    Unanswered {
        /// The entry that asked for it.
        trigger: usize,
        /// The entry that came too late.
        answer: Option<usize>,
        /// How long it took, or was waited.
        after: Length,
        /// How long it might take; none for any time.
        limit: Option<Micros>,
        /// What should have followed.
        then: String,
    },
    /// Too little happened to judge.
    Untriggered {
        /// What was to happen.
        every: String,
        /// How often it did.
        seen: u64,
        /// How often it had to.
        min: u64,
    },
    /// Something happened too often or not often enough.
    Number {
        /// The states that are counted; none for restarts.
        states: Option<String>,
        /// The event that was one too many.
        at: Option<usize>,
        /// How often, at least.
        least: u64,
        /// How often, at most; none for no end.
        most: Option<u64>,
        /// How often it had to be.
        min: u64,
        /// How often it might be; none for no end.
        max: Option<u64>,
    },
    /// It was entered before its condition was.
    Early {
        /// The entry.
        at: usize,
        /// The condition.
        awaited: String,
        /// When the condition was met first; none when it never was.
        came: Option<Micros>,
    },
    /// It changed after it should have been quiet.
    Noise {
        /// The change.
        at: usize,
        /// What it should have been quiet after.
        trigger: String,
        /// When that was.
        since: Option<Micros>,
    },
}

/// What keeps a word from being decided. Numbers of events are indices into the word.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Doubt {
    /// The subject existed before anyone looked.
    Beginning(usize),
    /// A gap.
    Lost(usize),
    /// A gap from which it was not seen again.
    NotSeenAgain(usize),
    /// States that nobody published.
    Coalesced(usize),
    /// An entry whose time is known only as an interval.
    Interval(usize),
    /// Nothing proves that its end is whole.
    Unfenced,
    /// The recording ended before time was over.
    Unended {
        /// The entry from which time counts.
        since: usize,
        /// When it would have been over; none when that depends on how it would have gone on.
        until: Option<Micros>,
    },
    /// When its condition was met is not known exactly.
    Condition(String),
    /// It goes on, and something is awaited.
    Waiting {
        /// The entry that asks for it.
        trigger: Option<usize>,
        /// When it has to have come.
        until: Option<Micros>,
        /// What would be said if it ended so; none when that would not be decided either.
        fits: Option<bool>,
    },
}

/// One step of the nearest word.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Edit {
    /// As it was seen.
    Keep(String),
    /// Not seen, but asked for.
    Insert(String),
    /// Seen, but not asked for.
    Drop(String),
    /// Seen, where something else was asked for.
    Replace(String, String),
}

/// One state of a completion.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step {
    /// Its label.
    pub label: String,
    /// It was not seen.
    pub hidden: bool,
    /// When it is taken to have been entered, where that was not seen and matters.
    pub at: Option<Micros>,
}
