//! A resource that is served, but not in the version of the watch.

use super::super::super::heal::{Answer, Recovery, Unknown};
use super::*;

fn served_as() -> RequestError {
    RequestError::ServedAs("v1alpha1".into())
}

/// A machine that was told for the last time at 1 s that the resource is not served.
fn waiting() -> Hand {
    let mut hand = Hand::new();
    hand.step(Input::Started);
    assert_eq!(hand.step(Input::Listed(Err(RequestError::NotServed))), ["not served"]);
    assert_eq!(hand.wait(), (SECOND, vec!["-> list".to_owned()]));
    assert!(hand.step(Input::Listed(Err(RequestError::NotServed))).is_empty());
    hand.wait();
    hand
}

fn gaps(actions: &[Action]) -> Vec<Gap> {
    let lines = actions.iter().flat_map(|action| match action {
        Action::Send(lines) => lines.as_slice(),
        _ => &[],
    });
    let gaps = lines.filter_map(|line| match &line.payload {
        Payload::Gap(gap) => Some(gap.clone()),
        _ => None,
    });
    gaps.collect()
}

fn warnings(actions: &[Action]) -> Vec<&str> {
    let warned = actions.iter().filter_map(|action| match action {
        Action::Warn(words) => Some(words.as_str()),
        _ => None,
    });
    warned.collect()
}

#[test]
fn a_first_answer_that_names_another_version_is_an_error_with_a_remedy() {
    let mut hand = Hand::with(Watch::all(Resource::new("a.com", "v1", "tens", "")), config(), Resume::default());
    hand.step(Input::Started);
    let now = Now { stamp: stamp(hand.at), monotonic: hand.at };
    let actions = hand.machine.step(now, Input::Listed(Err(served_as())));
    let [Action::Fail(error)] = actions.as_slice() else { panic!("{actions:?}") };
    let remedy = "the server serves tens.a.com only as v1alpha1: record a.com/v1alpha1/tens";
    assert_eq!(error.to_string(), remedy);
}

#[test]
fn a_kind_that_comes_to_be_served_in_another_version_leaves_a_gap_and_no_whole_end() {
    let mut hand = waiting();
    let now = Now { stamp: stamp(hand.at), monotonic: hand.at };
    let actions = hand.machine.step(now, Input::Listed(Err(served_as())));
    let warned = warnings(&actions);
    assert!(matches!(warned[..], [words] if words.contains("record v1alpha1/pods; stop this recorder")), "{warned:?}");
    hand.wait();
    let now = Now { stamp: stamp(hand.at), monotonic: hand.at };
    let actions = hand.machine.step(now, Input::Listed(Err(served_as())));
    assert!(warnings(&actions).is_empty(), "it is warned of once");
    assert_eq!(hand.step(Input::FinishRequested), ["-> heads", "-> list"]);
    let now = Now { stamp: stamp(hand.at), monotonic: hand.at };
    let actions = hand.machine.step(now, Input::Listed(Err(served_as())));
    let words: Vec<String> = actions.iter().flat_map(words).collect();
    assert_eq!(words, ["gap .. Unrecorded", "fence : the resource is served only as v1alpha1", "done"]);
    let [gap] = &gaps(&actions)[..] else { panic!("{actions:?}") };
    assert_eq!(
        (gap.from, gap.to),
        (stamp(SECOND).at, stamp(hand.at).at),
        "since the last answer that it is not served"
    );
}

#[test]
fn a_time_in_another_version_is_a_gap_even_if_none_serves_the_kind_at_the_end() {
    let mut hand = waiting();
    hand.step(Input::Listed(Err(served_as())));
    hand.wait();
    assert!(hand.step(Input::Listed(Err(RequestError::NotServed))).is_empty());
    hand.step(Input::FinishRequested);
    let actions = hand.step(Input::Listed(Err(RequestError::NotServed)));
    assert_eq!(actions, ["gap .. Unrecorded", "fence  whole", "done"]);
    // Also if the end is not answered.
    let mut hand = waiting();
    hand.step(Input::Listed(Err(served_as())));
    hand.step(Input::FinishRequested);
    let actions = hand.wait().1;
    assert_eq!(actions, ["gap .. Unrecorded", "fence : the server did not answer in time", "done"]);
}

#[test]
fn a_followed_kind_whose_version_is_withdrawn_is_not_recorded_as_not_served() {
    let withdrawn = || {
        let mut hand = Hand::following();
        hand.closed();
        hand.wait();
        assert!(hand.step(Input::Opened(Err(served_as()))).is_empty());
        hand
    };
    let mut hand = withdrawn();
    assert_eq!(hand.step(Input::FinishRequested), ["-> heads", "-> watch 1"]);
    let actions = hand.step(Input::Opened(Err(served_as())));
    assert_eq!(actions, ["gap 5..5 Unrecorded", "fence 5: the resource is served only as v1alpha1", "done"]);
    // Served again with its history, it has lost nothing.
    let mut hand = withdrawn();
    assert_eq!(hand.wait().1, ["-> watch 1"]);
    assert!(hand.step(Input::Opened(Ok(())))[0].starts_with("reconnected 5"));
    hand.receive(&event("MODIFIED", "a", "2"));
    hand.step(Input::FinishRequested);
    assert_eq!(hand.step(heads("5", &[("a", "2")])), ["fence 5 whole", "done"]);
}

#[test]
fn what_was_in_another_version_is_read_back_once_the_version_is_served() {
    let mut hand = waiting();
    hand.step(Input::Listed(Err(served_as())));
    hand.wait();
    assert_eq!(hand.step(listed("5", &[("a", "5")])), ["-> history ..5", "-> watch 5"]);
    let actions = hand.step(Input::HistoryRead(Answer::Loss(Recovery::none(Unknown::Forgotten))));
    assert!(actions[0].starts_with("Past("), "{actions:?}");
}
