//! The judge: runs a program over a timeline as it grows and gives the verdict of every expectation.
//!
//! Subjects with the traces of their tracks are in `subjects.rs`, windows in `window.rs` and `cut.rs`, how far each
//! stream was seen in `ends.rs`. `verdicts.rs` judges traces, `together.rs` combines subjects and `formula.rs` clauses.
//! `feed.rs` reads the entries of a timeline, `events.rs` those of Events, `sketched.rs` sketches; `bury.rs` drops
//! subjects that were deleted long ago. The room is pure: it reads no clock and no file.

#![expect(unreachable_pub, reason = "`crate::expectation` re-exports what this room offers, so that is public here")]

mod apart;
mod beyond;
mod buried;
mod bury;
mod chosen;
mod condition;
#[cfg(test)]
mod cost;
mod cut;
mod doubted;
mod ends;
mod entered;
mod events;
mod feature_gates;
mod feed;
mod formula;
mod log;
mod members;
mod membership;
mod outcome;
mod pins;
mod predicates;
mod quoted;
mod requires;
mod samples;
mod sketched;
mod state;
mod storages;
mod subjects;
mod together;
mod unshown;
mod verdicts;
mod window;

pub use ends::Ends;
pub use feature_gates::FeatureGates;
pub use feed::when;
pub use outcome::{ClauseOutcome, Life, Outcome, TraceOutcome};
pub use requires::{Environment, Fact};
pub use sketched::{judge as judge_sketch, judge_line};
pub use state::Judge;
