//! Events that Podman logs of failed attempts, too: told where they are proven, and a gap where they are not.

use super::super::machine::{Machine, Sort};
use super::super::message::Event;
use super::super::message::Look;
use super::{attach, container, event, listed, machine, reading, told};
use serde_json::json;

/// A machine that found a container in a state.
fn with(state: &str) -> Machine {
    let mut machine = machine(Sort::Container);
    attach(&mut machine, &[], &listed(json!([{"Id": "c", "Names": ["web"], "State": state}])));
    machine
}

/// Takes an event: `saw` is what a look showed that counts.
fn take(machine: &mut Machine, event: &Event, rest: &[Event], saw: Option<&str>) {
    let look = if machine.needs_look(event, rest) { Look::Saw(saw.map(Into::into)) } else { Look::Spared };
    machine.take(event, look, reading()).unwrap();
}

fn web(machine: &mut Machine) -> String {
    told(machine, Sort::Container)["web"].clone()
}

#[test]
fn a_pause_that_failed_is_not_told() {
    let pause = container("pause", "c", 5);
    for (saw, words) in [
        (Some("paused"), "[running] paused"),
        (Some("running"), "[running] GAP running"),
        (Some("exited"), "[running] GAP exited"),
        // Nothing was seen that counts: what it is like, the next event says.
        (None, "[running] GAP"),
    ] {
        let mut machine = with("running");
        assert!(machine.needs_look(&pause, &[]));
        take(&mut machine, &pause, &[], saw);
        assert_eq!(web(&mut machine), words, "{saw:?}");
    }
}

#[test]
fn an_attempt_is_proven_by_the_next_event_if_that_undoes_it() {
    let (pause, unpause) = (container("pause", "c", 5), container("unpause", "c", 6));
    let machine = with("running");
    for between in [container("exec", "other", 6), container("sync", "c", 6)] {
        assert!(!machine.needs_look(&pause, &[between, unpause.clone()]));
    }
    for between in [container("pause", "c", 6), container("exec", "c", 6)] {
        assert!(machine.needs_look(&pause, &[between, container("unpause", "c", 7)]));
    }
    assert!(machine.needs_look(&unpause, &[container("pause", "other", 7)]));
    assert!(!machine.needs_look(&unpause, &[container("pause", "c", 7)]));
    assert!(!machine.needs_look(&event("pod", "pause", "c", "", 7), &[]));
}

#[test]
fn a_state_is_not_known_after_an_attempt_that_later_events_hide() {
    let mut machine = with("paused");
    let later = [container("kill", "c", 6), container("died", "c", 7), container("start", "c", 8)];
    take(&mut machine, &container("unpause", "c", 5), &later, None);
    // It leaves the container as it was, which is not known.
    assert!(machine.needs_look(&later[0], &later[1..]));
    take(&mut machine, &later[0], &later[1..], None);
    take(&mut machine, &later[1], &later[2..], None);
    take(&mut machine, &later[2], &[], None);
    assert_eq!(web(&mut machine), "[paused] GAP exited(0) running");
    // The last event shows what a look showed.
    let mut machine = with("running");
    let exec = container("exec", "c", 6);
    take(&mut machine, &container("pause", "c", 5), std::slice::from_ref(&exec), None);
    take(&mut machine, &exec, &[], Some("paused"));
    assert!(!machine.needs_look(&container("exec", "c", 7), &[]), "it is known again");
    assert_eq!(web(&mut machine), "[running] GAP paused");
}

#[test]
fn a_container_is_restored_only_where_it_can_be_and_runs_afterwards() {
    let restore = container("restore", "c", 5);
    for (before, saw, words) in [
        ("exited", Some("running"), "[exited(0)] restored"),
        ("exited", Some("exited"), "[exited(0)] GAP exited"),
        ("exited", None, "[exited(0)] GAP"),
        ("created", Some("created"), "[created] GAP created"),
        ("created", Some("running"), "[created] GAP running"),
        // Podman refuses it, whatever is seen.
        ("running", Some("running"), "[running]"),
        ("paused", Some("paused"), "[paused]"),
    ] {
        let mut machine = machine(Sort::Container);
        let found = json!([{"Id": "c", "Names": ["web"], "State": before, "ExitCode": 0}]);
        attach(&mut machine, &[], &listed(found));
        take(&mut machine, &restore, &[], saw);
        let told = web(&mut machine);
        assert_eq!(told.replace("GAP exited(0)", "GAP exited"), words, "{before} {saw:?}");
    }
}

#[test]
fn a_container_that_was_checkpointed_is_restored_only_if_it_was_not_left_running() {
    for (left, saw, words) in [
        (Some("exited"), "running", "[running] checkpointed restored"),
        (Some("exited"), "exited", "[running] checkpointed GAP exited"),
        (Some("running"), "running", "[running] checkpointed"),
        (None, "running", "[running] checkpointed GAP running"),
    ] {
        let mut machine = with("running");
        let checkpoint = container("checkpoint", "c", 4);
        assert!(machine.needs_look(&checkpoint, &[]));
        take(&mut machine, &checkpoint, &[], left);
        take(&mut machine, &container("restore", "c", 5), &[], Some(saw));
        assert_eq!(web(&mut machine), words, "{left:?} {saw}");
    }
}

#[test]
fn what_was_said_while_it_was_listed_leaves_a_state_that_is_not_known() {
    let log = [container("start", "c", 1), container("died", "c", 2)];
    let found = listed(json!([{"Id": "c", "Names": ["web"], "State": "running"}]));
    let mut machine = machine(Sort::Container);
    let now = jiff::Timestamp::UNIX_EPOCH;
    machine.attach((&log[..1], &log), &found, None, &"kind".into(), (now, now));
    let cleanup = container("cleanup", "c", 3);
    assert!(machine.needs_look(&cleanup, &[]));
    take(&mut machine, &cleanup, &[], Some("exited"));
    assert_eq!(web(&mut machine), "[running] GAP exited");
}

#[test]
fn a_container_that_was_initialized_is_cleaned_up_to_what_a_look_shows() {
    for (saw, words) in [
        (Some("created"), "created initialized created initialized"),
        (Some("initialized"), "created initialized GAP initialized"),
        (None, "created initialized GAP initialized"),
    ] {
        let mut machine = machine(Sort::Container);
        attach(&mut machine, &[], &[]);
        for (action, time) in [("create", 1), ("init", 2)] {
            take(&mut machine, &container(action, "c", time), &[], None);
        }
        let cleanup = container("cleanup", "c", 3);
        assert!(machine.needs_look(&cleanup, &[]));
        take(&mut machine, &cleanup, &[], saw);
        take(&mut machine, &container("init", "c", 4), &[], None);
        assert_eq!(told(&mut machine, Sort::Container)["name-c"], words, "{saw:?}");
    }
    // After the end of a container, it leaves it as it was.
    let machine = with("exited");
    assert!(!machine.needs_look(&container("cleanup", "c", 3), &[]));
}
