//! Expectations: statements about whole paths, judged with what was not seen taken into account.
//!
//! The door to four rooms, each of which knows only those before it: the monitor (one word), the language (from text to
//! a program), the explanation (why a word stands where it stands) and the judge (a program over a timeline). What
//! whoever writes or judges expectations needs is here; docs/EXPECTATIONS.md is the user's side of it. All of it is
//! pure: it reads no clock and no file.

pub use crate::explanation::{Breach, Doubt, Edit, Explanation, Length, Rule, Step, Tell};
pub use crate::judge::{
    ClauseOutcome, Ends, Environment, Fact, FeatureGates, Judge, Life, Outcome, Unseen, WordOutcome, judge_line,
    judge_sketch,
};
pub use crate::language::{
    Diagnostic, Diagnostics, Ending, Expectation, Fragment, Program, Quantify, Selector, Severity, Sketch, Source,
    Track, Words,
};
pub use crate::monitor::{Cause, End, Event, Fault, Found, Judgement, Micros, Order, Shown, Span, Symbol, Verdict};
