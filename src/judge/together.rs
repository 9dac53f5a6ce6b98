//! What is said of several subjects together, those included that may yet come or that nobody would have seen.

use super::ends::Cover;
use super::state::Judge;
use crate::language::{Clause, Expectation, Quantify, Selector};
use crate::monitor::{End, Judgement, Verdict};

impl Judge {
    /// Combines what is said of single subjects.
    pub(super) fn together(
        &self,
        expectation: &Expectation,
        clause: &Clause,
        parts: &[Judgement],
        (sure, possible): (u64, u64),
        cover: &Cover,
    ) -> (Judgement, Option<String>) {
        let end = &cover.end;
        let (alias, selector) = &expectation.subjects[clause.subject];
        let more_may_come = !end.is_final() && (selector.quantify != Quantify::First || possible == 0);
        let missed = (selector.quantify != Quantify::First || possible == 0) && self.may_be_unseen(selector);
        let unfenced = *end == End::Unfenced && (selector.quantify != Quantify::First || possible == 0);
        let mut all = parts.to_vec();
        let undecided = |pass_lost: bool, fail_lost: bool| {
            if end.is_final() { Judgement::INCONCLUSIVE } else { Judgement::open(pass_lost, fail_lost) }
        };
        let number = number_of_subjects(selector, sure, possible, more_may_come, missed || unfenced, end);
        let why = if missed { "in a gap of its watch" } else { "at the end, which no fence proves whole" };
        let another = || format!("another {} may have lived unseen {why}", describe(alias, selector));
        let mut reason = None;
        if let Some((standing, told)) = number {
            if standing.verdict != Verdict::Satisfied {
                reason = Some(format!("{told} {}", describe(alias, selector)));
                if cover.unwatched {
                    reason = Some(unwatched(alias, selector));
                }
            }
            if standing.verdict == Verdict::Violated {
                return (standing, reason);
            }
            if selector.quantify == Quantify::Any {
                let some = Self::any(&all, more_may_come || missed || unfenced, end);
                return unless_broken(Judgement::all([some, standing]), reason);
            }
            all.push(standing);
        }
        if selector.quantify == Quantify::Any {
            if all.is_empty() && !more_may_come && !missed && !unfenced {
                return (
                    Judgement::SATISFIED,
                    Some(format!("nothing to judge, as allowed: no {}", describe(alias, selector))),
                );
            }
            let standing = Self::any(&all, more_may_come || missed || unfenced, end);
            let lacking = !standing.verdict.is_decided() && (missed || unfenced) && !cover.unwatched;
            return unless_broken(standing, reason.or_else(|| lacking.then(another)));
        }
        if (more_may_come || missed || unfenced) && selector.quantify == Quantify::Each {
            all.push(undecided(false, false));
            if cover.unwatched {
                reason = reason.or_else(|| Some(unwatched(alias, selector)));
            } else if missed || unfenced {
                reason = reason.or_else(|| Some(another()));
            }
        }
        if all.is_empty() {
            return (
                Judgement::SATISFIED,
                Some(format!("nothing to judge, as allowed: no {}", describe(alias, selector))),
            );
        }
        unless_broken(Judgement::all(all), reason)
    }

    fn any(parts: &[Judgement], more: bool, end: &End) -> Judgement {
        let undecided = if end.is_final() { Judgement::INCONCLUSIVE } else { Judgement::PENDING };
        Judgement::any(parts.iter().copied().chain(more.then_some(undecided)))
    }

    fn may_be_unseen(&self, selector: &Selector) -> bool {
        self.unseen.iter().any(|unseen| {
            (unseen.kind.is_empty() || unseen.kind == selector.kind.as_str())
                && (unseen.namespace.is_empty()
                    || selector.namespace.as_ref().is_none_or(|namespace| *namespace == unseen.namespace.as_str()))
        })
    }
}

/// What is said of all, and why: a violation is told by the subject that is to blame, whoever else may have lived.
fn unless_broken(standing: Judgement, reason: Option<String>) -> (Judgement, Option<String>) {
    (standing, reason.filter(|_| standing.verdict != Verdict::Violated))
}

/// A subject of which it is not known whether it is meant.
pub(super) fn doubtful(standing: Judgement, quantify: Quantify, end: &End) -> Judgement {
    let harmless = match quantify {
        Quantify::Any => standing.verdict == Verdict::Violated,
        Quantify::Each | Quantify::First => standing.verdict == Verdict::Satisfied,
    };
    if harmless {
        standing
    } else if end.is_final() {
        Judgement::INCONCLUSIVE
    } else {
        Judgement::open(standing.pass_lost && quantify != Quantify::Any, false)
    }
}

fn number_of_subjects(
    selector: &Selector,
    sure: u64,
    possible: u64,
    more_may_come: bool,
    missed: bool,
    end: &End,
) -> Option<(Judgement, String)> {
    if selector.max.is_some_and(|max| sure > max) {
        return Some((Judgement::VIOLATED, format!("{sure} where at most {} may be:", selector.max.unwrap_or(0))));
    }
    if possible < selector.min && !more_may_come && !missed {
        return Some((Judgement::VIOLATED, format!("nothing to judge: {possible} of at least {}", selector.min)));
    }
    let few = sure < selector.min;
    let many = selector.max.is_some_and(|max| possible > max || more_may_come || missed);
    if !few && !many {
        return None;
    }
    let standing = if end.is_final() { Judgement::INCONCLUSIVE } else { Judgement::open(false, false) };
    Some((standing, format!("{sure} of at least {}", selector.min)))
}

fn unwatched(alias: &str, selector: &Selector) -> String {
    format!("no watch would have shown {}: record it as well", describe(alias, selector))
}

/// How a selector is told to people.
fn describe(alias: &str, selector: &Selector) -> String {
    let kind = &selector.kind;
    let text = match (&selector.namespace, &selector.name) {
        (Some(namespace), Some(name)) => format!("{kind} {namespace}/{name}"),
        (None, Some(name)) => format!("{kind} {name}"),
        (Some(namespace), None) => format!("{kind} in {namespace}"),
        (None, None) => kind.clone(),
    };
    if alias.is_empty() || alias.contains('/') || alias == selector.kind { text } else { format!("{alias} ({text})") }
}
