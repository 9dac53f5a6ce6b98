//! The end of a watch: the fence is begun, met, or given up when its time is over.

use super::super::pages::Heads;
use super::super::request_error::RequestError;
use super::action::Action;
use super::fence::Fence;
use super::machine::{Machine, State};
use crate::observation::{Fence as Line, Payload, ResourceVersion};

const UNANSWERED: &str = "the server did not answer in time";
const UNPROVEN: &str = "the server did not show in time what there is";
const ABSENT: &str = "the resource is not served any more";
const INTERRUPTED: &str = "the stream was interrupted, and could not be taken up again in time";

impl Machine {
    pub(super) fn finish(&mut self, state: State) -> State {
        if self.fence.is_some() || matches!(state, State::Done) {
            return state;
        }
        let now = self.now.monotonic;
        let fence = self.fence.insert(Fence::begin(now, now + self.config.pace.fence));
        let half_time = fence.half_time();
        self.act(Action::ListHeads);
        match state {
            State::Paused(_, then) => self.go(then),
            State::Recovering(mut recovering) => {
                recovering.hurry(half_time);
                State::Recovering(recovering)
            }
            state => state,
        }
    }

    /// The fence's list was answered.
    pub(super) fn heads(&mut self, state: &State, heads: Result<Heads, RequestError>) {
        let Some(fence) = &mut self.fence else { return };
        let now = self.now.monotonic;
        match heads {
            Ok(heads) => fence.listed(heads, &self.recorded.objects().recorded(), now),
            // A kind that is not served any more, and of which nothing was there.
            Err(RequestError::NotServed)
                if self.recorded.objects().known().is_empty() && matches!(state, State::Following(_)) =>
            {
                fence.listed(Heads::none(), &self.recorded.objects().recorded(), now);
            }
            Err(_) => fence.not_listed(now),
        }
    }

    /// Gives the fence up when its time is over: the tail stays open, and the recording says why.
    pub(super) fn in_time(&mut self, state: State) -> State {
        let is_over = self.fence.as_ref().is_some_and(|fence| fence.deadline() <= self.now.monotonic);
        if !is_over {
            return state;
        }
        match state {
            State::Done | State::New(_) => state,
            State::Listing(_) | State::Opening(None) => self.unfenced(UNANSWERED),
            // A list that was read is told.
            State::Opening(Some(listing)) => {
                self.tell_at_once(listing);
                self.unfenced(UNANSWERED)
            }
            State::Recovering(recovering) => {
                self.tell_by_now(recovering);
                self.unfenced(UNANSWERED)
            }
            State::Following(reading) => {
                if let Some(held) = reading.held {
                    self.send(held.lines);
                }
                self.unfenced(UNPROVEN)
            }
            State::Paused(..) => self.unfenced(if self.is_absent { ABSENT } else { INTERRUPTED }),
        }
    }

    fn unfenced(&mut self, why: &str) -> State {
        let listed = self.fence.as_ref().and_then(Fence::missing);
        let (version, missing) = listed.unwrap_or_else(|| (self.recorded.version(), String::new()));
        self.write_fence(version, if missing.is_empty() { why.to_owned() } else { missing })
    }

    pub(super) fn write_fence(&mut self, resource_version: ResourceVersion, missing: String) -> State {
        let fence = Line { watch: self.recorded.id, resource_version, whole: missing.is_empty(), missing };
        self.fence = None;
        // Nobody came to say what they said.
        let mut lines = self.recorded.withheld();
        lines.push(self.recorded.tell(self.now.stamp, Payload::Fence(fence)));
        self.send(lines);
        self.act(Action::Done);
        State::Done
    }
}
