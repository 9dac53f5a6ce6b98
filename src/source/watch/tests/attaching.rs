//! The first list, and recorders that resume an earlier one.

use super::super::super::heal::{Answer, Recovery, Unknown};
use super::*;
use crate::observation::GapReason;

#[test]
fn a_list_is_recorded_and_the_stream_is_opened_after_its_version() {
    let mut hand = Hand::new();
    assert_eq!(hand.step(Input::Started), ["-> list"]);
    assert_eq!(hand.step(listed("5", &[("a", "2"), ("b", "4")])), ["-> watch 5"]);
    // It is attached only once the stream is open.
    assert_eq!(hand.step(Input::Opened(Ok(()))), ["Listed a@2", "Listed b@4", "attached 5"]);
    assert_eq!(hand.receive(&event("MODIFIED", "a", "6")), ["Modified a@6"]);
}

#[test]
fn a_first_list_that_was_refused_at_first_is_no_reconnect() {
    let mut hand = Hand::new();
    hand.step(Input::Started);
    assert_eq!(hand.step(Input::Listed(Err(busy(None)))), ["-> renew"]);
    assert_eq!(hand.wait().1, ["-> list"]);
    assert_eq!(hand.step(listed("5", &[])), ["-> watch 5"]);
    assert_eq!(hand.step(Input::Opened(Ok(()))), ["attached 5"]);
}

#[test]
fn a_resumed_watch_continues_from_the_recorded_version_without_a_list() {
    let lines = vec![seen(Change::Listed, "a", "2"), attached("5"), seen(Change::Modified, "a", "13")];
    let mut hand = Hand::with(pods(), config(), resume(lines));
    // The storage is recognized by the newest version.
    assert_eq!(hand.step(Input::Started), ["-> watch 12"]);
    assert_eq!(hand.step(Input::Opened(Ok(()))), ["reconnected 13: the recorder was stopped", "-> head"]);
    assert!(hand.receive(&event("MODIFIED", "a", "13")).is_empty());
    assert_eq!(hand.receive(&event("MODIFIED", "a", "14")), ["Modified a@14 late"]);
}

#[test]
fn a_resumed_watch_does_not_go_back_to_an_older_bookmark() {
    let older = Payload::Bookmark { watch: 0, resource_version: version("5") };
    let lines = vec![attached("5"), seen(Change::Added, "a", "13"), older];
    let mut hand = Hand::with(pods(), config(), resume(lines));
    assert_eq!(hand.step(Input::Started), ["-> watch 12"]);
}

#[test]
fn a_recorder_that_ended_in_a_first_list_reads_it_again_and_what_is_as_it_was_is_no_gap() {
    let mut hand = Hand::with(pods(), config(), resume(vec![seen(Change::Listed, "a", "2")]));
    assert_eq!(hand.step(Input::Started), ["-> list"]);
    assert_eq!(hand.step(listed("6", &[("a", "2"), ("b", "4")])), ["-> watch 6"]);
    assert_eq!(hand.step(Input::Opened(Ok(()))), ["Unchanged a@2", "Listed b@4", "attached 6"]);
    // A change is a gap.
    let mut hand = Hand::with(pods(), config(), resume(vec![seen(Change::Listed, "a", "2")]));
    hand.step(Input::Started);
    hand.step(listed("6", &[]));
    assert_eq!(hand.step(Input::Opened(Ok(())))[0], "gap 2..6 HistoryExpired");
}

#[test]
fn a_past_that_was_not_completely_recorded_is_requested_again() {
    let past = |version: Option<&str>| {
        Payload::Past(crate::observation::Past {
            watch: 0,
            since: Timestamp::UNIX_EPOCH - 300 * SECOND,
            resource_version: version.map(ResourceVersion::new),
            dated: None,
            clock: "".into(),
            ahead_micros: None,
            leases: Vec::new(),
            missing: String::new(),
        })
    };
    let goes_on = |lines| {
        let resume = resume(lines);
        let (healing, past) = (Healing::default(), resume.asked(Past::Unseen));
        let mut hand = Hand::with(pods(), Config { healing, past, ..config() }, resume);
        let first = hand.step(Input::Started);
        (hand, first)
    };
    // Nothing was recorded: all of it is read.
    let (mut hand, first) = goes_on(vec![past(Some("3"))]);
    assert_eq!(first, ["-> list"]);
    assert_eq!(hand.step(listed("9", &[("a", "8")])), ["-> watch 9"]);
    assert_eq!(hand.step(Input::Opened(Ok(()))), ["-> history ..9"]);
    // Some of the objects were recorded: the others are lost since that time.
    let mut then = seen(Change::Listed, "a", "2");
    if let Payload::Object(seen) = &mut then {
        seen.healed = true;
    }
    let (mut hand, first) = goes_on(vec![past(Some("3")), then.clone()]);
    assert_eq!(first, ["-> list"]);
    hand.step(listed("9", &[("a", "2")]));
    let now = Now { stamp: stamp(hand.at), monotonic: hand.at };
    let lines = hand.machine.step(now, Input::Opened(Ok(()))).into_iter().find_map(|action| match action {
        Action::Send(lines) => Some(lines),
        _ => None,
    });
    let lines = lines.expect("lines");
    let Payload::Gap(gap) = &lines[0].payload else { panic!("{lines:?}") };
    assert_eq!((gap.from, gap.to_resource_version.as_str()), (Timestamp::UNIX_EPOCH - 300 * SECOND, "9"));
    // All were recorded: the stream continues from there.
    let (_, first) = goes_on(vec![past(Some("3")), then, attached("3")]);
    assert_eq!(first, ["-> watch 1"]);
}

#[test]
fn a_recorder_that_ended_in_a_list_after_a_gap_reads_it_again() {
    let gap = Payload::Gap(Gap {
        watch: 0,
        from_resource_version: version("5"),
        to_resource_version: version("9"),
        from: Timestamp::UNIX_EPOCH,
        to: Timestamp::UNIX_EPOCH,
        reason: GapReason::Undecodable,
        unhealed: String::new(),
    });
    let lines = vec![seen(Change::Listed, "a", "2"), seen(Change::Listed, "b", "3"), attached("5"), gap];
    let mut hand = Hand::with(pods(), config(), resume(lines));
    assert_eq!(hand.step(Input::Started), ["-> list"]);
    assert_eq!(hand.step(listed("9", &[("a", "2")])), ["-> watch 9"]);
    assert_eq!(hand.step(Input::Opened(Ok(()))), ["gap 5..9 Undecodable", "Unchanged a@2", "attached 9"]);
}

#[test]
fn what_came_while_no_recorder_asked_for_a_kind_that_was_not_served_is_read_back() {
    let resume = resume(vec![Payload::NotServed { watch: 0 }]);
    assert_eq!(resume.asked(Past::Beginnings), Past::Since(Timestamp::UNIX_EPOCH));
    let mut hand = Hand::with(pods(), Config { past: resume.asked(Past::Beginnings), ..config() }, resume);
    assert_eq!(hand.step(Input::Started), ["-> list"]);
    assert_eq!(hand.step(listed("5", &[("a", "5")])), ["-> watch 5"]);
    assert_eq!(hand.step(Input::Opened(Ok(()))), ["-> history ..5"]);
}

#[test]
fn permanent_errors_fail_before_the_attachment_and_are_waited_out_after_it() {
    let mut hand = Hand::new();
    hand.step(Input::Started);
    assert_eq!(hand.step(Input::Listed(Err(forbidden()))), ["fail"]);
    let mut hand = Hand::following();
    hand.closed();
    hand.wait();
    assert_eq!(hand.step(Input::Opened(Err(forbidden()))), ["-> renew"]);
    assert_eq!(hand.wait().1, ["-> watch 1"]);
}

#[test]
fn a_first_attachment_is_tried_as_long_as_a_request_may_take() {
    let mut hand = Hand::new();
    hand.step(Input::Started);
    hand.at = 29 * SECOND;
    assert_eq!(hand.step(Input::Listed(Err(busy(None)))), ["-> renew"]);
    hand.wait();
    hand.at = 31 * SECOND;
    assert_eq!(hand.step(Input::Listed(Err(busy(None)))), ["fail"]);
}

#[test]
fn a_kind_that_is_not_served_is_recorded_once_and_waited_for() {
    let mut hand = Hand::new();
    hand.step(Input::Started);
    assert_eq!(hand.step(Input::Listed(Err(RequestError::NotServed))), ["not served"]);
    for _ in 0..3 {
        assert_eq!(hand.wait(), (SECOND, vec!["-> list".to_owned()]));
        assert!(hand.step(Input::Listed(Err(RequestError::NotServed))).is_empty());
    }
    hand.wait();
    // What was created and deleted since then must be read back.
    assert_eq!(hand.step(listed("5", &[("a", "5")])), ["-> history ..5", "-> watch 5"]);
    let actions = hand.step(Input::HistoryRead(Answer::Loss(Recovery::none(Unknown::Forgotten))));
    assert_eq!(actions[1..], ["Listed a@5", "attached 5"]);
    assert!(actions[0].starts_with("Past("), "{actions:?}");
    hand.step(Input::Opened(Ok(())));
    // It is withdrawn and served again with its history: nothing is lost.
    hand.closed();
    hand.wait();
    assert_eq!(hand.step(Input::Opened(Err(RequestError::NotServed))), ["not served"]);
    assert_eq!(hand.wait().1, ["-> watch 4"]);
    assert_eq!(hand.step(Input::Opened(Ok(()))), ["reconnected 5: the server closed the stream", "-> head"]);
}

#[test]
fn a_watch_that_may_list_but_not_watch_is_not_attached() {
    let mut hand = Hand::new();
    hand.step(Input::Started);
    assert_eq!(hand.step(listed("5", &[("a", "2")])), ["-> watch 5"]);
    assert_eq!(hand.step(Input::Opened(Err(forbidden()))), ["fail"]);
}

#[test]
fn a_first_stream_that_is_refused_for_a_while_is_asked_for_with_a_new_list_until_the_time_is_over() {
    let mut hand = Hand::new();
    hand.step(Input::Started);
    hand.step(listed("5", &[]));
    assert_eq!(hand.step(Input::Opened(Err(busy(None)))), ["-> renew"]);
    assert_eq!(hand.wait().1, ["-> list"]);
    hand.at += 30 * SECOND;
    hand.step(listed("6", &[]));
    assert_eq!(hand.step(Input::Opened(Err(busy(None)))), ["fail"]);
}

#[test]
fn beginnings_delay_the_attachment_by_a_second_and_are_not_read_of_many_objects() {
    let config = Config { healing: Healing::default(), past: Past::Beginnings, ..config() };
    let mut hand = Hand::with(pods(), config, Resume::default());
    hand.step(Input::Started);
    assert_eq!(hand.step(listed("5", &[("a", "2"), ("b", "4")])), ["-> watch 5"]);
    assert_eq!(hand.step(Input::Opened(Ok(()))), ["-> beginnings of 2"]);
    assert_eq!(hand.wait(), (SECOND, vec!["-> stop history".to_owned()]));
    let mut hand = Hand::with(pods(), config, Resume::default());
    hand.step(Input::Started);
    let names: Vec<String> = (0..1000).map(|number| format!("pod-{number}")).collect();
    let many: Vec<(&str, &str)> = names.iter().map(|name| (name.as_str(), "2")).collect();
    hand.step(listed("5", &many));
    let actions = hand.step(Input::Opened(Ok(())));
    assert_eq!((actions.len(), actions.last().map(String::as_str)), (1001, Some("attached 5")));
}

#[test]
fn a_list_that_took_long_proves_nothing_later_than_the_moment_at_which_it_was_asked_for() {
    let mut hand = Hand::new();
    hand.at = SECOND;
    hand.step(Input::Started);
    hand.at = 4 * SECOND;
    let mut slow = pages("5", &[("a", "2")]);
    (slow.items[0].0, slow.took) = (stamp(hand.at), 3 * SECOND);
    hand.step(Input::Listed(Ok(slow)));
    let now = Now { stamp: stamp(hand.at), monotonic: hand.at };
    let actions = hand.machine.step(now, Input::Opened(Ok(())));
    let recorded = actions.iter().find_map(|action| match action {
        Action::Send(lines) => lines.iter().find_map(|line| match &line.payload {
            Payload::Attached(attached) => Some((line.stamp.at, attached.not_before)),
            _ => None,
        }),
        _ => None,
    });
    assert_eq!(recorded, Some((stamp(4 * SECOND).at, Some(stamp(SECOND).at))));
    assert_eq!(hand.machine.recorded.alive(), stamp(SECOND).at);
    // One that came at once was so when it came.
    let mut hand = Hand::new();
    hand.follow();
    assert_eq!(hand.machine.recorded.alive(), stamp(Duration::ZERO).at);
}
