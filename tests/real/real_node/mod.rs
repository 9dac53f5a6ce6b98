//! statetrail's promises on a real kubelet. Needs root.

mod compare;
mod in_cluster;
mod raw;
mod stories;
