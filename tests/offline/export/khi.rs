//! `-o khi`, read by an independent reading of the format's description: KHI's own module cannot be had from the
//! registries.

use super::readers::{entries, exported, hostile, read_with_python, recordings, show};
use serde_json::{Value, json};

const SCRIPT: &str = "read_khi.py";

fn array<'a>(value: &'a Value, member: &str) -> impl Iterator<Item = &'a Value> + Clone {
    value[member].as_array().unwrap_or_else(|| panic!("{member} of {value}")).iter()
}

#[test]
fn every_recording_is_a_file_with_all_states_gaps_events_and_marks() {
    let recordings = recordings();
    let exported = exported(&recordings, &["-o", "khi"]);
    for (recording, file) in recordings.iter().zip(read_with_python(SCRIPT, &exported.files)) {
        let name = recording.display();
        let entries = entries(recording, &[]);
        let count =
            |member: &str| entries.iter().filter(|entry| entry.get(member).is_some_and(|of| !of.is_null())).count();
        let of = |kind: &str| array(&file, "logs").filter(|log| log["type"] == kind).collect::<Vec<_>>();
        let entered = of("state").iter().filter(|log| log["body"].get("seq").is_some()).count();
        assert_eq!(entered, entries.iter().filter(|entry| entry.get("to").is_some()).count(), "{name}");
        assert_eq!(of("event").len(), count("evidence"), "{name}");
        assert_eq!(of("mark").len(), count("mark"), "{name}");
        assert_eq!(of("detail").len(), count("detail"), "{name}");
        for gap in entries.iter().filter(|entry| !entry["gap"].is_null()) {
            let is_it =
                |log: &&&Value| log["body"]["seq"] == gap["seq"] && log["body"]["reason"] == gap["gap"]["reason"];
            assert!(of("gap").iter().any(|log| is_it(&log)), "{name}: {gap}");
        }
    }
}

#[test]
fn a_gap_is_a_state_and_what_follows_it_has_no_beginning() {
    let folder = tempfile::tempdir().expect("a folder");
    let recording = hostile(folder.path(), "why");
    let exported = exported(std::slice::from_ref(&recording), &["-o", "khi"]);
    let file = &read_with_python(SCRIPT, &exported.files)[0];
    let row = |path: Value| array(file, "rows").find(|row| row["path"] == path).unwrap_or_else(|| panic!("{file:#}"));
    let phase = row(json!(["Pod", "shop", "web (u1)", "phase"]));
    let states: Vec<&Value> = array(phase, "revisions").map(|revision| &revision["state"]).collect();
    assert_eq!(states, ["Pending", "Oddwhy", "gap: history expired", "Running"], "{phase:#}");
    let of = |index: usize| &phase["revisions"][index];
    assert_eq!((&of(0)["body"]["dwell_us"], &of(1)["body"]["end"]), (&json!(2_000_000), &json!("gap")));
    assert_eq!((&of(2)["style"], &of(3)["body"]["beginning"]), (&json!(3), &json!("not seen")));
    let events: Vec<&Value> = array(row(json!(["recording"])), "events").map(|event| &event["summary"]).collect();
    assert!(events.contains(&&json!("why")), "the mark: {events:?}");
    assert_eq!(show(&recording, &["-o", "khi"]), show(&recording, &["-o", "khi"]));
}
