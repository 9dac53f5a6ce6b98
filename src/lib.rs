//! statetrail records every status transition of pods and KubeVirt objects into an ordered timeline, and judges
//! expectations on the whole path.
//!
//! The rooms, in the order in which they may know of each other (imports go down only):
//!
//! - [`observation`]: the vocabulary, without I/O
//! - [`kinds`]: from an object to the states of its tracks
//! - [`timeline`]: the fold of a recording into transitions, gaps and marks
//! - [`expectation`]: statements about timelines, and their verdicts

pub mod expectation;
pub mod kinds;
pub mod observation;
pub mod timeline;
