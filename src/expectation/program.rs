//! Expectations compiled: what a judge runs.

mod line;

pub(super) use line::{known_kind, needs_state, restart_needs_container, track};

use super::diagnostic::{Diagnostics, Fault, Fragment};
use super::document;
use super::mention::Mentions;
use super::plan::Plan;
use super::requires::Requires;
use super::select::Selector;
use super::sketch::Sketch;
use super::statement::Statement;
use super::window::Window;
use crate::observation::Track;

/// Most clauses of one program.
pub const MAX_CLAUSES: usize = 10_000;

/// Where expectations come from.
#[derive(Clone, Copy, Debug)]
pub enum Source<'a> {
    /// A YAML or JSON file; it may hold several documents.
    Document {
        /// Its name, for messages.
        name: &'a str,
        /// What it holds.
        text: &'a str,
    },
    /// The one-line form.
    Line {
        /// What it is called in messages, `--expect`.
        name: &'a str,
        /// The line.
        text: &'a str,
    },
}

/// Compiled expectations.
#[derive(Clone, Debug, Default)]
pub struct Program {
    /// In the order of the sources.
    pub(super) expectations: Vec<Expectation>,
}

/// One expectation.
#[derive(Clone, Debug)]
pub struct Expectation {
    /// Its name: `metadata.name`, or the line itself.
    pub name: String,
    /// Subjects by alias.
    pub(super) subjects: Vec<(String, Selector)>,
    /// What must be so for it to be judged at all.
    pub(super) requires: Requires,
    /// The span that it speaks about.
    pub(super) window: Window,
    /// How its clauses combine.
    pub(super) formula: Formula,
    /// What it says, one by one.
    pub(super) clauses: Vec<Clause>,
    /// What it assumes, in words.
    pub assumptions: Vec<String>,
    /// Words that only a recording can tell to be mistakes.
    pub(super) mentions: Mentions,
}

/// How clauses combine.
#[derive(Clone, Debug)]
pub enum Formula {
    /// One of the expectation's clauses.
    Clause(usize),
    /// Every one.
    All(Vec<Formula>),
    /// At least one.
    Any(Vec<Formula>),
    /// Not this.
    Not(Box<Formula>),
}

/// One statement about a track.
#[derive(Clone, Debug)]
pub struct Clause {
    /// As it was written.
    pub text: String,
    /// Index of the subject.
    pub(super) subject: usize,
    /// Which tracks.
    pub(super) tracks: Pattern,
    /// Index of the condition's subject, and its track.
    pub(super) condition: Option<(usize, Pattern)>,
    /// What is said, as it was read: explanations speak of this.
    pub(super) statement: Statement,
    /// What is said, compiled.
    pub(super) plan: Plan,
    /// The clause speaks of a run of states, and of nothing when there is none.
    pub(super) needs_state: bool,
}

/// A track, or all of a family: `condition/*`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Pattern {
    /// One track.
    One(Track),
    /// All whose text begins so.
    Family(String),
    /// The unnamed track of a sketch.
    Unnamed,
}

impl Pattern {
    /// Reads `phase`, `condition/*`, `*`.
    #[must_use]
    pub fn parse(text: &str) -> Self {
        match text.strip_suffix('*') {
            Some(family) => Self::Family(family.to_owned()),
            None => Self::One(Track::parse(text)),
        }
    }

    /// True when the track is meant.
    #[must_use]
    pub fn fits(&self, track: &Track) -> bool {
        match self {
            Self::One(one) => one == track,
            Self::Family(family) => track.to_string().starts_with(family.as_str()),
            Self::Unnamed => true,
        }
    }
}

impl Formula {
    /// True when a clause stands under an odd number of `not`.
    #[must_use]
    pub fn negates(&self, clause: usize) -> bool {
        match self {
            Self::Clause(_) => false,
            Self::All(parts) | Self::Any(parts) => parts.iter().any(|part| part.names(clause) && part.negates(clause)),
            Self::Not(part) => part.names(clause) && !part.negates(clause),
        }
    }

    fn names(&self, clause: usize) -> bool {
        match self {
            Self::Clause(index) => *index == clause,
            Self::All(parts) | Self::Any(parts) => parts.iter().any(|part| part.names(clause)),
            Self::Not(part) => part.names(clause),
        }
    }
}

impl std::fmt::Display for Pattern {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::One(track) => track.fmt(f),
            Self::Family(family) => write!(f, "{family}*"),
            Self::Unnamed => Ok(()),
        }
    }
}

impl Program {
    /// Compiles expectations.
    ///
    /// # Errors
    /// All that is wrong with them, each with its place.
    pub fn compile<'a>(sources: impl IntoIterator<Item = Source<'a>>) -> Result<Self, Diagnostics> {
        let mut program = Self::default();
        let mut wrong = Vec::new();
        for source in sources {
            let read = match source {
                Source::Line { name, text } => line::one_line(name, text, None).map(|read| vec![read]),
                Source::Document { name, text } => document::read(name, text),
            };
            match read {
                Ok(read) => program.expectations.extend(read),
                Err(Diagnostics(found)) => wrong.extend(found),
            }
        }
        let clauses: usize = program.expectations.iter().map(|expectation| expectation.clauses.len()).sum();
        if clauses > MAX_CLAUSES && wrong.is_empty() {
            let fault = Fault::new(0..1, format!("{clauses} statements: at most {MAX_CLAUSES} are judged at once"));
            wrong.push(Fragment::whole("expectations", "").locate(fault));
        }
        if wrong.is_empty() { Ok(program) } else { Err(Diagnostics(wrong)) }
    }

    /// Compiles a line for a sketch: for its one unnamed track, a line without a subject.
    ///
    /// # Errors
    /// All that is wrong with it.
    pub fn for_sketch(name: &str, text: &str, sketch: &Sketch) -> Result<Self, Diagnostics> {
        Self { expectations: vec![line::one_line(name, text, Some(sketch))?] }.about(sketch)
    }

    /// Compiles a document for a sketch, whose tracks are all there are.
    ///
    /// # Errors
    /// All that is wrong with it.
    pub fn document_for_sketch(name: &str, text: &str, sketch: &Sketch) -> Result<Self, Diagnostics> {
        Self::compile([Source::Document { name, text }])?.about(sketch)
    }

    fn about(self, sketch: &Sketch) -> Result<Self, Diagnostics> {
        let wrong = self.unknown_tracks(&sketch.words());
        if wrong.is_empty() { Ok(self) } else { Err(Diagnostics(wrong)) }
    }

    /// The expectations, in the order of the sources.
    #[must_use]
    pub fn expectations(&self) -> &[Expectation] {
        &self.expectations
    }
}
