//! Tests that the position of a watch is computed once: whatever the lines of a recording are, the recorder that wrote
//! them, `verify`, a resumed recorder and the fold agree.

use super::listener::{Hub, Speaker};
use super::pipeline::Pipeline;
use super::{Finished, PriorRecording, Progress};
use crate::observation::ClusterIdentity;
use crate::observation::{
    Attached, Capture, Change, Fence, Gap, GapReason, Healed, Inventory, ObjectEvent, Observation, Payload, Position,
    Problem, Reconnected, Resource, ResourceVersion, Shape, Stamp, Undecodable, Watch, WatchId, decode_object,
};
use crate::recording::{Header, Reader, SyncPolicy, Verification, Verified, Writer};
use crate::source::Clock;
use crate::timeline::Fold;
use proptest::prelude::*;
use serde_json::json;
use std::path::Path;
use std::time::Duration;

fn rv(number: u64) -> ResourceVersion {
    ResourceVersion::new(number.to_string())
}

fn second(number: u64) -> jiff::Timestamp {
    jiff::Timestamp::UNIX_EPOCH + Duration::from_secs(number)
}

#[expect(clippy::needless_pass_by_value, reason = "tests write the version in place")]
fn object(change: Change, uid: &str, version: ResourceVersion) -> ObjectEvent {
    let json = json!({"metadata": {"name": uid, "uid": uid, "resourceVersion": version.as_str()}});
    let object = decode_object(json.to_string().as_bytes(), Shape::Pod, Capture::Status).expect("it has an identity");
    ObjectEvent { watch: 0, change, object, not_before: None, healed: false, confirmed: false }
}

fn event(version: u64) -> Payload {
    Payload::Object(object(Change::Modified, "a", rv(version)))
}

fn listed(uid: &str, version: u64) -> Payload {
    Payload::Object(object(Change::Listed, uid, rv(version)))
}

fn late(version: u64, not_before: u64) -> Payload {
    let not_before = Some(second(not_before));
    Payload::Object(ObjectEvent { not_before, ..object(Change::Modified, "a", rv(version)) })
}

fn healed_event(version: u64) -> Payload {
    Payload::Object(ObjectEvent { healed: true, ..object(Change::Modified, "a", rv(version)) })
}

fn attached(version: u64) -> Payload {
    Payload::Attached(Attached { watch: 0, resource_version: rv(version), kind: "Pod".into(), not_before: None })
}

fn bookmark(version: u64) -> Payload {
    Payload::Bookmark { watch: 0, resource_version: rv(version) }
}

fn reconnected(version: u64) -> Payload {
    let (not_before, reason) = (second(0), "cut".to_owned());
    Payload::Reconnected(Reconnected { watch: 0, resource_version: rv(version), not_before, reason })
}

fn gap(reason: GapReason, (from, to): (u64, u64), at: (u64, u64)) -> Payload {
    Payload::Gap(Gap {
        watch: 0,
        from_resource_version: rv(from),
        to_resource_version: rv(to),
        from: second(at.0),
        to: second(at.1),
        reason,
        unhealed: String::new(),
    })
}

fn healed(from: u64, to: u64) -> Payload {
    Payload::Healed(Healed {
        watch: 0,
        from_resource_version: rv(from),
        to_resource_version: rv(to),
        from: second(0),
        to: second(0),
        reason: GapReason::HistoryExpired,
        not_before: None,
    })
}

/// A fence whose list was requested at a version.
fn fenced(version: u64, from: Option<u64>, missing: &str) -> Payload {
    let (whole, missing) = (missing.is_empty(), missing.to_owned());
    let from_resource_version = from.map(rv);
    Payload::Fence(Fence { watch: 0, resource_version: rv(version), from_resource_version, whole, missing })
}

fn fence(version: u64) -> Payload {
    fenced(version, None, "")
}

fn undecodable(uid: Option<&str>, version: Option<u64>) -> Payload {
    let (uid, resource_version) = (uid.map(Into::into), version.map(rv));
    Payload::Undecodable(Undecodable { uid, resource_version, error: "odd".to_owned(), ..Undecodable::default() })
}

/// The position after these lines, one per second from second 1 on, and the problems that they show.
fn after(whats: impl IntoIterator<Item = Payload>) -> (Position, Vec<Problem>) {
    let mut position = Position::default();
    let problems = (1..).zip(whats).filter_map(|(at, what)| position.apply(second(at), &what)).collect();
    (position, problems)
}

fn version_after(whats: impl IntoIterator<Item = Payload>) -> Option<u64> {
    after(whats).0.version().and_then(ResourceVersion::number)
}

#[test]
fn an_older_bookmark_takes_the_position_nowhere() {
    let (position, problems) = after([attached(5), event(13), bookmark(5)]);
    assert_eq!((position.version(), position.alive()), (Some(&rv(13)), Some(second(2))));
    assert_eq!(problems, []);
    let (position, _) = after([attached(5), event(13), bookmark(13)]);
    assert_eq!(
        (position.version(), position.alive()),
        (Some(&rv(13)), Some(second(3))),
        "the stream is idle, and lives"
    );
    assert_eq!(version_after([attached(5), event(13), bookmark(20)]), Some(20));
}

#[test]
fn nothing_is_resumed_from_before_the_first_list_is_complete() {
    assert_eq!(version_after([listed("a", 3), event(7), bookmark(9), undecodable(Some("b"), Some(11))]), None);
    assert_eq!(version_after([listed("a", 3), attached(5)]), Some(5));
}

#[test]
fn an_event_that_goes_back_is_a_problem_and_does_not_take_the_position_back() {
    let (position, problems) = after([attached(5), event(13), event(7), event(9)]);
    assert_eq!(position.version(), Some(&rv(13)));
    let behind = |version| Problem::EventBehind { version: rv(version), last: rv(13) };
    assert_eq!(problems, [behind(7), behind(9)]);
}

#[test]
fn behind_an_event_of_the_backlog_nothing_is_known_to_be_delivered() {
    let (position, _) = after([attached(5), event(6), reconnected(6), late(7, 2)]);
    assert_eq!(position.alive(), Some(second(2)), "what was still waiting may have happened at second 2");
    let (position, _) = after([attached(5), event(6), reconnected(6), late(7, 2), event(8)]);
    assert_eq!(position.alive(), Some(second(5)));
}

#[test]
fn what_was_read_back_moves_nothing_until_it_is_told_to_be_all() {
    let (position, _) = after([attached(5), healed_event(7), healed_event(9)]);
    assert_eq!((position.version(), position.alive()), (Some(&rv(5)), Some(second(1))));
    let (position, problems) = after([attached(5), healed_event(7), healed(5, 12)]);
    assert_eq!((position.version(), position.alive(), &problems[..]), (Some(&rv(12)), Some(second(3)), &[][..]));
    let (_, problems) = after([attached(5), healed(6, 12)]);
    assert_eq!(problems, [Problem::HealedElsewhere { at: rv(6), left: Some(rv(5)) }]);
    // From before the position at which it was left: what lies between was incomplete too, and is now complete.
    let (position, problems) = after([attached(5), event(9), healed_event(7), healed(6, 12)]);
    assert_eq!((position.version(), &problems[..]), (Some(&rv(12)), &[][..]));
}

/// True when everything from the first list to the fence was recorded, if this is the end.
fn is_whole(position: &Position) -> bool {
    position.counts().problems == 0 && position.at_end().is_none()
}

#[test]
fn a_fence_that_failed_is_no_problem_any_more_when_the_stream_went_on_without_a_loss() {
    let again = || Payload::Resumed { tool: "again".to_owned() };
    let failed = [attached(5), event(6), fenced(8, None, "a pod")];
    let (position, problems) = after(failed.clone());
    assert_eq!((position.at_end(), &problems[..]), (Some(Problem::Fence { missing: "a pod".to_owned() }), &[][..]));
    let (position, problems) = after(failed.clone().into_iter().chain([again(), reconnected(6), event(8), fence(9)]));
    assert!(is_whole(&position) && problems.is_empty(), "{problems:?}");
    // Not without another fence.
    let (position, _) = after(failed.into_iter().chain([again(), reconnected(6), event(8)]));
    assert_eq!(position.at_end(), Some(Problem::Unfenced));
    // Nor if no recorder resumed.
    let (position, problems) = after([attached(5), event(6), fenced(8, None, "a pod"), fence(9)]);
    assert_eq!((is_whole(&position), problems), (false, vec![Problem::Fence { missing: "a pod".to_owned() }]));
    // What the stream had skipped is not delivered by a stream that continues after it.
    let passed = [attached(5), event(9), fenced(8, None, "a pod"), again(), reconnected(9), fence(9)];
    let (position, problems) = after(passed);
    assert_eq!((is_whole(&position), problems), (false, vec![Problem::Fence { missing: "a pod".to_owned() }]));
    let (position, problems) = after([attached(5), event(9), fenced(8, None, "a pod")]);
    assert_eq!((position.at_end(), problems.len()), (None, 1), "it is reported once");
}

#[test]
fn a_fence_is_held_against_where_the_stream_was_when_its_list_was_asked_for() {
    let behind = Problem::FenceBehind { version: rv(8), last: rv(9) };
    assert_eq!(after([attached(5), event(9), fenced(8, Some(9), "")]).1, [behind]);
    assert_eq!(after([attached(5), event(9), event(11), fenced(10, Some(9), "")]).1, []);
}

#[test]
fn a_gap_is_open_from_its_beginning_until_its_list_is_complete() {
    let lines = [attached(5), event(9), gap(GapReason::HistoryExpired, (9, 20), (2, 3)), listed("a", 18)];
    let (position, _) = after(lines.clone());
    assert_eq!((position.alive(), position.version()), (Some(second(2)), Some(&rv(9))));
    // A recorder that ended there reads the list again; its gap begins where the first loss began.
    let again = gap(GapReason::HistoryExpired, (9, 25), (4, 5));
    let (position, _) = after(lines.into_iter().chain([again]));
    assert_eq!(position.gap().map(|gap| (gap.from, gap.from_resource_version.clone())), Some((second(2), rv(9))));
}

#[test]
fn only_a_storage_that_was_replaced_takes_the_position_back() {
    for reason in [GapReason::StorageReplaced, GapReason::StorageUnproven] {
        assert_eq!(version_after([attached(5), event(13), gap(reason, (13, 6), (2, 3)), attached(6)]), Some(6));
    }
    let replaced = gap(GapReason::StorageReplaced, (13, 6), (2, 3));
    // Also when its list was not finished, and the next loss has another reason.
    let expired = gap(GapReason::HistoryExpired, (13, 7), (2, 4));
    assert_eq!(version_after([attached(5), event(13), replaced, expired, attached(7)]), Some(7));
    let (position, problems) = after([attached(5), event(13), attached(6)]);
    assert_eq!(position.version(), Some(&rv(13)));
    assert_eq!(problems, [Problem::ListBehind { version: rv(6), last: rv(13) }]);
}

#[test]
fn a_stream_goes_on_behind_an_unreadable_event_only_if_it_tells_whose_it_is() {
    assert_eq!(version_after([attached(5), undecodable(Some("a"), Some(9))]), Some(9));
    assert_eq!(version_after([attached(5), undecodable(None, Some(9))]), Some(5));
    assert_eq!(version_after([attached(5), undecodable(Some("a"), None)]), Some(5));
}

#[test]
fn a_fence_holds_only_at_the_end() {
    let (position, _) = after([attached(5), event(9), fence(12)]);
    assert!(is_whole(&position));
    assert_eq!(
        (position.version(), position.known_to()),
        (Some(&rv(9)), Some(&rv(12))),
        "resumed where it was read to"
    );
    for more in [event(13), Payload::Resumed { tool: "again".to_owned() }] {
        let (position, _) = after([attached(5), event(9), fence(12), more]);
        assert_eq!(position.at_end(), Some(Problem::Unfenced));
    }
}

#[test]
fn objects_that_no_list_after_a_gap_shows_are_not_in_the_inventory() {
    let mut objects = Inventory::default();
    let gap = gap(GapReason::HistoryExpired, (6, 20), (2, 3));
    let lines = [listed("a", 3), listed("b", 4), attached(5), undecodable(Some("b"), Some(6)), gap, listed("a", 3)];
    lines[..4].iter().for_each(|what| objects.apply(what));
    assert_eq!(objects.recorded().get("b"), Some(&rv(6)), "what could not be decoded was recorded all the same");
    lines[4..].iter().for_each(|what| objects.apply(what));
    assert_eq!(objects.known().len(), 2, "the list is not complete");
    objects.apply(&attached(20));
    assert_eq!(objects.recorded().into_iter().collect::<Vec<_>>(), [("a".into(), rv(3))]);
}

#[test]
fn objects_whose_deletion_was_read_back_after_a_gap_are_not_in_the_inventory() {
    let read_back = |change, version| Payload::Object(ObjectEvent { healed: true, ..object(change, "a", rv(version)) });
    let gap = gap(GapReason::HistoryExpired, (5, 20), (2, 3));
    let newest = [read_back(Change::Listed, 8), read_back(Change::Modified, 9), read_back(Change::Deleted, 10)];
    let unchanged =
        |uid: &str, version| Payload::Unchanged { watch: 0, uid: uid.into(), resource_version: rv(version) };
    let before: Vec<Payload> = [listed("a", 3), listed("b", 4), attached(5), gap].into_iter().chain(newest).collect();
    let after = |end: Vec<Payload>| {
        let mut objects = Inventory::default();
        before.iter().chain(&end).for_each(|what| objects.apply(what));
        let mut recorded: Vec<_> = objects.recorded().into_iter().collect();
        recorded.sort_by(|(one, _), (other, _)| one.cmp(other));
        recorded
    };
    assert_eq!(after(vec![unchanged("b", 4), attached(20)]), [("b".into(), rv(4))]);
    // It had only left the selection, and is back.
    let back = vec![read_back(Change::Added, 15), unchanged("a", 15), unchanged("b", 4), attached(20)];
    assert_eq!(after(back), [("a".into(), rv(15)), ("b".into(), rv(4))]);
}

fn watches() -> Vec<Watch> {
    let of = |plural, kind| Watch::all(Resource::new("", "v1", plural, kind));
    vec![of("pods", "Pod"), of("events", "Event")]
}

/// Runs a recorder's threads on these lines, as if the watches had delivered them.
async fn recorded(writer: Writer, fold: Fold, verification: Verification, lines: Vec<Observation>) -> Finished {
    let progress = tokio::sync::watch::Sender::new(Progress::default());
    let clock = Clock::start(Duration::ZERO);
    let ends = (Speaker::new(Hub::default(), None), tokio::sync::mpsc::channel(1).1);
    let pipeline = Pipeline::start(Some(writer), fold, verification, Duration::ZERO, clock, ends, progress);
    pipeline.input.send(lines).await.expect("it takes them");
    pipeline.finish().await.expect("the file can be written")
}

fn verify(path: &Path) -> Verified {
    let (verified, damage) =
        super::verify(Reader::open(path).expect("a recording")).expect("no tracks of a user's own");
    assert!(damage.is_none(), "{damage:?}");
    verified
}

/// Records `first`, is killed, resumes and records `second`; checks that all readers agree.
async fn all_agree(first: Vec<Observation>, second: Vec<Observation>) -> Verified {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("run.jsonl");
    let header = Header::new(second_zero(), watches());
    let writer = Writer::create(&path, &header, SyncPolicy::Never).expect("a new file");
    let fold = Fold::new(None, &header.watches).expect("no tracks of a user's own");
    let finished = recorded(writer, fold, Verification::new(&header), first).await;
    assert_eq!(finished.verified, verify(&path));
    let earlier = PriorRecording::open(&path, SyncPolicy::Never).expect("it can go on");
    check(&finished, &earlier);
    let PriorRecording { writer, fold, verification, .. } = earlier;
    let resumed = Observation { stamp: stamp(500), payload: Payload::Resumed { tool: "again".to_owned() } };
    let finished = recorded(writer, fold, verification, [resumed].into_iter().chain(second).collect()).await;
    assert_eq!(finished.verified, verify(&path), "after it was resumed");
    check(&finished, &PriorRecording::open(&path, SyncPolicy::Never).expect("it can go on"));
    finished.verified
}

/// Checks that the summary, the next resume and the fold agree on each watch.
fn check(finished: &Finished, earlier: &PriorRecording) {
    let chains = finished.verified.watches.iter().zip(&finished.progress.watches);
    for (((chain, watched), resume), tail) in chains.zip(&earlier.watches).zip(earlier.fold.coverage()) {
        let position = &resume.position;
        assert_eq!(watched.version.as_ref(), position.version(), "where the recorder says that it is, and goes on");
        assert_eq!(chain.to_resource_version.as_ref(), position.known_to());
        let counted = (watched.objects, watched.gaps, watched.reconnects, watched.healed, watched.undecodable);
        assert_eq!(counted, (chain.events, chain.gaps, chain.reconnects, chain.healed, chain.undecodable));
        assert_eq!(chain.fenced, tail.fence.is_some());
        match position.gap() {
            None => assert_eq!(tail.version.as_ref(), position.version(), "how far it was seen"),
            Some(gap) => assert_eq!(tail.version.as_ref(), Some(&gap.read_through)),
        }
        assert!(is_whole(position) || !chain.problems.is_empty(), "what is not whole has a problem");
    }
}

fn second_zero() -> jiff::Timestamp {
    jiff::Timestamp::UNIX_EPOCH
}

fn stamp(number: u64) -> Stamp {
    Stamp { at: second(number), elapsed: Duration::from_secs(number) }
}

fn stamped(whats: impl IntoIterator<Item = Payload>) -> Vec<Observation> {
    (1..).zip(whats).map(|(number, what)| Observation { stamp: stamp(number), payload: what }).collect()
}

fn of_watch(payload: Payload, id: WatchId) -> Payload {
    match payload {
        Payload::Object(seen) => Payload::Object(ObjectEvent { watch: id, ..seen }),
        Payload::Unchanged { uid, resource_version, .. } => Payload::Unchanged { watch: id, uid, resource_version },
        Payload::Bookmark { resource_version, .. } => Payload::Bookmark { watch: id, resource_version },
        Payload::NotServed { .. } => Payload::NotServed { watch: id },
        Payload::Attached(attached) => Payload::Attached(Attached { watch: id, ..attached }),
        Payload::Reconnected(reconnected) => Payload::Reconnected(Reconnected { watch: id, ..reconnected }),
        Payload::Gap(gap) => Payload::Gap(Gap { watch: id, ..gap }),
        Payload::Healed(healed) => Payload::Healed(Healed { watch: id, ..healed }),
        Payload::Undecodable(undecodable) => Payload::Undecodable(Undecodable { watch: id, ..undecodable }),
        Payload::Fence(fence) => Payload::Fence(Fence { watch: id, ..fence }),
        other => other,
    }
}

fn lines() -> impl Strategy<Value = Vec<Observation>> {
    let uid = || prop::sample::select(vec!["a", "b", "c"]);
    let change = prop::sample::select(vec![Change::Added, Change::Modified, Change::Deleted, Change::Listed]);
    let reason = prop::sample::select(vec![
        GapReason::HistoryExpired,
        GapReason::Undecodable,
        GapReason::StorageReplaced,
        GapReason::StorageUnproven,
        GapReason::Contradicted,
        GapReason::Unrecorded,
    ]);
    let number = || 1..30_u64;
    let what = prop_oneof![
        6 => (change, uid(), number(), any::<bool>(), prop::option::of(number())).prop_map(
            |(change, uid, version, healed, not_before)| Payload::Object(ObjectEvent {
                healed,
                not_before: not_before.map(second),
                ..object(change, uid, rv(version))
            })
        ),
        2 => number().prop_map(bookmark),
        2 => number().prop_map(attached),
        1 => Just(Payload::Bookmark { watch: 0, resource_version: ResourceVersion::new("opaque") }),
        1 => (uid(), number())
            .prop_map(|(uid, version)| Payload::Unchanged { watch: 0, uid: uid.into(), resource_version: rv(version) }),
        1 => Just(Payload::NotServed { watch: 0 }),
        1 => number().prop_map(reconnected),
        1 => (reason, (number(), number()), (number(), number()))
            .prop_map(|(reason, versions, at)| gap(reason, versions, at)),
        1 => (number(), number()).prop_map(|(from, to)| healed(from, to)),
        1 => (prop::option::of(uid()), prop::option::of(number())).prop_map(|(uid, version)| undecodable(uid, version)),
        1 => (number(), any::<bool>()).prop_map(|(version, whole)| Payload::Fence(Fence {
            watch: 0,
            resource_version: rv(version),
            from_resource_version: None,
            whole,
            missing: if whole { String::new() } else { "a pod".to_owned() },
        })),
        1 => Just(Payload::Resumed { tool: "again".to_owned() }),
        1 => Just(Payload::End { reason: "over".to_owned() }),
        1 => Just(Payload::Mark { name: "step".to_owned() }),
    ];
    prop::collection::vec((what, 0..2_u16).prop_map(|(what, id)| of_watch(what, id)), 0..30).prop_map(stamped)
}

fn runtime() -> tokio::runtime::Runtime {
    // The recorder's thread waits on the runtime while this thread drives it.
    tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_time().build().expect("a runtime")
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    #[test]
    fn recorder_verify_resume_and_fold_agree_on_any_recording(first in lines(), second in lines()) {
        runtime().block_on(all_agree(first, second));
    }
}

#[test]
fn a_recorder_that_saw_an_older_bookmark_and_was_killed_is_whole_when_it_went_on() {
    let end = Payload::End { reason: "finished".to_owned() };
    let of_events = [attached(1), fence(1)].map(|what| of_watch(what, 1));
    let first = stamped([listed("a", 4), attached(5), event(13), bookmark(5)]);
    let second = stamped([reconnected(13), event(14), fence(14)].into_iter().chain(of_events).chain([end]));
    let verified = runtime().block_on(all_agree(first, second));
    assert!(verified.complete, "{verified:#?}");
}

#[test]
fn a_recording_goes_on_after_a_gap_where_nothing_tells_whose_it_is_and_an_imported_one_not_at_all() {
    let folder = tempfile::tempdir().expect("a folder");
    let write = |name: &str, header: &Header, reason: &str| {
        let path = folder.path().join(name);
        let mut writer = Writer::create(&path, header, SyncPolicy::Never).expect("a new file");
        for observation in stamped([attached(5), Payload::End { reason: reason.to_owned() }]) {
            writer.append(&observation).expect("a line");
        }
        writer.finish().expect("it can be written");
        path
    };
    let mut header = Header::new(second_zero(), watches());
    let imported = PriorRecording::open(&write("imported", &header, "imported"), SyncPolicy::Never).err();
    assert!(imported.expect("it is refused").to_string().contains("record to another file"));
    let known = |uid: &str| ClusterIdentity { system: Some(uid.into()), ..ClusterIdentity::default() };
    let mut unknown =
        PriorRecording::open(&write("unknown", &header, "finished"), SyncPolicy::Never).expect("it opens");
    assert!(unknown.meet(&known("a")).expect("it may be the same"));
    assert!(unknown.watches.iter().all(|watch| watch.is_stranger));
    header.identify(known("a"));
    let mut earlier = PriorRecording::open(&write("known", &header, "finished"), SyncPolicy::Never).expect("it opens");
    assert!(earlier.meet(&known("b")).is_err());
    assert!(!earlier.meet(&known("a")).expect("the same"));
    assert!(earlier.watches.iter().all(|watch| !watch.is_stranger));
}

#[test]
fn a_watch_whose_first_list_may_have_been_cut_off_is_known_as_such() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("it");
    let mut writer =
        Writer::create(&path, &Header::new(second_zero(), watches()), SyncPolicy::Never).expect("a new file");
    for observation in stamped([listed("a", 4), attached(5), event(6)]) {
        writer.append(&observation).expect("a line");
    }
    writer.finish().expect("it can be written");
    let text = std::fs::read_to_string(&path).expect("UTF-8");
    let ends: Vec<usize> = text.match_indices('\n').map(|(at, _)| at + 1).collect();
    for (length, is_cut) in [(ends[0], false), (ends[0] + 9, true), (ends[1] + 9, true), (ends[2] + 9, false)] {
        std::fs::write(&path, &text[..length]).expect("it can be written");
        let earlier = PriorRecording::open(&path, SyncPolicy::Never).expect("it opens");
        assert_eq!(earlier.watches[0].is_cut, is_cut, "{length}");
    }
}

#[test]
fn a_resumed_recorder_knows_what_no_recorder_had_attached_to() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("run.jsonl");
    let header = Header::new(second_zero(), watches());
    let open = || PriorRecording::open(&path, SyncPolicy::Never).expect("it can go on");
    Writer::create(&path, &header, SyncPolicy::Never).expect("a new file").finish().expect("it can be written");
    assert_eq!(open().unattached(), ["pods", "events"], "it has nothing but a header");
    let mut writer = open().writer;
    let attached = Attached { watch: 0, resource_version: rv(5), kind: "Pod".into(), not_before: None };
    writer.append(&Observation { stamp: stamp(1), payload: Payload::Attached(attached) }).expect("it can be written");
    writer.append(&Observation { stamp: stamp(2), payload: Payload::NotServed { watch: 1 } }).expect("so can that");
    writer.finish().expect("it can be written");
    assert!(open().unattached().is_empty());
}
