//! Expectations on recordings: the image-pull scenario and its mutations, the conformance table through files, the ends
//! of several streams, wall clocks that were set, growing recordings, and the command itself.

mod bounds;
mod clocks;
mod commands;
mod conformance;
mod details;
mod ends;
mod events;
mod kept;
mod meanwhile;
mod pairs;
mod places;
mod replaced;
mod requirements;
mod scopes;
mod settled;
mod sources;
mod story;
mod subjects;
mod tape;
mod unseen;
mod windows;
