//! Verdicts, and how they combine.
//!
//! `satisfied` and `violated` are decided: no completion of what was not seen and no future can change them. The other
//! three claim nothing about the cluster. docs/SEMANTICS.md defines them.

/// The five verdicts: three-valued semantics over finite prefixes (LTL3 of Bauer, Leucker and Schallhart), with unknown
/// split by whether a future observation can still decide.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Verdict {
    /// Every completion with every future fits.
    Satisfied,
    /// No completion with any future fits.
    Violated,
    /// A future observation can still decide.
    Pending,
    /// Nothing that can still be observed decides.
    Inconclusive,
    /// The requirements of the expectation are not met here.
    Skipped,
}

impl Verdict {
    /// The name in JSON.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Satisfied => "satisfied",
            Self::Violated => "violated",
            Self::Pending => "pending",
            Self::Inconclusive => "inconclusive",
            Self::Skipped => "skipped",
        }
    }

    /// True for the verdicts that nothing can change.
    #[must_use]
    pub fn is_decided(self) -> bool {
        matches!(self, Self::Satisfied | Self::Violated)
    }
}

impl std::fmt::Display for Verdict {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A verdict, and which of the other outcomes are already out of reach.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is one fact about the completions, and they hold independently"
)]
pub struct Judgement {
    /// The verdict.
    pub verdict: Verdict,
    /// `satisfied` is out of reach, though `violated` is not proven.
    pub pass_lost: bool,
    /// `violated` is out of reach, though `satisfied` is not proven.
    pub fail_lost: bool,
    /// Decided only for lack of something to judge; `not` leaves it undecided.
    pub vacuous: bool,
    /// A `satisfied` that can be reached is vacuous; where it is the verdict, it stays so.
    pub(crate) vacuous_pass: bool,
    /// The same for `violated`.
    pub(crate) vacuous_fail: bool,
}

impl Judgement {
    /// Satisfied.
    pub const SATISFIED: Self = Self::of(Verdict::Satisfied, false, true);
    /// Violated.
    pub const VIOLATED: Self = Self::of(Verdict::Violated, true, false);
    /// Inconclusive.
    pub const INCONCLUSIVE: Self = Self::of(Verdict::Inconclusive, true, true);
    /// Pending, with both ways open.
    pub const PENDING: Self = Self::of(Verdict::Pending, false, false);
    /// Skipped.
    pub const SKIPPED: Self = Self::of(Verdict::Skipped, false, false);

    const fn of(verdict: Verdict, pass_lost: bool, fail_lost: bool) -> Self {
        Self { verdict, pass_lost, fail_lost, vacuous: false, vacuous_pass: false, vacuous_fail: false }
    }

    /// Undecided while more can be observed: pending unless both ways are out of reach.
    #[must_use]
    pub(crate) fn open(pass_lost: bool, fail_lost: bool) -> Self {
        if pass_lost && fail_lost { Self::INCONCLUSIVE } else { Self::of(Verdict::Pending, pass_lost, fail_lost) }
    }

    /// The verdict at an end after which nothing is observed.
    #[must_use]
    pub(crate) fn closed(all_fit: bool, none_fits: bool) -> Self {
        match (all_fit, none_fits) {
            (true, _) => Self::SATISFIED,
            (false, true) => Self::VIOLATED,
            (false, false) => Self::INCONCLUSIVE,
        }
    }

    /// All parts must hold: violated > pending > inconclusive > satisfied; skipped parts are ignored.
    #[must_use]
    pub(crate) fn all(parts: impl IntoIterator<Item = Self>) -> Self {
        let mut parts = parts.into_iter().filter(|part| part.verdict != Verdict::Skipped).peekable();
        if parts.peek().is_none() {
            return Self::SKIPPED;
        }
        let rank = |verdict| match verdict {
            Verdict::Violated => 3,
            Verdict::Pending => 2,
            Verdict::Inconclusive => 1,
            Verdict::Satisfied | Verdict::Skipped => 0,
        };
        parts.fold(Self::SATISFIED, |sum, part| Self {
            verdict: if rank(part.verdict) > rank(sum.verdict) { part.verdict } else { sum.verdict },
            pass_lost: sum.pass_lost || part.pass_lost,
            fail_lost: sum.fail_lost && part.fail_lost,
            // One part that is violated by something judged makes the whole non-vacuously violated; the whole is
            // non-vacuously satisfied only if every part is.
            vacuous: match (sum.verdict, part.verdict) {
                (Verdict::Violated, Verdict::Violated) => sum.vacuous && part.vacuous,
                (Verdict::Satisfied, Verdict::Satisfied) => sum.vacuous || part.vacuous,
                _ if rank(part.verdict) > rank(sum.verdict) => part.vacuous,
                _ => sum.vacuous,
            },
            vacuous_pass: !(sum.pass_lost || part.pass_lost) && (sum.vacuous_pass || part.vacuous_pass),
            vacuous_fail: !(sum.fail_lost && part.fail_lost) && sum.lacks_fail() && part.lacks_fail(),
        })
    }

    /// Of an undecided judgement, an outcome is out of reach only if it is so for `other` too, which may turn out to
    /// apply instead.
    #[must_use]
    pub(crate) fn or_unbroken(self, other: Self) -> Self {
        if matches!(self.verdict, Verdict::Pending | Verdict::Inconclusive) {
            Self::open(self.pass_lost && other.pass_lost, self.fail_lost && other.fail_lost)
        } else {
            self
        }
    }

    /// Marks a decided judgement as vacuous, for good.
    #[must_use]
    pub(crate) fn vacuously(self) -> Self {
        let vacuous = self.verdict.is_decided();
        Self {
            vacuous,
            vacuous_pass: self.vacuous_pass || vacuous && !self.pass_lost,
            vacuous_fail: self.vacuous_fail || vacuous && !self.fail_lost,
            ..self
        }
    }

    /// Marks a decided judgement as vacuous until there is something to judge.
    #[must_use]
    pub(crate) fn vacuously_so_far(self) -> Self {
        Self { vacuous: self.verdict.is_decided(), ..self }
    }

    /// The same judgement where what makes it vacuous may turn out not to apply.
    #[must_use]
    pub(crate) fn not_for_good(self) -> Self {
        Self { vacuous_pass: false, vacuous_fail: false, ..self }
    }

    /// True when a `satisfied` with something to judge is out of reach.
    fn lacks_pass(self) -> bool {
        self.pass_lost || self.vacuous_pass
    }

    /// True when a `violated` with something to judge is out of reach.
    fn lacks_fail(self) -> bool {
        self.fail_lost || self.vacuous_fail
    }

    /// One part must hold: the dual of [`Judgement::all`].
    #[must_use]
    pub(crate) fn any(parts: impl IntoIterator<Item = Self>) -> Self {
        Self::all(parts.into_iter().map(Self::dual)).dual()
    }

    /// The negation. A vacuous judgement is neither a pass nor a failure, so its negation is undecided: as long as
    /// another part or subject may still decide the whole for something judged, it is pending.
    #[must_use]
    pub(crate) fn negated(self) -> Self {
        let (pass_lost, fail_lost) = (self.lacks_fail(), self.lacks_pass());
        match self.verdict {
            _ if self.vacuous => Self::open(pass_lost, fail_lost),
            Verdict::Pending => Self::of(Verdict::Pending, pass_lost, fail_lost),
            _ => self.dual(),
        }
    }

    /// Exchanges satisfied and violated.
    fn dual(self) -> Self {
        let verdict = match self.verdict {
            Verdict::Satisfied => Verdict::Violated,
            Verdict::Violated => Verdict::Satisfied,
            other => other,
        };
        Self {
            verdict,
            pass_lost: self.fail_lost,
            fail_lost: self.pass_lost,
            vacuous: self.vacuous,
            vacuous_pass: self.vacuous_fail,
            vacuous_fail: self.vacuous_pass,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_prefers_violated_then_pending_then_inconclusive() {
        let (s, v, p, i, k) = (
            Judgement::SATISFIED,
            Judgement::VIOLATED,
            Judgement::PENDING,
            Judgement::INCONCLUSIVE,
            Judgement::SKIPPED,
        );
        assert_eq!(Judgement::all([s, i, p, v]).verdict, Verdict::Violated);
        assert_eq!(Judgement::all([s, i, p]).verdict, Verdict::Pending);
        assert_eq!(Judgement::all([s, i, k]).verdict, Verdict::Inconclusive);
        assert_eq!(Judgement::all([s, k]).verdict, Verdict::Satisfied);
        assert_eq!(Judgement::all([k, k]).verdict, Verdict::Skipped);
        assert_eq!(Judgement::any([v, i, s]).verdict, Verdict::Satisfied);
        assert_eq!(Judgement::any([v, k]).verdict, Verdict::Violated);
        assert_eq!(Judgement::any([v, i]).verdict, Verdict::Inconclusive);
    }

    #[test]
    fn nothing_to_judge_is_no_pass_under_any_nesting() {
        let (s, v) = (Judgement::SATISFIED, Judgement::VIOLATED);
        let (allowed, nothing) = (s.vacuously(), v.vacuously());
        let not = |parts: &[Judgement]| Judgement::all(parts.iter().copied()).negated().verdict;
        let nor = |parts: &[Judgement]| Judgement::any(parts.iter().copied()).negated().verdict;
        for parts in [&[nothing][..], &[nothing, s], &[nothing, nothing], &[allowed, s], &[allowed]] {
            assert_eq!(not(parts), Verdict::Inconclusive, "{parts:?}");
        }
        assert_eq!((not(&[nothing, v]), not(&[v, nothing])), (Verdict::Satisfied, Verdict::Satisfied));
        assert_eq!((nor(&[nothing, v]), nor(&[v, nothing])), (Verdict::Inconclusive, Verdict::Inconclusive));
        assert_eq!((nor(&[allowed, s]), nor(&[allowed, v])), (Verdict::Violated, Verdict::Inconclusive));
        assert_eq!(nothing.negated().negated().verdict, Verdict::Inconclusive);
        assert_eq!(Judgement::all([nothing]).verdict, Verdict::Violated);
        assert_eq!(Judgement::any([nothing, v]).verdict, Verdict::Violated);
    }

    #[test]
    fn the_negation_of_nothing_to_judge_is_open_while_another_part_may_decide() {
        let (s, v, p) = (Judgement::SATISFIED, Judgement::VIOLATED, Judgement::PENDING);
        let of = |standing: Judgement| (standing.verdict, standing.pass_lost, standing.fail_lost);
        let not = |parts: &[Judgement]| of(Judgement::all(parts.iter().copied()).negated());
        let nor = |parts: &[Judgement]| of(Judgement::any(parts.iter().copied()).negated());
        assert_eq!(not(&[v.vacuously(), p]), (Verdict::Pending, false, true));
        assert_eq!(not(&[p, s.vacuously()]), (Verdict::Pending, false, true));
        assert_eq!(not(&[v.vacuously(), Judgement::open(false, true)]), (Verdict::Inconclusive, true, true));
        assert_eq!(nor(&[s.vacuously(), p]), (Verdict::Pending, true, false));
        assert_eq!(nor(&[p, v.vacuously()]), (Verdict::Pending, true, false));
        assert_eq!(of(s.vacuously_so_far().negated()), (Verdict::Pending, true, false));
        assert_eq!(of(v.vacuously_so_far().negated()), (Verdict::Pending, false, true));
    }

    #[test]
    fn an_inconclusive_part_takes_the_pass_from_a_pending_whole() {
        let whole = Judgement::all([Judgement::PENDING, Judgement::INCONCLUSIVE]);
        assert_eq!((whole.verdict, whole.pass_lost), (Verdict::Pending, true));
    }
}
