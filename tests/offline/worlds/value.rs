//! What a statement is about a world that is known: not only whether it fits, but also whether there was anything to
//! judge, and where the definitions leave a choice, all that they allow.

/// Values that the definitions allow, as bits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Value(u8);

impl Value {
    pub(super) const FITS: Self = Self(1);
    /// It holds, as nothing is there to be judged.
    pub(super) const FITS_EMPTY: Self = Self(2);
    pub(super) const UNFIT: Self = Self(4);
    /// It does not hold, only for lack of something to judge.
    pub(super) const LACKS: Self = Self(8);
    /// Neither is to be said.
    pub(super) const UNDECIDED: Self = Self(16);
    pub(super) const NONE: Self = Self(0);
    pub(super) const ANY: Self = Self(31);

    pub(super) fn or(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    fn has(self, other: Self) -> bool {
        self.0 & other.0 != 0
    }

    pub(super) fn may_be_satisfied(self) -> bool {
        self.has(Self::FITS.or(Self::FITS_EMPTY))
    }

    pub(super) fn may_be_violated(self) -> bool {
        self.has(Self::UNFIT.or(Self::LACKS))
    }

    pub(super) fn may_be_undecided(self) -> bool {
        self.has(Self::UNDECIDED)
    }

    /// True where it is empty of anything that a verdict of a pass or a failure could be about.
    pub(super) fn is_undecided(self) -> bool {
        self == Self::UNDECIDED
    }

    fn combine(self, other: Self, order: [Self; 5]) -> Self {
        let mut sum = 0;
        for one in order.into_iter().filter(|one| self.has(*one)) {
            for two in order.into_iter().filter(|two| other.has(*two)) {
                sum |= order.into_iter().find(|value| *value == one || *value == two).map_or(0, |value| value.0);
            }
        }
        Self(sum)
    }

    pub(super) fn and(self, other: Self) -> Self {
        self.combine(other, [Self::UNFIT, Self::LACKS, Self::UNDECIDED, Self::FITS_EMPTY, Self::FITS])
    }

    pub(super) fn or_else(self, other: Self) -> Self {
        self.combine(other, [Self::FITS, Self::FITS_EMPTY, Self::UNDECIDED, Self::LACKS, Self::UNFIT])
    }

    pub(super) fn all(parts: impl IntoIterator<Item = Self>) -> Option<Self> {
        parts.into_iter().reduce(Self::and)
    }

    pub(super) fn any(parts: impl IntoIterator<Item = Self>) -> Option<Self> {
        parts.into_iter().reduce(Self::or_else)
    }

    pub(super) fn not(self) -> Self {
        let mut sum = 0;
        for (of, is) in [
            (Self::FITS, Self::UNFIT),
            (Self::UNFIT, Self::FITS),
            (Self::FITS_EMPTY, Self::UNDECIDED),
            (Self::LACKS, Self::UNDECIDED),
            (Self::UNDECIDED, Self::UNDECIDED),
        ] {
            if self.has(of) {
                sum |= is.0;
            }
        }
        Self(sum)
    }
}
