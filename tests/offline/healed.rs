//! Healed versions are equivalent to delivered ones: which versions of a watch were delivered and which were read back,
//! and when, changes only the provenance and times in a timeline.

use crate::recorder::folded;
use jiff::Timestamp;
use proptest::prelude::*;
use serde_json::json;
use statetrail::observation::{
    Attached, Capture, Change, GapReason, Healed, ObjectEvent, Observation, Payload, Resource, ResourceVersion, Shape,
    Stamp, Watch, decode_object,
};
use statetrail::timeline::{SETTLE, sorted};
use std::time::Duration;

fn watches() -> Vec<Watch> {
    vec![
        Watch::all(Resource::new("", "v1", "pods", "Pod")),
        Watch::all(Resource::new("kubevirt.io", "v1", "virtualmachineinstances", "VirtualMachineInstance")),
    ]
}

/// A write: the watch, the object, and the content; some are deletions.
type Write = (usize, usize, u8);

/// The events that the watches deliver, each in order.
fn delivered(writes: &[Write]) -> [Vec<ObjectEvent>; 2] {
    let mut of = [Vec::new(), Vec::new()];
    let mut living = [[None::<u64>; 3]; 2];
    let mut phases = [["Pending"; 3]; 2];
    for (revision, (watch, whose, what)) in (10..).zip(writes) {
        let (watch, whose) = (watch % 2, whose % 3);
        let shape = if watch == 0 { Shape::Pod } else { Shape::Other };
        let born = living[watch][whose];
        let change = match (born, what % 5) {
            (None, _) => Change::Added,
            (Some(_), 0) => Change::Deleted,
            _ => Change::Modified,
        };
        if change != Change::Deleted {
            phases[watch][whose] = ["Pending", "Running", "Failed", "Succeeded"][usize::from(what / 5 % 4)];
        }
        let birth = *living[watch][whose].get_or_insert(revision);
        if change == Change::Deleted {
            living[watch][whose] = None;
        }
        let json = json!({"metadata": {"namespace": "story", "name": format!("o{whose}"), "uid": format!("u{watch}-{whose}-{birth}"),
            "resourceVersion": revision.to_string()}, "status": {"phase": phases[watch][whose]}});
        let object = decode_object(json.to_string().as_bytes(), shape, Capture::Status).expect("an object");
        let watch_id = u16::try_from(watch).expect("two watches");
        of[watch].push(ObjectEvent {
            watch: watch_id,
            change,
            object,
            not_before: None,
            healed: false,
            confirmed: false,
        });
    }
    of
}

/// A recording: the watches interleaved by `turns`, and the events marked in `healed` read back instead of delivered.
fn timeline(delivered: &[Vec<ObjectEvent>; 2], turns: &[bool], healed: &[Vec<bool>; 2]) -> Vec<String> {
    let mut lines = Vec::new();
    let mut elapsed = Duration::ZERO;
    let mut push = |payload: Payload| {
        elapsed += Duration::from_millis(70);
        lines.push(Observation { stamp: Stamp { at: Timestamp::UNIX_EPOCH + elapsed, elapsed }, payload });
    };
    for watch in 0..2 {
        let version = ResourceVersion::new("9");
        push(Payload::Attached(Attached { watch, resource_version: version, kind: "".into(), not_before: None }));
    }
    let mut next = [0, 0];
    let mut turns = turns.iter().cycle();
    while next[0] < delivered[0].len() || next[1] < delivered[1].len() {
        let wanted = usize::from(*turns.next().expect("a cycle has no end"));
        let watch = if next[wanted] < delivered[wanted].len() { wanted } else { 1 - wanted };
        let mut seen = delivered[watch][next[watch]].clone();
        let read_back = |at: usize| healed[watch].get(at).copied().unwrap_or(false);
        seen.healed = read_back(next[watch]);
        seen.not_before = seen.healed.then_some(Timestamp::UNIX_EPOCH);
        let version = seen.object.resource_version.clone();
        push(Payload::Object(seen));
        next[watch] += 1;
        // The end of a span that was read back is recorded as complete.
        if read_back(next[watch] - 1) && !read_back(next[watch]) {
            push(Payload::Healed(Healed {
                watch: u16::try_from(watch).expect("two watches"),
                from_resource_version: ResourceVersion::new("9"),
                to_resource_version: version,
                from: Timestamp::UNIX_EPOCH,
                to: Timestamp::UNIX_EPOCH,
                reason: GapReason::HistoryExpired,
                not_before: None,
            }));
        }
    }
    let entries = sorted(folded(&watches(), lines), SETTLE);
    let shown = |entry: &statetrail::timeline::Entry| {
        format!("{:?} {:?} {:?}", entry.subject.as_ref().map(|one| &one.uid), entry.resource_version, entry.body)
    };
    entries.iter().map(shown).collect()
}

proptest! {
    #[test]
    fn which_versions_were_healed_changes_nothing_but_how_and_when_they_were_seen(
        writes in prop::collection::vec((0..2_usize, 0..3_usize, any::<u8>()), 1..60),
        turns in prop::collection::vec(any::<bool>(), 1..60),
        pods in prop::collection::vec(any::<bool>(), 60),
        vmis in prop::collection::vec(any::<bool>(), 60),
    ) {
        let delivered = delivered(&writes);
        let in_order: Vec<bool> = writes.iter().map(|(watch, ..)| watch % 2 == 1).collect();
        let live = timeline(&delivered, &in_order, &[Vec::new(), Vec::new()]);
        prop_assert!(live.iter().all(|entry| !entry.contains("Gap")), "{live:#?}");
        prop_assert_eq!(&timeline(&delivered, &turns, &[pods, vmis]), &live);
        // However they arrive, the order is that of the storage.
        prop_assert_eq!(&timeline(&delivered, &turns, &[Vec::new(), Vec::new()]), &live);
    }
}
