//! A listener that knows the states of all objects at any time: it is also told what no entry says, and what the states
//! are after entries that it missed.

use super::listener::{Hub, Item, QUEUE, Queue, States};
use super::meters::Filling;
use super::parking;
use crate::source::Clock;
use crate::timeline::Entry;
use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

/// What a follower is told.
#[derive(Clone, Debug)]
pub(crate) enum Told {
    /// The next entry of the timeline.
    Entry(Arc<Entry>),
    /// This many entries are missing here, because the queue was full. The states follow.
    Missed(u64),
    /// The states of all objects; at the beginning, and whenever entries do not show them.
    States(Arc<States>),
}

/// Follows a recorder. Dropping it ends its queue, and affects no one else.
pub(crate) struct Follower {
    queue: Arc<Queue>,
    taken: VecDeque<Item>,
    clock: Clock,
}

impl Follower {
    pub(super) fn of(hub: &Hub, capacity: usize) -> Self {
        let queue = hub.join(capacity).0;
        queue.follow();
        Self { queue, taken: VecDeque::new(), clock: Clock::start(Duration::ZERO) }
    }

    /// The next message; none when the recorder has ended and everything was passed on. It blocks the thread.
    pub(crate) fn blocking_next(&mut self) -> Option<Told> {
        loop {
            while let Some(item) = self.taken.pop_front() {
                match item {
                    Item::Entry(entry) => return Some(Told::Entry(entry)),
                    Item::Missed(entries) => {
                        self.queue.follow();
                        return Some(Told::Missed(entries));
                    }
                    Item::States(states) => return Some(Told::States(states)),
                    Item::Horizon(_) | Item::Order(_) => {}
                }
            }
            self.taken = parking::wait(self.queue.take(), Duration::MAX, &self.clock).flatten()?;
        }
    }

    /// How full its queue is, at any time.
    pub(crate) fn filling(&self) -> impl Fn() -> Filling + Send + Sync + 'static {
        let queue = Arc::clone(&self.queue);
        move || Filling { depth: queue.entries(), capacity: QUEUE }
    }
}

impl Drop for Follower {
    fn drop(&mut self) {
        self.queue.leave();
    }
}
