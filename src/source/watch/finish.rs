//! The end of a watch: the fence is begun, met, or given up at its deadline.

use super::super::heal::Unknown;
use super::super::pages::Heads;
use super::super::request_error::RequestError;
use super::action::Action;
use super::fence::Fence;
use super::machine::Machine;
use super::state::{State, Then};
use crate::observation::{Fence as Line, GapReason, Payload, ResourceVersion};

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
        let read = self.recorded.version();
        let pace = &self.config.pace;
        let is_unattached = self.retry.may_give_up() || self.is_first_awaited();
        let length = if is_unattached { pace.fence.min(pace.unattached) } else { pace.fence };
        let fence = self.fence.insert(Fence::begin(now, now + length, read));
        let half_time = fence.half_time();
        self.beside.iter_mut().for_each(|beside| beside.hurry(half_time));
        self.act(Action::ListHeads);
        match state {
            State::Paused(_, then) => self.go(then),
            // The answer under way may be older than the end, and would then not be taken.
            State::Listing(lost) if self.absence.is_some() => self.list(lost),
            State::Opening(None) if self.absence.is_some() => self.open(),
            state => state,
        }
    }

    /// Handles a metadata list, for the fence or for a resumed stream.
    pub(super) fn heads(&mut self, state: State, heads: Result<Heads, RequestError>) -> State {
        let now = self.now.monotonic;
        let recorded = self.recorded.objects().recorded();
        let heads = match heads {
            Ok(heads) => heads,
            Err(trouble) => {
                self.fence.iter_mut().for_each(|fence| fence.not_listed(now, &trouble));
                self.check.iter_mut().for_each(|check| check.not_listed(now, trouble.after()));
                self.proof.fence().into_iter().for_each(|fence| fence.not_listed(now, &trouble));
                return state;
            }
        };
        // A server may repeatedly close the stream before the list is answered.
        let goes_on = matches!(state, State::Following(_) | State::Opening(None) | State::Paused(_, Then::Watch));
        let check = self.check.as_mut().filter(|check| check.is_asked() && goes_on);
        let checked = check.map_or(Ok(()), |check| check.listed(heads.clone(), &recorded, now));
        let fence = self.fence.as_mut().filter(|fence| fence.is_asked());
        let fenced = fence.map_or(Ok(()), |fence| fence.listed(heads.clone(), &recorded, now));
        let proof = self.proof.fence().filter(|fence| fence.is_asked() && goes_on);
        let proven = proof.map_or(Ok(()), |fence| fence.listed(heads, &recorded, now));
        let Err(rollback) = checked.and(fenced).and(proven) else { return state };
        if !goes_on {
            // The next read shows it.
            self.fence.iter_mut().for_each(|fence| fence.ask_later(now, None));
            return state;
        }
        self.act(Action::CloseWatch);
        let doubt = rollback.doubt(&self.recorded);
        self.doubted(GapReason::StorageReplaced, doubt)
    }

    /// Gives up the fence at its deadline: the end is not proven, and the recording says why.
    pub(super) fn in_time(&mut self, state: State) -> State {
        let is_over = self.fence.as_ref().is_some_and(|fence| fence.deadline() <= self.now.monotonic);
        if !is_over {
            return state;
        }
        self.wait_no_longer(Unknown::Ended);
        match state {
            State::Done | State::New(_) => state,
            State::Listing(_) | State::Opening(None) => self.unfenced(UNANSWERED),
            // A list that was read is recorded.
            State::Opening(Some(listing)) | State::Waiting(listing) => {
                self.record_at_once(listing);
                self.unfenced(UNANSWERED)
            }
            State::Following(_) => self.unfenced(UNPROVEN),
            State::Paused(..) => self.unfenced(if self.absence.is_some() { ABSENT } else { INTERRUPTED }),
        }
    }

    fn unfenced(&mut self, why: &str) -> State {
        let listed = self.fence.as_ref().and_then(Fence::missing);
        let stale = || self.fence.as_ref().and_then(Fence::stale).unwrap_or_default();
        let (version, missing) = listed.unwrap_or_else(|| (self.recorded.version(), stale()));
        if !self.recorded.objects().known().is_empty() {
            self.record_unread(true);
        }
        let refused = self.fence.as_ref().map(Fence::refused).filter(|refused| !refused.is_empty());
        let why = || refused.map_or_else(|| why.to_owned(), |refused| format!("{why}: {refused}"));
        let missing = if missing.is_empty() { why() } else { missing };
        self.write_fence(version, missing)
    }

    pub(super) fn write_fence(&mut self, resource_version: ResourceVersion, missing: String) -> State {
        self.wait_no_longer(Unknown::Ended);
        self.record_elsewhere();
        let (watch, whole) = (self.recorded.id, missing.is_empty());
        let asked = self.fence.as_ref().map(|fence| fence.asked().clone());
        let from_resource_version = asked.filter(|asked| whole && !asked.as_str().is_empty());
        let fence = Line { watch, resource_version, from_resource_version, whole, missing };
        self.fence = None;
        // Withheld lines will not be explained any more.
        let mut lines = self.held.all();
        lines.extend(self.recorded.withheld());
        lines.push(self.recorded.record(self.now.stamp, Payload::Fence(fence)));
        self.send(lines);
        self.act(Action::Done);
        State::Done
    }
}
