//! Expectations compiled: what a judge runs.

use super::diagnostic::{Diagnostics, Fault, Fragment};
use super::document;
use super::line::{Head, Line, line};
use super::plan::{Place, Plan};
use super::requires::Requires;
use super::select::{Quantify, Selector, kind, known_kinds};
use super::sketch::Sketch;
use super::vocabulary::{check_track, nearest};
use super::window::Window;
use crate::observation::Track;
use std::ops::Range;

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
    /// What is said.
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
                Source::Line { name, text } => one_line(name, text, None).map(|read| vec![read]),
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
        Ok(Self { expectations: vec![one_line(name, text, Some(sketch))?] })
    }

    /// The expectations, in the order of the sources.
    #[must_use]
    pub fn expectations(&self) -> &[Expectation] {
        &self.expectations
    }
}

fn one_line(name: &str, text: &str, sketch: Option<&Sketch>) -> Result<Expectation, Diagnostics> {
    compile_line(text, sketch).map_err(|fault| Fragment::whole(name, text).locate(fault).into())
}

fn compile_line(text: &str, sketch: Option<&Sketch>) -> Result<Expectation, Fault> {
    let Line { head, condition, statement } = line(text)?;
    let mut subjects = Vec::new();
    let (tracks, place) = own_track(head.as_ref(), sketch, &mut subjects)?;
    let (condition, condition_place) = match &condition {
        Some(head) => {
            let (pattern, place) = head_track(head, &mut subjects)?;
            (Some((1, pattern)), Some(place))
        }
        None => (None, None),
    };
    restart_needs_container(&statement, &place, 0..text.len())?;
    let plan = Plan::new(&statement, &place, condition_place.as_ref(), false)?;
    let needs_state = needs_state(&statement);
    let clause = Clause { text: text.trim().to_owned(), subject: 0, tracks, condition, plan, needs_state };
    Ok(Expectation {
        name: text.trim().to_owned(),
        subjects,
        requires: Requires::default(),
        window: Window::default(),
        formula: Formula::Clause(0),
        clauses: vec![clause],
        assumptions: Vec::new(),
    })
}

/// Statements about runs of states have nothing to say about a track that never had one.
pub(super) fn needs_state(statement: &super::statement::Statement) -> bool {
    use super::statement::Statement;
    matches!(statement, Statement::Never(_) | Statement::Always(_) | Statement::Graph(_))
}

/// Restarts are counted where there are containers.
pub(super) fn restart_needs_container(
    statement: &super::statement::Statement,
    place: &Place,
    range: Range<usize>,
) -> Result<(), Fault> {
    match (&place.track, statement) {
        (Some(track), super::statement::Statement::Count { states: None, .. }) if !track.is_container() => {
            Err(Fault::new(range, format!("`restart` on track `{track}`: only containers restart"))
                .help("a `container/NAME` track; a state of this name is quoted: `'restart'`"))
        }
        _ => Ok(()),
    }
}

fn own_track(
    head: Option<&Head>,
    sketch: Option<&Sketch>,
    subjects: &mut Vec<(String, Selector)>,
) -> Result<(Pattern, Place), Fault> {
    if let Some(head) = head {
        return head_track(head, subjects);
    }
    let example = "`vm/vm-imagepull status: ... -> Running -> ...`";
    let Some(sketch) = sketch else {
        return Err(Fault::new(0..1, "whom and which track this is about is not said").help(example));
    };
    let [track] = sketch.tracks.as_slice() else {
        return Err(Fault::new(0..1, "the sketch has several tracks, and the expectation names none").help(example));
    };
    let Some((subject, name)) = &track.name else {
        subjects.push((String::new(), Selector { quantify: Quantify::First, ..Selector::of("") }));
        return Ok((Pattern::Unnamed, Place { sorted: track.sorted, ..Place::unknown() }));
    };
    let head = Head { subject: (subject.clone(), 0..1), track: (name.clone(), 0..1) };
    head_track(&head, subjects)
}

fn head_track(head: &Head, subjects: &mut Vec<(String, Selector)>) -> Result<(Pattern, Place), Fault> {
    let selector = selector(&head.subject.0, &head.subject.1)?;
    let (pattern, place) = track(&selector.kind, &head.track.0, &head.track.1)?;
    subjects.push((head.subject.0.clone(), selector));
    Ok((pattern, place))
}

/// Reads a track's name for a kind.
pub(super) fn track(kind: &str, name: &str, range: &Range<usize>) -> Result<(Pattern, Place), Fault> {
    if name.is_empty() {
        return Err(Fault::new(range.clone(), "a track without a name").help("`phase`, `condition/Ready`"));
    }
    check_track(kind, name).map_err(|(message, help)| Fault::new(range.clone(), message).help(help))?;
    let pattern = Pattern::parse(name);
    let place = match &pattern {
        Pattern::One(track) => Place::of(kind, track),
        Pattern::Family(family) => Place::of(kind, &Track::parse(&format!("{family}x"))),
        Pattern::Unnamed => Place::unknown(),
    };
    Ok((pattern, place))
}

/// Reads `KIND`, `KIND/NAME` or `KIND/NAMESPACE/NAME`.
pub(super) fn selector(text: &str, range: &Range<usize>) -> Result<Selector, Fault> {
    let parts: Vec<&str> = text.split('/').collect();
    let (word, namespace, name) = match parts.as_slice() {
        [kind] => (*kind, None, None),
        [kind, name] => (*kind, None, Some(*name)),
        [kind, namespace, name] => (*kind, Some(*namespace), Some(*name)),
        _ => {
            return Err(Fault::new(range.clone(), format!("`{text}` names no subject"))
                .help("`KIND`, `KIND/NAME` or `KIND/NAMESPACE/NAME`"));
        }
    };
    if [Some(word), namespace, name].into_iter().flatten().any(str::is_empty) {
        return Err(Fault::new(range.clone(), format!("`{text}` names no subject")).help("`vm/vm-imagepull`"));
    }
    let kind = known_kind(word, range)?;
    let quantify = if name.is_some() { Quantify::First } else { Quantify::Each };
    Ok(Selector {
        namespace: namespace.map(str::to_owned),
        name: name.map(str::to_owned),
        quantify,
        ..Selector::of(&kind)
    })
}

/// Reads a kind's name.
pub(super) fn known_kind(word: &str, range: &Range<usize>) -> Result<String, Fault> {
    let known = kind(word);
    if known == word && word.chars().next().is_some_and(char::is_lowercase) {
        let fault = Fault::new(range.clone(), format!("unknown kind `{word}`"));
        return Err(match nearest(word, known_kinds().into_iter()) {
            Some(near) => fault.help(format!("did you mean `{near}`?")),
            None => fault.help("pod, vmi, vm, vmim, dv; any other kind is written as the API writes it, `StatefulSet`"),
        });
    }
    if known == word
        && let Some(near) = nearest(word, KINDS.iter().copied()).filter(|near| *near != word)
    {
        let fault = Fault::new(range.clone(), format!("unknown kind `{word}`"));
        return Err(fault.help(format!("did you mean `{near}`?")));
    }
    Ok(known)
}

const KINDS: &[&str] =
    &["Pod", "VirtualMachine", "VirtualMachineInstance", "VirtualMachineInstanceMigration", "DataVolume"];
