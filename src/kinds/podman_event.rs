//! What Podman says of an object, as it is recorded: the words of its events, and a few values. Labels are not stored.

use serde::{Deserialize, Serialize};
use smol_str::SmolStr;

/// The action of what is not an event, but was found by looking.
pub(crate) const FOUND: &str = "found";
/// The action that begins an object, and the one that ends it.
pub(crate) const CREATE: &str = "create";
pub(crate) const REMOVE: &str = "remove";

/// One event.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Event {
    /// What was done, in Podman's word, or `found`.
    pub action: SmolStr,
    /// When Podman made the event, in nanoseconds since 1970.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub time_nano: Option<i64>,
    /// The state of a container as it was found. After an event that does not prove its effect, what a look showed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub state: Option<SmolStr>,
    /// The exit code of a container that died.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub exit_code: Option<i32>,
    /// The image of a container.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub image: Option<SmolStr>,
    /// The identity of an image.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<SmolStr>,
}

impl Event {
    /// The state in which it leaves a container; none if it leaves it as it was.
    #[must_use]
    pub(crate) fn container_state(&self) -> Option<SmolStr> {
        if let Some(state) = &self.state {
            return Some(container_state(state));
        }
        let word = match self.action.as_str() {
            CREATE => "created",
            "init" => "initialized",
            "start" | "unpause" => "running",
            "pause" => "paused",
            "checkpoint" => "checkpointed",
            "restore" => "restored",
            "died" => "exited",
            REMOVE => "removed",
            _ => return None,
        };
        Some(SmolStr::new_static(word))
    }
}

/// A state as Podman lists it, in the words of the track: until Podman says that a container died it runs, and from
/// then on it has exited.
fn container_state(listed: &str) -> SmolStr {
    match listed {
        "configured" => SmolStr::new_static("created"),
        "stopping" => SmolStr::new_static("running"),
        "stopped" => SmolStr::new_static("exited"),
        other => SmolStr::new(other),
    }
}
