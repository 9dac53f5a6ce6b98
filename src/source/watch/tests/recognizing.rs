//! Storages that may have been put back while the stream was interrupted, or no recorder ran.

use super::super::super::heal::{Answer, Recovery, Unknown};
use super::*;

/// These lines of an earlier recorder, after a list with `a` at 2 as of 5.
fn left(lines: &[Payload]) -> Resume {
    let before = [seen(Change::Listed, "a", "2"), attached("5")];
    resume(before.into_iter().chain(lines.iter().cloned()).collect())
}

fn bookmarked(at: &str) -> Payload {
    Payload::Bookmark { watch: 0, resource_version: version(at) }
}

/// A recorder that goes on after these lines, and the first actions.
fn going_on(lines: &[Payload]) -> (Hand, Vec<String>) {
    let mut hand = Hand::with(pods(), config(), left(lines));
    let started = hand.step(Input::Started);
    (hand, started)
}

/// A recorder that goes on after `b` came and went, and a bookmark at 9.
pub(super) fn away() -> Hand {
    let (hand, started) = going_on(&[seen(Change::Added, "b", "6"), seen(Change::Deleted, "b", "7"), bookmarked("9")]);
    assert_eq!(started, ["-> watch 6"]);
    hand
}

/// The same with an open stream.
pub(super) fn back() -> Hand {
    let mut hand = away();
    assert_eq!(hand.step(Input::Opened(Ok(()))), ["reconnected 9: the recorder was stopped", "-> head"]);
    hand
}

fn expired() -> RequestError {
    RequestError::Expired("too old".to_owned())
}

/// The lines after a list as of 12 with `a` at 2, which follows.
pub(super) fn listed_again(hand: &mut Hand) -> Vec<String> {
    assert_eq!(hand.wait().1, ["-> list"]);
    let actions = hand.step(listed("12", &[("a", "2")]));
    // A watch that has not attached yet is recorded once its stream is open.
    if actions != ["-> watch 12"] {
        return actions;
    }
    let mut actions = hand.step(Input::Opened(Ok(())));
    actions.push("-> watch 12".to_owned());
    actions
}

pub(super) const REPLACED: [&str; 4] = ["gap 9..12 StorageReplaced", "Listed a@2", "attached 12", "-> watch 12"];
const UNPROVEN: [&str; 4] = ["gap 9..12 StorageUnproven", "Listed a@2", "attached 12", "-> watch 12"];

#[test]
fn a_stream_that_begins_with_the_newest_version_is_of_the_recorded_storage() {
    let mut hand = back();
    // It is not recorded twice, nor is history asked.
    assert!(hand.receive(&event("DELETED", "b", "7")).is_empty());
    assert_eq!(hand.machine.deadline(), Some(Timeouts::default().idle));
    let lines = bookmark("9") + &event("MODIFIED", "a", "10");
    assert_eq!(hand.receive(&lines), ["bookmark 9 late", "Modified a@10 late"]);
    // An event that goes back after that is of a server that contradicts itself.
    assert_eq!(hand.receive(&event("MODIFIED", "a", "8")), ["-> close"]);
    assert_eq!(hand.wait().1, ["-> list"]);
    assert_eq!(hand.step(listed("12", &[("a", "10")]))[0], "gap 9..12 Contradicted");
}

#[test]
fn a_stream_that_begins_with_anything_else_is_of_another_storage() {
    for other in [
        event("ADDED", "c", "7"),
        event("MODIFIED", "a", "7"),
        event("MODIFIED", "b", "7"),
        event("ADDED", "c", "8"),
        event("DELETED", "a", "8"),
        event("MODIFIED", "a", "10"),
        event("MODIFIED", "a", "10").replace(r#""status""#, r#""spec":{"containers":7},"status""#),
    ] {
        let mut hand = back();
        assert_eq!(hand.receive(&other), ["-> close"], "{other}");
        assert_eq!(listed_again(&mut hand), REPLACED, "{other}");
    }
}

#[test]
fn what_was_not_recorded_up_to_a_bookmark_is_of_another_storage() {
    for other in [
        event("ADDED", "c", "8"),
        event("MODIFIED", "a", "9"),
        event("DELETED", "a", "8"),
        event("DELETED", "a", "9"),
        // A bookmark says that all deletions of that version came.
        event("DELETED", "a", "7"),
    ] {
        for is_one_chunk in [true, false] {
            let mut hand = back();
            let known = event("DELETED", "b", "7");
            if is_one_chunk {
                assert_eq!(hand.receive(&(known + &other)), ["-> close"], "{other}");
            } else {
                assert!(hand.receive(&known).is_empty());
                assert_eq!(hand.receive(&other), ["-> close"], "{other}");
            }
            assert_eq!(listed_again(&mut hand), REPLACED, "{other}");
        }
    }
}

#[test]
fn a_running_recorder_recognizes_the_storage_after_a_second() {
    let after = |pause: Duration| {
        let mut hand = Hand::following();
        hand.receive(&(event("MODIFIED", "a", "6") + &bookmark("9")));
        hand.step(Input::Broken("reset".to_owned()));
        hand.at += pause;
        (hand.step(Input::Deadline), hand)
    };
    assert_eq!(after(999 * MS).0, ["-> watch 9"]);
    let (opens, mut hand) = after(SECOND);
    assert_eq!(opens, ["-> watch 5"]);
    assert_eq!(hand.step(Input::Opened(Ok(()))), ["reconnected 9: reset", "-> head"]);
    // Nothing is recorded before it is: a bookmark of another storage would say that there is nothing else.
    assert!(hand.receive(&bookmark("5")).is_empty());
    assert!(hand.receive(&event("MODIFIED", "a", "6")).is_empty());
    // Until the stream is read beyond the bookmark again, it is taken up from before that.
    hand.step(Input::Broken("reset".to_owned()));
    assert_eq!(hand.wait().1, ["-> watch 6"]);
    hand.step(Input::Opened(Ok(())));
    hand.step(Input::Head(Some(version("9"))));
    assert_eq!(hand.receive(&bookmark("10")), ["bookmark 10"]);
    hand.step(Input::Broken("reset".to_owned()));
    assert_eq!(hand.wait().1, ["-> watch 10"]);
    // Less than a second passed before the stream was asked for, and more before it was open.
    hand.at += SECOND;
    assert_eq!(hand.step(Input::Opened(Ok(()))), ["-> close", "-> watch 5"]);
}

#[test]
fn a_stream_that_its_server_closes_was_alive_until_then() {
    let mut hand = Hand::following();
    hand.receive(&bookmark("9"));
    hand.at += 60 * SECOND;
    hand.closed();
    assert_eq!(hand.wait().1, ["-> watch 9"]);
    // Unless reading was held up, and it may have been closed long ago.
    hand.step(Input::Opened(Ok(())));
    hand.receive(&bookmark("10"));
    hand.at += 60 * SECOND;
    hand.step(Input::Stalled(stamp(61 * SECOND).at));
    hand.closed();
    assert_eq!(hand.wait().1, ["-> watch 1"]);
    // Nor does a connection say when it broke.
    let mut hand = Hand::following();
    hand.receive(&bookmark("9"));
    hand.at += 60 * SECOND;
    hand.step(Input::Broken("reset".to_owned()));
    assert_eq!(hand.wait().1, ["-> watch 1"]);
}

#[test]
fn what_came_and_went_before_a_list_says_nothing() {
    let (mut hand, started) = going_on(&[bookmarked("9")]);
    assert_eq!(started, ["-> watch 1"]);
    hand.step(Input::Opened(Ok(())));
    let before = event("ADDED", "a", "2") + &event("ADDED", "c", "3") + &event("DELETED", "c", "4");
    assert!(hand.receive(&before).is_empty());
    assert_eq!(hand.receive(&event("MODIFIED", "a", "10")), ["Modified a@10 late"]);
    // But not what the list would have shown.
    let (mut hand, _) = going_on(&[bookmarked("9")]);
    hand.step(Input::Opened(Ok(())));
    assert_eq!(hand.receive(&(event("ADDED", "a", "2") + &event("MODIFIED", "a", "4"))), ["-> close"]);
    assert_eq!(listed_again(&mut hand), REPLACED);
}

#[test]
fn without_any_object_the_stream_is_read_from_the_list() {
    let mut hand = Hand::with(pods(), config(), resume(vec![attached("5"), bookmarked("9")]));
    assert_eq!(hand.step(Input::Started), ["-> watch 5"]);
    hand.step(Input::Opened(Ok(())));
    assert_eq!(hand.receive(&event("ADDED", "a", "7")), ["-> close"]);
    assert_eq!(listed_again(&mut hand), REPLACED);
}

#[test]
fn a_version_that_may_not_be_asked_for_is_asked_of_history() {
    // Version 0 is any.
    let lines = vec![seen(Change::Listed, "a", "1"), attached("5")];
    let mut hand = Hand::with(pods(), config(), resume(lines));
    assert_eq!(hand.step(Input::Started), ["-> last a@1", "-> watch 5"]);
    // Versions that are not numbers do not compare.
    let lines = vec![seen(Change::Listed, "a", "x"), attached("y")];
    let mut hand = Hand::with(pods(), config(), resume(lines));
    assert_eq!(hand.step(Input::Started), ["-> watch y"]);
    hand.step(Input::Opened(Ok(())));
    assert_eq!(hand.receive(&event("MODIFIED", "a", "z")), ["Modified a@z late"]);
}

#[test]
fn what_cannot_be_decoded_in_what_was_recorded_is_not_recorded_again() {
    let mut hand = back();
    assert_eq!(hand.receive("502 Bad Gateway\n"), ["-> close", "-> last b@7", "-> watch 7"]);
}

/// Streams that do not show the newest version: the server refuses to begin there, at once or in the stream, or is
/// silent. History is asked for it, and the stream is read on from there.
fn unseen() -> Vec<Hand> {
    let mut at_once = away();
    assert_eq!(at_once.step(Input::Opened(Err(expired()))), ["-> last b@7", "-> watch 7"]);
    at_once.step(Input::Opened(Ok(())));
    let mut in_stream = back();
    assert_eq!(in_stream.receive(&error(410, "too old")), ["-> close", "-> last b@7", "-> watch 7"]);
    assert!(in_stream.step(Input::Opened(Ok(()))).is_empty());
    let mut silent = back();
    silent.step(Input::Head(None));
    assert!(silent.receive(&bookmark("6")).is_empty());
    let (waited, actions) = silent.wait();
    assert_eq!((waited, &actions[..]), (5 * SECOND, &["-> close", "-> last b@7", "-> watch 7"].map(str::to_owned)[..]));
    assert!(silent.step(Input::Opened(Ok(()))).is_empty());
    let hands = vec![at_once, in_stream, silent];
    for hand in &hands {
        assert_eq!(hand.machine.waits_for(), Some(Waits::Storage), "what it delivers waits for the answer");
    }
    hands
}

#[test]
fn a_storage_whose_history_knows_the_newest_version_is_believed_and_read_from_there() {
    for (at, mut hand) in unseen().into_iter().enumerate() {
        // Only the second was followed before; the third is open and silent.
        assert_eq!(hand.machine.connection().outage.is_some(), at == 1, "{at}");
        assert!(hand.step(Input::Last(Ok(true))).is_empty());
        assert_eq!(hand.machine.connection().outage, None);
        // This proves nothing of what came before the bookmark.
        hand.step(Input::Broken("reset".to_owned()));
        assert_eq!(hand.wait().1.last().map(String::as_str), Some("-> watch 7"));
        hand.step(Input::Opened(Ok(())));
        hand.step(Input::Last(Ok(true)));
        assert_eq!(hand.receive(&event("MODIFIED", "a", "10")), ["Modified a@10 late"]);
        hand.step(Input::Broken("reset".to_owned()));
        assert_eq!(hand.wait().1, ["-> watch 10"]);
    }
    for mut hand in unseen() {
        hand.step(Input::Last(Ok(true)));
        assert_eq!(hand.receive(&event("ADDED", "c", "8")), ["-> close"]);
        assert_eq!(listed_again(&mut hand), REPLACED);
    }
}

#[test]
fn a_busy_history_is_waited_for() {
    for (at, mut hand) in unseen().into_iter().enumerate() {
        hand.at += 24 * SECOND;
        assert!(hand.step(Input::Deadline).is_empty(), "{at}");
        assert!(hand.step(Input::Last(Ok(true))).is_empty(), "{at}");
        assert_eq!(hand.receive(&event("MODIFIED", "a", "10")), ["Modified a@10 late"], "{at}");
    }
}

#[test]
fn a_storage_whose_history_does_not_know_the_newest_version_went_back() {
    for mut hand in unseen() {
        assert_eq!(hand.step(Input::Last(Ok(false))), ["-> close"]);
        assert_eq!(listed_again(&mut hand), REPLACED);
    }
    // Also if the answer comes before the stream is open.
    let mut hand = away();
    hand.step(Input::Opened(Err(expired())));
    assert_eq!(hand.step(Input::Last(Ok(false))), ["-> close"]);
    assert_eq!(listed_again(&mut hand), REPLACED);
}

#[test]
fn a_storage_of_which_nothing_shows_what_it_is_is_not_taken_for_the_recorded_one() {
    let refused = || Unknown::Refused("403".to_owned());
    let unasked = || Unknown::Failed("503".to_owned());
    for unknown in [Unknown::Forgotten, refused(), unasked(), Unknown::Stopped, Unknown::Spent] {
        for line in [bookmark("30"), event("MODIFIED", "a", "10"), event("DELETED", "b", "7")] {
            for mut hand in unseen() {
                assert!(hand.step(Input::Last(Err(unknown.clone()))).is_empty());
                assert_eq!(hand.receive(&line), ["-> close"], "nothing is recorded of it");
                assert_eq!(listed_again(&mut hand), UNPROVEN, "{unknown}");
                hand.step(Input::Opened(Ok(())));
                assert_eq!(hand.receive(&event("MODIFIED", "a", "13")), ["Modified a@13"]);
            }
        }
        // Silence shows as little.
        for mut hand in unseen() {
            hand.step(Input::Last(Err(unknown.clone())));
            assert_eq!(hand.wait(), (5 * SECOND, vec!["-> close".to_owned()]));
            assert_eq!(listed_again(&mut hand), UNPROVEN, "{unknown}");
        }
    }
    // Nor is one that has not answered in time, and a later answer changes nothing.
    for mut hand in unseen() {
        assert_eq!(hand.wait(), (25 * SECOND, Vec::new()));
        assert_eq!(hand.receive(&bookmark("30")), ["-> close"]);
        assert!(hand.step(Input::Last(Ok(true))).is_empty());
        assert_eq!(listed_again(&mut hand), UNPROVEN);
        assert!(hand.step(Input::Last(Ok(false))).is_empty());
    }
}

#[test]
fn a_server_that_no_longer_has_what_came_after_the_newest_version_has_lost_it() {
    for mut hand in unseen() {
        hand.step(Input::Last(Err(Unknown::Forgotten)));
        assert_eq!(hand.receive(&error(410, "too old")), ["-> close", "-> list"]);
    }
    // History may have answered before the stream.
    let mut hand = away();
    hand.step(Input::Opened(Err(expired())));
    assert!(hand.step(Input::Last(Err(Unknown::Forgotten))).is_empty());
    assert_eq!(hand.step(Input::Opened(Err(expired()))), ["-> list"]);
}

#[test]
fn a_storage_that_was_known_before_another_outage_is_recognized_again() {
    let mut hand = back();
    for turn in 1..=10 {
        assert!(hand.receive(&event("DELETED", "b", "7")).is_empty());
        hand.at += 2 * SECOND;
        hand.step(Input::Broken("reset".to_owned()));
        if turn < 10 {
            assert_eq!(hand.wait().1, ["-> watch 6"]);
            hand.step(Input::Opened(Ok(())));
        }
    }
    // No longer by the stream, which might end there every time.
    assert_eq!(hand.wait().1, ["-> last b@7", "-> watch 7"]);
    hand.step(Input::Opened(Ok(())));
    assert_eq!(hand.step(Input::Last(Ok(false))), ["-> close"]);
    assert_eq!(listed_again(&mut hand), REPLACED);
}

#[test]
fn a_server_that_takes_long_to_open_streams_is_read_nevertheless() {
    let mut hand = Hand::with(pods(), config(), left(&[bookmarked("9")]));
    let mut opens = hand.step(Input::Started);
    let mut refusals = 1;
    for _ in 0..10 {
        assert!(opens.iter().any(|action| action.starts_with("-> watch")), "{opens:?}");
        hand.step(Input::Last(Ok(true)));
        hand.at += 3 * SECOND;
        let answer = if refusals > 0 { Err(expired()) } else { Ok(()) };
        refusals -= 1;
        opens = hand.step(Input::Opened(answer));
        if opens[0].starts_with("reconnected") {
            return;
        }
    }
    panic!("it is opened again and again");
}

#[test]
fn the_reason_says_what_was_asked_and_what_was_answered() {
    let mut hand = unseen().remove(0);
    hand.step(Input::Last(Err(Unknown::Forgotten)));
    hand.receive(&bookmark("30"));
    hand.wait();
    let now = Now { stamp: stamp(hand.at), monotonic: hand.at };
    let actions = hand.machine.step(now, listed("12", &[("a", "2")]));
    let reason = actions.iter().find_map(|action| match action {
        Action::Send(lines) => lines.iter().find_map(|line| match &line.payload {
            Payload::Gap(gap) => Some(gap.unhealed.clone()),
            _ => None,
        }),
        _ => None,
    });
    assert_eq!(
        reason.as_deref(),
        Some(
            "it is not known whether the storage is the recorded one: whether b was there at 7 is not known: the server's \
             history is compacted"
        )
    );
}

#[test]
fn an_outage_after_another_in_which_nothing_happened_is_recognized_in_the_same_way() {
    let mut hand = Hand::following();
    hand.receive(&event("MODIFIED", "a", "6"));
    for turn in 0..9 {
        hand.step(Input::Broken("reset".to_owned()));
        hand.at += 2 * SECOND;
        assert_eq!(hand.step(Input::Deadline), ["-> watch 5"], "{turn}");
        assert_eq!(hand.step(Input::Opened(Ok(()))), ["reconnected 6: reset", "-> head"]);
        assert!(hand.receive(&event("MODIFIED", "a", "6")).is_empty());
        hand.step(Input::Head(Some(version("6"))));
        // What a server says each minute.
        if turn % 2 == 1 {
            assert_eq!(hand.receive(&bookmark("6")), ["bookmark 6 late"]);
            hand.at += 60 * SECOND;
            assert_eq!(hand.receive(&bookmark("6")), ["bookmark 6"]);
        }
        hand.at += 4 * SECOND;
    }
}

/// A server that has neither what came after the newest version, nor history: a list follows.
fn expired_since(healing: Healing) -> Hand {
    let lines = left(&[seen(Change::Added, "b", "6"), bookmarked("9")]);
    let mut hand = Hand::with(pods(), Config { healing, ..config() }, lines);
    hand.step(Input::Started);
    assert_eq!(hand.step(Input::Opened(Err(expired()))), ["-> last b@6", "-> watch 6"]);
    assert_eq!(hand.step(Input::Opened(Err(expired()))), ["-> list"]);
    hand
}

#[test]
fn what_a_server_no_longer_has_is_lost_since_the_newest_version_and_not_since_a_bookmark() {
    let same = || listed("12", &[("a", "2"), ("b", "6")]);
    let mut hand = expired_since(Healing::OFF);
    hand.step(same());
    assert_eq!(hand.step(Input::Opened(Ok(())))[..3], ["gap 6..12 HistoryExpired", "Unchanged a@2", "Unchanged b@6"]);
    let mut hand = expired_since(Healing::default());
    hand.step(same());
    assert_eq!(hand.step(Input::Opened(Ok(()))), ["-> history 6..12"]);
    // What history shows is no worse for the storage being unknown.
    assert!(hand.step(Input::Last(Err(Unknown::Stopped))).is_empty());
    let actions = hand.step(Input::HistoryRead(Answer::Loss(Recovery::none(Unknown::Forgotten))));
    assert_eq!(actions[0], "gap 6..12 HistoryExpired");
    // A list of the bookmark's own version proves nothing of what came and went before.
    let mut hand = expired_since(Healing::OFF);
    hand.step(listed("9", &[("a", "2"), ("b", "6")]));
    assert_eq!(hand.step(Input::Opened(Ok(())))[0], "gap 6..9 HistoryExpired");
}

#[test]
fn a_list_that_shows_what_was_not_recorded_up_to_a_bookmark_or_was_deleted_is_of_another_storage() {
    for other in [[("a", "2"), ("b", "6")], [("a", "2"), ("c", "8")], [("a", "9"), ("d", "12")]] {
        let mut hand = away();
        hand.step(Input::Opened(Err(expired())));
        assert_eq!(hand.step(Input::Opened(Err(expired()))), ["-> list"]);
        hand.step(listed("12", &other));
        let gap = &hand.step(Input::Opened(Ok(())))[0];
        assert_eq!(gap, "gap 7..12 StorageReplaced", "{other:?}");
    }
    let mut hand = away();
    hand.step(Input::Opened(Err(expired())));
    hand.step(Input::Opened(Err(expired())));
    hand.step(listed("12", &[("a", "2"), ("c", "10")]));
    assert_eq!(hand.step(Input::Opened(Ok(())))[0], "gap 7..12 HistoryExpired");
}

#[test]
fn a_server_that_forgot_what_did_not_happen_is_a_reconnect_if_its_list_shows_all_that_was_recorded() {
    let again = |listed: Input| {
        let mut hand = Hand::with(pods(), config(), left(&[seen(Change::Added, "b", "6")]));
        hand.step(Input::Started);
        hand.step(Input::Opened(Err(expired())));
        hand.step(Input::Opened(Err(expired())));
        hand.step(listed);
        hand.step(Input::Opened(Ok(())))[0].clone()
    };
    assert_eq!(again(listed("6", &[("a", "2"), ("b", "6")])), "reconnected 6: too old");
    assert_eq!(again(listed("6", &[("a", "2")])), "gap 6..6 HistoryExpired");
}

#[test]
fn an_end_is_not_believed_before_the_storage_is_recognized() {
    let mut hand = back();
    assert_eq!(hand.step(Input::FinishRequested), ["-> heads"]);
    hand.step(Input::Head(Some(version("9"))));
    // The list is as it should be, but nothing was read up to it; and half of the time is left for history.
    assert_eq!(hand.step(heads("9", &[("a", "2")])), ["-> prove 7..9"]);
    assert!(hand.step(Input::EndProven(Ok(None))).is_empty());
    assert_eq!(hand.receive(&event("DELETED", "b", "7")), ["fence 9 whole", "done"]);
    // A bookmark proves it, too.
    let mut hand = back();
    hand.step(Input::FinishRequested);
    hand.step(heads("9", &[("a", "2")]));
    assert!(hand.receive(&event("DELETED", "b", "7")).is_empty());
    assert_eq!(hand.receive(&bookmark("9")), ["bookmark 9 late", "fence 9 whole", "done"]);
    // What is found meanwhile is a gap.
    let mut hand = back();
    hand.step(Input::FinishRequested);
    hand.step(heads("9", &[("a", "2")]));
    hand.step(Input::EndProven(Ok(Some(8))));
    assert_eq!(hand.receive(&(event("DELETED", "b", "7") + &event("ADDED", "c", "8"))), ["-> close"]);
    // History is asked in time.
    let mut hand = back();
    hand.step(Input::FinishRequested);
    hand.step(heads("9", &[("a", "2")]));
    hand.step(Input::EndProven(Ok(None)));
    hand.step(Input::Head(Some(version("9"))));
    assert_eq!(hand.wait().0, 5 * SECOND);
}

#[test]
fn a_storage_that_went_back_before_a_list_is_a_gap_of_its_own() {
    let mut hand = away();
    hand.step(Input::Opened(Err(expired())));
    assert_eq!(hand.step(Input::Opened(Err(expired()))), ["-> list"]);
    assert_eq!(hand.step(Input::Last(Ok(false))), ["-> close"]);
    assert_eq!(listed_again(&mut hand), REPLACED);
}

#[test]
fn a_server_that_ends_every_stream_after_one_event_is_read_on() {
    let mut hand = Hand::following();
    hand.at += 60 * SECOND;
    let (mut next, mut turns) = (6, 0);
    while next < 10 {
        turns += 1;
        assert!(turns < 20, "no progress");
        hand.step(Input::Broken("cut".to_owned()));
        let opens = hand.wait().1.pop().expect("it is opened");
        let from: u64 = opens.trim_start_matches("-> watch ").parse().expect("a version");
        hand.step(Input::Opened(Ok(())));
        hand.step(Input::Last(Ok(true)));
        let sent = if from < 2 { 2 } else { from.max(5) + 1 };
        if sent == next {
            assert_eq!(hand.receive(&event("MODIFIED", "a", &sent.to_string())), [format!("Modified a@{sent} late")]);
            next += 1;
        } else {
            assert!(hand.receive(&event("MODIFIED", "a", &sent.to_string())).is_empty(), "{from}: {sent}");
        }
        hand.at += 2 * SECOND;
    }
}
