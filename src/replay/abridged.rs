//! A story in less time: its idle stretches are hurried over, what happens in quick succession keeps its own pace.
//!
//! Playing all of it many times faster would blur just the states that nobody sees: a state of a quarter of a second
//! would last as long as a hiccup of the machine.

use super::TimedWrite;
use super::pace::ordered;
use std::sync::Arc;
use std::time::Duration;

/// After every write, time runs as in reality for so long: what was written arrives in its own time.
const CALM: Duration = Duration::from_millis(40);

/// A story that is played in less time than it took.
#[derive(Debug)]
pub struct Abridged {
    /// The writes, in the order and at the times of the play.
    pub writes: Vec<TimedWrite>,
    /// Moments of the play and of the story that belong together, both rising.
    pub knots: Arc<[(Duration, Duration)]>,
}

/// Brings the writes closer together, so that all of them take about `length`. A story that is short enough is left as
/// it is.
#[must_use]
pub fn abridge(writes: Vec<TimedWrite>, length: Duration) -> Abridged {
    let mut writes: Vec<TimedWrite> = ordered(writes).into_iter().map(|(write, _)| write).collect();
    let stretches = || {
        let begins = std::iter::once(Duration::ZERO).chain(writes.iter().map(|write| write.offset));
        begins.zip(writes.iter().map(|write| write.offset)).map(|(begin, end)| end.saturating_sub(begin))
    };
    let total = |cap: Duration| stretches().map(|stretch| stretch.min(cap)).sum::<Duration>();
    let (mut low, mut high) = (CALM * 2, length.max(CALM * 2));
    while high.saturating_sub(low) > Duration::from_millis(1) {
        let middle = (low + high) / 2;
        if total(middle) > length { high = middle } else { low = middle }
    }
    let mut knots = Vec::with_capacity(writes.len() * 2);
    let (mut real, mut told) = (Duration::ZERO, Duration::ZERO);
    for write in &mut writes {
        let stretch = write.offset.saturating_sub(told);
        if stretch > low {
            knots.push((real + CALM, told + CALM));
        }
        (real, told) = (real + stretch.min(low), write.offset);
        if knots.last().is_none_or(|(last, _)| *last < real) {
            knots.push((real, told));
        }
        write.offset = real;
    }
    Abridged { writes, knots: knots.into() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::observation::{Change, Resource};

    fn writes(offsets: &[u64]) -> Vec<TimedWrite> {
        let write = |offset: &u64| TimedWrite {
            offset: Duration::from_millis(*offset),
            resource: Resource::new("", "v1", "pods", "Pod"),
            change: Change::Modified,
            object: bytes::Bytes::new(),
        };
        offsets.iter().map(write).collect()
    }

    #[test]
    fn quick_successions_keep_their_pace_and_idle_stretches_lose_it() {
        let story = writes(&[900, 963, 30_000, 30_230, 60_000]);
        let Abridged { writes, knots } = abridge(story, Duration::from_secs(2));
        let played: Vec<Duration> = writes.iter().map(|write| write.offset).collect();
        assert_eq!(played[1].saturating_sub(played[0]), Duration::from_millis(63));
        assert_eq!(played[3].saturating_sub(played[2]), Duration::from_millis(230));
        assert!(played[4] <= Duration::from_secs(2), "{played:?}");
        assert!(knots.is_sorted_by(|a, b| a.0 < b.0 && a.1 < b.1), "{knots:?}");
        assert_eq!(knots.last().map(|(_, told)| *told), Some(Duration::from_mins(1)));
    }
}
