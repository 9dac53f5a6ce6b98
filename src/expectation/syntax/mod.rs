//! The language of paths: words, sets of states, durations and the grammar of DESIGN section 6.
//!
//! It knows no tracks and no vocabularies: what a word may be is checked by [`super::vocabulary`].

mod ast;
mod path;
mod states;
mod token;

pub use ast::{Bound, Comparison, Item, Name, NamedAt, Path, Primitive, Repeat, States};
pub use path::{MAX_DEPTH, MAX_REPEAT, MAX_STARS, path};
pub use states::{MAX_NAMES, name, states};
pub use token::{MAX_TEXT, Stream, Token, duration, tokens};
