//! Expectations that must hold in one of several recordings: the verdict over all of them, and which gave it.

use super::choice::Choice;
use super::judged::{Extent, Judged};
use crate::expectation::{Edit, Judgement, Outcome, Verdict};

/// Most recordings that are named for one verdict.
const MAX_NAMES: usize = 4;

/// One such expectation.
pub(super) struct Sometimes<'a> {
    /// The expectation's name.
    pub name: &'a str,
    /// The judgement over all recordings.
    pub standing: Judgement,
    /// What each recording said; without an outcome, it could not be read.
    pub parts: Vec<Part<'a>>,
}

/// The outcome of one recording.
pub(super) struct Part<'a> {
    /// The recording.
    pub judged: &'a Judged<'a>,
    /// Its outcome.
    pub outcome: Option<&'a Outcome>,
}

impl Part<'_> {
    /// The recording's name.
    pub(super) fn recording(&self) -> &str {
        self.judged.recording.unwrap_or_default()
    }

    fn standing(&self) -> Judgement {
        self.outcome.map_or(Judgement::INCONCLUSIVE, |outcome| outcome.standing)
    }

    /// The verdict, or that the recording could not be read.
    pub(super) fn verdict(&self) -> &'static str {
        self.outcome.map_or(Extent::Unreadable.as_str(), |outcome| outcome.standing.verdict.as_str())
    }

    /// How many states the nearest trace that fits has other than this one, if that is known.
    fn distance(&self) -> Option<usize> {
        let word = Choice::of(self.outcome?)?.word?;
        let edits = word.explanation.as_ref()?.nearest.as_ref()?;
        Some(edits.iter().filter(|edit| !matches!(edit, Edit::Keep(_))).count())
    }
}

/// True when an outcome is judged over all recordings: in a single one, it is like any other.
pub(super) fn is_shared(judged: &[Judged<'_>], outcome: &Outcome) -> bool {
    outcome.sometimes && judged.len() > 1
}

/// The outcomes of one of several recordings that are its own.
pub(super) fn own<'a>(judged: &[Judged<'_>], one: &Judged<'a>) -> impl Iterator<Item = &'a Outcome> + Clone + use<'a> {
    let is_alone = judged.len() <= 1;
    one.outcomes.iter().filter(move |outcome| is_alone || !outcome.sometimes)
}

/// Those of several recordings, in the order of the expectations. All recordings were judged by the same expectations.
pub(super) fn over<'a>(judged: &'a [Judged<'a>]) -> Vec<Sometimes<'a>> {
    let Some(first) = judged.iter().find(|one| !one.outcomes.is_empty()) else { return Vec::new() };
    let shared = first.outcomes.iter().enumerate().filter(|(_, outcome)| is_shared(judged, outcome));
    let parts = |at: usize| judged.iter().map(move |one| Part { judged: one, outcome: one.outcomes.get(at) });
    shared
        .map(|(at, outcome)| Sometimes {
            name: &outcome.name,
            standing: Judgement::any(parts(at).map(|part| part.standing())),
            parts: parts(at).collect(),
        })
        .collect()
}

impl Sometimes<'_> {
    /// `satisfied in 1 of 3 recordings (a.jsonl)`; where none satisfies it, what each gave.
    pub(super) fn sentence(&self) -> String {
        let mut verdicts: Vec<&str> = Vec::new();
        let order = [Verdict::Satisfied, Verdict::Pending, Verdict::Inconclusive, Verdict::Violated, Verdict::Skipped];
        verdicts.extend(order.map(Verdict::as_str));
        verdicts.push(Extent::Unreadable.as_str());
        let mut found = verdicts.into_iter().filter_map(|verdict| {
            let names = || self.parts.iter().filter(|part| part.verdict() == verdict).map(Part::recording);
            (names().count() > 0).then(|| {
                let more = if names().count() > MAX_NAMES { ", ..." } else { "" };
                let shown = names().take(MAX_NAMES).collect::<Vec<_>>().join(", ");
                (verdict, names().count(), format!("({shown}{more})"))
            })
        });
        let all = self.parts.len();
        let first =
            found.next().map(|(verdict, many, names)| format!("{verdict} in {many} of {all} recordings {names}"));
        let others = found.map(|(verdict, many, names)| format!(", {verdict} in {many} {names}"));
        let others = if self.standing.verdict == Verdict::Satisfied { String::new() } else { others.collect() };
        format!("{}{others}", first.unwrap_or_default())
    }

    /// The recording that is explained when none satisfies it: of those with the verdict over all, the one that is
    /// nearest to fit, or else the first.
    pub(super) fn nearest(&self) -> Option<(&Judged<'_>, &Outcome)> {
        let verdict = self.standing.verdict;
        if matches!(verdict, Verdict::Satisfied | Verdict::Skipped) {
            return None;
        }
        let parts = self.parts.iter().filter(|part| part.outcome.is_some_and(|one| one.standing.verdict == verdict));
        let part = parts.min_by_key(|part| part.distance().unwrap_or(usize::MAX))?;
        Some((part.judged, part.outcome?))
    }
}
