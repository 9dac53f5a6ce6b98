//! The recording: what the streams delivered, in order, before any interpretation, as JSON Lines.
//!
//! docs/FORMAT.md is the contract; this room is its one implementation.

mod axis;
mod checksum;
mod error;
mod frames;
mod header;
mod input;
mod line;
mod malformed;
mod place;
mod reader;
mod sink;
mod verify;
mod writer;

pub use error::Error;
pub use header::{Clock, FORMAT, Header, tool};
pub use input::{input, require_file};
pub use reader::{Reader, Record, Torn};
pub use verify::{Chain, Sequence, Verification, Verified};
pub use writer::{SyncPolicy, Writer};
