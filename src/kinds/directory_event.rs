//! What happens to the containers that use a directory, as it is recorded: how many they are, and which.

use serde::{Deserialize, Serialize};
use smol_str::SmolStr;

/// One event.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Event {
    /// What was done.
    pub did: Did,
    /// The containers that use the directory from then on.
    pub users: usize,
    /// The names of the first of them. None are known between the ends of two that were seen at once.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub containers: Vec<SmolStr>,
}

/// What was done.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub(crate) enum Did {
    /// A container was created that mounts it.
    Use,
    /// The process of a container that mounted it has ended.
    Leave,
    /// It was like this when it was looked at.
    Found,
    /// No container has used it for long: it is not followed any more.
    Forget,
}
