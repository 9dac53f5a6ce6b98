//! The memory between the stream and the recorder.

use super::super::intake::{Lost, Queue};
use super::super::messages::ContainerEvent;
use super::super::shown::{Of, Told};
use jiff::Timestamp;

#[test]
fn a_memory_that_is_full_loses_what_comes_and_says_so() {
    let told = || Told::taken(ContainerEvent::default(), Of::Containers, |_| Timestamp::UNIX_EPOCH).unwrap();
    let mut queue = Queue::default();
    (0..50_000).for_each(|_| queue.push(told()));
    let (events, lost) = queue.take();
    assert_eq!((events.len(), lost), (50_000, None));
    (0..50_001).for_each(|_| queue.push(told()));
    let (events, lost) = queue.take();
    assert_eq!((events.len(), lost), (50_000, Some(Lost::Full)));
    // Nothing is taken after what was lost: it would be out of order.
    queue.push(told());
    assert_eq!(queue.take().0.len(), 0);
}
