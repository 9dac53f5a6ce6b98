//! The log: what is new in it, what contradicts itself, and what lists show beside it.

use super::super::machine::{Lost, Machine, Reading, Sort};
use super::super::message::Event;
use super::super::message::Look;
use super::{SECOND, attach, container, event, listed, machine, reading, take, told};
use crate::observation::Payload;
use jiff::Timestamp;
use serde_json::json;

#[test]
fn what_comes_after_the_anchor_is_new_and_without_it_events_may_be_lost() {
    let log: Vec<Event> = (1..=4).map(|time| container("exec", "c", time)).collect();
    let mut machine = machine(Sort::Container);
    attach(&mut machine, &log[..2], &[]);
    assert_eq!(machine.news(&log, 0).unwrap().len(), 2);
    assert_eq!(machine.news(&log[1..], 0).unwrap().len(), 2, "rotated up to the anchor");
    assert_eq!(machine.news(&log[2..], 0).err(), Some(Lost::Anchor));
    assert_eq!(machine.news(&[], 0).err(), Some(Lost::Anchor));
}

#[test]
fn a_log_that_was_empty_proves_itself_until_it_is_rotated() {
    let mut machine = machine(Sort::Container);
    attach(&mut machine, &[], &[]);
    let mut log = vec![container("exec", "c", 1)];
    assert_eq!(machine.news(&log, 0).unwrap().len(), 1);
    log.push(event("system", "log-rotation", "", "", 2));
    assert_eq!(machine.news(&log, 0).err(), Some(Lost::Anchor));
}

#[test]
fn a_log_that_was_emptied_while_the_stream_goes_on_is_a_loss() {
    let log: Vec<Event> = (1..=5).map(|time| container("exec", "c", time * SECOND)).collect();
    let mut machine = machine(Sort::Container);
    attach(&mut machine, &log[..2], &[]);
    machine.opened();
    // The third one was in it when it was emptied, and is never delivered.
    take(&mut machine, &log[3], &[]);
    assert_eq!(machine.news(&log[3..], 1).err(), Some(Lost::Anchor), "it does not have what was read");
    assert_eq!(machine.news(&log[1..], 1).err(), Some(Lost::Undelivered), "it has what was not delivered");
    assert_eq!(machine.news(&log[3..], 3).unwrap().len(), 1, "what was read is older than what is read now");
    let mut cut = log[3..].to_vec();
    cut.push(event("system", "log-rotation", "", "", 6 * SECOND));
    assert_eq!(machine.news(&cut, 1).unwrap().len(), 2, "Podman says that it cut it");
    cut.insert(0, event("system", "log-rotation", "", "", 6 * SECOND - 1));
    assert_eq!(machine.news(&cut, 1).unwrap().len(), 2, "the begin of the cut is not delivered");
    machine.was_read();
    assert_eq!(machine.news(&log[3..], 1).unwrap().len(), 1, "it was read to the fourth");
    // Nothing stood in it: then the first one that is taken must stay.
    let mut machine = super::machine(Sort::Container);
    attach(&mut machine, &[], &[]);
    take(&mut machine, &log[0], &[]);
    take(&mut machine, &log[2], &[]);
    assert_eq!(machine.news(&log[2..], 1).err(), Some(Lost::Anchor));
}

#[test]
fn a_name_that_another_one_has_gets_the_id() {
    for (sort, word) in [(Sort::Container, "container"), (Sort::Pod, "pod")] {
        let (first, second, third) = ("1123456789abcdef", "2123456789abcdef", "3123456789abcdef");
        let mut machine = machine(sort);
        attach(&mut machine, &[], &[]);
        take(&mut machine, &event(word, "create", first, "web", 1), &[]);
        take(&mut machine, &event(word, "rename", first, "web-old", 2), &[]);
        take(&mut machine, &event(word, "create", second, "web", 3), &[]);
        let names = |machine: &mut Machine| {
            let lines = machine.lines.take();
            let raw = lines.into_iter().filter_map(|line| if let Payload::Raw(raw) = line { Some(raw) } else { None });
            raw.map(|raw| raw.name.to_string()).collect::<Vec<_>>()
        };
        assert_eq!(names(&mut machine), ["web", "web", "web-2123456789ab"]);
        let there = |id: &str, name: &str| json!({"Id": id, "Name": name, "Names": [name], "State": "created"});
        // The one that is new is listed first.
        let all = [there(third, "web"), there(second, "web-2"), there(first, "web-old")];
        attach(&mut machine, &[], &listed(all.iter().cloned().collect()));
        assert_eq!(names(&mut machine), ["web-3123456789ab", "web-2123456789ab", "web"]);
        assert_eq!(machine.differences(&listed(all.into_iter().collect())), "");
        take(&mut machine, &event(word, "remove", first, "web-old", 5), &[]);
        take(&mut machine, &event(word, "create", "4", "web", 6), &[]);
        assert_eq!(names(&mut machine), ["web", "web"], "it is free again");
    }
}

#[test]
fn events_of_other_types_are_anchors_too() {
    let mut machine = machine(Sort::Pod);
    attach(&mut machine, &[], &[]);
    take(&mut machine, &event("pod", "create", "p", "web", 1), &[]);
    take(&mut machine, &event("network", "connect", "c", "", 2), &[]);
    let pod = |action, time| event("pod", action, "p", "web", time);
    let log = [pod("create", 1), event("network", "connect", "c", "", 2), pod("start", 3)];
    assert_eq!(machine.news(&log, 0).unwrap().len(), 1);
}

#[test]
fn a_stream_that_begins_earlier_is_skipped_up_to_the_anchor_and_nothing_is_taken_twice() {
    let log: Vec<Event> = (1..=5).map(|time| container("exec", "c", time)).collect();
    let mut machine = machine(Sort::Container);
    attach(&mut machine, &log[..3], &[]);
    machine.opened();
    let taken: Vec<bool> = log.iter().map(|event| machine.has_taken(event)).collect();
    assert_eq!(taken, [true, true, true, false, false]);
    take(&mut machine, &log[3], &[]);
    assert!(machine.has_taken(&log[3]) && machine.has_taken(&log[0]), "a stream repeats itself after a rotation");
    assert!(!machine.has_taken(&log[4]));
}

#[test]
fn an_event_that_is_older_than_the_list_does_not_move_a_state_back() {
    let log = [container("start", "c", 1), container("died", "c", 2)];
    let exited = listed(json!([{"Id": "c", "Names": ["web"], "State": "exited", "ExitCode": 3}]));
    let mut machine = machine(Sort::Container);
    attach(&mut machine, &log, &exited);
    machine.opened();
    for event in &log {
        assert!(machine.has_taken(event));
    }
    take(&mut machine, &container("start", "c", 3), &[]);
    assert_eq!(told(&mut machine, Sort::Container)["web"], "[exited(3)] running");
}

#[test]
fn what_is_said_while_all_are_listed_is_a_gap_of_its_object() {
    let log = [container("start", "c", 1), container("died", "c", 2), container("start", "d", 3)];
    let both =
        json!([{"Id": "c", "Names": ["c"], "State": "running"}, {"Id": "d", "Names": ["d"], "State": "running"}]);
    let mut machine = machine(Sort::Container);
    assert!(machine.has_moved(&log[..1], &log) && !machine.has_moved(&log, &log));
    let now = Timestamp::UNIX_EPOCH;
    machine.attach((&log[..1], &log[..2]), &listed(both), None, &"kind".into(), (now, now));
    let told = told(&mut machine, Sort::Container);
    assert_eq!((told["c"].as_str(), told["d"].as_str()), ("[running] GAP", "[running]"));
}

#[test]
fn what_was_removed_before_its_creation_was_seen_was_gone_when_all_were_listed() {
    let mut machine = machine(Sort::Container);
    attach(&mut machine, &[], &[]);
    take(&mut machine, &container("remove", "c", 1), &[]);
    assert!(told(&mut machine, Sort::Container).is_empty());
}

#[test]
fn events_whose_times_contradict_the_log_are_gaps() {
    let mut machine = machine(Sort::Container);
    attach(&mut machine, &[], &[]);
    for (action, id, time) in [("create", "a", 1), ("create", "b", 2), ("start", "a", 10), ("start", "b", 9)] {
        take(&mut machine, &container(action, id, time), &[]);
    }
    // Of one container: what it is like shows a look.
    let died = container("died", "a", 8);
    assert!(machine.needs_look(&died, &[]));
    machine.take(&died, Look::Saw(Some("running".into())), reading()).unwrap();
    // Where nothing changes, nothing is contradicted.
    take(&mut machine, &container("attach", "b", 3), &[]);
    let told = told(&mut machine, Sort::Container);
    assert_eq!(told["name-a"], "created running GAP running");
    assert_eq!(told["name-b"], "created GAP running");
}

#[test]
fn a_volume_keeps_its_identity_over_a_gap_unless_it_was_created_again() {
    let mut machine = machine(Sort::Volume);
    attach(&mut machine, &[], &[]);
    let created = 1_796_031_992 * SECOND;
    take(&mut machine, &event("volume", "create", "", "v", created + 5_000_000), &[]);
    for (created_at, is_same) in [("2026-11-30T09:46:32Z", true), ("2026-11-30T09:46:33.5Z", false)] {
        let volumes = listed(json!([{"Name": "v", "CreatedAt": created_at}]));
        assert_eq!(machine.differences(&volumes).is_empty(), is_same, "{created_at}");
        machine.lines.take();
        attach(&mut machine, &[], &volumes);
        let lines = machine.lines.take();
        let Payload::Raw(raw) = &lines[0] else { panic!("{lines:?}") };
        assert_eq!(raw.uid == format!("v@{}", created + 5_000_000), is_same, "{created_at}");
    }
    take(&mut machine, &event("volume", "remove", "", "v", created + 9 * SECOND), &[]);
    take(&mut machine, &event("volume", "prune", "", "v", created + 9 * SECOND + 1), &[]);
    assert_eq!(machine.lines.take().len(), 1, "Podman says that it removed it, and that it pruned it");
}

#[test]
fn images_are_told_by_the_name_that_was_given() {
    let id = "2aa1fa41ff4c54e02dfa2c89f8abda175e6df20474376a7ff43a27e2c109790e";
    let mut machine = machine(Sort::Image);
    let images = json!([{"Id": id, "Names": ["localhost/a:1", "localhost/b:2"]}, {"Id": "nameless", "Names": null}]);
    attach(&mut machine, &[], &listed(images));
    for (action, of, name, time) in [
        ("tag", id, "localhost/c:3", 1),
        ("remove", id, "2aa1f", 2),
        ("mount", id, "", 3),
        ("build", "", "", 4),
        ("build", "", "built", 5),
        ("pull", "", "example.com/x:1", 6),
    ] {
        take(&mut machine, &event("image", action, of, name, time), &[]);
    }
    let told = told(&mut machine, Sort::Image);
    let of = |name: &str| told.get(name).map(String::as_str);
    assert_eq!(
        (of("localhost/a:1"), of("localhost/b:2"), of("nameless")),
        (Some("[present]"), Some("[present]"), Some("[present]"))
    );
    assert_eq!((of("localhost/c:3"), of(id)), (Some("tag"), Some("remove mount")));
    assert_eq!((of("build-4"), of("built")), (Some("build-without-image"), Some("build")));
    assert_eq!((of("example.com/x:1"), told.len()), (Some("pull"), 8), "{told:?}");
}

#[test]
fn a_refresh_is_a_loss_of_everything() {
    let mut machine = machine(Sort::Container);
    attach(&mut machine, &[], &[]);
    assert_eq!(machine.take(&event("system", "refresh", "", "", 1), Look::Spared, reading()), Err(Lost::Refresh));
}

#[test]
fn the_time_of_an_event_is_its_earliest_unless_the_clock_was_set() {
    let since = |ahead: Option<i64>, at: i64| {
        let mut machine = machine(Sort::Container);
        attach(&mut machine, &[], &[]);
        machine.lines.take();
        let at = Timestamp::from_second(at).unwrap();
        let made = container("create", "c", 100 * SECOND + 1_999);
        machine.take(&made, Look::Spared, Reading { ahead, at, ended: None }).unwrap();
        let Some(Payload::Raw(raw)) = machine.lines.take().pop() else { panic!("a line") };
        raw.since.map(Timestamp::as_microsecond)
    };
    assert_eq!(since(Some(0), 101), Some(99_950_001), "rounded down, and by what is not noticed");
    assert_eq!(since(Some(2 * SECOND), 101), Some(97_950_001), "the wall clock is ahead of the recorder's");
    assert_eq!(since(Some(-SECOND), 102), Some(100_950_001));
    assert_eq!(since(Some(0), 99), None, "it cannot have happened later than it was read");
    assert_eq!(since(None, 101), None);
}

#[test]
fn what_differs_from_a_list_is_named() {
    let mut machine = machine(Sort::Container);
    attach(&mut machine, &[], &[]);
    for (action, id, time) in [("create", "a", 1), ("create", "b", 2), ("start", "b", 3), ("create", "c", 4)] {
        take(&mut machine, &container(action, id, time), &[]);
    }
    let listed = listed(json!([
        {"Id": "a", "Names": ["name-a"], "State": "exited"},
        {"Id": "b", "Names": ["name-b"], "State": "exited"},
        {"Id": "d", "Names": ["other"], "State": "removing"},
    ]));
    assert_eq!(
        machine.differences(&listed),
        "name-a is exited, recorded as created, name-b is exited, recorded as running, name-c is not there, other is not \
         recorded"
    );
    let mut machine = super::machine(Sort::Image);
    attach(&mut machine, &[], &[]);
    assert_eq!(machine.differences(&listed), "", "Podman does not say what it has");
}
