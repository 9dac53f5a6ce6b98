//! What proves an event that Podman logs of a failed attempt, too: the event after it, or a look at the container.

use super::machine::{DIED, Machine, Sort, recorded};
use super::message::Event;
use smol_str::SmolStr;

impl Machine {
    /// True for an event after which the state of its container is certain only from a look; `rest` comes after it.
    pub(super) fn needs_look(&self, event: &Event, rest: &[Event]) -> bool {
        if self.sort != Sort::Container || event.kind != self.sort.word() {
            return false;
        }
        // Podman refuses to undo what was not done, and logs nothing then.
        let is_undone_by =
            |action| rest.iter().find(|next| next.is_of(event)).is_some_and(|next| next.action == action);
        match event.action.as_str() {
            "pause" => self.contradicts(event) || !is_undone_by("unpause"),
            "unpause" => self.contradicts(event) || !is_undone_by("pause"),
            "restore" => !self.is_refused(event),
            // The container may have been left running.
            "checkpoint" => true,
            // Nothing comes after that.
            "remove" => false,
            "cleanup" => matches!(self.state_before(event), "" | "initialized"),
            _ if recorded(event).container_state().is_some() => self.contradicts(event),
            _ => self.state_before(event).is_empty(),
        }
    }

    /// True when a look shows what such an event says.
    pub(super) fn is_proven(&self, event: &Event, saw: Option<&SmolStr>) -> bool {
        let says = recorded(event).container_state();
        !self.contradicts(event)
            && match event.action.as_str() {
                "restore" => self.state_before(event) == "exited" && saw.is_some_and(|saw| saw == "running"),
                _ => saw.zip(says).is_some_and(|(saw, says)| *saw == says),
            }
    }

    /// True when a look need not be repeated.
    pub(super) fn is_settled(&self, event: &Event, saw: Option<&SmolStr>) -> bool {
        let is_attempt = matches!(event.action.as_str(), "pause" | "unpause" | "restore");
        saw.is_some() && !is_attempt || self.is_proven(event, saw)
    }

    /// True for an attempt to restore a container that runs or is paused, which Podman refuses, but logs.
    pub(super) fn is_refused(&self, event: &Event) -> bool {
        event.action == "restore"
            && !self.contradicts(event)
            && matches!(self.state_before(event), "running" | "paused" | "restored")
    }

    /// True for the end of a container, which Podman logs some time after it: a look may show when it was.
    pub(super) fn is_end(&self, event: &Event) -> bool {
        self.sort == Sort::Container && event.kind == self.sort.word() && event.action == DIED
    }

    /// True for an event that was made before the last one of its container.
    pub(super) fn contradicts(&self, event: &Event) -> bool {
        self.of(event).is_some_and(|known| event.time_nano < known.time_nano)
    }

    /// The state of the container before an event; empty where it is not known.
    fn state_before(&self, event: &Event) -> &str {
        self.of(event).map_or("", |known| &known.state)
    }
}
