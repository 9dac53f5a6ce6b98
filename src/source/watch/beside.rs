//! A list that waits for history, which is read beside the open stream.
//!
//! What it shows is recorded before the list, and the list before what the stream delivers. So the watch continues as
//! if the list were recorded, and holds its lines; when history answers, the list is recorded from the state before it,
//! and the held lines follow, with the stamps of their receipt.

use super::super::clock::Now;
use super::super::heal::{Answer, Unknown};
use super::super::pages::{Item, Pages};
use super::account::Account;
use super::action::Action;
use super::loss::Loss;
use super::past::received;
use super::recorded::Recorded;
use super::state::Listing;
use crate::observation::{Change, Observation, Past, Payload};
use jiff::Timestamp;
use std::time::Duration;

/// After this the operator is told that lines wait for the past.
const TOLD: Duration = Duration::from_secs(2);

/// A list that waits for history. Times are of the monotonic clock.
#[derive(Debug)]
pub(super) struct Beside {
    /// What was recorded before the list.
    before: Recorded,
    listing: Listing,
    account: Account,
    /// The bound of the wait.
    until: Duration,
    /// Since when the recording has to have what happens, if no line says so yet.
    unsaid: Option<Timestamp>,
    /// True once the reading of history was stopped.
    is_stopped: bool,
    /// When the operator is told of the wait; none once that is done.
    tells_at: Option<Duration>,
}

impl Beside {
    /// Applies the list to what was recorded; history is read until `until`.
    pub(super) fn new(
        recorded: &mut Recorded,
        listing: Listing,
        account: Account,
        asked: Option<Timestamp>,
        now: Duration,
        until: Duration,
    ) -> Self {
        let before = recorded.clone();
        // The past that was requested is recorded, and so is what was recorded before a loss.
        let unsaid = asked.filter(|_| matches!(account, Account::Beginnings));
        let loss = if let Account::Loss(loss) = &account { Some(loss) } else { None };
        recorded.pass(&listing.pages, loss, listing.now);
        let tells_at = matches!(account, Account::Since(_)).then_some(now + TOLD);
        Self { before, listing, account, until, unsaid, is_stopped: false, tells_at }
    }

    /// The stream delivered something that waits. The line says since when there is something to be recorded, in case
    /// the recorder is killed meanwhile; none where a line says so.
    pub(super) fn holds(&mut self) -> Option<Observation> {
        let since = self.unsaid.take()?;
        let stamp = received(&self.listing.pages, self.listing.now);
        Some(self.before.record(stamp, Payload::Past(Past::unread(self.before.id, since))))
    }

    /// The lines of the list, and of what history shows of the time before it.
    pub(super) fn answered(
        mut self,
        answer: Result<Answer, Unknown>,
        recorded: &mut Recorded,
        actions: &mut Vec<Action>,
    ) -> Vec<Observation> {
        let Listing { pages, now, .. } = self.listing;
        let lines = self.account.record(&mut self.before, pages, answer, now, actions);
        recorded.remember(&self.before);
        lines
    }

    /// What was recorded before the list.
    pub(super) fn forget(self) -> Recorded {
        self.before
    }

    /// True for a first list: the watch has not attached.
    pub(super) fn is_first(&self) -> bool {
        !matches!(self.account, Account::Loss(_))
    }

    /// The recorder is asked to finish: history must stop by this time.
    pub(super) fn hurry(&mut self, by: Duration) {
        self.until = self.until.min(by);
    }

    /// When reading history is to be stopped, or the operator told.
    pub(super) fn wakes_at(&self) -> Option<Duration> {
        let stop = (!self.is_stopped).then_some(self.until);
        stop.into_iter().chain(self.tells_at).min()
    }

    /// What is to be done by now.
    pub(super) fn wake(&mut self, now: Duration) -> Vec<Action> {
        let mut actions = Vec::new();
        if !self.is_stopped && self.until <= now {
            self.is_stopped = true;
            self.tells_at = None;
            actions.push(Action::StopHistory);
        }
        if self.tells_at.take_if(|at| *at <= now).is_some() {
            let left = self.until.saturating_sub(now).as_millis().div_ceil(1000);
            actions.push(Action::Warn(format!(
                "the past is still being read; what happens meanwhile is recorded after it, in {left} s at the latest"
            )));
        }
        actions
    }
}

impl Recorded {
    /// Applies a list that is recorded later, after what history shows of the time before it.
    fn pass(&mut self, pages: &Pages, loss: Option<&Loss>, now: Now) {
        (self.withheld, self.doubt) = (Vec::new(), None);
        if let Some(loss) = loss {
            loss.gap(self, &pages.version, "");
        }
        for (stamp, item) in &pages.items {
            let what = match item {
                // With its name, which `Payload::Unchanged` lacks.
                Item::Object(object) => self.seen(Change::Listed, object.clone(), None),
                Item::Undecodable(undecodable) => Payload::Undecodable(undecodable.clone()),
            };
            self.record(*stamp, what);
        }
        let stamp = pages.items.last().map_or(now.stamp, |(stamp, _)| *stamp);
        self.attach(stamp, pages.version.clone(), &pages.kind, &mut Vec::new());
    }
}
