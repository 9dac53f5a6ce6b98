//! docs/KINDS.md is what the kinds declare, and what they declare is true.

use super::data::interpret;
use crate::recorder::Recording;
use jsonpath_rust::JsonPath as _;
use serde_json::Value;
use statetrail::expectation::{Program, Source, Words};
use statetrail::kinds::{self, Interpretation, TrackDeclaration, Vocabulary};
use statetrail::observation::{Object, Payload, Shape, State, Track};
use statetrail::view::reference;
use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

#[test]
fn the_page_is_what_the_kinds_declare() {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/KINDS.md");
    let declared = reference::markdown();
    if std::env::var_os("UPDATE_KINDS").is_some() {
        fs::write(&file, &declared).unwrap();
    }
    let page = fs::read_to_string(&file).unwrap();
    let differs = (1..).zip(page.lines().zip(declared.lines())).find(|(_, (line, declared))| line != declared);
    assert!(
        page == declared,
        "docs/KINDS.md is not what the kinds declare (UPDATE_KINDS=1 writes it anew): {differs:#?}"
    );
}

#[test]
fn each_example_is_about_its_kind_and_knows_its_states() {
    for kind in kinds::all() {
        let example = kind.example;
        let source = Source::Line { name: "example", text: example };
        let program = Program::compile([source]).unwrap_or_else(|error| panic!("{error}"));
        assert_eq!(program.unknown_words(&Words::default()).len(), 0, "{example}");
        let (subject, rest) = example.split_once(' ').unwrap();
        let (track, _) = rest.split_once(':').unwrap();
        assert_eq!(kinds::named(subject.split('/').next().unwrap()), Some(kind), "{example}");
        assert!(kind.track(&Track::parse(track)).is_some(), "{example}");
    }
}

#[test]
fn each_track_says_what_it_reads() {
    for kind in kinds::all() {
        for track in kind.tracks() {
            let name = format!("{} {}", kind.kind, track.name);
            assert!(!track.paths.is_empty(), "{name}");
            assert!(
                track.paths.len() == 1 || !track.reading.is_empty(),
                "{name}: how do several paths make one state?"
            );
            for path in track.paths {
                let parts: Vec<&str> = path.split(['.', '[']).collect();
                let is_kept = match parts.as_slice() {
                    ["", "spec", member, ..] => match kind.kept {
                        Shape::Spec(members) => members.contains(member),
                        Shape::Pod => *member == "nodeName",
                        _ => false,
                    },
                    ["", "reason" | "type"] => kind.is_evidence(),
                    ["", "status" | "metadata", ..] => true,
                    _ => false,
                };
                assert!(is_kept, "{name}: {path} is not kept");
            }
            if let Vocabulary::Open { words, form, forms } = track.vocabulary {
                let examples: Vec<&str> = forms.split('`').skip(1).step_by(2).collect();
                assert!(examples.iter().all(|word| form(word) || words.contains(word)), "{name}: {forms}");
            }
        }
    }
}

/// The labels that an object has at the path of a track.
fn at_path(track: &TrackDeclaration, object: &Value) -> Vec<String> {
    let label = |value: &Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    object.query(&format!("${}", track.paths[0])).unwrap().into_iter().map(label).collect()
}

/// The labels of a track, or of a family of them, in the order of the API.
fn labels(declared: &TrackDeclaration, states: &[(Track, State)]) -> Vec<String> {
    let its = states.iter().filter(|(track, _)| declared.is(&track.to_string()));
    its.map(|(_, state)| state.label.to_string()).collect()
}

/// All objects of the scenarios, each with how its kind reads it.
fn objects(mut visit: impl FnMut(&'static kinds::Kind, &Object, &[(Track, State)])) {
    for folder in fs::read_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/scenarios")).unwrap() {
        let folder = folder.unwrap().path();
        let plain = folder.join("recording.jsonl");
        let file = if plain.exists() { plain } else { folder.join("recording.jsonl.zst") };
        if !file.exists() {
            continue;
        }
        let recording = Recording::read(&file);
        for record in &recording.records {
            let Payload::Object(seen) = &record.observation.payload else { continue };
            let watch = &recording.header.watches[usize::from(seen.watch)];
            let Some(kind) = kinds::of_kind(&watch.resource.kind) else { continue };
            if let Ok(Interpretation::Tracks { states, .. }) = interpret(watch, &seen.object) {
                visit(kind, &seen.object, &states);
            }
        }
    }
}

#[test]
fn a_track_with_one_path_is_what_the_objects_of_the_scenarios_have_there() {
    let (mut shown, mut wrong) = (BTreeSet::new(), BTreeSet::new());
    objects(|kind, object, states| {
        let json: Value = serde_json::from_str(object.json.get()).unwrap();
        for track in kind.tracks().iter().filter(|track| track.reading.is_empty()) {
            let (labels, values) = (labels(track, states), at_path(track, &json));
            // Go leaves out a count of zero.
            let is_zero = values.is_empty() && labels == ["0"];
            if labels != values && !is_zero {
                wrong.insert(format!("{} {}: {labels:?}, and {values:?}", kind.kind, track.name));
            }
            if !values.is_empty() {
                shown.insert((kind.kind, track.name));
            }
        }
    });
    assert!(wrong.is_empty(), "{wrong:#?}");
    let declared = kinds::all().filter(|kind| !kind.is_evidence()).flat_map(|kind| {
        let tracks = kind.tracks().iter().filter(|track| track.reading.is_empty());
        tracks.map(|track| (kind.kind, track.name))
    });
    // No scenario has a migration with a condition.
    let unseen: Vec<_> = declared.filter(|track| !shown.contains(track)).collect();
    assert_eq!(unseen, [("VirtualMachineInstanceMigration", "condition/")]);
}
