//! Properties of the fold: whatever the lines of a recording are, the timeline is consistent.

use crate::recorder::folded;
use proptest::prelude::*;
use serde_json::{Value, json};
use statetrail::observation::{
    Attached, Capture, Change, Fence, Gap, GapReason, Healed, ObjectEvent, Observation, Past, Payload, Reconnected,
    Resource, ResourceVersion, Shape, Stamp, StateKind, Track, Undecodable, Watch, decode_object,
};
use statetrail::timeline::{Body, Detailed, Entry, Ordered, SETTLE, Transition, sorted};
use statetrail::view::json;
use std::collections::HashMap;
use std::time::Duration;

/// One line, chosen by eight random bytes.
type Choice = [u8; 8];

fn watches() -> Vec<Watch> {
    let pods = Watch::all(Resource::new("", "v1", "pods", "Pod"));
    let selected = Watch {
        label_selector: "app=x".to_owned(),
        ..Watch::all(Resource::new("kubevirt.io", "v1", "virtualmachineinstances", "VirtualMachineInstance"))
    };
    vec![pods, selected]
}

fn version(of: u8, line: usize) -> ResourceVersion {
    // Mostly rising, sometimes going back, rarely not a number.
    match of % 16 {
        0 => ResourceVersion::new("opaque"),
        1..4 => ResourceVersion::new((line / 2).to_string()),
        _ => ResourceVersion::new((10 * line + usize::from(of)).to_string()),
    }
}

fn state(of: u8) -> Value {
    match of % 6 {
        0 => json!({"waiting": {"reason": "ImagePullBackOff"}}),
        1 => json!({"waiting": {}}),
        2 => json!({"running": {"startedAt": "2026-01-01T00:00:00Z"}}),
        3 => json!({"terminated": {"reason": "Error", "exitCode": 1, "containerID": format!("c{}", of / 6)}}),
        4 => json!({"terminated": {"exitCode": 0}}),
        _ => json!({}),
    }
}

fn object(choice: Choice, version: &ResourceVersion) -> Value {
    let [_, whose, _, phase, container, restarts, conditions, more] = choice;
    // Two uids share a name.
    let mut metadata = json!({"namespace": "ns", "name": format!("n{}", whose % 2), "uid": format!("u{}", whose % 4),
        "resourceVersion": version.as_str()});
    if more % 4 == 0 {
        metadata["deletionTimestamp"] = json!("2026-01-01T00:01:00Z");
    }
    let mut status = json!({"phase": (["Pending", "Running", "", "Failed"][usize::from(phase % 4)])});
    if container % 5 > 0 {
        status["containerStatuses"] = json!([{"name": "app", "restartCount": restarts % 5, "state": state(container),
            "lastState": if restarts % 3 == 0 { state(restarts) } else { json!({}) }}]);
    }
    if conditions % 3 > 0 {
        status["conditions"] = json!([{"type": "Ready", "status": (["True", "False"][usize::from(conditions % 2)])}]);
    }
    if more % 16 == 15 {
        status["conditions"] = json!("not of a pod's shape");
    }
    json!({"metadata": metadata, "status": status})
}

fn what(choice: Choice, line: usize, at: jiff::Timestamp) -> Payload {
    let [kind, whose, watch, number, reason, flags, ..] = choice;
    let watch = u16::from(watch % 2);
    let resource_version = version(number, line);
    let earlier = at - Duration::from_millis(u64::from(flags));
    match kind % 24 {
        0 => Payload::Gap(Gap {
            watch,
            from_resource_version: version(reason, line.saturating_sub(5)),
            to_resource_version: resource_version,
            from: earlier,
            to: at,
            reason: [
                GapReason::HistoryExpired,
                GapReason::StorageReplaced,
                GapReason::Undecodable,
                GapReason::StorageUnproven,
            ][usize::from(reason % 4)],
            unhealed: String::new(),
        }),
        1 | 2 => Payload::Attached(Attached { watch, resource_version, kind: "Pod".into(), not_before: None }),
        3 => Payload::Undecodable(Undecodable {
            watch,
            uid: (flags % 2 == 0).then(|| format!("u{}", whose % 4).into()),
            resource_version: None,
            error: "what is this".to_owned(),
            ..Undecodable::default()
        }),
        4 => {
            Payload::Reconnected(Reconnected { watch, resource_version, not_before: earlier, reason: "cut".to_owned() })
        }
        5 | 6 => Payload::Unchanged { watch, uid: format!("u{}", whose % 4).into(), resource_version },
        7 => Payload::Bookmark { watch, resource_version },
        8 => Payload::Mark { name: "step".to_owned() },
        9 => Payload::Fence(Fence {
            watch,
            resource_version,
            from_resource_version: None,
            whole: flags % 2 == 0,
            missing: String::new(),
        }),
        10 => Payload::NotServed { watch },
        11 => Payload::End { reason: "over".to_owned() },
        13 => Payload::Healed(Healed {
            watch,
            from_resource_version: version(reason, line.saturating_sub(5)),
            to_resource_version: resource_version,
            from: earlier,
            to: at,
            reason: GapReason::HistoryExpired,
            not_before: None,
        }),
        14 => Payload::Past(Past {
            watch,
            since: earlier,
            resource_version: Some(resource_version),
            dated: None,
            clock: "leases".into(),
            ahead_micros: None,
            leases: Vec::new(),
            missing: String::new(),
        }),
        12 => Payload::Resumed { tool: "again".to_owned() },
        kind => {
            let json = object(choice, &resource_version).to_string();
            Payload::Object(ObjectEvent {
                watch,
                change: [Change::Added, Change::Modified, Change::Modified, Change::Deleted, Change::Listed]
                    [usize::from(kind % 5)],
                object: decode_object(json.as_bytes(), Shape::Pod, Capture::Status).expect("it has an identity"),
                not_before: (flags % 5 == 0).then_some(earlier),
                healed: flags % 11 == 0,
                confirmed: flags % 2 == 0,
            })
        }
    }
}

fn observations(choices: &[Choice]) -> Vec<Observation> {
    let start: jiff::Timestamp = "2026-01-01T00:00:00Z".parse().unwrap();
    let mut elapsed = Duration::ZERO;
    (0..)
        .zip(choices)
        .map(|(line, choice)| {
            elapsed += Duration::from_millis(u64::from(choice[5]) * 2);
            let stamp = Stamp { at: start + elapsed, elapsed };
            Observation { stamp, payload: what(*choice, line, stamp.at) }
        })
        .collect()
}

fn fold(observations: &[Observation]) -> Vec<Ordered> {
    folded(&watches(), observations.iter().cloned())
}

fn bytes(entries: &[Entry]) -> String {
    let mut text = Vec::new();
    for entry in entries {
        json::entry(entry, &mut text).unwrap();
    }
    String::from_utf8(text).unwrap()
}

/// What is known of one track: its last state, and whether a gap follows it.
#[derive(Default)]
struct Known {
    last: Option<(String, StateKind, Option<u32>)>,
    is_blind: bool,
}

/// Checks a timeline in the order in which the fold emits it.
fn holds_together(placed: &[Ordered]) -> Result<(), TestCaseError> {
    let mut known: HashMap<(String, Track), Known> = HashMap::new();
    for Ordered { entry, .. } in placed {
        let uid = entry.subject.as_ref().map(|subject| subject.uid.to_string());
        match &entry.body {
            Body::Gap(gap) => {
                for ((of, track), known) in &mut known {
                    let is_whose = uid.as_ref().is_none_or(|uid| uid == of);
                    known.is_blind |= is_whose && gap.track.as_ref().is_none_or(|own| own == track);
                }
            }
            Body::Transition(Transition { track, from, to }) => {
                let uid = uid.expect("a transition has a subject");
                let known = known.entry((uid.clone(), track.clone())).or_default();
                let last = known.last.take();
                let before = last.as_ref().map(|(label, kind, _)| (label.as_str(), *kind));
                prop_assert_eq!(
                    from.as_ref().map(|from| (from.label.as_str(), from.kind)),
                    before,
                    "{} {}",
                    uid,
                    track
                );
                if let Some((label, kind, restarts)) = last
                    && !known.is_blind
                    && (&*to.label, to.kind) == (&*label, kind)
                {
                    prop_assert!(track.is_container(), "{} {} stutters on {}", uid, track, label);
                    prop_assert!(to.detail.restart_count > restarts, "{} {} stutters on {}", uid, track, label);
                }
                known.is_blind = false;
                known.last = Some((to.label.to_string(), to.kind, to.detail.restart_count));
            }
            Body::Detailed(Detailed { track, from, to }) => {
                let known = known.get_mut(&(uid.expect("a detail has a subject"), track.clone()));
                let (label, kind, restarts) = known.and_then(|known| known.last.as_mut()).expect("its track has begun");
                prop_assert_eq!((from.label.as_str(), from.kind), (&**label, *kind));
                prop_assert_eq!((to.label.as_str(), to.kind), (&**label, *kind));
                prop_assert!(to.detail.restart_count <= *restarts, "a higher count is a transition");
                prop_assert!(from.detail != to.detail);
                *restarts = to.detail.restart_count;
            }
            Body::Mark(_) | Body::Evidence(_) => {}
        }
        // A deleted subject has no tracks: if its uid comes again, they begin again.
        if let Body::Transition(Transition { track: Track::Lifecycle, to, .. }) = &entry.body
            && to.label == "Deleted"
            && let Some(subject) = &entry.subject
        {
            known.retain(|(uid, _), _| *uid != subject.uid.as_str());
        }
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    #[test]
    fn no_track_repeats_a_state_and_every_transition_starts_where_the_previous_one_ended(
        choices in prop::collection::vec(any::<Choice>(), 0..60),
    ) {
        holds_together(&fold(&observations(&choices)))?;
    }

    #[test]
    fn folding_twice_gives_the_same_bytes(choices in prop::collection::vec(any::<Choice>(), 0..60)) {
        let observations = observations(&choices);
        let [first, second] = [(); 2].map(|()| bytes(&sorted(fold(&observations), SETTLE)));
        prop_assert_eq!(first, second);
    }

    #[test]
    fn a_recording_cut_after_any_line_folds_the_same_as_far_as_it_goes(
        choices in prop::collection::vec(any::<Choice>(), 1..40),
    ) {
        let observations = observations(&choices);
        let whole = sorted(fold(&observations), SETTLE);
        for lines in 0..observations.len() {
            let cut = sorted(fold(&observations[..lines]), SETTLE);
            let expected: Vec<Entry> = whole.iter().filter(|entry| entry.seq <= lines as u64).cloned().collect();
            prop_assert_eq!(cut, expected);
        }
    }
}
