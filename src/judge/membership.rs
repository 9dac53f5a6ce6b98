//! Whether a selector selects a subject.
//!
//! Membership has three values: what the recording does not contain (an owner that was not watched, labels that were
//! not kept) is unknown, and a verdict that depends on it is not given.

use crate::language::Selector;
use crate::observation::{Identity, Subject};
use smol_str::SmolStr;

/// Whether a subject is selected.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Membership {
    /// It is not selected.
    No,
    /// The recording does not contain what decides it.
    Unknown,
    /// It is selected.
    Yes,
}

impl Selector {
    /// Whether kind, namespace and name match: these never change and are always known.
    #[must_use]
    pub fn names(&self, subject: &Subject) -> bool {
        let fits = |wanted: &Option<String>, is: &str| wanted.as_ref().is_none_or(|wanted| wanted == is);
        self.kind == subject.kind
            && fits(&self.group, &subject.group)
            && fits(&self.namespace, &subject.namespace)
            && fits(&self.name, &subject.name)
            && fits(&self.uid, &subject.uid)
    }

    /// Whether the labels match.
    #[must_use]
    pub(super) fn labelled(&self, identity: &Identity) -> Membership {
        if self.labels.is_empty() {
            return Membership::Yes;
        }
        let Some(labels) = &identity.labels else { return Membership::Unknown };
        let fits = self.labels.matches(|key| labels.get(key).map(SmolStr::as_str));
        if fits { Membership::Yes } else { Membership::No }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::observation::LabelSelector;
    use std::collections::BTreeMap;

    #[test]
    fn unknown_labels_leave_membership_unknown() {
        let selector = Selector { labels: LabelSelector::parse("app=x").unwrap(), ..Selector::of("Pod") };
        assert_eq!(selector.labelled(&Identity::default()), Membership::Unknown);
        let none = Identity { labels: Some(BTreeMap::new()), owners: None };
        assert_eq!(selector.labelled(&none), Membership::No);
    }
}
