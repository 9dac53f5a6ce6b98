//! The pages of the documentation, as a terminal shows them.

mod fill;
mod inline;
mod section;
mod table;
mod text;

pub(super) use fill::{Lead, fill};
pub use section::{anchors, section};
pub use text::text;
