//! From sources to a program, with all that is wrong with them.

use super::clause;
use super::diagnostic::{Diagnostics, Fragment};
use super::document;
use super::program::Program;
use super::sketch::Sketch;
use crate::monitor::Fault;

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
                Source::Line { name, text } => clause::one_line(name, text, None).map(|read| vec![read]),
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
        Self { expectations: vec![clause::one_line(name, text, Some(sketch))?] }.about(sketch)
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
}
