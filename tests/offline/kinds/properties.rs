//! Whatever an object looks like, nothing panics, and no track is returned twice.

use super::data::{lines, object, watch_with};
use proptest::prelude::*;
use proptest::sample::Index;
use serde::Deserialize;
use serde_json::{Value, json};
use statetrail::kinds::{self, Interpretation, Interpreter};
use statetrail::observation::{CustomTrack, Resource, Watch};
use std::collections::HashSet;
use std::sync::LazyLock;

#[derive(Deserialize)]
struct Line {
    #[serde(alias = "pod")]
    object: Value,
}

static REAL: LazyLock<Vec<Value>> = LazyLock::new(|| {
    let files = ["pods-story.jsonl.zst", "pods-vmlife.jsonl.zst", "status-generated.jsonl.zst", "vmlife.jsonl.zst"];
    files.iter().flat_map(|file| lines::<Line>(file)).map(|line| line.object).collect()
});

static INTERPRETERS: LazyLock<Vec<Box<dyn Interpreter>>> = LazyLock::new(|| {
    let tracks =
        [("all", "$.status.*"), ("statuses", "{.status.conditions[*].status}"), ("first", "$.status[?@.a == 1]")];
    let mut watches: Vec<_> =
        kinds::all().filter(|kind| !kind.is_evidence()).map(|kind| watch_with(kind.plural, &tracks)).collect();
    watches.push(watch_with("events", &[]));
    let track = |(name, path): (&str, &str)| CustomTrack { name: name.into(), path: path.into() };
    let any = Watch::all(Resource::new("example.com", "v1", "things", "Thing"));
    watches.push(Watch { tracks: tracks.map(track).into(), ..any });
    watches.iter().map(|watch| kinds::of(watch).unwrap()).collect()
});

/// A mutation of a value at some position inside it: set to null or another value, removed, duplicated, or replaced by
/// a part of another real object.
#[derive(Clone, Debug)]
enum Mutation {
    Set(Value),
    Remove,
    Repeat,
    Graft(Index, Index),
}

fn any_value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(json!(null)),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        ".{0,12}".prop_map(Value::from),
        prop_oneof![Just("Completed"), Just("NodeLost"), Just(""), Just("2026-11-20T18:09:22Z")].prop_map(Value::from),
    ];
    leaf.prop_recursive(3, 16, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::btree_map("[a-zA-Z]{0,8}", inner, 0..4).prop_map(|map| json!(map)),
        ]
    })
}

fn mutation() -> impl Strategy<Value = (Index, Mutation)> {
    let what = prop_oneof![
        any_value().prop_map(Mutation::Set),
        Just(Mutation::Remove),
        Just(Mutation::Repeat),
        (any::<Index>(), any::<Index>()).prop_map(|(object, place)| Mutation::Graft(object, place)),
    ];
    (any::<Index>(), what)
}

/// Pointers to every place in a value but its root.
fn places(value: &Value, here: &str, found: &mut Vec<String>) {
    let members: Vec<(String, &Value)> = match value {
        Value::Object(map) => {
            map.iter().map(|(key, member)| (key.replace('~', "~0").replace('/', "~1"), member)).collect()
        }
        Value::Array(list) => list.iter().enumerate().map(|(at, member)| (at.to_string(), member)).collect(),
        _ => return,
    };
    for (key, member) in members {
        let place = format!("{here}/{key}");
        places(member, &place, found);
        found.push(place);
    }
}

fn mutate(value: &mut Value, at: Index, mutation: &Mutation) {
    let mut all = Vec::new();
    places(value, "", &mut all);
    let Some(place) = (!all.is_empty()).then(|| at.get(&all).clone()) else { return };
    let (parent, key) = place.rsplit_once('/').expect("a pointer has a slash");
    match mutation {
        Mutation::Set(new) => *value.pointer_mut(&place).unwrap() = new.clone(),
        Mutation::Graft(object, from) => {
            let donor = object.get(&REAL);
            let mut parts = Vec::new();
            places(donor, "", &mut parts);
            let part: &String = from.get(&parts);
            *value.pointer_mut(&place).unwrap() = donor.pointer(part).unwrap().clone();
        }
        Mutation::Remove => match value.pointer_mut(parent) {
            Some(Value::Object(map)) => drop(map.remove(&key.replace("~1", "/").replace("~0", "~"))),
            Some(Value::Array(list)) => drop(list.remove(key.parse().unwrap())),
            _ => unreachable!("a parent holds members"),
        },
        Mutation::Repeat => {
            let copy = value.pointer(&place).unwrap().clone();
            if let Some(Value::Array(list)) = value.pointer_mut(parent) {
                list.push(copy);
            }
        }
    }
}

/// Interprets a value as every kind; returns how many succeeded.
fn interpret_as_everything(value: &Value) -> usize {
    let object = object(value);
    let mut understood = 0;
    for interpreter in INTERPRETERS.iter() {
        let Ok(Interpretation::Tracks { states, .. }) = interpreter.interpret(&object) else { continue };
        understood += 1;
        let mut names = HashSet::new();
        for (track, _) in &states {
            assert!(names.insert(track.to_string()), "{track} is named twice: {value}");
        }
    }
    understood
}

#[test]
fn real_objects_are_understood_as_any_kind() {
    for value in REAL.iter() {
        assert!(interpret_as_everything(value) >= 1);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1500))]

    #[test]
    fn no_mutation_of_a_real_object_panics_or_names_a_track_twice(
        real in any::<Index>(),
        mutations in prop::collection::vec(mutation(), 1..6),
    ) {
        let mut value = real.get(&REAL).clone();
        for (at, mutation) in &mutations {
            mutate(&mut value, *at, mutation);
        }
        interpret_as_everything(&value);
    }

    #[test]
    fn no_json_at_all_panics(value in any_value()) {
        interpret_as_everything(&value);
        interpret_as_everything(&json!({"metadata": {}, "status": value}));
    }

    #[test]
    fn no_path_of_a_user_panics(path in r#"[\${}. \[\]'"\\?@*a-cä0-9-]{0,16}"#, name in ".{0,6}") {
        let watch = watch_with("vm", &[(&name, &path)]);
        let _ = kinds::admit(&watch, statetrail::observation::Capture::Status);
        if let Ok(interpreter) = kinds::of(&watch) {
            let _ = interpreter.interpret(&object(&REAL[0]));
        }
    }
}
