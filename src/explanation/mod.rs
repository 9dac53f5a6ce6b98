//! Explanations of verdicts: where a trace stopped being legal, what was legal there, the nearest legal trace, the gap
//! that is to blame, and completions of what was not seen that give either verdict.
//!
//! The monitor decides the verdict; this room never changes it. What would take too long to find is left out, never
//! guessed.

#![expect(unreachable_pub, reason = "`crate::expectation` re-exports what this room offers, so that is public here")]

mod blame;
mod breach;
mod case;
mod completion;
mod departure;
mod doubt;
mod explain;
mod nearest;
mod placeholder;
mod required;
mod sentence;
mod why;

pub use case::Case;
pub use explain::explain;
pub use sentence::{TimeFormat, Timeless};
pub use why::{Breach, Doubt, Edit, Explanation, Length, Required, Rule, Step};
