//! Import: raw watch lines, as people already have them, become the observations of one recording.
//!
//! What the lines do not prove is not believed: what stands before the first change is taken for an initial list, a
//! stream that breaks off and goes on elsewhere has a gap, and a deletion is inferred only where the server had ended
//! the watch and a whole list follows. It reads the readers that it is given and nothing else; it asks no clock and no
//! cluster.

mod answers;
mod assemble;
mod audit;
mod document;
mod error;
mod file;
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
