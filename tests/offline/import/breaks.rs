//! Every way in which input lines break off, and what is not concluded then.

use super::{bookmark, captured, event, import_of, notes, of_all, pod, summary, try_import_of};
use crate::recorder::folded;
use serde_json::json;
use statetrail::source::import::Options;
use statetrail::timeline::{Body, Provenance};

#[test]
fn after_an_error_of_the_server_there_is_a_gap_and_what_follows_was_there_before() {
    let expired = json!({"kind": "Status", "apiVersion": "v1", "code": 410, "reason": "Expired", "message": "too old"});
    let text = [
        event("ADDED", &pod("a", 3, "Running")),
        event("MODIFIED", &pod("a", 4, "Running")),
        event("ERROR", &expired),
        event("ADDED", &pod("a", 8, "Failed")),
        event("ADDED", &pod("b", 7, "Running")),
        event("BOOKMARK", &bookmark("Pod", 9, true)),
        event("ADDED", &pod("c", 10, "Pending")),
    ];
    let imported = import_of(&[&text.concat()]);
    assert_eq!(
        summary(&imported),
        [
            "LISTED a 3",
            "MODIFIED a 4",
            "GAP 4 9 history-expired",
            "LISTED a 8",
            "LISTED b 7",
            "ATTACHED 9",
            "ADDED c 10",
            "END imported"
        ]
    );
    assert!(notes(&imported).contains("in1:3: the server ended the watch here: 410 Expired too old"));
}

#[test]
fn deletions_that_share_a_version_are_all_imported() {
    let text = [
        event("ADDED", &pod("a", 3, "Running")),
        event("ADDED", &pod("b", 4, "Running")),
        event("ADDED", &pod("c", 5, "Running")),
        event("DELETED", &pod("a", 7, "Running")),
        event("DELETED", &pod("b", 7, "Running")),
        event("DELETED", &pod("c", 7, "Running")),
        event("ADDED", &pod("d", 8, "Running")),
    ];
    let imported = import_of(&[&text.concat()]);
    let expected = ["LISTED a 3", "LISTED b 4", "LISTED c 5", "DELETED a 7", "DELETED b 7", "DELETED c 7", "ADDED d 8"];
    assert_eq!(summary(&imported)[..7], expected);
    let entries = folded(&imported.watches, imported.observations);
    assert!(!entries.iter().any(|placed| matches!(placed.entry.body, Body::Gap(_))), "{entries:#?}");
}

#[test]
fn added_lines_that_go_back_are_a_new_list_and_no_births() {
    let text = [
        event("ADDED", &pod("a", 3, "Running")),
        event("MODIFIED", &pod("a", 6, "Running")),
        event("ADDED", &pod("b", 5, "Running")),
        event("ADDED", &pod("a", 8, "Failed")),
        event("MODIFIED", &pod("b", 9, "Failed")),
    ];
    assert_eq!(
        summary(&import_of(&[&text.concat()])),
        [
            "LISTED a 3",
            "MODIFIED a 6",
            "GAP 6 5 unrecorded",
            "LISTED b 5",
            "LISTED a 8",
            "MODIFIED b 9",
            "END imported"
        ]
    );
}

/// The summary of a line that could not be decoded.
fn unread(line: &str) -> String {
    format!("UNDECODABLE {} {}", line.len(), statetrail::observation::digest(line.as_bytes()))
}

#[test]
fn what_cannot_be_decoded_is_kept_and_its_subject_or_the_whole_watch_has_a_gap() {
    let unreadable = r#"{"type":"MODIFIED","object":{"kind":"Pod","apiVersion":"v1","metadata":{"name":7,"uid":"uid-a","resourceVersion":"5"}}}"#;
    let own = r#"{"type":"MODIFIED","object":{"kind":"Pod","apiVersion":"v1","metadata":{"uid":"uid-a","resourceVersion":"5"}}}"#;
    let first = event("ADDED", &pod("a", 3, "Running"));
    let last = event("MODIFIED", &pod("a", 6, "Running"));
    let imported = import_of(&[&format!("{first}{own}\n{last}")]);
    assert_eq!(summary(&imported), ["LISTED a 3", &unread(own), "MODIFIED a 6", "END imported"]);
    assert!(
        notes(&imported).contains("in1:2: cannot be decoded (object without metadata.name)"),
        "{}",
        notes(&imported)
    );

    for whose in [unreadable, "oops", r#"{"type":"MODIFIED","object":"#] {
        let imported = import_of(&[&format!("{first}{whose}\n{last}")]);
        let summary = summary(&imported);
        let kept = unread(whose);
        assert_eq!(summary[..2], ["LISTED a 3".to_owned(), kept], "{summary:?}");
        assert!(summary[2].starts_with("GAP 3 ") && summary[2].ends_with(" undecodable"), "{summary:?}");
        assert_eq!(summary[3], "MODIFIED a 6");
    }
}

#[test]
fn a_torn_last_line_is_cut_off_and_reported() {
    let whole = event("ADDED", &pod("a", 3, "Running"));
    let next = event("MODIFIED", &pod("a", 4, "Running"));
    for length in 1..next.len() - 1 {
        let imported = import_of(&[&format!("{whole}{}", &next[..length])]);
        assert_eq!(summary(&imported), ["LISTED a 3", "END imported"]);
        assert!(notes(&imported).contains(&format!("in1:2: the last line is torn: {length} bytes were cut off")));
        assert!(imported.is_cut);
    }
}

#[test]
fn inputs_of_two_namespaces_are_two_watches_and_of_one_are_parts_of_one() {
    let elsewhere = |version: u64| {
        let mut pod = pod("z", version, "Running");
        pod["metadata"]["namespace"] = json!("other");
        pod
    };
    let first = event("ADDED", &pod("a", 3, "Running")) + &event("MODIFIED", &pod("a", 6, "Running"));
    let second = event("ADDED", &elsewhere(2)) + &event("MODIFIED", &elsewhere(5));
    let imported = import_of(&[&first, &second]);
    let namespaces: Vec<&str> = imported.watches.iter().map(|watch| watch.namespace.as_str()).collect();
    assert_eq!(namespaces, ["ns", "other"]);
    assert_eq!(summary(&imported), ["LISTED z 2", "LISTED a 3", "MODIFIED z 5", "MODIFIED a 6", "END imported"]);

    let later = event("ADDED", &pod("a", 7, "Running")) + &event("MODIFIED", &pod("a", 8, "Failed"));
    let imported = import_of(&[&first, &later]);
    assert_eq!(imported.watches.len(), 1);
    assert_eq!(
        summary(&imported)[1..],
        ["MODIFIED a 6", "GAP 6 7 unrecorded", "LISTED a 7", "MODIFIED a 8", "END imported"]
    );

    let beside = event("ADDED", &pod("b", 4, "Running")) + &event("MODIFIED", &pod("b", 5, "Running"));
    let error = try_import_of(&[first.as_bytes(), beside.as_bytes()], &Options::default()).unwrap_err();
    assert_eq!(
        error.to_string(),
        "in2:1 overlaps in1:1: both contain the same pods at the same versions; import one of them, or each into a \
         recording of its own"
    );
}

#[test]
fn a_part_that_repeats_earlier_lines_is_no_contradiction() {
    let first = event("ADDED", &pod("a", 3, "Pending")) + &event("MODIFIED", &pod("a", 6, "Running"));
    let again = format!("{first}{}", event("MODIFIED", &pod("a", 7, "Failed")));
    assert_eq!(
        summary(&import_of(&[&first, &again]))[1..],
        ["MODIFIED a 6", "GAP 6 3 unrecorded", "LISTED a 3", "MODIFIED a 6", "MODIFIED a 7", "END imported"]
    );
}

#[test]
fn a_second_list_directly_after_the_first_is_a_gap() {
    let list = |names: &[&str]| names.iter().map(|name| event("ADDED", &pod(name, 3, "Running"))).collect::<String>();
    let text = list(&["a", "b"]) + &list(&["a", "b"]);
    assert_eq!(
        summary(&import_of(&[&text])),
        ["LISTED a 3", "LISTED b 3", "GAP 3 3 unrecorded", "LISTED a 3", "LISTED b 3", "END imported"]
    );
    // New objects come before the first that repeats.
    let text = list(&["b", "c"]) + &list(&["a", "b", "c"]) + &list(&["a"]);
    assert_eq!(
        summary(&import_of(&[&text])),
        [
            "LISTED b 3",
            "LISTED c 3",
            "GAP 3 3 unrecorded",
            "LISTED a 3",
            "LISTED b 3",
            "LISTED c 3",
            "GAP 3 3 unrecorded",
            "LISTED a 3",
            "END imported"
        ]
    );
}

#[test]
fn changes_that_go_back_in_their_versions_are_behind_a_gap() {
    let text = [
        event("ADDED", &pod("a", 3, "Running")),
        event("MODIFIED", &pod("a", 9, "Running")),
        event("MODIFIED", &pod("b", 5, "Running")),
        event("MODIFIED", &pod("b", 6, "Failed")),
        event("DELETED", &pod("a", 12, "Failed")),
        event("DELETED", &pod("b", 12, "Failed")),
    ];
    assert_eq!(
        summary(&import_of(&[&text.concat()])),
        [
            "LISTED a 3",
            "MODIFIED a 9",
            "GAP 9 5 unrecorded",
            "MODIFIED b 5",
            "MODIFIED b 6",
            "DELETED a 12",
            "DELETED b 12",
            "END imported"
        ]
    );
}

#[test]
fn an_object_that_is_added_twice_was_there_the_second_time() {
    let text = [
        event("MODIFIED", &pod("c", 1, "Running")),
        event("ADDED", &pod("b", 1, "Running")),
        event("ADDED", &pod("b", 1, "Running")),
        event("ADDED", &pod("a", 1, "Running")),
    ];
    let summary = summary(&import_of(&[&text.concat()]));
    assert_eq!(summary.iter().filter(|line| *line == "ADDED b 1").count(), 1, "{summary:?}");
    assert!(summary.contains(&"LISTED b 1".to_owned()), "{summary:?}");
}

#[test]
fn what_cannot_be_read_within_a_list_does_not_make_anything_gone() {
    let expired = json!({"kind": "Status", "apiVersion": "v1", "code": 410, "reason": "Expired", "message": "too old"});
    let warning = "Warning: v1 ComponentStatus is deprecated in v1.19+";
    let first = [
        event("ADDED", &pod("a", 3, "Running")),
        format!("{warning}\n"),
        event("ADDED", &pod("b", 5, "Running")),
        event("MODIFIED", &pod("b", 6, "Failed")),
    ];
    assert_eq!(
        summary(&import_of(&[&first.concat()])),
        ["LISTED a 3", &unread(warning), "LISTED b 5", "GAP 5 5 undecodable", "MODIFIED b 6", "END imported"]
    );
    let again = [
        event("ADDED", &pod("a", 3, "Running")),
        event("MODIFIED", &pod("a", 4, "Running")),
        event("ERROR", &expired),
        event("ADDED", &pod("b", 7, "Running")),
        format!("{warning}\n"),
        event("ADDED", &pod("c", 8, "Running")),
        event("BOOKMARK", &bookmark("Pod", 9, true)),
    ];
    assert_eq!(
        summary(&import_of(&[&again.concat()]))[2..],
        [
            "GAP 4 9 history-expired",
            "LISTED b 7",
            &unread(warning),
            "LISTED c 8",
            "BOOKMARK 9",
            "GAP 9 9 undecodable",
            "END imported"
        ]
    );
}

/// A complete list of one pod.
fn listed() -> String {
    event("ADDED", &pod("a", 3, "Running")) + &event("BOOKMARK", &bookmark("Pod", 5, true))
}

#[test]
fn an_event_that_does_not_follow_from_those_before_is_behind_a_gap() {
    let summary_after = |events: &[(&str, serde_json::Value)]| {
        let text: String = events.iter().map(|(change, object)| event(change, object)).collect();
        summary(&import_of(&[&(listed() + &text)]))[2..].to_vec()
    };
    let never_added = [("MODIFIED", pod("b", 7, "Failed")), ("MODIFIED", pod("b", 8, "Failed"))];
    assert_eq!(summary_after(&never_added), ["GAP 5 7 contradicted", "MODIFIED b 7", "MODIFIED b 8", "END imported"]);
    assert_eq!(summary_after(&[("DELETED", pod("b", 7, "Failed"))])[0], "GAP 5 7 contradicted");
    for change in ["MODIFIED", "DELETED", "ADDED"] {
        let summary = summary_after(&[("DELETED", pod("a", 6, "Failed")), (change, pod("a", 7, "Failed"))]);
        assert_eq!(summary[..2], ["DELETED a 6", "GAP 6 7 contradicted"], "{change}");
    }
    let mut other = pod("a", 7, "Pending");
    other["metadata"]["uid"] = json!("uid-other");
    assert_eq!(
        summary_after(&[("ADDED", other)])[..2],
        ["GAP 5 7 contradicted", "ADDED a 7"],
        "another one has its name"
    );
    let same = [("MODIFIED", pod("a", 6, "Pending")), ("MODIFIED", pod("a", 6, "Failed"))];
    assert_eq!(summary_after(&same), ["MODIFIED a 6", "MODIFIED a 6", "GAP 6 6 contradicted", "END imported"]);
    let sound =
        [("ADDED", pod("b", 7, "Pending")), ("MODIFIED", pod("b", 8, "Failed")), ("DELETED", pod("b", 8, "Failed"))];
    assert!(summary_after(&sound).iter().all(|line| !line.starts_with("GAP")));
}

#[test]
fn an_object_may_leave_a_selection_and_return() {
    let text = listed() + &event("DELETED", &pod("a", 6, "Failed")) + &event("ADDED", &pod("a", 7, "Failed"));
    let options = Options { label_selector: "app=x".to_owned(), ..Options::default() };
    let imported = try_import_of(&[text.as_bytes()], &options).unwrap();
    assert_eq!(summary(&imported)[2..], ["DELETED a 6", "ADDED a 7", "END imported"]);
}

#[test]
fn versions_longer_than_a_machine_word_are_decimal_numbers() {
    let long = |end: &str| {
        let mut pod = pod("a", 1, "Running");
        pod["metadata"]["resourceVersion"] = json!(format!("{}{end}", "9".repeat(49)));
        pod
    };
    let text = event("ADDED", &long("9")) + &event("MODIFIED", &long("8"));
    assert!(summary(&import_of(&[&text])).iter().any(|line| line.starts_with("GAP ")));
    let text = event("ADDED", &long("8")) + &event("MODIFIED", &long("9"));
    assert!(summary(&import_of(&[&text])).iter().all(|line| !line.starts_with("GAP ")));
}

#[test]
fn a_page_of_a_list_does_not_show_all() {
    let page = |more: &str| {
        let metadata = json!({"resourceVersion": "20", "continue": more});
        json!({"kind": "PodList", "apiVersion": "v1", "metadata": metadata, "items": [pod("a", 3, "Running")]})
            .to_string()
    };
    assert_eq!(summary(&import_of(&[&page("")])), ["LISTED a 3", "ATTACHED 20", "END imported"]);
    assert_eq!(summary(&import_of(&[&page("abc")])), ["LISTED a 3", "GAP 3 3 unrecorded", "END imported"]);
}

#[test]
fn where_receipt_times_go_back_a_line_says_that_the_clock_is_another_one() {
    let text = captured(1, "ADDED", &pod("a", 3, "Pending"))
        + &captured(9, "MODIFIED", &pod("a", 4, "Running"))
        + &captured(5, "MODIFIED", &pod("a", 5, "Failed"));
    let imported = import_of(&[&text]);
    assert!(
        summary(&imported)[2].contains("Clock(") && summary(&imported)[2].contains("boot: Some"),
        "{:?}",
        summary(&imported)
    );
    assert!(notes(&imported).contains("in1: its receipt times go back"));
}

#[test]
fn where_nothing_ends_the_first_list_no_beginning_is_known_and_nothing_is_said_of_what_is_not_in_it() {
    // A watch without a list, opened again without a version: all that there is comes as ADDED, and looks like births.
    let again = captured(3, "ADDED", &pod("c", 14, "Running")) + &captured(4, "MODIFIED", &pod("c", 15, "Failed"));
    for first in [
        captured(1, "MODIFIED", &pod("a", 11, "Running")),
        captured(1, "DELETED", &pod("a", 11, "Running")),
        captured(1, "ADDED", &pod("a", 10, "Running")) + &captured(2, "DELETED", &pod("a", 11, "Running")),
    ] {
        let imported = import_of(&[&(first + &again)]);
        assert!(summary(&imported).iter().all(|line| !line.starts_with("ATTACHED")), "{:?}", summary(&imported));
        assert!(
            notes(&imported).contains("no object's beginning is known; `kubectl get --raw '/api/v1/namespaces/ns/pods")
        );
        for ordered in folded(&imported.watches, imported.observations) {
            let entry = ordered.entry;
            let is_begun = matches!(&entry.body, Body::Transition(transition) if transition.from.is_none());
            assert!(!is_begun || entry.seen == Provenance::Initial, "{entry:?}");
        }
    }
    let closed = listed() + &event("ADDED", &pod("c", 14, "Running"));
    let imported = import_of(&[&closed]);
    let entries = folded(&imported.watches, imported.observations);
    assert!(entries.iter().any(|ordered| ordered.entry.seen == Provenance::Live), "a whole list shows births");
}

#[test]
fn behind_a_gap_without_a_whole_list_nothing_is_born() {
    let text = listed() + "garbage\n" + &event("ADDED", &pod("c", 14, "Running"));
    let imported = import_of(&[&text]);
    assert_eq!(summary(&imported)[3..], ["GAP 5 5 undecodable", "ADDED c 14", "END imported"]);
    let entries = folded(&imported.watches, imported.observations);
    let of_c =
        entries.iter().filter(|ordered| ordered.entry.subject.as_ref().is_some_and(|subject| subject.name == "c"));
    assert!(of_c.clone().count() > 0 && of_c.clone().all(|ordered| ordered.entry.seen == Provenance::AfterGap));
}

#[test]
fn one_that_goes_on_after_its_deletion_is_found_after_a_gap() {
    let text = listed() + &event("DELETED", &pod("a", 6, "Failed")) + &event("MODIFIED", &pod("a", 7, "Running"));
    let imported = import_of(&[&text]);
    let entries = folded(&imported.watches, imported.observations);
    let last = entries.iter().rfind(|ordered| matches!(ordered.entry.body, Body::Transition(_))).unwrap();
    assert_eq!(last.entry.seen, Provenance::AfterGap, "{last:?}");
}

/// A list of pods, as a server returns it, or with an empty version as kubectl prints it.
fn list_of(kind: &str, version: &str, pods: &[serde_json::Value]) -> String {
    let metadata = json!({"resourceVersion": version});
    json!({"kind": kind, "apiVersion": "v1", "metadata": metadata, "items": pods}).to_string() + "\n"
}

#[test]
fn a_watch_after_a_list_is_as_discontinuous_in_one_input_as_in_two() {
    let list = list_of("PodList", "5", &[pod("a", 3, "Running")]);
    let changed = event("MODIFIED", &pod("a", 8, "Running"));
    let watches = [
        (changed.clone(), vec!["GAP 5 8 unrecorded", "MODIFIED a 8"]),
        (event("DELETED", &pod("a", 8, "Running")), vec!["GAP 5 8 unrecorded", "DELETED a 8"]),
        (format!("{}\n", pod("a", 8, "Running")), vec!["GAP 5 8 unrecorded", "LISTED a 8"]),
        (event("ADDED", &pod("n", 7, "Running")) + &changed, vec!["GAP 5 7 unrecorded", "LISTED n 7", "MODIFIED a 8"]),
        (
            event("BOOKMARK", &bookmark("Pod", 7, false)) + &changed,
            vec!["GAP 5 7 unrecorded", "BOOKMARK 7", "MODIFIED a 8"],
        ),
    ];
    for (watch, expected) in watches {
        let imported = import_of(&[&(list.clone() + &watch)]);
        let shown = summary(&imported);
        assert_eq!(shown[..2], ["LISTED a 3", "ATTACHED 5"]);
        assert_eq!(shown[2..shown.len() - 1], expected);
        assert!(notes(&imported).contains("in1:2: nothing proves that the watch continues the list before it"));
        if !watch.contains("BOOKMARK") {
            assert_eq!(shown, summary(&import_of(&[&list, &watch])), "as in two inputs");
        }
    }
}

#[test]
fn a_list_of_kubectl_is_not_known_to_be_complete() {
    let list = list_of("List", "", &[pod("a", 3, "Running"), pod("b", 4, "Running")]);
    assert_eq!(summary(&import_of(&[&list])), ["LISTED a 3", "LISTED b 4", "END imported"]);
    let watch = event("MODIFIED", &pod("b", 8, "Running")) + &event("ADDED", &pod("c", 9, "Running"));
    let imported = import_of(&[&(list.clone() + &watch)]);
    assert_eq!(
        summary(&imported)[2..],
        ["GAP 4 8 unrecorded", "MODIFIED b 8", "ADDED c 9", "END imported"],
        "{:?}",
        summary(&imported)
    );
    for ordered in folded(&imported.watches, imported.observations) {
        let entry = ordered.entry;
        let is_begun = matches!(&entry.body, Body::Transition(transition) if transition.from.is_none());
        assert!(!is_begun || entry.seen != Provenance::Live, "{entry:?}");
    }
}

#[test]
fn an_empty_list_at_the_end_is_a_gap_and_not_passed_over() {
    let first = list_of("PodList", "5", &[pod("a", 3, "Running")]);
    for (empty, to) in [(list_of("List", "", &[]), "5"), (list_of("PodList", "9", &[]), "9")] {
        let imported = import_of(&[&(first.clone() + &empty)]);
        let gap = format!("GAP 5 {to} unrecorded");
        assert_eq!(summary(&imported), ["LISTED a 3", "ATTACHED 5", &gap, "END imported"]);
        assert!(notes(&imported).contains("in1:2: the stream continues elsewhere here"), "{}", notes(&imported));
    }
    let imported = import_of(&[&(first + &list_of("List", "", &[]))]);
    assert!(notes(&imported).contains("in1:2: an empty list that does not say of which kind it is"));
}

/// A pod of a namespace.
fn pod_in(namespace: &str, name: &str, version: u64) -> serde_json::Value {
    let mut pod = pod(name, version, "Running");
    pod["metadata"]["namespace"] = json!(namespace);
    pod
}

#[test]
fn a_list_without_objects_says_nothing_of_a_namespace_that_it_may_not_be_of() {
    let end = |version| event("BOOKMARK", &bookmark("Pod", version, true));
    let of_two = event("ADDED", &pod_in("two", "c", 120)) + &end(200);
    let expected = ["LISTED c 120", "ATTACHED 200", "END imported"];
    let empty_list = list_of("PodList", "100", &[]);
    // One that names no kind is refused where it is alone.
    let imported = import_of(&[&(list_of("List", "100", &[]) + &of_two)]);
    assert!(!summary(&imported).contains(&"ATTACHED 100".to_owned()), "{:?}", summary(&imported));
    for empty in [end(100), empty_list] {
        for inputs in [&[&*empty, &of_two][..], &[&(empty.clone() + &of_two)]] {
            let imported = import_of(inputs);
            assert_eq!(summary(&imported), expected, "{inputs:?}");
            assert!(notes(&imported).contains("in1:1: no object in it"), "{}", notes(&imported));
        }
        // After others it may be of the same: what they show need not go on.
        let imported = import_of(&[&of_two, &empty]);
        assert!(summary(&imported)[2].starts_with("GAP 200 "), "{:?}", summary(&imported));
        assert_eq!(summary(&imported).len(), 4);
        let error = try_import_of(&[empty.as_bytes()], &Options::default()).unwrap_err().to_string();
        assert!(error.starts_with("in1"), "{error}");
    }
    let said = try_import_of(&[end(100).as_bytes(), of_two.as_bytes()], &of_all()).unwrap();
    assert_eq!(summary(&said)[0], "ATTACHED 100", "the user says so");
}

#[test]
fn lines_of_one_namespace_prove_nothing_of_several() {
    let end = |version| event("BOOKMARK", &bookmark("Pod", version, true));
    let one = event("ADDED", &pod_in("one", "a", 90)) + &end(100);
    let two = event("ADDED", &pod_in("two", "b", 95)) + &end(110);
    let both = [event("ADDED", &pod_in("one", "a", 90)), event("ADDED", &pod_in("two", "b", 95)), end(120)].concat();
    let imported = import_of(&[&one, &two]);
    assert_eq!(imported.watches.len(), 2);
    let imported = import_of(&[&(one.clone() + &two)]);
    assert_eq!(imported.watches.len(), 2, "in one input, too");
    let imported = import_of(&[&one, &both]);
    assert!(!summary(&imported).iter().any(|line| line.starts_with("ATTACHED")), "{:?}", summary(&imported));
    assert!(summary(&imported)[0].starts_with("GAP"), "{:?}", summary(&imported));
    assert!(notes(&imported).contains("`--namespace ''` for all"), "{}", notes(&imported));
    let said = try_import_of(&[one.as_bytes(), both.as_bytes()], &of_all()).unwrap();
    assert_eq!(summary(&said)[..2], ["LISTED a 90", "ATTACHED 100"]);
    // In an input of several watches, an empty list may be of another namespace than the lines after it.
    let created = event("ADDED", &pod_in("three", "c", 120));
    let imported = import_of(&[&(one.clone() + &end(105) + &created)]);
    assert!(!summary(&imported).contains(&"ATTACHED 105".to_owned()), "{:?}", summary(&imported));
    assert!(notes(&imported).contains("its list shows no object of namespace three"), "{}", notes(&imported));
}

#[test]
fn the_pages_of_a_list_are_not_all_that_existed() {
    let page = |more: &str, version: &str, name: &str| {
        let metadata = json!({"resourceVersion": version, "continue": more});
        json!({"kind": "PodList", "apiVersion": "v1", "metadata": metadata, "items": [pod(name, 90, "Running")]})
            .to_string()
            + "\n"
    };
    for pages in [page("k", "100", "a"), page("", "100", "b") + &page("k", "100", "a")] {
        let imported = import_of(&[&(pages + &list_of("PodList", "200", &[pod("c", 120, "Running")]))]);
        assert!(!summary(&imported).iter().any(|line| line.starts_with("ATTACHED")), "{:?}", summary(&imported));
    }
}
