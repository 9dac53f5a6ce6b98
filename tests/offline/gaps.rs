//! What the fold concludes across a loss: only what is proven.

use crate::recorder::folded;
use serde_json::json;
use statetrail::observation::{
    Attached, Capture, Change, Gap, GapReason, ObjectEvent, Observation, Payload, Resource, ResourceVersion, Shape,
    Stamp, Undecodable, Watch, decode_object,
};
use statetrail::timeline::{Body, Ordered, SETTLE, sorted};
use statetrail::view::{Format, Selection, Style};
use std::time::Duration;

fn pod(change: Change, name: &str, version: u64, phase: &str) -> Payload {
    let json = json!({"metadata": {"namespace": "ns", "name": name, "uid": format!("uid-{name}"),
        "resourceVersion": version.to_string()}, "status": {"phase": phase}});
    let object = decode_object(json.to_string().as_bytes(), Shape::Pod, Capture::Status).unwrap();
    Payload::Object(ObjectEvent { watch: 0, change, object, not_before: None, healed: false, confirmed: false })
}

fn unchanged(name: &str, version: u64) -> Payload {
    let resource_version = ResourceVersion::new(version.to_string());
    Payload::Unchanged { watch: 0, uid: format!("uid-{name}").into(), resource_version }
}

fn attached(version: u64) -> Payload {
    let resource_version = ResourceVersion::new(version.to_string());
    Payload::Attached(Attached { watch: 0, resource_version, kind: "Pod".into(), not_before: None })
}

fn gap(from: u64, to: u64) -> Payload {
    let [from_resource_version, to_resource_version] = [from, to].map(|it| ResourceVersion::new(it.to_string()));
    let [from, to] = ["2026-01-01T00:00:01Z", "2026-01-01T00:00:02Z"].map(|at| at.parse().unwrap());
    let reason = GapReason::HistoryExpired;
    Payload::Gap(Gap {
        watch: 0,
        from_resource_version,
        to_resource_version,
        from,
        to,
        reason,
        unhealed: String::new(),
    })
}

fn undecodable() -> Payload {
    Payload::Undecodable(Undecodable { error: "what is this".to_owned(), ..Undecodable::default() })
}

fn end() -> Payload {
    Payload::End { reason: "over".to_owned() }
}

/// The fold of a recording of pods, each line at its second.
fn fold(lines: impl IntoIterator<Item = (u64, Payload)>) -> Vec<Ordered> {
    let start: jiff::Timestamp = "2026-01-01T00:00:00Z".parse().unwrap();
    let line = |(second, payload)| {
        let elapsed = Duration::from_secs(second);
        Observation { stamp: Stamp { at: start + elapsed, elapsed }, payload }
    };
    folded(&[Watch::all(Resource::new("", "v1", "pods", "Pod"))], lines.into_iter().map(line))
}

/// The gaps, as `reason name from->to`, and the phases and lifecycles after the first list.
fn folded_entries(lines: Vec<Payload>) -> Vec<String> {
    let ordered = fold((1..).zip(lines));
    let word = |version: &Option<ResourceVersion>| version.as_ref().map_or("?".to_owned(), ToString::to_string);
    let folded_entries = ordered.iter().filter_map(|placed| {
        let name = placed.entry.subject.as_ref().map_or("*", |subject| &subject.name);
        match &placed.entry.body {
            Body::Gap(gap) => {
                let (from, to) = (word(&gap.from_resource_version), word(&gap.to_resource_version));
                Some(format!("gap {name} {from}->{to}"))
            }
            Body::Transition(step) if step.from.is_some() => {
                Some(format!("{name} {} {} {}", step.track, step.to.label, placed.entry.seen.as_str()))
            }
            _ => None,
        }
    });
    folded_entries.collect()
}

#[test]
fn an_object_with_its_recorded_version_in_the_new_list_has_no_gap() {
    for again in [unchanged("a", 3), pod(Change::Listed, "a", 3, "Running")] {
        let lines = vec![
            pod(Change::Listed, "a", 3, "Running"),
            attached(5),
            gap(5, 9),
            again,
            attached(9),
            pod(Change::Modified, "a", 10, "Failed"),
            end(),
        ];
        assert_eq!(folded_entries(lines), ["gap * 5->9", "a phase Failed live", "a status Failed live"]);
    }
}

#[test]
fn an_object_that_changed_has_a_gap_of_its_own_and_one_that_vanished_is_deleted_after_it() {
    let lines = vec![
        pod(Change::Listed, "a", 3, "Running"),
        pod(Change::Listed, "b", 4, "Running"),
        attached(5),
        gap(5, 9),
        pod(Change::Listed, "a", 8, "Failed"),
        attached(9),
        end(),
    ];
    assert_eq!(
        folded_entries(lines),
        [
            "gap * 5->9",
            "gap a 3->8",
            "a phase Failed after-gap",
            "a status Failed after-gap",
            "gap b 4->9",
            "b lifecycle Deleted after-gap"
        ]
    );
}

#[test]
fn a_missing_list_leaves_all_objects_unseen_until_their_next_version() {
    let lines = vec![
        pod(Change::Listed, "a", 3, "Running"),
        pod(Change::Listed, "b", 4, "Running"),
        attached(5),
        gap(5, 9),
        pod(Change::Modified, "a", 10, "Failed"),
        end(),
    ];
    assert_eq!(
        folded_entries(lines),
        ["gap * 5->9", "gap a 3->10", "a phase Failed after-gap", "a status Failed after-gap", "gap b 4->?"]
    );
}

#[test]
fn an_object_unchanged_after_an_undecodable_line_was_not_in_it() {
    let lines = vec![
        pod(Change::Listed, "a", 3, "Running"),
        pod(Change::Listed, "b", 4, "Running"),
        attached(5),
        undecodable(),
        gap(5, 9),
        unchanged("a", 3),
        pod(Change::Listed, "b", 7, "Running"),
        attached(9),
        pod(Change::Modified, "a", 10, "Failed"),
        end(),
    ];
    assert_eq!(
        folded_entries(lines),
        ["gap * 5->?", "gap * 5->9", "gap b 4->7", "a phase Failed live", "a status Failed live"]
    );
}

#[test]
fn an_object_that_is_created_after_an_unfinished_list_is_seen_from_its_beginning() {
    let mut lines = vec![attached(5), gap(5, 9), pod(Change::Added, "a", 10, "Pending")];
    lines.push(pod(Change::Modified, "a", 11, "Running"));
    assert_eq!(folded_entries(lines), ["gap * 5->9", "a phase Running live", "a status Running live"]);
}

/// The earliest and latest time of each deletion, in seconds.
fn deletions(lines: Vec<(u64, Payload)>) -> Vec<(String, i64, i64)> {
    let ordered = fold(lines);
    let deleted = ordered.into_iter().filter_map(|placed| {
        let Body::Transition(step) = &placed.entry.body else { return None };
        let since = |at: jiff::Timestamp| at.as_second() - 1_767_225_600;
        let at = since(placed.entry.stamp.at);
        let name = placed.entry.subject.as_ref()?.name.to_string();
        (step.to.label == "Deleted").then(|| (name, placed.entry.not_before.map_or(at, since), at))
    });
    deleted.collect()
}

#[test]
fn a_deletion_that_a_list_shows_lies_between_the_last_moment_seen_and_the_list() {
    // The stream was last known alive at 1 s, and the list after the loss came at 2 s.
    let begin = |second| vec![(0, pod(Change::Listed, "a", 3, "Running")), (1, attached(5)), (second, gap(5, 9))];
    let then = |second| [begin(2), vec![(second, attached(9))]].concat();
    assert_eq!(deletions(then(2)), [("a".to_owned(), 1, 2)]);
    // The list of the oldest revision that the server has is recorded with the last moment known alive.
    assert_eq!(deletions(then(1)), [("a".to_owned(), 1, 2)]);
}

#[test]
fn a_deletion_that_another_object_of_the_name_shows_lies_between_the_last_line_and_that_one() {
    let mut other = pod(Change::Added, "a", 9, "Pending");
    if let Payload::Object(seen) = &mut other {
        seen.object.uid = "uid-other".into();
    }
    let lines = vec![(0, pod(Change::Listed, "a", 3, "Running")), (4, attached(5)), (7, other)];
    assert_eq!(deletions(lines), [("a".to_owned(), 4, 7)]);
}

#[test]
fn a_deletion_that_the_watch_delivers_is_exact() {
    let lines = vec![
        (0, pod(Change::Listed, "a", 3, "Running")),
        (4, attached(5)),
        (7, pod(Change::Deleted, "a", 6, "Failed")),
    ];
    assert_eq!(deletions(lines), [("a".to_owned(), 7, 7)]);
}

#[test]
fn a_deletion_that_a_list_shows_is_an_interval_in_every_view() {
    let lines = vec![
        pod(Change::Listed, "a", 3, "Running"),
        attached(5),
        gap(5, 9),
        // It is there no more.
        attached(9),
        end(),
    ];
    let entries = sorted(fold((1..).zip(lines)), SETTLE);
    let view = |format: Format| {
        let mut out = Vec::new();
        format.write(&entries, &Selection::everything(), &Style::default(), &mut out).unwrap();
        String::from_utf8(out).unwrap()
    };
    let csv = view(Format::Csv);
    let mut reader = csv::Reader::from_reader(csv.as_bytes());
    let header = reader.headers().unwrap().clone();
    let rows: Vec<csv::StringRecord> = reader.records().map(Result::unwrap).collect();
    let cell = |row: usize, column: &str| rows[row][header.iter().position(|name| name == column).unwrap()].to_owned();
    let deleted = (0..rows.len()).find(|row| cell(*row, "to") == "Deleted").unwrap();
    assert_eq!(cell(deleted, "notBefore"), "2026-01-01T00:00:01.000000Z", "{csv}");
    assert_eq!(cell(deleted, "at"), "2026-01-01T00:00:04.000000Z", "{csv}");
    let running = (0..rows.len()).find(|row| cell(*row, "track") == "phase").unwrap();
    assert_eq!(cell(running, "dwellSeconds"), "", "{csv}");
    // It was there before, so nothing limits how long it lived.
    let table = view(Format::Table);
    assert!(
        table.contains("Pod ns/a  uid-a  existed before 00:00:01.000 to 00:00:01..00:00:04  ?  deleted"),
        "{table}"
    );
    assert!(table.contains("Present [initial] ? -> ~not seen 3.00s~ -> Deleted [after-gap]"), "{table}");
    let log = view(Format::Log);
    let is_deletion = |line: &&str| line.starts_with("00:00:01..00:00:04 ") && line.contains("Deleted");
    assert!(log.lines().any(|line| is_deletion(&line) && line.ends_with("after-gap")), "{log}");
}
