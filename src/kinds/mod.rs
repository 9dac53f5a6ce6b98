//! From a kept object to the states of its tracks: one file per kind, pure.
//!
//! Adding a kind is one file here, one line in [`of`] and one scenario under `tests/scenarios`.

mod interpretation;
mod registry;

pub use interpretation::{Deletion, Error, Evidence, Interpretation, Interpreter, Involved};
pub use registry::{Tracks, of, shape, well_known};
