//! The requirements of an expectation: versions, feature gates, node runtimes, kinds.

mod version;

pub use version::{Version, Versions};

use std::collections::BTreeMap;

/// What the cluster must satisfy for an expectation to be judged; otherwise it is skipped.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Requires {
    /// Kubernetes versions.
    pub kubernetes: Option<Versions>,
    /// KubeVirt versions.
    pub kubevirt: Option<Versions>,
    /// KubeVirt feature gates, on or off.
    pub feature_gates: BTreeMap<String, bool>,
    /// The container runtime of every node, and its versions.
    pub container_runtime: Option<(String, Option<Versions>)>,
    /// The architecture of every node.
    pub architecture: Option<String>,
    /// The kernel versions of every node.
    pub kernel: Option<Versions>,
    /// Kinds that the server must serve.
    pub kinds: Vec<String>,
    /// Other facts by name, each with the values of which it must have one.
    pub facts: BTreeMap<String, Vec<Wanted>>,
}

/// A value that a fact may have.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wanted {
    /// As it is written: a word, or a range of versions.
    pub text: String,
    /// The range, if it is one.
    pub versions: Option<Versions>,
}

impl Wanted {
    /// Reads a word, or a range of versions.
    ///
    /// # Errors
    /// The part of a range that is not a comparison with a version.
    pub fn parse(text: &str) -> Result<Self, String> {
        let is_compared = text.contains(['<', '>', '=']);
        let is_number = text.trim_start_matches('v').starts_with(|first: char| first.is_ascii_digit());
        match Versions::parse(text) {
            // Two versions at once are none.
            Ok(_) if !is_compared && text.contains([' ', ',']) => Err(text.to_owned()),
            Ok(versions) => Ok(Self { text: text.to_owned(), versions: Some(versions) }),
            Err(part) if text.starts_with(['<', '>', '=', '!', '~', '^']) || is_number && is_compared => Err(part),
            Err(_) if is_number && text.contains([' ', '|']) => Err(text.to_owned()),
            Err(_) => Ok(Self { text: text.to_owned(), versions: None }),
        }
    }

    /// True for a range that only a version can be in; `1.30` may be a word, too.
    #[must_use]
    pub fn is_range(&self) -> bool {
        self.text.starts_with(['<', '>', '='])
    }
}
