//! Timelines as people and programs read them: pure functions from entries to text.
//!
//! Nothing here does I/O of its own, reads a clock or detects the terminal: the caller provides the writer and a
//! [`Style`]. Every view obeys two rules: gaps survive into it, and the same timeline gives the same bytes.

mod account;
mod aside;
pub mod browser;
mod clock;
mod count;
mod csv;
mod details;
pub mod digest;
mod document;
mod dwell;
mod error;
mod evidence;
mod export;
mod format;
mod gap;
pub mod json;
mod label;
pub mod line;
mod log;
mod origin;
mod overview;
pub mod page;
pub mod path;
pub mod polling;
pub mod reference;
mod route;
mod row;
mod selection;
mod standing;
mod standings;
pub mod states;
mod steps;
mod style;
mod summary;
mod table;
pub mod verdict;
pub mod yaml;

pub use crate::observation::Stalls;
pub use clock::span;
pub use details::details;
pub use dwell::{Dwell, End, dwells};
pub(crate) use dwell::{begun, lasted};
pub use error::Error;
pub use format::Format;
pub use origin::{Ending, Origin};
pub use row::Piece;
pub use selection::{KindName, Moment, Named, Pattern, Selection, Shown, UidPrefix, Unmatched};
pub use style::{Caveats, Durations, Style};
pub use summary::{Stream, Summary};
