//! The pure fold of a recording: transitions, gaps, marks and evidence, in order.
//!
//! The same recording gives the same timeline, live or replayed, today or next year.

mod coverage;
mod entry;
mod fold;
mod life;
mod order;
mod place;
mod sighting;
mod tombstones;
mod unpublished;

pub use coverage::Coverage;
pub use entry::{Body, Detailed, Entry, GapEntry, Provenance, Transition};
pub use fold::Fold;
pub use order::{Order, SETTLE, Sorting, sorted};
pub use place::Ordered;
