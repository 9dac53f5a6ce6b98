//! What is reported of a watch's connection while it runs.

use super::super::connection::Trouble;
use super::action::Action;
use crate::observation::Payload;
use jiff::Timestamp;

/// What is reported of it, apart from what follows from the state.
#[derive(Debug, Default)]
pub(super) struct Reported {
    /// Since when the watch is not followed, and why; none before it has attached.
    pub out: Option<(Timestamp, Trouble)>,
    pub interruptions: u64,
    pub last: Option<Trouble>,
    /// What was recorded of losses.
    pub gaps: u64,
    pub healed: u64,
    /// The last moment up to which it was proven on request that everything was recorded.
    pub proven: Option<Timestamp>,
}

impl Reported {
    /// The watch is followed.
    pub(super) fn followed(&mut self) {
        self.out = None;
    }

    /// Counts what is recorded.
    pub(super) fn count(&mut self, actions: &[Action]) {
        let lines = actions.iter().filter_map(|action| match action {
            Action::Send(lines) => Some(lines),
            _ => None,
        });
        for line in lines.flatten() {
            match line.payload {
                Payload::Gap(_) | Payload::Undecodable(_) => self.gaps += 1,
                Payload::Healed(_) => self.healed += 1,
                _ => {}
            }
        }
    }

    /// The watch cannot be followed; `counts` unless the server only closed a stream as it does every few minutes.
    pub(super) fn interrupted(&mut self, at: Timestamp, trouble: Trouble, counts: bool) {
        if counts {
            self.interruptions += 1;
            self.last = Some(trouble.clone());
        }
        match &mut self.out {
            Some((_, known)) => *known = trouble,
            None => self.out = Some((at, trouble)),
        }
    }
}
