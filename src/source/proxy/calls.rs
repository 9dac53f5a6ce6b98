//! The calls that pass through, without I/O: what of them is recorded, in the order in which they were seen.

use super::super::clock::{Clock, until};
use super::super::error::Error;
use super::arrivals::Arrivals;
use crate::observation::Stamp;
use jiff::Timestamp;
use serde::Serialize;
use smol_str::{SmolStr, format_smolstr};
use std::collections::BTreeSet;
use std::convert::Infallible;
use std::fmt::Debug;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::sync::Notify;

/// How many lines are kept until they are recorded; what does not fit is lost, and that is a gap.
const MOST: usize = 50_000;

/// How long what passed waits for more before it is recorded. At once, it would delay the answer.
const AFTER_CALL: Duration = Duration::from_millis(5);

/// Most characters of a name that are kept.
const NAME: usize = 253;

/// Why nothing more is known of a call whose answer is not what the protocol has.
pub(in super::super) const NOT_READ: &str = "its answer could not be read";

/// A name, as far as it is kept.
pub(in super::super) fn name(text: &str) -> SmolStr {
    text.chars().filter(|letter| !letter.is_control()).take(NAME).collect()
}

/// What is known of a call.
pub(in super::super) trait Call: Clone + Debug + Serialize + Send + 'static {
    /// What was asked, and of what.
    fn name(&self) -> String;
    /// True when nothing follows.
    fn is_over(&self) -> bool;
    /// The connection ended before the answer.
    fn cut(&mut self);
}

/// What is known of a call, or why nothing more is.
pub(in super::super) type Known<C> = Result<C, &'static str>;

/// A line that is due.
#[derive(Debug)]
pub(super) struct Seen<C> {
    /// Everything that had happened before was said.
    pub not_before: Timestamp,
    /// When it was seen.
    pub stamp: Stamp,
    /// It happened no earlier.
    pub since: Option<Timestamp>,
    /// Which call.
    pub number: u64,
    /// Its name.
    pub name: SmolStr,
    /// What is known of it.
    pub known: Known<C>,
}

/// The calls of all connections.
#[derive(Debug)]
pub(in super::super) struct Calls<C> {
    all: Arc<Mutex<All<C>>>,
    /// Something was seen.
    seen: Arc<Notify>,
    /// It is due.
    due: Arc<Notify>,
    arrivals: Arrivals,
    clock: Clock,
}

impl<C> Clone for Calls<C> {
    fn clone(&self) -> Self {
        let Self { all, seen, due, arrivals, clock } = self;
        let (all, seen, due) = (Arc::clone(all), Arc::clone(seen), Arc::clone(due));
        Self { all, seen, due, arrivals: arrivals.clone(), clock: clock.clone() }
    }
}

#[derive(Debug)]
struct All<C> {
    last: u64,
    /// When those began, at the earliest, that were not said yet, and which of those that began.
    unsaid: BTreeSet<(Timestamp, u64)>,
    begun: u64,
    due: Vec<Seen<C>>,
    is_full: bool,
    /// Something was passed on that could not be read, and came no earlier.
    unread: Option<Timestamp>,
    /// The recorder has ended, and ends all connections.
    has_ended: bool,
}

/// What was taken of the calls.
#[derive(Debug)]
pub(super) struct Taken<C> {
    /// The lines that are due.
    pub seen: Vec<Seen<C>>,
    /// Others were lost.
    pub is_full: bool,
    /// What was asked is not known.
    pub is_unread: bool,
    /// Everything up to this moment was said.
    pub until: Timestamp,
}

impl<C> All<C> {
    /// Everything that happened up to this moment was said, if it was up to then that everything was read.
    fn said_until(&self, read_until: Timestamp) -> Timestamp {
        let unsaid = self.unsaid.first().map(|(begun, _)| *begun);
        unsaid.into_iter().chain(self.unread).fold(read_until, Timestamp::min)
    }
}

impl<C: Call> Calls<C> {
    /// The calls after one of this number.
    ///
    /// # Errors
    /// The kernel refuses a descriptor.
    pub(in super::super) fn after(last: u64, clock: Clock) -> Result<Self, Error> {
        let (unsaid, due) = (BTreeSet::new(), Vec::new());
        let all = All { last, unsaid, begun: 0, due, is_full: false, unread: None, has_ended: false };
        let arrivals = Arrivals::new(clock.clone())?;
        Ok(Self { all: Arc::new(Mutex::new(all)), seen: Arc::default(), due: Arc::default(), arrivals, clock })
    }

    /// Since when what is read may have waited.
    pub(super) fn arrivals(&self) -> &Arrivals {
        &self.arrivals
    }

    fn all(&self) -> MutexGuard<'_, All<C>> {
        self.all.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Reads what has come up to now, and no more: what becomes of the calls that are not over is not seen.
    pub(super) async fn read_up(&self) {
        self.arrivals.end().await;
        self.all().has_ended = true;
    }

    /// True when everything was read that had come at the end.
    pub(super) fn has_read_up(&self) -> bool {
        self.arrivals.has_read_up()
    }

    /// What was seen since the last time, and whether something was lost.
    pub(super) fn take(&self) -> Taken<C> {
        // First this: what was read by then is among what was seen.
        let read_until = self.arrivals.read_until();
        let mut all = self.all();
        let is_unread = all.unread.take().is_some();
        let until = all.said_until(read_until);
        let (seen, is_full) = (std::mem::take(&mut all.due), std::mem::take(&mut all.is_full));
        Taken { seen, is_full, is_unread, until }
    }

    /// The names of what was seen, with what is known, and whether something could not be read.
    #[cfg(test)]
    pub(in super::super) fn known(&self) -> (Vec<(SmolStr, Known<C>)>, bool) {
        let Taken { seen, is_unread, .. } = self.take();
        (seen.into_iter().map(|seen| (seen.name, seen.known)).collect(), is_unread)
    }

    /// Waits until there is something to take.
    pub(super) async fn due(&self) {
        self.due.notified().await;
    }

    /// Says that there is something to take, a while after it was seen. Runs in the thread in which calls pass: to wake
    /// another one takes longer than to pass a call on.
    pub(super) async fn pace(&self) -> Infallible {
        loop {
            self.seen.notified().await;
            until(Some(self.clock.after(AFTER_CALL))).await;
            self.due.notify_one();
        }
    }

    /// A call begins. It is not recorded before it [is said](OneCall::say).
    pub(in super::super) fn begin(&self, call: C) -> OneCall<C> {
        let since = self.arrivals.reading().unwrap_or_else(|| self.arrivals.read_until());
        let mut all = self.all();
        all.begun += 1;
        let begun = (since, all.begun);
        all.unsaid.insert(begun);
        drop(all);
        OneCall { calls: self.clone(), begun, said: None, call, is_lost: false }
    }

    /// Something is passed on, and what it asks is not known. What is said from then on does not say that everything before
    /// it was said, until this is.
    pub(in super::super) fn unread(&self) {
        let since = self.arrivals.reading().unwrap_or_else(|| self.arrivals.read_until());
        let mut all = self.all();
        all.unread = Some(all.unread.map_or(since, |earlier| earlier.min(since)));
        drop(all);
        self.seen.notify_one();
    }
}

/// One call. Dropping it before it is over says that its connection ended.
#[derive(Debug)]
pub(in super::super) struct OneCall<C: Call> {
    calls: Calls<C>,
    /// When it began, at the earliest, and which one it is of those that began.
    begun: (Timestamp, u64),
    /// Its number and name, once it was said. There are never more numbers than lines.
    said: Option<(u64, SmolStr)>,
    call: C,
    /// Why nothing more is known of it was said.
    is_lost: bool,
}

impl<C: Call> OneCall<C> {
    /// What is known of it.
    pub(in super::super) fn call(&self) -> &C {
        &self.call
    }

    /// What is known of it, to be said.
    pub(in super::super) fn call_mut(&mut self) -> &mut C {
        &mut self.call
    }

    /// True when nothing more can be said.
    pub(in super::super) fn is_over(&self) -> bool {
        self.call.is_over() || self.is_lost
    }

    /// The calls to which it belongs.
    pub(in super::super) fn calls(&self) -> &Calls<C> {
        &self.calls
    }

    /// Says what is known of it.
    pub(in super::super) fn say(&mut self) {
        self.push(Ok(self.call.clone()));
    }

    /// Says why nothing more is known of it.
    pub(in super::super) fn lose(&mut self, why: &'static str) {
        if !std::mem::replace(&mut self.is_lost, true) {
            self.push(Err(why));
        }
    }

    /// Says that it ended before its answer.
    pub(in super::super) fn drop_it(&mut self) {
        self.call.cut();
        self.say();
    }

    fn push(&mut self, known: Known<C>) {
        let arrivals = &self.calls.arrivals;
        let (reading, read_until) = (arrivals.reading(), arrivals.read_until());
        {
            let mut all = self.calls.all.lock().unwrap_or_else(PoisonError::into_inner);
            let (number, name) = self.said.get_or_insert_with(|| {
                all.last += 1;
                (all.last, format_smolstr!("{}.{}", self.call.name(), all.last))
            });
            let not_before = all.said_until(read_until);
            // Its beginning may have been there longer than what was read last.
            let since = if all.unsaid.remove(&self.begun) { Some(self.begun.0) } else { reading };
            if all.due.len() < MOST {
                let stamp = self.calls.clock.now();
                all.due.push(Seen { not_before, stamp, since, number: *number, name: name.clone(), known });
            } else {
                all.is_full = true;
            }
        }
        self.calls.seen.notify_one();
    }
}

impl<C: Call> Drop for OneCall<C> {
    fn drop(&mut self) {
        if self.is_over() {
            return;
        }
        if self.said.is_none() {
            self.say();
        }
        if !self.calls.all().has_ended {
            self.drop_it();
        }
    }
}
