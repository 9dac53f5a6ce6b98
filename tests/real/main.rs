//! Tests that need a real control plane (`tests/cluster/build`); the modules on a node (`harness_node`, `real_node`)
//! also need root. To run without root, exclude those by name: the tests fail rather than skip.

#[path = "../cluster/mod.rs"]
mod cluster;
#[path = "../dashboards/mod.rs"]
mod dashboards;
mod go;
mod harness_control_plane;
mod harness_node;
mod metrics;
mod prometheus;
mod real_control_plane;
mod real_node;
#[path = "../recorder/mod.rs"]
mod recorder;
mod replay;
#[path = "../runc/simulated.rs"]
mod simulated;
