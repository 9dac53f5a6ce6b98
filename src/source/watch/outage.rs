//! Streams that cannot be followed: the version is compacted, the server refuses, or the resource is not served; and what
//! is reported of that.

use super::super::connection::{Connection, Outage, Trouble};
use super::super::error::Error;
use super::super::request_error::RequestError;
use super::super::settings::Past as Requested;
use super::action::Action;
use super::before::{Absence, Before};
use super::machine::Machine;
use super::reported::Reported;
use super::state::{State, Then};
use crate::observation::{Gap, GapReason, Past, Payload};
use jiff::{SignedDuration, Timestamp};
use std::time::Duration;

/// The longest pause that a server may request with Retry-After.
const RETRY_AFTER: Duration = Duration::from_mins(1);
/// The longest pause after an answer that refuses, unless the server requests a longer one.
const REFUSED: Duration = Duration::from_secs(4);
/// The longest pause while a fence is awaited.
const FENCED: Duration = Duration::from_millis(500);

/// A stream that the server closes is no interruption if it was open for so long.
const ORDINARY: Duration = Duration::from_secs(5);

/// Why nothing is known of the time before.
const UNREAD: &str = "the resource is not served, so its history cannot be read";
/// Why nothing is known of a time between two answers.
const UNASKED: &str = "the server did not answer then whether the resource is served";

impl Machine {
    /// The version is compacted: a list shows the present state.
    pub(super) fn expired(&mut self, message: String) -> State {
        self.interruption = Some(message);
        self.retry.forgotten();
        self.ask_last_before_list();
        self.list(Some(GapReason::HistoryExpired))
    }

    /// Handles an error that is temporary or must be fixed by the operator. Once attached, the loop never gives up.
    pub(super) fn troubled(&mut self, trouble: RequestError, then: Then) -> State {
        let words = trouble.words();
        let (limit, is_known) = (self.config.attach_within, self.recorded.position().version().is_some());
        let is_answered = !matches!(&trouble, RequestError::Passing { error, .. } if error.is_silence());
        let reported = trouble.trouble();
        let after = match trouble {
            RequestError::Lasting(error) if self.retry.may_give_up() => return self.fail(error),
            RequestError::Passing { error, .. } if self.retry.gives_up(&error, is_known, limit, self.now) => {
                return self.fail(error);
            }
            RequestError::Passing { after, .. } => after,
            _ => None,
        };
        let pause = self.retry.pause(self.now);
        // Of a server that answers, only an answer shows that it no longer refuses.
        let pause =
            if is_answered { pause.min(REFUSED) } else { pause }.max(after.unwrap_or_default().min(RETRY_AFTER));
        let pause = self.retry.patience(limit, self.now).map_or(pause, |left| pause.min(left));
        let message = match after {
            Some(after) if after > pause => {
                format!(
                    "{words}; it asks for a pause of {} s, and is asked again in {} s",
                    after.as_secs(),
                    pause.as_secs()
                )
            }
            _ => words.clone(),
        };
        // Later, the progress of the recorder reports it. Repeating the same message every second is of no use.
        let is_news = self.retry.may_give_up() && self.retry.is_news(&words);
        self.act(if is_news { Action::Warn(message) } else { Action::Inform(message) });
        reported.into_iter().for_each(|trouble| self.report_trouble(trouble));
        self.interruption.get_or_insert(words);
        // A connection that breaks says nothing about the version that was asked for.
        if is_answered && matches!(then, Then::Watch) {
            self.fails_from_before();
        }
        self.act(Action::RenewCredentials);
        self.pause(pause, then)
    }

    /// The resource is not served, so it has no objects. It is waited for.
    pub(super) fn absent(&mut self, then: Then) -> State {
        self.report_absence();
        if let Some(absence) = &mut self.absence {
            absence.answered(self.now);
        } else {
            self.absence = Some(Absence::begin(self.now));
            if self.recorded.position().version().is_none() && !matches!(self.config.past, Requested::Since(_)) {
                // It may be served and withdrawn again before it is next requested, and the answer was given at some
                // moment since the request.
                let asked = self.listed_from.unwrap_or(self.now);
                self.config.past = Requested::Since(asked.stamp.at);
            }
            let what = Payload::NotServed { watch: self.recorded.id };
            let line = self.recorded.record(self.now.stamp, what);
            self.send(vec![line]);
        }
        if self.recorded.position().version().is_some() {
            self.interruption.get_or_insert("the resource was not served".to_owned());
        }
        if self.fence.is_some() && !self.is_asked_at_end {
            // The server may have given that answer before the end was asked for, and serve the resource since.
            return self.go(then);
        }
        if self.fence.is_some() && self.recorded.objects().known().is_empty() {
            // Nothing is there, so nothing is missing but what was there before.
            self.record_unread(matches!(then, Then::List(Some(_))));
            return self.write_fence(self.recorded.version(), String::new());
        }
        self.attached();
        self.pause(self.config.pace.absent, then)
    }

    /// Records what is not known of a resource that is not served, when its watch ends. That it is not served says
    /// nothing about the time before, nor about that between two answers, and history cannot be asked.
    pub(super) fn record_unread(&mut self, is_resumed: bool) {
        let Some(absence) = self.absence else { return };
        let from = match self.before {
            _ if is_resumed || self.recorded.position().version().is_some() => Some(self.recorded.alive()),
            Before::Left(at) => Some(at),
            Before::Asked(since) => {
                self.record_past(Past { missing: UNREAD.to_owned(), ..Past::unread(self.recorded.id, since) });
                None
            }
            Before::Unasked => None,
        };
        let (from, to, unhealed) = match (from, absence.unasked) {
            (Some(from), None) => (from, absence.since, UNREAD),
            (Some(from), Some((_, to))) => (from, to, UNREAD),
            (None, Some((from, to))) => (from, to, UNASKED),
            (None, None) => return,
        };
        self.record_unseen(from, to, unhealed.to_owned());
    }

    /// Records a time in which the objects of a resource could not be seen at all.
    pub(super) fn record_unseen(&mut self, from: Timestamp, to: Timestamp, unhealed: String) {
        let version = self.recorded.version();
        let gap = Gap {
            watch: self.recorded.id,
            from_resource_version: version.clone(),
            to_resource_version: version,
            from: from.min(to),
            to,
            reason: GapReason::Unrecorded,
            unhealed,
        };
        let line = self.recorded.record(self.now.stamp, Payload::Gap(gap));
        self.send(vec![line]);
    }

    /// Pauses, only briefly while a fence is awaited.
    pub(super) fn pause(&mut self, length: Duration, then: Then) -> State {
        let length = if self.fence.is_some() { length.min(FENCED) } else { length };
        State::Paused(self.now.monotonic + length, then)
    }

    pub(super) fn go(&mut self, then: Then) -> State {
        match then {
            Then::List(lost) => self.list(lost),
            Then::Watch => self.open(),
        }
    }

    pub(super) fn fail(&mut self, error: Error) -> State {
        self.act(Action::Fail(error));
        State::Done
    }
}

impl Machine {
    /// The state of its connection, for reports.
    pub(crate) fn connection(&self) -> Connection {
        let next = match self.state() {
            State::Paused(until, _) => {
                let left = SignedDuration::try_from(until.saturating_sub(self.now.monotonic)).unwrap_or_default();
                self.now.stamp.at.checked_add(left).ok()
            }
            _ => None,
        };
        let Reported { out, interruptions, last, gaps, healed, proven } = &self.reported;
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
            proven: *proven,
            resolved: 0,
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

    /// The stream cannot be resumed: everything is listed again.
    pub(super) fn report_list(&mut self, lost: GapReason) {
        let why = match lost {
            GapReason::HistoryExpired => "its history expired; listing everything again",
            GapReason::StorageReplaced => "the server's storage went back; listing everything again",
            _ => "listing everything again",
        };
        self.report_unfollowed(why);
    }

    /// The stream is open, or could be, and is not followed.
    pub(super) fn report_unfollowed(&mut self, why: &'static str) {
        if !self.retry.may_give_up() {
            let trouble = Trouble { what: "not followed", why: why.into() };
            self.reported.interrupted(self.now.stamp.at, trouble, false);
        }
    }

    /// The resource was served before.
    fn report_absence(&mut self) {
        if self.recorded.position().version().is_some() {
            self.report_trouble(Trouble {
                what: "not served",
                why: "404: the server does not have it any more".into(),
            });
        }
    }

    /// A list or a stream was refused, or there was no answer. What keeps it from attaching is reported elsewhere.
    pub(super) fn report_trouble(&mut self, trouble: Trouble) {
        if !self.retry.may_give_up() {
            self.reported.interrupted(self.now.stamp.at, trouble, true);
        }
    }
}
