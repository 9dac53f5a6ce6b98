//! Which entries a reader wants to see: the selectors that `show` and `watch` share.

mod kind;
mod moment;
mod names;
mod pattern;
mod unmatched;
mod window;

pub use kind::KindName;
pub use moment::Moment;
pub use pattern::{Pattern, UidPrefix};
pub use unmatched::{Named, Unmatched};
pub(super) use window::earliest;
pub use window::{Selection, Shown};
