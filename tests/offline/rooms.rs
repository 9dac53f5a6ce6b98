//! The rooms (folders of `src`): which may import which, that their files have no import cycles, and that docs/ARCHITECTURE.md
//! names all of them and no others.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

/// Each room with the rooms that it may import, directly or through a re-exported type.
const ROOMS: [(&str, &[&str]); 18] = [
    ("listen", &[]),
    ("meter", &[]),
    ("observation", &[]),
    ("kinds", &["observation"]),
    ("recording", &["meter", "observation"]),
    ("timeline", &["observation", "kinds"]),
    ("source", &["observation", "kinds"]),
    ("replay", &["listen", "observation", "kinds", "recording"]),
    ("monitor", &["observation", "kinds"]),
    ("language", &["observation", "kinds", "timeline", "monitor"]),
    ("explanation", &["monitor"]),
    ("judge", &["observation", "kinds", "timeline", "monitor", "language", "explanation"]),
    ("expectation", &["monitor", "language", "explanation", "judge"]),
    ("view", &["observation", "kinds", "timeline", "expectation"]),
    ("run", &["meter", "observation", "kinds", "recording", "timeline", "expectation", "view", "source"]),
    ("metrics", &["meter", "observation", "kinds", "timeline", "expectation", "view", "source", "run"]),
    (
        "server",
        &["listen", "observation", "kinds", "recording", "timeline", "expectation", "source", "view", "run", "metrics"],
    ),
    (
        "cli",
        &[
            "listen",
            "observation",
            "kinds",
            "recording",
            "timeline",
            "expectation",
            "source",
            "replay",
            "view",
            "run",
            "metrics",
            "server",
        ],
    ),
];

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn files(room: &str) -> Vec<PathBuf> {
    let room = root().join("src").join(room);
    if !room.is_dir() {
        return vec![room.with_extension("rs")];
    }
    let (mut found, mut folders) = (Vec::new(), vec![room]);
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).expect("a room is a folder") {
            let path = entry.expect("readable").path();
            if path.is_dir() { folders.push(path) } else { found.push(path) }
        }
    }
    found
}

#[test]
fn every_module_of_the_source_is_a_room() {
    let folders: BTreeSet<String> = fs::read_dir(root().join("src"))
        .expect("src is a folder")
        .map(|entry| entry.expect("readable").path().with_extension(""))
        .filter_map(|path| Some(path.file_name()?.to_str().expect("UTF-8").to_owned()))
        .filter(|name| !matches!(name.as_str(), "lib" | "main"))
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
fn no_two_rooms_import_each_other() {
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
        .filter_map(|line| line.split(['/', '.']).next())
        .collect();
    let rooms: BTreeSet<&str> = ROOMS.iter().map(|(room, _)| *room).collect();
    assert_eq!(named, rooms);
}

/// A path of module names, from the crate's root.
type Module = Vec<String>;

/// The text of a file without comments and unit tests.
fn code(file: &Path) -> String {
    let text = fs::read_to_string(file).expect("UTF-8");
    let text = text.split("#[cfg(test)]\nmod ").next().unwrap_or_default();
    text.lines().map(|line| line.split("//").next().unwrap_or_default()).collect::<Vec<_>>().join("\n")
}

/// The paths that a file uses, from the crate's root, each with the name that a `use` gives it.
fn named(text: &str, module: &Module) -> Vec<(Module, Option<String>)> {
    let mut found = Vec::new();
    let is_word = |c: char| c.is_alphanumeric() || c == '_';
    for (at, _) in text.match_indices("::") {
        let head = text[..at].rsplit(|c| !is_word(c)).next().unwrap_or_default();
        let before = &text[..at - head.len()];
        if head.is_empty() || before.ends_with("::") || before.ends_with("in ") {
            continue;
        }
        let child = text.contains(&format!("mod {head};"));
        let start: Module = match head {
            "crate" => Vec::new(),
            "self" => module.clone(),
            "super" => module[..module.len() - 1].to_vec(),
            _ if child => module.iter().cloned().chain([head.to_owned()]).collect(),
            _ => continue,
        };
        let imported = before.trim_end().ends_with("use");
        leaves(&text[at + 2..], &start, imported, &mut found);
    }
    found
}

/// Collects the leaves of a tree of paths, `a::{b, c::d as e}`; returns the text after it.
fn leaves<'t>(text: &'t str, start: &Module, imported: bool, found: &mut Vec<(Module, Option<String>)>) -> &'t str {
    if let Some(mut rest) = text.strip_prefix('{') {
        while let Some(at) = rest.find(|c: char| !c.is_whitespace() && c != ',') {
            rest = &rest[at..];
            if let Some(after) = rest.strip_prefix('}') {
                return after;
            }
            let before = rest;
            rest = leaves(rest, start, imported, found);
            assert!(rest.len() < before.len(), "not a tree of paths: {before:.80}");
        }
        return rest;
    }
    let end = text.find(|c: char| !(c.is_alphanumeric() || c == '_')).unwrap_or(text.len());
    let (word, rest) = text.split_at(end);
    let path = match word {
        "super" => start[..start.len() - 1].to_vec(),
        "self" | "" => start.clone(),
        word => start.iter().cloned().chain([word.to_owned()]).collect(),
    };
    if let Some(rest) = rest.strip_prefix("::") {
        return leaves(rest, &path, imported, found);
    }
    let renamed = rest.strip_prefix(" as ");
    let rest = renamed.unwrap_or(rest.strip_prefix('*').unwrap_or(rest));
    let end = rest.find(|c: char| !(c.is_alphanumeric() || c == '_')).unwrap_or(rest.len());
    let name = renamed.map(|name| name[..end].to_owned()).or_else(|| path.last().cloned());
    found.push((path, name.filter(|_| imported)));
    if renamed.is_some() { &rest[end..] } else { rest }
}

/// One file of a room.
struct File {
    /// True when the file has items of its own, not only re-exports.
    counts: bool,
    names: Vec<(Module, Option<String>)>,
}

/// The files of all rooms, by module.
fn modules() -> BTreeMap<Module, File> {
    let mut found = BTreeMap::new();
    for file in ROOMS.iter().flat_map(|(room, _)| files(room)) {
        let path = file.strip_prefix(root().join("src")).expect("within src").with_extension("");
        let mut module: Module = path.iter().map(|part| part.to_str().expect("UTF-8").to_owned()).collect();
        module.pop_if(|last| last == "mod");
        let text = code(&file);
        let counts = ["fn ", "struct ", "enum ", "impl ", "trait ", "const ", "static ", "type "];
        let counts = counts.iter().any(|item| text.contains(item));
        let mut names = named(&text, &module);
        // A module that is imported by name, `use super::words;`, and used in later paths.
        let aliases: Vec<_> = names.iter().filter_map(|(path, name)| Some((name.clone()?, path.clone()))).collect();
        for (alias, path) in aliases {
            for (at, _) in text.match_indices(&format!("{alias}::")) {
                if !text[..at].ends_with(|c: char| c.is_alphanumeric() || c == '_' || c == ':') {
                    leaves(&text[at + alias.len() + 2..], &path, false, &mut names);
                }
            }
        }
        found.insert(module, File { counts, names });
    }
    found
}

/// The module whose file defines what a path names; none when that is outside the crate or is a module.
fn holder(modules: &BTreeMap<Module, File>, path: &[String], depth: usize) -> Option<Module> {
    let known = (1..=path.len()).rev().find(|length| modules.contains_key(&path[..*length]))?;
    let (module, item) = (path[..known].to_vec(), path.get(known)?);
    let passed_on = modules[&module].names.iter().find(|(_, name)| name.as_ref() == Some(item));
    match passed_on {
        Some((target, _)) if depth < 8 && target != path => {
            let rest = target.iter().chain(&path[known + 1..]).cloned().collect::<Module>();
            holder(modules, &rest, depth + 1)
        }
        _ => Some(module),
    }
}

/// The files of a room that are part of an import cycle, each with those of them that it imports.
fn circles(modules: &BTreeMap<Module, File>, room: &str) -> BTreeMap<Module, BTreeSet<Module>> {
    let own = |module: &Module| module[0] == room && modules[module].counts;
    let mut edges: BTreeMap<Module, BTreeSet<Module>> = modules
        .iter()
        .filter(|(module, _)| own(module))
        .map(|(module, file)| {
            let to = file.names.iter().filter_map(|(path, _)| holder(modules, path, 0));
            (module.clone(), to.filter(|to| own(to) && to != module).collect())
        })
        .collect();
    loop {
        let before = edges.len();
        let imported: BTreeSet<Module> = edges.values().flatten().cloned().collect();
        edges.retain(|module, to| !to.is_empty() && imported.contains(module));
        let left: BTreeSet<Module> = edges.keys().cloned().collect();
        edges.values_mut().for_each(|to| to.retain(|to| left.contains(to)));
        if edges.len() == before {
            return edges;
        }
    }
}

#[test]
fn files_of_a_room_do_not_import_each_other_in_a_circle() {
    let modules = modules();
    let mut wrong = Vec::new();
    for (room, _) in ROOMS {
        for (module, to) in circles(&modules, room) {
            let to: Vec<String> = to.iter().map(|to| to.join("::")).collect();
            wrong.push(format!("{} imports {}", module.join("::"), to.join(", ")));
        }
    }
    assert!(wrong.is_empty(), "files on a circle of imports:\n{}", wrong.join("\n"));
}

#[test]
fn imports_are_found_through_groups_names_and_what_others_pass_on() {
    let modules = modules();
    let imports = |from: &[&str], to: &[&str]| {
        let (from, to): (Module, Module) =
            (from.iter().map(ToString::to_string).collect(), to.iter().map(ToString::to_string).collect());
        modules[&from].names.iter().any(|(path, _)| holder(&modules, path, 0).as_ref() == Some(&to))
    };
    assert!(imports(&["monitor", "plan"], &["monitor", "timed", "outlook"]), "re-exported by timed.rs, in a group");
    assert!(imports(&["monitor", "plan"], &["monitor", "plan", "order"]), "a child, named in a path");
    assert!(imports(&["judge", "verdicts"], &["judge", "together"]), "a module, imported and named in a path");
    assert!(imports(&["language", "clause"], &["monitor", "plan"]), "re-exported by mod.rs of another room");
    assert!(!imports(&["monitor", "plan"], &["language", "clause"]));
}
