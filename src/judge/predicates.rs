//! The predicates that a program names: a state has each that holds of its label or its message as a detail.

use crate::monitor::{Details, Predicate};
use crate::observation::{OF_LABEL, OF_MESSAGE};
use smol_str::SmolStr;

/// The predicates of a program, each by its name among the details.
#[derive(Clone, Debug, Default)]
pub(super) struct Predicates {
    of_labels: Vec<(SmolStr, Predicate)>,
    of_messages: Vec<(SmolStr, Predicate)>,
}

impl Predicates {
    /// Those among the details that a program names; it was compiled, so none is malformed.
    pub fn of(details: &Details) -> Self {
        let named = |of: &str| {
            let texts = details.iter().filter_map(|detail| Some((detail, detail.strip_prefix(of)?)));
            texts.filter_map(|(detail, text)| Some((detail.clone(), Predicate::parse(text).ok()?))).collect()
        };
        Self { of_labels: named(OF_LABEL), of_messages: named(OF_MESSAGE) }
    }

    /// True when one is of messages.
    pub fn are_of_messages(&self) -> bool {
        !self.of_messages.is_empty()
    }

    /// The names of those that hold of a label, or of a message.
    pub fn holding<'a>(&'a self, label: &'a str, message: &'a str) -> impl Iterator<Item = SmolStr> + 'a {
        let holding = |all: &'a [(SmolStr, Predicate)], text: &'a str| {
            all.iter().filter(move |(_, predicate)| predicate.holds(text)).map(|(detail, _)| detail.clone())
        };
        holding(&self.of_labels, label).chain(holding(&self.of_messages, message))
    }
}
