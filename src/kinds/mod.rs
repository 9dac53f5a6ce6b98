//! Kinds declare themselves and read the states of their tracks from kept objects: one file per kind, without I/O.
//!
//! Adding a kind is one file here, its line in the registry, and one scenario under `tests/scenarios`.

mod clone;
mod conditions;
mod container;
mod custom;
mod data_volume;
mod declaration;
mod deployment;
mod event;
mod export;
mod generic;
mod interpretation;
mod job;
mod metadata;
mod migration;
mod node;
mod parts;
mod persistent_volume_claim;
mod phased;
mod pod;
mod pod_status;
mod pool;
mod registry;
mod replica_set;
mod replicas;
mod restore;
mod snapshot;
mod text;
mod tracks;
mod virtual_machine;
mod virtual_machine_instance;

pub use declaration::{Kind, Role, TrackDeclaration, Vocabulary};
pub use interpretation::{Deletion, Error, Evidence, Interpretation, Interpreter, Involved};
pub use registry::{admit, all, displayed, is_named, listed, named, of, of_kind, owners, owns, served, shape, tracks};
