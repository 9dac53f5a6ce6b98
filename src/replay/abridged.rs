//! Shortens a script: idle stretches are compressed, and writes in quick succession keep their pace.
//!
//! Playing the whole script many times faster would blur the very states that are easily missed: a state of a quarter
//! of a second would last no longer than a scheduling delay.

use super::TimedWrite;
use super::pace::ordered;
use std::sync::Arc;
use std::time::Duration;

/// Length of real time after each write that is not compressed, so that the write arrives at its own pace.
const CALM: Duration = Duration::from_millis(40);

/// A script that plays in less time than it took.
#[derive(Debug)]
pub(crate) struct Abridged {
    /// The writes, in the order and at the times of playing.
    pub writes: Vec<TimedWrite>,
    /// Corresponding moments of playing and of the script, both ascending.
    pub knots: Arc<[(Duration, Duration)]>,
}

/// Moves the writes closer together, so that all of them take about `length`. A script that is short enough is not
/// changed.
#[must_use]
pub(crate) fn abridge(writes: Vec<TimedWrite>, length: Duration) -> Abridged {
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
    let (mut real, mut scripted) = (Duration::ZERO, Duration::ZERO);
    for write in &mut writes {
        let stretch = write.offset.saturating_sub(scripted);
        if stretch > low {
            knots.push((real + CALM, scripted + CALM));
        }
        (real, scripted) = (real + stretch.min(low), write.offset);
        if knots.last().is_none_or(|(last, _)| *last < real) {
            knots.push((real, scripted));
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
        assert_eq!(knots.last().map(|(_, scripted)| *scripted), Some(Duration::from_mins(1)));
    }
}
