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
    /// Wraps the server's text.
    pub fn new(text: impl AsRef<str>) -> Self {
        Self(SmolStr::new(text))
    }

    /// The version as the server wrote it.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The revision of the storage, if it is a decimal number of at most 64 bits.
    #[must_use]
    pub fn number(&self) -> Option<u64> {
        self.0.parse().ok()
    }

    /// True when it is a decimal number, of any length.
    #[must_use]
    pub(crate) fn is_decimal(&self) -> bool {
        self.digits().is_some()
    }

    /// True when both are decimal numbers, of any length, and `self` is not newer than `other`.
    #[must_use]
    pub(crate) fn is_covered_by(&self, other: &Self) -> bool {
        match (self.number(), other.number()) {
            (Some(a), Some(b)) => a <= b,
            // Of two numbers without leading zeros, the longer one is greater.
            _ => matches!((self.digits(), other.digits()), (Some(a), Some(b)) if (a.len(), a) <= (b.len(), b)),
        }
    }

    /// Its digits without leading zeros.
    fn digits(&self) -> Option<&str> {
        let is_decimal = !self.0.is_empty() && self.0.bytes().all(|byte| byte.is_ascii_digit());
        is_decimal.then(|| self.0.trim_start_matches('0'))
    }
}

impl fmt::Display for ResourceVersion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
