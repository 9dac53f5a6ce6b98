//! The stream is read while history is: what it delivers is held, within bounds, and follows the list.

use super::super::super::heal::{Answer, Event, Found, Recovery, Unknown};
use super::*;

/// A machine whose first list, of `a@2` as of 5, waits for history. Its stream is open.
fn reading(past: Past) -> Hand {
    listing(past, &[("a", "2")])
}

fn listing(past: Past, objects: &[(&str, &str)]) -> Hand {
    let config = Config { healing: Healing::default(), past, ..config() };
    let mut hand = Hand::with(pods(), config, Resume::default());
    hand.step(Input::Started);
    assert_eq!(hand.step(listed("5", objects)), ["-> watch 5"]);
    let asked = hand.step(Input::Opened(Ok(())));
    assert!(asked.len() == 1 && (asked[0].contains("history") || asked[0].contains("beginnings")), "{asked:?}");
    hand
}

/// A machine that reads back what was lost between 5 and 9, and whose stream is open.
fn losing() -> Hand {
    let mut hand = Hand::healing();
    hand.follow();
    hand.receive(&error(410, "too old"));
    hand.step(listed("9", &[("a", "8")]));
    assert_eq!(hand.step(Input::Opened(Ok(()))), ["-> history 5..9"]);
    hand
}

fn since() -> Past {
    Past::Since(Timestamp::UNIX_EPOCH - 300 * SECOND)
}

fn no_beginnings() -> Input {
    Input::HistoryRead(Answer::Beginnings(Vec::new()))
}

fn unknown_past() -> Input {
    Input::HistoryRead(Answer::Since(Err(Unknown::Stopped)))
}

/// The lines that a step records, with the times of their stamps.
fn recorded(hand: &mut Hand, input: Input) -> Vec<(String, Duration)> {
    let now = Now { stamp: stamp(hand.at), monotonic: hand.at };
    let actions = hand.machine.step(now, input);
    let lines = actions.iter().filter_map(|action| if let Action::Send(lines) = action { Some(lines) } else { None });
    let line = |line: &Observation| match &line.payload {
        Payload::Past(_) => ("past".to_owned(), line.stamp.elapsed),
        what => (line_in_words(what), line.stamp.elapsed),
    };
    lines.flatten().map(line).collect()
}

fn timed(lines: &[(&str, u32)]) -> Vec<(String, Duration)> {
    lines.iter().map(|(line, seconds)| ((*line).to_owned(), SECOND * *seconds)).collect()
}

#[test]
fn what_the_stream_delivers_meanwhile_follows_the_list_with_the_times_of_its_receipt() {
    let mut hand = reading(since());
    hand.at = SECOND;
    assert!(hand.receive(&event("MODIFIED", "a", "6")).is_empty());
    hand.at = 3 * SECOND;
    assert!(hand.receive(&(event("ADDED", "b", "7") + &bookmark("8"))).is_empty());
    hand.at = 9 * SECOND;
    let lines = recorded(&mut hand, unknown_past());
    let expected =
        [("past", 0), ("Listed a@2", 0), ("attached 5", 0), ("Modified a@6", 1), ("Added b@7", 3), ("bookmark 8", 3)];
    assert_eq!(lines, timed(&expected));
    // From now on nothing waits.
    assert_eq!(hand.receive(&event("MODIFIED", "a", "9")), ["Modified a@9"]);
}

#[test]
fn a_list_without_objects_has_the_time_of_its_receipt_however_long_history_was_read() {
    let mut hand = listing(since(), &[]);
    hand.at = SECOND;
    hand.receive(&event("ADDED", "b", "6"));
    hand.at = 9 * SECOND;
    assert_eq!(recorded(&mut hand, unknown_past()), timed(&[("past", 0), ("attached 5", 0), ("Added b@6", 1)]));
}

#[test]
fn what_history_shows_of_a_loss_comes_before_what_the_stream_delivered_meanwhile() {
    let mut hand = losing();
    assert!(hand.receive(&event("MODIFIED", "a", "10")).is_empty());
    let lost = Event { revision: 8, change: Change::Modified, object: object("a", "8"), confirmed: false };
    let found = Ok(Found { events: vec![lost], loose: Vec::new(), whole: Ok(()) });
    let actions = hand.step(Input::HistoryRead(Answer::Loss(Recovery { since: None, resumed: None, found })));
    assert_eq!(actions, ["Modified a@8 healed", "healed 5..9", "Modified a@10"]);
    let mut hand = losing();
    hand.receive(&event("MODIFIED", "a", "10"));
    let actions = hand.step(Input::HistoryRead(Answer::Loss(Recovery::none(Unknown::Forgotten))));
    assert_eq!(actions, ["gap 5..9 HistoryExpired", "Listed a@8", "attached 9", "Modified a@10"]);
}

#[test]
fn a_stream_that_ends_meanwhile_is_taken_up_again_meanwhile() {
    let mut hand = reading(since());
    hand.receive(&(event("MODIFIED", "a", "6") + &bookmark("8")));
    assert_eq!(hand.closed(), ["-> close"]);
    assert_eq!(hand.wait().1, ["-> watch 8"]);
    assert_eq!(hand.step(Input::Opened(Ok(()))), ["-> head"]);
    hand.step(Input::Head(Some(version("8"))));
    assert!(hand.receive(&event("MODIFIED", "a", "9")).is_empty());
    let lines: Vec<String> = recorded(&mut hand, unknown_past()).into_iter().map(|(line, _)| line).collect();
    let closed = "reconnected 8: the server closed the stream";
    assert_eq!(lines[3..], ["Modified a@6", "bookmark 8", closed, "Modified a@9"]);
}

#[test]
fn what_waits_is_bounded_in_lines_and_in_bytes_and_then_the_stream_waits_in_its_queue() {
    let large = |number: usize| {
        let message = format!(r#""status":{{"message":"{}"}}"#, "x".repeat(1 << 20));
        event("MODIFIED", "a", &number.to_string()).replace(r#""status":{}"#, &message)
    };
    let small = |number: usize| event("MODIFIED", "a", &number.to_string());
    let kinds: [(usize, &dyn Fn(usize) -> String); 2] = [(10_000, &small), (9, &large)];
    for (most, event) in kinds {
        let mut hand = reading(since());
        let mut delivered = 0;
        while hand.machine.waits_for().is_none() {
            hand.receive(&event(6 + delivered));
            delivered += 1;
            assert!(delivered <= most, "{delivered} events wait");
        }
        assert!(delivered >= most - 1, "only {delivered} events may wait");
        assert_eq!(hand.machine.waits_for(), Some(Waits::History));
        // Its silence is not the server's.
        let idle = hand.machine.config.pace.idle;
        hand.at += idle + SECOND;
        assert!(!hand.step(Input::Deadline).contains(&"-> close".to_owned()));
        let lines = recorded(&mut hand, unknown_past());
        assert_eq!((lines.len(), hand.machine.waits_for()), (3 + delivered, None));
        assert_eq!(hand.machine.deadline(), Some(hand.at + idle));
    }
}

#[test]
fn each_wait_for_history_has_a_bound_and_that_for_the_past_is_told() {
    let mut hand = reading(since());
    hand.receive(&event("MODIFIED", "a", "6"));
    hand.at = hand.machine.deadline().expect("it waits");
    assert_eq!(hand.at, 2 * SECOND);
    let now = Now { stamp: stamp(hand.at), monotonic: hand.at };
    let told = hand.machine.step(now, Input::Deadline);
    let [Action::Warn(words)] = &told[..] else { panic!("{told:?}") };
    assert!(words.contains("in 28 s at the latest"), "{words}");
    assert_eq!(hand.wait(), (28 * SECOND, vec!["-> stop history".to_owned()]));
    assert_eq!(recorded(&mut hand, unknown_past()).len(), 4);
    // The others are short, and not told.
    assert_eq!(reading(Past::Beginnings).wait(), (SECOND, vec!["-> stop history".to_owned()]));
    assert_eq!(losing().wait(), (5 * SECOND, vec!["-> stop history".to_owned()]));
}

#[test]
fn an_end_meanwhile_leaves_history_half_of_its_time_and_is_fenced_behind_what_was_held() {
    let mut hand = losing();
    hand.receive(&event("MODIFIED", "a", "10"));
    assert_eq!(hand.step(Input::FinishRequested), ["-> heads"]);
    // What the list shows is held, and not yet recorded.
    assert!(hand.step(heads("10", &[("a", "10")])).is_empty());
    assert_eq!(hand.wait(), (5 * SECOND, vec!["-> stop history".to_owned()]));
    let actions = hand.step(Input::HistoryRead(Answer::Loss(Recovery::none(Unknown::Stopped))));
    assert_eq!(actions[3..], ["Modified a@10", "fence 10 whole", "done"]);
    // Without an answer, the end comes in time.
    let mut hand = losing();
    hand.receive(&event("MODIFIED", "a", "10"));
    hand.step(Input::FinishRequested);
    hand.wait();
    let (waited, actions) = hand.wait();
    assert_eq!(waited, 5 * SECOND);
    assert_eq!(actions[..4], ["-> stop history", "gap 5..9 HistoryExpired", "Listed a@8", "attached 9"]);
    assert_eq!(actions[4], "Modified a@10");
    assert_eq!(actions.last().map(String::as_str), Some("done"));
}

#[test]
fn a_watch_whose_first_list_waits_for_history_has_not_attached_when_the_end_is_asked_for() {
    let mut hand = reading(since());
    hand.step(Input::FinishRequested);
    let Timeouts { unattached, fence, .. } = Timeouts::default();
    assert_eq!(hand.wait(), (unattached / 2, vec!["-> stop history".to_owned()]));
    // Once its list is recorded, there is something to prove.
    hand.step(unknown_past());
    assert_eq!(hand.machine.deadline(), Some(fence));
}

#[test]
fn a_second_list_waits_for_the_history_before_the_first() {
    let mut hand = reading(since());
    hand.receive(&(event("MODIFIED", "a", "6") + &error(410, "too old")));
    assert_eq!(hand.step(listed("9", &[("a", "8")])), ["-> watch 9"]);
    assert!(hand.step(Input::Opened(Ok(()))).is_empty());
    assert_eq!(hand.machine.waits_for(), Some(Waits::History));
    let actions = hand.step(unknown_past());
    assert_eq!(actions[0], "-> history 6..9");
    assert_eq!(actions[2..], ["Listed a@2", "attached 5", "Modified a@6"]);
    let actions = hand.step(Input::HistoryRead(Answer::Loss(Recovery::none(Unknown::Forgotten))));
    assert_eq!(actions, ["gap 6..9 HistoryExpired", "Listed a@8", "attached 9"]);
}

#[test]
fn a_loss_of_another_storage_is_forgotten_and_a_first_list_is_not() {
    let mut hand = Hand::healing();
    hand.follow();
    hand.receive(&event("MODIFIED", "a", "6"));
    hand.closed();
    hand.at += 2 * SECOND;
    assert_eq!(hand.wait().1, ["-> watch 5"]);
    let expired = || Input::Opened(Err(RequestError::Expired("too old".to_owned())));
    assert_eq!(hand.step(expired()), ["-> last a@6", "-> watch 6"]);
    assert_eq!(hand.step(expired()), ["-> list"]);
    hand.step(listed("9", &[("a", "6")]));
    assert_eq!(hand.step(Input::Opened(Ok(()))), ["-> history 6..9"]);
    assert_eq!(hand.step(Input::Last(Ok(false))), ["-> close", "-> stop history"]);
    // Its answer is of no use.
    assert!(hand.step(Input::HistoryRead(Answer::Loss(Recovery::none(Unknown::Stopped)))).is_empty());
    assert_eq!(hand.wait().1, ["-> list"]);
    hand.step(listed("9", &[("a", "6")]));
    assert_eq!(hand.step(Input::Opened(Ok(())))[..2], ["gap 6..9 StorageReplaced", "Listed a@6"]);

    // An answer of history that comes late is no less true.
    let mut hand = Hand::healing();
    hand.follow();
    hand.at += 2 * SECOND;
    assert_eq!(hand.receive(&error(410, "too old")), ["-> close", "-> last a@2", "-> list"]);
    hand.step(listed("9", &[("a", "2")]));
    hand.step(Input::Opened(Ok(())));
    assert_eq!(hand.machine.waits_for(), Some(Waits::Storage));
    hand.step(Input::HistoryRead(Answer::Loss(Recovery::none(Unknown::Stopped))));
    hand.wait();
    assert_eq!(hand.machine.waits_for(), None);
    assert_eq!(hand.step(Input::Last(Ok(false))), ["-> close"]);

    let mut hand = reading(since());
    hand.receive(&event("MODIFIED", "a", "6"));
    hand.closed();
    hand.at += 2 * SECOND;
    hand.wait();
    assert_eq!(hand.step(Input::Opened(Ok(()))), ["-> head"]);
    let other = Input::Received { stamp: stamp(hand.at), bytes: event("MODIFIED", "a", "7").into() };
    let actions = act(&mut hand, other);
    let [Action::CloseWatch, Action::StopHistory, .., Action::Send(lines)] = &actions[..] else {
        panic!("{actions:?}")
    };
    let Payload::Past(past) = &lines[0].payload else { panic!("{lines:?}") };
    assert_eq!(past.missing, "the server's storage was replaced while it was read");
    let lines: Vec<String> = lines[1..].iter().map(|line| line_in_words(&line.payload)).collect();
    let closed = "reconnected 6: the server closed the stream";
    assert_eq!(lines, ["Listed a@2", "attached 5", "Modified a@6", closed]);
}

#[test]
fn deletions_are_confirmed_meanwhile() {
    let watch = Watch { label_selector: "app=web".to_owned(), ..pods() };
    let config = Config { healing: Healing::default(), past: since(), ..config() };
    let mut hand = Hand::with(watch, config, Resume::default());
    hand.step(Input::Started);
    hand.step(listed("5", &[("a", "2")]));
    hand.step(Input::Opened(Ok(())));
    assert_eq!(hand.receive(&event("DELETED", "a", "6")), ["-> confirm 1"]);
    // Later than it would be waited for without history.
    hand.at = 3 * SECOND;
    hand.step(Input::Confirmed { uid: "a".into(), version: version("6"), is_gone: true });
    assert_eq!(recorded(&mut hand, unknown_past())[3], ("Deleted a@6 gone".to_owned(), Duration::ZERO));
}

#[test]
fn what_precedes_the_list_is_recorded_before_it() {
    // A deletion under a selector still waits for its answer when the stream is lost.
    let watch = Watch { label_selector: "app=web".to_owned(), ..pods() };
    let config = Config { healing: Healing::default(), ..config() };
    let mut hand = Hand::with(watch, config, Resume::default());
    hand.follow();
    hand.receive(&(event("DELETED", "a", "6") + &error(410, "too old")));
    hand.step(listed("9", &[]));
    assert_eq!(hand.step(Input::Opened(Ok(()))), ["-> history 6..9"]);
    hand.receive(&event("ADDED", "b", "10"));
    let confirmed = Input::Confirmed { uid: "a".into(), version: version("6"), is_gone: true };
    assert_eq!(hand.step(confirmed), ["Deleted a@6 gone"]);
    let actions = hand.step(Input::HistoryRead(Answer::Loss(Recovery::none(Unknown::Forgotten))));
    assert_eq!(actions, ["gap 6..9 HistoryExpired", "attached 9", "Added b@10"]);
}

#[test]
fn a_new_object_with_the_name_of_one_of_the_list_is_a_contradiction_while_that_waits() {
    let mut hand = reading(since());
    let reborn = event("ADDED", "a", "7").replace(r#""uid":"a""#, r#""uid":"a2""#);
    assert_eq!(hand.receive(&reborn), ["-> close"]);
}

#[test]
fn beginnings_are_read_beside_the_stream_too() {
    let mut hand = reading(Past::Beginnings);
    hand.receive(&event("MODIFIED", "a", "6"));
    assert_eq!(hand.step(no_beginnings()), ["Listed a@2", "attached 5", "Modified a@6"]);
}

/// What a recorder that is killed now leaves of the lines that these actions record.
fn left(actions: &[Vec<Action>]) -> Resume {
    let mut resume = Resume::default();
    for action in actions.iter().flatten() {
        if let Action::Send(lines) = action {
            lines.iter().for_each(|line| resume.learn(line));
        }
    }
    resume
}

fn act(hand: &mut Hand, input: Input) -> Vec<Action> {
    hand.machine.step(Now { stamp: stamp(hand.at), monotonic: hand.at }, input)
}

fn opening(past: Past) -> (Hand, Vec<Vec<Action>>) {
    let config = Config { healing: Healing::default(), past, ..config() };
    let mut hand = Hand::with(pods(), config, Resume::default());
    let begun = [Input::Started, listed("5", &[("a", "2")]), Input::Opened(Ok(()))];
    let actions = begun.into_iter().map(|input| act(&mut hand, input)).collect();
    (hand, actions)
}

#[test]
fn a_past_that_is_asked_for_is_in_the_recording_before_anything_is_asked() {
    let config = Config { healing: Healing::default(), past: since(), ..config() };
    let mut hand = Hand::with(pods(), config, Resume::default());
    let started = vec![act(&mut hand, Input::Started)];
    assert!(matches!(&started[0][..], [Action::Send(_), Action::List]), "{started:?}");
    assert_eq!(left(&started).asked(Past::Unseen), since());
    // It is not asked for anew by the next recorder, whose file says it already.
    let resume = left(&started);
    let config = Config { past: resume.asked(Past::Unseen), ..config };
    assert_eq!(Hand::with(pods(), config, resume).step(Input::Started), ["-> list"]);
    // Nor does another one say so.
    for past in [Past::Unseen, Past::Beginnings] {
        let (_, actions) = opening(past);
        assert_eq!(left(&actions).past, None, "{past:?}");
    }
}

#[test]
fn what_a_recorder_was_given_while_it_read_beginnings_is_asked_for_again_if_it_is_killed() {
    for line in [event("ADDED", "b", "7"), "{}\n".to_owned()] {
        let (mut hand, mut actions) = opening(Past::Beginnings);
        let received = |text: String| Input::Received { stamp: stamp(Duration::ZERO), bytes: text.into() };
        actions.push(act(&mut hand, received(bookmark("6"))));
        assert_eq!(left(&actions).past, None, "nothing is held that a list does not show");
        actions.push(act(&mut hand, received(line)));
        let resume = left(&actions);
        assert_eq!(resume.asked(Past::Unseen), Past::Since(Timestamp::UNIX_EPOCH));
        // Once the list is recorded, there is nothing to ask for.
        actions.push(act(&mut hand, no_beginnings()));
        assert_eq!(left(&actions).past, None);
        assert_eq!(hand.machine.recorded.past(), None);
    }
    let (mut hand, _) = opening(Past::Beginnings);
    assert!(hand.receive(&event("ADDED", "b", "6"))[0].starts_with("Past("));
    assert!(hand.receive(&event("ADDED", "c", "7")).is_empty(), "that is said once");
}
