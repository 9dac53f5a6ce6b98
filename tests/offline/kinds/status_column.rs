//! The STATUS column: the expected values come from kubectl's real table printer (see tests/data/kinds/README.md).

use super::data::{interpret, kept, lines, object, watch};
use serde::Deserialize;
use serde_json::Value;
use statetrail::kinds::Interpretation;
use statetrail::observation::{Capture, Object, Track};
use std::collections::BTreeSet;

#[derive(Deserialize)]
struct Case {
    #[serde(default)]
    shape: String,
    status: String,
    pod: Value,
}

fn column(object: &Object) -> String {
    let Interpretation::Tracks { states, .. } = interpret(&watch("pods"), object).unwrap() else { panic!("tracks") };
    let mut columns = states.iter().filter(|(track, _)| *track == Track::Status);
    let (_, state) = columns.next().expect("every pod has a STATUS");
    assert!(columns.next().is_none());
    state.label.to_string()
}

fn differences(shapes: &[Case], keep: impl Fn(&Case) -> Object) -> Vec<String> {
    let differs = |shape: &Case| {
        let ours = column(&keep(shape));
        (ours != shape.status)
            .then(|| format!("{}: {ours:?} is {:?} to kubectl: {}", shape.shape, shape.status, shape.pod))
    };
    shapes.iter().filter_map(differs).collect()
}

#[test]
fn every_shape_of_a_pod_has_the_status_that_kubectl_prints() {
    let shapes: Vec<Case> = lines("status-shapes.jsonl");
    assert!(shapes.len() >= 40);
    for capture in [Capture::Status, Capture::Full] {
        let differences = differences(&shapes, |shape| kept("pods", shape.pod.clone(), capture));
        assert!(differences.is_empty(), "{capture:?}\n{}", differences.join("\n"));
    }
}

#[test]
fn a_thousand_random_pods_have_the_status_that_kubectl_prints() {
    let shapes: Vec<Case> = lines("status-generated.jsonl.zst");
    assert_eq!(shapes.len(), 1000);
    let differences = differences(&shapes, |shape| kept("pods", shape.pod.clone(), Capture::Status));
    assert!(differences.is_empty(), "{}", differences.join("\n"));
}

#[test]
fn every_event_of_real_pods_has_the_status_that_kubectl_prints() {
    for (capture, events, words) in [("story", 334, 27), ("vmlife", 85, 8), ("imagevolume", 13, 5)] {
        let shapes: Vec<Case> = lines(&format!("pods-{capture}.jsonl.zst"));
        let statuses: BTreeSet<_> = shapes.iter().map(|shape| &shape.status).collect();
        assert_eq!((shapes.len(), statuses.len()), (events, words), "{capture}: events and different words");
        let differences = differences(&shapes, |shape| object(&shape.pod));
        assert!(differences.is_empty(), "{capture}\n{}", differences.join("\n"));
    }
}
