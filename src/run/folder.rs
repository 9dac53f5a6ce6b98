//! The thread that interprets what was recorded, and hands entries on in order.

use super::pipeline::Progress;
use super::recorder::Numbered;
use crate::source::Clock;
use crate::timeline::{Body, Entry, Fold, Order, Placed};
use std::sync::mpsc::{Receiver, RecvTimeoutError};
use std::thread::JoinHandle;
use std::time::Duration;
use tokio::sync::watch;

/// Who takes entries as they settle.
pub type Sink = Box<dyn FnMut(Vec<Entry>) + Send>;

/// Starts the thread. It ends when the recorder ends.
pub fn start(
    inbox: Receiver<Numbered>,
    fold: Fold,
    settle: Duration,
    clock: Clock,
    progress: watch::Sender<Progress>,
    sink: Sink,
) -> JoinHandle<()> {
    std::thread::Builder::new()
        .name("fold".to_owned())
        .spawn(move || {
            Folder { fold, order: Order::new(signed(settle)), progress, sink, placed: Vec::new() }
                .run(&inbox, settle, clock)
        })
        .expect("a thread can be started")
}

struct Folder {
    fold: Fold,
    order: Order,
    progress: watch::Sender<Progress>,
    sink: Sink,
    placed: Vec<Placed>,
}

impl Folder {
    fn run(mut self, inbox: &Receiver<Numbered>, settle: Duration, clock: Clock) {
        let tick = settle.max(Duration::from_millis(10));
        let mut settled = Vec::new();
        loop {
            match inbox.recv_timeout(tick) {
                Ok(numbered) => self.take(numbered, &mut settled),
                Err(RecvTimeoutError::Timeout) => self.order.settle(clock.now().at, &mut settled),
                Err(RecvTimeoutError::Disconnected) => break,
            }
            if !settled.is_empty() {
                (self.sink)(std::mem::take(&mut settled));
            }
        }
        self.order.finish(&mut settled);
        (self.sink)(settled);
    }

    fn take(&mut self, numbered: Numbered, settled: &mut Vec<Entry>) {
        let mut progress = self.progress.borrow().clone();
        for (seq, observation) in numbered {
            progress.count(&observation.what);
            self.fold.push(seq, observation, &mut self.placed);
            for placed in self.placed.drain(..) {
                progress.transitions += u64::from(matches!(placed.entry.body, Body::Transition(_)));
                self.order.push(placed, settled);
            }
        }
        progress.subjects = self.fold.subjects();
        let undecoded: u64 = progress.watches.iter().map(|watched| watched.undecodable).sum();
        progress.undecodable = undecoded + self.fold.unread();
        self.progress.send_replace(progress);
    }
}

fn signed(settle: Duration) -> jiff::SignedDuration {
    jiff::SignedDuration::try_from(settle).unwrap_or(jiff::SignedDuration::MAX)
}
