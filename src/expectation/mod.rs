//! Expectations: statements about whole paths, judged with what was not seen taken into account.
//!
//! docs/SEMANTICS.md defines the meaning, docs/EXPECTATIONS.md teaches the language. The room is pure: it reads no clock
//! and no file.

mod alphabet;
mod automaton;
mod dfa;
mod diagnostic;
mod document;
mod ends;
mod explain;
mod feed;
mod judge;
mod line;
mod mention;
mod monitor;
mod outcome;
mod plan;
mod program;
mod requires;
mod roster;
mod select;
mod sketch;
mod sketched;
mod statement;
mod syntax;
mod verdict;
mod vocabulary;
mod window;
mod word;
mod words;

pub use diagnostic::{Diagnostic, Diagnostics, Fault, Fragment, Severity};
pub use ends::Ends;
pub use explain::{Breach, Doubt, Edit, Explanation, Length, Rule, Step, Tell};
pub use judge::{Judge, Unseen};
pub use outcome::{ClauseOutcome, Outcome, WordOutcome};
pub use program::{Expectation, Program, Source};
pub use requires::{Environment, Fact};
pub use sketch::{Ending, Sketch};
pub use sketched::{judge as judge_sketch, judge_line};
pub use verdict::{Standing, Verdict};
pub use word::{Cause, End, Event, Letter, Micros, Order, Shown, Span};
pub use words::Words;
