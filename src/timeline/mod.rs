//! The pure fold of a recording: transitions, gaps, marks and evidence, in order.
//!
//! The same recording always gives the same timeline, live or replayed.

mod coverage;
mod entry;
mod fold;
mod life;
mod order;
mod place;
mod raw;
mod sighting;
mod standing;
mod tombstones;
mod unpublished;

pub use entry::{Body, Detailed, Entry, GapEntry, Origin, Provenance, Reported, Transition};
pub(crate) use order::{Misplaced, Order, Rereading, Sorting};

// Not part of the API: for the tests and benchmarks of this repository.
#[doc(hidden)]
pub use coverage::{Coverage, Fence, List};
#[doc(hidden)]
pub use fold::Fold;
#[doc(hidden)]
pub use order::{SETTLE, sorted};
#[doc(hidden)]
pub use place::Ordered;
pub(crate) use standing::Standing;
pub(crate) use tombstones::Tombstones;
