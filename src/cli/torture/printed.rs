//! What a client printed: lines of `namespace/name state`, of which the last of each object counts.

use std::collections::BTreeMap;

/// Most objects whose states are kept: far more than a recording has.
const MOST: usize = 1_000_000;

/// The last state of every object.
#[derive(Clone, Debug, Default)]
pub(super) struct Printed {
    last: BTreeMap<String, String>,
    /// Lines that are not of this form.
    pub formless: usize,
}

/// An object whose last state is wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::cli) struct Wrong {
    pub object: String,
    /// What the client printed last; none if it printed nothing.
    pub found: Option<String>,
    /// The state at the end of the recording; none if the object was deleted.
    pub expected: Option<String>,
}

impl Printed {
    /// Reads a line: an object, and its state as the rest of the line; `-` for a deleted one.
    pub(super) fn line(&mut self, line: &str) {
        let line = line.trim();
        match line.split_once(char::is_whitespace) {
            Some((object, state)) if self.last.len() < MOST || self.last.contains_key(object) => {
                self.last.insert(object.to_owned(), state.trim().to_owned());
            }
            Some(_) => self.formless += 1,
            None if line.is_empty() => {}
            None => self.formless += 1,
        }
    }

    /// The last state of an object.
    pub(super) fn last(&self, object: &str) -> Option<&str> {
        self.last.get(object).map(String::as_str)
    }

    /// All objects that were named.
    pub(super) fn objects(&self) -> impl Iterator<Item = &str> {
        self.last.keys().map(String::as_str)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_line_of_an_object_counts() {
        let mut printed = Printed::default();
        ["shop/web Pending", "shop/web  Running ", "", "odd", "shop/db -"].iter().for_each(|line| printed.line(line));
        assert_eq!(
            (printed.last("shop/web"), printed.last("shop/db"), printed.formless),
            (Some("Running"), Some("-"), 1)
        );
    }
}
