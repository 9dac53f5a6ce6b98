//! Listeners, which receive a timeline's entries as they settle.
//!
//! Each has its own bounded queue. The fold never waits for one: entries that do not fit into a queue are counted, and
//! the count takes their place.

use super::batch::Batch;
use super::horizon::Horizon;
use super::orders::Order;
use super::parking;
use crate::source::Clock;
use crate::timeline::Entry;
use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::sync::Notify;

/// The default capacity of a listener's queue, in entries.
pub(super) const QUEUE: usize = 1 << 16;

/// What a listener receives.
#[derive(Clone, Debug, PartialEq)]
pub enum Message {
    /// The next entry of the timeline.
    Entry(Arc<Entry>),
    /// Entries are missing here, because the queue was full.
    Missed {
        /// The number of missing entries.
        entries: u64,
    },
}

/// Receives the entries of a recorder, in the timeline's order. Dropping it ends its queue and affects no other.
pub struct Listener {
    queue: Arc<Queue>,
    taken: VecDeque<Item>,
}

impl std::fmt::Debug for Listener {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Listener").finish_non_exhaustive()
    }
}

impl Listener {
    /// The next entry, as soon as it has settled; none when the recorder has ended and everything was passed on.
    /// Cancel-safe.
    pub async fn next(&mut self) -> Option<Message> {
        loop {
            while let Some(item) = self.taken.pop_front() {
                match item {
                    Item::Entry(entry) => return Some(Message::Entry(entry)),
                    Item::Missed(entries) => return Some(Message::Missed { entries }),
                    Item::Horizon(_) | Item::Order(_) => {}
                }
            }
            self.taken = self.queue.take().await?;
        }
    }

    /// The same, blocking the thread. Not for async code.
    pub fn blocking_next(&mut self) -> Option<Message> {
        let clock = Clock::start(Duration::ZERO);
        parking::wait(self.next(), Duration::MAX, &clock).flatten()
    }
}

impl Drop for Listener {
    fn drop(&mut self) {
        self.queue.leave();
    }
}

/// An item in a queue.
pub(super) enum Item {
    Entry(Arc<Entry>),
    Missed(u64),
    /// How far the streams were seen once the entries before it had been passed on.
    Horizon(Arc<Horizon>),
    /// An order to the judges.
    Order(Order),
}

/// The queue of one listener.
pub(super) struct Queue {
    state: Mutex<State>,
    changed: Notify,
    capacity: usize,
}

#[derive(Default)]
#[expect(clippy::struct_excessive_bools, reason = "any of them may hold with any other")]
struct State {
    items: VecDeque<Item>,
    /// The number of entries among the items.
    entries: usize,
    /// Entries that did not fit since the last one that did.
    missed: u64,
    /// True when a horizon is requested.
    wanted: bool,
    /// True when the recorder has ended.
    over: bool,
    /// True when no more entries are wanted.
    closed: bool,
    /// True when the listener is gone.
    left: bool,
    /// `seq` of the last line that was folded.
    folded: u64,
}

impl Queue {
    pub(super) fn new(capacity: usize) -> Self {
        Self { state: Mutex::default(), changed: Notify::new(), capacity: capacity.max(1) }
    }

    /// All waiting items, once there are some; none when the recorder has ended and all were taken. For one listener.
    pub(super) async fn take(&self) -> Option<VecDeque<Item>> {
        loop {
            {
                let mut state = self.lock();
                if state.missed > 0 {
                    let missed = std::mem::take(&mut state.missed);
                    state.items.push_back(Item::Missed(missed));
                }
                if !state.items.is_empty() {
                    state.entries = 0;
                    return Some(std::mem::take(&mut state.items));
                }
                if state.over {
                    return None;
                }
            }
            self.changed.notified().await;
        }
    }

    /// Requests a horizon.
    pub(super) fn want(&self) {
        self.lock().wanted = true;
    }

    /// Gives the judges an order; false when the recorder has ended.
    pub(super) fn order(&self, order: Order) -> bool {
        let mut state = self.lock();
        if state.over || state.left {
            return false;
        }
        state.items.push_back(Item::Order(order));
        drop(state);
        self.changed.notify_one();
        true
    }

    /// Drops the waiting entries, and takes no more.
    pub(super) fn close(&self) {
        let mut state = self.lock();
        state.closed = true;
        state.missed = 0;
    }

    /// Takes entries again: those of lines after the `seq` that is returned.
    pub(super) fn reopen(&self) -> u64 {
        let mut state = self.lock();
        (state.closed, state.missed) = (false, 0);
        state.folded
    }

    /// Marks the listener as gone.
    pub(super) fn leave(&self) {
        let mut state = self.lock();
        state.left = true;
        state.items.clear();
        drop(state);
        self.changed.notify_one();
    }

    pub(super) fn is_left(&self) -> bool {
        self.lock().left
    }

    fn emit(&self, entries: &[Arc<Entry>], horizon: &mut dyn FnMut() -> Arc<Horizon>, (seq, last): (u64, bool)) {
        let mut state = self.lock();
        state.folded = seq;
        if !state.closed {
            for entry in entries {
                if state.entries >= self.capacity {
                    state.missed += 1;
                    continue;
                }
                if state.missed > 0 {
                    let missed = std::mem::take(&mut state.missed);
                    state.items.push_back(Item::Missed(missed));
                }
                state.entries += 1;
                state.items.push_back(Item::Entry(Arc::clone(entry)));
            }
        }
        let wanted = std::mem::take(&mut state.wanted) || last;
        // After missed entries, a horizon would claim that they had been passed on.
        if wanted && state.missed == 0 && !state.closed {
            state.items.push_back(Item::Horizon(horizon()));
        }
        let changed = wanted || !entries.is_empty();
        drop(state);
        if changed {
            self.changed.notify_one();
        }
    }

    fn end(&self) {
        self.lock().over = true;
        self.changed.notify_one();
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        lock(&self.state)
    }
}

/// The registry of listeners. Clones share it.
#[derive(Clone, Default)]
pub(super) struct Hub(Arc<Mutex<Listeners>>);

#[derive(Default)]
struct Listeners {
    queues: Vec<Arc<Queue>>,
    /// True when lines were folded that a new listener does not get.
    begun: bool,
    over: bool,
}

impl Hub {
    pub(super) fn listen(&self, capacity: usize) -> Listener {
        Listener { queue: self.join(capacity).0, taken: VecDeque::new() }
    }

    /// A new queue, and whether entries were passed on before it was added.
    pub(super) fn join(&self, capacity: usize) -> (Arc<Queue>, bool) {
        let queue = Arc::new(Queue::new(capacity));
        let mut listeners = lock(&self.0);
        if listeners.over {
            queue.end();
        } else {
            listeners.queues.push(Arc::clone(&queue));
        }
        (queue, listeners.begun)
    }
}

/// The fold's side of the hub: passes entries to the listeners, and ends their queues when it is dropped.
pub(super) struct Speaker {
    hub: Hub,
    stall: Option<Stall>,
}

/// A hook of a test that runs in the fold's thread before entries are passed on.
pub(super) type Stall = Box<dyn FnMut() + Send>;

impl Speaker {
    pub(super) fn new(hub: Hub, stall: Option<Stall>) -> Self {
        Self { hub, stall }
    }

    /// Whether there are listeners; from now on lines are folded.
    pub(super) fn begin(&self) -> bool {
        let mut listeners = lock(&self.hub.0);
        listeners.begun = true;
        !listeners.queues.is_empty()
    }

    pub(super) fn emit(&mut self, batch: Batch<'_>) {
        if let Some(stall) = &mut self.stall {
            stall();
        }
        let queues = {
            let mut listeners = lock(&self.hub.0);
            listeners.queues.retain(|queue| !queue.is_left());
            listeners.queues.clone()
        };
        let entries: Vec<Arc<Entry>> = batch.entries.into_iter().map(Arc::new).collect();
        let (fold, order, seq, now, last) = (batch.fold, batch.order, batch.seq, batch.now, batch.last);
        let mut made = None;
        let mut horizon = || Arc::clone(made.get_or_insert_with(|| Arc::new(Horizon::of_order(fold, order, seq, now))));
        queues.iter().for_each(|queue| queue.emit(&entries, &mut horizon, (seq, last)));
    }
}

impl Drop for Speaker {
    fn drop(&mut self) {
        let mut listeners = lock(&self.hub.0);
        listeners.over = true;
        listeners.queues.drain(..).for_each(|queue| queue.end());
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
