//! statetrail records every status transition of pods and KubeVirt objects into an ordered timeline, and judges
//! expectations on the whole path.
//!
//! One way through the house: a source delivers observations, a recording keeps them, a timeline is their pure fold, a
//! view shows it. The rooms, each of which may know only those above it (`tests/rooms.rs` holds that):
//!
//! - [`observation`]: the vocabulary, without I/O
//! - [`kinds`]: from an object to the states of its tracks
//! - [`recording`]: the file
//! - [`timeline`]: the fold of a recording into transitions, gaps and marks
//! - `monitor`: one word of one track, and whether it fits what is asked of it
//! - `language`: expectations from text to a program, and what is wrong with them
//! - `explanation`: why a word stands where it stands
//! - `judge`: a program over a timeline, and its verdicts
//! - [`expectation`]: the door to these four
//! - [`view`]: timelines as people and programs read them
//! - [`source`]: the watch loops
//! - [`replay`]: the stand-in API server
//! - [`run`]: tasks, channels, order of shutdown
//! - [`cli`]: arguments, terminal, exit codes

pub mod cli;
pub mod expectation;
mod explanation;
mod judge;
pub mod kinds;
mod language;
mod monitor;
pub mod observation;
pub mod recording;
pub mod replay;
pub mod run;
pub mod source;
pub mod timeline;
pub mod view;
