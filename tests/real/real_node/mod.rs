//! statetrail's promises on a real kubelet. Needs root.

mod compare;
mod image_pull;
mod in_cluster;
mod raw;
mod stories;
