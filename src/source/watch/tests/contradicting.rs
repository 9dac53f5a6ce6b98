//! Contradictions: they are never ignored, and the recording is then not whole.

use super::super::super::heal::{Answer, Event, Found, Recovery, Seen, Span, Unknown};
use super::*;
use crate::observation::GapReason;

/// A machine that follows again after an interruption.
fn reconnected() -> Hand {
    let mut hand = Hand::following();
    hand.receive(&event("MODIFIED", "a", "9"));
    hand.closed();
    hand.wait();
    hand.step(Input::Opened(Ok(())));
    hand
}

/// The gap that follows a contradiction, after a list with `a` at 9.
fn gap_after(hand: &mut Hand) -> String {
    assert_eq!(hand.wait().1, ["-> list"]);
    hand.step(listed("20", &[("a", "9")]))[0].clone()
}

#[test]
fn deletions_that_share_a_version_are_all_recorded_and_none_twice() {
    let mut hand = Hand::following();
    let added = event("ADDED", "b", "6") + &event("ADDED", "c", "7") + &event("ADDED", "d", "8");
    hand.receive(&added);
    // A lease expires: etcd deletes its objects in one revision.
    let deleted = event("DELETED", "b", "9") + &event("DELETED", "c", "9");
    assert_eq!(hand.receive(&deleted), ["Deleted b@9", "Deleted c@9"]);
    hand.closed();
    // More of them may come.
    assert_eq!(hand.wait().1, ["-> watch 8"]);
    assert_eq!(hand.step(Input::Opened(Ok(())))[0], "reconnected 8: the server closed the stream");
    let again = deleted + &event("DELETED", "d", "9") + &event("MODIFIED", "a", "10");
    assert_eq!(hand.receive(&again), ["Deleted d@9 late", "Modified a@10 late"]);
    hand.closed();
    assert_eq!(hand.wait().1, ["-> watch 10"]);
}

#[test]
fn a_stream_that_is_cut_off_after_every_event_is_taken_up_from_before_a_deletion_only_once() {
    let mut hand = Hand::following();
    hand.receive(&(event("MODIFIED", "a", "6") + &event("DELETED", "a", "7")));
    hand.closed();
    assert_eq!(hand.wait().1, ["-> watch 6"]);
    hand.step(Input::Opened(Ok(())));
    assert!(hand.receive(&event("DELETED", "a", "7")).is_empty());
    hand.closed();
    assert_eq!(hand.wait().1, ["-> watch 6"]);
    hand.step(Input::Opened(Ok(())));
    assert!(hand.receive(&event("DELETED", "a", "7")).is_empty());
    hand.closed();
    assert_eq!(hand.wait().1, ["-> watch 7"]);
    assert_eq!(hand.step(Input::Opened(Ok(())))[0], "reconnected 7: the server closed the stream");
}

#[test]
fn a_resumed_recorder_takes_up_deletions_that_share_the_last_version() {
    let listed = ["b", "c"].map(|name| seen(Change::Listed, name, "3"));
    let left =
        listed.into_iter().chain([attached("5"), seen(Change::Modified, "b", "7"), seen(Change::Deleted, "b", "9")]);
    let mut hand = Hand::with(pods(), config(), resume(left.collect()));
    assert_eq!(hand.step(Input::Started), ["-> watch 8"]);
    assert_eq!(hand.step(Input::Opened(Ok(())))[0], "reconnected 7: the recorder was stopped");
    let deleted = event("DELETED", "b", "9") + &event("DELETED", "c", "9");
    assert_eq!(hand.receive(&deleted), ["Deleted c@9 late"]);
}

#[test]
fn a_version_of_a_replaced_storage_is_no_event_that_is_sent_again() {
    let mut hand = Hand::following();
    hand.receive(&(event("MODIFIED", "a", "6") + &event("MODIFIED", "a", "9")));
    hand.receive(&error(410, "too old"));
    assert_eq!(hand.step(listed("5", &[("a", "4")]))[0], "gap 9..5 StorageReplaced");
    hand.step(Input::Opened(Ok(())));
    assert_eq!(hand.receive(&event("MODIFIED", "a", "6")), ["Modified a@6"]);
}

#[test]
fn an_event_that_is_older_than_what_was_delivered_is_a_gap_from_before_it() {
    let mut hand = Hand::following();
    hand.receive(&(event("ADDED", "b", "6") + &event("MODIFIED", "a", "9")));
    // Repeated, it is ignored.
    assert!(hand.receive(&event("ADDED", "b", "6")).is_empty());
    assert_eq!(hand.receive(&(event("MODIFIED", "b", "8") + &event("MODIFIED", "a", "10"))), ["-> close"]);
    assert_eq!(gap_after(&mut hand), "gap 6..20 Contradicted");
}

#[test]
fn an_event_behind_a_bookmark_is_a_gap() {
    let mut hand = Hand::following();
    hand.receive(&bookmark("8"));
    assert_eq!(hand.receive(&event("MODIFIED", "a", "7")), ["-> close"]);
    assert_eq!(gap_after(&mut hand), "gap 5..20 Contradicted");
}

#[test]
fn an_event_of_an_object_that_was_never_added_is_a_loss() {
    for change in ["MODIFIED", "DELETED"] {
        let mut hand = Hand::following();
        assert_eq!(hand.receive(&event(change, "new", "7")), ["-> close"]);
        assert_eq!(gap_after(&mut hand), "gap 5..20 Contradicted", "{change}");
    }
    // An object whose first version could not be decoded was added.
    let mut hand = Hand::following();
    let unread = event("ADDED", "b", "6").replace(r#""status""#, r#""spec":{"containers":7},"status""#);
    assert_eq!(hand.receive(&(unread + &event("MODIFIED", "b", "7"))), ["undecodable", "Modified b@7"]);
}

#[test]
fn a_lost_event_that_history_shows_is_no_gap() {
    let mut hand = Hand::healing();
    hand.step(Input::Started);
    hand.step(listed("5", &[("a", "2")]));
    hand.step(Input::Opened(Ok(())));
    hand.receive(&event("MODIFIED", "new", "7"));
    hand.wait();
    assert_eq!(hand.step(listed("9", &[("a", "2"), ("new", "7")])), ["-> watch 9"]);
    assert_eq!(hand.step(Input::Opened(Ok(()))), ["-> history 5..9"]);
    let event = |revision: u64, change| {
        let object = object("new", &revision.to_string());
        Event { revision, change, object, confirmed: false }
    };
    let events = vec![event(6, Change::Added), event(7, Change::Modified)];
    let found = Ok(Found { events, loose: Vec::new(), whole: Ok(()) });
    let actions = hand.step(Input::HistoryRead(Answer::Loss(Recovery { since: None, resumed: None, found })));
    assert_eq!(actions, ["Added new@6 healed", "Modified new@7 healed", "healed 5..9"]);
}

#[test]
fn a_creation_that_was_lost_before_other_events_is_healed_from_before_it() {
    let mut hand = Hand::healing();
    hand.follow();
    hand.at = SECOND;
    hand.receive(&event("MODIFIED", "a", "6"));
    hand.at = 2 * SECOND;
    let lines = event("MODIFIED", "a", "8") + &event("MODIFIED", "new", "9");
    assert_eq!(hand.receive(&lines), ["Modified a@8", "-> close"]);
    hand.wait();
    hand.step(listed("12", &[("a", "8"), ("new", "9")]));
    let now = Now { stamp: stamp(hand.at), monotonic: hand.at };
    let asked = hand.machine.step(now, Input::Opened(Ok(())));
    let [Action::ReadHistory(Question::Loss(span))] = &asked[..] else { panic!("{asked:?}") };
    // History may be read from any of the lines since the list.
    let points: Vec<(u64, bool)> = span.steps.iter().map(|step| (step.revision, step.seen.is_some())).collect();
    assert_eq!((span.from, &points[..]), (8, &[(5, false), (6, true), (8, true)][..]));
    assert_eq!(span.changed.iter().map(|object| object.name.as_str()).collect::<Vec<_>>(), ["a", "new"]);
    let event = |revision: u64, change| {
        let object = object("new", &revision.to_string());
        Event { revision, change, object, confirmed: false }
    };
    let events = vec![event(7, Change::Added), event(9, Change::Modified)];
    let found = Ok(Found { events, loose: Vec::new(), whole: Ok(()) });
    let recovery = Recovery { since: Some(6), resumed: None, found };
    let actions = hand.machine.step(now, Input::HistoryRead(Answer::Loss(recovery)));
    let lines: Vec<String> = actions.iter().flat_map(words).collect();
    assert_eq!(lines, ["Added new@7 healed", "Modified new@9 healed", "healed 6..12"]);
    let healed = actions.iter().find_map(|action| match action {
        Action::Send(lines) => lines.iter().find_map(|line| match &line.payload {
            Payload::Healed(healed) => Some((healed.from, healed.reason)),
            _ => None,
        }),
        _ => None,
    });
    assert_eq!(healed, Some((stamp(SECOND).at, GapReason::Contradicted)));
}

#[test]
fn what_was_lost_earlier_and_is_not_read_back_is_in_the_gap() {
    let mut hand = Hand::healing();
    hand.follow();
    hand.receive(&(event("MODIFIED", "a", "8") + &event("MODIFIED", "new", "9")));
    hand.wait();
    hand.step(listed("12", &[("a", "8"), ("new", "9")]));
    hand.step(Input::Opened(Ok(())));
    let lost = Unknown::LostBefore { name: "new".into(), revision: 8, why: Unknown::Spent.to_string() };
    let actions = hand.step(Input::HistoryRead(Answer::Loss(Recovery::none(lost))));
    assert_eq!(actions, ["gap 5..12 Contradicted", "Unchanged a@8", "Listed new@9", "attached 12"]);
}

/// A machine whose stream went back after these lines, and the span that history is asked for.
fn gone_back(lines: &str) -> (Hand, Span) {
    let mut hand = Hand::healing();
    hand.follow();
    assert!(hand.receive(lines).contains(&"-> close".to_owned()));
    hand.wait();
    hand.step(listed("20", &[("a", "9"), ("b", "8")]));
    let now = Now { stamp: stamp(hand.at), monotonic: hand.at };
    let asked = hand.machine.step(now, Input::Opened(Ok(())));
    let span = asked.into_iter().find_map(|action| match action {
        Action::ReadHistory(Question::Loss(span)) => Some(span),
        _ => None,
    });
    (hand, span.expect("history is asked"))
}

#[test]
fn an_event_that_goes_back_is_looked_for_in_history_from_before_it() {
    let lines = event("ADDED", "b", "6") + &event("MODIFIED", "a", "9") + &event("MODIFIED", "b", "8");
    let (mut hand, span) = gone_back(&lines);
    // Of the events after 6, `a` at 9 is known.
    let seen = Seen { uid: "a".into(), version: version("9"), is_deletion: false };
    assert_eq!((span.from, span.to, span.seen), (6, 20, Some(vec![seen])));
    assert_eq!(span.changed.iter().map(|object| object.name.as_str()).collect::<Vec<_>>(), ["a", "b"]);
    let lost = Event { revision: 8, change: Change::Modified, object: object("b", "8"), confirmed: false };
    let found = Ok(Found { events: vec![lost], loose: Vec::new(), whole: Ok(()) });
    let actions = hand.step(Input::HistoryRead(Answer::Loss(Recovery { since: None, resumed: None, found })));
    assert_eq!(actions, ["Modified b@8 healed", "healed 6..20"]);
    // A bookmark was too far ahead: nothing is known about what happened after 5.
    let (_, span) = gone_back(&(bookmark("9") + &event("MODIFIED", "a", "8")));
    assert_eq!((span.from, span.seen), (5, Some(Vec::new())));
}

#[test]
fn what_is_lost_of_a_resumed_recording_before_all_that_is_remembered_is_not_looked_for() {
    let lines = vec![seen(Change::Listed, "a", "2"), attached("5"), seen(Change::Modified, "a", "9")];
    let mut hand = Hand::with(pods(), Config { healing: Healing::default(), ..config() }, resume(lines));
    hand.step(Input::Started);
    hand.step(Input::Opened(Ok(())));
    assert!(hand.receive(&event("MODIFIED", "a", "9")).is_empty());
    assert_eq!(hand.receive(&event("ADDED", "b", "7")), ["-> close"]);
    hand.wait();
    hand.step(listed("20", &[("a", "9"), ("b", "7")]));
    let actions = hand.step(Input::Opened(Ok(())));
    assert_eq!(actions[..2], ["gap 5..20 Contradicted", "Unchanged a@9"]);
}

#[test]
fn a_list_within_what_may_be_lost_covers_more_than_its_events() {
    let mut hand = Hand::healing();
    hand.follow();
    hand.receive(&(event("ADDED", "b", "6") + &error(410, "too old")));
    hand.step(listed("10", &[("a", "2"), ("b", "6")]));
    hand.step(Input::Opened(Ok(())));
    hand.step(Input::HistoryRead(Answer::Loss(Recovery::none(Unknown::Forgotten))));
    let trail = &hand.machine.recorded.trail;
    assert_eq!((trail.after(&version("6")), trail.after(&version("10"))), (None, Some(Vec::new())));
}

#[test]
fn events_that_a_list_includes_are_not_recorded_again() {
    let mut hand = Hand::following();
    let past = event("ADDED", "gone", "3") + &event("DELETED", "gone", "4") + &event("MODIFIED", "a", "2");
    assert!(hand.receive(&past).is_empty());
    // But not what the list contradicts.
    assert_eq!(hand.receive(&event("MODIFIED", "a", "4")), ["-> close"]);
}

#[test]
fn a_resumed_stream_is_compared_with_a_list() {
    let mut hand = reconnected();
    assert_eq!(hand.step(Input::Head(Some(version("12")))), ["-> heads"]);
    assert!(hand.step(heads("12", &[("a", "9"), ("b", "11")])).is_empty());
    assert_eq!(hand.receive(&event("ADDED", "b", "11")), ["Added b@11 late"]);
    assert_eq!(hand.wait().0, Timeouts::default().idle, "nothing is awaited any more");
}

#[test]
fn a_restored_storage_whose_history_passed_ours_is_found_after_a_reconnect() {
    for head in ["9", "12"] {
        let mut hand = reconnected();
        hand.step(Input::Head(Some(version(head))));
        assert_eq!(hand.step(heads(head, &[("a", "7")])), ["-> close"], "head {head}");
        assert_eq!(hand.wait().1, ["-> list"]);
        let actions = hand.step(listed("12", &[("a", "7")]));
        assert_eq!(actions[..3], ["gap 9..12 StorageReplaced", "Listed a@7", "attached 12"]);
    }
    // What the new history delivered before that was detected is in the gap.
    let mut hand = reconnected();
    hand.step(Input::Head(Some(version("12"))));
    hand.receive(&event("ADDED", "d", "12"));
    hand.step(heads("12", &[("a", "7"), ("d", "12")]));
    hand.wait();
    assert_eq!(hand.step(listed("12", &[("a", "7"), ("d", "12")]))[0], "gap 9..12 StorageReplaced");
}

#[test]
fn a_list_after_a_loss_that_shows_an_older_version_than_was_recorded_is_a_storage_that_went_back() {
    let mut hand = Hand::following();
    hand.receive(&event("MODIFIED", "a", "9"));
    hand.receive(&error(410, "too old"));
    assert_eq!(hand.step(listed("12", &[("a", "7")]))[0], "gap 9..12 StorageReplaced");
}

#[test]
fn a_stream_that_is_silent_behind_a_list_is_a_gap() {
    let mut hand = reconnected();
    hand.step(Input::Head(Some(version("12"))));
    hand.step(heads("12", &[("a", "9"), ("b", "11")]));
    let overdue = Timeouts::default().overdue;
    assert_eq!(hand.wait(), (overdue, vec!["-> close".to_owned()]));
    assert_eq!(hand.wait().1, ["-> list"]);
    let actions = hand.step(listed("12", &[("a", "9"), ("b", "11")]));
    assert_eq!(actions[..4], ["gap 9..12 Contradicted", "Unchanged a@9", "Listed b@11", "attached 12"]);
}

#[test]
fn a_list_that_a_server_refuses_is_asked_for_again_before_a_stream_is_believed() {
    for (after, pause) in [(None, SECOND), (Some(7 * SECOND), 7 * SECOND), (Some(Duration::MAX), 60 * SECOND)] {
        let mut hand = reconnected();
        assert_eq!(hand.step(Input::Head(None)), ["-> heads"]);
        hand.step(Input::Heads(Err(busy(after))));
        assert_eq!(hand.wait(), (pause, vec!["-> heads".to_owned()]));
        hand.step(heads("12", &[("a", "9"), ("b", "11")]));
        assert_eq!(hand.wait().1, ["-> close"]);
    }
}

#[test]
fn a_server_that_answers_and_closes_at_once_is_silent_too() {
    let mut hand = reconnected();
    // The stream is closed before the list is answered.
    hand.closed();
    hand.step(Input::Head(Some(version("12"))));
    let begun = hand.at;
    hand.step(heads("12", &[("b", "11")]));
    hand.wait();
    hand.step(Input::Opened(Ok(())));
    let found = loop {
        hand.closed();
        hand.wait();
        let mut actions = hand.step(Input::Opened(Ok(())));
        actions.extend(hand.step(Input::Last(Ok(true))));
        if actions.contains(&"-> close".to_owned()) {
            break hand.at.saturating_sub(begun);
        }
        assert!(hand.at.saturating_sub(begun) < 20 * SECOND, "{actions:?}");
    };
    assert!(found >= Timeouts::default().overdue, "{found:?}");
}

#[test]
fn a_connection_that_breaks_repeatedly_is_not_silent() {
    let mut hand = reconnected();
    hand.step(Input::Head(Some(version("12"))));
    hand.step(heads("12", &[("a", "9"), ("b", "11")]));
    for _ in 0..6 {
        hand.step(Input::Broken("connection reset".to_owned()));
        hand.wait();
        let mut opened = hand.opens();
        opened.extend(hand.step(Input::Last(Ok(true))));
        assert!(!opened.contains(&"-> close".to_owned()), "{opened:?}");
    }
    let lines = event("MODIFIED", "a", "9") + &event("ADDED", "b", "11");
    assert_eq!(hand.receive(&lines), ["Added b@11 late"]);
}

#[test]
fn a_stream_that_was_read_beyond_a_list_and_did_not_deliver_what_it_shows_is_a_gap() {
    let mut hand = reconnected();
    hand.step(Input::Head(Some(version("12"))));
    hand.step(heads("12", &[("a", "9"), ("b", "11")]));
    assert_eq!(hand.receive(&event("MODIFIED", "a", "13")), ["Modified a@13", "-> close"]);
}

#[test]
fn the_warning_about_versions_that_are_not_numbers_comes_once() {
    let warned = |hand: &mut Hand, text: String| {
        let now = Now { stamp: stamp(hand.at), monotonic: hand.at };
        let (stamp, bytes) = (now.stamp, text.into());
        let actions = hand.machine.step(now, Input::Received { stamp, bytes });
        let warned = actions.into_iter().filter_map(|action| match action {
            Action::Warn(words) => Some(words),
            _ => None,
        });
        warned.collect::<Vec<_>>()
    };
    let mut hand = Hand::following();
    assert!(warned(&mut hand, event("MODIFIED", "a", "6")).is_empty());
    let actions = warned(&mut hand, event("MODIFIED", "a", "eyJh"));
    assert!(
        actions.len() == 1 && actions[0].contains("`eyJh`") && actions[0].contains("the end is proven only"),
        "{actions:?}"
    );
    assert!(warned(&mut hand, event("MODIFIED", "a", "eyJi")).is_empty());
}

#[test]
fn versions_that_are_not_numbers_are_recorded_in_the_order_of_the_stream() {
    let mut hand = Hand::following();
    let lines = event("MODIFIED", "a", "zz") + &event("MODIFIED", "a", "bb") + &event("MODIFIED", "a", "aa");
    assert_eq!(hand.receive(&lines), ["Modified a@zz", "Modified a@bb", "Modified a@aa"]);
    hand.closed();
    assert_eq!(hand.wait().1, ["-> watch aa"]);
}

#[test]
fn what_was_passed_over_before_the_stream_was_left_is_lost_since_before_it_was() {
    let mut hand = Hand::following();
    hand.at = SECOND;
    hand.receive(&event("ADDED", "b", "6"));
    hand.at = 3 * SECOND;
    // `a` was written at 7, and nobody said so.
    hand.receive(&bookmark("8"));
    hand.closed();
    hand.wait();
    hand.step(Input::Opened(Ok(())));
    hand.step(Input::Head(Some(version("8"))));
    assert_eq!(hand.step(heads("8", &[("a", "7"), ("b", "6")])), ["-> close"]);
    assert_eq!(hand.wait().1, ["-> list"]);
    let actions = hand.step(listed("8", &[("a", "7"), ("b", "6")]));
    assert_eq!(actions[..2], ["gap 6..8 Contradicted", "Listed a@7"]);
}
