//! What statetrail promises, held on a real kubelet. Needs root.

mod in_cluster;
mod raw;
mod stories;
mod told;
