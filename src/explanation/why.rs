//! An explanation as data: which events of a trace, which bound, how long, how often.

use crate::monitor::{Bound, Micros, NEVER_AFTER, Span};

/// Why the verdict on one trace is what it is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Explanation {
    /// Index of the event that made `satisfied` unreachable; none when only the end or elapsed time did.
    pub departure: Option<usize>,
    /// The time by which a violation was decided: that of the departure, or the moment at which elapsed time decided
    /// it; none where no time is known.
    pub decided: Option<Micros>,
    /// The placeholder of the path, and the label that it stands for in what broke the trace; none where that is any
    /// label that was not shown.
    pub placeholder: Option<(String, String)>,
    /// The states that were legal there, or, without a departure, that are legal next.
    pub legal: Vec<String>,
    /// What violated the trace.
    pub breach: Option<Breach>,
    /// The edits, as few as possible, that make the trace fit.
    pub nearest: Option<Vec<Edit>>,
    /// What the path requires and the trace lacks.
    pub required: Required,
    /// The event with which the trace fits the path, so that more may follow only with `-> ...` at the path's end.
    pub fits_until: Option<usize>,
    /// Why the verdict is undecided.
    pub doubt: Option<Doubt>,
    /// A gap of the condition's track, where the doubt is about that one.
    pub unseen: Option<Span>,
    /// The first event is the state held when the window began.
    pub held: bool,
    /// A completion that fits.
    pub passing: Option<Vec<Step>>,
    /// A completion that does not.
    pub failing: Option<Vec<Step>>,
}

impl Explanation {
    /// An explanation without content.
    pub const NOTHING: Self = Self {
        departure: None,
        decided: None,
        placeholder: None,
        legal: Vec::new(),
        breach: None,
        nearest: None,
        required: Required { never: Vec::new(), next: Vec::new() },
        fits_until: None,
        doubt: None,
        unseen: None,
        held: false,
        passing: None,
        failing: None,
    };

    /// The same in a window: whether its first event is the state held when it began, and whether it has an end, which is
    /// then what ended before a bound elapsed.
    #[must_use]
    pub fn in_window(self, window: Option<(bool, bool)>) -> Self {
        let Some((held, is_bounded)) = window else { return self };
        let doubt = match self.doubt {
            Some(Doubt::Unended { since, until, .. }) => Some(Doubt::Unended { since, until, by_window: is_bounded }),
            other => other,
        };
        Self { doubt, held, ..self }
    }

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
            Doubt::Unfenced
            | Doubt::Damaged { .. }
            | Doubt::Condition(_)
            | Doubt::Held(_)
            | Doubt::Values(_)
            | Doubt::Apart(_)
            | Doubt::Order(_)
            | Doubt::Labels { .. }
            | Doubt::Entries(_) => None,
        }
    }

    /// The event to show first.
    #[must_use]
    pub fn focus(&self) -> Option<usize> {
        let breach = self.breach.as_ref().and_then(|breach| match breach {
            Breach::Illegal { at, .. }
            | Breach::Stay { at, .. }
            | Breach::Early { at, .. }
            | Breach::Meanwhile { at, .. }
            | Breach::Uncaused { at, .. }
            | Breach::Noise { at, .. } => Some(*at),
            Breach::Group { from, to, .. } => Some(to.unwrap_or(*from)),
            Breach::Unanswered { trigger, .. } | Breach::Unmet { trigger, .. } => Some(*trigger),
            Breach::Number { at, .. } => *at,
            Breach::Unfinished | Breach::Untriggered { .. } => None,
        });
        breach.or(self.departure).or(self.blamed())
    }
}

/// States without which no trace fits a path: one, or some of which one is needed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Required {
    /// Those that the trace never entered.
    pub never: Vec<String>,
    /// Those of which one is required after the last state of the trace.
    pub next: Vec<String>,
}

/// A length of time that is known within bounds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Length {
    /// The least, in microseconds.
    pub least: Micros,
    /// The most, in microseconds; none while it continues, or when it is unbounded.
    pub most: Option<Micros>,
}

impl Length {
    /// The length of a span.
    #[must_use]
    pub fn of(span: Span) -> Self {
        Self { least: span.lo, most: (span.hi < NEVER_AFTER / 2).then_some(span.hi) }
    }
}

/// The kind of statement that a state violated.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Rule {
    /// A path had another state there.
    Path,
    /// `never`
    Never,
    /// `always` these.
    Always(String),
    /// A `graph` has no edge from this state to it; none when it was the first state.
    Graph(Option<String>),
}

/// What violated a trace. Events are given by their indices in the trace.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Breach {
    /// A state that was not legal where it was entered.
    Illegal {
        /// The entry.
        at: usize,
        /// What it broke.
        rule: Rule,
    },
    /// The trace ended before the path did.
    Unfinished,
    /// A stay was too short or too long.
    Stay {
        /// The entry of the state.
        at: usize,
        /// How long it lasted.
        lasted: Length,
        /// The least that was required, in microseconds.
        least: Micros,
        /// The most that was allowed, in microseconds; none for unlimited.
        most: Option<Micros>,
    },
    /// A group took too long or not long enough from its first entry to its last.
    Group {
        /// Its first entry.
        from: usize,
        /// The entry that came too late or too early; none when it did not come.
        to: Option<usize>,
        /// How long it took.
        took: Length,
        /// What was required.
        within: Bound,
    },
    /// What should have followed came too late, too early or not at all.
    Unanswered {
        /// The entry that required an answer.
        trigger: usize,
        /// The entry that came too late or too early.
        answer: Option<usize>,
        /// How long it took, or has been waited for.
        after: Length,
        /// What was required; none for any time.
        within: Option<Bound>,
        /// What should have followed.
        then: String,
    },
    /// What should have followed on another track came too late, too early or not at all.
    Unmet {
        /// The entry that required it.
        trigger: usize,
        /// What should have followed.
        awaited: String,
        /// How long it took; none where it did not come.
        after: Option<Length>,
        /// What was required; none for any time.
        within: Option<Bound>,
    },
    /// A state was entered more often than its cause.
    Uncaused {
        /// The entry.
        at: usize,
        /// Its number among the entries into these states, from 1.
        number: u64,
        /// The cause.
        awaited: String,
        /// How often that was entered by then, at most.
        came: u64,
    },
    /// There was too little to judge.
    Untriggered {
        /// The states to be entered.
        every: String,
        /// The number of entries.
        seen: u64,
        /// The required number.
        min: u64,
    },
    /// Something happened too often or not often enough.
    Number {
        /// The states that are counted; none for restarts.
        states: Option<String>,
        /// The event that exceeded the maximum.
        at: Option<usize>,
        /// The least number of times.
        least: u64,
        /// The most; none when unbounded.
        most: Option<u64>,
        /// The required number.
        min: u64,
        /// The allowed number; none for unlimited.
        max: Option<u64>,
    },
    /// A state was entered before its condition was met.
    Early {
        /// The entry.
        at: usize,
        /// The condition.
        awaited: String,
        /// When the condition was first met; none when it never was.
        came: Option<Micros>,
    },
    /// A state was held while another one was.
    Meanwhile {
        /// Its entry.
        at: usize,
        /// The other state, with its track.
        held: String,
        /// The other state alone.
        state: String,
        /// The number of its subject.
        of: usize,
        /// When that was entered; none where that is not known.
        since: Option<Micros>,
    },
    /// The track changed after it should have been quiet.
    Noise {
        /// The change.
        at: usize,
        /// The state after which it should have been quiet.
        trigger: String,
        /// When that was entered.
        since: Option<Span>,
    },
}

/// Why the verdict on a trace is undecided. Events are given by their indices in the trace.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Doubt {
    /// The subject existed before the recording began.
    Beginning(usize),
    /// A gap.
    Lost(usize),
    /// A gap after which the track was not seen again.
    NotSeenAgain(usize),
    /// States that were never published.
    Coalesced(usize),
    /// An entry whose time is known only as an interval.
    Interval(usize),
    /// Nothing proves that the end of the recording is complete.
    Unfenced,
    /// The recording is damaged, so that its lines could only be read up to there.
    Damaged {
        /// Number of the line that could not be read, counted from 1.
        line: u64,
    },
    /// The recording, or the window, ended before a bound elapsed.
    Unended {
        /// It was the window.
        by_window: bool,
        /// The entry from which the time counts.
        since: usize,
        /// When the bound would have elapsed; none when that depends on later entries.
        until: Option<Micros>,
    },
    /// The time at which the condition was met is not known exactly.
    Condition(String),
    /// When the condition was held is not known exactly.
    Held(String),
    /// In which state another track was is not known well enough.
    Values(String),
    /// This track and another one were never in a state at once.
    Apart(String),
    /// Which of two entries came first, where only times tell, and these do not; names the states of the condition.
    Order(String),
    /// When the condition was entered, and how often, is not known exactly.
    Entries(String),
    /// The track has had more labels than a placeholder is compared with.
    Labels {
        /// The placeholder, as the path names it.
        placeholder: String,
        /// How many labels it is compared with.
        most: usize,
    },
    /// The trace continues, and something is awaited.
    Waiting {
        /// The entry that awaits it.
        trigger: Option<usize>,
        /// The deadline.
        until: Option<Micros>,
        /// The verdict if the trace ended now: satisfied, violated, or none for neither.
        fits: Option<bool>,
    },
}

/// One step of the nearest legal trace.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Edit {
    /// As it was seen.
    Keep(String),
    /// Not seen, but required.
    Insert(String),
    /// Seen, but not allowed.
    Drop(String),
    /// Seen where another state is required.
    Replace(String, String),
}

/// One state of a completion.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step {
    /// The label of the state.
    pub label: String,
    /// True when it was not seen.
    pub hidden: bool,
    /// The assumed time of its entry, where that was not seen and matters.
    pub at: Option<Micros>,
}
