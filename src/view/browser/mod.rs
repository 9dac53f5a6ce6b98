//! The timeline as a page for browsers: `show -o html` and `check -o html` write it with its data in it, and `serve`
//! serves it without.
//!
//! The page is built from `page/`, and the result is kept in `page/dist`. What it reads is described in
//! `docs/OUTPUT.md`: a head, the entries in columns, the document of the verdicts, and the stored objects.

mod chunk;
mod columns;
mod file;
mod head;
mod objects;
mod packed;
mod policy;
mod tables;
mod tone;

pub use chunk::Chunk;
pub use file::{Page, TEMPLATE};
pub use head::{Head, Titled, WatchHead};
pub use objects::Objects;
pub use policy::policy;
