//! The pure fold of a recording: transitions, gaps, marks and evidence, in order.
//!
//! The same recording gives the same timeline, live or replayed, today or next year.

mod entry;

pub use entry::{Blind, Body, Entry, How, Transition};
