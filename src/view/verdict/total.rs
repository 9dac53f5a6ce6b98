//! One verdict for all recordings and expectations: that of the exit code.

use super::judged::{Extent, Judged};
use super::sometimes;
use crate::expectation::{Judgement, Verdict};

/// The overall verdict: violated before pending before inconclusive before satisfied. Skipped counts only if there is
/// nothing else. A recording that could not be read is inconclusive. An expectation that must hold in one of several
/// recordings counts once.
#[must_use]
pub fn total(judged: &[Judged<'_>]) -> Verdict {
    let own = judged.iter().flat_map(|one| sometimes::own(judged, one)).map(|outcome| outcome.standing);
    let over = sometimes::over(judged).into_iter().map(|sometimes| sometimes.standing);
    let is_unread = |judged: &Judged<'_>| judged.trouble.is_some_and(|trouble| trouble.extent == Extent::Unreadable);
    let unread = judged.iter().any(is_unread).then_some(Judgement::INCONCLUSIVE);
    Judgement::all(own.chain(over).chain(unread)).verdict
}
