//! Losses, and what a list and history show of them.

use super::super::super::heal::{Answer, Event, Found, Recovery, Unknown};
use super::*;

/// The actions after the server reported that the version is compacted.
fn relisted(hand: &mut Hand) -> Vec<String> {
    hand.step(listed("9", &[("a", "8"), ("b", "9")]))
}

#[test]
fn a_version_that_is_forgotten_is_a_gap_between_two_known_versions() {
    let gap = ["gap 5..9 HistoryExpired", "Listed a@8", "Listed b@9", "attached 9", "-> watch 9"];
    // Reported in the stream ...
    let mut hand = Hand::following();
    assert_eq!(hand.receive(&error(410, "too old")), ["-> close", "-> list"]);
    assert_eq!(relisted(&mut hand), gap);
    // ... or in the response.
    let mut hand = Hand::following();
    hand.closed();
    hand.wait();
    let expired = || Input::Opened(Err(RequestError::Expired("too old".to_owned())));
    assert_eq!(hand.step(expired()), ["-> last a@2", "-> watch 5"]);
    assert_eq!(hand.step(expired()), ["-> list"]);
    hand.step(Input::Last(Ok(true)));
    assert_eq!(relisted(&mut hand), gap);
    // After a gap the stream does not count as interrupted.
    assert!(hand.step(Input::Opened(Ok(()))).is_empty());
}

#[test]
fn a_server_that_forgot_when_nothing_happened_is_a_reconnect() {
    let mut hand = Hand::following();
    hand.receive(&error(410, "too old"));
    assert_eq!(hand.step(listed("5", &[("a", "2")])), ["reconnected 5: too old", "-> watch 5"]);
}

#[test]
fn a_recording_that_was_cut_off_before_its_first_list_goes_on_after_a_gap_since_its_beginning() {
    let resume = Resume { is_cut: true, ..Resume::default() };
    let mut hand = Hand::with(pods(), config(), resume);
    assert_eq!(hand.step(Input::Started), ["-> list"]);
    assert_eq!(hand.step(listed("9", &[("a", "8")])), ["-> watch 9"]);
    let actions = hand.step(Input::Opened(Ok(())));
    assert_eq!(actions, ["gap ..9 Unrecorded", "Listed a@8", "attached 9"]);
}

#[test]
fn an_undecodable_event_of_a_known_object_is_recorded_and_the_stream_continues() {
    let mut hand = Hand::following();
    let unread = event("MODIFIED", "a", "6").replace(r#""status""#, r#""spec":{"containers":7},"status""#);
    assert_eq!(hand.receive(&(unread.clone() + &event("ADDED", "b", "7"))), ["undecodable", "Added b@7"]);
    hand.closed();
    assert_eq!(hand.wait().1, ["-> watch 7"]);
    hand.step(Input::Opened(Ok(())));
    assert!(hand.receive(&unread).is_empty());
}

#[test]
fn an_undecodable_event_is_recorded_when_the_list_after_it_leaves_a_gap() {
    let mut hand = Hand::following();
    let chunk = event("MODIFIED", "a", "6") + "502 Bad Gateway\n" + &event("MODIFIED", "a", "7");
    // Nothing after it is read.
    assert_eq!(hand.receive(&chunk), ["Modified a@6", "-> close"]);
    assert_eq!(hand.wait().1, ["-> list"]);
    let actions = hand.step(listed("9", &[("a", "7")]));
    assert_eq!(actions, ["undecodable", "gap 6..9 Undecodable", "Listed a@7", "attached 9", "-> watch 9"]);
}

#[test]
fn a_head_behind_the_recorded_version_is_a_storage_that_went_back() {
    let mut hand = Hand::following();
    hand.closed();
    hand.wait();
    hand.step(Input::Opened(Ok(())));
    assert_eq!(hand.step(Input::Head(Some(version("3")))), ["-> close", "-> list"]);
    assert_eq!(hand.step(listed("3", &[("a", "3")]))[0], "gap 5..3 StorageReplaced");
}

/// A machine that may ask history, and has asked it after a loss.
fn asked() -> Hand {
    let mut hand = Hand::healing();
    hand.step(Input::Started);
    hand.step(listed("5", &[("a", "2")]));
    hand.step(Input::Opened(Ok(())));
    hand.receive(&error(410, "too old"));
    // What happens while history is read waits in the stream.
    assert_eq!(relisted(&mut hand), ["-> watch 9"]);
    assert_eq!(hand.step(Input::Opened(Ok(()))), ["-> history 5..9"]);
    hand
}

#[test]
fn a_loss_that_history_shows_completely_is_no_gap() {
    let mut hand = asked();
    let event = |revision: u64, change, name: &str| {
        let object = object(name, &revision.to_string());
        Event { revision, change, object, confirmed: false }
    };
    let events = vec![event(8, Change::Modified, "a"), event(9, Change::Added, "b")];
    let found = Ok(Found { events, loose: Vec::new(), whole: Ok(()) });
    let actions = hand.step(Input::HistoryRead(Answer::Loss(Recovery { since: None, resumed: None, found })));
    assert_eq!(actions, ["Modified a@8 healed", "Added b@9 healed", "healed 5..9"]);
    assert_eq!(hand.receive(&super::event("MODIFIED", "a", "10")), ["Modified a@10"]);
}

#[test]
fn history_without_an_answer_leaves_a_gap() {
    let mut hand = asked();
    let actions = hand.step(Input::HistoryRead(Answer::Loss(Recovery::none(Unknown::Forgotten))));
    assert_eq!(actions, ["gap 5..9 HistoryExpired", "Listed a@8", "Listed b@9", "attached 9"]);
}

#[test]
fn history_that_contradicts_what_was_recorded_leaves_a_gap_since_the_last_list() {
    let contradicted = |mut hand: Hand| {
        hand.receive(&error(410, "too old"));
        relisted(&mut hand);
        assert_eq!(hand.step(Input::Opened(Ok(()))), ["-> history 7..9"]);
        let why = Unknown::Contradicted("the objects at revision 7".to_owned());
        hand.step(Input::HistoryRead(Answer::Loss(Recovery::none(why))))
    };
    let mut hand = Hand::healing();
    hand.step(Input::Started);
    hand.step(listed("5", &[("a", "2"), ("b", "3")]));
    hand.step(Input::Opened(Ok(())));
    // Of another object, nothing was delivered before this.
    hand.receive(&event("MODIFIED", "b", "7"));
    let actions = contradicted(hand);
    assert_eq!(actions[..3], ["gap 5..9 Contradicted", "Listed a@8", "Listed b@9"]);
    // The same after another recorder.
    let config = Config { healing: Healing::default(), ..config() };
    let lines = vec![seen(Change::Listed, "a", "2"), attached("5"), seen(Change::Modified, "b", "7")];
    let mut hand = Hand::with(pods(), config, resume(lines));
    hand.step(Input::Started);
    hand.step(Input::Opened(Ok(())));
    hand.receive(&event("MODIFIED", "b", "7"));
    assert_eq!(contradicted(hand)[0], "gap 5..9 Contradicted");
}

#[test]
fn history_is_stopped_once_when_its_time_is_over_and_answers_with_what_it_knows() {
    let mut hand = asked();
    assert_eq!(hand.wait(), (5 * SECOND, vec!["-> stop history".to_owned()]));
    // The stream is followed meanwhile.
    assert_eq!(hand.machine.deadline(), Some(Timeouts::default().idle));
    hand.step(Input::HistoryRead(Answer::Loss(Recovery::none(Unknown::Stopped))));
    assert_eq!(hand.receive(&event("MODIFIED", "a", "10")), ["Modified a@10"]);
}

#[test]
fn a_finishing_recorder_leaves_history_half_of_the_time_and_then_records_the_list() {
    let fence = Timeouts::default().fence;
    let mut hand = asked();
    assert_eq!(hand.step(Input::FinishRequested), ["-> heads"]);
    assert_eq!(hand.wait(), (fence / 2, vec!["-> stop history".to_owned()]));
    assert_eq!(hand.machine.deadline(), Some(fence));
    hand.at = fence;
    let actions = hand.step(Input::Deadline);
    assert_eq!(actions[1..5], ["gap 5..9 HistoryExpired", "Listed a@8", "Listed b@9", "attached 9"]);
    assert_eq!(actions.last().map(String::as_str), Some("done"));
}

#[test]
fn what_a_list_shows_and_the_stream_was_read_beyond_was_lost_before() {
    let mut hand = Hand::following();
    hand.receive(&event("MODIFIED", "a", "7"));
    hand.receive(&bookmark("9"));
    hand.receive(&error(410, "too old"));
    let actions = hand.step(listed("12", &[("a", "7"), ("b", "8")]));
    assert_eq!(actions[..3], ["gap 7..12 Contradicted", "Unchanged a@7", "Listed b@8"]);
}
