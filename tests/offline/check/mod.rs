//! Expectations on recordings: the image-pull story and its mutations, the table of conformance through files, the ends
//! of several streams, wall clocks that were set, recordings that still grow, and the command itself.

mod clocks;
mod commands;
mod conformance;
mod ends;
mod kept;
mod requirements;
mod story;
mod subjects;
mod tape;
mod unseen;
mod windows;
