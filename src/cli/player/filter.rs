//! The entries that contain a text. Marks, and gaps, are always among them.

use super::story::Story;
use crate::timeline::Body;
use crate::view::line::Lines;

/// What a text leaves to be shown.
#[derive(Debug)]
pub(super) struct Filter {
    pub text: String,
    /// The steps, ascending.
    pub steps: Vec<usize>,
}

impl Filter {
    /// Looks for a text in the lines of all entries; capital letters are the same as small ones.
    pub(super) fn of(text: &str, story: &Story) -> Self {
        let mut lines = Lines::new(story.style);
        let wanted = text.to_lowercase();
        let mut filter = Self { text: text.to_owned(), steps: Vec::new() };
        for step in 0..story.shown.len() {
            let entry = story.entry(step);
            let is_always = matches!(entry.body, Body::Gap(_) | Body::Mark(_));
            if is_always || lines.words(entry).to_lowercase().contains(&wanted) {
                filter.steps.push(step);
            }
        }
        filter
    }
}
