//! The rooms of the house: who may know whom, and that docs/ARCHITECTURE.md tells of all of them and no other.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

/// Each room with the rooms that it may know, directly or through a type that it passes on.
const ROOMS: [(&str, &[&str]); 10] = [
    ("observation", &[]),
    ("kinds", &["observation"]),
    ("recording", &["observation"]),
    ("timeline", &["observation", "kinds"]),
    ("source", &["observation", "kinds"]),
    ("replay", &["observation", "kinds", "recording"]),
    ("expectation", &["observation", "kinds", "timeline"]),
    ("view", &["observation", "kinds", "timeline", "expectation"]),
    ("run", &["observation", "kinds", "recording", "timeline", "expectation", "view", "source"]),
    ("cli", &["observation", "kinds", "recording", "timeline", "expectation", "source", "replay", "view", "run"]),
];

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn files(room: &str) -> Vec<PathBuf> {
    let (mut found, mut folders) = (Vec::new(), vec![root().join("src").join(room)]);
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).expect("a room is a folder") {
            let path = entry.expect("readable").path();
            if path.is_dir() { folders.push(path) } else { found.push(path) }
        }
    }
    found
}

#[test]
fn every_folder_of_the_source_is_a_room() {
    let folders: BTreeSet<String> = fs::read_dir(root().join("src"))
        .expect("src is a folder")
        .map(|entry| entry.expect("readable"))
        .filter(|entry| entry.path().is_dir())
        .map(|entry| entry.file_name().into_string().expect("UTF-8"))
        .collect();
    let rooms: BTreeSet<String> = ROOMS.iter().map(|(room, _)| (*room).to_owned()).collect();
    assert_eq!(folders, rooms);
}

#[test]
fn imports_go_down_only() {
    let mut wrong = Vec::new();
    for (room, may) in ROOMS {
        for file in files(room) {
            let text = fs::read_to_string(&file).expect("UTF-8");
            for (other, _) in ROOMS.iter().filter(|(other, _)| *other != room && !may.contains(other)) {
                if text.contains(&format!("crate::{other}::")) || text.contains(&format!("crate::{other};")) {
                    wrong.push(format!("{} imports {other}", file.display()));
                }
            }
            if text.contains("use crate::{") {
                for (other, _) in ROOMS.iter().filter(|(other, _)| *other != room && !may.contains(other)) {
                    let grouped = text.split("use crate::{").skip(1).filter_map(|rest| rest.split("};").next());
                    if grouped.flat_map(|group| group.split(',')).any(|name| name.trim().starts_with(other)) {
                        wrong.push(format!("{} imports {other}", file.display()));
                    }
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn no_room_is_known_by_one_that_it_knows() {
    for (index, (room, may)) in ROOMS.iter().enumerate() {
        for known in *may {
            let position = ROOMS.iter().position(|(other, _)| other == known).expect("a room");
            assert!(position < index, "{room} knows {known}, which comes after it");
        }
    }
}

#[test]
fn the_architecture_document_names_every_room_and_no_other() {
    let text = fs::read_to_string(root().join("docs/ARCHITECTURE.md")).expect("docs/ARCHITECTURE.md is there");
    let named: BTreeSet<&str> = text
        .lines()
        .filter_map(|line| line.strip_prefix("### `src/"))
        .filter_map(|line| line.split('/').next())
        .collect();
    let rooms: BTreeSet<&str> = ROOMS.iter().map(|(room, _)| *room).collect();
    assert_eq!(named, rooms);
}
