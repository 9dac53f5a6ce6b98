//! Wall clocks that are set during a recording: durations come from the monotonic clock.

use super::tape::{Tape, file, object, pods, program, windowed};
use crate::recorder::observations;
use jiff::{SignedDuration, Timestamp};
use proptest::prelude::*;
use statetrail::observation::{
    Boot, Change, ClockChange, ObjectEvent, Payload, Reconnected, ResourceVersion, rfc3339_micros,
};
use statetrail::recording::{Reader, SyncPolicy, Writer};
use statetrail::run;
use std::fmt::Write as _;
use std::io::Cursor;
use std::time::Duration;

const HOUR: i64 = 3600;

/// The text of a recording as if the wall clock had been set by these numbers of seconds before these lines.
fn set(text: &str, steps: &[(usize, i64)]) -> String {
    let (mut crc, mut out) = (0, String::new());
    let moved = |value: &mut serde_json::Value, by: i64| {
        let Some(at) = value.as_str().and_then(|at| at.parse::<Timestamp>().ok()) else { return };
        *value = rfc3339_micros(at + SignedDuration::from_secs(by)).into();
    };
    for (number, line) in text.lines().enumerate() {
        let mut line: serde_json::Value = serde_json::from_str(line).unwrap();
        let line = line.as_object_mut().unwrap();
        line.remove("crc");
        let by = steps.iter().filter(|(before, _)| number >= *before).map(|(_, by)| by).sum();
        if number > 0 && by != 0 {
            for member in ["at", "to"] {
                line.get_mut(member).into_iter().for_each(|value| moved(value, by));
            }
        }
        let text = serde_json::to_string(line).unwrap();
        let body = text.strip_suffix('}').unwrap();
        crc = crc32c::crc32c_append(crc, body.as_bytes());
        writeln!(out, "{body},\"crc\":\"{crc:08x}\"}}").unwrap();
    }
    out
}

fn verdicts(text: &str, expectations: &str) -> Vec<String> {
    let reader = Reader::new("it", Cursor::new(text.to_owned().into_bytes())).unwrap();
    let outcomes = run::judge(reader, program(expectations)).unwrap().outcomes;
    outcomes.iter().map(|outcome| outcome.standing.verdict.to_string()).collect()
}

/// A pod that waits for 2 s, runs for 4 s, and fails.
fn tape() -> Tape {
    let mut tape = Tape::of(vec![pods()]);
    tape.attached(0.1, 0, 5);
    tape.object(1.0, 0, Change::Added, object("a", 6, "Pending"));
    tape.object(3.0, 0, Change::Modified, object("a", 7, "Running"));
    tape
}

/// The pod fails; the event was delayed since this time.
fn failed_after(not_before: Timestamp) -> Payload {
    Payload::Object(ObjectEvent {
        watch: 0,
        change: Change::Modified,
        object: object("a", 8, "Failed"),
        not_before: Some(not_before),
        healed: false,
        confirmed: false,
    })
}

fn change(by: i64) -> Payload {
    Payload::Clock(ClockChange { step_micros: Some(by * 1_000_000), boot: None })
}

const LONG: &str = "pod/a phase: Pending -> Running for >=30s -> Failed";
const SHORT: &str = "pod/a phase: Pending -> Running for <=10s -> Failed";

#[test]
fn a_stay_is_as_long_as_it_was_whatever_the_wall_clock_is_set_to() {
    for by in [0, 60, -60, HOUR, -24 * HOUR] {
        let mut tape = tape();
        if by != 0 {
            tape.line(5.0, change(by));
        }
        tape.object(7.0, 0, Change::Modified, object("a", 8, "Failed")).closed(9.0);
        assert_eq!(tape.verdict(LONG), "violated", "{by}");
        assert_eq!(tape.verdict(SHORT), "satisfied", "{by}");
    }
}

#[test]
fn a_recording_bears_the_times_of_the_wall_clock_and_is_read_in_the_recorders() {
    let mut tape = tape();
    tape.line(5.0, change(-HOUR));
    let (not_before, reason) = (super::tape::at(4.5), "cut".to_owned());
    let resource_version = ResourceVersion::new("7");
    tape.line(6.0, Payload::Reconnected(Reconnected { watch: 0, resource_version, not_before, reason }));
    tape.line(7.0, failed_after(not_before)).closed(9.0);
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("run.jsonl");
    tape.write(&path);
    let text = std::fs::read_to_string(&path).unwrap();
    for words in [
        r#""at":"2026-11-20T17:00:05.000000Z","elapsed":5.0,"type":"CLOCK","by":-3600.0"#,
        r#""at":"2026-11-20T17:00:07.000000Z","elapsed":7.0,"type":"MODIFIED""#,
        r#""notBefore":"2026-11-20T17:00:04.500000Z","notBeforeElapsed":4.5"#,
    ] {
        assert!(text.contains(words), "{words} in\n{text}");
    }
    assert_eq!(observations(&path), tape.lines);
    // A recorder that continues it continues with the clock as it was.
    let mut read = 0;
    let (mut writer, ..) = Writer::resume(&path, SyncPolicy::Never, |_| read += 1).unwrap();
    writer.append(&tape.lines[2]).unwrap();
    writer.finish().unwrap();
    let lines = observations(&path);
    assert_eq!((read, &lines[read]), (tape.lines.len(), &tape.lines[2]));
}

#[test]
fn a_duration_that_may_span_two_starts_of_a_machine_is_not_judged() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("run.jsonl");
    let judged = |boot: Option<Boot>| {
        let mut tape = tape();
        tape.line(4.0, Payload::Resumed { tool: "statetrail".to_owned() });
        tape.line(4.0, Payload::Clock(ClockChange { step_micros: None, boot }));
        tape.reconnected(4.1, 0, 7, 3.5).object(7.0, 0, Change::Modified, object("a", 8, "Failed")).closed(9.0);
        let _ = std::fs::remove_file(&path);
        tape.write(&path);
        let text = std::fs::read_to_string(&path).unwrap();
        [LONG, SHORT, "pod/a phase: Pending -> Running -> Failed"].map(|ask| verdicts(&text, ask))
    };
    assert_eq!(judged(None), [["violated"], ["satisfied"], ["satisfied"]]);
    let other = Boot { id: "another".into(), boottime: Duration::from_secs(9) };
    assert_eq!(judged(Some(other)), [["inconclusive"], ["inconclusive"], ["satisfied"]]);
}

/// A document about the phase of the pod's first life.
fn document(window: &str, statement: &str) -> String {
    let statement = format!("{{track: p.phase, {statement}}}");
    windowed("p: {kind: Pod, namespace: n, name: a, life: first}", &format!("{{{window}}}"), &statement)
}

#[test]
fn what_was_decided_about_times_before_the_machine_was_restarted_stays_decided() {
    let time = |second: u32| format!("{{time: \"2026-11-20T18:00:0{second}Z\"}}");
    let before = [
        (document("from: created", "path: \"Pending for >=2s -> ...\""), "satisfied"),
        (document("from: created", "path: \"Pending for >=3s -> ...\""), "violated"),
        (document("from: created", "every: Pending, then: Running, within: 1s"), "violated"),
        (document(&format!("until: {}", time(2)), "never: Running"), "satisfied"),
        (document("max: 1s", "path: \"Pending\""), "satisfied"),
        (document(&format!("from: {}", time(2)), "path: \"Pending -> Running -> ...\""), "satisfied"),
    ];
    // The wall clock may be wrong after it.
    for begin in [5.0, 3605.0] {
        restarted_at(begin, &before);
    }
}

/// The pod is recorded until 4 s, and goes on when the recorder is started again at this second by the wall clock.
fn restarted_at(begin: f64, before: &[(String, &str)]) {
    let mut tape = tape();
    tape.bookmark(4.0, 0, 7);
    let check = |tape: &Tape, when: &str| {
        for (text, verdict) in before {
            assert_eq!(tape.verdict(text), *verdict, "{when}: {text}");
        }
    };
    check(&tape, "before");
    tape.restarted(begin);
    check(&tape, "resumed");
    tape.reconnected(begin + 0.1, 0, 7, 4.0).line(begin + 1.0, Payload::Mark { name: "after".to_owned() });
    tape.object(begin + 4.0, 0, Change::Modified, object("a", 8, "Failed")).closed(begin + 15.0);
    check(&tape, "at the end");
    // The clocks tell nothing about how long the machine was down, nor when the mark was.
    for (window, statement) in [
        ("from: created", "path: \"_ -> Running for >=3s -> ...\""),
        ("from: created", "path: \"_ -> Running for <=1h -> ...\""),
        ("from: created", "path: \"_ -> _ -> Failed for >=5s\""),
        ("from: {mark: after}", "never: Failed"),
        ("until: {mark: after}", "never: Failed"),
        ("max: 7s", "never: Failed"),
        ("max: 1m", "never: Failed"),
        ("from: created", "path: \"_ -> Running for >=10m -> ...\""),
        ("from: created", "every: Running, then: Failed, within: 10m"),
    ] {
        assert_eq!(tape.verdict(&document(window, statement)), "inconclusive", "{window} {statement}");
    }
    assert_eq!(tape.verdict(&document("from: created", "path: \"Pending -> Running -> Failed\"")), "satisfied");
}

#[test]
fn a_window_may_end_before_what_was_first_seen_after_the_machine_was_restarted() {
    let mut tape = Tape::of(vec![pods()]);
    tape.attached(0.0, 0, 5).restarted(5.0);
    tape.gap(6.0, 0, (4.0, 5), 20).object(6.0, 0, Change::Listed, object("a", 10, "Pending")).attached(6.0, 0, 20);
    let window = "{from: attached, until: {time: \"2026-11-20T18:00:03Z\"}}";
    let path = windowed("p: {kind: Pod, uid: uid-a}", window, "{track: p.phase, path: \"... -> Running -> ...\"}");
    assert_eq!(tape.closed(9.0).verdict(&path), "inconclusive");
}

#[test]
fn a_late_event_of_before_the_clock_was_set_is_bounded_by_the_moment_that_was_meant() {
    // From a recorder that records no clock changes: the bound is from before the change, the line from after it.
    let mut tape = tape();
    tape.line(7.0, failed_after(super::tape::at(4.0))).closed(9.0);
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("run.jsonl");
    tape.write(&path);
    let text = std::fs::read_to_string(&path).unwrap();
    let ask = "pod/a phase: Pending -> Running for <=3s -> Failed\n";
    for by in [60, -HOUR] {
        assert_eq!(verdicts(&set(&text, &[(4, by)]), ask.trim()), ["inconclusive"], "{by}");
        assert_eq!(verdicts(&set(&text, &[(4, by)]), SHORT), ["satisfied"], "{by}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn verdicts_do_not_depend_on_the_wall_clock(
        scenario in prop::sample::select(vec!["vm-imagepull", "vm-imagevolume", "web-rollout", "claim-resized"]),
        steps in prop::collection::vec((0..100_000_usize, -30 * HOUR..30 * HOUR), 1..6),
    ) {
        let folder = file("tests/scenarios").join(scenario);
        let text = match std::fs::read(folder.join("recording.jsonl.zst")) {
            Ok(bytes) => String::from_utf8(zstd::decode_all(&*bytes).unwrap()).unwrap(),
            Err(_) => std::fs::read_to_string(folder.join("recording.jsonl")).unwrap(),
        };
        let Ok(expectations) = std::fs::read_to_string(folder.join("expectations.yaml")) else { return Ok(()) };
        let lines = text.lines().count();
        let steps: Vec<(usize, i64)> = steps.into_iter().map(|(at, by)| (1 + at % lines, by)).collect();
        prop_assert_eq!(verdicts(&set(&text, &steps), &expectations), verdicts(&text, &expectations));
    }
}

#[test]
fn without_times_of_receipt_nothing_is_known_to_lie_within_times() {
    let mut tape = Tape::of(vec![pods()]);
    tape.header.clock = statetrail::recording::Clock::Server;
    tape.attached(1.0, 0, 100).object(1.0, 0, Change::Added, object("a", 101, "Pending"));
    tape.object(3.0, 0, Change::Modified, object("a", 102, "Running")).ended(5.0);
    // Running may have been left before the start, and entered after the end.
    for window in ["from: {time: \"2026-11-20T18:00:02Z\"}", "until: {time: \"2026-11-20T18:00:04Z\"}", "max: 4s"] {
        assert_eq!(tape.verdict(&document(window, "never: Running")), "inconclusive", "{window}");
    }
    assert_eq!(tape.verdict(&document("from: created", "never: Running")), "violated");
}
