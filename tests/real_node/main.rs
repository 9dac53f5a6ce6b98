//! What statetrail promises, held on a real kubelet. Needs root.
//!
//! It is a target of its own so that whoever runs the tests without root leaves it out by name, and says so: none of
//! its tests passes without having tested.

#[path = "../cluster/mod.rs"]
mod cluster;
#[path = "../recorder/mod.rs"]
mod recorder;

mod in_cluster;
mod raw;
mod stories;
mod told;
