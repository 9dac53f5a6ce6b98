//! Views of a timeline for people and programs, checked against reviewed snapshots, the published schema,
//! and properties.

mod dwells;
mod people;
mod programs;
mod properties;
mod sample;
mod selectors;
mod stories;
pub(crate) mod verdicts;
mod windows;
