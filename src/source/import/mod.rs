//! Imports raw watch lines, as users have them, as the observations of one recording.
//!
//! Only what the lines prove is concluded: everything before the first change is taken for an initial list, a
//! stream that breaks off and continues elsewhere has a gap, and a deletion is inferred only if the server had ended
//! the watch and a whole list follows. It only reads from the given readers, and uses neither a clock nor a
//! cluster.

mod answers;
mod assemble;
mod audit;
mod document;
mod error;
mod file;
mod foreign;
mod item;
mod merge;
mod note;
mod options;
mod resources;
mod segment;
mod stamps;
mod stream;
mod watches;
mod yaml;

pub use assemble::{Imported, import};
pub use error::Error;
pub use merge::Times;
pub use note::Note;
pub use options::Options;
pub use resources::hint;
