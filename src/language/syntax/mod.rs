//! The syntax of paths: names, sets of states, durations (the grammar is in docs/EXPECTATIONS.md).
//!
//! The parser knows neither tracks nor vocabularies; `check.rs` validates names.

mod bounds;
mod keywords;
mod path;
mod placeholder;
mod predicate;
mod states;
mod token;

pub use bounds::{range, within};
pub use keywords::{KEYWORDS, meant};
pub use path::path;
pub use states::{name, states};
pub use token::{MAX_TEXT, Stream, Token, duration, tokens};
