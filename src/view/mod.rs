//! Timelines as people and programs read them: pure functions from entries to text.
//!
//! Nothing here does I/O of its own, reads a clock or asks what sort of terminal it is: the caller brings the writer and
//! a [`Style`]. Every view obeys two rules. A gap survives into it. The same timeline gives the same bytes.

mod clock;
mod document;
mod error;
mod gap;
pub mod json;
mod label;
pub mod line;
mod row;
mod selection;
mod style;

pub use error::Error;
pub use selection::{KindName, Moment, Pattern, Selection, UidPrefix};
pub use style::{Ink, Style};
