//! Adding a kind takes one file, its line in the registry, and one scenario: every declaration is checked against the
//! scenarios, against the other kinds, and against the source, which names kinds nowhere else.

use serde_json::Value;
use statetrail::kinds::{self, Kind, Vocabulary};
use statetrail::observation::{Shape, Track};
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    entries.flat_map(|path| if path.is_dir() { files(&path) } else { vec![path] }).collect()
}

/// The lines of the reviewed timelines of all scenarios.
fn entries() -> Vec<Value> {
    let files = files(&root().join("tests/scenarios")).into_iter().filter(|path| path.ends_with("timeline.jsonl"));
    let texts = files.map(|path| fs::read_to_string(path).unwrap());
    texts.flat_map(|text| text.lines().map(|line| serde_json::from_str(line).unwrap()).collect::<Vec<_>>()).collect()
}

/// All states in the scenarios, by kind and track.
fn states() -> BTreeMap<(String, String), BTreeSet<String>> {
    let mut states: BTreeMap<_, BTreeSet<String>> = BTreeMap::new();
    for entry in entries() {
        let (Some(kind), Some(track)) = (entry["kind"].as_str(), entry["track"].as_str()) else { continue };
        let Some(to) = entry["to"].as_str().or_else(|| entry["to"]["label"].as_str()) else { continue };
        states.entry((kind.to_owned(), track.to_owned())).or_default().insert(to.to_owned());
    }
    states
}

#[test]
fn every_kind_has_a_scenario_that_shows_each_of_its_tracks() {
    let (states, entries) = (states(), entries());
    let mut missing = Vec::new();
    for kind in kinds::all() {
        if kind.is_evidence() {
            assert!(entries.iter().any(|entry| entry.get("evidence").is_some()), "{}", kind.kind);
            continue;
        }
        for track in kind.tracks().iter().filter(|track| !track.is_family()) {
            if !states.contains_key(&(kind.kind.to_owned(), track.name.to_owned())) {
                missing.push(format!("{} of {}", track.name, kind.kind));
            }
        }
    }
    assert!(missing.is_empty(), "no timeline under tests/scenarios has\n{}", missing.join("\n"));
}

#[test]
fn closed_vocabularies_hold_every_word_of_the_scenarios_and_every_track_is_declared() {
    let mut wrong = Vec::new();
    for ((kind, name), words) in states() {
        let Some(kind) = kinds::of_kind(&kind) else { continue };
        match kind.track(&Track::parse(&name)).map(|declared| declared.vocabulary) {
            None => wrong.push(format!("{} does not declare {name}", kind.kind)),
            Some(Vocabulary::Closed { words: closed, .. }) => {
                let others = words.iter().filter(|word| !closed.contains(&word.as_str()));
                wrong.extend(others.map(|word| format!("{name} of {} does not have {word}", kind.kind)));
            }
            Some(Vocabulary::Open { .. }) => {}
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

fn repeated(words: impl Iterator<Item = String>) -> Vec<String> {
    let mut seen = BTreeSet::new();
    words.filter(|word| !seen.insert(word.clone())).collect()
}

#[test]
fn no_two_kinds_share_a_name() {
    assert_eq!(repeated(kinds::all().flat_map(Kind::names).map(str::to_owned)), [""; 0]);
    assert_eq!(repeated(kinds::all().map(|kind| kind.kind.to_owned())), [""; 0]);
    assert_eq!(repeated(kinds::all().map(|kind| kind.resource().to_string())), [""; 0]);
}

#[test]
fn every_declaration_is_coherent() {
    for kind in kinds::all() {
        let name = kind.kind;
        assert!(kind.names().all(|word| word == word.to_lowercase() && !word.contains(['.', '/'])), "{name}");
        assert_eq!(kind.singular, name.to_lowercase());
        assert!(
            kind.names().any(|word| word == kind.display),
            "{name} is displayed by a name that the command line does not accept"
        );
        assert!(
            !kind.versions.is_empty() && repeated(kind.versions.iter().map(ToString::to_string)).is_empty(),
            "{name}"
        );
        assert!(kind.versions.iter().all(|version| statetrail::source::is_version(version)), "{name}");
        assert!(
            kind.owners.iter().all(|owner| kinds::of_kind(owner).is_some_and(|owner| !owner.is_evidence())),
            "{name}"
        );
        assert!(repeated(kind.tracks().iter().map(|track| track.name.to_owned())).is_empty(), "{name}");
        let lifecycle = kind.tracks().iter().any(|track| track.name == "lifecycle");
        assert_eq!(lifecycle, !kind.is_evidence(), "{name}: the fold gives every subject a lifecycle");
        for track in kind.tracks() {
            let (Vocabulary::Closed { words, .. } | Vocabulary::Open { words, .. }) = track.vocabulary;
            assert!(repeated(words.iter().map(ToString::to_string)).is_empty(), "{name} {}", track.name);
            assert!(track.is_family() || track.members.is_empty(), "{name} {}", track.name);
            let upper = |column: &str| column == column.to_uppercase();
            assert!(track.column.is_none_or(upper), "{name} {}", track.name);
        }
    }
}

#[test]
fn owners_lead_upwards_and_never_in_a_circle() {
    fn depth(kind: &Kind, below: usize) -> usize {
        assert!(below < 16, "{} owns itself", kind.kind);
        let owners = kind.owners.iter().map(|owner| kinds::of_kind(owner).unwrap());
        owners.map(|owner| 1 + depth(owner, below + 1)).max().unwrap_or(0)
    }
    assert_eq!(depth(kinds::named("vm").unwrap(), 0), 1);
    assert_eq!(depth(kinds::named("vmi").unwrap(), 0), 2);
    assert!(kinds::all().all(|kind| depth(kind, 0) < 4));
}

#[test]
fn the_format_names_every_member_of_a_spec_that_is_kept() {
    let format = fs::read_to_string(root().join("docs/FORMAT.md")).unwrap();
    for kind in kinds::all() {
        let Shape::Spec(members) = kind.kept else { continue };
        let row = format.lines().find(|line| line.starts_with("- `spec` of ") && line.contains(kind.kind));
        let row =
            row.unwrap_or_else(|| panic!("docs/FORMAT.md does not say what of the spec of {} is kept", kind.kind));
        assert!(members.iter().all(|member| row.contains(&format!("`{member}`"))), "{row}");
    }
}

/// Files outside `src/kinds` that may name kinds, and why.
const NAMED_ELSEWHERE: [(&str, &str); 8] = [
    ("src/cli/demo.rs", "has one scenario, with one virtual machine and its pod"),
    ("src/replay/collection.rs", "the bookmarks of two kinds, as a real server sends them"),
    ("src/source/facts/found.rs", "the program of that name, and its source"),
    ("src/source/local.rs", "the name of a source, which is that of its only kind"),
    ("src/source/podman/facts.rs", "the program of that name"),
    ("src/source/podman/proxy/request.rs", "words of the paths of Podman's API"),
    ("src/view/evidence.rs", "a heading, that of all evidence"),
    ("src/view/verdict/story.rs", "the same heading"),
];

#[test]
fn no_file_outside_the_kinds_names_a_kind() {
    let mut wrong = Vec::new();
    let mut used = BTreeSet::new();
    for path in files(&root().join("src")) {
        let name = path.strip_prefix(root()).unwrap().to_str().unwrap().to_owned();
        let text = fs::read_to_string(&path).unwrap();
        // Unit tests come at the end of a file; comments and help may give examples.
        let code = text.split("#[cfg(test)]").next().unwrap();
        let code = code.lines().filter(|line| !line.trim_start().starts_with("//"));
        let literals: Vec<&str> = code.flat_map(|line| line.split('"').skip(1).step_by(2)).collect();
        let names = |literal: &&str| {
            kinds::all().any(|kind| kind.kind == *literal || kind.plural == *literal || kind.short.contains(literal))
        };
        let found: Vec<&&str> = literals.iter().filter(|literal| names(literal)).collect();
        let is_test = name.contains("/tests/") || name.ends_with("/tests.rs");
        if is_test || name.starts_with("src/kinds/") || found.is_empty() {
            continue;
        }
        match NAMED_ELSEWHERE.iter().find(|(file, _)| *file == name) {
            Some((file, _)) => drop(used.insert(*file)),
            None => wrong.push(format!("{name}: {found:?}")),
        }
    }
    assert!(wrong.is_empty(), "a kind declares itself in src/kinds; these name one\n{}", wrong.join("\n"));
    let idle: Vec<_> = NAMED_ELSEWHERE.iter().filter(|(file, _)| !used.contains(file)).collect();
    assert!(idle.is_empty(), "unused exceptions: {idle:?}");
}
