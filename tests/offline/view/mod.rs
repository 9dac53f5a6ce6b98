//! What people and programs read of a timeline: held against snapshots that were reviewed by eye, a published schema,
//! and properties.

mod dwells;
mod people;
mod programs;
mod properties;
mod sample;
mod selectors;
mod stories;
mod verdicts;
