//! Which details one state may have together: of exit codes and signals one each, and of comparisons those that hold of
//! one number.

use super::path::Name;
use super::predicate::{Comparison, Predicate};
use super::trace::Details;
use crate::observation::{DetailSort, OF_LABEL};
use smol_str::SmolStr;

/// The sets of details that one state may have, the empty one last; none when there are more than `most`.
pub(super) fn combinations(
    named: &[SmolStr],
    predicates: &[(SmolStr, Predicate)],
    most: usize,
) -> Option<Vec<Details>> {
    let comparison = |detail: &SmolStr| match predicates.iter().find(|(name, _)| name == detail) {
        Some((name, Predicate::Compares(comparison))) => Some((name, comparison)),
        _ => None,
    };
    let comparisons: Vec<_> = named.iter().filter_map(comparison).collect();
    let mut sets = ranges(&comparisons);
    for detail in named.iter().filter(|detail| comparison(detail).is_none()) {
        let sort = DetailSort::of(detail);
        let has_room = |set: &&Details| set.iter().filter(|of| DetailSort::of(of) == sort).count() < sort.most();
        let with = |set: &Details| set.iter().chain([detail]).cloned().collect();
        let more: Vec<Details> = sets.iter().filter(has_room).map(with).collect();
        sets.extend(more);
        if sets.len() > most {
            return None;
        }
    }
    sets.reverse();
    Some(sets)
}

/// The predicates over labels that these names have, each by its name among the details; none when there are `most` or
/// more.
pub(super) fn predicates(names: &[&Name], most: usize) -> Option<Vec<(SmolStr, Predicate)>> {
    let mut texts: Vec<&SmolStr> = Vec::new();
    for detail in names.iter().flat_map(|name| name.details.iter()).filter(|detail| detail.starts_with(OF_LABEL)) {
        add(&mut texts, detail);
        if texts.len() >= most {
            return None;
        }
    }
    // They are compiled already, so none is malformed.
    let parsed = |detail: &SmolStr| Some((detail.clone(), Predicate::parse(detail.strip_prefix(OF_LABEL)?).ok()?));
    Some(texts.into_iter().filter_map(parsed).collect())
}

/// Which of these comparisons hold together of one label: of no number none, and of a number those of the part of the
/// number line in which it is, where the bounds and the ranges between them are the parts.
fn ranges(comparisons: &[(&SmolStr, &Comparison)]) -> Vec<Details> {
    let mut bounds: Vec<_> = comparisons.iter().map(|(_, comparison)| &comparison.bound).collect();
    bounds.sort_unstable();
    bounds.dedup();
    let mut sets = vec![Details::default()];
    // The parts are counted from the lowest: a bound after the part below it.
    for part in 0..=2 * bounds.len() {
        let holds = |(_, comparison): &&(&SmolStr, &Comparison)| {
            let below = bounds.partition_point(|bound| **bound < comparison.bound);
            comparison.admits(part.cmp(&(2 * below + 1)))
        };
        add(&mut sets, comparisons.iter().filter(holds).map(|(name, _)| (*name).clone()).collect());
    }
    sets
}

/// The details without the comparisons that others imply.
pub(super) fn narrowest(details: &Details) -> Details {
    let comparison = |detail: &SmolStr| Comparison::parse(detail.strip_prefix(OF_LABEL)?);
    let all: Vec<(&SmolStr, Option<Comparison>)> = details.iter().map(|detail| (detail, comparison(detail))).collect();
    let is_implied = |at: usize, one: &Comparison| {
        let implies =
            |(other, it): (usize, &Comparison)| other != at && it.implies(one) && (other < at || !one.implies(it));
        all.iter().enumerate().filter_map(|(other, (_, it))| Some((other, it.as_ref()?))).any(implies)
    };
    let kept = all.iter().enumerate().filter(|(at, (_, one))| one.as_ref().is_none_or(|one| !is_implied(*at, one)));
    kept.map(|(_, (detail, _))| (*detail).clone()).collect()
}

/// Adds one that is not there yet.
pub(super) fn add<T: PartialEq>(all: &mut Vec<T>, one: T) {
    if !all.contains(&one) {
        all.push(one);
    }
}
