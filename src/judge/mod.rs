//! The judge: holds a program against a timeline as it grows and says where every expectation stands.
//!
//! Subjects with the traces of their tracks (`subjects.rs`), the spans that are judged (`window.rs`, `cut.rs`), how far each stream
//! was seen (`ends.rs`), what is said of one word, of many subjects together and of a formula. `feed.rs` brings entries
//! of a timeline before it, `sketched.rs` sketches. The room is pure: it reads no clock and no file.

#![expect(unreachable_pub, reason = "`crate::expectation` re-exports what this room offers, so that is public here")]

mod beyond;
mod chosen;
mod condition;
#[cfg(test)]
mod cost;
mod cut;
mod ends;
mod feature_gates;
mod feed;
mod formula;
mod log;
mod members;
mod membership;
mod outcome;
mod requires;
mod sketched;
mod state;
mod subjects;
mod together;
mod unshown;
mod verdicts;
mod window;

pub use ends::Ends;
pub use feature_gates::FeatureGates;
pub use outcome::{ClauseOutcome, Life, Outcome, WordOutcome};
pub use requires::{Environment, Fact};
pub use sketched::{judge as judge_sketch, judge_line};
pub use state::{Judge, Unseen};
