//! What an observation proves to be wrong with the recording of its watch.

use super::ResourceVersion;
use jiff::Timestamp;
use smol_str::SmolStr;
use std::fmt;

/// Why the recording of a watch is not whole.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Problem {
    /// An event is not newer than what was delivered before.
    EventBehind {
        /// The event's version.
        version: ResourceVersion,
        /// The version reached before.
        last: ResourceVersion,
    },
    /// An event has a number for its version where those before it have none, or the other way round.
    Incomparable {
        /// The event's.
        version: ResourceVersion,
        /// What was reached.
        last: ResourceVersion,
    },
    /// An object of a list is outside a list.
    Unlisted {
        /// The object's name.
        name: SmolStr,
        /// Its version.
        version: ResourceVersion,
    },
    /// A list is older than what was delivered before, and nothing says that the storage was replaced.
    ListBehind {
        /// The list's version.
        version: ResourceVersion,
        /// The version reached before.
        last: ResourceVersion,
    },
    /// A stream was resumed at another version than the one where it had stopped.
    ResumedElsewhere {
        /// The version at which it was resumed.
        at: ResourceVersion,
        /// The version at which it had stopped; none if nothing was delivered.
        left: Option<ResourceVersion>,
    },
    /// A healed span begins after the version at which the stream had stopped.
    HealedElsewhere {
        /// The version at which the span begins.
        at: ResourceVersion,
        /// The version at which the stream had stopped; none if nothing was delivered.
        left: Option<ResourceVersion>,
    },
    /// A span was lost.
    Gap {
        /// The last version before it.
        from: ResourceVersion,
        /// The version of the list after it.
        to: ResourceVersion,
        /// Why it was not read back from the server's history; empty where that was not attempted.
        unhealed: String,
    },
    /// A line could not be decoded.
    Undecodable {
        /// The decoding error.
        error: String,
    },
    /// A source that is not an API server could not see everything of an object.
    Unseen {
        /// What, and why.
        error: String,
    },
    /// The fence found something missing.
    Fence {
        /// What it found missing.
        missing: String,
    },
    /// A list follows another, and no gap says why it was read.
    ListedAgain {
        /// The list's version.
        version: ResourceVersion,
    },
    /// The fence's list is older than what was delivered well before it.
    FenceBehind {
        /// The list's version.
        version: ResourceVersion,
        /// The version reached before.
        last: ResourceVersion,
    },
    /// The status of an object does not have the shape of its kind, so its states are not known.
    Unread {
        /// The object's name.
        name: SmolStr,
        /// Its version.
        version: ResourceVersion,
        /// The error.
        error: String,
    },
    /// The lines before do not explain what an object shows, and no gap says that any are missing.
    Unexplained {
        /// The object's name, or its uid where it has none.
        name: SmolStr,
        /// The version that shows it.
        version: ResourceVersion,
        /// What it shows, as a predicate after the name.
        what: &'static str,
    },
    /// The past that was requested was not read, or not from the requested moment on.
    Past {
        /// Since when it was requested.
        since: Timestamp,
        /// Why it was not read.
        missing: String,
    },
    /// The first list was never completed.
    NeverAttached,
    /// There is no fence at the end.
    Unfenced,
}

impl Problem {
    /// True for a problem without a gap in the timeline: lines contradict each other, so some are missing or are not what
    /// was delivered, and it is unknown which.
    #[must_use]
    pub fn is_contradiction(&self) -> bool {
        match self {
            Self::EventBehind { .. }
            | Self::Incomparable { .. }
            | Self::Unlisted { .. }
            | Self::ListBehind { .. }
            | Self::ResumedElsewhere { .. }
            | Self::HealedElsewhere { .. }
            | Self::ListedAgain { .. }
            | Self::FenceBehind { .. }
            | Self::Unexplained { .. } => true,
            Self::Gap { .. }
            | Self::Undecodable { .. }
            | Self::Unseen { .. }
            | Self::Fence { .. }
            | Self::Unread { .. }
            | Self::Past { .. }
            | Self::NeverAttached
            | Self::Unfenced => false,
        }
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let shown =
            |version: &Option<ResourceVersion>| version.clone().unwrap_or_else(|| ResourceVersion::new("nothing"));
        match self {
            Self::EventBehind { version, last } => write!(f, "an event at {version} follows one at {last}"),
            Self::Incomparable { version, last } => {
                write!(
                    f,
                    "an event at `{version}` follows one at `{last}`, and versions of one watch are all numbers or none"
                )
            }
            Self::Unlisted { name, version } => {
                write!(f, "{name} at {version} is listed outside a list")
            }
            Self::ListBehind { version, last } => write!(f, "a list at {version} follows an event at {last}"),
            Self::ResumedElsewhere { at, left } => {
                write!(f, "it was resumed at {at}, but had stopped at {}", shown(left))
            }
            Self::HealedElsewhere { at, left } => {
                write!(f, "it was healed from {at} on, but had stopped at {}", shown(left))
            }
            Self::Gap { from, to, unhealed } => {
                let colon = if unhealed.is_empty() { "" } else { ": " };
                let from = if from.as_str().is_empty() { "the beginning" } else { from.as_str() };
                match to.as_str() {
                    "" => f.write_str("not seen for a time")?,
                    to if from == to => write!(f, "not seen for a time at {to}")?,
                    to => write!(f, "not seen from {from} to {to}")?,
                }
                write!(f, "{colon}{unhealed}")
            }
            Self::Undecodable { error } => write!(f, "an event could not be decoded: {error}"),
            Self::Unseen { error } => write!(f, "not seen: {error}"),
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
                write!(f, "{name} at {version} {what}, and no line says that anything was lost")
            }
            Self::Past { since, missing } => write!(f, "the past since {since:.0} was not read completely: {missing}"),
            Self::NeverAttached => {
                f.write_str("it was never attached: no complete list shows what existed at its start")
            }
            Self::Unfenced => f.write_str("its end was not fenced: the last events may be missing"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_gap_between_equal_versions_names_one_of_them() {
        let gap = |from: &str, to: &str| Problem::Gap {
            from: ResourceVersion::new(from),
            to: ResourceVersion::new(to),
            unhealed: String::new(),
        };
        assert_eq!(gap("3850", "3850").to_string(), "not seen for a time at 3850");
        assert_eq!(gap("3850", "3851").to_string(), "not seen from 3850 to 3851");
        assert_eq!(gap("", "").to_string(), "not seen for a time");
    }
}
