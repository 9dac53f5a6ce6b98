//! Which subjects an expectation is about.
//!
//! Membership has three values: what the recording does not tell (an owner that was not watched, labels that were not
//! kept) is unknown, and a verdict that would need it is not given.

use crate::kinds;
use crate::observation::{Identity, LabelSelector, Subject};
use smol_str::SmolStr;

/// How the subjects of one name are judged together.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Quantify {
    /// The first that was seen; later ones of the same name are others.
    First,
    /// Every one.
    Each,
    /// At least one.
    Any,
}

/// Which subjects.
#[derive(Clone, Debug)]
pub struct Selector {
    /// Kind, `Pod`.
    pub kind: String,
    /// API group, where it was said.
    pub group: Option<String>,
    /// Namespace; any when none.
    pub namespace: Option<String>,
    /// Name; any when none.
    pub name: Option<String>,
    /// Conditions on labels, all of them.
    pub labels: LabelSelector,
    /// The alias of the owner, direct or through others.
    pub owned_by: Option<String>,
    /// How they are judged together.
    pub quantify: Quantify,
    /// At least so many.
    pub min: u64,
    /// At most so many.
    pub max: Option<u64>,
}

/// Whether a subject is meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Membership {
    /// It is not.
    No,
    /// The recording does not tell.
    Unknown,
    /// It is.
    Yes,
}

impl Selector {
    /// Every subject of a kind.
    #[must_use]
    pub fn of(kind: &str) -> Self {
        Self {
            kind: kind.to_owned(),
            group: None,
            namespace: None,
            name: None,
            labels: LabelSelector::default(),
            owned_by: None,
            quantify: Quantify::Each,
            min: 1,
            max: None,
        }
    }

    /// Whether kind, namespace and name fit: these never change and are always known.
    #[must_use]
    pub fn names(&self, subject: &Subject) -> bool {
        let fits = |wanted: &Option<String>, is: &str| wanted.as_ref().is_none_or(|wanted| wanted == is);
        self.kind == subject.kind
            && fits(&self.group, &subject.group)
            && fits(&self.namespace, &subject.namespace)
            && fits(&self.name, &subject.name)
    }

    /// Whether labels fit.
    #[must_use]
    pub fn labelled(&self, identity: &Identity) -> Membership {
        if self.labels.is_empty() {
            return Membership::Yes;
        }
        let Some(labels) = &identity.labels else { return Membership::Unknown };
        let fits = self.labels.matches(|key| labels.get(key).map(SmolStr::as_str));
        if fits { Membership::Yes } else { Membership::No }
    }
}

/// The kind that a word means: `pod`, `vmi`, `VirtualMachine`; any other word is a kind of the user's own.
#[must_use]
pub fn kind(word: &str) -> String {
    kinds::named(word).map_or(word, |known| known.kind).to_owned()
}

/// The short words for the known kinds, for messages.
#[must_use]
pub fn known_kinds() -> Vec<&'static str> {
    kinds::all().flat_map(kinds::Kind::names).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeMap;

    #[test]
    fn unknown_labels_leave_membership_unknown() {
        let selector = Selector { labels: LabelSelector::parse("app=x").unwrap(), ..Selector::of("Pod") };
        assert_eq!(selector.labelled(&Identity::default()), Membership::Unknown);
        let none = Identity { labels: Some(BTreeMap::new()), owners: None };
        assert_eq!(selector.labelled(&none), Membership::No);
    }
}
