//! The language of expectations: from a line, or from a YAML document, to a program; and timelines sketched on one
//! line.
//!
//! What is wrong is told with its place and a remedy: words outside the grammar, outside a closed vocabulary, or, where
//! the vocabulary is open, outside what a recording shows. docs/EXPECTATIONS.md is the user's side of it.

#![expect(unreachable_pub, reason = "`crate::expectation` re-exports what this room offers, so that is public here")]

mod check;
mod clause;
mod compile;
mod diagnostic;
mod document;
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
pub use diagnostic::{Diagnostic, Diagnostics, Fragment, Severity};
pub use pattern::Pattern;
pub use program::{Clause, Expectation, Formula, Program};
pub use requires::{Requires, Version, Versions};
pub use select::{Quantify, Selector, kind};
pub(crate) use sketch::parts;
pub use sketch::{Ending, Sketch, Track};
pub use vocabulary::unlisted;
pub use window::{From, Until, Window};
pub use words::Words;
