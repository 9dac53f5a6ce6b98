//! Calls to a source that pass through the recorder: it listens on a socket of its own, and passes on what comes, both
//! ways. What it passes on, it has seen: nothing else is needed to attach.
//!
//! `accept` takes connections, `relay` passes on, byte by byte, what comes on one, `arrivals` says since when that may have
//! waited, `calls` is what is recorded of them, and `run` records. What of it is read, the source says.

mod accept;
mod arrivals;
mod calls;
mod relay;
mod run;
#[cfg(test)]
mod tests;

pub(super) use accept::Protocol;
#[cfg(test)]
pub(super) use arrivals::watched;
#[cfg(test)]
pub(super) use calls::Known;
pub(super) use calls::{Call, Calls, NOT_READ, OneCall, name};
pub(super) use relay::Exchange;
#[cfg(test)]
pub(super) use relay::relay;
pub(super) use run::run;
