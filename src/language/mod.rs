//! The language of expectations: parses lines and YAML documents to a program, and sketches to timelines.
//!
//! Errors have a place and a remedy. Rejected are names outside the grammar, outside a closed vocabulary and, where the
//! vocabulary is open, outside what a recording shows. docs/EXPECTATIONS.md describes the language.

#![expect(unreachable_pub, reason = "`crate::expectation` re-exports what this room offers, so that is public here")]

mod check;
mod clause;
mod compile;
mod diagnostic;
mod document;
mod head;
mod line;
mod mention;
mod pattern;
mod program;
mod requires;
mod select;
mod sketch;
mod syntax;
mod vocabulary;
mod window;
mod words;

pub use compile::Source;
pub use diagnostic::{Diagnostic, Diagnostics, Severity};
pub use document::API_VERSION;
pub use pattern::Pattern;
pub use program::{Clause, Expectation, Formula, Program};
pub use requires::{Requires, Version, Versions, Wanted};
pub use select::{Quantify, Selector, kind};
pub(crate) use sketch::parts;
pub use sketch::{Ending, Sketch, Track};
pub(crate) use syntax::duration;
pub(crate) use vocabulary::unknown;
pub use vocabulary::unlisted;
pub use window::{Entered, From, Until, Window};
pub use words::Words;
