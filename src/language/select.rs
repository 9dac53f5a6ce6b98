//! The subjects that an expectation is about, as written.

use crate::kinds;
use crate::observation::LabelSelector;

/// How several subjects are judged together.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Quantify {
    /// The first life in the recording.
    First,
    /// Every subject.
    Each,
    /// At least one subject.
    Any,
    /// The last life in the recording.
    Last,
    /// The life with this number, from 1.
    Nth(u64),
}

impl Quantify {
    /// True when it selects one of several.
    #[must_use]
    pub fn chooses(self) -> bool {
        matches!(self, Self::First | Self::Last | Self::Nth(_))
    }
}

/// Selects subjects.
#[derive(Clone, Debug)]
pub struct Selector {
    /// The kind, such as `Pod`.
    pub kind: String,
    /// The API group; none when the expectation does not name it.
    pub group: Option<String>,
    /// The namespace; none for any.
    pub namespace: Option<String>,
    /// The name; none for any.
    pub name: Option<String>,
    /// Requirements on labels; all must hold.
    pub labels: LabelSelector,
    /// The uid of one life; none for any.
    pub uid: Option<String>,
    /// True to select only subjects that were created within the window.
    pub born_in_window: bool,
    /// The alias of the owner; none for any.
    pub owned_by: Option<String>,
    /// The kinds on the way to the owner, starting with the direct owner's; none for those that the kinds declare.
    pub through: Option<Vec<String>>,
    /// How the subjects are judged together.
    pub quantify: Quantify,
    /// The least number of subjects; none for the default.
    pub min: Option<u64>,
    /// The most; none for unlimited.
    pub max: Option<u64>,
    /// Of Events, what selects the objects that they are about.
    pub about: Option<Box<Selector>>,
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
            min: None,
            max: None,
            about: None,
        }
    }

    /// The least number of subjects of a statement. That no Event occurs fulfils all that none has to fulfil.
    #[must_use]
    pub fn at_least(&self, is_goal: bool) -> u64 {
        let may_lack = kinds::is_evidence(&self.kind) && self.quantify == Quantify::Each && !is_goal;
        self.min.unwrap_or(u64::from(!may_lack))
    }
}

/// The kind that a name refers to: `pod`, `vmi`, `VirtualMachine`; any other name is taken as a kind that is not
/// declared.
#[must_use]
pub fn kind(word: &str) -> String {
    kinds::named(word).map_or(word, |known| known.kind).to_owned()
}

/// The names of the declared kinds, for messages.
#[must_use]
pub fn known_kinds() -> Vec<&'static str> {
    kinds::all().flat_map(kinds::Kind::names).collect()
}
