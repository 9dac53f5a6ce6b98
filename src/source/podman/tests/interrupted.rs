//! A log that is read as a stream or as a whole, interrupted and rotated anywhere: what is recorded is what was logged,
//! or there is a gap.

use super::super::machine::{Missed, Sort};
use super::super::message::Event;
use super::{attach, container, listed, machine, take};
use crate::observation::Payload;
use jiff::Timestamp;
use proptest::prelude::*;
use serde_json::json;

/// What happens next.
#[derive(Clone, Copy, Debug)]
enum Next {
    /// Podman logs some events.
    Logged(usize),
    /// The log keeps its newest events only. The stream goes on with the file that it has read so far, or, as since
    /// Podman 5, with what comes then.
    Rotated { kept: usize, is_left_out: bool },
    /// Somebody else empties it; what was not delivered is lost.
    Emptied,
    /// The stream delivers some.
    Delivered(usize),
    /// The stream ends, and another is opened.
    Reconnected,
    /// The log is read as a whole.
    Read,
}

/// Podman cuts its log, or somebody else empties it: after both, nothing shows what was lost.
fn steps() -> impl Strategy<Value = Vec<Next>> {
    let rotated =
        (0usize..4, any::<bool>()).prop_map(|(kept, is_left_out)| Next::Rotated { kept, is_left_out }).boxed();
    prop_oneof![Just(rotated), Just(Just(Next::Emptied).boxed())]
        .prop_flat_map(|cut| prop::collection::vec(next(cut), 0..60))
}

fn next(cut: BoxedStrategy<Next>) -> impl Strategy<Value = Next> {
    prop_oneof![
        3 => (1usize..5).prop_map(Next::Logged),
        1 => cut,
        4 => (1usize..5).prop_map(Next::Delivered),
        1 => Just(Next::Reconnected),
        1 => Just(Next::Read),
    ]
}

fn time_of(event: &Event) -> i64 {
    event.time_nano
}

proptest! {
    #[test]
    fn nothing_is_lost_or_told_twice_without_a_gap(steps in steps()) {
        let (mut logged, mut first) = (Vec::<Event>::new(), 0);
        let mut machine = machine(Sort::Container);
        let there = listed(json!([{"Id": "c", "Names": ["web"], "State": "running"}]));
        attach(&mut machine, &[], &there);
        machine.opened();
        // What the open stream has still to deliver.
        let mut stream: Vec<Event> = Vec::new();
        let (mut told, mut begun, mut read) = (Vec::<i64>::new(), 0, 0);
        let mut proven = machine.lines.version();
        for step in steps.iter().copied().chain([Next::Read]) {
            let mut is_read = false;
            match step {
                Next::Logged(events) => {
                    for _ in 0..events {
                        let event = container("exec", "c", i64::try_from(logged.len()).unwrap() + 1);
                        logged.push(event.clone());
                        stream.push(event);
                    }
                }
                Next::Rotated { kept, is_left_out } => {
                    if logged.len().saturating_sub(kept) > first {
                        first = logged.len() - kept;
                        // That a rotation happened, the log says.
                        let mut mark = super::event("system", "log-rotation", "", "", 0);
                        mark.time_nano = i64::try_from(logged.len()).unwrap() + 1;
                        logged.push(mark.clone());
                        if is_left_out {
                            stream.clear();
                        }
                        stream.push(mark);
                    }
                }
                // Of a log in which nothing stood yet, nothing shows that it was emptied.
                Next::Emptied if machine.has_anchor() => {
                    first = logged.len();
                    stream.clear();
                }
                Next::Emptied => {}
                Next::Delivered(events) => {
                    for event in stream.drain(..events.min(stream.len())).collect::<Vec<_>>() {
                        if machine.has_taken(&event) {
                            continue;
                        }
                        if machine.is_cut(&event) {
                            (stream, is_read) = (logged[first..].to_vec(), true);
                            break;
                        }
                        take(&mut machine, &event, &[]);
                    }
                }
                Next::Reconnected => {
                    stream = logged[first..].to_vec();
                    is_read = true;
                }
                Next::Read => is_read = true,
            }
            if is_read {
                let log = &logged[first..];
                match machine.news(log, 0).map(<[Event]>::to_vec) {
                    Ok(new) => new.iter().for_each(|event| take(&mut machine, event, &[])),
                    Err(lost) => {
                        let now = Timestamp::UNIX_EPOCH;
                        let missed = Some(Missed::Lost(lost));
                        machine.attach((log, log), &there, missed, &"kind".into(), (now, now));
                        stream = log.to_vec();
                    }
                }
                machine.was_read();
                machine.lines.delivered_until(Timestamp::UNIX_EPOCH);
                machine.opened();
            }
            for line in machine.lines.take() {
                match line {
                    Payload::Raw(raw) if !raw.listed => {
                        let event: serde_json::Value = serde_json::from_str(raw.event.get()).unwrap();
                        told.push(event["timeNano"].as_i64().unwrap());
                    }
                    Payload::Gap(gap) => {
                        // It hides what came after the last reading.
                        prop_assert_eq!(&gap.from_resource_version, &proven);
                        prop_assert!(told.is_sorted_by(|one, next| one < next));
                        told.retain(|time| *time <= read);
                        prop_assert_eq!(std::mem::take(&mut told), told_between(&logged, begun, read));
                        begun = logged.last().map_or(0, time_of);
                    }
                    _ => {}
                }
            }
            if is_read {
                proven = machine.lines.version();
                read = logged.last().map_or(0, time_of);
            }
        }
        // The last step read everything.
        prop_assert_eq!(told, told_between(&logged, begun, i64::MAX));
    }
}

/// The events of containers after one moment, up to another.
fn told_between(logged: &[Event], after: i64, until: i64) -> Vec<i64> {
    let times = logged.iter().filter(|event| event.kind == "container").map(time_of);
    times.filter(|time| *time > after && *time <= until).collect()
}
