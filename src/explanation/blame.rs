//! Which bound of a path was broken, and by how much, found by judging the path without it.
//!
//! A bound is to blame when the trace is not violated without it, or is violated by it alone. The real duration is the
//! tightest value of that bound that the trace would have kept; it is a difference of two times of the trace, which
//! identifies the events.

use super::case::Case;
use super::why::{Breach, Length};
use crate::monitor::{
    Automaton, Bound, End, Event, First, Micros, Monitor, NEVER_AFTER, NEVER_BEFORE, Outlook, Plan, Span, Timed,
    Verdict,
};
use std::ops::Range;
use std::sync::Arc;

/// Longest trace that is examined.
const MAX_EVENTS: usize = 512;
/// Most work of one reading, in steps of the monitor: the trace is read some hundred times.
const MAX_WORK: u64 = 10_000;
/// Most bounds that are examined.
const MAX_BOUNDS: usize = 8;

/// One bound of a path.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Limit {
    /// The maximum of `within` of a group, by the group's number.
    Within(usize),
    /// Its minimum.
    NotBefore(usize),
    /// The minimum of a `for`, by the item's place in the text.
    AtLeast(Range<usize>),
    /// The maximum of a `for`.
    AtMost(Range<usize>),
}

/// The bound that was broken; none when the order of states was, or when the trace is too long to examine.
pub(super) fn broken(case: &Case<'_>, events: &[Event], end: &End) -> Option<Breach> {
    let Plan::Timed(automaton, _) = case.plan else { return None };
    let limits = limits(automaton);
    if events.len() > MAX_EVENTS || limits.len() > MAX_BOUNDS {
        return None;
    }
    let mut monitor = case.plan.start();
    events.iter().for_each(|event| monitor.observe(event));
    if monitor.work(events.len()) > MAX_WORK {
        return None;
    }
    let violated = |automaton: &Automaton| is_violated(automaton, events, end);
    let without = |all: &[Limit]| all.iter().fold((**automaton).clone(), |path, limit| loosened(&path, limit, None));
    let others = |limit: &Limit| limits.iter().filter(|other| *other != limit).cloned().collect::<Vec<_>>();
    let alone = limits.iter().find(|limit| violated(&without(std::slice::from_ref(limit))) == Some(false));
    let (limit, path) = match alone {
        Some(limit) => (limit, (**automaton).clone()),
        None => {
            let kept = |limit: &&Limit| violated(&without(&others(limit))) == Some(true);
            if violated(&without(&limits)) != Some(false) {
                return None;
            }
            let limit = limits.iter().find(kept)?;
            (limit, without(&others(limit)))
        }
    };
    let times = || events.iter().map(Event::when);
    let over = ended(end).or(times().map(|when| when.hi).max())?;
    let longest = over.saturating_sub(times().map(|when| when.lo).min()?).saturating_add(1);
    let took = tightest(&path, limit, longest, &violated)?;
    let is_it = |from: usize, to: Option<usize>| {
        let Some((moved, end)) = kept(&path, limit, events, end, (from, to)) else { return false };
        is_violated(&path, &moved, &end) == Some(false)
    };
    place(&path, limit, took, events, end, &is_it)
}

/// The trace with so much time between two events that it keeps a bound; none where that cannot be known. If they are
/// those that the bound is about, the trace is not violated any more.
fn kept(
    path: &Automaton,
    limit: &Limit,
    events: &[Event],
    end: &End,
    (from, to): (usize, Option<usize>),
) -> Option<(Vec<Event>, End)> {
    let begin = events[from].when().hi;
    let (old, new) = (to.map_or(ended(end), |to| Some(events[to].when().lo))? - begin, asked(path, limit)?);
    let moved = |at: Micros| match at - begin {
        _ if old <= 0 || at <= NEVER_BEFORE || at >= NEVER_AFTER => at,
        ..=0 => at,
        since if since >= old => at - old + new,
        since => begin + i64::try_from(i128::from(since) * i128::from(new) / i128::from(old)).unwrap_or(since),
    };
    let span = |when: Span| Span::new(moved(when.lo), moved(when.hi));
    let events = events.iter().cloned().map(|mut event| {
        let (Event::Enter { when, .. } | Event::Gap { when, .. }) = &mut event;
        *when = span(*when);
        event
    });
    let end = match end {
        End::Open { now, alive } => End::Open { now: moved(*now), alive: moved(*alive) },
        End::Closed { at } => End::Closed { at: moved(*at) },
        End::Deleted { when } => End::Deleted { when: span(*when) },
        End::Unfenced => End::Unfenced,
    };
    Some((events.collect(), end))
}

fn limits(automaton: &Automaton) -> Vec<Limit> {
    let bounds = || automaton.limits.iter().enumerate();
    let latest = bounds().filter(|(_, bound)| bound.limit().is_some()).map(|(group, _)| Limit::Within(group));
    let earliest = bounds().filter(|(_, bound)| bound.least > 0).map(|(group, _)| Limit::NotBefore(group));
    let mut limits: Vec<Limit> = latest.chain(earliest).collect();
    for position in &automaton.positions {
        let Some(Bound { least, most }) = position.stay else { continue };
        let range = position.range.clone();
        let found =
            [(least > 0).then(|| Limit::AtLeast(range.clone())), (most < NEVER_AFTER).then_some(Limit::AtMost(range))];
        for limit in found.into_iter().flatten() {
            if !limits.contains(&limit) {
                limits.push(limit);
            }
        }
    }
    limits
}

/// The path with one bound set to another value, or removed.
fn loosened(path: &Automaton, limit: &Limit, value: Option<Micros>) -> Automaton {
    let mut path = path.clone();
    match limit {
        Limit::Within(group) => path.limits[*group].most = value.unwrap_or(NEVER_AFTER),
        Limit::NotBefore(group) => path.limits[*group].least = value.unwrap_or(0),
        Limit::AtLeast(range) | Limit::AtMost(range) => {
            for position in path.positions.iter_mut().filter(|position| position.range == *range) {
                if let Some(bound) = &mut position.stay {
                    match limit {
                        Limit::AtLeast(_) => bound.least = value.unwrap_or(0),
                        _ => bound.most = value.unwrap_or(NEVER_AFTER),
                    }
                }
            }
        }
    }
    path
}

/// None when the path fits no trace at all.
fn is_violated(path: &Automaton, events: &[Event], end: &End) -> Option<bool> {
    let path = Arc::new(path.clone());
    let outlook = Outlook::new(Arc::clone(&path))?;
    let mut monitor = Monitor::Timed(Timed::new(path, Arc::new(outlook)));
    events.iter().for_each(|event| monitor.observe(event));
    Some(monitor.judge(&First::default(), end).verdict == Verdict::Violated)
}

/// The tightest value with which the trace is not violated.
fn tightest(
    path: &Automaton,
    limit: &Limit,
    longest: Micros,
    violated: &dyn Fn(&Automaton) -> Option<bool>,
) -> Option<Micros> {
    let keeps = |value: Micros| violated(&loosened(path, limit, Some(value))) == Some(false);
    let (mut broken, mut kept) = match limit {
        Limit::AtLeast(_) | Limit::NotBefore(_) => (asked(path, limit)?, 0),
        _ => (asked(path, limit)?, longest),
    };
    while kept.abs_diff(broken) > 1 {
        let middle = broken + (kept - broken) / 2;
        if keeps(middle) { kept = middle } else { broken = middle }
    }
    keeps(kept).then_some(kept)
}

/// The value in the path.
fn asked(path: &Automaton, limit: &Limit) -> Option<Micros> {
    let stay = |range: &Range<usize>| path.positions.iter().find(|position| position.range == *range)?.stay;
    match limit {
        Limit::Within(group) => path.limits.get(*group).map(|bound| bound.most),
        Limit::NotBefore(group) => path.limits.get(*group).map(|bound| bound.least),
        Limit::AtLeast(range) => stay(range).map(|bound| bound.least),
        Limit::AtMost(range) => stay(range).map(|bound| bound.most),
    }
}

/// The time until which the trace is known to have continued.
fn ended(end: &End) -> Option<Micros> {
    match end {
        End::Open { alive: at, .. } | End::Closed { at } => Some(*at),
        End::Deleted { when } => Some(when.lo),
        End::Unfenced => None,
    }
}

/// The events whose distance is the broken bound, and that it is about.
fn place(
    path: &Automaton,
    limit: &Limit,
    took: Micros,
    events: &[Event],
    end: &End,
    is_it: &dyn Fn(usize, Option<usize>) -> bool,
) -> Option<Breach> {
    let over = ended(end);
    let starts = || events.iter().enumerate().filter(|(_, event)| event.shown().is_some());
    let apart = |from: &Event, to: Micros| (to - from.when().hi).abs_diff(took) <= 1;
    if let Limit::Within(group) | Limit::NotBefore(group) = limit {
        let may_go_on = matches!(limit, Limit::Within(_));
        let pairs = starts().flat_map(|(from, start)| {
            let later = events.iter().enumerate().skip(from + 1).map(|(to, event)| (Some(to), event.when().lo));
            let ends = over.filter(|_| may_go_on).map(|over| (None, over));
            later.chain(ends).filter(move |(_, to)| apart(start, *to)).map(move |(to, _)| (from, to))
        });
        let pairs: Vec<_> = pairs.collect();
        let (from, to) = pairs.into_iter().rfind(|(from, to)| is_it(*from, *to))?;
        // What continues has taken as long as it was seen, whatever is still to come.
        let took = match (to, over) {
            (None, Some(over)) => Length { least: over - events[from].when().hi, most: None },
            (Some(to), _) => Length::of(events[to].when().since(events[from].when())),
            (None, None) => Length { least: took, most: Some(took) },
        };
        return Some(Breach::Group { from, to, took, within: *path.limits.get(*group)? });
    }
    let (Limit::AtLeast(range) | Limit::AtMost(range)) = limit else { return None };
    let bound = path.positions.iter().find(|position| position.range == *range)?.stay?;
    let left = |at: usize| events.get(at + 1).map(|next| next.when().lo).or(over);
    let next = |at: usize| Some(at + 1).filter(|next| *next < events.len());
    let fits = |at: &usize| left(*at).is_some_and(|left| apart(&events[*at], left)) && is_it(*at, next(*at));
    let at = starts().map(|(at, _)| at).find(fits)?;
    let goes_on = at + 1 == events.len() && !matches!(end, End::Deleted { .. });
    let lasted = match events.get(at + 1) {
        Some(next) => Length::of(next.when().since(events[at].when())),
        None => Length { least: took, most: (!goes_on).then_some(took) },
    };
    Some(Breach::Stay { at, lasted, least: bound.least, most: bound.limit() })
}
