//! Views for people, as snapshots.

use super::sample::{Timeline, failed, gap, image_pull, subject, troubled};
use statetrail::observation::{GapReason, State, Track};
use statetrail::timeline::{Body, Entry};
use statetrail::view::{
    Caveats, Durations, Format, Moment, Selection, Stalls, Stream, Style, Summary, digest::Digest, line::Lines, path,
    polling,
};
use std::fmt::Write as _;
use std::time::Duration;

fn shown(format: Format, entries: &[Entry], selection: &Selection, style: &Style) -> String {
    let mut out = Vec::new();
    format.write(entries, selection, style, &mut out).unwrap();
    String::from_utf8(out).unwrap()
}

fn live(entries: &[Entry], style: Style) -> String {
    let mut lines = Lines::new(style);
    entries.iter().map(|entry| lines.line(entry)).collect()
}

#[test]
fn a_table_shows_each_subject_at_a_glance() {
    insta::assert_snapshot!(shown(Format::Table, &image_pull(), &Selection::everything(), &Style::default()));
}

#[test]
fn a_table_shows_what_was_not_seen() {
    insta::assert_snapshot!(shown(Format::Table, &troubled(), &Selection::everything(), &Style::default()));
}

#[test]
fn a_narrow_terminal_cuts_lines_and_wraps_paths() {
    let style = Style { width: Some(72), ..Style::default() };
    insta::assert_snapshot!(shown(Format::Table, &image_pull(), &Selection::everything(), &style));
}

#[test]
fn colours_follow_the_families_of_states() {
    let style = Style { colour: true, ..Style::default() };
    let text = shown(Format::Table, &troubled(), &Selection::everything(), &style);
    insta::assert_snapshot!(text.replace('\u{1b}', "␛"));
}

#[test]
fn a_table_of_nothing_is_empty() {
    let selection = Selection { names: vec!["nobody".parse().unwrap()], ..Selection::default() };
    let text = shown(Format::Table, &image_pull()[1..5], &selection, &Style::default());
    assert_eq!(text, "");
}

#[test]
fn a_part_of_a_path_says_that_it_is_one() {
    let selection = Selection {
        tracks: vec!["status".parse().unwrap(), "init/*".parse().unwrap()],
        since: Some("+7s".parse().unwrap()),
        until: Some("+37s".parse().unwrap()),
        ..Selection::default()
    };
    insta::assert_snapshot!(shown(Format::Table, &image_pull(), &selection, &Style::default()));
}

#[test]
fn the_log_shows_every_entry_with_everything() {
    insta::assert_snapshot!(shown(Format::Log, &image_pull(), &Selection::everything(), &Style::default()));
}

#[test]
fn the_log_shows_what_was_not_seen() {
    let style = Style { namespaces: true, ..Style::default() };
    insta::assert_snapshot!(shown(Format::Log, &troubled(), &Selection::everything(), &style));
}

#[test]
fn live_lines_stay_under_each_other() {
    insta::assert_snapshot!(live(&image_pull(), Style::default()));
}

#[test]
fn live_lines_show_what_was_not_seen() {
    insta::assert_snapshot!(live(&troubled(), Style { namespaces: true, ..Style::default() }));
}

#[test]
fn a_path_has_bars_to_scale() {
    let entries = image_pull();
    let vm = entries[1].subject.clone().unwrap();
    insta::assert_snapshot!(path::narrative(&entries, &vm, &Track::Status, &Style::default()));
}

#[test]
fn a_path_shows_its_gaps() {
    let entries = troubled();
    let pod = entries[4].subject.clone().unwrap();
    let old = entries[0].subject.clone().unwrap();
    let style = Style::default();
    let paths = [
        path::narrative(&entries, &pod, &Track::Status, &style),
        path::narrative(&entries, &pod, &Track::parse("container/app"), &style),
        path::narrative(&entries, &old, &Track::Status, &style),
    ];
    insta::assert_snapshot!(paths.join("\n"));
    assert_eq!(path::narrative(&entries, &pod, &Track::Phase, &style), "");
}

#[test]
fn polls_are_judged_by_the_dwells() {
    let entries = image_pull();
    let selection = Selection {
        kinds: vec!["vm".parse().unwrap()],
        tracks: vec!["status".parse().unwrap()],
        ..Selection::default()
    };
    let visits = polling::visits(&entries, &selection);
    let style = Style::default();
    insta::assert_snapshot!(format!(
        "{}\n{}",
        visits.table(&polling::PERIODS, &style),
        visits.each(&polling::PERIODS, &style)
    ));
    let short = visits.measured.iter().find(|visit| visit.dwell == Duration::from_millis(231)).unwrap();
    assert_eq!(short.state.label, "ErrImagePull");
    assert!((polling::chance(short.dwell, Duration::from_secs(1)) - 0.231).abs() < 1e-9);
    let fare = visits.fare(Duration::from_secs(1)).unwrap();
    let by_hand = 0.063 + 1.0 + 1.0 + 1.0 + 0.231 + 1.0 + 0.354;
    assert!((fare.seen - by_hand).abs() < 1e-9, "{} is not {by_hand}", fare.seen);
}

#[test]
fn a_stay_that_was_not_seen_from_end_to_end_is_not_judged() {
    let entries = troubled();
    let visits = polling::visits(&entries, &Selection::everything());
    let transitions = entries
        .iter()
        .filter(|entry| matches!(&entry.body, Body::Transition(transition) if transition.to != State::absent()))
        .count();
    assert_eq!(visits.measured.len() + visits.unmeasured, transitions);
    let measured: Vec<_> = visits.measured.iter().map(|visit| visit.state.label.as_str()).collect();
    assert_eq!(measured, ["Pending", "ContainerCreating", "", "True"]);
    assert!(polling::Visits::default().table(&polling::PERIODS, &Style::default()).contains("no state"));
}

#[test]
fn a_summary_says_whether_that_was_all() {
    let pods = Stream { selected: "pods".to_owned(), events: 337, fenced: true, ..Stream::default() };
    let vms = Stream {
        selected: "virtualmachines.kubevirt.io".to_owned(),
        namespace: "story".to_owned(),
        not_served: true,
        ..Stream::default()
    };
    let whole = Summary {
        streams: vec![pods.clone(), vms],
        problems: Vec::new(),
        whole: true,
        transitions: 808,
        subjects: 28,
        marks: 1,
        undecodable: 0,
        stalls: Stalls::default(),
        duration: Duration::from_secs(137),
        file: "story.jsonl.zst".to_owned(),
        bytes: Some(421_777),
    };
    let problem = |text: &str| text.to_owned();
    let gaps = ["13 to 25: the server did not answer", "30 to 31", "40 to 41", "50 to 51"];
    let torn = Summary {
        streams: vec![Stream {
            reconnects: 2,
            gaps: 4,
            problems: gaps.map(|gap| format!("not seen from {gap}")).to_vec(),
            ..pods.clone()
        }],
        whole: false,
        bytes: Some(900),
        undecodable: 1,
        stalls: Stalls { disk: 2, fold: 3, decoding: 5, history: 1, storage: 4 },
        ..whole.clone()
    };
    let unproven = problem("its end was not fenced: the last events may be missing");
    let open = Summary {
        streams: vec![Stream { fenced: false, problems: vec![unproven], ..pods }],
        problems: vec![problem("it has no last line: the recorder is still running, or was killed")],
        whole: false,
        ..whole.clone()
    };
    let style = Style::default();
    let texts = [whole, torn, open].map(|summary| summary.text(&style));
    insta::assert_snapshot!(texts.join("\n"));
}

#[test]
fn a_narrow_terminal_cuts_no_stay() {
    let entries = image_pull();
    // Events have messages, which are cut.
    let selection = Selection { tracks: vec!["*".parse().unwrap()], ..Selection::default() };
    let stays = |style: &Style| {
        let text = shown(Format::Table, &entries, &selection, style);
        let is_stay =
            |word: &&str| word.ends_with('s') && word.starts_with(|c: char| c.is_ascii_digit()) || *word == "…";
        let mut stays: Vec<_> = text.split_whitespace().filter(is_stay).map(str::to_owned).collect();
        stays.sort();
        stays
    };
    let all = stays(&Style::default());
    assert!(all.len() > 10, "{all:?}");
    for width in 60..120 {
        assert_eq!(stays(&Style { width: Some(width), ..Style::default() }), all, "{width} columns");
    }
}

#[test]
fn a_table_by_the_writers_clocks_says_so_at_every_stay() {
    let style = Style { caveats: Caveats { durations: Durations::Stamped, ..Caveats::default() }, ..Style::default() };
    let text = shown(Format::Table, &image_pull(), &Selection::everything(), &style);
    assert!(text.contains("by the writers' clocks") && text.contains("~28.8s") && !text.contains(" 28.8s"), "{text}");
    let log = shown(Format::Log, &image_pull(), &Selection::everything(), &style);
    assert!(log.contains("~28.8s") && !log.contains(" 28.8s"), "{log}");
}

#[test]
fn gaps_outside_the_times_shown_are_counted() {
    let entries = troubled();
    let last = entries.iter().map(|entry| entry.stamp.at).max().unwrap();
    let selection = Selection { since: Some(Moment::At(last)), ..Selection::default() };
    let text = shown(Format::Table, &entries, &selection, &Style::default());
    let heading = text.lines().next().unwrap();
    assert!(heading.contains("outside these times"), "{heading}");
}

#[test]
fn where_no_clock_measured_it_no_stay_is_a_number() {
    let style = Style { caveats: Caveats { durations: Durations::Unknown, ..Caveats::default() }, ..Style::default() };
    for format in [Format::Table, Format::Log] {
        let text = shown(format, &image_pull(), &Selection::everything(), &style);
        assert!(!text.contains("28.8s") && text.contains(" ?"), "{text}");
    }
    let heading = shown(Format::Table, &image_pull(), &Selection::everything(), &style);
    assert!(heading.lines().next().unwrap().contains("by clocks that do not compare"), "{heading}");
}

#[test]
fn stamps_that_do_not_differ_are_no_stay_of_nothing() {
    let pod = subject("Pod", "a", "u1");
    let mut t = Timeline::new();
    t.go(0, &pod, "phase", "Pending");
    t.go(0, &pod, "phase", "Running");
    t.lose(0, None, gap("pods", Some(0), Some(0), GapReason::Unrecorded));
    let style = Style { caveats: Caveats { durations: Durations::Stamped, ..Caveats::default() }, ..Style::default() };
    for format in [Format::Table, Format::Log] {
        let text = shown(format, &t.entries, &Selection::everything(), &style);
        assert!(!text.contains("0ms"), "{text}");
    }
}

#[test]
fn a_gap_of_a_watch_counts_once_however_many_subjects_it_hides() {
    let (one, other) = (subject("Pod", "a", "u1"), subject("Pod", "b", "u2"));
    let mut t = Timeline::new();
    t.go(0, &one, "phase", "Pending");
    t.go(0, &other, "phase", "Pending");
    t.lose(9_000, None, gap("pods", Some(4_000), Some(9_000), GapReason::HistoryExpired));
    for pod in [&one, &other] {
        t.lose(9_000, Some(pod), gap("pods", Some(4_000), Some(9_000), GapReason::HistoryExpired));
    }
    let heading = |entries: &[Entry]| {
        let text = shown(Format::Table, entries, &Selection::everything(), &Style::default());
        text.lines().next().unwrap_or_default().to_owned()
    };
    assert!(heading(&t.entries).ends_with(", 1 gap (2 subjects hidden)"), "{}", heading(&t.entries));
    t.lose(9_500, Some(&one), gap("pods", Some(9_100), Some(9_500), GapReason::Undecodable));
    assert!(heading(&t.entries).ends_with(", 2 gaps (2 subjects hidden)"), "{}", heading(&t.entries));
}

/// The lines that `watch` shows by default.
fn digested(entries: &[Entry]) -> String {
    let (mut digest, mut lines) = (Digest::new(false), Lines::new(Style::default()));
    let mut text = String::new();
    for entry in entries {
        let line = digest.shows(entry).map(|times| lines.repeated(entry, times));
        text.push_str(&line.unwrap_or_default());
    }
    for (subject, failures) in digest.failures() {
        let _ = writeln!(text, "{subject}: {failures}");
    }
    text
}

#[test]
fn a_digest_has_states_warnings_and_failures() {
    insta::assert_snapshot!(digested(&image_pull()));
}

#[test]
fn a_digest_has_every_gap() {
    let count = |text: &str| text.matches("~~~ ").count();
    let (all, digested) = (live(&troubled(), Style::default()), digested(&troubled()));
    assert!(count(&all) > 3);
    assert_eq!(count(&digested), count(&all), "{digested}");
}

#[test]
fn a_repeated_warning_is_shown_again_after_pauses_that_grow() {
    let mut t = Timeline::new();
    let pods = ["web-1", "web-2"].map(|name| subject("Pod", name, name));
    for turn in 0..180 {
        let pod = &pods[turn % 2];
        let message = format!("Back-off restarting failed container app in pod {}_story({})", pod.name, pod.uid);
        t.event(i64::try_from(turn).unwrap() * 10_000, pod, "BackOff", 1, &message);
    }
    let text = digested(&t.entries);
    let times: Vec<&str> = text.lines().filter_map(|line| line.split_whitespace().nth(5)).collect();
    assert_eq!(times, ["Back-off", "x7", "x19", "x43", "x91"], "{text}");
}

#[test]
fn a_failure_of_a_container_is_shown_where_the_status_of_its_pod_does_not_show_it() {
    let mut t = Timeline::new();
    let pod = subject("Pod", "web", "web");
    t.go(0, &pod, "status", "Running");
    t.enter(1_000, &pod, "container/sidecar", failed("Error", 0, 1));
    t.go(2_000, &pod, "status", "Error");
    t.enter(2_000, &pod, "container/app", failed("Error", 0, 1));
    t.go(3_000, &pod, "status", "Terminating");
    t.enter(4_000, &pod, "container/app", failed("OOMKilled", 0, 137));
    let text = digested(&t.entries);
    assert!(text.contains("container/sidecar") && !text.contains("container/app"), "{text}");
    assert!(text.ends_with("pod/web: Error x2; now Terminating\n"), "{text}");
}
