//! Asks history, and follows the stream until it answers.

use super::super::heal::{Answer, Question, Unknown};
use super::account::Account;
use super::action::Action;
use super::beside::Beside;
use super::machine::Machine;
use super::state::{Listing, State};
use std::time::Duration;

impl Machine {
    /// Asks history, and continues as if the list were recorded.
    pub(super) fn ask_beside(
        &mut self,
        mut listing: Listing,
        account: Account,
        question: Question,
        limit: Duration,
    ) -> State {
        self.act(Action::ReadHistory(question));
        let now = self.now.monotonic;
        let until = self.fence.as_ref().map_or(now + limit, |fence| fence.half_time().min(now + limit));
        let opened = listing.opened.take();
        let asked = self.listed_from.map(|asked| asked.stamp.at);
        self.beside = Some(Beside::new(&mut self.recorded, listing, account, asked, now, until));
        self.held.list();
        self.has_listed();
        self.go_on(opened)
    }

    /// Handles the answer of history.
    pub(super) fn history_read(&mut self, state: State, answer: Answer) -> State {
        let was_full = self.held.is_full();
        self.record_beside(Ok(answer));
        match state {
            State::Waiting(listing) => self.account_for(listing),
            State::Following(mut reading) if was_full => {
                // It was not read, so its silence was not the server's.
                reading.heard = self.now.monotonic;
                self.check.iter_mut().for_each(|check| check.reopened(self.now.monotonic));
                State::Following(reading)
            }
            state => state,
        }
    }

    /// Records the list that waits for history, if there is one, without waiting any longer, and why.
    pub(super) fn wait_no_longer(&mut self, why: Unknown) {
        if self.beside.is_some() {
            self.act(Action::StopHistory);
            self.record_beside(Err(why));
        }
    }

    /// The storage is another one than that of the recorded events, and so may be the list's: what came after a loss is
    /// forgotten, and read again. A first list was preceded by nothing.
    pub(super) fn forget_beside(&mut self) {
        if self.beside.as_ref().is_some_and(Beside::is_first) {
            self.wait_no_longer(Unknown::Replaced);
        } else if let Some(beside) = self.beside.take() {
            self.act(Action::StopHistory);
            self.recorded = beside.forget();
            self.held.forget_list();
        }
    }

    /// True while the first list waits for history.
    pub(super) fn is_first_awaited(&self) -> bool {
        self.beside.as_ref().is_some_and(Beside::is_first)
    }

    /// Stops history in time, and tells the operator.
    pub(super) fn wake_beside(&mut self) {
        let now = self.now.monotonic;
        let actions = self.beside.as_mut().map(|beside| beside.wake(now));
        self.actions.extend(actions.into_iter().flatten());
    }

    fn record_beside(&mut self, answer: Result<Answer, Unknown>) {
        let Some(beside) = self.beside.take() else { return };
        let lines = beside.answered(answer, &mut self.recorded, &mut self.actions);
        self.warn_of_opaque(&lines);
        self.held.answered_by_history(lines);
        self.attached();
    }
}
