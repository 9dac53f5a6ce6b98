//! The fence: what proves the end, what does not, and that its time is bounded.

use super::super::super::heal::Unknown;
use super::*;

fn fencing() -> Hand {
    let mut hand = Hand::following();
    assert_eq!(hand.step(Input::FinishRequested), ["-> heads"]);
    hand
}

#[test]
fn a_stream_that_was_read_to_the_version_of_the_list_is_fenced_at_once() {
    let mut hand = fencing();
    hand.receive(&bookmark("7"));
    assert_eq!(hand.step(heads("7", &[("a", "2")])), ["fence 7 whole", "done"]);
    assert_eq!(hand.machine.deadline(), None);
}

#[test]
fn a_fence_waits_for_every_version_of_the_list() {
    let mut hand = fencing();
    assert!(hand.step(heads("9", &[("a", "6"), ("b", "8")])).is_empty());
    assert_eq!(hand.receive(&event("MODIFIED", "a", "6")), ["Modified a@6"]);
    // Nothing is missing, but an object created and deleted before 9 may still come.
    assert_eq!(hand.receive(&event("ADDED", "b", "8")), ["Added b@8", "-> prove 8..9"]);
    assert_eq!(hand.receive(&event("ADDED", "c", "9")), ["Added c@9"]);
    assert_eq!(hand.receive(&event("DELETED", "c", "10")), ["Deleted c@10", "fence 9 whole", "done"]);
}

#[test]
fn an_end_at_which_history_shows_nothing_is_proven() {
    let mut hand = fencing();
    assert_eq!(hand.step(heads("7", &[("a", "2")])), ["-> prove 5..7"]);
    assert_eq!(hand.step(Input::EndProven(Ok(None))), ["fence 7 whole", "done"]);
}

#[test]
fn what_history_shows_before_the_end_is_waited_for() {
    let mut hand = fencing();
    hand.step(heads("9", &[("a", "2")]));
    // An object was created at 6 and deleted at 8.
    assert!(hand.step(Input::EndProven(Ok(Some(8)))).is_empty());
    assert_eq!(hand.receive(&event("ADDED", "b", "6")), ["Added b@6"]);
    assert_eq!(hand.receive(&event("DELETED", "b", "8")), ["Deleted b@8", "fence 9 whole", "done"]);
    // It never comes.
    let mut hand = fencing();
    hand.step(heads("9", &[("a", "2")]));
    hand.step(Input::EndProven(Ok(Some(8))));
    let actions = hand.wait().1;
    assert_eq!(actions[0], "fence 9: end not proven: an event of revision 8 was not delivered in time");
}

#[test]
fn silence_proves_nothing() {
    let mut hand = fencing();
    assert_eq!(hand.step(heads("7", &[("a", "2")])), ["-> prove 5..7"]);
    assert!(hand.step(Input::EndProven(Err(Unknown::TooLong { revisions: 9000 }))).is_empty());
    let (waited, actions) = hand.wait();
    assert_eq!(waited, Timeouts::default().fence);
    assert!(actions[0].starts_with("fence 7: end not proven: "), "{actions:?}");
    // A bookmark does.
    let mut hand = fencing();
    hand.step(heads("7", &[("a", "2")]));
    hand.step(Input::EndProven(Err(Unknown::Forgotten)));
    hand.at += 9 * SECOND;
    assert!(hand.step(Input::Deadline).is_empty());
    assert_eq!(hand.receive(&bookmark("8")), ["bookmark 8", "fence 7 whole", "done"]);
}

#[test]
fn versions_that_are_not_numbers_are_only_proven_by_a_bookmark() {
    let mut hand = fencing();
    assert!(hand.step(heads("x", &[("a", "2")])).is_empty());
    assert_eq!(hand.receive(&bookmark("x")), ["bookmark x", "fence x whole", "done"]);
}

#[test]
fn a_list_that_shows_an_older_version_than_was_recorded_is_a_storage_that_went_back() {
    let mut hand = Hand::following();
    hand.receive(&event("MODIFIED", "a", "8"));
    hand.step(Input::FinishRequested);
    // As of 9, `a` cannot be at 2: it was at 8.
    assert_eq!(hand.step(heads("9", &[("a", "2")])), ["-> close"]);
    assert_eq!(hand.wait().1, ["-> list"]);
    let actions = hand.step(listed("9", &[("a", "2")]));
    assert_eq!(actions[..3], ["gap 8..9 StorageReplaced", "Listed a@2", "attached 9"]);
}

#[test]
fn what_the_stream_was_read_beyond_and_did_not_deliver_is_lost_and_not_waited_for() {
    // A version, and a deletion.
    for (listed_at, there) in [("9", &[("a", "2"), ("b", "8")][..]), ("9", &[])] {
        let mut hand = fencing();
        assert!(hand.step(heads(listed_at, there)).is_empty());
        assert_eq!(hand.receive(&event("ADDED", "c", "10")), ["Added c@10", "-> close"], "{there:?}");
        assert_eq!(hand.wait().1, ["-> list"]);
        let now: Vec<(&str, &str)> = there.iter().copied().chain([("c", "10")]).collect();
        let actions = hand.step(listed("10", &now));
        assert_eq!(actions[0], "gap 5..10 Contradicted");
        assert_eq!(actions[actions.len() - 2..], ["-> heads", "-> watch 10"]);
        hand.step(Input::Opened(Ok(())));
        assert_eq!(hand.step(heads("10", &now)), ["fence 10 whole", "done"]);
    }
}

#[test]
fn a_list_that_is_older_than_what_was_recorded_before_it_was_asked_for_proves_nothing() {
    let behind = || {
        let mut hand = Hand::following();
        hand.receive(&event("MODIFIED", "a", "8"));
        hand.step(Input::FinishRequested);
        assert!(hand.step(heads("7", &[("a", "2")])).is_empty());
        hand
    };
    let mut hand = behind();
    assert_eq!(hand.wait(), (200 * MS, vec!["-> heads".to_owned()]));
    assert_eq!(hand.step(heads("8", &[("a", "8")])), ["fence 8 whole", "done"]);
    let mut hand = behind();
    let actions = loop {
        match hand.wait().1 {
            actions if actions == ["-> heads"] => assert!(hand.step(heads("7", &[("a", "2")])).is_empty()),
            actions => break actions,
        }
    };
    let why = "end not proven: the server's list at 7 is older than what it had delivered, 8";
    assert_eq!(actions, [format!("fence 8: {why}"), "done".to_owned()]);
}

#[test]
fn a_server_that_asks_for_a_pause_is_granted_some_of_the_time_of_the_end() {
    for (after, pause) in [(None, 200 * MS), (Some(SECOND), SECOND), (Some(Duration::MAX), 2 * SECOND)] {
        let mut hand = fencing();
        hand.step(Input::Heads(Err(busy(after))));
        assert_eq!(hand.wait(), (pause, vec!["-> heads".to_owned()]));
    }
}

#[test]
fn a_deletion_that_is_recorded_before_the_list_is_answered_is_not_waited_for() {
    let mut hand = fencing();
    assert_eq!(hand.receive(&event("DELETED", "a", "8")), ["Deleted a@8"]);
    // It was made before the deletion.
    assert_eq!(hand.step(heads("7", &[("a", "2")])), ["fence 7 whole", "done"]);
}

#[test]
fn an_object_that_the_list_lacks_is_waited_for_until_its_deletion() {
    let mut hand = fencing();
    assert!(hand.step(heads("8", &[])).is_empty());
    assert!(hand.receive(&bookmark("8")).iter().all(|action| action == "bookmark 8"));
    assert_eq!(hand.receive(&event("DELETED", "a", "9")), ["Deleted a@9", "fence 8 whole", "done"]);
}

#[test]
fn a_fence_that_is_out_of_time_says_what_is_missing() {
    let mut hand = fencing();
    hand.step(heads("9", &[("a", "2"), ("b", "8"), ("c", "9")]));
    let (waited, actions) = hand.wait();
    assert_eq!(waited, Timeouts::default().fence);
    assert_eq!(actions, ["fence 9: 2 objects not recorded as they are (b, c ...)", "done"]);
    // A list that fails is requested again until then.
    let mut hand = fencing();
    let mut asked = 0;
    let actions = loop {
        hand.step(Input::Heads(Err(busy(None))));
        let (_, actions) = hand.wait();
        if actions != ["-> heads"] {
            break actions;
        }
        asked += 1;
    };
    assert!(asked > 40, "{asked}");
    let answered = "watch pods: the server answered 503 busy";
    let fence = format!("fence 5: the server did not show in time what there is: {answered}");
    assert_eq!(actions, [fence.as_str(), "done"]);
}

#[test]
fn a_busy_stream_does_not_delay_the_end() {
    let mut hand = fencing();
    hand.step(heads("90", &[("a", "2"), ("b", "80")]));
    let mut actions = Vec::new();
    for turn in 10.. {
        hand.at += SECOND;
        actions = hand.receive(&event("MODIFIED", "a", &turn.to_string()));
        if actions.len() > 1 {
            break;
        }
    }
    assert_eq!(hand.at, Timeouts::default().fence);
    assert_eq!(actions[1..], ["fence 90: 1 object not recorded as they are (b ...)", "done"]);
}

#[test]
fn the_end_cuts_a_pause_short_and_bounds_whatever_is_not_answered() {
    let mut hand = Hand::following();
    hand.closed();
    assert_eq!(hand.step(Input::FinishRequested), ["-> heads", "-> watch 5"]);
    hand.step(heads("5", &[("a", "2")]));
    let (waited, actions) = hand.wait();
    assert_eq!(waited, Timeouts::default().fence);
    assert_eq!(actions, ["fence 5: the server did not answer in time", "done"]);
    // Also for a list that is not answered, before the attachment.
    let mut hand = Hand::new();
    hand.step(Input::Started);
    hand.step(Input::FinishRequested);
    assert_eq!(hand.wait().1, ["fence : the server did not answer in time", "done"]);
}

#[test]
fn a_gap_while_fencing_is_recorded_and_the_list_is_requested_again() {
    let mut hand = fencing();
    hand.step(heads("7", &[("a", "2"), ("b", "7")]));
    hand.receive(&error(410, "too old"));
    // `b` is deleted already: no more events of it will come.
    let actions = hand.step(listed("9", &[("a", "2")]));
    assert_eq!(actions, ["gap 5..9 HistoryExpired", "Unchanged a@2", "attached 9", "-> heads", "-> watch 9"]);
    hand.step(Input::Opened(Ok(())));
    assert_eq!(hand.step(heads("9", &[("a", "2")])), ["fence 9 whole", "done"]);
}

#[test]
fn a_kind_that_was_never_served_misses_nothing() {
    let mut hand = Hand::new();
    hand.step(Input::Started);
    hand.step(Input::Listed(Err(RequestError::NotServed)));
    assert_eq!(hand.step(Input::FinishRequested), ["-> heads", "-> list"]);
    assert_eq!(hand.step(Input::Listed(Err(RequestError::NotServed))), ["fence  whole", "done"]);
    // A kind with objects is waited for.
    let mut hand = fencing();
    hand.closed();
    hand.wait();
    hand.step(Input::Opened(Err(RequestError::NotServed)));
    let actions = loop {
        match hand.wait().1 {
            actions if actions == ["-> watch 1"] => {
                assert!(hand.step(Input::Opened(Err(RequestError::NotServed))).is_empty());
            }
            actions => break actions,
        }
    };
    assert_eq!(actions, ["gap 5..5 Unrecorded", "fence 5: the resource is not served any more", "done"]);
}

#[test]
fn a_kind_may_have_been_served_while_nobody_asked_for_it() {
    let end = |pause: Duration| {
        let mut hand = Hand::new();
        hand.step(Input::Started);
        hand.step(Input::Listed(Err(RequestError::NotServed)));
        for pause in [Duration::ZERO, pause, Duration::ZERO] {
            assert_eq!(hand.wait().1, ["-> list"]);
            hand.at += pause;
            assert!(hand.step(Input::Listed(Err(RequestError::NotServed))).is_empty());
        }
        hand.step(Input::FinishRequested);
        hand.step(Input::Listed(Err(RequestError::NotServed)))
    };
    assert_eq!(end(SECOND), ["fence  whole", "done"]);
    assert_eq!(end(4 * SECOND), ["gap .. Unrecorded", "fence  whole", "done"]);
}

#[test]
fn only_an_answer_to_a_request_of_after_the_stop_proves_that_a_kind_is_not_served() {
    // The answer under way may be an old one: the kind may be served since.
    let mut hand = Hand::new();
    hand.step(Input::Started);
    hand.step(Input::Listed(Err(RequestError::NotServed)));
    assert_eq!(hand.wait().1, ["-> list"]);
    hand.at += 2 * SECOND;
    assert_eq!(hand.step(Input::FinishRequested), ["-> heads", "-> list"]);
    let actions = hand.step(listed("9", &[("a", "7")]));
    assert_eq!(actions[0], "-> history ..9", "what was since the first answer is read back");
    // Also where it is the first answer of all.
    let mut hand = Hand::new();
    hand.step(Input::Started);
    hand.step(Input::FinishRequested);
    assert_eq!(hand.step(Input::Listed(Err(RequestError::NotServed))), ["not served", "-> list"]);
    assert_eq!(hand.step(Input::Listed(Err(RequestError::NotServed))), ["fence  whole", "done"]);
}

#[test]
fn that_a_kind_is_not_served_says_nothing_about_the_time_before_it_was_asked_for() {
    let end = |mut hand: Hand| {
        hand.step(Input::Started);
        hand.at = SECOND;
        hand.step(Input::Listed(Err(RequestError::NotServed)));
        hand.step(Input::FinishRequested);
        hand.step(Input::Listed(Err(RequestError::NotServed)))
    };
    // The past was asked for.
    let asked = Config { past: Past::Since(Timestamp::UNIX_EPOCH), ..config() };
    let actions = end(Hand::with(pods(), asked, Resume::default()));
    assert!(actions[0].starts_with("Past(") && actions[0].contains("is not served, so its history"), "{actions:?}");
    assert_eq!(actions[1..], ["fence  whole", "done"]);
    // An earlier recorder ended with the kind not served.
    let fence = Fence {
        watch: 0,
        resource_version: version(""),
        from_resource_version: None,
        whole: true,
        missing: String::new(),
    };
    let left = resume(vec![Payload::NotServed { watch: 0 }, Payload::Fence(fence)]);
    let hand = Hand::with(pods(), Config { past: left.asked(Past::Unseen), ..config() }, left);
    assert_eq!(end(hand), ["gap .. Unrecorded", "fence  whole", "done"]);
    // It was served, without an object, and then withdrawn.
    let mut hand = Hand::new();
    hand.step(Input::Started);
    hand.step(listed("5", &[]));
    hand.step(Input::Opened(Ok(())));
    hand.closed();
    hand.wait();
    hand.step(Input::Opened(Err(RequestError::NotServed)));
    hand.step(Input::FinishRequested);
    let actions = hand.step(Input::Opened(Err(RequestError::NotServed)));
    assert_eq!(actions, ["gap 5..5 Unrecorded", "fence 5 whole", "done"]);
}

#[test]
fn the_time_during_which_a_slow_answer_was_under_way_is_read_back_too() {
    let mut hand = Hand::new();
    hand.at = SECOND;
    hand.step(Input::Started);
    hand.at = 4 * SECOND;
    hand.step(Input::Listed(Err(RequestError::NotServed)));
    hand.wait();
    let now = Now { stamp: stamp(hand.at), monotonic: hand.at };
    let actions = hand.machine.step(now, listed("9", &[("a", "7")]));
    let since = actions.iter().find_map(|action| match action {
        Action::ReadHistory(Question::Since { moment, .. }) => Some(*moment),
        _ => None,
    });
    assert_eq!(since, Some(stamp(SECOND).at));
}

#[test]
fn an_undecodable_line_is_recorded_even_if_no_list_follows() {
    let mut hand = fencing();
    hand.receive("502 Bad Gateway\n");
    hand.wait();
    assert_eq!(hand.wait().1, ["undecodable", "fence 5: the server did not answer in time", "done"]);
}

#[test]
fn an_end_during_confirmations_records_what_was_held() {
    let watch = Watch { label_selector: "app=web".to_owned(), ..pods() };
    let mut hand = Hand::with(watch, config(), Resume::default());
    hand.follow();
    hand.step(Input::FinishRequested);
    assert_eq!(hand.receive(&event("DELETED", "a", "6")), ["-> confirm 1"]);
    // Not before its lines are recorded.
    assert!(hand.step(heads("6", &[])).is_empty());
    let (_, actions) = hand.wait();
    assert_eq!(actions[..1], ["Deleted a@6"]);
}

#[test]
fn what_has_not_attached_is_not_waited_for_as_long_as_a_fence() {
    let Timeouts { fence, unattached, .. } = Timeouts::default();
    let mut hand = Hand::new();
    hand.step(Input::Started);
    assert_eq!(hand.step(Input::FinishRequested), ["-> heads"]);
    let (waited, actions) = hand.wait();
    assert_eq!((waited, actions.last().map(String::as_str)), (unattached, Some("done")));
    // A list that comes in time is followed by a fence with its full time.
    let mut hand = Hand::new();
    hand.step(Input::Started);
    hand.step(Input::FinishRequested);
    hand.step(listed("5", &[("a", "2")]));
    hand.step(Input::Opened(Ok(())));
    assert_eq!(hand.wait().0, fence);
}
