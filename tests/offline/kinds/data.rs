//! Objects for the tests: from tests/data/kinds, or given as JSON.

use serde::de::DeserializeOwned;
use serde_json::Value;
use statetrail::kinds::{self, Evidence, Interpretation};
use statetrail::observation::{Capture, CustomTrack, Object, ResourceVersion, State, Track, Watch, decode_object};

/// The lines of a file, decompressed if it is named `.zst`.
pub(super) fn lines<T: DeserializeOwned>(name: &str) -> Vec<T> {
    let path = format!("{}/tests/data/kinds/{name}", env!("CARGO_MANIFEST_DIR"));
    let bytes = std::fs::read(&path).unwrap_or_else(|error| panic!("read {path}: {error}"));
    let is_compressed = std::path::Path::new(name).extension().is_some_and(|extension| extension == "zst");
    let bytes = if is_compressed { zstd::decode_all(&bytes[..]).unwrap() } else { bytes };
    let lines = std::str::from_utf8(&bytes).unwrap().lines();
    lines.map(|line| serde_json::from_str(line).unwrap_or_else(|error| panic!("{path}: {error}: {line}"))).collect()
}

/// A watch over all objects of a well-known kind.
pub(super) fn watch(word: &str) -> Watch {
    Watch::all(kinds::named(word).unwrap_or_else(|| panic!("`{word}` is well known")).resource())
}

/// A watch with custom tracks.
pub(super) fn watch_with(word: &str, tracks: &[(&str, &str)]) -> Watch {
    let track = |(name, path): &(&str, &str)| CustomTrack { name: (*name).into(), path: (*path).into() };
    Watch { tracks: tracks.iter().map(track).collect(), ..watch(word) }
}

/// An object without identity around `json`, as a recording may hold it.
pub(super) fn object(json: &Value) -> Object {
    Object {
        namespace: "ns".into(),
        name: "name".into(),
        uid: "uid".into(),
        resource_version: ResourceVersion::new("1"),
        json: serde_json::value::to_raw_value(json).unwrap(),
    }
}

/// What is stored of an object with this JSON; its identity is added.
pub(super) fn kept(word: &str, mut json: Value, capture: Capture) -> Object {
    let metadata = &mut json["metadata"];
    for (member, value) in [("name", "name"), ("uid", "uid"), ("resourceVersion", "1")] {
        metadata[member] = value.into();
    }
    let shape = kinds::shape(&watch(word).resource);
    decode_object(json.to_string().as_bytes(), shape, capture).unwrap()
}

/// Interprets an object for a watch.
pub(super) fn interpret(watch: &Watch, object: &Object) -> Result<Interpretation, kinds::Error> {
    kinds::of(watch).unwrap().interpret(object)
}

/// The tracks of an object that goes through the default capture.
pub(super) fn tracks(word: &str, json: Value) -> Vec<(Track, State)> {
    match interpret(&watch(word), &kept(word, json, Capture::Status)).unwrap() {
        Interpretation::Tracks { states, .. } => states,
        Interpretation::Evidence(evidence) => panic!("no tracks but {evidence:?}"),
    }
}

/// `track=label` of every track, in order.
pub(super) fn labels(word: &str, json: Value) -> Vec<String> {
    tracks(word, json).iter().map(|(track, state)| format!("{track}={}", state.label)).collect()
}

/// The state of one track, if the object has it.
pub(super) fn state(word: &str, json: Value, track: &str) -> Option<State> {
    tracks(word, json).into_iter().find(|(known, _)| *known == Track::parse(track)).map(|(_, state)| state)
}

/// Interprets an Event.
pub(super) fn evidence(json: Value) -> Evidence {
    match interpret(&watch("ev"), &kept("ev", json, Capture::Status)).unwrap() {
        Interpretation::Evidence(evidence) => evidence,
        Interpretation::Tracks { states, .. } => panic!("no evidence but {states:?}"),
    }
}

/// An error and its causes, as users see them.
pub(super) fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        text = format!("{text}: {error}");
        cause = error.source();
    }
    text
}
