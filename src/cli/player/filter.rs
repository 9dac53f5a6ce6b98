//! The entries that contain a text, and their subjects. Marks, and gaps, are always among them.

use super::story::Story;
use crate::timeline::Body;
use crate::view::line::Lines;
use smol_str::SmolStr;
use std::collections::HashSet;

/// What a text leaves to be shown.
#[derive(Debug)]
pub(super) struct Filter {
    pub text: String,
    /// The steps, ascending.
    pub steps: Vec<usize>,
    /// uids of subjects with an entry that contains the text.
    pub subjects: HashSet<SmolStr>,
}

impl Filter {
    /// Looks for a text in the lines of all entries; capital letters are the same as small ones.
    pub(super) fn of(text: &str, story: &Story) -> Self {
        let mut lines = Lines::new(story.style);
        let wanted = text.to_lowercase();
        let mut filter = Self { text: text.to_owned(), steps: Vec::new(), subjects: HashSet::new() };
        for step in 0..story.shown.len() {
            let entry = story.entry(step);
            let is_always = matches!(entry.body, Body::Gap(_) | Body::Mark(_));
            let contains = lines.words(entry).to_lowercase().contains(&wanted);
            if let Some(subject) = entry.subject.as_deref().filter(|_| contains) {
                filter.subjects.insert(subject.uid.clone());
            }
            if contains || is_always {
                filter.steps.push(step);
            }
        }
        filter
    }
}
