//! Detects states of a container that were never published, from its own history: "never published" is not "lost".
//!
//! A kubelet writes a status at most once per sync, so a container may end and start again between two writes.
//! `restartCount` and `lastState` show that afterwards.

use crate::observation::{Detail, State, StateKind, Termination};
use smol_str::{SmolStr, format_smolstr};

/// What is known of the ends of a container's instances.
#[derive(Clone, Debug, Default)]
pub(super) struct Ends {
    /// The last two ends that are known: of the current state and of `lastState`.
    known: [SmolStr; 2],
    /// Whether the end of the instance with the current restart count is known.
    present_ended: bool,
}

impl Ends {
    /// The baseline: the ends that the first version of a container reports were before the recording, not missed.
    #[must_use]
    pub(super) fn first(state: &State) -> Self {
        let mut ends = Self::default();
        if let Some(last) = &state.detail.last_termination {
            ends.learn(reported(last));
        }
        if state.kind == StateKind::Terminated {
            ends.learn(shown(&state.detail));
            ends.present_ended = true;
        }
        ends
    }

    /// Takes the next version of a container; returns the evidence if something between it and the one before was never
    /// shown.
    pub(super) fn next(&mut self, before: u32, state: &State) -> Option<String> {
        let now = state.detail.restart_count.unwrap_or(before);
        let risen = now.saturating_sub(before);
        let unreported = state.detail.last_termination.as_deref().filter(|last| !self.known.contains(&reported(last)));
        let evidence = match unreported {
            Some(last) => Some(termination(last, before, now)),
            None if risen > 1 => Some(format!("restartCount {before} -> {now}")),
            None if risen == 1 && !self.present_ended => {
                Some(format!("restartCount {before} -> {now} without a termination"))
            }
            None => None,
        };
        if risen > 0 {
            self.present_ended = false;
        }
        if let Some(last) = unreported {
            self.learn(reported(last));
            self.present_ended |= risen == 0;
        }
        if state.kind == StateKind::Terminated {
            self.learn(shown(&state.detail));
            self.present_ended = true;
        }
        evidence
    }

    fn learn(&mut self, end: SmolStr) {
        if !self.known.contains(&end) {
            self.known.swap(0, 1);
            self.known[1] = end;
        }
    }
}

/// Identifies an end: by the instance if the runtime names it, otherwise by its time.
fn identity(container_id: Option<&str>, finished_at: Option<jiff::Timestamp>) -> SmolStr {
    match (container_id, finished_at) {
        (Some(id), _) if !id.is_empty() => SmolStr::new(id),
        (_, Some(at)) => format_smolstr!("{at}"),
        _ => SmolStr::new("?"),
    }
}

fn shown(detail: &Detail) -> SmolStr {
    identity(detail.container_id.as_deref(), detail.finished_at)
}

fn reported(last: &Termination) -> SmolStr {
    identity(Some(&last.container_id), last.finished_at)
}

fn termination(last: &Termination, before: u32, now: u32) -> String {
    let reason = if last.reason.is_empty() { "Terminated" } else { &last.reason };
    let mut text = format!("lastState reports {reason} (exit code {})", last.exit_code);
    if let Some(at) = last.finished_at {
        text += &format_smolstr!(" finished at {at}");
    }
    if now > before {
        text += &format_smolstr!(", restartCount {before} -> {now}");
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn container(kind: StateKind, id: &str, restarts: u32, last: Option<&str>) -> State {
        let mut state = State::plain("x");
        state.kind = kind;
        state.detail.container_id = Some(id.into());
        state.detail.restart_count = Some(restarts);
        state.detail.last_termination = last
            .map(|id| Box::new(Termination { container_id: id.into(), reason: "Error".into(), ..Default::default() }));
        state
    }

    #[test]
    fn an_end_that_was_shown_is_no_gap_when_last_state_repeats_it() {
        let mut ends = Ends::first(&container(StateKind::Running, "a", 0, None));
        assert_eq!(ends.next(0, &container(StateKind::Terminated, "a", 0, None)), None);
        assert_eq!(ends.next(0, &container(StateKind::Running, "b", 1, Some("a"))), None);
        assert_eq!(ends.next(1, &container(StateKind::Terminated, "b", 1, Some("a"))), None);
        assert_eq!(ends.next(1, &container(StateKind::Terminated, "b", 1, Some("a"))), None);
        assert_eq!(ends.next(1, &container(StateKind::Waiting, "b", 1, Some("b"))), None);
        assert_eq!(ends.next(1, &container(StateKind::Running, "c", 2, Some("b"))), None);
    }

    #[test]
    fn an_end_that_only_last_state_reports_is_a_gap_once() {
        let mut ends = Ends::first(&container(StateKind::Running, "a", 0, None));
        let evidence = ends.next(0, &container(StateKind::Running, "b", 1, Some("a"))).expect("a gap");
        assert!(evidence.contains("Error") && evidence.contains("restartCount 0 -> 1"), "{evidence}");
        assert_eq!(ends.next(1, &container(StateKind::Running, "b", 1, Some("a"))), None);
    }

    #[test]
    fn a_restart_count_that_rose_by_more_than_the_ends_seen_is_a_gap() {
        let mut ends = Ends::first(&container(StateKind::Running, "a", 0, None));
        assert_eq!(ends.next(0, &container(StateKind::Terminated, "a", 0, None)), None);
        assert_eq!(ends.next(0, &container(StateKind::Running, "c", 3, None)).as_deref(), Some("restartCount 0 -> 3"));
        assert_eq!(
            ends.next(3, &container(StateKind::Running, "d", 4, None)).as_deref(),
            Some("restartCount 3 -> 4 without a termination")
        );
    }

    #[test]
    fn the_last_state_of_the_first_version_was_before_the_recording() {
        let mut ends = Ends::first(&container(StateKind::Running, "d", 3, Some("c")));
        assert_eq!(ends.next(3, &container(StateKind::Running, "d", 3, Some("c"))), None);
    }
}
