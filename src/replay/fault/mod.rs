//! Faults that the server can be told to have: what networks and API servers do to clients, on command.
//!
//! A fault is a value; it is read from text ([`Fault::parse`]), matched to requests ([`Faults`]) and carried out where it
//! belongs: answers refused before they are made, streams shaped event by event, bytes held back at the socket.

mod catalogue;
mod effect;
mod parts;
mod plan;
mod shape;

pub use catalogue::{Known, catalogue};
pub use effect::{Effect, Fault, Garble, Gone, OldServer, Scope};
pub(super) use plan::{Faults, Plan};
pub(super) use shape::{End, Shape};
