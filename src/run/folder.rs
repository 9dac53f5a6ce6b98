//! The thread that folds recorded lines, and passes entries on in order.

use super::batch::Batch;
use super::listener::Speaker;
use super::meters::Meters;
use super::progress::Progress;
use super::writing::Numbered;
use crate::observation::{Observation, Payload, Stamp, WatchId};
use crate::recording::Verification;
use crate::source::Clock;
use crate::timeline::{Body, Entry, Fold, Order, Ordered};
use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError};
use std::thread::JoinHandle;
use std::time::Duration;
use tokio::sync::watch;

/// The shortest wait for new lines.
const TICK: Duration = Duration::from_millis(10);

/// The shortest interval between two times at which the states of all objects are passed on.
const STATED: Duration = Duration::from_secs(1);

/// Starts the thread. It ends when the recorder ends.
pub(super) fn start(
    inbox: Receiver<Numbered>,
    fold: Fold,
    verification: Verification,
    settle: Duration,
    clock: Clock,
    progress: watch::Sender<Progress>,
    speaker: Speaker,
) -> JoinHandle<Verification> {
    std::thread::Builder::new()
        .name("fold".to_owned())
        .spawn(move || {
            let order = Order::new(signed(settle));
            let (settled, placed) = (Vec::new(), Vec::new());
            let meters = Arc::clone(&progress.borrow().meters);
            let (stated, restated, received) = (None, false, Vec::new());
            let folder = Folder {
                fold,
                verification,
                order,
                settled,
                seq: 0,
                speaker,
                progress,
                placed,
                meters,
                received,
                restated,
                stated,
            };
            folder.run(&inbox, settle, &clock)
        })
        .expect("a thread can be started")
}

struct Folder {
    fold: Fold,
    verification: Verification,
    order: Order,
    settled: Vec<Entry>,
    seq: u64,
    speaker: Speaker,
    progress: watch::Sender<Progress>,
    placed: Vec<Ordered>,
    meters: Arc<Meters>,
    /// The versions of objects among the lines that are folded: when each was received, and whether from history.
    received: Vec<(WatchId, Duration, bool)>,
    /// True when a state may have become unknown, or known again, without an entry.
    restated: bool,
    /// When the states of all objects were passed on last.
    stated: Option<Duration>,
}

impl Folder {
    fn run(mut self, inbox: &Receiver<Numbered>, settle: Duration, clock: &Clock) -> Verification {
        let tick = settle.max(TICK);
        loop {
            // What waits is passed on when it has settled, and not a tick later.
            let due = self.order.due().map(|due| due.duration_since(clock.now().at).try_into().unwrap_or_default());
            match inbox.recv_timeout(due.unwrap_or(tick).clamp(TICK, tick)) {
                Ok(numbered) => {
                    self.meters.batch_taken();
                    self.take(numbered, clock);
                }
                Err(RecvTimeoutError::Timeout) => self.order.settle(clock.now().at, &mut self.settled),
                Err(RecvTimeoutError::Disconnected) => break,
            }
            self.emit(clock.now(), false);
        }
        std::mem::replace(&mut self.order, Order::new(signed(settle))).finish(&mut self.settled);
        self.emit(clock.now(), true);
        self.verification
    }

    fn take(&mut self, numbered: Numbered, clock: &Clock) {
        let batch = self.speaker.begin();
        let mut progress = self.progress.borrow().clone();
        for (seq, observation) in numbered {
            self.seq = seq;
            progress.count(&observation.payload);
            self.note(&observation);
            self.verification.line(seq, &observation);
            self.fold.push(seq, observation, &mut self.placed);
            self.verification.unexplained(self.fold.take_problems());
            for placed in self.placed.drain(..) {
                progress.transitions += u64::from(matches!(placed.entry.body, Body::Transition(_)));
                if batch {
                    self.order.push(placed, &mut self.settled);
                } else {
                    self.order.pass(placed, &mut self.settled);
                }
            }
        }
        let now = clock.now().elapsed;
        for (watch, received, is_healed) in self.received.drain(..) {
            self.meters.folded(watch, now.saturating_sub(received), is_healed);
        }
        progress.follow(self.verification.positions());
        progress.subjects = self.fold.subjects();
        progress.has_other_clock = self.fold.other_clock().is_some();
        let undecoded: u64 = progress.watches.iter().map(|watched| watched.undecodable).sum();
        progress.undecodable = undecoded + self.fold.unread();
        self.progress.send_replace(progress);
    }

    /// Notes what is measured of a line, and what it says of states.
    fn note(&mut self, observation: &Observation) {
        match &observation.payload {
            Payload::Object(seen) => self.received.push((seen.watch, observation.stamp.elapsed, seen.healed)),
            Payload::Raw(raw) => self.received.push((raw.watch, observation.stamp.elapsed, false)),
            Payload::Undecodable(_) | Payload::Gap(_) | Payload::Attached(_) => self.restated = true,
            _ => {}
        }
    }

    fn emit(&mut self, now: Stamp, last: bool) {
        let entries = std::mem::take(&mut self.settled);
        let is_restated = std::mem::take(&mut self.restated);
        let may_state = last || self.stated.is_none_or(|stated| now.elapsed.saturating_sub(stated) >= STATED);
        let (fold, order, seq) = (&self.fold, &self.order, self.seq);
        if self.speaker.emit(Batch { entries, fold, order, seq, now, last, is_restated, may_state }) {
            self.stated = Some(now.elapsed);
        }
    }
}

fn signed(settle: Duration) -> jiff::SignedDuration {
    jiff::SignedDuration::try_from(settle).unwrap_or(jiff::SignedDuration::MAX)
}
