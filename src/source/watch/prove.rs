//! The steps of the proof that is requested while the watch goes on.

use super::action::Action;
use super::fence::Fence;
use super::machine::Machine;
use super::proof::Proof;
use super::state::State;
use crate::observation::Payload;

impl Machine {
    /// Handles the request for a proof.
    pub(super) fn proof_requested(&mut self, state: State) -> State {
        self.proof.is_wanted = true;
        state
    }

    /// Begins what is wanted, and records what is proven. `state` is the state after a step.
    pub(super) fn prove(&mut self, state: &State) {
        let now = self.now.monotonic;
        let goes_on = matches!(state, State::Following(_)) && self.fence.is_none();
        if !goes_on || self.proof.begun.as_ref().is_some_and(|(fence, _)| fence.deadline() <= now) {
            self.proof.is_wanted |= self.proof.begun.take().is_some() && !goes_on;
            return;
        }
        if self.proof.begun.is_none() && self.proof.is_wanted && self.knows_storage() && self.check.is_none() {
            let fence = Fence::begin(now, now + self.config.pace.fence, self.recorded.version());
            self.proof = Proof { is_wanted: false, begun: Some((fence, self.now.stamp.at)) };
            self.act(Action::ListHeads);
            return;
        }
        let read = self.read_to();
        let is_settled = self.is_settled();
        let Some((fence, asked)) = &mut self.proof.begun else { return };
        if fence.asks_again(now, self.recorded.version()) {
            *asked = self.now.stamp.at;
            self.act(Action::ListHeads);
            return;
        }
        if let Some(tail) = fence.asks_history(read.as_ref()) {
            self.actions.push(Action::ProveEnd(tail));
        }
        let Some(version) = fence.met(read.as_ref()).filter(|_| is_settled) else { return };
        let not_before = *asked;
        self.proof.begun = None;
        // It may have been read further meanwhile.
        let read = self.recorded.version();
        let resource_version = if version.is_covered_by(&read) { read } else { version };
        let what = Payload::LateBookmark { watch: self.recorded.id, resource_version, not_before };
        let line = self.recorded.record(self.now.stamp, what);
        self.send(vec![line]);
        self.reported.proven = Some(not_before);
        // It may have been requested again meanwhile.
        if self.proof.is_wanted {
            self.prove(state);
        }
    }
}
