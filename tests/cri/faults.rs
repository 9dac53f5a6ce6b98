//! What a runtime does not do on request.

use crate::fake::Fake;
use crate::recorder::{Recorder, Timeline, interrupt, is_verified, statetrail, until};
use std::io::Read as _;
use std::process::Stdio;

const CREATED: i32 = 0;
const STARTED: i32 = 1;
const STOPPED: i32 = 2;
const DELETED: i32 = 3;
const RUNNING: i32 = 1;
const EXITED: i32 = 2;

/// A life, told event by event; returns whether the runtime had to wait.
fn live(fake: &Fake, id: &str) -> bool {
    fake.set(id, CREATED, 0);
    let mut has_waited = fake.tell(id, CREATED);
    fake.set(id, RUNNING, 0);
    has_waited |= fake.tell(id, STARTED);
    fake.set(id, EXITED, 1);
    has_waited |= fake.tell(id, STOPPED);
    fake.remove(id);
    has_waited | fake.tell(id, DELETED)
}

#[test]
fn the_runtime_never_waits_for_a_recorder_whose_disk_stalls() {
    let fake = Fake::start();
    let ready = fake.folder.path().join("ready");
    // A pipe that nobody reads holds 64 KiB; then the recorder's writer waits.
    let mut child = statetrail()
        .arg("record")
        .arg(format!("cri:{}", fake.socket().display()))
        .args(["-o", "-", "--ready-file"])
        .arg(&ready)
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    until("the recorder attaches", || ready.exists().then_some(()));
    let lives = 1_000;
    let has_waited = (0..lives).any(|life| live(&fake, &format!("c{life}")));
    assert!(!has_waited, "the runtime had to wait for the recorder");
    let mut out = child.stdout.take().unwrap();
    let reader = std::thread::spawn(move || {
        let mut recorded = Vec::new();
        out.read_to_end(&mut recorded).unwrap();
        recorded
    });
    interrupt(&child);
    let recorded = reader.join().unwrap();
    let status = until("the recorder ends", || child.try_wait().unwrap());
    let file = fake.folder.path().join("run.jsonl");
    std::fs::write(&file, &recorded).unwrap();
    // More than the pipe and all queues hold: it did stall.
    assert!(recorded.len() > 1 << 20, "{} bytes", recorded.len());
    let timeline = Timeline::of(&file);
    let whole = timeline.states.values().filter(|states| states.join(" ") == "created running exited(1) removed");
    let whole = whole.count();
    assert!(whole == lives || !timeline.gaps.is_empty(), "{whole} of {lives} lives, and no gap");
    assert_eq!(status.code(), Some(if timeline.gaps.is_empty() { 0 } else { 3 }));
}

#[test]
fn streams_that_are_cut_are_gaps_and_what_a_list_shows_follows() {
    let fake = Fake::start();
    fake.set("a", RUNNING, 0);
    let recorder = Recorder::start(fake.folder.path(), &fake.socket());
    assert_eq!(fake.subscribed(), 2);
    fake.cut();
    // Nobody is told.
    fake.set("a", EXITED, 7);
    live(&fake, "unseen");
    until("both subscribe again", || (fake.subscribed() == 4).then_some(()));
    recorder.recorded(r#""exitCode":7"#);
    live(&fake, "later");
    recorder.recorded(r#""name":"web.later.0""#);
    let file = recorder.file.clone();
    let (code, said) = recorder.stop();
    let timeline = Timeline::of(&file);
    assert_eq!(timeline.path("web.a.0"), "running[initial] exited(7)[after-gap]", "{timeline:?} {said}");
    assert_eq!(timeline.path("web.later.0"), "created running exited(1) removed");
    assert_eq!(timeline.path("web.0"), "ready[initial]");
    assert!(!timeline.gaps.is_empty() && timeline.gaps.iter().all(|gap| gap.ends_with("unrecorded")), "{timeline:?}");
    assert_eq!(code, Some(3), "{said}");
}

#[test]
fn a_runtime_that_is_not_there_yet_is_waited_for_and_one_without_events_is_refused() {
    let fake = Fake::start();
    let elsewhere = fake.folder.path().join("elsewhere");
    std::fs::create_dir(&elsewhere).unwrap();
    let recorder = Recorder::begin(&elsewhere, &elsewhere.join("sock"), None);
    until("the recorder says that it waits", || recorder.said().contains("waiting for the runtime").then_some(()));
    std::os::unix::fs::symlink(fake.socket(), elsewhere.join("sock")).unwrap();
    until("the recorder attaches", || elsewhere.join("ready").exists().then_some(()));
    let file = recorder.file.clone();
    let (code, said) = recorder.stop();
    assert_eq!(code, Some(0), "{said}");
    assert!(is_verified(&file), "{said}");

    fake.forgets_events();
    let mut refused = Recorder::begin(fake.folder.path(), &fake.socket(), None);
    let status = until("the recorder ends", || refused.child.try_wait().unwrap());
    let said = refused.said();
    assert!(!status.success() && said.contains("the runtime does not tell events"), "{status} {said}");
}

#[test]
fn what_no_event_tells_is_a_gap_and_a_resumed_recording_says_what_it_did_not_see() {
    let fake = Fake::start();
    fake.set("a", CREATED, 0);
    let recorder = Recorder::start(fake.folder.path(), &fake.socket());
    fake.set("a", EXITED, 128);
    recorder.recorded(r#""exitCode":128"#);
    let file = recorder.file.clone();
    let (code, said) = recorder.stop();
    let timeline = Timeline::of(&file);
    assert_eq!(timeline.path("web.a.0"), "created[initial] exited(128)[after-gap]", "{timeline:?} {said}");
    assert_eq!((timeline.gaps, code), (vec!["web.a.0 unrecorded".to_owned()], Some(3)));

    fake.remove("a");
    let resumed = statetrail().arg("record").arg("--resume").arg(&file).args(["--for", "500ms"]).output().unwrap();
    assert_eq!(resumed.status.code(), Some(3), "{resumed:?}");
    let timeline = Timeline::of(&file);
    assert!(timeline.gaps.iter().any(|gap| gap.ends_with("unrecorded")), "{timeline:?}");
}

#[test]
fn lists_are_asked_for_at_the_pace_that_is_documented() {
    let fake = Fake::start();
    let recorder = Recorder::start(fake.folder.path(), &fake.socket());
    let before = fake.listed();
    let begun = crate::deadline::now();
    until("ten lists", || (fake.listed() >= before + 10).then_some(()));
    // Four times a second.
    assert!(begun.elapsed() > std::time::Duration::from_secs(2), "{:?}", begun.elapsed());
    recorder.stop();
}
