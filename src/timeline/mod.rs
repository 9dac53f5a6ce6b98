//! The pure fold of a recording: transitions, gaps, marks and evidence, in order.
//!
//! The same recording gives the same timeline, live or replayed, today or next year.

mod entry;
mod fold;
mod life;
mod order;
mod place;
mod sighting;
mod tail;
mod unpublished;

pub use entry::{Blind, Body, Entry, How, Transition};
pub use fold::Fold;
pub use order::{Order, SETTLE, sorted};
pub use place::Placed;
pub use tail::Tail;
