//! Pauses between attempts.

use super::*;

/// Fails to open the stream; returns the pause that follows.
fn refused(hand: &mut Hand, trouble: RequestError) -> Duration {
    assert_eq!(hand.step(Input::Opened(Err(trouble))), ["-> renew"]);
    let (pause, actions) = hand.wait();
    // From before the newest version, or from there.
    assert!(actions == ["-> watch 1"] || actions == ["-> watch 5"], "{actions:?}");
    pause
}

#[test]
fn pauses_double_with_jitter_up_to_a_bound() {
    let mut hand = Hand::following();
    hand.closed();
    hand.wait();
    // Closing without a byte was the first failure.
    let mut least = 1600 * MS;
    for attempt in 0..9 {
        let pause = refused(&mut hand, busy(None));
        assert!(
            (least.saturating_sub(MS)..=least * 2 + MS).contains(&pause),
            "{attempt}: {pause:?}, not from {least:?} on"
        );
        least = (least * 2).min(4 * SECOND);
    }
}

#[test]
fn a_stream_that_delivered_something_is_taken_up_again_at_once() {
    let mut hand = Hand::following();
    hand.closed();
    hand.wait();
    refused(&mut hand, busy(None));
    hand.step(Input::Opened(Ok(())));
    hand.receive(&(event("MODIFIED", "a", "2") + &event("MODIFIED", "a", "6")));
    hand.closed();
    assert_eq!(hand.wait(), (Timeouts::default().resume_after, vec!["-> watch 6".to_owned()]));
    // And the next failure is a first one.
    hand.step(Input::Opened(Err(busy(None))));
    let (pause, _) = hand.wait();
    assert!((800 * MS..=1600 * MS).contains(&pause), "{pause:?}");
}

#[test]
fn two_minutes_without_a_failure_are_forgiven() {
    let mut hand = Hand::following();
    for _ in 0..4 {
        hand.closed();
        hand.wait();
        hand.opens();
    }
    hand.at += 121 * SECOND;
    hand.closed();
    let (pause, _) = hand.wait();
    assert!((800 * MS..=1600 * MS).contains(&pause), "{pause:?}");
}

#[test]
fn what_a_server_asks_for_is_a_lower_bound_of_the_pause() {
    let mut hand = Hand::following();
    hand.closed();
    hand.wait();
    assert_eq!(refused(&mut hand, busy(Some(20 * SECOND))), 20 * SECOND);
}

#[test]
fn a_server_that_repeatedly_forgets_is_backed_off() {
    let mut hand = Hand::following();
    for round in 0..4 {
        hand.receive(&error(410, "too old"));
        hand.step(Input::Last(Ok(true)));
        let actions = hand.step(listed("9", &[("a", "2")]));
        // The first time, it is expected to have its own list's version.
        assert_eq!(actions.contains(&"-> watch 9".to_owned()), round == 0, "{round}: {actions:?}");
        if round > 0 {
            let (pause, actions) = hand.wait();
            assert!(pause >= 800 * MS && actions == ["-> watch 9"], "{round}: {pause:?} {actions:?}");
        }
        hand.step(Input::Opened(Ok(())));
    }
}

#[test]
fn a_server_is_granted_a_minute_and_no_more_than_the_first_attachment_is_tried() {
    let mut hand = Hand::following();
    hand.closed();
    hand.wait();
    assert_eq!(refused(&mut hand, busy(Some(3600 * SECOND))), 60 * SECOND);
    let mut hand = Hand::new();
    hand.step(Input::Started);
    hand.step(Input::Listed(Err(busy(Some(3600 * SECOND)))));
    assert_eq!(hand.wait(), (30 * SECOND, vec!["-> list".to_owned()]));
    assert_eq!(hand.step(Input::Listed(Err(busy(Some(3600 * SECOND))))), ["fail"]);
}

#[test]
fn pauses_are_short_while_the_end_is_awaited() {
    let mut hand = Hand::following();
    hand.closed();
    hand.wait();
    hand.step(Input::Opened(Err(busy(Some(20 * SECOND)))));
    assert_eq!(hand.step(Input::FinishRequested), ["-> heads", "-> watch 1"]);
    hand.step(Input::Opened(Err(busy(Some(20 * SECOND)))));
    assert_eq!(hand.wait(), (500 * MS, vec!["-> watch 1".to_owned()]));
}

#[test]
fn a_first_list_that_is_refused_is_warned_of_once() {
    let mut hand = Hand::new();
    hand.step(Input::Started);
    let warned = |hand: &mut Hand| {
        let now = Now { stamp: stamp(hand.at), monotonic: hand.at };
        let actions = hand.machine.step(now, Input::Listed(Err(busy(None))));
        hand.wait();
        actions.iter().filter(|action| matches!(action, Action::Warn(_))).count()
    };
    assert_eq!([warned(&mut hand), warned(&mut hand), warned(&mut hand)], [1, 0, 0]);
    assert_eq!(hand.machine.connection().outage, None, "the warning says it");
}

#[test]
fn an_outage_is_reported_with_its_cause_and_the_next_attempt_until_the_stream_is_open_again() {
    let mut hand = Hand::following();
    hand.at = 20 * SECOND;
    hand.closed();
    let began = stamp(hand.at).at;
    hand.wait();
    hand.step(Input::Opened(Err(busy(Some(8 * SECOND)))));
    let Some(Outage { since, trouble, next }) = hand.machine.connection().outage else { panic!("an outage") };
    assert_eq!((since, trouble.what, trouble.why.as_str()), (began, "failing", "503: busy"));
    assert_eq!(next, Some(stamp(hand.at).at + 8 * SECOND));
    hand.wait();
    assert_eq!(hand.machine.connection().outage.expect("it goes on").next, None, "the attempt is under way");
    hand.opens();
    assert_eq!(hand.machine.connection().outage, None);
}

#[test]
fn a_list_after_expired_history_and_a_resource_that_is_no_longer_served_are_outages() {
    let outage = |hand: &Hand| hand.machine.connection().outage.map(|outage| (outage.trouble.what, outage.trouble.why));
    let mut hand = Hand::following();
    hand.closed();
    hand.wait();
    // From before the newest version, then from there.
    let expired = || Input::Opened(Err(RequestError::Expired("too old".to_owned())));
    assert!(hand.step(expired()).contains(&"-> watch 5".to_owned()));
    hand.step(expired());
    assert_eq!(outage(&hand), Some(("not followed", "its history expired; listing everything again".into())));
    let mut hand = Hand::following();
    hand.closed();
    hand.wait();
    hand.step(Input::Opened(Err(RequestError::NotServed)));
    assert_eq!(outage(&hand), Some(("not served", "404: the server does not have it any more".into())));
    hand.wait();
    hand.opens();
    assert_eq!(outage(&hand), None);
}

#[test]
fn only_a_stream_that_was_open_for_a_while_is_closed_in_the_ordinary_way() {
    let mut hand = Hand::following();
    hand.at = 290 * SECOND;
    hand.closed();
    hand.wait();
    hand.opens();
    assert_eq!(hand.machine.connection().interruptions, 0);
    hand.closed();
    hand.wait();
    hand.opens();
    assert_eq!(hand.machine.connection().interruptions, 1, "at once");
    hand.at += 290 * SECOND;
    hand.step(Input::Broken("connection reset".to_owned()));
    assert_eq!(hand.machine.connection().interruptions, 2);
}
