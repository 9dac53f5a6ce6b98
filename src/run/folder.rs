//! The thread that interprets what was recorded, and hands entries on in order.

use super::pipeline::Progress;
use super::recorder::Numbered;
use crate::observation::Stamp;
use crate::recording::Verification;
use crate::source::Clock;
use crate::timeline::{Body, Entry, Fold, Order, Placed, Tail};
use std::sync::mpsc::{Receiver, RecvTimeoutError};
use std::thread::JoinHandle;
use std::time::Duration;
use tokio::sync::watch;

/// Who takes entries as they settle; called too when nothing settled and the streams were seen alive.
pub type Sink = Box<dyn FnMut(Heard<'_>) + Send>;

/// What a sink is told.
pub struct Heard<'a> {
    /// Entries in order, none of which was told before.
    pub entries: Vec<Entry>,
    /// Where they came from; it may know of more that still waits for its place.
    pub fold: &'a Fold,
    /// What still waits for its place.
    pub order: &'a Order,
    /// When it is.
    pub now: Stamp,
}

impl Heard<'_> {
    /// How far each watch was seen, as far as it was told.
    #[must_use]
    pub fn tails(&self) -> Vec<Tail> {
        let tails = self.fold.tails();
        match self.order.waiting() {
            Some((at, revision)) => tails.into_iter().map(|tail| tail.before(at, revision)).collect(),
            None => tails,
        }
    }
}

/// Starts the thread. It ends when the recorder ends.
pub fn start(
    inbox: Receiver<Numbered>,
    fold: Fold,
    verification: Verification,
    settle: Duration,
    clock: Clock,
    progress: watch::Sender<Progress>,
    sink: Option<Sink>,
) -> JoinHandle<Verification> {
    std::thread::Builder::new()
        .name("fold".to_owned())
        .spawn(move || {
            let audience = sink.map(|sink| Audience { order: Order::new(signed(settle)), settled: Vec::new(), sink });
            Folder { fold, verification, audience, progress, placed: Vec::new() }.run(&inbox, settle, &clock)
        })
        .expect("a thread can be started")
}

struct Folder {
    fold: Fold,
    verification: Verification,
    /// Nobody: then nothing is kept waiting for its place.
    audience: Option<Audience>,
    progress: watch::Sender<Progress>,
    placed: Vec<Placed>,
}

struct Audience {
    order: Order,
    settled: Vec<Entry>,
    sink: Sink,
}

impl Folder {
    fn run(mut self, inbox: &Receiver<Numbered>, settle: Duration, clock: &Clock) -> Verification {
        let tick = settle.max(Duration::from_millis(10));
        loop {
            match inbox.recv_timeout(tick) {
                Ok(numbered) => self.take(numbered),
                Err(RecvTimeoutError::Timeout) => {
                    if let Some(audience) = &mut self.audience {
                        audience.order.settle(clock.now().at, &mut audience.settled);
                    }
                }
                Err(RecvTimeoutError::Disconnected) => break,
            }
            if let Some(audience) = &mut self.audience {
                audience.tell(&self.fold, clock.now());
            }
        }
        if let Some(audience) = &mut self.audience {
            std::mem::replace(&mut audience.order, Order::new(signed(settle))).finish(&mut audience.settled);
            audience.tell(&self.fold, clock.now());
        }
        self.verification
    }

    fn take(&mut self, numbered: Numbered) {
        let mut progress = self.progress.borrow().clone();
        for (seq, observation) in numbered {
            progress.count(&observation.what);
            self.verification.line(seq, &observation);
            self.fold.push(seq, observation, &mut self.placed);
            for placed in self.placed.drain(..) {
                progress.transitions += u64::from(matches!(placed.entry.body, Body::Transition(_)));
                if let Some(audience) = &mut self.audience {
                    audience.order.push(placed, &mut audience.settled);
                }
            }
        }
        progress.follow(self.verification.positions());
        progress.subjects = self.fold.subjects();
        let undecoded: u64 = progress.watches.iter().map(|watched| watched.undecodable).sum();
        progress.undecodable = undecoded + self.fold.unread();
        self.progress.send_replace(progress);
    }
}

impl Audience {
    fn tell(&mut self, fold: &Fold, now: Stamp) {
        let entries = std::mem::take(&mut self.settled);
        (self.sink)(Heard { entries, fold, order: &self.order, now });
    }
}

fn signed(settle: Duration) -> jiff::SignedDuration {
    jiff::SignedDuration::try_from(settle).unwrap_or(jiff::SignedDuration::MAX)
}
