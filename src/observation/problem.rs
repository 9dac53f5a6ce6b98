//! What an observation proves to be wrong with the recording of its watch.

use super::ResourceVersion;
use jiff::Timestamp;
use smol_str::SmolStr;
use std::fmt;

/// Why a watch is not recorded whole.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Problem {
    /// An event is not newer than what was delivered before.
    EventBehind {
        /// The event's.
        version: ResourceVersion,
        /// What was reached.
        last: ResourceVersion,
    },
    /// A list is older than what was delivered before, and nothing says that the storage went back.
    ListBehind {
        /// The list's.
        version: ResourceVersion,
        /// What was reached.
        last: ResourceVersion,
    },
    /// A stream was taken up again somewhere else than where it had been left.
    TakenUpElsewhere {
        /// Where.
        at: ResourceVersion,
        /// Where it had been left.
        left: Option<ResourceVersion>,
    },
    /// A span was healed that begins after the place where the stream had been left.
    HealedElsewhere {
        /// Where it begins.
        at: ResourceVersion,
        /// Where the stream had been left.
        left: Option<ResourceVersion>,
    },
    /// A span was lost.
    Gap {
        /// The last version before it.
        from: ResourceVersion,
        /// The version of the list after it.
        to: ResourceVersion,
        /// Why it was not read back from the server's history; empty where nobody tried.
        unhealed: String,
    },
    /// A line could not be decoded.
    Undecodable {
        /// What is wrong with it.
        error: String,
    },
    /// The fence found something missing.
    Fence {
        /// What.
        missing: String,
    },
    /// A list follows another, and no gap says why it was read.
    ListedAgain {
        /// The list's.
        version: ResourceVersion,
    },
    /// The fence's list is older than what was delivered long before it.
    FenceBehind {
        /// The list's.
        version: ResourceVersion,
        /// What was reached.
        last: ResourceVersion,
    },
    /// The status of an object is not of its kind's shape, so its states are not known.
    Unread {
        /// The object's name.
        name: SmolStr,
        /// Its version.
        version: ResourceVersion,
        /// What is wrong with it.
        error: String,
    },
    /// What became of an object does not follow from the lines before, and no gap says that any are missing.
    Unexplained {
        /// The object's name, or its uid where it has none.
        name: SmolStr,
        /// The version that shows it.
        version: ResourceVersion,
        /// What it shows.
        what: &'static str,
    },
    /// The past that was asked for was not read, or not from then on.
    Past {
        /// Since when it was asked for.
        since: Timestamp,
        /// Why it was not.
        missing: String,
    },
    /// The first list was never complete.
    NeverAttached,
    /// No fence is at the end.
    Unfenced,
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let shown =
            |version: &Option<ResourceVersion>| version.clone().unwrap_or_else(|| ResourceVersion::new("nothing"));
        match self {
            Self::EventBehind { version, last } => write!(f, "an event at {version} follows one at {last}"),
            Self::ListBehind { version, last } => write!(f, "a list at {version} follows an event at {last}"),
            Self::TakenUpElsewhere { at, left } => {
                write!(f, "it was taken up again at {at}, and had been left at {}", shown(left))
            }
            Self::HealedElsewhere { at, left } => {
                write!(f, "it was healed from {at} on, and had been left at {}", shown(left))
            }
            Self::Gap { from, to, unhealed } => {
                let from = if from.as_str().is_empty() { "the beginning" } else { from.as_str() };
                let colon = if unhealed.is_empty() { "" } else { ": " };
                write!(f, "not seen from {from} to {to}{colon}{unhealed}")
            }
            Self::Undecodable { error } => write!(f, "an event could not be decoded: {error}"),
            Self::Fence { missing } => write!(f, "the fence found: {missing}"),
            Self::ListedAgain { version } => {
                write!(f, "a list at {version} follows another one, and no gap says why")
            }
            Self::FenceBehind { version, last } => {
                write!(f, "the fence at {version} is older than what was delivered before it, at {last}")
            }
            Self::Unread { name, version, error } => {
                write!(f, "the status of {name} at {version} cannot be read: {error}")
            }
            Self::Unexplained { name, version, what } => {
                write!(f, "{name} at {version} {what}, and no gap says that anything was lost")
            }
            Self::Past { since, missing } => write!(f, "the past since {since:.0} was not read whole: {missing}"),
            Self::NeverAttached => f.write_str("it was never attached"),
            Self::Unfenced => f.write_str("its end was not fenced: what came last is not known"),
        }
    }
}
