//! Faults that can be injected: what networks and API servers do to clients, on demand.
//!
//! A fault is a value. It is parsed from text ([`Fault::parse`]), matched to requests ([`Faults`]) and carried out at
//! its layer: requests are refused, streams are altered event by event, bytes are held back at the socket.

mod catalogue;
mod effect;
mod parts;
mod plan;
mod shape;
mod trials;

pub use catalogue::{Known, catalogue};
pub use effect::{Effect, Fault, Garble, Gone, OldServer, Scope};
pub(super) use plan::{Faults, Plan};
pub(super) use shape::{End, Shape};
pub use trials::{TRIALS, Trial};
