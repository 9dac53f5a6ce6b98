//! The recording: what the streams delivered, in order, before any interpretation, as JSON Lines.
//!
//! docs/FORMAT.md is the contract; this room is its one implementation.

mod axis;
mod checksum;
mod error;
mod excerpt;
mod frames;
mod header;
mod input;
mod line;
mod malformed;
mod place;
mod reader;
mod sink;
mod times;
mod verify;
mod writer;

pub use error::Error;
pub(crate) use excerpt::copy;
pub(crate) use frames::{is_gzip, is_zstd};
pub(crate) use header::{BEGIN, tool};
pub(crate) use input::{input, is_dash, require_file};
pub use verify::{Chain, Verified};
pub use writer::SyncPolicy;

// Not part of the API: for the tests and benchmarks of this repository.
#[doc(hidden)]
pub use header::{Clock, FORMAT, Header};
#[doc(hidden)]
pub use reader::{Reader, Record, Torn};
#[doc(hidden)]
pub use verify::Verification;
#[doc(hidden)]
pub use writer::Writer;
