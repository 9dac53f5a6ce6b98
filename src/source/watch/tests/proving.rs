//! The proof, while the watch goes on, that everything up to a moment was recorded.

use super::super::super::heal::Unknown;
use super::*;

fn proving() -> Hand {
    let mut hand = Hand::following();
    hand.at = 10 * SECOND;
    assert_eq!(hand.step(Input::ProofRequested), ["-> heads"]);
    hand.at = 11 * SECOND;
    hand
}

/// Up to when everything is known to be recorded.
fn alive(hand: &Hand) -> Timestamp {
    hand.machine.recorded.alive()
}

fn at(seconds: u32) -> Timestamp {
    stamp(seconds * SECOND).at
}

#[test]
fn a_list_that_shows_nothing_new_proves_the_moment_at_which_it_was_requested() {
    let mut hand = proving();
    assert_eq!(hand.step(heads("5", &[("a", "2")])), ["bookmark 5 late"]);
    assert_eq!(alive(&hand), at(10));
    // It goes on, and is proven again.
    assert_eq!(hand.receive(&event("MODIFIED", "a", "6")), ["Modified a@6"]);
    assert_eq!(hand.step(Input::ProofRequested), ["-> heads"]);
    assert_eq!(hand.step(heads("6", &[("a", "6")])), ["bookmark 6 late"]);
}

#[test]
fn what_the_list_shows_is_waited_for_and_history_is_asked_for_what_it_cannot_show() {
    let mut hand = proving();
    assert!(hand.step(heads("9", &[("a", "7")])).is_empty());
    assert!(alive(&hand) < at(10), "a@7 has not been delivered");
    assert_eq!(hand.receive(&event("MODIFIED", "a", "7")), ["Modified a@7", "-> prove 7..9"]);
    assert_eq!(hand.step(Input::EndProven(Ok(None))), ["bookmark 9 late"]);
    let mut hand = proving();
    assert_eq!(hand.step(heads("9", &[("a", "2")])), ["-> prove 5..9"]);
    // Something was created and deleted in between.
    assert!(hand.step(Input::EndProven(Ok(Some(8)))).is_empty());
    assert_eq!(hand.receive(&event("ADDED", "b", "6")), ["Added b@6"]);
    assert_eq!(hand.receive(&event("DELETED", "b", "8")), ["Deleted b@8", "bookmark 9 late"]);
}

#[test]
fn without_history_nothing_is_claimed_and_the_watch_goes_on() {
    let mut hand = proving();
    assert_eq!(hand.step(heads("9", &[("a", "2")])), ["-> prove 5..9"]);
    assert!(hand.step(Input::EndProven(Err(Unknown::TooLong { revisions: 9000 }))).is_empty());
    assert!(hand.wait().1.is_empty(), "it is given up");
    assert!(alive(&hand) < at(10));
    assert_eq!(hand.receive(&event("MODIFIED", "a", "12")), ["Modified a@12"]);
    assert_eq!(hand.step(Input::FinishRequested), ["-> heads"]);
}

#[test]
fn a_proof_that_is_cut_short_begins_again_with_the_stream() {
    let mut hand = proving();
    hand.closed();
    assert!(hand.step(heads("5", &[("a", "2")])).is_empty(), "the stream may have lost something");
    hand.wait();
    let again = hand.opens();
    assert!(!again.iter().any(|action| action.contains("late")), "{again:?}");
    assert!(alive(&hand) < at(10));
}

#[test]
fn a_list_that_the_stream_was_read_past_is_a_contradiction() {
    let mut hand = proving();
    hand.step(heads("9", &[("a", "7")]));
    let actions = hand.receive(&event("ADDED", "c", "10"));
    assert_eq!(actions, ["Added c@10", "-> close"], "a@7 was passed over");
}

#[test]
fn the_end_takes_the_place_of_a_proof() {
    let mut hand = proving();
    assert_eq!(hand.step(Input::FinishRequested), ["-> heads"]);
    assert_eq!(hand.step(heads("5", &[("a", "2")])), ["fence 5 whole", "done"]);
}
