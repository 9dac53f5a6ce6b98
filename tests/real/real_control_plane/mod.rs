//! statetrail's promises on a real etcd and kube-apiserver. Runs without root.
//!
//! The stand-in server of the replay room covers faults that a real server cannot be made to show; these tests cover
//! real servers that are killed, whose history is compacted, and that deny access.

mod adoption;
mod arrivals;
mod certificates;
mod commands;
mod compared;
mod costs;
mod credentials;
mod desk;
mod go_client;
mod heals;
mod interruptions;
mod kinds;
mod kubevirt_example;
mod openapi;
mod readme;
mod ready;
mod recovers;
mod refusals;
mod replay_page;
mod replayed;
mod requirements;
mod restores;
mod rights;
mod secured;
mod served;
mod server_page;
mod sources;
mod statuses;
mod tortured;
