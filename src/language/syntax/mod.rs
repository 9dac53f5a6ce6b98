//! The language of paths: words, sets of states, durations and the grammar of docs/EXPECTATIONS.md.
//!
//! It knows no tracks and no vocabularies: what a word may be is checked by `check.rs`.

mod path;
mod states;
mod token;

pub use path::path;
pub use states::{name, states};
pub use token::{MAX_TEXT, Stream, Token, duration, tokens};
