//! The regular expressions that a program names: a state has each that its label or its message matches as a detail.

use crate::monitor::Details;
use crate::observation::{OF_LABEL, OF_MESSAGE};
use regex::Regex;
use smol_str::SmolStr;

/// The patterns of a program, each by its name among the details.
#[derive(Clone, Debug, Default)]
pub(super) struct Patterns {
    of_labels: Vec<(SmolStr, Regex)>,
    of_messages: Vec<(SmolStr, Regex)>,
}

impl Patterns {
    /// Those among the details that a program names; it was compiled, so they are regular expressions.
    pub fn of(details: &Details) -> Self {
        let named = |of: &str| {
            let texts = details.iter().filter_map(|detail| Some((detail, detail.strip_prefix(of)?)));
            texts.filter_map(|(detail, text)| Some((detail.clone(), Regex::new(text).ok()?))).collect()
        };
        Self { of_labels: named(OF_LABEL), of_messages: named(OF_MESSAGE) }
    }

    /// True when one is of messages.
    pub fn are_of_messages(&self) -> bool {
        !self.of_messages.is_empty()
    }

    /// The names of those that match a label, or a message.
    pub fn matching<'a>(&'a self, label: &'a str, message: &'a str) -> impl Iterator<Item = SmolStr> + 'a {
        let matching = |patterns: &'a [(SmolStr, Regex)], text: &'a str| {
            patterns.iter().filter(move |(_, pattern)| pattern.is_match(text)).map(|(detail, _)| detail.clone())
        };
        matching(&self.of_labels, label).chain(matching(&self.of_messages, message))
    }
}
