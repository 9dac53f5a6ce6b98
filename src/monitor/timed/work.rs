//! How much a timed monitor may compute: moved threads, counted, so that the same word always costs the same.

/// What each event adds to what may be spent.
const EACH_EVENT: u64 = 2_000;
/// Most that may be spent at once.
const MOST: u64 = 1_000_000;

/// An allowance that events earn and steps spend.
#[derive(Clone, Copy, Debug)]
pub(super) struct Work {
    left: u64,
    done: u64,
}

impl Default for Work {
    fn default() -> Self {
        Self { left: MOST, done: 0 }
    }
}

impl Work {
    /// An event is read.
    pub fn event(&mut self) {
        self.left = (self.left + EACH_EVENT).min(MOST);
    }

    /// Spends; none when nothing is left.
    pub fn spend(&mut self, steps: usize) -> Option<()> {
        let steps = steps as u64;
        self.done += steps;
        self.left = self.left.checked_sub(steps)?;
        Some(())
    }

    /// All that was spent.
    pub fn done(&self) -> u64 {
        self.done
    }
}
