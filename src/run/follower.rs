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

#[cfg(test)]
mod tests {
    use super::super::batch::Batch;
    use super::super::listener::Speaker;
    use super::*;
    use crate::observation::{Resource, Stamp, Watch};
    use crate::timeline::{Body, Fold, Order, Provenance, SETTLE};

    fn mark(seq: u64) -> Entry {
        Entry {
            seq,
            stamp: Stamp { at: jiff::Timestamp::UNIX_EPOCH, elapsed: Duration::ZERO },
            subject: None,
            resource_version: None,
            not_before: None,
            leases: None,
            seen: Provenance::Live,
            origin: None,
            body: Body::Mark(seq.to_string()),
        }
    }

    /// What a follower is told, in short.
    fn told(follower: &mut Follower) -> String {
        match follower.blocking_next() {
            Some(Told::Entry(entry)) => format!("entry {}", entry.seq),
            Some(Told::Missed(entries)) => format!("missed {entries}"),
            Some(Told::States(states)) => format!("states {}", states.seq),
            None => "nothing".to_owned(),
        }
    }

    #[test]
    fn states_are_told_at_the_beginning_and_after_what_was_missed_and_whenever_they_change_without_an_entry() {
        let watches = [Watch::all(Resource::new("", "v1", "pods", "Pod"))];
        let (fold, order) = (Fold::new(None, &watches).expect("no tracks of a user's own"), Order::new(SETTLE));
        let hub = Hub::default();
        let mut follower = Follower::of(&hub, 2);
        let mut speaker = Speaker::new(hub, None);
        let mut emit = |entries: &[u64], seq, is_restated, may_state| {
            let entries: Vec<_> = entries.iter().copied().map(mark).collect();
            let now = mark(seq).stamp;
            let (fold, order) = (&fold, &order);
            speaker.emit(Batch { entries, fold, order, seq, now, last: false, is_restated, may_state })
        };
        assert!(emit(&[1], 1, false, true), "the first states");
        assert_eq!([told(&mut follower), told(&mut follower)], ["entry 1", "states 1"]);
        assert!(!emit(&[2], 2, false, true), "nothing has changed that no entry says");
        assert_eq!(told(&mut follower), "entry 2");
        assert!(!emit(&[3, 4, 5], 5, false, true));
        assert_eq!([told(&mut follower), told(&mut follower), told(&mut follower)], ["entry 3", "entry 4", "missed 1"]);
        assert!(!emit(&[], 5, false, false), "too soon after the last states");
        assert!(emit(&[6], 6, false, true));
        assert_eq!([told(&mut follower), told(&mut follower)], ["entry 6", "states 6"]);
        assert!(!emit(&[], 7, true, false));
        assert!(emit(&[], 8, false, true), "what was asked for too soon is told later");
        assert_eq!(told(&mut follower), "states 8");
        drop(speaker);
        assert_eq!(told(&mut follower), "nothing");
    }
}
