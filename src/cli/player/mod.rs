//! The player of `replay`: a timeline on a terminal, at the pace of a clock, or as plain lines.
//!
//! `model.rs` is the state of the screen and what keys do; `draw.rs` draws it. Both are pure.

mod decode;
mod draw;
mod filter;
mod input;
mod keys;
mod lines;
mod model;
mod overlay;
mod paint;
mod prompt;
mod screen;
mod session;
mod speeds;
mod status;
mod story;

pub(super) use lines::print;
pub(super) use session::play;
pub(super) use story::{Damage, Story};

#[cfg(test)]
mod tests;
