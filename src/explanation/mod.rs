//! Why one word stands where it stands: where it left what was legal, what was legal there, the nearest legal word, the
//! gap that is to blame, and how what was not seen could have gone either way.
//!
//! The verdict is the monitor's and is never changed here. What would take too long to find is left out, never guessed.

#![expect(unreachable_pub, reason = "`crate::expectation` re-exports what this room offers, so that is public here")]

mod blame;
mod breach;
mod case;
mod completion;
mod doubt;
mod explain;
mod nearest;
mod sentence;
mod why;

pub use case::Case;
pub use explain::explain;
pub use sentence::{Tell, Timeless};
pub use why::{Breach, Doubt, Edit, Explanation, Length, Rule, Step};
