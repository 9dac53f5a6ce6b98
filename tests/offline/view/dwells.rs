//! How long a state lasted: exact only when both ends were seen.

use super::sample::{Timeline, at, gap, subject};
use statetrail::observation::{GapReason, State};
use statetrail::timeline::{Entry, Provenance};
use statetrail::view::{Dwell, End, dwells};
use std::time::Duration;

const fn millis(millis: u64) -> Duration {
    Duration::from_millis(millis)
}

fn of(entries: &[Entry]) -> Vec<Dwell> {
    dwells(entries).into_iter().flatten().collect()
}

#[test]
fn a_state_lasts_until_the_next_of_its_track_or_the_deletion_of_its_subject() {
    let pod = subject("Pod", "a", "u1");
    let again = subject("Pod", "a", "u2");
    let mut t = Timeline::new();
    t.go(0, &pod, "phase", "Pending");
    t.go(100, &pod, "lifecycle", "Present");
    t.go(1_000, &pod, "phase", "Running");
    t.go(1_500, &again, "phase", "Pending");
    t.go(3_000, &pod, "lifecycle", "Deleted");
    let dwells = dwells(&t.entries);
    let exact: Vec<_> = dwells.iter().map(|dwell| dwell.and_then(|dwell| dwell.exact())).collect();
    assert_eq!(exact, [Some(millis(1_000)), Some(millis(2_900)), Some(millis(2_000)), None, None]);
    let ends: Vec<_> = dwells.iter().map(|dwell| dwell.map(|dwell| dwell.end)).collect();
    assert_eq!(ends, [Some(End::Next), Some(End::Next), Some(End::Deleted), Some(End::Open), None]);
}

#[test]
fn a_gap_leaves_bounds_only() {
    let pod = subject("Pod", "a", "u1");
    let mut t = Timeline::new();
    t.go(0, &pod, "phase", "Pending");
    t.lose(9_000, Some(&pod), gap("pods", Some(4_000), Some(9_000), GapReason::HistoryExpired));
    t.go(9_000, &pod, "phase", "Running").seen = Provenance::AfterGap;
    t.go(10_000, &pod, "phase", "Succeeded");
    assert_eq!(
        of(&t.entries)[..2],
        [
            Dwell { at_least: millis(4_000), at_most: Some(millis(9_000)), end: End::Unseen, stamped: false },
            Dwell { at_least: millis(1_000), at_most: None, end: End::Next, stamped: false }
        ]
    );
    assert!(of(&t.entries).iter().all(|dwell| dwell.exact().is_none()));
}

#[test]
fn what_was_there_before_lasted_at_least_as_long_as_it_was_seen() {
    let pod = subject("Pod", "a", "u1");
    let mut t = Timeline::new();
    t.go(0, &pod, "phase", "Pending").seen = Provenance::Initial;
    t.go(1_000, &pod, "phase", "Running");
    assert_eq!(of(&t.entries)[0], Dwell { at_least: millis(1_000), at_most: None, end: End::Next, stamped: false });
}

#[test]
fn a_late_delivery_widens_the_interval() {
    let pod = subject("Pod", "a", "u1");
    let mut t = Timeline::new();
    t.go(0, &pod, "phase", "Pending");
    let running = t.go(5_000, &pod, "phase", "Running");
    running.seen = Provenance::Delayed;
    running.not_before = Some(at(3_000));
    t.go(9_000, &pod, "phase", "Succeeded");
    assert_eq!(
        of(&t.entries)[..2],
        [
            Dwell { at_least: millis(3_000), at_most: Some(millis(5_000)), end: End::Next, stamped: false },
            Dwell { at_least: millis(4_000), at_most: Some(millis(6_000)), end: End::Next, stamped: false }
        ]
    );
}

#[test]
fn a_gap_of_one_track_leaves_the_others_alone() {
    let pod = subject("Pod", "a", "u1");
    let mut t = Timeline::new();
    t.go(0, &pod, "phase", "Pending");
    t.enter(0, &pod, "condition/Ready", State::plain("False"));
    let mut of_track = gap("pods", Some(500), Some(600), GapReason::NeverPublished);
    of_track.track = Some(statetrail::observation::Track::Phase);
    t.lose(600, Some(&pod), of_track);
    t.go(600, &pod, "phase", "Running");
    t.enter(700, &pod, "condition/Ready", State::plain("True"));
    let dwells = of(&t.entries);
    assert_eq!(dwells[0].exact(), None);
    assert_eq!(dwells[1].exact(), Some(millis(700)));
}

#[test]
fn a_monotonic_clock_that_began_anew_is_replaced_by_the_wall_clock() {
    let pod = subject("Pod", "a", "u1");
    let mut t = Timeline::new();
    t.go(5_000, &pod, "phase", "Pending");
    t.go(8_000, &pod, "phase", "Running").stamp.elapsed = Duration::ZERO;
    assert_eq!(of(&t.entries)[0].exact(), Some(millis(3_000)));
}
