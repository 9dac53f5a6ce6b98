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
        let mut filter = Self { text: text.to_owned(), steps: Vec::new() };
        filter.look(story, 0);
        filter
    }

    /// The same text in a story that has grown since, of whose entries some may have gone.
    pub(super) fn again(&self, before: &Story, story: &Story) -> Self {
        let known = before.shown.len().checked_sub(1).and_then(|last| before.number(last));
        let known = known.map_or(0, |last| story.steps_up_to(last));
        let numbers = self.steps.iter().filter_map(|step| before.number(*step));
        let steps = numbers.filter_map(|number| {
            let step = story.steps_up_to(number).checked_sub(1)?;
            (story.number(step) == Some(number)).then_some(step)
        });
        let mut filter = Self { text: self.text.clone(), steps: steps.collect() };
        filter.look(story, known);
        filter
    }

    /// Looks at the entries from a step on.
    fn look(&mut self, story: &Story, from: usize) {
        let mut lines = Lines::new(story.style);
        let wanted = self.text.to_lowercase();
        for step in from..story.shown.len() {
            let entry = story.entry(step);
            let is_always = matches!(entry.body, Body::Gap(_) | Body::Mark(_));
            if is_always || lines.words(entry).to_lowercase().contains(&wanted) {
                self.steps.push(step);
            }
        }
    }
}
