//! What is told of a watch's connection while it runs.

use super::super::connection::{Connection, Outage, Trouble};
use super::action::Action;
use super::machine::Machine;
use super::state::State;
use crate::observation::Payload;
use jiff::{SignedDuration, Timestamp};
use std::time::Duration;

/// A stream that the server closes is no interruption if it was open for so long.
const ORDINARY: Duration = Duration::from_secs(5);

/// What is told of it, apart from what follows from the state.
#[derive(Debug, Default)]
pub(super) struct Reported {
    /// Since when the watch is not followed, and why; none before it has attached.
    out: Option<(Timestamp, Trouble)>,
    interruptions: u64,
    last: Option<Trouble>,
    /// What was recorded.
    gaps: u64,
    healed: u64,
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

    fn interrupted(&mut self, at: Timestamp, trouble: Trouble, counts: bool) {
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

impl Machine {
    /// What is told of its connection now.
    pub(crate) fn connection(&self) -> Connection {
        let next = match self.state() {
            State::Paused(until, _) => {
                let left = SignedDuration::try_from(until.saturating_sub(self.now.monotonic)).unwrap_or_default();
                self.now.stamp.at.checked_add(left).ok()
            }
            _ => None,
        };
        let Reported { out, interruptions, last, gaps, healed } = &self.reported;
        let outage = out.as_ref().map(|(since, trouble)| Outage { since: *since, trouble: trouble.clone(), next });
        let followed = matches!(self.state(), State::Following(_));
        Connection {
            followed,
            settled: followed && self.beside.is_none() && self.check.is_none() && self.knows_storage(),
            outage,
            interruptions: *interruptions,
            last: last.clone(),
            gaps: *gaps,
            healed: *healed,
        }
    }

    /// An open stream ended.
    pub(super) fn report_end(&mut self, why: &str, is_closed: bool) {
        let was_open = self.now.monotonic.saturating_sub(self.opened_at());
        // Of an error with causes, the last one.
        let why = match why.rsplit_once(": ") {
            Some((_, cause)) => format!("the connection broke: {}", cause.split(" (os error").next().unwrap_or(cause)),
            None => why.to_owned(),
        };
        let trouble = Trouble { what: "interrupted", why: why.into() };
        self.reported.interrupted(self.now.stamp.at, trouble, !is_closed || was_open < ORDINARY);
    }

    /// A list or a stream was refused, or there was no answer. What keeps it from attaching is told elsewhere.
    pub(super) fn report_trouble(&mut self, trouble: Trouble) {
        if !self.retry.may_give_up() {
            self.reported.interrupted(self.now.stamp.at, trouble, true);
        }
    }
}
