//! Handles a list: what is read from history before it is recorded, and what follows.

use super::super::clock::Now;
use super::super::heal::{Question, Unknown};
use super::super::pages::{Pages, is_long};
use super::super::request_error::RequestError;
use super::super::settings::Past as Requested;
use super::account::Account;
use super::action::Action;
use super::before::Before;
use super::loss::Loss;
use super::machine::Machine;
use super::past;
use super::state::{Listing, State, Then};
use crate::observation::{GapReason, Past, Payload};
use std::time::Duration;

/// How long reading beginnings may delay the attachment.
const BEGINNINGS: Duration = Duration::from_secs(1);
/// How long the reading of what was lost may hold up what happens meanwhile. What is not read by then remains a gap.
const LOSS: Duration = Duration::from_secs(5);
/// Of more objects than this no beginnings are read: that would be as many requests and more.
const FEW: usize = 300;

/// The question for history and its time limit; or why it is not asked.
type Asked = Result<(Question, Duration), Unknown>;

impl Machine {
    /// Records what is asked for before it is read: a recorder that is killed meanwhile leaves it to the next one.
    pub(super) fn request_past(&mut self) {
        let Before::Asked(since) = self.before else { return };
        self.record_past(Past::unread(self.recorded.id, since));
    }

    /// Records how far the past is read, without its lines.
    pub(super) fn record_past(&mut self, past: Past) {
        let line = self.recorded.record(self.now.stamp, Payload::Past(past));
        self.send(vec![line]);
    }

    pub(super) fn listed(&mut self, lost: Option<GapReason>, listed: Result<Pages, RequestError>) -> State {
        let pages = match listed {
            Ok(pages) => pages,
            Err(RequestError::NotServed) => {
                self.elsewhere.not_served = self.listed_from.map(|asked| asked.stamp.at);
                return self.absent(Then::List(lost));
            }
            Err(RequestError::ServedAs(version)) => return self.served_as(version, Then::List(lost)),
            Err(trouble) => return self.troubled(trouble, Then::List(lost)),
        };
        let listing = Listing { pages, now: self.now, lost, opened: None };
        // A watch that may list but not watch is not attached, so a first list is recorded once its stream is open.
        if (self.reads_history() && !self.retry.is_forgetful()) || self.retry.may_give_up() {
            self.ask(Action::OpenWatch { from: listing.pages.version.clone() });
            return State::Opening(Some(listing));
        }
        self.account_for(listing)
    }

    /// Handles the opening of the stream after a list.
    pub(super) fn opened_after(&mut self, mut listing: Listing, opened: Result<(), RequestError>) -> State {
        let lost = listing.lost;
        match opened {
            Err(trouble @ (RequestError::Lasting(_) | RequestError::Passing { .. })) if self.retry.may_give_up() => {
                self.troubled(trouble, Then::List(lost))
            }
            Err(RequestError::NotServed) if self.retry.may_give_up() => self.absent(Then::List(lost)),
            Err(RequestError::ServedAs(version)) if self.retry.may_give_up() => {
                self.served_as(version, Then::List(lost))
            }
            opened => {
                listing.opened = Some(opened);
                self.account_for(listing)
            }
        }
    }

    /// Records the list without asking history.
    pub(super) fn record_at_once(&mut self, listing: Listing) {
        let (account, _) = self.account(&listing);
        self.record_list(listing.pages, account, Unknown::Ended, listing.now);
    }

    fn reads_history(&self) -> bool {
        self.config.healing.requests > 0
    }

    /// Records a list, after asking history if possible.
    pub(super) fn account_for(&mut self, listing: Listing) -> State {
        if self.beside.is_some() {
            // What history shows of an earlier one comes first.
            return State::Waiting(listing);
        }
        if listing.lost.is_none() {
            self.retry.reset();
        }
        let (account, asked) = self.account(&listing);
        match asked {
            Ok((question, limit)) => self.ask_beside(listing, account, question, limit),
            Err(unknown) => {
                self.record_list(listing.pages, account, unknown, listing.now);
                self.go_on(listing.opened)
            }
        }
    }

    /// How a list is to be recorded, and what history is asked for that.
    fn account(&mut self, listing: &Listing) -> (Account, Asked) {
        let Listing { pages, lost, now, .. } = listing;
        self.recorded.listed_since = self.listed_from.filter(|_| is_long(pages.took)).map(|asked| asked.stamp.at);
        let healing = &self.config.healing;
        let reason =
            lost.or_else(|| (!self.recorded.objects().known().is_empty()).then_some(GapReason::HistoryExpired));
        let Some(reason) = reason else {
            return match self.config.past {
                Requested::Since(moment) => {
                    let question = past::since(moment, pages, &self.recorded, *now);
                    (Account::Since(moment), question.map(|question| (question, healing.time)))
                }
                Requested::Beginnings if self.reads_history() && !self.recorded.watch.can_be_left() => {
                    if pages.items.len() > FEW {
                        let count = pages.items.len();
                        return (Account::First, Err(Unknown::TooMany { objects: count as u64 }));
                    }
                    (Account::Beginnings, Ok((past::beginnings(pages), BEGINNINGS.min(healing.time))))
                }
                Requested::Beginnings | Requested::Unseen => (Account::First, Err(Unknown::Unasked)),
            };
        };
        // The server compacted its history while nothing happened.
        if reason == GapReason::HistoryExpired && self.recorded.is_unchanged(pages) {
            return (Account::Unchanged, Err(Unknown::Unasked));
        }
        let loss = Loss::before(pages, reason, &self.recorded, *now);
        let question = loss.question(pages, &self.recorded, self.reads_history());
        (Account::Loss(loss), question.map(|question| (question, healing.time.min(LOSS))))
    }

    /// Records a list without what history shows.
    fn record_list(&mut self, pages: Pages, account: Account, unknown: Unknown, now: Now) {
        if matches!(account, Account::Unchanged) {
            (self.recognition, self.recorded.is_doubtful) = (None, false);
            return self.reconnected();
        }
        let lines = account.record(&mut self.recorded, pages, Err(unknown), now, &mut self.actions);
        self.attached();
        self.send(lines);
        self.has_listed();
    }

    /// The stream continues from a list, which contains what an interrupted one did not deliver.
    pub(super) fn has_listed(&mut self) {
        (self.check, self.recognition, self.interruption) = (None, None, None);
        if let Some(fence) = &mut self.fence {
            fence.restart(self.recorded.version());
            self.act(Action::ListHeads);
        }
    }

    /// Continues after a list was recorded.
    pub(super) fn go_on(&mut self, opened: Option<Result<(), RequestError>>) -> State {
        if self.retry.is_forgetful() {
            let pause = self.retry.pause(self.now);
            return self.pause(pause, Then::Watch);
        }
        match opened {
            Some(opened) => self.opened(opened),
            None => self.open(),
        }
    }
}
