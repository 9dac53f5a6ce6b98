//! Arbitrary input causes no panic, no hang and no excessive memory use. Inputs of the corpus are mutated, and those
//! with a new answer are kept and mutated further.
//!
//! `STATETRAIL_FUZZ_SECONDS` is how long each target runs, by default 10; `STATETRAIL_FUZZ_SEED` repeats a run. An
//! input that fails is left in the folder that the failure names; add it to `tests/offline/fuzz/corpus`, with which
//! every run begins.
//!
//! cargo-fuzz is not used, since its coverage needs a nightly compiler. The answer itself replaces coverage: an error
//! or a shape of verdict that was not seen before counts as new code reached.

mod change;
mod language;
mod large;
mod recordings;
mod runner;
mod words;
