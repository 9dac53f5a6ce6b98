//! The player of `replay`: a timeline on a terminal, at the pace of a clock, or as plain lines; and the screen of
//! `watch --tui`, on which it grows.
//!
//! `model.rs` is the state of the screen and what keys do; `draw.rs` draws it; `collection.rs` and `live.rs` are a
//! timeline that grows, and the place in it. All are pure.

mod action;
mod collection;
mod collector;
mod decode;
mod draw;
mod filter;
mod input;
mod keys;
mod lines;
mod live;
mod model;
mod overlay;
mod paint;
mod picture;
mod prompt;
mod screen;
mod session;
mod speeds;
mod status;
mod story;
mod suspension;
mod watching;

pub(super) use lines::print;
pub(super) use session::play;
pub(super) use story::{Damage, Story};
pub(super) use watching::{Closed, NO_TERMINAL, Opening, Watching};

#[cfg(test)]
mod tests;
