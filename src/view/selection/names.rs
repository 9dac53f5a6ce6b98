//! Names in a recording, for messages about a selector that matches nothing: some of them, however many there are.

use crate::observation::{alike, listed};
use smol_str::SmolStr;
use std::collections::BTreeSet;

/// Most names that are remembered.
const MOST: usize = 1000;
/// Most names that are remembered besides, because they are similar to one that is looked for.
const SIMILAR: usize = 100;

/// Some of the names in a recording.
#[derive(Clone, Debug, Default)]
pub(super) struct Names {
    known: BTreeSet<SmolStr>,
    /// True when there are others.
    is_partial: bool,
}

impl Names {
    /// Adds a name. When there are many, only those are added that are similar to one of the words.
    pub(super) fn add<'a>(&mut self, name: &str, words: impl IntoIterator<Item = &'a str>) {
        if self.known.contains(name) {
            return;
        }
        let is_similar = |word: &str| alike(word, std::iter::once(name)).is_some();
        let room = match self.known.len() {
            0..MOST => true,
            MOST.. if self.known.len() < MOST + SIMILAR => words.into_iter().any(is_similar),
            _ => false,
        };
        if room {
            self.known.insert(name.into());
        } else {
            self.is_partial = true;
        }
    }

    pub(super) fn extend(&mut self, others: &Self) {
        self.known.extend(others.known.iter().cloned());
        self.is_partial |= others.is_partial;
    }

    pub(super) fn is_empty(&self) -> bool {
        self.known.is_empty()
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = &str> + Clone {
        self.known.iter().map(SmolStr::as_str)
    }

    /// `a, b, c, d, e and 7 more`, or `and many more`.
    pub(super) fn listed(&self) -> String {
        match (self.is_partial, listed(self.iter())) {
            (true, text) => text.split(" and ").next().map(|few| format!("{few} and many more")).unwrap_or_default(),
            (false, text) => text,
        }
    }

    /// `; did you mean ...?`, or what there is.
    pub(super) fn remedy(&self, word: Option<&str>) -> String {
        match word.and_then(|word| alike(word, self.iter())) {
            Some(near) => format!("; did you mean `{near}`?"),
            None if self.is_empty() => String::new(),
            None => format!("; it has {}", self.listed()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_many_names_a_bounded_number_is_remembered_and_the_similar_ones_among_them() {
        let mut names = Names::default();
        for number in 0..10_000 {
            names.add(&format!("pod-{number:06}"), ["web-fontend"]);
        }
        names.add("web-frontend", ["web-fontend"]);
        assert_eq!(names.known.len(), MOST + 1);
        assert_eq!(names.remedy(Some("web-fontend")), "; did you mean `web-frontend`?");
        let five = "pod-000000, pod-000001, pod-000002, pod-000003, pod-000004";
        assert_eq!(names.remedy(Some("other")), format!("; it has {five} and many more"));
        for number in 0..10_000 {
            names.add(&format!("web-frontend-{number:06}"), ["web-frontend"]);
        }
        assert_eq!(names.known.len(), MOST + SIMILAR);
    }
}
