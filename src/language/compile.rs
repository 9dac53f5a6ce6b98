//! Compiles sources to a program, and collects all errors.

use super::clause;
use super::diagnostic::{Diagnostic, Diagnostics, Fragment};
use super::document;
use super::program::{Expectation, Program};
use super::sketch::Sketch;
use crate::monitor::Fault;
use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::ops::Range;

/// Most clauses of one program.
pub const MAX_CLAUSES: usize = 10_000;

/// A source of expectations.
#[derive(Clone, Copy, Debug)]
pub enum Source<'a> {
    /// A YAML or JSON file; it may hold several documents.
    Document {
        /// The file's name, for messages.
        name: &'a str,
        /// The file's content.
        text: &'a str,
    },
    /// The one-line form.
    Line {
        /// The name in messages, such as `--expect`.
        name: &'a str,
        /// The line.
        text: &'a str,
    },
}

impl<'a> Source<'a> {
    fn whole(self) -> Fragment<'a> {
        let (Self::Document { name, text } | Self::Line { name, text }) = self;
        Fragment::whole(name, text)
    }
}

/// The names so far, and where they are: reports tell expectations apart by their names.
#[derive(Default)]
struct Names<'a>(BTreeMap<String, (Source<'a>, Range<usize>)>);

impl<'a> Names<'a> {
    /// Adds the name of an expectation; an error if there is one of this name.
    fn add(&mut self, expectation: &Expectation, source: Source<'a>) -> Option<Diagnostic> {
        let Expectation { name, name_range, .. } = expectation;
        let (first, range) = match self.0.entry(name.clone()) {
            Entry::Vacant(vacant) => {
                vacant.insert((source, name_range.clone()));
                return None;
            }
            Entry::Occupied(first) => first.get().clone(),
        };
        let Diagnostic { origin, line, .. } = first.whole().locate(Fault::new(range, ""));
        let remedy = match source {
            Source::Document { .. } => "give each its own name",
            Source::Line { .. } => "leave one of them out",
        };
        let again = Fault::new(name_range.clone(), format!("another expectation is named `{name}`"));
        Some(source.whole().locate(again.help(format!("the first is at {origin}:{line}; {remedy}"))))
    }
}

impl Program {
    /// Compiles expectations.
    ///
    /// # Errors
    /// Everything that is wrong with them, each with its place.
    pub fn compile<'a>(sources: impl IntoIterator<Item = Source<'a>>) -> Result<Self, Diagnostics> {
        let mut program = Self::default();
        let mut wrong = Vec::new();
        let mut names = Names::default();
        for source in sources {
            let read = match source {
                Source::Line { name, text } => clause::one_line(name, text, None).map(|read| vec![read]),
                Source::Document { name, text } => document::read(name, text),
            };
            match read {
                Ok(read) => {
                    wrong.extend(read.iter().filter_map(|expectation| names.add(expectation, source)));
                    program.expectations.extend(read);
                }
                Err(Diagnostics(found)) => wrong.extend(found),
            }
        }
        let clauses: usize = program.expectations.iter().map(|expectation| expectation.clauses.len()).sum();
        if clauses > MAX_CLAUSES && wrong.is_empty() {
            let fault = Fault::new(0..1, format!("{clauses} statements, at most {MAX_CLAUSES} are allowed"));
            wrong.push(Fragment::whole("expectations", "").locate(fault));
        }
        if wrong.is_empty() { Ok(program) } else { Err(Diagnostics(wrong)) }
    }

    /// Compiles a line for a sketch; without a subject it is about the sketch's one unnamed track.
    ///
    /// # Errors
    /// Everything that is wrong with it.
    #[doc(hidden)]
    pub fn for_sketch(name: &str, text: &str, sketch: &Sketch) -> Result<Self, Diagnostics> {
        Self { expectations: vec![clause::one_line(name, text, Some(sketch))?] }.about(sketch)
    }

    /// Compiles a document for a sketch, which has no other tracks than those it shows.
    ///
    /// # Errors
    /// Everything that is wrong with it.
    #[doc(hidden)]
    pub fn document_for_sketch(name: &str, text: &str, sketch: &Sketch) -> Result<Self, Diagnostics> {
        Self::compile([Source::Document { name, text }])?.about(sketch)
    }

    fn about(self, sketch: &Sketch) -> Result<Self, Diagnostics> {
        let wrong = self.unknown_tracks(&sketch.words());
        if wrong.is_empty() { Ok(self) } else { Err(Diagnostics(wrong)) }
    }
}
