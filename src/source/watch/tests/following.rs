//! An open stream: each event once, in order, and where it resumes after an interruption.

use super::*;

#[test]
fn an_event_that_is_torn_is_delivered_by_the_next_stream_and_recorded_once() {
    let mut hand = Hand::following();
    let (whole, torn) = (event("MODIFIED", "a", "6"), event("MODIFIED", "a", "7"));
    assert_eq!(hand.receive(&format!("{whole}{}", &torn[..40])), ["Modified a@6"]);
    assert_eq!(hand.closed(), ["-> close"]);
    assert_eq!(hand.wait().1, ["-> watch 6"]);
    let reconnected = hand.step(Input::Opened(Ok(())));
    assert_eq!(reconnected, ["reconnected 6: the server closed the stream in the middle of an event", "-> head"]);
    hand.step(Input::Head(Some(version("6"))));
    assert_eq!(hand.receive(&torn), ["Modified a@7"]);
}

#[test]
fn a_chunk_that_ends_within_an_event_waits_for_the_rest() {
    let mut hand = Hand::following();
    let line = event("MODIFIED", "a", "6");
    for at in 0..line.len() - 1 {
        assert!(hand.receive(&line[at..=at]).is_empty(), "at byte {at}");
    }
    assert_eq!(hand.receive("\n"), ["Modified a@6"]);
}

#[test]
fn an_event_that_is_sent_again_is_not_recorded_again() {
    let mut hand = Hand::following();
    hand.receive(&event("MODIFIED", "a", "6"));
    hand.closed();
    hand.wait();
    hand.step(Input::Opened(Ok(())));
    hand.step(Input::Head(Some(version("6"))));
    let both = event("MODIFIED", "a", "6") + &event("MODIFIED", "a", "7");
    assert_eq!(hand.receive(&both), ["Modified a@7"]);
}

#[test]
fn an_older_bookmark_does_not_move_the_stream_back() {
    let mut hand = Hand::following();
    assert_eq!(hand.receive(&bookmark("20")), ["bookmark 20"]);
    hand.receive(&bookmark("8"));
    hand.closed();
    assert_eq!(hand.wait().1, ["-> watch 20"]);
}

#[test]
fn events_up_to_the_head_at_the_reconnect_are_late_and_later_ones_are_not() {
    let mut hand = Hand::following();
    hand.closed();
    hand.wait();
    hand.step(Input::Opened(Ok(())));
    // Before the head is known, all events are late.
    let lines = event("MODIFIED", "a", "2") + &event("MODIFIED", "a", "6");
    assert_eq!(hand.receive(&lines), ["Modified a@6 late"]);
    hand.step(Input::Head(Some(version("7"))));
    assert_eq!(hand.receive(&event("MODIFIED", "a", "7")), ["Modified a@7 late"]);
    assert_eq!(hand.receive(&event("MODIFIED", "a", "8")), ["Modified a@8"]);
    // Without a head, all events are late until a bookmark.
    hand.closed();
    hand.wait();
    hand.step(Input::Opened(Ok(())));
    hand.step(Input::Head(None));
    assert_eq!(hand.receive(&event("MODIFIED", "a", "9")), ["Modified a@9 late"]);
    hand.receive(&bookmark("10"));
    assert_eq!(hand.receive(&event("MODIFIED", "a", "11")), ["Modified a@11"]);
}

fn selecting() -> Hand {
    let watch = Watch { label_selector: "app=web".to_owned(), ..pods() };
    let mut hand = Hand::with(watch, config(), Resume::default());
    hand.follow();
    hand
}

fn confirmed(uid: &str, at: &str, is_gone: bool) -> Input {
    Input::Confirmed { uid: uid.into(), version: version(at), is_gone }
}

#[test]
fn a_deletion_under_a_selector_waits_for_its_answer_without_delaying_the_stream() {
    let mut hand = selecting();
    let chunk = event("ADDED", "b", "6") + &event("DELETED", "a", "7") + &event("DELETED", "b", "8");
    assert_eq!(hand.receive(&chunk), ["-> confirm 2", "Added b@6"]);
    // The stream is read meanwhile, and its events come after.
    assert!(hand.receive(&event("ADDED", "c", "9")).is_empty());
    assert!(hand.step(confirmed("b", "8", false)).is_empty());
    assert_eq!(hand.step(confirmed("a", "7", true)), ["Deleted a@7 gone", "Deleted b@8", "Added c@9"]);
    // So does what ends the stream.
    hand.receive(&event("DELETED", "c", "10"));
    assert_eq!(hand.receive(&error(410, "old")), ["-> close", "-> list"]);
    assert_eq!(hand.step(listed("12", &[])), ["-> watch 12"]);
    assert_eq!(hand.step(confirmed("c", "10", true))[..2], ["Deleted c@10 gone", "gap 10..12 HistoryExpired"]);
}

#[test]
fn deletions_without_an_answer_wait_for_one_bound_and_are_not_confirmed() {
    let mut hand = selecting();
    let mut chunk = String::new();
    for number in 0..200 {
        chunk += &event("ADDED", &format!("p{number}"), &(10 + number).to_string());
    }
    for number in 0..200 {
        chunk += &event("DELETED", &format!("p{number}"), &(300 + number).to_string());
    }
    assert_eq!(hand.receive(&chunk).len(), 201);
    let (waited, actions) = hand.wait();
    assert_eq!((waited, actions.len()), (2 * SECOND, 200));
    assert!(actions.iter().all(|action| !action.ends_with("gone")));
    // An answer that comes later is too late.
    assert!(hand.step(confirmed("p0", "300", true)).is_empty());
}

#[test]
fn a_stream_without_a_byte_is_closed_when_its_time_is_over_and_not_before() {
    let mut hand = Hand::following();
    let idle = Timeouts::default().idle;
    hand.at += idle.saturating_sub(MS);
    assert!(hand.step(Input::Deadline).is_empty());
    hand.receive(&bookmark("6"));
    assert_eq!(hand.wait(), (idle, vec!["-> close".to_owned()]));
    hand.wait();
    assert_eq!(hand.step(Input::Opened(Ok(())))[0], "reconnected 6: no byte for 75 s");
}

#[test]
fn an_answer_that_is_no_longer_wanted_changes_nothing() {
    let mut hand = Hand::following();
    assert!(hand.step(listed("3", &[])).is_empty());
    assert!(hand.step(Input::Opened(Err(RequestError::NotServed))).is_empty());
    assert!(hand.step(Input::Head(Some(version("1")))).is_empty());
    assert!(hand.step(heads("9", &[])).is_empty());
    assert!(hand.step(confirmed("a", "2", true)).is_empty());
    assert_eq!(hand.receive(&event("MODIFIED", "a", "6")), ["Modified a@6"]);
}

#[test]
fn what_waited_while_the_recorder_did_not_run_is_late_up_to_the_head_of_after() {
    let mut hand = Hand::following();
    hand.at += 20 * SECOND;
    let since = stamp(3 * SECOND).at;
    assert_eq!(hand.step(Input::Stalled(since)), ["-> head"]);
    // Before the head is known, everything is late, including a bookmark, which more of the backlog may follow.
    assert_eq!(hand.receive(&event("MODIFIED", "a", "6")), ["Modified a@6 late"]);
    assert_eq!(hand.receive(&bookmark("7")), ["bookmark 7 late"]);
    assert_eq!(hand.machine.recorded.alive(), since);
    hand.step(Input::Head(Some(version("8"))));
    // It was held up again meanwhile: the earlier moment counts, and the server is not asked more than once a second.
    assert!(hand.step(Input::Stalled(stamp(19 * SECOND).at)).is_empty());
    assert_eq!(hand.wait(), (SECOND, vec!["-> head".to_owned()]));
    assert_eq!(hand.receive(&event("MODIFIED", "a", "8")), ["Modified a@8 late"]);
    assert_eq!(hand.machine.recorded.alive(), since);
    hand.step(Input::Head(Some(version("8"))));
    assert_eq!(hand.receive(&event("MODIFIED", "a", "9")), ["Modified a@9"]);
}

#[test]
fn what_is_doubted_may_have_happened_since_the_stream_was_alive_up_to_the_head_of_after() {
    for silence in [None, Some(stamp(SECOND).at)] {
        let mut hand = Hand::following();
        assert_eq!(hand.receive(&event("MODIFIED", "a", "6")), ["Modified a@6"]);
        let alive = hand.machine.recorded.alive();
        hand.at += 20 * SECOND;
        assert_eq!(hand.step(Input::Doubted(silence)), ["-> head"]);
        assert_eq!(hand.machine.recorded.late_since(&version("7")), Some(silence.unwrap_or(alive)));
        assert_eq!(hand.receive(&event("MODIFIED", "a", "7")), ["Modified a@7 late"]);
        hand.step(Input::Head(Some(version("8"))));
        assert_eq!(hand.receive(&event("MODIFIED", "a", "8")), ["Modified a@8 late"]);
        assert_eq!(hand.receive(&event("MODIFIED", "a", "9")), ["Modified a@9"]);
    }
}

#[test]
fn what_comes_first_after_a_slow_list_may_have_happened_since_it_was_asked_for() {
    let mut hand = Hand::new();
    hand.step(Input::Started);
    hand.at += 2 * SECOND;
    hand.step(listed("5", &[("a", "2")]));
    assert_eq!(hand.step(Input::Opened(Ok(()))), ["Listed a@2", "attached 5", "-> head"]);
    hand.step(Input::Head(Some(version("6"))));
    assert_eq!(hand.receive(&event("MODIFIED", "a", "6")), ["Modified a@6 late"]);
    assert_eq!(hand.receive(&event("MODIFIED", "a", "7")), ["Modified a@7"]);
}
