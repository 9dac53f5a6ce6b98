//! Every example in docs/EXPECTATIONS.md is a test.

use statetrail::expectation::{Program, Source, judge_line};
use statetrail::view::Style;
use statetrail::view::verdict::{self, Format, Judged};

const DOCS: &str = include_str!("../../docs/EXPECTATIONS.md");

/// The fenced code blocks with this language.
fn blocks(language: &str) -> Vec<String> {
    let mut found = Vec::new();
    let mut open: Option<(bool, String)> = None;
    for line in DOCS.lines() {
        match (&mut open, line.strip_prefix("```")) {
            (Some((_, block)), None) => block.extend([line, "\n"]),
            // A backslash continues a command, as in a shell.
            (Some(_), Some(_)) => {
                let block = open.take().filter(|(wanted, _)| *wanted).map(|(_, block)| block.replace(" \\\n", " "));
                found.extend(block);
            }
            (None, Some(named)) => open = Some((named == language, String::new())),
            (None, None) => {}
        }
    }
    found
}

fn quoted<'a>(command: &'a str, option: &str) -> &'a str {
    let (_, rest) = command.split_once(option).unwrap_or_else(|| panic!("{command}: no {option}"));
    let rest = rest.trim_start();
    let quote = if rest.starts_with('"') { '"' } else { '\'' };
    let rest = rest.strip_prefix(quote).unwrap_or_else(|| panic!("{command}: {option} is not quoted"));
    rest.split_once(quote).unwrap_or_else(|| panic!("{command}: {option} is not closed")).0
}

#[test]
fn every_command_prints_the_verdict_that_is_shown() {
    let mut tried = 0;
    for block in blocks("console") {
        let mut lines = block.lines();
        while let Some(command) = lines.next() {
            let Some(command) = command.strip_prefix("$ statetrail try ") else { continue };
            let shown = lines.next().unwrap_or_default();
            let (timeline, line) = (quoted(command, "--timeline"), quoted(command, "--expect"));
            let outcome = judge_line(timeline, line).unwrap_or_else(|error| panic!("{command}\n{error}"));
            assert_eq!(outcome.standing.verdict.as_str(), shown, "{command}");
            tried += 1;
        }
    }
    assert!(tried >= 20, "only {tried} examples were found");
}

#[test]
fn every_explained_example_prints_the_text_that_is_shown() {
    let stories: Vec<String> =
        blocks("text").into_iter().filter(|block| block.starts_with("$ statetrail try ")).collect();
    assert!(stories.len() >= 13, "only {} stories were found", stories.len());
    for block in stories {
        let (command, shown) = block.split_once('\n').expect("a command has a line of its own");
        let (timeline, line) = (quoted(command, "--timeline"), quoted(command, "--expect"));
        let outcome = judge_line(timeline, line).unwrap_or_else(|error| panic!("{command}\n{error}"));
        let mut text = Vec::new();
        verdict::write(Format::Text, &[Judged::sketch(&[outcome])], &Style::default(), &mut text).unwrap();
        assert_eq!(String::from_utf8(text).unwrap(), shown, "{command}");
    }
}

#[test]
fn every_document_compiles() {
    let documents = blocks("yaml");
    assert!(!documents.is_empty());
    for text in documents {
        if let Err(error) = Program::compile([Source::Document { name: "EXPECTATIONS.md", text: &text }]) {
            panic!("{error}");
        }
    }
}
