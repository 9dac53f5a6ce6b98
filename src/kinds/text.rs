//! Text of an object: borrowed from its JSON where possible; known labels are created without allocation.
//!
//! serde never borrows `Option<Cow<str>>`; it does borrow a newtype.

use serde::Deserialize;
use smol_str::SmolStr;
use std::borrow::Cow;
use std::ops::Deref;

/// A string of the object's JSON; copied only when it contains escapes.
#[derive(Debug, Default, Deserialize)]
#[serde(transparent)]
pub(super) struct Text<'a>(#[serde(borrow)] Cow<'a, str>);

impl Deref for Text<'_> {
    type Target = str;

    fn deref(&self) -> &str {
        &self.0
    }
}

/// The text, or the empty string for a missing or null member: Go's zero value.
pub(super) fn or_empty<'t>(text: Option<&'t Text<'_>>) -> &'t str {
    text.map_or("", |text| text)
}

/// The text as a label, unless it is missing or empty: Kubernetes omits empty members.
pub(super) fn some(text: Option<&Text<'_>>) -> Option<SmolStr> {
    text.filter(|text| !text.is_empty()).map(|text| label(text))
}

/// A label. Long labels that occur in almost every object are not copied.
pub(super) fn label(text: &str) -> SmolStr {
    if text.len() <= INLINE {
        return SmolStr::new_inline(text);
    }
    LONG_WORDS.iter().find(|word| **word == text).map_or_else(|| SmolStr::new(text), |word| SmolStr::new_static(word))
}

/// The longest text, in bytes, that `SmolStr` stores without a heap allocation.
const INLINE: usize = 23;

const LONG_WORDS: [&str; 6] = [
    "PodReadyToStartContainers",
    "CreateContainerConfigError",
    "AgentVersionNotSupported",
    "AccessCredentialsSynchronized",
    "VirtualMachineInstanceMigration",
    "virtualmachineinstance-controller",
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn optional_text_borrows_unless_it_is_escaped() {
        let plain: Option<Text<'_>> = serde_json::from_str(r#""ErrImagePull""#).unwrap();
        let escaped: Option<Text<'_>> = serde_json::from_str(r#""a \"b\"""#).unwrap();
        assert!(matches!(plain, Some(Text(Cow::Borrowed("ErrImagePull")))));
        assert!(matches!(escaped, Some(Text(Cow::Owned(text))) if text == "a \"b\""));
    }

    #[test]
    fn labels_of_every_length_keep_their_text() {
        for text in
            ["", "Running", "exactly-twenty-three-by", "PodReadyToStartContainers", "something-longer-than-that"]
        {
            assert_eq!(label(text), text);
        }
        assert!(!label("PodReadyToStartContainers").is_heap_allocated());
    }
}
