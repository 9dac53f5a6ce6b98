//! Which label a placeholder stands for in an explanation: one is chosen, and the path is explained with it.

use super::case::Case;
use super::departure::departure;
use super::nearest;
use super::why::Edit;
use crate::monitor::{End, Event, Plan, Terms};
use smol_str::SmolStr;

/// Most labels with which completions, and nearest traces, are searched; each search takes long.
const MAX_SEARCHED: usize = 4;

/// The path where the placeholder stands for a label that was shown, or without one for any other.
pub(super) type Choice = (Option<SmolStr>, Plan);

/// The labels that the placeholder may stand for: those that were shown, in that order, and all others as one.
fn labels(terms: &Terms, events: &[Event]) -> Vec<Option<SmolStr>> {
    let mut labels: Vec<Option<SmolStr>> = Vec::new();
    for label in events.iter().filter_map(|event| terms.label(&event.shown()?.symbol)) {
        if !labels.iter().flatten().any(|known| known == label) {
            labels.push(Some(label.clone()));
        }
    }
    labels.push(None);
    labels
}

fn with(terms: &Terms, label: Option<SmolStr>) -> Option<Choice> {
    let plan = Plan::where_it_stands_for(terms, label.as_ref())?;
    Some((label, plan))
}

/// The path with a few of the labels, for completions.
pub(super) fn choices(terms: &Terms, events: &[Event]) -> Vec<Plan> {
    let mut labels = labels(terms, events);
    let others = labels.split_off(labels.len().saturating_sub(1));
    labels.truncate(MAX_SEARCHED);
    labels.into_iter().chain(others).filter_map(|label| Some(with(terms, label)?.1)).collect()
}

/// The label with which a violated trace came furthest; of several, the one with which fewest edits make it fit, and
/// of these the one that was entered first.
pub(super) fn nearest(case: &Case<'_>, terms: &Terms, events: &[Event], end: &End) -> Option<Choice> {
    let mut furthest: Vec<Choice> = Vec::new();
    let mut latest = None;
    for choice in labels(terms, events).into_iter().filter_map(|label| with(terms, label)) {
        let departure = departure(&choice.1, case.condition, events, end);
        let reached = Some((departure.decided, departure.at.is_none(), departure.at));
        if reached > latest {
            furthest.clear();
        }
        if reached >= latest {
            latest = reached;
            furthest.push(choice);
        }
    }
    let is_change = |edit: &&Edit| !matches!(edit, Edit::Keep(_));
    let edits = |(_, plan): &Choice| Some(nearest::nearest(plan, events, end)?.iter().filter(is_change).count());
    let others = furthest.pop_if(|(label, _)| label.is_none());
    furthest.truncate(MAX_SEARCHED);
    furthest.extend(others);
    if furthest.len() == 1 {
        return furthest.pop();
    }
    furthest.into_iter().min_by_key(|choice| edits(choice).unwrap_or(usize::MAX))
}
