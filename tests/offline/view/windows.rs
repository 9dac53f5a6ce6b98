//! Windows and moments: what was held at their start is shown in every format, and a gap makes it unknown.

use super::programs::legible;
use super::sample::{Timeline, gap, subject};
use statetrail::observation::GapReason;
use statetrail::timeline::{Entry, Provenance};
use statetrail::view::{Format, Selection, Style};

fn shown(format: Format, entries: &[Entry], (since, until): (&str, &str), style: &Style) -> String {
    let moment = |text: &str| Some(text.parse().expect("a moment"));
    let selection = Selection { since: moment(since), until: moment(until), ..Selection::default() };
    let selection = selection.resolve(entries).expect("a window");
    let mut out = Vec::new();
    format.write(entries, &selection, style, &mut out).expect("a Vec takes everything");
    legible(format, out)
}

/// A pod that fails at 3 s and is deleted at 9 s, one that runs from 2 s on, and one that is not seen from 4 s to 6 s.
fn three() -> Timeline {
    let (failing, running, hidden) =
        (subject("Pod", "failing", "u1"), subject("Pod", "running", "u2"), subject("Pod", "hidden", "u3"));
    let mut t = Timeline::new();
    for pod in [&failing, &running, &hidden] {
        t.go(1_000, pod, "phase", "Pending");
    }
    t.go(2_000, &running, "phase", "Running");
    t.go(3_000, &failing, "phase", "Failed");
    t.lose(6_000, Some(&hidden), gap("pods", Some(4_000), Some(6_000), GapReason::HistoryExpired));
    t.go(9_000, &failing, "lifecycle", "Deleted");
    t
}

#[test]
fn a_window_begins_with_the_states_held_at_its_start_in_every_format() {
    let entries = three().entries;
    for format in Format::ALL {
        let text = shown(format, &entries, ("+8s", "+8500ms"), &Style::default());
        assert!(text.contains("Running") && text.contains("Failed"), "{format}: {text}");
    }
    let json = shown(Format::Json, &entries, ("+8s", "+8500ms"), &Style::default());
    assert_eq!(json.lines().filter(|line| line.ends_with("\"held\":true}")).count(), 3, "{json}");
    let later = shown(Format::Json, &entries, ("+9500ms", "+10s"), &Style::default());
    assert!(!later.contains("failing"), "a deleted object holds nothing: {later}");
    let all = shown(Format::Json, &entries, ("+0s", "+10s"), &Style::default());
    assert!(!all.contains("held"), "nothing was held before the first entry: {all}");
}

#[test]
fn at_a_moment_every_subject_has_a_state_since_a_time_and_a_gap_makes_it_unknown() {
    let entries = three().entries;
    let at = |moment: &str| shown(Format::Table, &entries, (moment, moment), &Style::default());
    let line = |text: &str, name: &str| {
        let line = text.lines().find(|line| line.starts_with(&format!("pod/{name}")));
        line.unwrap_or_default().split_whitespace().map(str::to_owned).collect::<Vec<_>>().join(" ")
    };
    let text = at("+5s");
    assert!(text.lines().next().is_some_and(|line| line.ends_with(": 3 subjects, 1 failing, 1 unknown")), "{text}");
    assert!(line(&text, "failing").starts_with("pod/failing phase Failed ") && text.contains("2.00s"), "{text}");
    assert_eq!(line(&text, "hidden"), "pod/hidden phase unknown - - not seen: history expired; before, Pending");
    assert!(line(&at("+7s"), "hidden").starts_with("pod/hidden phase Pending"), "{}", at("+7s"));
    assert_eq!(line(&at("+9500ms"), "failing"), "", "it is deleted");
    assert_eq!(line(&at("+500ms"), "running"), "", "it is not created yet");
}

#[test]
fn before_it_was_first_seen_an_object_that_existed_is_unknown_in_every_format() {
    let mut t = Timeline::new();
    let early = subject("Pod", "early", "u1");
    t.go(100, &early, "phase", "Pending");
    let pod = subject("Pod", "old", "u2");
    t.go(3_000, &pod, "phase", "Running");
    t.entries[1].seen = Provenance::Initial;
    let table = shown(Format::Table, &t.entries, ("+1s", "+1s"), &Style::default());
    assert!(table.contains("unknown") && table.contains("existed before it was first seen at 18:09:23.000"), "{table}");
    let json = shown(Format::Json, &t.entries, ("+1s", "+1s"), &Style::default());
    let old = json.lines().find(|line| line.contains("\"old\"")).expect("a line");
    assert!(old.contains("\"seen\":\"initial\"") && !old.contains("held"), "{old}");
}

#[test]
fn a_summary_of_a_window_ends_with_it() {
    let entries = three().entries;
    let text = shown(Format::Summary, &entries, ("+0s", "+2500ms"), &Style::default());
    assert!(text.contains("Pending 2, Running 1") && !text.contains("Failed"), "{text}");
}

#[test]
fn times_of_another_day_than_the_first_have_a_date() {
    let day = 24 * 3_600_000;
    let pod = subject("Pod", "web", "u1");
    let mut t = Timeline::new();
    t.go(1_000, &pod, "status", "Pending");
    t.go(2_000, &pod, "status", "Running");
    t.go(day + 3_000, &pod, "status", "Failed");
    t.lose(day + 6_000, Some(&pod), gap("pods", Some(5_000), Some(day + 6_000), GapReason::HistoryExpired));
    t.go(day + 7_000, &subject("Pod", "late", "u2"), "status", "Failed");
    let style = Style { start: Some(t.entries[0].stamp.at), ..Style::default() };
    let all = Selection::everything();
    let text = |format: Format| {
        let mut out = Vec::new();
        format.write(&t.entries, &all, &style, &mut out).expect("a Vec takes everything");
        String::from_utf8(out).expect("text")
    };
    let table = text(Format::Table);
    for part in [
        "2026-11-20 18:09:21.000 to 2026-11-21 18:09:27.000 UTC",
        "---- 2026-11-21 UTC ----",
        "since 2026-11-21 18:09:27.000",
        "18:09:25.000 to 2026-11-21 18:09:26.000",
    ] {
        assert!(table.contains(part), "{part}: {table}");
    }
    assert!(text(Format::Summary).contains("2026-11-21 18:09:23.000"), "{}", text(Format::Summary));
    assert!(!text(Format::Table).contains("2026-11-20 18:09:22"), "the first day is in the first line");
}

#[test]
fn a_narrow_terminal_shortens_names_and_never_cuts_a_state() {
    let pod = subject("Pod", "virt-launcher-vm-with-a-very-long-name-x7k2p", "u1");
    let mut t = Timeline::new();
    t.go(1_000, &pod, "container/a-container-with-a-long-name", "ContainerCreating");
    t.go(2_000, &pod, "container/a-container-with-a-long-name", "CreateContainerConfigError");
    for width in [60, 80, 120] {
        let style = Style { width: Some(width), ..Style::default() };
        let text = shown(Format::Log, &t.entries, ("+0s", "+9s"), &style);
        assert!(text.contains("CreateContainerConfigError"), "{width}: {text}");
        assert!(text.contains('…') || width == 120, "{width}: {text}");
        assert!(text.lines().all(|line| line.chars().count() <= width), "{width}: {text}");
    }
    let whole = shown(Format::Log, &t.entries, ("+0s", "+9s"), &Style::default());
    assert!(whole.contains("pod/virt-launcher-vm-with-a-very-long-name-x7k2p"), "{whole}");
}

#[test]
fn a_long_table_begins_with_a_summary_and_failures_come_first_in_it() {
    let mut t = Timeline::new();
    for number in 0..30 {
        let pod = subject("Pod", &format!("web-{number}"), &format!("u{number}"));
        t.go(1_000, &pod, "phase", "Pending");
        t.go(2_000, &pod, "phase", if number == 17 { "Failed" } else { "Running" });
    }
    let everything = ("+0s", "+9s");
    let text = shown(Format::Table, &t.entries, everything, &Style::default());
    let lines: Vec<&str> = text.lines().collect();
    assert!(lines[2].starts_with("KIND"), "{text}");
    assert!(lines[3].starts_with("pod ") && lines[3].ends_with("Failed 1, Running 29"), "{text}");
    assert!(lines[5].starts_with("FAILED") && lines[6].starts_with("pod/web-17 "), "{text}");
    let summary = shown(Format::Summary, &t.entries, everything, &Style::default());
    assert!(text.starts_with(&summary), "without gaps, the summary is its beginning: {summary}");
    let named = shown(Format::Table, &t.entries[..20], everything, &Style::default());
    assert!(!named.contains("KIND"), "a short one has none: {named}");
}
