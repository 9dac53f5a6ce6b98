//! A binary search over revisions, whose questions are answered by requests.

/// Finds the last revision before a point in a span of revisions: the first one is before it, and the end is not.
pub(super) struct Bisection {
    before: u64,
    after: u64,
}

impl Bisection {
    /// A search in the span that begins with `before`, which is before the point, and ends with `after`, which is not.
    pub(super) fn between(before: u64, after: u64) -> Self {
        Self { before, after }
    }

    /// The revision to ask about next; none when the point is found.
    pub(super) fn next(&self) -> Option<u64> {
        (self.after - self.before > 1).then(|| self.before + (self.after - self.before) / 2)
    }

    /// Takes the answer for a revision: whether it is before the point.
    pub(super) fn answer(&mut self, revision: u64, is_before: bool) {
        if is_before { self.before = revision } else { self.after = revision }
    }

    /// The last revision that is known to be before the point.
    pub(super) fn before(&self) -> u64 {
        self.before
    }

    /// The first revision that is known not to be before it.
    pub(super) fn after(&self) -> u64 {
        self.after
    }
}
