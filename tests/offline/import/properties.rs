//! Whatever the input is: nothing is dropped, each stream keeps its order, and no byte causes a panic.

use super::{bookmark, captured, event, pod, try_import_of};
use crate::recorder::folded;
use proptest::prelude::*;
use serde_json::json;
use statetrail::observation::{Change, Payload};
use statetrail::source::import::{Error, Options};

/// A line, chosen by three random bytes.
fn line([kind, whose, number]: [u8; 3]) -> String {
    let name = ["a", "b", "c"][usize::from(whose % 3)];
    let version = u64::from(number);
    let object = pod(name, version, ["Pending", "Running"][usize::from(number % 2)]);
    match kind % 12 {
        0 | 1 => event("ADDED", &object),
        2 | 3 => event("MODIFIED", &object),
        4 => event("DELETED", &object),
        5 => captured(u64::from(number % 60), "MODIFIED", &object),
        6 => event("BOOKMARK", &bookmark("Pod", version, whose % 2 == 0)),
        7 => event("ERROR", &json!({"kind": "Status", "apiVersion": "v1", "code": 410})),
        8 => serde_json::to_string_pretty(&object).unwrap() + "\n",
        9 => format!("{}\n", json!({"kind": "List", "apiVersion": "v1", "metadata": {}, "items": [object]})),
        10 => "garbage\n".to_owned(),
        _ => event("MODIFIED", &json!({"kind": "Pod", "apiVersion": "v1", "metadata": {"uid": "uid-a"}})),
    }
}

/// The object in a line that must be imported, such as `a 5`.
fn object_in([kind, whose, number]: [u8; 3]) -> Option<String> {
    let name = ["a", "b", "c"][usize::from(whose % 3)];
    matches!(kind % 12, 0..=5 | 8 | 9).then(|| format!("{name} {number}"))
}

proptest! {
    #[test]
    fn every_object_comes_out_once_and_in_its_order(choices in prop::collection::vec(any::<[u8; 3]>(), 1..40)) {
        let text: String = choices.iter().map(|choice| line(*choice)).collect();
        let imported = match try_import_of(&[text.as_bytes()], &Options::default()) {
            Ok(imported) => imported,
            Err(
                Error::Overlap { .. }
                | Error::Foreign { .. }
                | Error::Empty
                | Error::Timeless { .. }
                | Error::Unplaced { .. }
                | Error::Undecodable { .. },
            ) => return Ok(()),
            Err(error) => panic!("{error}"),
        };
        let objects = imported.observations.iter().filter_map(|observation| match &observation.payload {
            Payload::Object(seen) => Some(format!("{} {}", seen.object.name, seen.object.resource_version)),
            _ => None,
        });
        prop_assert_eq!(objects.collect::<Vec<_>>(), choices.iter().copied().filter_map(object_in).collect::<Vec<_>>());
        let undecodable = imported.observations.iter().filter(|it| matches!(it.payload, Payload::Undecodable(_))).count();
        let broken = choices.iter().filter(|[kind, ..]| kind % 12 == 11).count();
        prop_assert!(undecodable >= broken);
        let is_in_order = imported.observations.is_sorted_by_key(|observation| observation.stamp.elapsed);
        prop_assert!(is_in_order, "one watch: its time does not go back");
        folded(&imported.watches, imported.observations);
    }

    #[test]
    fn nothing_is_called_created_that_may_have_been_there(choices in prop::collection::vec(any::<[u8; 3]>(), 1..40)) {
        let text: String = choices.iter().map(|choice| line(*choice)).collect();
        let Ok(imported) = try_import_of(&[text.as_bytes()], &Options::default()) else { return Ok(()) };
        let mut living = std::collections::HashSet::new();
        let mut newest = 0;
        for observation in imported.observations {
            let Payload::Object(seen) = observation.payload else { continue };
            let version = seen.object.resource_version.number().unwrap();
            if seen.change == Change::Added {
                prop_assert!(!living.contains(&seen.object.uid), "{} was there", seen.object.name);
                prop_assert!(version >= newest, "{} is older than what was seen", version);
            }
            newest = newest.max(version);
            if seen.change == Change::Deleted {
                living.remove(&seen.object.uid);
            } else {
                living.insert(seen.object.uid);
            }
        }
    }

    #[test]
    fn no_byte_makes_it_panic(
        choices in prop::collection::vec(any::<[u8; 3]>(), 1..6),
        edits in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 0..6),
        cut in any::<prop::sample::Index>(),
    ) {
        let mut bytes: Vec<u8> = choices.iter().flat_map(|choice| line(*choice).into_bytes()).collect();
        for (at, to) in edits {
            let at = at.index(bytes.len());
            bytes[at] = to;
        }
        bytes.truncate(cut.index(bytes.len() + 1));
        let _ = try_import_of(&[&bytes], &Options::default());
    }

    #[test]
    fn no_input_at_all_makes_it_panic(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        let _ = try_import_of(&[&bytes], &Options::default());
    }
}
