//! Reads the stream of events, and nothing else: containerd keeps a hundred events for a subscriber, and then waits for
//! it with everything that it does. What is read is kept in a bounded memory, however long the recorder is busy; what does
//! not fit is lost, and that is a gap.

use super::super::clock::{Clock, wall};
use super::client::{Client, Unanswered};
use super::shown::{Of, Told};
use jiff::{SignedDuration, Timestamp};
use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};
use tokio::sync::{Notify, oneshot};
use tokio::task::JoinHandle;

/// How many objects of events are kept, some hundred bytes each.
const MOST: usize = 50_000;

/// Events that were read, and not taken yet.
#[derive(Debug, Default)]
pub(super) struct Queue {
    events: VecDeque<Told>,
    weight: usize,
    /// Why nothing more can be taken.
    lost: Option<Lost>,
}

/// Why the stream cannot be followed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Lost {
    /// More came than is kept.
    Full,
    /// It ended.
    Ended(Unanswered),
}

impl Queue {
    /// Keeps an event, or notes that it was lost.
    pub(super) fn push(&mut self, told: Told) {
        if self.lost.is_some() || self.weight + told.weight() > MOST {
            self.lost.get_or_insert(Lost::Full);
            return;
        }
        self.weight += told.weight();
        self.events.push_back(told);
    }

    /// Takes everything.
    pub(super) fn take(&mut self) -> (VecDeque<Told>, Option<Lost>) {
        self.weight = 0;
        (std::mem::take(&mut self.events), self.lost.clone())
    }
}

/// A stream that is read until this is dropped.
#[derive(Debug)]
pub(super) struct Intake {
    queue: Arc<Mutex<Queue>>,
    woken: Arc<Notify>,
    reader: JoinHandle<()>,
}

impl Intake {
    /// Begins to read. When this returns, the runtime was asked for the stream before anything that it is asked later.
    pub(super) async fn start(client: Client, of: Of, clock: Clock) -> Self {
        let (queue, woken) = (Arc::<Mutex<Queue>>::default(), Arc::<Notify>::default());
        let (asked, was_asked) = oneshot::channel();
        let reader = {
            let (queue, woken) = (Arc::clone(&queue), Arc::clone(&woken));
            tokio::spawn(async move {
                let lost = read(&client, of, &clock, asked, |told| {
                    queue.lock().unwrap_or_else(PoisonError::into_inner).push(told);
                    woken.notify_one();
                })
                .await;
                queue.lock().unwrap_or_else(PoisonError::into_inner).lost.get_or_insert(Lost::Ended(lost));
                woken.notify_one();
            })
        };
        // If it ended before, the queue says so.
        let _ = was_asked.await;
        Self { queue, woken, reader }
    }

    /// What was read since the last call.
    pub(super) fn take(&self) -> (VecDeque<Told>, Option<Lost>) {
        self.queue.lock().unwrap_or_else(PoisonError::into_inner).take()
    }

    /// Waits until there is something to take.
    pub(super) async fn woken(&self) {
        self.woken.notified().await;
    }
}

impl Drop for Intake {
    fn drop(&mut self) {
        self.reader.abort();
    }
}

/// Reads to the end of the stream, and says why it ended.
async fn read(
    client: &Client,
    of: Of,
    clock: &Clock,
    asked: oneshot::Sender<()>,
    mut take: impl FnMut(Told),
) -> Unanswered {
    let mut opening = Box::pin(client.events());
    // The answer comes with the first event, the question goes out now.
    let opened = futures::poll!(opening.as_mut());
    let _ = asked.send(());
    let opened = match opened {
        std::task::Poll::Ready(opened) => opened,
        std::task::Poll::Pending => opening.await,
    };
    let mut stream = match opened {
        Ok(stream) => stream,
        Err(error) => return error,
    };
    loop {
        match stream.message().await {
            Ok(Some(event)) => {
                let here = |nanoseconds| here(clock, nanoseconds);
                Told::taken(event, of, here).into_iter().for_each(&mut take);
            }
            Ok(None) => return Unanswered::Now("the runtime ended it".to_owned()),
            Err(status) => return Unanswered::of(&status),
        }
    }
}

/// The recorder's time of a moment by the wall clock, which is the runtime's.
fn here(clock: &Clock, nanoseconds: i64) -> Timestamp {
    let moment = Timestamp::from_nanosecond(i128::from(nanoseconds)).unwrap_or(Timestamp::UNIX_EPOCH);
    let ago = wall().duration_since(moment);
    let now = clock.now().at;
    let there = now.checked_sub(ago.max(SignedDuration::ZERO)).unwrap_or(Timestamp::UNIX_EPOCH);
    Timestamp::from_microsecond(there.as_microsecond()).unwrap_or(there)
}
