//! The repository's documents: the files and headings they refer to exist, and lines are at most 120 columns wide.

use std::fs;
use std::path::{Path, PathBuf};

/// Longest line of a document, in characters.
const WIDTH: usize = 120;

/// Code of at least this length in a table cannot be wrapped, so its row may be longer.
const UNBREAKABLE: usize = 60;

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// The texts of the repository with one of these extensions, with their paths from the root.
fn texts(endings: &[&str]) -> Vec<(PathBuf, String)> {
    let (mut found, mut folders) = (Vec::new(), vec![root().to_owned()]);
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).expect("a folder is readable") {
            let path = entry.expect("readable").path();
            let name = path.file_name().expect("a name").to_string_lossy().into_owned();
            if path.is_dir() {
                if !["target", ".git", "node_modules"].contains(&name.as_str()) {
                    folders.push(path);
                }
            } else if endings.iter().any(|ending| name.ends_with(ending)) {
                let text = fs::read_to_string(&path).expect("UTF-8");
                found.push((path.strip_prefix(root()).expect("below the root").to_owned(), text));
            }
        }
    }
    found.sort();
    found
}

fn documents() -> Vec<(PathBuf, String)> {
    let documents = texts(&[".md"]);
    assert!(documents.len() >= 8, "only {} documents were found", documents.len());
    documents
}

/// The lines of a document outside its fenced blocks, with their numbers.
fn prose(text: &str) -> Vec<(usize, &str)> {
    let mut fenced = false;
    let outside = |(_, line): &(usize, &str)| {
        let fence = line.trim_start().starts_with("```");
        fenced ^= fence;
        !fenced && !fence
    };
    (1..).zip(text.lines()).filter(outside).collect()
}

/// The targets of a document's links.
fn links(text: &str) -> Vec<String> {
    let prose: Vec<&str> = prose(text).into_iter().map(|(_, line)| line).collect();
    let prose = prose.join("\n");
    let targets = prose.split("](").skip(1).filter_map(|rest| rest.split(')').next());
    targets.map(str::to_owned).collect()
}

/// The anchor that GitHub generates for a heading.
fn anchor(heading: &str) -> String {
    let kept = heading.trim().chars().filter(|c| c.is_alphanumeric() || " -_".contains(*c));
    kept.collect::<String>().to_lowercase().replace(' ', "-")
}

fn anchors(text: &str) -> Vec<String> {
    let headings = prose(text).into_iter().map(|(_, line)| line).filter(|line| line.starts_with('#'));
    headings.map(|line| anchor(line.trim_start_matches('#'))).collect()
}

/// The names of documents that a text mentions, `docs/NAME.md` and `NAME.md`.
fn mentions(text: &str) -> Vec<&str> {
    let part = |c: char| c.is_ascii_alphanumeric() || "-_./".contains(c);
    let words = text.split(|c| !part(c)).map(|word| word.trim_end_matches('.'));
    words.filter(|word| word.strip_suffix(".md").is_some_and(|stem| !stem.is_empty())).collect()
}

#[test]
fn every_relative_link_leads_to_an_existing_file_and_heading() {
    let mut wrong = Vec::new();
    for (path, text) in documents() {
        for link in links(&text).iter().filter(|link| !link.contains("://")) {
            let (file, heading) = link.split_once('#').unwrap_or((link, ""));
            let target = if file.is_empty() {
                root().join(&path)
            } else {
                root().join(path.parent().expect("a folder")).join(file)
            };
            let is_there = match fs::read_to_string(&target) {
                Ok(text) => heading.is_empty() || anchors(&text).iter().any(|known| known == heading),
                // A folder, or a picture.
                Err(_) => target.exists(),
            };
            if !is_there {
                wrong.push(format!("{}: {link}", path.display()));
            }
        }
    }
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}

#[test]
fn every_document_named_in_sources_pages_or_help_exists() {
    let mut wrong = Vec::new();
    for (path, text) in texts(&[".rs", ".md", ".toml", ".yaml", ".sh", ".schema.json", "run"]) {
        // This file contains example names.
        if path.ends_with("tests/offline/documents.rs") {
            continue;
        }
        let folder = path.parent().expect("a folder");
        for name in mentions(&text) {
            let places = [root().join(folder).join(name), root().join(name), root().join("docs").join(name)];
            // A URL, and a name that a program joins to a folder.
            let elsewhere = name.starts_with("//") || name.starts_with("www.");
            if !elsewhere && name != "README.md" && !places.iter().any(|place| place.exists()) {
                wrong.push(format!("{}: {name}", path.display()));
            }
        }
        for outside in ["DESIGN section", "STYLE.md", "conformance.md"] {
            if text.contains(outside) {
                wrong.push(format!("{}: {outside}", path.display()));
            }
        }
    }
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}

/// True for a row with code that cannot be wrapped.
fn is_unbreakable_row(line: &str) -> bool {
    let code = line.split('`').skip(1).step_by(2);
    line.starts_with('|') && code.map(|code| code.chars().count()).max().unwrap_or(0) > UNBREAKABLE
}

#[test]
fn lines_of_documents_are_at_most_120_wide() {
    let pages = documents().into_iter().filter(|(path, _)| !path.starts_with("tests"));
    let mut wrong = Vec::new();
    for (path, text) in pages {
        let mut recording = false;
        for (number, line) in (1..).zip(text.lines()) {
            // A line of a recording is one line.
            recording = line == "```jsonl" || recording && line != "```";
            let width = line.chars().count();
            if width > WIDTH && !recording && !is_unbreakable_row(line) {
                wrong.push(format!("{}:{number}: {width} characters", path.display()));
            }
        }
    }
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}

#[test]
fn these_tests_find_what_they_look_for() {
    assert_eq!(links("a [b](c.md#d) e\n```\n[f](g)\n```\n"), ["c.md#d"]);
    assert_eq!(anchor(" What is promised, and what is not"), "what-is-promised-and-what-is-not");
    assert_eq!(mentions("see docs/FORMAT.md, or `x.md`."), ["docs/FORMAT.md", "x.md"]);
    assert!(is_unbreakable_row(&format!("| `{}` | x |", "y".repeat(UNBREAKABLE + 1))));
    assert!(!is_unbreakable_row(&format!("| {} |", "y ".repeat(WIDTH))));
}
