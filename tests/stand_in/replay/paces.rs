//! The pace of a replay, with paused time.

use super::script::{empty, pod, pod_at, pods};
use bytes::Bytes;
use statetrail::observation::Change;
use statetrail::replay::{Error, Pace, Speed, Store, TimedWrite};
use std::time::Duration;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

fn write(seconds: u64, object: String) -> TimedWrite {
    TimedWrite {
        offset: Duration::from_secs(seconds),
        resource: pods(),
        change: Change::Modified,
        object: Bytes::from(object),
    }
}

/// Versions 10, 20, 30 after 5, 10 and 40 seconds.
fn story() -> Vec<TimedWrite> {
    [(5, 10), (10, 20), (40, 30)]
        .map(|(seconds, version)| write(seconds, pod_at("story", "a", &format!("P{version}"), version)))
        .to_vec()
}

/// Plays the script; returns when each revision was reached.
async fn times(speed: Speed) -> Vec<(u64, String)> {
    let store = empty();
    let mut pace = Pace::new(store.clone(), story());
    let begin = Instant::now();
    let player = tokio::spawn(async move { pace.play(speed, &CancellationToken::new()).await });
    let mut reached = Vec::new();
    while reached.len() < 3 {
        let revision = store.revision().to_string();
        if reached.last().map_or(revision != "1", |(_, last)| *last != revision) {
            let elapsed = u64::try_from(begin.elapsed().as_millis()).expect("short");
            reached.push((elapsed, revision));
        }
        // Time is paused: this advances the clock, it does not wait.
        tokio::time::sleep(Duration::from_millis(25)).await;
    }
    player.await.expect("no panic").expect("every write is taken");
    reached
}

#[tokio::test(start_paused = true)]
async fn a_script_is_played_at_its_own_speed_or_faster() {
    let at = |times: [u64; 3]| times.into_iter().zip(["10", "20", "30"].map(str::to_owned)).collect::<Vec<_>>();
    let near = |reached: Vec<(u64, String)>, expected: Vec<(u64, String)>| {
        for ((time, revision), (wanted, wanted_revision)) in reached.iter().zip(&expected) {
            assert!(revision == wanted_revision && time.abs_diff(*wanted) <= 25, "{reached:?} is not {expected:?}");
        }
    };
    near(times(Speed::Times(1.0)).await, at([5_000, 10_000, 40_000]));
    near(times(Speed::Times(10.0)).await, at([500, 1_000, 4_000]));
}

#[tokio::test(start_paused = true)]
async fn playing_at_maximum_speed_takes_no_time() {
    let store = empty();
    let begin = Instant::now();
    let mut pace = Pace::new(store.clone(), story());
    pace.play(Speed::Max, &CancellationToken::new()).await.expect("every write is taken");
    assert_eq!((begin.elapsed(), store.revision().to_string(), pace.progress()), (Duration::ZERO, "30".into(), (3, 3)));
}

#[test]
fn playing_can_be_stepped_and_advanced() {
    let store = empty();
    let mut pace = Pace::new(store, story());
    assert_eq!(pace.upcoming().map(|write| write.offset), Some(Duration::from_secs(5)));
    assert_eq!(pace.step().expect("taken").map(|version| version.to_string()), Some("10".to_owned()));
    assert_eq!(pace.advance(Duration::from_secs(39)).expect("taken"), 1);
    assert_eq!(pace.advance(Duration::from_secs(40)).expect("taken"), 1);
    assert_eq!(pace.step().expect("over"), None);
}

#[test]
fn writes_are_made_in_the_order_of_their_versions() {
    let script = vec![
        write(3, pod_at("story", "b", "B", 12)),
        write(4, pod_at("story", "a", "A", 11)),
        write(5, pod_at("story", "c", "C", 13)),
    ];
    let mut pace = Pace::new(empty(), script);
    let mut played = Vec::new();
    while let Some(write) = pace.upcoming() {
        let offset = write.offset.as_secs();
        played.push((offset, pace.step().expect("taken").expect("one is left").to_string()));
    }
    assert_eq!(played, [(3, "11".to_owned()), (3, "12".to_owned()), (5, "13".to_owned())]);
}

#[test]
fn writes_without_versions_get_them_in_the_order_of_time() {
    let store = Store::new();
    let mut pace = Pace::new(store, vec![write(9, pod("n", "late", "X")), write(2, pod("n", "early", "X"))]);
    assert!(String::from_utf8_lossy(&pace.upcoming().expect("one").object).contains("early"));
    assert_eq!(pace.advance(Duration::MAX).expect("taken"), 2);
}

#[tokio::test(start_paused = true)]
async fn playing_can_be_stopped_and_reports_how_far_it_came() {
    let mut pace = Pace::new(empty(), story());
    let cancel = CancellationToken::new();
    let stopper = cancel.clone();
    tokio::spawn(async move {
        tokio::time::sleep(Duration::from_secs(12)).await;
        stopper.cancel();
    });
    let error = pace.play(Speed::Times(1.0), &cancel).await.expect_err("stopped");
    assert!(matches!(error, Error::Stopped { played: 2, total: 3 }), "{error}");
    pace.play(Speed::Max, &CancellationToken::new()).await.expect("the rest");
}

#[test]
fn a_write_that_is_refused_is_named() {
    let store = empty();
    store.advance(15);
    let error = Pace::new(store, story()).step().expect_err("10 is past");
    assert_eq!(error.to_string(), "play write 0 (resourceVersion 10) of the script");
    let cause = std::error::Error::source(&error).expect("a cause").to_string();
    assert!(cause.contains("the store is already at 15"), "{cause}");
}

#[test]
fn speeds_parse_what_they_print() {
    for (text, speed) in
        [("1x", Speed::Times(1.0)), ("2.5x", Speed::Times(2.5)), ("max", Speed::Max), ("step", Speed::Step)]
    {
        assert_eq!(text.parse::<Speed>().expect(text), speed);
        assert_eq!(speed.to_string(), text);
    }
    for text in ["", "fast", "0x", "-1x", "infx", "NaNx", "10"] {
        assert!(text.parse::<Speed>().is_err(), "{text}");
    }
}
