//! A kind, or one of its tracks, on a terminal, as `kubectl explain` prints a resource or a field.

use super::words::{all_states, members, origin, owners, shown, states};
use crate::kinds::{Kind, TrackDeclaration};
use crate::view::page::{Lead, fill};
use std::fmt::Write as _;

/// A kind with its names and its tracks, in lines of at most `width` columns.
#[must_use]
pub fn kind(kind: &Kind, width: usize) -> String {
    let mut text = head(kind);
    row("NAMES", &kind.names().collect::<Vec<_>>().join(", "), &mut text);
    row("OWNERS", &owners(kind), &mut text);
    paragraph("DESCRIPTION", kind.about, width, &mut text);
    text.push_str("\nTRACKS:\n");
    for (at, track) in kind.tracks().iter().enumerate() {
        let _ = writeln!(text, "{}  {}", if at == 0 { "" } else { "\n" }, shown(track));
        for part in [origin(track), members(track), all_states(track)] {
            indented(&part, width, &mut text);
        }
    }
    paragraph("EXAMPLE", "", width, &mut text);
    let _ = writeln!(text, "    statetrail check run.jsonl --expect '{}'", kind.example);
    text
}

/// One track of a kind with its states; `name` is what was asked for, such as `condition/Ready`.
#[must_use]
pub fn track(kind: &Kind, track: &TrackDeclaration, name: &str, width: usize) -> String {
    let mut text = head(kind);
    row("TRACK", name, &mut text);
    paragraph("DESCRIPTION", &origin(track), width, &mut text);
    indented(&members(track), width, &mut text);
    let (before, words, after) = states(track);
    text.push_str("\nSTATES:\n");
    let before = if words.is_empty() { before.to_owned() } else { format!("{before}:") };
    indented(&before, width, &mut text);
    for word in words {
        let _ = writeln!(text, "      {word}");
    }
    indented(&after, width, &mut text);
    text
}

fn head(kind: &Kind) -> String {
    let mut text = String::new();
    row("GROUP", kind.group, &mut text);
    row("KIND", kind.kind, &mut text);
    row("VERSION", &kind.versions.join(", "), &mut text);
    text
}

/// A line with a title; nothing where there is nothing to say.
fn row(title: &str, words: &str, text: &mut String) {
    if !words.is_empty() {
        let _ = writeln!(text, "{:<12}{words}", format!("{title}:"));
    }
}

fn paragraph(title: &str, words: &str, width: usize, text: &mut String) {
    let _ = writeln!(text, "\n{title}:");
    indented(words, width, text);
}

/// A text without the backticks around its code.
fn indented(words: &str, width: usize, text: &mut String) {
    if !words.is_empty() {
        text.push_str(&fill(&words.replace('`', ""), Lead::all("    "), width));
    }
}
