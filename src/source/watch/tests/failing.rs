//! Streams that do not show the newest version although the server does not say that it is too old.

use super::super::super::heal::Unknown;
use super::recognizing::{REPLACED, away, back, listed_again};
use super::*;

/// A stream that fails from before the newest version again and again: in three ways, and finally because no answer
/// comes.
fn failing() -> Vec<Hand> {
    let refusal = |hand: &mut Hand| _ = hand.step(Input::Opened(Err(busy(None))));
    let error = |hand: &mut Hand| {
        hand.step(Input::Opened(Ok(())));
        hand.receive(&error(500, "no"));
    };
    let close = |hand: &mut Hand| {
        hand.step(Input::Opened(Ok(())));
        hand.closed();
    };
    let fails: [fn(&mut Hand); 3] = [refusal, error, close];
    let mut hands: Vec<Hand> = Vec::new();
    for fail in fails {
        let mut hand = away();
        for attempt in 1..=3 {
            fail(&mut hand);
            let opens = hand.wait().1;
            assert_eq!(opens, [if attempt < 3 { "-> watch 6" } else { "-> watch 7" }], "{attempt}");
        }
        // It might only just have come back.
        assert_eq!(hand.step(Input::Opened(Ok(()))), ["-> close", "-> watch 6"]);
        fail(&mut hand);
        assert_eq!(hand.wait().1, ["-> watch 7"]);
        hands.push(hand);
    }
    let mut hand = away();
    assert_eq!(hand.wait(), (5 * SECOND, vec!["-> watch 7".to_owned()]));
    assert_eq!(hand.step(Input::Opened(Ok(()))), ["-> close", "-> watch 6"]);
    assert_eq!(hand.wait(), (5 * SECOND, vec!["-> watch 7".to_owned()]));
    hands.push(hand);
    hands
}

#[test]
fn a_stream_that_fails_from_before_the_newest_version_is_opened_from_there_and_history_is_asked() {
    for mut hand in failing() {
        assert!(hand.step(Input::Opened(Ok(()))).contains(&"-> last b@7".to_owned()));
        hand.step(Input::Last(Ok(true)));
        assert_eq!(hand.receive(&event("MODIFIED", "a", "10")), ["Modified a@10 late"]);
    }
    for mut hand in failing() {
        hand.step(Input::Opened(Ok(())));
        assert_eq!(hand.step(Input::Last(Ok(false))), ["-> close"]);
        assert_eq!(listed_again(&mut hand), REPLACED);
    }
}

#[test]
fn connections_that_break_before_the_newest_version_say_nothing_about_it() {
    let mut hand = away();
    for _ in 0..10 {
        hand.step(Input::Opened(Ok(())));
        hand.step(Input::Broken("connection reset".to_owned()));
        assert_eq!(hand.wait().1, ["-> watch 6"]);
    }
}

#[test]
fn a_server_that_is_away_for_long_is_recognized_by_its_stream() {
    // Whatever it is asked for when it comes back.
    for attempts in 20..30 {
        let mut hand = Hand::following();
        hand.receive(&(event("MODIFIED", "a", "6") + &bookmark("9")));
        hand.step(Input::Broken("reset".to_owned()));
        hand.at += 2 * SECOND;
        hand.step(Input::Deadline);
        for _ in 0..attempts {
            hand.step(Input::Opened(Err(busy(None))));
            hand.wait();
        }
        let opens = hand.opens();
        assert!(opens[0].starts_with("reconnected") && !opens.contains(&"-> last a@6".to_owned()), "{opens:?}");
        assert!(hand.receive(&event("MODIFIED", "a", "6")).is_empty());
        assert_eq!(hand.receive(&event("MODIFIED", "a", "10")), ["Modified a@10 late"]);
    }
}

#[test]
fn a_stream_that_is_read_beyond_the_newest_version_without_it_is_of_another_storage() {
    let skipped = || {
        let mut hand = back();
        assert_eq!(hand.receive(&bookmark("30")), ["-> last b@7"]);
        assert_eq!(hand.machine.waits_for(), Some(Waits::Storage));
        hand
    };
    for answer in [Ok(false), Err(Unknown::Forgotten), Err(Unknown::Stopped)] {
        let mut hand = skipped();
        hand.step(Input::Head(Some(version("30"))));
        let actions = hand.step(Input::Last(answer.clone()));
        if answer != Ok(false) {
            assert_eq!((actions, hand.wait()), (vec![], (Duration::ZERO, vec!["-> close".to_owned()])));
        }
        assert_eq!(listed_again(&mut hand), REPLACED, "{answer:?}");
    }
    // A server that passes it over although it has it is read on.
    let mut hand = skipped();
    hand.step(Input::Last(Ok(true)));
    assert_eq!(hand.receive(&event("MODIFIED", "a", "10")), ["Modified a@10 late"]);
}

#[test]
fn what_a_list_shows_of_a_storage_that_is_not_recognized_is_no_contradiction() {
    // The deletion of `b` was undone: the stream owes what a list shows of it.
    let mut hand = back();
    hand.step(Input::Head(Some(version("9"))));
    hand.step(heads("12", &[("a", "2"), ("b", "6")]));
    hand.at += 4 * SECOND;
    assert!(hand.receive(&bookmark("6")).is_empty());
    assert_eq!(hand.wait().0, SECOND);
    hand.opens();
    assert_eq!(hand.step(Input::Last(Ok(false))), ["-> close"]);
    assert_eq!(listed_again(&mut hand), REPLACED);
    // In the recorded storage, it is one.
    let mut hand = back();
    hand.step(Input::Head(Some(version("9"))));
    hand.step(heads("12", &[("a", "2"), ("c", "11")]));
    assert_eq!(hand.wait().0, 5 * SECOND);
    hand.opens();
    hand.step(Input::Last(Ok(true)));
    assert_eq!(hand.wait(), (3 * SECOND, vec!["-> close".to_owned()]));
    assert_eq!(listed_again(&mut hand)[0], "gap 7..12 Contradicted");
}
