//! From a kept object to the states of its tracks: one file per kind, pure.
//!
//! Adding a kind is one file here, one line in [`of`] and one scenario under `tests/scenarios`.

mod conditions;
mod container;
mod custom;
mod data_volume;
mod event;
mod generic;
mod interpretation;
mod metadata;
mod migration;
mod pod;
mod pod_status;
mod registry;
mod text;
mod tracks;
mod virtual_machine;
mod virtual_machine_instance;

pub use interpretation::{Deletion, Error, Evidence, Interpretation, Interpreter, Involved};
pub use registry::{WellKnown, admit, named, of, shape, well_known};
