//! resourceVersion: opaque by contract, comparable in practice.
//!
//! KEP-5504 (comparable resource versions) promises that versions of one storage compare as decimal numbers; a
//! server that answers something else gets arrival order, never a guess.

use serde::{Deserialize, Serialize};
use smol_str::SmolStr;
use std::fmt;

/// A resourceVersion as the server wrote it.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct ResourceVersion(SmolStr);

impl ResourceVersion {
    /// Wraps the server's word.
    pub fn new(text: impl AsRef<str>) -> Self {
        Self(SmolStr::new(text))
    }

    /// The version as the server wrote it.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The revision of the storage behind it, if the word is a decimal number.
    #[must_use]
    pub fn number(&self) -> Option<u64> {
        self.0.parse().ok()
    }

    /// True when both are numbers and `self` is not newer than `other`.
    #[must_use]
    pub fn is_covered_by(&self, other: &Self) -> bool {
        matches!((self.number(), other.number()), (Some(a), Some(b)) if a <= b)
    }
}

impl fmt::Display for ResourceVersion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
