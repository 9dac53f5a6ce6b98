//! The same cases as entries of a timeline: judging recordings must be as sound as judging sketches.

use super::cases::Genes;
use super::language::LABELS;
use super::runner::Checked::{Judged, Refused};
use super::timeline::{End, Event, Timeline};
use super::{look, run, sampled, shallow};
use jiff::Timestamp;
use statetrail::expectation::{self, Judge, Program, Source, Verdict};
use statetrail::observation::{GapReason, Identity, Stamp, State, Subject, Track};
use statetrail::timeline::{Body, Entry, GapEntry, Provenance, Transition};
use std::sync::Arc;
use std::time::Duration;

/// The first tick. At the epoch, a lower bound would mean that none is known.
const BEGINNING: i64 = 1_000_000;

fn at(tick: i64) -> Timestamp {
    Timestamp::from_microsecond(BEGINNING + tick).unwrap()
}

fn open(now: i64, alive: i64) -> expectation::End {
    expectation::End::Open { now: BEGINNING + now, alive: BEGINNING + alive }
}

fn closed(at: i64) -> expectation::End {
    expectation::End::Closed { at: BEGINNING + at }
}

fn entry(seq: u64, tick: i64, not_before: Option<i64>, seen: Provenance, body: Body) -> Entry {
    let subject = Subject {
        cluster: None,
        kind: "Thing".into(),
        group: "".into(),
        namespace: "".into(),
        name: "a".into(),
        uid: "u".into(),
        identity: Identity::default(),
    };
    Entry {
        seq,
        stamp: Stamp { at: at(tick), elapsed: Duration::ZERO },
        subject: Some(Arc::new(subject)),
        resource_version: None,
        not_before: not_before.map(at),
        leases: None,
        seen,
        origin: None,
        body,
    }
}

fn transition(track: &str, label: &str, restarts: u32) -> Body {
    let mut to = State::plain(label);
    to.detail.restart_count = Some(restarts);
    Body::Transition(Transition { track: Track::parse(track), from: None, to })
}

fn gap(from: i64, to: i64) -> Body {
    Body::Gap(GapEntry {
        resource: "things".into(),
        kind: "".into(),
        namespace: "".into(),
        track: None,
        from: Some(at(from)),
        to: Some(at(to)),
        from_resource_version: None,
        read_through: None,
        to_resource_version: None,
        reason: GapReason::HistoryExpired,
        evidence: None,
    })
}

fn unpublished(from: i64, to: i64) -> Body {
    let Body::Gap(blind) = gap(from, to) else { unreachable!() };
    Body::Gap(GapEntry { track: Some(Track::parse("t")), reason: GapReason::NeverPublished, ..blind })
}

fn entries(timeline: &Timeline) -> Vec<Entry> {
    let mut found = Vec::new();
    let mut restarts = 0;
    let mut last = None;
    for (index, event) in timeline.events.iter().enumerate() {
        let seq = 10 * (index as u64 + 1);
        let label = LABELS[usize::from(event.symbol())];
        match *event {
            Event::Empty { to, .. } if index == 0 && timeline.before => {
                found.push(entry(seq, to, None, Provenance::Initial, transition("lifecycle", "Present", 0)));
            }
            Event::Empty { from, to } => {
                if index == 0 {
                    found.push(entry(1, from, None, Provenance::Live, transition("lifecycle", "Present", 0)));
                }
                found.push(entry(seq, to, None, Provenance::AfterGap, gap(from, to)));
            }
            Event::Enter { hi, .. } if index == 0 && timeline.before => {
                found.push(entry(seq, hi, None, Provenance::Initial, transition("t", label, restarts)));
            }
            Event::Enter { lo, hi, .. } => {
                let how = if lo < hi { Provenance::Delayed } else { Provenance::Live };
                found.push(entry(seq, hi, (lo < hi).then_some(lo), how, transition("t", label, restarts)));
            }
            Event::Gap { from, to, found: symbol } => {
                found.push(entry(seq, to, None, Provenance::Live, gap(from, to)));
                if last != Some(symbol) {
                    found.push(entry(seq, to, None, Provenance::AfterGap, transition("t", label, restarts)));
                }
            }
            Event::Lost { .. } => {}
            Event::Bump { at, .. } => {
                restarts += 1;
                // If the timeline has it as an entry, it is the same gap.
                if at % 2 == 0 {
                    let from = index.checked_sub(1).map_or(at, |before| timeline.events[before].hi());
                    found.push(entry(seq, at, None, Provenance::Live, unpublished(from, at)));
                }
                found.push(entry(seq, at, None, Provenance::Live, transition("t", label, restarts)));
            }
        }
        last = event.shown();
    }
    if let End::Deleted(tick) = timeline.end {
        found.push(entry(10_000, tick, None, Provenance::Live, transition("lifecycle", "Deleted", 0)));
    }
    found
}

#[test]
fn no_decided_verdict_on_entries_differs_from_the_oracle() {
    run("entries", 100, |bytes| {
        let mut genes = Genes::new(bytes);
        let timed = genes.chance(128);
        let (expectation, timeline) = (genes.expectation(timed), genes.timeline(2));
        if timeline.lost().is_some() {
            return Ok(Refused);
        }
        let line = format!("Thing/a t: {expectation}");
        let Ok(program) = Program::compile([Source::Line { name: "x", text: &line }]) else { return Ok(Refused) };
        let mut judge = Judge::new(Arc::new(program));
        entries(&timeline).iter().for_each(|entry| judge.push(entry));
        let end = match timeline.end {
            End::Open { now, alive } => open(now, alive),
            End::Closed(at) | End::Deleted(at) => closed(at),
            End::Unfenced => expectation::End::Unfenced,
        };
        let verdict = judge.verdicts(&end)[0].standing.verdict;
        let mut found = look(&expectation, &timeline, shallow(expectation.is_timed()));
        if verdict.is_decided() {
            found = sampled(&expectation, &timeline, found, 40);
        }
        match verdict {
            Verdict::Satisfied if found.unfits => Err(format!("satisfied: {timeline}   {line}")),
            Verdict::Violated if found.fits => Err(format!("violated: {timeline}   {line}")),
            _ => Ok(Judged),
        }
    });
}

#[test]
fn what_was_decided_while_entries_came_is_never_judged_anew() {
    run("live", 60, |bytes| {
        let mut genes = Genes::new(bytes);
        let timed = genes.chance(128);
        let (expectation, timeline) = (genes.expectation(timed), genes.timeline(3));
        // An unfenced end does not say how long its stream was alive.
        if timeline.end == End::Unfenced {
            return Ok(Refused);
        }
        let line = format!("Thing/a t: {expectation}");
        let Ok(program) = Program::compile([Source::Line { name: "x", text: &line }]) else { return Ok(Refused) };
        let program = Arc::new(program);
        let mut known: Option<(Verdict, String)> = None;
        for length in 0..=timeline.events.len() {
            let events = timeline.events[..length].to_vec();
            let part = Timeline { events, ..timeline.clone() };
            let end = match (timeline.events.get(length), timeline.end) {
                // Nothing was seen after this entry.
                (Some(next), _) => open(next.lo(), next.lo() - 1),
                (None, End::Open { now, alive }) => open(now, alive),
                (None, End::Closed(at) | End::Deleted(at)) => closed(at),
                (None, End::Unfenced) => expectation::End::Unfenced,
            };
            let mut judge = Judge::new(Arc::clone(&program));
            let deleted = length < timeline.events.len() && matches!(timeline.end, End::Deleted(_));
            let part = if deleted { Timeline { end: End::Unfenced, ..part } } else { part };
            entries(&part).iter().for_each(|entry| judge.push(entry));
            let verdict = judge.standings(&end)[0].verdict;
            if let Some((decided, earlier)) = &known
                && *decided != verdict
            {
                return Err(format!("{line}\n{earlier} is {decided}\n{part} is {verdict}"));
            }
            if verdict.is_decided() && known.is_none() {
                known = Some((verdict, format!("{part} ({end:?})")));
            }
        }
        Ok(Judged)
    });
}
