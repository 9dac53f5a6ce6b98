//! Which subjects an expectation is about, as it was written.

use crate::kinds;
use crate::observation::LabelSelector;

/// How the subjects of one name are judged together.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Quantify {
    /// The first that lived in the recording.
    First,
    /// Every one.
    Each,
    /// At least one.
    Any,
    /// The last that lived in the recording.
    Last,
    /// The one of this number, from 1.
    Nth(u64),
}

impl Quantify {
    /// True when it chooses one of several.
    #[must_use]
    pub fn chooses(self) -> bool {
        matches!(self, Self::First | Self::Last | Self::Nth(_))
    }
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
    /// The one life that has this uid.
    pub uid: Option<String>,
    /// Only those that were created within the window.
    pub born_in_window: bool,
    /// The alias of the owner.
    pub owned_by: Option<String>,
    /// The kinds between it and its owner, from its own on; those that kinds declare when none.
    pub through: Option<Vec<String>>,
    /// How they are judged together.
    pub quantify: Quantify,
    /// At least so many.
    pub min: u64,
    /// At most so many.
    pub max: Option<u64>,
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
            uid: None,
            born_in_window: false,
            owned_by: None,
            through: None,
            quantify: Quantify::Each,
            min: 1,
            max: None,
        }
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
