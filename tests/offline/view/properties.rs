//! Properties of the views of every timeline.

use super::programs::{assert_fits, legible};
use super::sample::{Timeline, at, gap, subject};
use proptest::prelude::*;
use statetrail::observation::{GapReason, State, StateKind, Track};
use statetrail::timeline::{Body, Entry, GapEntry, Provenance};
use statetrail::view::{Format, Selection, Style, line::Lines};
use unicode_width::UnicodeWidthStr;

const TRACKS: [&str; 5] = ["status", "phase", "container/app", "condition/Ready", "lifecycle"];
const SEEN: [Provenance; 6] = [
    Provenance::Initial,
    Provenance::Live,
    Provenance::Delayed,
    Provenance::Late,
    Provenance::Healed,
    Provenance::AfterGap,
];
const REASONS: [GapReason; 9] = [
    GapReason::HistoryExpired,
    GapReason::Undecodable,
    GapReason::LeftSelection,
    GapReason::Replaced,
    GapReason::NeverPublished,
    GapReason::StorageReplaced,
    GapReason::StorageUnproven,
    GapReason::Contradicted,
    GapReason::Unrecorded,
];

#[derive(Clone, Debug)]
enum Happening {
    Enter { whom: usize, track: usize, label: String, restarts: u32, seen: usize },
    Delete { whom: usize },
    Lose { whom: Option<usize>, track: Option<usize>, closed: bool, reason: usize },
    Mark { name: String },
    Event { whom: usize, reason: String, count: u32, message: String },
}

fn happening() -> impl Strategy<Value = Happening> {
    let enter = (0..3_usize, 0..TRACKS.len(), ".{0,12}", 0..3_u32, 0..SEEN.len())
        .prop_map(|(whom, track, label, restarts, seen)| Happening::Enter { whom, track, label, restarts, seen });
    let lose =
        (proptest::option::of(0..3_usize), proptest::option::of(0..TRACKS.len()), any::<bool>(), 0..REASONS.len())
            .prop_map(|(whom, track, closed, reason)| Happening::Lose { whom, track, closed, reason });
    let event = (0..3_usize, "[A-C]", 0..4_u32, ".{0,30}")
        .prop_map(|(whom, reason, count, message)| Happening::Event { whom, reason, count, message });
    prop_oneof![
        8 => enter,
        1 => (0..3_usize).prop_map(|whom| Happening::Delete { whom }),
        2 => lose,
        1 => ".{0,8}".prop_map(|name| Happening::Mark { name }),
        2 => event,
    ]
}

fn timeline() -> impl Strategy<Value = Vec<Entry>> {
    proptest::collection::vec((0..3_000_i64, happening()), 0..40).prop_map(|happenings| {
        let whom = [
            subject("Pod", "web-0", "11111111-a"),
            subject("Pod", "web-0", "22222222-b"),
            subject("VirtualMachine", "löwe-虎", "33333333-c"),
        ];
        let mut now = 0;
        let mut timeline = Timeline::new();
        for (number, (later, happening)) in happenings.into_iter().enumerate() {
            now += later;
            match happening {
                Happening::Enter { whom: at, track, label, restarts, seen } => {
                    let mut state = State::plain(label);
                    if track == 2 {
                        state.kind = StateKind::Waiting;
                        state.detail.restart_count = Some(restarts);
                    }
                    timeline.enter(now, &whom[at], TRACKS[track], state).seen = SEEN[seen];
                }
                Happening::Delete { whom: at } => _ = timeline.go(now, &whom[at], "lifecycle", "Deleted"),
                Happening::Lose { whom: at, track, closed, reason } => {
                    let mut blind = gap("pods", Some(now / 2), closed.then_some(now), REASONS[reason]);
                    let subject = at.map(|at| &whom[at]);
                    blind.track = subject.and(track).map(|track| Track::parse(TRACKS[track]));
                    blind.evidence = Some(format!("gap number {number}."));
                    timeline.lose(now, subject, blind);
                }
                Happening::Mark { name } => timeline.mark(now, &name),
                Happening::Event { whom: at, reason, count, message } => {
                    timeline.event(now, &whom[at], &reason, count, &message);
                }
            }
        }
        timeline.entries
    })
}

fn selection() -> impl Strategy<Value = Selection> {
    let tracks = proptest::option::of(prop_oneof!["status", "phase", "condition/\\*"]);
    let kinds = proptest::option::of(prop_oneof!["po", "vm", "events"]);
    (tracks, kinds, proptest::option::of(0..40_000_i64), proptest::option::of(0..40_000_i64)).prop_map(
        |(track, kind, since, until)| Selection {
            tracks: track.iter().map(|track| track.parse().unwrap()).collect(),
            kinds: kind.iter().map(|kind| kind.parse().unwrap()).collect(),
            since: since.map(|since| at(since).to_string().parse().unwrap()),
            until: until.map(|until| at(until).to_string().parse().unwrap()),
            ..Selection::default()
        },
    )
}

fn written(format: Format, entries: &[Entry], selection: &Selection, style: &Style) -> String {
    let mut out = Vec::new();
    format.write(entries, selection, style, &mut out).unwrap();
    legible(format, out)
}

fn live(entries: &[Entry], selection: &Selection, style: Style) -> String {
    let mut lines = Lines::new(style);
    entries.iter().filter(|entry| selection.matches(entry)).map(|entry| lines.line(entry)).collect()
}

/// All views for people.
fn rendered(entries: &[Entry], selection: &Selection, style: Style) -> [String; 3] {
    [
        written(Format::Table, entries, selection, &style),
        written(Format::Log, entries, selection, &style),
        live(entries, selection, style),
    ]
}

/// What a view has of a gap. The summary counts the states of a track that were never published.
fn has(format: Format, view: &str, blind: &GapEntry) -> bool {
    let is_counted = format == Format::Summary && blind.reason == GapReason::NeverPublished;
    view.contains(blind.evidence.as_ref().unwrap()) || is_counted && view.contains(": never published, ")
}

proptest! {
    #[test]
    fn every_gap_of_the_timeline_is_in_every_view(entries in timeline()) {
        let selection = Selection::everything();
        let style = Style::default();
        let mut views: Vec<(Format, String)> =
            Format::ALL.iter().map(|f| (*f, written(*f, &entries, &selection, &style))).collect();
        views.push((Format::Log, live(&entries, &selection, style)));
        for entry in &entries {
            let Body::Gap(blind) = &entry.body else { continue };
            for (format, view) in &views {
                prop_assert!(has(*format, view, blind), "{blind:?}\n{view}");
            }
        }
    }

    #[test]
    fn every_gap_that_is_selected_is_in_every_view(entries in timeline(), selection in selection()) {
        let style = Style::default();
        let mut views: Vec<(Format, String)> =
            Format::ALL.iter().map(|f| (*f, written(*f, &entries, &selection, &style))).collect();
        views.push((Format::Log, live(&entries, &selection, style)));
        for entry in entries.iter().filter(|entry| selection.matches(entry)) {
            let Body::Gap(blind) = &entry.body else { continue };
            for (format, view) in &views {
                prop_assert!(has(*format, view, blind), "{blind:?}\n{view}");
            }
        }
    }

    #[test]
    fn a_gap_is_selected_with_every_transition_that_it_could_hide(entries in timeline(), selection in selection()) {
        for (place, entry) in entries.iter().enumerate() {
            let Body::Transition(transition) = &entry.body else { continue };
            // When what was first seen later began is not known, whatever was not seen before.
            if !selection.matches(entry) || entry.seen == Provenance::Initial {
                continue;
            }
            for gap in &entries[..place] {
                let Body::Gap(blind) = &gap.body else { continue };
                let concerns = gap.subject.is_some()
                    && gap.subject == entry.subject
                    && blind.track.as_ref().is_none_or(|track| *track == transition.track)
                    && blind.from.is_none_or(|from| from <= entry.stamp.at)
                    && blind.to.is_none_or(|to| to >= entry.stamp.at);
                prop_assert!(!concerns || selection.matches(gap), "{blind:?}\n{transition:?}\n{selection:?}");
            }
        }
    }

    #[test]
    fn json_lines_read_back_and_fit_the_schema(entries in timeline()) {
        let text = written(Format::Json, &entries, &Selection::everything(), &Style::default());
        prop_assert_eq!(text.lines().count(), entries.len());
        for (line, entry) in text.lines().zip(&entries) {
            let value = assert_fits(line);
            prop_assert_eq!(value["seq"].as_u64(), Some(entry.seq));
            if let Body::Transition(transition) = &entry.body {
                prop_assert_eq!(value["to"].as_str(), Some(transition.to.label.as_str()));
            }
        }
    }

    #[test]
    fn the_same_timeline_gives_the_same_bytes(entries in timeline(), selection in selection()) {
        let again = entries.clone();
        let style = Style::default();
        let loud = Style { colour: true, width: Some(80), namespaces: true, ..Style::default() };
        for format in Format::ALL {
            prop_assert_eq!(
                written(format, &entries, &selection, &style),
                written(format, &again, &selection, &style)
            );
        }
        // The output for programs does not depend on the terminal.
        for format in Format::ALL.into_iter().filter(|format| !format.is_for_people()) {
            prop_assert_eq!(
                written(format, &entries, &selection, &style),
                written(format, &again, &selection, &loud)
            );
        }
    }

    #[test]
    fn colours_are_written_only_when_wanted_and_change_no_word(entries in timeline(), width in 20..200_usize) {
        for width in [None, Some(width)] {
            let plain = Style { width, ..Style::default() };
            let plain_texts = rendered(&entries, &Selection::everything(), plain);
            let coloured = rendered(&entries, &Selection::everything(), Style { colour: true, ..plain });
            for (plain, coloured) in plain_texts.iter().zip(coloured) {
                prop_assert!(!plain.contains('\u{1b}'), "{plain:?}");
                prop_assert_eq!(plain, &anstream::adapter::strip_str(&coloured).to_string());
            }
        }
    }

    #[test]
    fn no_line_is_wider_than_the_terminal(entries in timeline(), width in 1..200_usize) {
        let style = Style { width: Some(width), ..Style::default() };
        for text in rendered(&entries, &Selection::everything(), style) {
            for line in text.lines() {
                prop_assert!(line.width() <= width, "{} columns: {line:?}", line.width());
            }
        }
    }

    #[test]
    fn nothing_is_cut_in_a_pipe(message in "[a-z ]{0,400}[a-z]") {
        let pod = subject("Pod", "web-0", "11111111-a");
        let mut timeline = Timeline::new();
        timeline.event(0, &pod, "Failed", 1, &message);
        for text in rendered(&timeline.entries, &Selection::everything(), Style::default()) {
            prop_assert!(text.contains(&message), "{text}");
        }
    }
}
