//! How containers end: with an event that says so, or a gap; and what comes after them under their ids.

use super::super::machine::{Machine, Reading, Sort};
use super::super::message::Look;
use super::{SECOND, attach, container, listed, machine, reading, take, told};
use crate::observation::Payload;
use jiff::Timestamp;
use serde_json::json;
use std::collections::HashSet;

#[test]
fn what_was_removed_or_started_again_while_it_ran_ended_unseen() {
    let begun = ["create", "init", "start"];
    for (then, words) in [
        (vec!["remove"], "created initialized running GAP removed"),
        (vec!["died", "remove"], "created initialized running exited(0) removed"),
        (vec!["init", "start"], "created initialized running GAP initialized running"),
        (vec!["died", "init", "start"], "created initialized running exited(0) initialized running"),
        (vec!["pause", "remove"], "created initialized running paused GAP removed"),
        // A look showed that it did not run on.
        (vec!["checkpoint", "remove"], "created initialized running checkpointed removed"),
        (vec!["checkpoint", "restore", "remove"], "created initialized running checkpointed restored GAP removed"),
    ] {
        let mut machine = machine(Sort::Container);
        attach(&mut machine, &[], &[]);
        for (time, action) in begun.iter().chain(&then).enumerate() {
            take(&mut machine, &container(action, "c", i64::try_from(time).unwrap() + 1), &[]);
        }
        assert_eq!(told(&mut machine, Sort::Container)["name-c"], words, "{then:?}");
    }
    // It may have run on after it was checkpointed.
    let mut machine = machine(Sort::Container);
    attach(&mut machine, &[], &listed(json!([{"Id": "c", "Names": ["web"], "State": "running"}])));
    let checkpoint = container("checkpoint", "c", 5);
    machine.take(&checkpoint, Look::Saw(None), reading()).unwrap();
    take(&mut machine, &container("remove", "c", 6), &[]);
    assert_eq!(told(&mut machine, Sort::Container)["web"], "[running] checkpointed GAP removed");
}

#[test]
fn that_a_container_is_asked_to_end_does_not_say_that_it_still_ran() {
    let mut machine = machine(Sort::Container);
    attach(&mut machine, &[], &[]);
    for (action, time) in [("create", 1), ("start", 2), ("stop", 12), ("kill", 13), ("cleanup", 14)] {
        take(&mut machine, &container(action, "c", time), &[]);
    }
    let lines = machine.lines.take();
    let raw = lines.iter().filter(|line| matches!(line, Payload::Raw(_)));
    assert_eq!(raw.count(), 2, "the gap begins where it was last known to run: {lines:?}");
}

#[test]
fn what_never_ran_is_removed_without_a_gap() {
    for actions in [vec!["create", "remove"], vec!["create", "init", "remove"]] {
        let mut machine = machine(Sort::Container);
        attach(&mut machine, &[], &[]);
        for (time, action) in actions.iter().enumerate() {
            take(&mut machine, &container(action, "c", i64::try_from(time).unwrap() + 1), &[]);
        }
        assert!(!told(&mut machine, Sort::Container)["name-c"].contains("GAP"), "{actions:?}");
    }
}

#[test]
fn what_was_not_seen_is_said_of_which_container() {
    let mut machine = machine(Sort::Container);
    attach(&mut machine, &[], &listed(json!([{"Id": "c", "Names": ["web"], "State": "running"}])));
    take(&mut machine, &container("remove", "c", 6), &[]);
    let lines = machine.lines.take();
    let words: Vec<&str> = lines
        .iter()
        .filter_map(|line| if let Payload::Undecodable(unseen) = line { Some(unseen.error.as_str()) } else { None })
        .collect();
    assert_eq!(words, ["web: remove: no event said how it had ended before that"]);
}

#[test]
fn a_container_that_is_restored_under_the_id_of_one_that_was_removed_is_another_object() {
    let life = |from: i64| {
        let actions = ["create", "init", "start", "died", "remove"];
        (from..).zip(actions).map(|(time, action)| container(action, "c", time)).collect::<Vec<_>>()
    };
    let mut machine = machine(Sort::Container);
    attach(&mut machine, &[], &[]);
    machine.lines.take();
    let (mut lines, mut uids) = (Vec::new(), Vec::new());
    for from in [1, 11, 21] {
        for event in life(from) {
            assert!(!machine.needs_look(&event, &[]));
            take(&mut machine, &event, &[]);
        }
        let new: Vec<_> = machine
            .lines
            .take()
            .into_iter()
            .map(|line| {
                let Payload::Raw(raw) = line else { panic!("{line:?}") };
                raw
            })
            .collect();
        assert!(new.iter().all(|raw| raw.uid == new[0].uid && raw.name == "name-c") && new.len() == 5, "{new:?}");
        uids.push(new[0].uid.clone());
        lines.extend(new);
    }
    assert_eq!(uids[0], "c");
    assert_eq!(uids.iter().collect::<HashSet<_>>().len(), 3, "{uids:?}");
    assert!(uids[1..].iter().all(|uid| uid.starts_with("c-")), "{uids:?}");
    // It is recognized in a list, and by a later recorder.
    take(&mut machine, &container("create", "c", 31), &[]);
    let there = listed(json!([{"Id": "c", "Names": ["name-c"], "State": "created"}]));
    assert_eq!(machine.differences(&there), "");
    let Some(Payload::Raw(last)) = machine.lines.take().pop() else { panic!("a line") };
    let mut later = super::machine(Sort::Container);
    later.recall([&lines[4], &lines[9], &lines[14], &last].into_iter(), &HashSet::new(), &last);
    assert_eq!(later.differences(&there), "");
    for machine in [&mut machine, &mut later] {
        attach(machine, &[], &there);
        let Some(Payload::Raw(found)) = machine.lines.take().into_iter().next() else { panic!("a line") };
        assert_eq!((&found.uid, found.name.as_str()), (&last.uid, "name-c"));
    }
    // What a list does not show any more is gone.
    attach(&mut later, &[], &[]);
    take(&mut later, &container("create", "c", 41), &[]);
    let Some(Payload::Raw(created)) = later.lines.take().pop() else { panic!("a line") };
    assert_ne!(created.uid, last.uid);
}

#[test]
fn a_container_ended_when_a_look_says_so_or_after_its_last_event() {
    // By the recorder's clock, in seconds after the epoch: a list at 0, a start at 10, an end that is logged at 20.
    let ended = |start: Option<i64>, ended: Option<i64>| {
        let mut machine = machine(Sort::Container);
        attach(&mut machine, &[], &listed(json!([{"Id": "c", "Names": ["web"], "State": "running"}])));
        let take = |machine: &mut Machine, action: &str, at: i64, ended: Option<i64>| {
            let ended = ended.map(|at| at * SECOND);
            let reading = Reading { ahead: Some(0), at: Timestamp::MAX, ended };
            machine.take(&container(action, "c", at * SECOND), Look::Spared, reading).unwrap();
        };
        if let Some(start) = start {
            take(&mut machine, "died", 5, None);
            take(&mut machine, "start", start, None);
        }
        machine.lines.delivered_until(Timestamp::from_second(15).unwrap());
        take(&mut machine, "died", 20, ended);
        let Some(Payload::Raw(raw)) = machine.lines.take().pop() else { panic!("a line") };
        assert!(raw.not_before <= raw.earliest(), "it is not later than what the line says");
        assert_eq!(machine.lines.not_before(), Timestamp::from_second(15).unwrap(), "others come after that");
        raw.earliest().as_millisecond()
    };
    assert_eq!(ended(Some(10), Some(12)), 11_950, "before the log was read as a whole");
    assert_eq!(ended(Some(10), Some(18)), 17_950);
    assert_eq!(ended(Some(10), None), 9_950, "it was gone when it was looked for");
    assert_eq!(ended(Some(10), Some(8)), 9_950, "that is an earlier end");
    assert_eq!(ended(Some(10), Some(21)), 9_950, "that is a later one");
    assert_eq!(ended(None, None), 0, "it was listed while it ran");
}
