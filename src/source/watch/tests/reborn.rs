//! Names that two objects have one after the other: the deletion of the first cannot be missing.

use super::super::super::heal::{Answer, Event, Found, Recovery};
use super::*;

/// An event of the object `a2`, whose name is `a`.
fn reborn(change: &str, version: &str) -> String {
    event(change, "a", version).replace(r#""uid":"a""#, r#""uid":"a2""#)
}

fn reborn_object(version: &str) -> Object {
    Object { uid: "a2".into(), ..object("a", version) }
}

fn listed_reborn(at: &str, version: &str) -> Input {
    let mut pages = pages(at, &[]);
    pages.items.push((stamp(Duration::ZERO), Item::Object(reborn_object(version))));
    Input::Listed(Ok(pages))
}

#[test]
fn a_new_object_with_the_name_of_one_that_was_not_deleted_is_a_gap() {
    let mut hand = Hand::following();
    hand.receive(&(event("MODIFIED", "a", "6") + &event("ADDED", "b", "7")));
    assert_eq!(hand.receive(&reborn("ADDED", "9")), ["-> close"]);
    assert_eq!(hand.wait().1, ["-> list"]);
    // The deletion is newer than what was recorded of the object.
    let lines = hand.step(listed_reborn("20", "9"));
    assert_eq!(lines[..3], ["gap 6..20 Contradicted", "Listed a@9", "attached 20"]);
    // The list is the state from then on.
    hand.step(Input::Opened(Ok(())));
    assert_eq!(hand.receive(&(reborn("MODIFIED", "21") + &reborn("DELETED", "22"))), ["Modified a@21", "Deleted a@22"]);
    assert_eq!(hand.receive(&event("ADDED", "a", "23")), ["Added a@23"]);
}

#[test]
fn a_resumed_recorder_knows_the_names_of_living_objects() {
    let left = [seen(Change::Listed, "a", "2"), attached("5"), seen(Change::Added, "b", "6")];
    let mut hand = Hand::with(pods(), config(), resume(left.into()));
    hand.step(Input::Started);
    hand.step(Input::Opened(Ok(())));
    assert_eq!(hand.receive(&(event("ADDED", "b", "6") + &reborn("ADDED", "9"))), ["-> close"]);
}

#[test]
fn a_name_is_free_once_its_object_was_deleted_is_missing_in_a_list_or_may_have_been_deleted() {
    let mut hand = Hand::following();
    assert_eq!(hand.receive(&(event("DELETED", "a", "8") + &reborn("ADDED", "9"))), ["Deleted a@8", "Added a@9"]);
    // In another namespace it is another name.
    let mut hand = Hand::following();
    let elsewhere = reborn("ADDED", "9").replace(r#""namespace":"ns""#, r#""namespace":"other""#);
    assert_eq!(hand.receive(&elsewhere), ["Added a@9"]);
    // A list after a loss lacks it.
    let mut hand = Hand::following();
    hand.receive(&error(410, "too old"));
    hand.step(listed("20", &[]));
    hand.step(Input::Opened(Ok(())));
    assert_eq!(hand.receive(&reborn("ADDED", "21")), ["Added a@21"]);
    // What cannot be decoded may be its deletion.
    let mut hand = Hand::following();
    let unread = event("DELETED", "a", "8").replace(r#""status""#, r#""spec":{"containers":7},"status""#);
    assert_eq!(hand.receive(&(unread + &reborn("ADDED", "9"))), ["undecodable", "Added a@9"]);
    // Under a selector, deletions wait for their confirmation.
    let mut hand = Hand::with(Watch { label_selector: "app=web".to_owned(), ..pods() }, config(), Resume::default());
    hand.follow();
    assert_eq!(hand.receive(&(event("DELETED", "a", "8") + &reborn("ADDED", "9"))), ["-> confirm 1"]);
}

#[test]
fn a_lost_deletion_that_history_shows_is_no_gap_and_frees_the_name() {
    let mut hand = Hand::healing();
    hand.follow();
    hand.receive(&reborn("ADDED", "9"));
    hand.wait();
    assert_eq!(hand.step(listed_reborn("9", "9")), ["-> watch 9"]);
    assert_eq!(hand.step(Input::Opened(Ok(()))), ["-> history 5..9"]);
    let events = vec![
        Event { revision: 8, change: Change::Deleted, object: object("a", "8"), confirmed: false },
        Event { revision: 9, change: Change::Added, object: reborn_object("9"), confirmed: false },
    ];
    let found = Ok(Found { events, loose: Vec::new(), whole: Ok(()) });
    let actions = hand.step(Input::HistoryRead(Answer::Loss(Recovery { since: None, resumed: None, found })));
    assert_eq!(actions, ["Deleted a@8 healed", "Added a@9 healed", "healed 5..9"]);
    // The new object has the name now.
    assert_eq!(hand.receive(&reborn("DELETED", "10")), ["Deleted a@10"]);
    assert_eq!(hand.receive(&event("ADDED", "a", "11")), ["Added a@11"]);
    assert_eq!(hand.receive(&reborn("ADDED", "12")), ["-> close"]);
}
