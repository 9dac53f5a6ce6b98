//! Expectations: statements about traces, judged with what was not seen taken into account.
//!
//! This module re-exports what other rooms need of four rooms: the monitor (judges one trace), the language (parses
//! text to a program), the explanation (why the verdict on a trace is what it is) and the judge (runs a program over a
//! timeline). docs/EXPECTATIONS.md describes the language. All of it is pure: it reads no clock and no file.

pub use crate::judge::{ClauseOutcome, Life, Outcome, TraceOutcome};
pub use crate::language::{Diagnostic, Diagnostics, Expectation, Program, Severity, Source};
pub use crate::monitor::{Judgement, Verdict};

// Not part of the API: for the tests and benchmarks of this repository.
#[doc(hidden)]
pub use crate::explanation::{Breach, Doubt, Edit, Explanation, Length, Required, Rule, Step, TimeFormat};
#[doc(hidden)]
pub use crate::judge::{Ends, Environment, Fact, FeatureGates, Judge, judge_line, judge_sketch, when};
#[doc(hidden)]
pub use crate::language::{API_VERSION, Ending, Quantify, Selector, Sketch, Track, Words};
#[doc(hidden)]
pub use crate::monitor::{Bound, Cause, Details, End, Event, Found, Micros, Order, Shown, Span, Symbol};
