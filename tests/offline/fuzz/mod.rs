//! Whatever bytes come: no panic, no hang, no blow-up. Inputs of the corpus are changed, and those whose answer is new
//! are kept and changed further.
//!
//! `STATETRAIL_FUZZ_SECONDS` is how long each target runs, 10 when not set; `STATETRAIL_FUZZ_SEED` repeats a run. An input
//! that is not answered as it should be is left in the folder that the failure names: into `tests/offline/fuzz/corpus`
//! with it, where every run begins.
//!
//! Why not cargo-fuzz: its coverage needs a nightly compiler. What stands in for coverage is the answer itself: every
//! error, every shape of a verdict that was not seen before is a new place that was reached.

mod change;
mod language;
mod large;
mod recordings;
mod runner;
mod words;
