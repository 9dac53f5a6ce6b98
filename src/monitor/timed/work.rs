//! The budget of a timed monitor, in advanced threads rather than time, so that the same trace always costs the same.

/// What each event adds to the budget.
const EACH_EVENT: u64 = 2_000;
/// The initial budget, and the most that it can grow to.
const MOST: u64 = 1_000_000;

/// A budget that events fill and steps spend.
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
    /// Adds the share of one event.
    pub fn event(&mut self) {
        self.left = (self.left + EACH_EVENT).min(MOST);
    }

    /// Spends `steps`; none when the budget is exhausted.
    pub fn spend(&mut self, steps: usize) -> Option<()> {
        let steps = steps as u64;
        self.done += steps;
        self.left = self.left.checked_sub(steps)?;
        Some(())
    }

    /// The total spent so far.
    pub fn done(&self) -> u64 {
        self.done
    }
}
