//! What statetrail promises, held on a real etcd and kube-apiserver. Runs without root.
//!
//! The stand-in server of the replay room shows the faults that a real server cannot be made to show; here is what
//! real servers do when they are killed, when their history is gone, and when they do not let us in.

mod arrivals;
mod commands;
mod costs;
mod credentials;
mod heals;
mod interruptions;
mod kinds;
mod ready;
mod recovers;
mod refusals;
mod requirements;
mod rights;
mod statuses;
