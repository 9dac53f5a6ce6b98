//! What selectors select, and what they must never hide.

use super::sample::{Timeline, gap, image_pull, subject, troubled};
use statetrail::observation::{GapReason, Track};
use statetrail::timeline::{Body, Entry};
use statetrail::view::{Error, Named, Selection};

fn shown<'a>(selection: &Selection, entries: &'a [Entry]) -> Vec<&'a Entry> {
    entries.iter().filter(|entry| selection.matches(entry)).collect()
}

fn tracks(entries: &[&Entry]) -> Vec<String> {
    entries
        .iter()
        .filter_map(|entry| match &entry.body {
            Body::Transition(transition) => Some(format!("{} {}", transition.track, transition.to.label)),
            _ => None,
        })
        .collect()
}

#[test]
fn selectors_of_one_list_are_alternatives_and_lists_restrict_each_other() {
    let entries = image_pull();
    let mut selection = Selection::everything();
    selection.kinds = vec!["po".parse().unwrap(), "vm/nobody".parse().unwrap()];
    selection.tracks = vec!["phase".parse().unwrap(), "init/*".parse().unwrap()];
    selection.uids = vec!["58cff6d1".parse().unwrap()];
    assert_eq!(
        tracks(&shown(&selection, &entries)),
        [
            "phase Pending",
            "init/disk PodInitializing",
            "init/disk ErrImagePull",
            "init/disk ImagePullBackOff",
            "init/disk ErrImagePull",
            "init/disk ImagePullBackOff"
        ]
    );
    selection.names = vec!["virt-handler-*".parse().unwrap()];
    assert!(tracks(&shown(&selection, &entries)).is_empty());
}

#[test]
fn naming_events_selects_the_evidence() {
    let entries = image_pull();
    let selection = Selection { kinds: vec!["events".parse().unwrap()], ..Selection::default() };
    let shown = shown(&selection, &entries);
    assert_eq!(shown.iter().filter(|entry| matches!(entry.body, Body::Evidence(_))).count(), 6);
    assert!(tracks(&shown).is_empty());
}

#[test]
fn a_window_is_of_times_durations_or_marks() {
    let entries = image_pull();
    let window = |since: &str, until: &str| {
        let selection = Selection {
            kinds: vec!["vm".parse().unwrap()],
            tracks: vec!["status".parse().unwrap()],
            since: Some(since.parse().unwrap()),
            until: Some(until.parse().unwrap()),
            ..Selection::default()
        };
        tracks(&shown(&selection.resolve(&entries).unwrap(), &entries))
    };
    let second = ["status ErrImagePull", "status ImagePullBackOff"];
    assert_eq!(window("mark:second attempt", "+40s"), second);
    assert_eq!(window("+20s", "2026-11-20T18:10:00Z"), second);
    assert_eq!(window("+6222ms", "+6222ms"), ["status ErrImagePull"]);
}

#[test]
fn an_unknown_mark_is_reported_with_the_known_ones() {
    let entries = image_pull();
    let selection = Selection { since: Some("mark:third attempt".parse().unwrap()), ..Selection::default() };
    assert_eq!(
        selection.clone().resolve(&entries).unwrap_err().to_string(),
        "no mark `third attempt`: marks of this timeline: create the VM, second attempt"
    );
    assert!(selection.resolve(&[]).unwrap_err().to_string().contains("no marks"));
    let backwards = Selection {
        since: Some("+20s".parse().unwrap()),
        until: Some("+10s".parse().unwrap()),
        ..Selection::default()
    };
    assert!(matches!(backwards.resolve(&entries), Err(Error::Backwards { .. })));
}

#[test]
fn a_live_reader_begins_at_its_mark() {
    let entries = image_pull();
    let mut selection = Selection {
        kinds: vec!["vm".parse().unwrap()],
        tracks: vec!["status".parse().unwrap()],
        since: Some("mark:second attempt".parse().unwrap()),
        ..Selection::default()
    };
    let shown: Vec<&Entry> = entries
        .iter()
        .filter(|entry| {
            selection.observe(entry);
            selection.matches(entry)
        })
        .collect();
    assert_eq!(tracks(&shown), ["status ErrImagePull", "status ImagePullBackOff", "status Terminating"]);
}

#[test]
fn marks_are_always_shown() {
    let selection = Selection {
        names: vec!["nobody".parse().unwrap()],
        until: Some("1ms".parse().unwrap()),
        ..Selection::default()
    };
    let entries = image_pull();
    let shown = shown(&selection, &entries);
    assert_eq!(shown.len(), 2);
    assert!(shown.iter().all(|entry| matches!(entry.body, Body::Mark(_))));
}

#[test]
fn a_gap_is_shown_whenever_it_could_concern_the_selection() {
    let pod = subject("Pod", "web-0", "u1");
    let mut timeline = Timeline::new();
    timeline.lose(10_000, None, gap("pods", Some(5_000), Some(9_000), GapReason::HistoryExpired));
    timeline.lose(10_000, Some(&pod), gap("pods", Some(5_000), None, GapReason::LeftSelection));
    let mut of_track = gap("pods", Some(5_000), Some(9_000), GapReason::NeverPublished);
    of_track.track = Some(Track::parse("container/app"));
    timeline.lose(10_000, Some(&pod), of_track);
    timeline.lose(10_000, None, gap("events", None, Some(9_000), GapReason::HistoryExpired));
    let shown = |change: fn(&mut Selection)| {
        let mut selection = Selection::everything();
        change(&mut selection);
        timeline.entries.iter().map(|entry| selection.matches(entry)).collect::<Vec<_>>()
    };
    assert_eq!(shown(|_| ()), [true, true, true, true]);
    // Another pod with that name, or with another uid, may have been created and deleted in the watch's gap.
    assert_eq!(shown(|s| s.names = vec!["web-1".parse().unwrap()]), [true, false, false, true]);
    assert_eq!(shown(|s| s.uids = vec!["f00".parse().unwrap()]), [true, false, false, true]);
    assert_eq!(shown(|s| s.namespaces = vec!["other".parse().unwrap()]), [false, false, false, false]);
    assert_eq!(shown(|s| s.kinds = vec!["vmi".parse().unwrap()]), [false, false, false, true]);
    assert_eq!(shown(|s| s.kinds = vec!["events".parse().unwrap()]), [false, false, false, true]);
    // Events have no tracks, so a gap of theirs cannot hide one.
    assert_eq!(shown(|s| s.tracks = vec!["phase".parse().unwrap()]), [true, true, false, false]);
    assert_eq!(shown(|s| s.since = Some("+9500ms".parse().unwrap())), [false, true, false, false]);
    assert_eq!(shown(|s| s.since = Some("+9s".parse().unwrap())), [true, true, true, true]);
    assert_eq!(shown(|s| s.until = Some("+4s".parse().unwrap())), [false, false, false, true]);
    assert_eq!(shown(|s| s.until = Some("+6s".parse().unwrap())), [true, true, true, true]);
}

#[test]
fn what_was_delivered_late_is_shown_when_it_may_have_happened_inside_the_window() {
    let entries = troubled();
    let selection = Selection {
        tracks: vec!["status".parse().unwrap()],
        since: Some("+18s".parse().unwrap()),
        until: Some("20500ms".parse().unwrap()),
        ..Selection::default()
    };
    assert_eq!(tracks(&shown(&selection, &entries)), ["status Error", "status Running"]);
}

#[test]
fn invalid_selectors_are_reported_with_a_remedy() {
    let errors = [
        "".parse::<statetrail::view::Pattern>().unwrap_err().to_string(),
        "x y".parse::<statetrail::view::KindName>().unwrap_err().to_string(),
        "a_b".parse::<statetrail::view::UidPrefix>().unwrap_err().to_string(),
        "30".parse::<statetrail::view::Moment>().unwrap_err().to_string(),
    ];
    insta::assert_snapshot!(errors.join("\n"));
}

#[test]
fn what_is_remembered_for_messages_does_not_grow_with_the_subjects() {
    let mut selection = Selection::everything();
    selection.kinds = vec!["pod/web-49".parse().unwrap(), "vm".parse().unwrap()];
    selection.names = vec!["nobdy".parse().unwrap(), "web-*".parse().unwrap()];
    selection.uids = vec!["none".parse().unwrap(), "u1".parse().unwrap()];
    selection.namespaces = vec!["story".parse().unwrap()];
    selection.tracks = vec!["phase".parse().unwrap(), "status".parse().unwrap()];
    let remembered = |pods: u32| {
        let mut named = Named::by(&selection);
        for number in 0..pods {
            let pod = subject("Pod", &format!("web-{number}"), &format!("u{number}"));
            let mut timeline = Timeline::new();
            timeline.go(0, &pod, "phase", "Running");
            timeline.entries.iter().for_each(|entry| named.entry(entry));
        }
        let pod = subject("Pod", "nobody", "u");
        let mut timeline = Timeline::new();
        timeline.go(0, &pod, "phase", "Running");
        named.entry(&timeline.entries[0]);
        let messages: Vec<String> = named.unmatched().into_iter().map(|unmatched| unmatched.message).collect();
        assert_eq!(
            messages,
            [
                "it has no object and no watch of kind `vm`; it has pod",
                "it has no object named `nobdy`; did you mean `nobody`?",
                "no uid in it begins with `none`; the table shows the uids of its objects",
                "it has no track `status`; it has phase",
            ]
        );
        format!("{named:?}").len()
    };
    assert!(remembered(20_000) < remembered(5_000) + 1000);
}
