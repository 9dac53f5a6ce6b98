//! The subject of a timeline depends neither on how the resource was named nor on when its kind became known.

use serde_json::json;
use statetrail::observation::{
    Attached, Capture, Change, ObjectEvent, Observation, Payload, Resource, ResourceVersion, Shape, Stamp, Watch,
    decode_object,
};
use statetrail::timeline::Fold;
use std::time::Duration;

fn listed(name: &str, version: u64, healed: bool) -> Payload {
    let json = json!({"metadata": {"namespace": "ns", "name": name, "uid": format!("uid-{name}"),
        "resourceVersion": version.to_string()}, "status": {"phase": "Running"}});
    let object = decode_object(json.to_string().as_bytes(), Shape::Other, Capture::Status).unwrap();
    let change = Change::Listed;
    Payload::Object(ObjectEvent { watch: 0, change, object, not_before: None, healed, confirmed: false })
}

fn attached(kind: &str) -> Payload {
    Payload::Attached(Attached {
        watch: 0,
        resource_version: ResourceVersion::new("9"),
        kind: kind.into(),
        not_before: None,
    })
}

/// The subjects of a timeline, in order, and how many lines it took until the first entry.
fn subjects(resource: &Resource, lines: Vec<Payload>) -> (Vec<String>, usize) {
    let mut fold = Fold::new(None, &[Watch::all(resource.clone())]).unwrap();
    let mut placed = Vec::new();
    let mut first = usize::MAX;
    for (line, payload) in lines.into_iter().enumerate() {
        let at = "2026-01-01T00:00:00Z".parse().unwrap();
        let stamp = Stamp { at, elapsed: Duration::ZERO };
        fold.push(line as u64 + 1, Observation { stamp, payload }, &mut placed);
        if !placed.is_empty() {
            first = first.min(line);
        }
    }
    fold.release(&mut placed);
    let mut subjects: Vec<String> =
        placed.iter().filter_map(|placed| Some(placed.entry.subject.as_ref()?.to_string())).collect();
    subjects.dedup();
    (subjects, first)
}

#[test]
fn objects_of_a_list_whose_kind_comes_last_have_it_from_their_first_entry() {
    let workflows = Resource::new("argoproj.io", "v1alpha1", "workflows", "");
    let lines = vec![listed("old", 3, true), listed("older", 2, false), attached("Workflow"), listed("new", 12, false)];
    let (subjects, first) = subjects(&workflows, lines);
    assert_eq!(subjects, ["Workflow ns/old", "Workflow ns/older", "Workflow ns/new"]);
    assert_eq!(first, 2, "no entry before the kind is known");
}

#[test]
fn a_declared_kind_is_known_without_the_server() {
    let pods = Resource::new("", "v1", "pods", "");
    assert_eq!(subjects(&pods, vec![listed("old", 3, false)]), (vec!["Pod ns/old".to_owned()], 0));
}

#[test]
fn objects_of_an_unknown_kind_are_not_lost() {
    let things = Resource::new("example.com", "v1", "things", "");
    let subjects_of_unknown_kind = |lines| subjects(&things, lines).0;
    let end = Payload::End { reason: "over".to_owned() };
    assert_eq!(subjects_of_unknown_kind(vec![listed("old", 3, false), end]), ["things ns/old"]);
    assert_eq!(subjects_of_unknown_kind(vec![listed("old", 3, false)]), ["things ns/old"]);
    assert_eq!(subjects_of_unknown_kind(vec![listed("old", 3, false), attached("")]), ["things ns/old"]);
}
