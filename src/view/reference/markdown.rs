//! docs/KINDS.md.

use super::words::{all_states, code, list, members, origin, owners, shown, versions};
use crate::kinds::{self, Kind, TrackDeclaration};
use crate::view::page::{Lead, fill};
use std::fmt::Write as _;

/// The width of the documentation's lines.
const WIDTH: usize = 120;

const HEAD: &str = "\
# Kinds

What statetrail knows of each kind: its names, and its tracks with their states. Each track says which column of
`kubectl get` shows it, and from which paths of the object it is read. `statetrail explain vm` prints the section of a
kind, and `statetrail explain vm.status` a track. This page is generated from the declarations in `src/kinds`.

Where a track has *one of* the listed states, the API lists them, and an expectation with any other state does not
compile, unless it is [quoted](EXPECTATIONS.md#paths). Where it has *any text*, those are listed that are known to
occur, so that a misspelt one is recognised. In place of NAME is the name of a container, a volume or a condition.
Condition types that are not listed here are recorded, too.

A track that its object lost, such as a condition that was removed, is `Absent`. Details follow a state after a slash:
the reason of a condition (`True/Deferred`), the exit code of a container (`terminated:Error/137`).

";

const OTHERS: &str = "\
Any other kind can be recorded, as `group/version/plural` or by a name that the server knows. Tracks of its own are
added by `--track NAME=JSONPATH`, as for every kind.";

/// The page, generated.
#[must_use]
pub fn markdown() -> String {
    let mut text = HEAD.to_owned();
    for kind in kinds::all() {
        section(kind, &mut text);
    }
    let _ = write!(text, "## Other kinds\n\n{OTHERS}\n\n");
    tracks(kinds::tracks(""), &mut text);
    text
}

fn section(kind: &Kind, text: &mut String) {
    let _ = write!(text, "## {}\n\n", kind.kind);
    let names = list(kind.names().map(code), "and");
    let versions = list(versions(kind).map(|version| code(&version)), "and");
    let also = kind.also_in.iter().map(|group| code(&format!("{group}/{}", kind.versions[0]))).collect::<Vec<_>>();
    let versions = if also.is_empty() { versions } else { format!("{versions}, also served as {}", also.join(", ")) };
    let default = if kind.default { " Watched by default." } else { "" };
    let owners = owners(kind);
    let owners = if owners.is_empty() { String::new() } else { format!(" Owners: {owners}.") };
    text.push_str(&fill(kind.about, Lead::all(""), WIDTH));
    text.push('\n');
    text.push_str(&fill(&format!("Names: {names}. API version: {versions}.{default}{owners}"), Lead::all(""), WIDTH));
    text.push('\n');
    tracks(kind.tracks(), text);
    let _ = write!(text, "\n```text\n{}\n```\n\n", kind.example);
}

fn tracks(tracks: &[TrackDeclaration], text: &mut String) {
    for track in tracks {
        let parts = [origin(track), members(track), all_states(track)];
        let parts: Vec<String> = parts.into_iter().filter(|part| !part.is_empty()).collect();
        let words = format!("{}: {}", code(&shown(track)), parts.join(" "));
        text.push_str(&fill(&words, Lead { first: "- ", other: "  " }, WIDTH));
    }
}
