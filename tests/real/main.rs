//! What needs a real control plane (`tests/cluster/build`); the modules on a node (`harness_node`, `real_node`) need root
//! too. Whoever runs the tests without root leaves those out by name and says so: none of these tests passes without
//! having tested.

#[path = "../cluster/mod.rs"]
mod cluster;
mod harness_control_plane;
mod harness_node;
mod real_control_plane;
mod real_node;
#[path = "../recorded/mod.rs"]
mod recorded;
#[path = "../recorder/mod.rs"]
mod recorder;
