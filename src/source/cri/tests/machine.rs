//! The machine by hand: events, lists and times as they may come.

use super::super::super::numbered::Lines;
use super::super::machine::{Machine, SETTLE};
use super::super::messages::{ContainerEvent, ContainerMetadata, ContainerStatus, Sandbox, SandboxMetadata};
use super::super::shown::{Of, Shown, Told};
use crate::kinds::CriEvent;
use crate::observation::Payload;
use jiff::Timestamp;
use std::time::Duration;

const CREATED: i32 = 0;
const STARTED: i32 = 1;
const STOPPED: i32 = 2;
const DELETED: i32 = 3;
const EXITED: i32 = 2;

pub(super) fn at(millis: i64) -> Timestamp {
    Timestamp::from_millisecond(millis).unwrap()
}

fn nanos(millis: i64) -> i64 {
    millis * 1_000_000
}

/// A container's status: its id, its state, when it was started and when it ended.
fn status(id: &str, state: i32, started: i64, finished: i64) -> ContainerStatus {
    ContainerStatus {
        id: id.to_owned(),
        metadata: Some(ContainerMetadata { name: id.to_owned(), attempt: 0 }),
        state,
        created_at: nanos(10),
        started_at: nanos(started),
        finished_at: nanos(finished),
        exit_code: if state == EXITED { 3 } else { 0 },
        reason: if state == EXITED { "Error".to_owned() } else { String::new() },
    }
}

fn event(kind: i32, id: &str, made: i64, containers: Vec<ContainerStatus>) -> Told {
    let metadata = SandboxMetadata { name: "web".to_owned(), namespace: "shop".to_owned(), ..Default::default() };
    let sandbox = Sandbox { id: "s".to_owned(), metadata: Some(metadata), state: 0, created_at: nanos(5) };
    let event = ContainerEvent {
        container_id: id.to_owned(),
        kind,
        created_at: nanos(made),
        sandbox: Some(sandbox),
        containers,
    };
    Told::taken(event, Of::Containers, |time| at(time / 1_000_000)).unwrap()
}

fn listed(id: &str, state: i32) -> Shown {
    let shown = event(CREATED, id, 0, vec![status(id, state, 0, 0)]).own.unwrap();
    Shown { end: None, ..shown }
}

pub(super) fn machine(of: Of, listed: Vec<Shown>) -> Machine {
    let mut machine = Machine::new(of, Lines::new(0, 0, at(0)));
    machine.attach(listed, None, &"CriContainer".into(), (at(100), nanos(100)));
    machine
}

/// The lines that are due, in words.
pub(super) fn words(machine: &mut Machine) -> Vec<String> {
    let word = |line| match line {
        Payload::Raw(raw) => {
            let event: CriEvent = serde_json::from_str(raw.event.get()).unwrap();
            let did = serde_json::to_string(&event.did).unwrap().replace('"', "");
            let state = serde_json::to_string(&event.state).unwrap().replace('"', "");
            let exit = event.exit_code.map(|code| format!("({code})")).unwrap_or_default();
            let since = raw.not_before.as_millisecond();
            format!("{}{} {did}: {state}{exit} since {since}", if raw.listed { "listed " } else { "" }, raw.name)
        }
        Payload::Undecodable(unseen) => format!("gap of {}: {}", unseen.uid.unwrap(), unseen.error),
        Payload::Gap(gap) => format!("gap since {}: {}", gap.from.as_millisecond(), gap.unhealed),
        Payload::Attached(attached) => format!("attached {}", attached.not_before.unwrap().as_millisecond()),
        Payload::Fence(fence) if fence.whole => "whole".to_owned(),
        Payload::Fence(fence) => format!("missing {}", fence.missing),
        other => panic!("{other:?}"),
    };
    machine.lines.take().into_iter().map(word).collect()
}

fn now(millis: u64) -> Duration {
    Duration::from_millis(millis)
}

/// Tells events one after another, a hundred milliseconds apart.
fn told(listed: Vec<Shown>, events: Vec<Told>) -> (Machine, Vec<String>) {
    let mut machine = machine(Of::Containers, listed);
    words(&mut machine);
    events.into_iter().zip(2..).for_each(|(event, tenths)| machine.told(event, now(tenths * 100)));
    let words = words(&mut machine);
    (machine, words)
}

#[test]
fn a_life_is_told_by_its_events() {
    let (mut machine, words) = told(
        Vec::new(),
        vec![
            event(CREATED, "a", 210, vec![status("a", 0, 0, 0)]),
            event(STARTED, "a", 310, vec![status("a", 1, 305, 0)]),
            event(STOPPED, "a", 410, vec![status("a", 2, 305, 405)]),
            event(DELETED, "a", 510, vec![]),
        ],
    );
    assert_eq!(
        words,
        [
            "web.a.0 CREATED: created since 10",
            "web.a.0 STARTED: running since 100",
            "web.a.0 STOPPED: exited(3) since 100",
            "web.a.0 DELETED: removed since 100",
        ]
    );
    assert!(!machine.is_in_doubt());
    machine.fence();
    assert_eq!(super::machine::words(&mut machine), ["whole"]);
}

#[test]
fn an_end_that_overtakes_its_start_is_told_after_it() {
    let (mut machine, words) = told(
        Vec::new(),
        vec![
            event(CREATED, "a", 210, vec![status("a", 0, 0, 0)]),
            event(STOPPED, "a", 410, vec![status("a", 2, 305, 405)]),
            event(STARTED, "a", 411, vec![status("a", 2, 305, 405)]),
        ],
    );
    assert_eq!(words[1..], ["web.a.0 STATUS: running since 100", "web.a.0 STOPPED: exited(3) since 100"]);
    machine.fence();
    assert_eq!(super::machine::words(&mut machine), ["whole"]);
}

#[test]
fn what_is_older_than_the_list_says_nothing() {
    let (machine, words) = told(
        vec![listed("a", 1)],
        vec![
            event(CREATED, "gone", 20, vec![status("gone", 0, 0, 0)]),
            event(CREATED, "a", 30, vec![status("a", 0, 0, 0), status("gone", 1, 25, 0)]),
            event(DELETED, "gone", 40, vec![status("a", 0, 0, 0)]),
            event(STARTED, "a", 50, vec![status("a", 1, 45, 0)]),
        ],
    );
    assert_eq!((words, machine.is_in_doubt()), (vec![], false));
}

#[test]
fn a_state_without_an_event_of_its_own_is_a_gap_after_it_was_waited_for() {
    let failed = || ContainerStatus { exit_code: 128, reason: "StartError".to_owned(), ..status("bad", 2, 0, 250) };
    let (mut machine, words) = told(
        vec![listed("a", 1), listed("bad", 0)],
        vec![event(STOPPED, "a", 310, vec![status("a", 2, 50, 305), failed()])],
    );
    assert_eq!(words, ["web.a.0 STOPPED: exited(3) since 100"]);
    let waited = now(200) + SETTLE;
    assert_eq!(machine.due(waited.saturating_sub(now(1))), Vec::<&str>::new());
    assert_eq!(machine.due(waited), ["bad"]);
    machine.settle(&machine.due(waited), Vec::new());
    assert_eq!(
        super::machine::words(&mut machine),
        ["gap of bad: no event told this state: it was read from a status", "web.bad.0 STATUS: exited(128) since 100"]
    );
    // An event that comes after all tells nothing more.
    machine.told(event(STOPPED, "bad", 400, vec![failed()]), waited);
    assert_eq!((super::machine::words(&mut machine), machine.is_in_doubt()), (vec![], false));
}

#[test]
fn a_state_whose_own_event_comes_later_is_told_by_it() {
    let both = || vec![status("a", 2, 50, 305), status("b", 2, 50, 306)];
    let (machine, words) = told(
        vec![listed("a", 1), listed("b", 1)],
        vec![event(STOPPED, "a", 310, both()), event(STOPPED, "b", 311, both())],
    );
    assert_eq!(words, ["web.a.0 STOPPED: exited(3) since 100", "web.b.0 STOPPED: exited(3) since 100"]);
    assert!(!machine.is_in_doubt());
}

#[test]
fn a_removal_that_overtakes_the_end_waits_for_it_and_without_it_is_after_a_gap() {
    let stopped = || event(STOPPED, "a", 320, vec![]);
    let (machine, words) = told(vec![listed("a", 1)], vec![event(DELETED, "a", 310, vec![]), stopped()]);
    assert_eq!(words, ["web.a.0 STOPPED: exited since 100", "web.a.0 DELETED: removed since 100"]);
    assert!(!machine.is_in_doubt());

    let (mut machine, words) = told(vec![listed("a", 0)], vec![event(DELETED, "a", 310, vec![])]);
    assert_eq!((words, machine.due(now(200) + SETTLE)), (vec![], vec!["a".into()]));
    machine.settle(&["a".into()], Vec::new());
    machine.told(stopped(), now(2000));
    assert_eq!(
        super::machine::words(&mut machine),
        [
            "gap of a: it was removed, and no event told how it ended, or that it never ran",
            "web.a.0 DELETED: removed since 100",
        ]
    );
}

#[test]
fn lists_prove_up_to_the_one_before_and_nothing_while_they_show_more_than_was_told() {
    let mut machine = machine(Of::Containers, vec![listed("a", 0)]);
    words(&mut machine);
    machine.look(vec![listed("a", 0)], at(600), now(600));
    machine.prove();
    assert_eq!(machine.lines.not_before(), at(100));
    machine.look(vec![listed("a", 1)], at(1100), now(1100));
    machine.prove();
    assert_eq!(machine.lines.not_before(), at(100), "a start is on its way");
    machine.told(event(STARTED, "a", 1105, vec![status("a", 1, 1090, 0)]), now(1150));
    machine.look(vec![listed("a", 1)], at(1200), now(1200));
    machine.prove();
    assert_eq!(machine.lines.not_before(), at(1100));
    // What comes later than it should says itself when it happened.
    machine.told(event(STOPPED, "a", 905, vec![status("a", 2, 850, 900)]), now(1250));
    assert_eq!(words(&mut machine), ["web.a.0 STARTED: running since 100", "web.a.0 STOPPED: exited(3) since 900"]);
}

#[test]
fn what_only_lists_show_is_a_gap() {
    let mut machine = machine(Of::Containers, vec![listed("a", 2)]);
    words(&mut machine);
    machine.look(vec![listed("new", 1)], at(600), now(600));
    let due = machine.due(now(600) + SETTLE);
    assert_eq!(due, ["a", "new"]);
    machine.fence();
    machine.settle(&due, vec![listed("new", 1)]);
    machine.fence();
    assert_eq!(
        words(&mut machine),
        [
            "missing web.a.0, web.new.0",
            "gap of a: no event told this state: it was read from a status",
            "web.a.0 FOUND: removed since 100",
            "gap of new: no event told that it was created",
            "web.new.0 STATUS: running since 100",
            "whole",
        ]
    );
    machine.look(vec![listed("new", 1), listed("brief", 0)], at(2000), now(2000));
    machine.look(vec![listed("new", 1)], at(2100), now(2100));
    assert_eq!(words(&mut machine), Vec::<String>::new(), "its events may be on their way");
    let due = machine.due(now(2000) + SETTLE);
    machine.settle(&due, Vec::new());
    assert_eq!(words(&mut machine), ["gap of brief: no event told that it was created"]);
}

#[test]
fn after_a_loss_there_is_a_gap_and_then_what_a_list_shows() {
    let mut machine = machine(Of::Containers, vec![listed("a", 0), listed("b", 1)]);
    words(&mut machine);
    machine.attach(vec![listed("b", 2)], Some((at(90), "lost")), &"CriContainer".into(), (at(900), nanos(900)));
    assert_eq!(words(&mut machine), ["gap since 90: lost", "listed web.b.0 FOUND: exited since 100", "attached 900"]);
    // What the runtime kept of the time between says nothing new.
    machine.told(event(DELETED, "a", 500, vec![]), now(950));
    machine.told(event(STOPPED, "b", 510, vec![status("b", 2, 50, 505)]), now(950));
    assert_eq!(words(&mut machine), Vec::<String>::new());
}

#[test]
fn two_that_are_there_at_once_have_names_of_their_own() {
    let (_, words) = told(
        Vec::new(),
        vec![
            event(
                CREATED,
                "0123456789abcdef",
                210,
                vec![ContainerStatus {
                    metadata: Some(ContainerMetadata { name: "app".to_owned(), attempt: 0 }),
                    ..status("0123456789abcdef", 0, 0, 0)
                }],
            ),
            event(
                CREATED,
                "fedcba9876543210",
                220,
                vec![ContainerStatus {
                    metadata: Some(ContainerMetadata { name: "app".to_owned(), attempt: 0 }),
                    ..status("fedcba9876543210", 0, 0, 0)
                }],
            ),
        ],
    );
    assert_eq!(words, ["web.app.0 CREATED: created since 10", "web.app.0.fedcba987654 CREATED: created since 10"]);
}
