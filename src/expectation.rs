//! Expectations: statements about traces, judged with what was not seen taken into account.
//!
//!
//! This module re-exports what other rooms need of four rooms: the monitor (judges one trace), the language (parses
//! text to a program), the explanation (why the verdict on a trace is what it is) and the judge (runs a program over a
//! timeline). docs/EXPECTATIONS.md describes the language. All of it is pure: it reads no clock and no file.

pub use crate::explanation::{Breach, Doubt, Edit, Explanation, Length, Rule, Step, TimeFormat};
pub use crate::judge::{
    ClauseOutcome, Ends, Environment, Fact, FeatureGates, Judge, Life, Outcome, Unseen, WordOutcome, judge_line,
    judge_sketch,
};
pub use crate::language::{
    Diagnostic, Diagnostics, Ending, Expectation, Fragment, Program, Quantify, Selector, Severity, Sketch, Source,
    Track, Words,
};
pub use crate::monitor::{Cause, End, Event, Fault, Found, Judgement, Micros, Order, Shown, Span, Symbol, Verdict};
