//! The kinds as they declare themselves, for people: docs/KINDS.md, and the same of one kind on a terminal.

mod entry;
mod markdown;
mod words;

pub use entry::{kind, track};
pub use markdown::markdown;
pub use words::shown;
