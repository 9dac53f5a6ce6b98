//! What a judge says, in parts: of an expectation, of its clauses, of single words.

use super::explain::Explanation;
use super::verdict::Standing;
use super::word::{End, Event};
use crate::observation::{Subject, Track};
use std::sync::Arc;

/// What is said of one expectation.
#[derive(Clone, Debug)]
pub struct Outcome {
    /// The expectation's name.
    pub name: String,
    /// Where it stands.
    pub standing: Standing,
    /// Why, in one line.
    pub reason: String,
    /// Its clauses tell why; else `reason` does, for it was not judged.
    pub explained: bool,
    /// Its clauses.
    pub clauses: Vec<ClauseOutcome>,
    /// What it assumes.
    pub assumptions: Vec<String>,
}

/// What is said of one clause.
#[derive(Clone, Debug)]
pub struct ClauseOutcome {
    /// The clause as it was written.
    pub text: String,
    /// Where it stands.
    pub standing: Standing,
    /// It stands under a `not`: that it holds speaks against the expectation.
    pub negated: bool,
    /// Why, when it is not because of one of its words.
    pub reason: Option<String>,
    /// Its words.
    pub words: Vec<WordOutcome>,
}

/// What is said of one word.
#[derive(Clone, Debug)]
pub struct WordOutcome {
    /// Whose; none for the unnamed track of a sketch.
    pub subject: Arc<Subject>,
    /// Which track.
    pub track: Option<Track>,
    /// Where it stands.
    pub standing: Standing,
    /// Why, when it is not for the word itself.
    pub reason: Option<String>,
    /// The word, the last events of it; of an expectation with a window, those within. A clause about many subjects
    /// keeps the words of the first few of each verdict.
    pub events: Vec<Event>,
    /// How it ends.
    pub end: End,
    /// Why it stands where it stands, where that can be told of the word alone.
    pub explanation: Option<Explanation>,
}
