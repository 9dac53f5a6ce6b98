//! `statetrail explain`: the kinds and the documentation, on the terminal.

use super::arguments::Explain;
use super::documents::{self, Document};
use super::exit::{Exit, Failure, written};
use super::pager::Pager;
use super::printer::{Notation, Printer};
use super::terminal;
use crate::kinds::{self, Kind, TrackDeclaration};
use crate::observation::nearest;
use crate::view::{page, reference};
use std::fmt::Write as _;
use std::io::Write as _;

/// The widest text, as that of `--help`.
const WIDEST: usize = 100;

/// Runs it.
pub(super) fn run(command: &Explain) -> Result<Exit, Failure> {
    let width = terminal::style_of_stdout().width.map_or(WIDEST, |width| width.min(WIDEST));
    let text = match &command.topic {
        None => topics(),
        Some(topic) => about(topic, width).map_err(Failure::usage)?,
    };
    let mut pager = Pager::start(!command.no_pager && command.topic.is_some());
    let mut out = Printer::new(&mut pager, Notation::Words, terminal::colours_stdout());
    let printed = out.write_all(text.as_bytes()).and_then(|()| out.flush());
    pager.finish();
    written(printed)
}

/// How a topic is written, after the lists of kinds and documents.
const EXAMPLES: &str = "
Examples:
  statetrail explain vm                a kind with its tracks
  statetrail explain vm.status         a track with its states
  statetrail explain semantics         a document
  statetrail explain semantics.gaps    a section of it
";

/// All topics.
fn topics() -> String {
    let mut text = "Kinds:\n".to_owned();
    for kind in kinds::all() {
        let _ = writeln!(text, "  {:<14}{}", kind.display, kind.kind);
    }
    text.push_str("\nDocuments:\n");
    for document in &documents::ALL {
        let _ = writeln!(text, "  {:<14}{}", document.name, document.about);
    }
    text.push_str(EXAMPLES);
    text
}

/// What there is to read about a topic.
///
/// # Errors
/// It is not a topic: the message and the remedy.
fn about(topic: &str, width: usize) -> Result<String, String> {
    if let Some((kind, rest)) = kind(topic) {
        return match rest {
            None => Ok(reference::kind(kind, width)),
            Some(name) => {
                let (track, name) = track(kind, name)?;
                Ok(reference::track(kind, track, &name, width))
            }
        };
    }
    // As the documents name each other.
    let topic = topic.strip_prefix("docs/").unwrap_or(topic);
    let topic = topic.strip_suffix(".md").unwrap_or(topic);
    let (name, section) = topic.split_once('.').map_or((topic, None), |(name, section)| (name, Some(section)));
    let name = name.to_lowercase();
    let Some(document) = documents::ALL.iter().find(|document| document.name == name) else {
        return Err(unknown(topic));
    };
    match section {
        None => Ok(page::text(&(document.page)(), width)),
        Some(section) => excerpt(document, section, width),
    }
}

/// The kind that a topic names, and what follows it. A group is a part of the name: `deployments.apps.ready`.
fn kind(topic: &str) -> Option<(&'static Kind, Option<&str>)> {
    let head = topic.split('/').next().unwrap_or_default();
    let ends = head.match_indices('.').map(|(at, _)| at).chain([topic.len()]);
    ends.rev().find_map(|end| Some((kinds::named(&topic[..end])?, topic.get(end + 1..))))
}

/// The track of a kind that a name means, and the name as it is shown: `condition/Ready`, or `condition/NAME` for all.
fn track(kind: &Kind, name: &str) -> Result<(&'static TrackDeclaration, String), String> {
    let tracks = kind.tracks();
    if let Some(track) = tracks.iter().find(|track| track.name == name || track.name.strip_suffix('/') == Some(name)) {
        return Ok((track, reference::shown(track)));
    }
    let (family, member) = name.split_once('/').unwrap_or((name, ""));
    let declared = tracks.iter().find(|track| track.name.strip_suffix('/') == Some(family));
    let Some(track) = declared else {
        let names = tracks.iter().map(|track| track.name.trim_end_matches('/'));
        let remedy = match nearest(family, names) {
            Some(near) if member.is_empty() => format!("did you mean `{near}`?"),
            Some(near) => format!("did you mean `{near}/{member}`?"),
            None => format!("it has {}", tracks.iter().map(reference::shown).collect::<Vec<_>>().join(", ")),
        };
        return Err(format!("{} has no track `{name}`; {remedy}", kind.kind));
    };
    let members = track.members.iter().copied();
    match nearest(member, members) {
        Some(near) if near != member => {
            let kind = kind.kind;
            Err(format!("{kind} has no track `{name}`; did you mean `{}{near}`?", track.name))
        }
        _ => Ok((track, name.to_owned())),
    }
}

/// A section of a document.
fn excerpt(document: &Document, section: &str, width: usize) -> Result<String, String> {
    let (page, wanted) = ((document.page)(), section.to_lowercase());
    if let Some(markdown) = page::section(&page, &wanted) {
        return Ok(page::text(markdown, width));
    }
    let anchors = page::anchors(&page);
    let names = anchors.iter().map(String::as_str);
    let remedy = match nearest(&wanted, names.clone()) {
        Some(near) => format!("did you mean `{near}`?"),
        None => format!("it has {}", names.collect::<Vec<_>>().join(", ")),
    };
    Err(format!("`{}` has no section `{section}`; {remedy}", document.name))
}

/// The message for a topic that there is not.
fn unknown(topic: &str) -> String {
    let named = kinds::all().flat_map(|kind| kind.names().chain([kind.kind]));
    let names = documents::ALL.iter().map(|document| document.name).chain(named);
    let head = topic.split('.').next().unwrap_or_default();
    let remedy = match nearest(head, names) {
        Some(near) => format!("did you mean `{near}{}`?", &topic[head.len()..]),
        None => {
            "`statetrail explain` lists them, and `statetrail explain kinds.other-kinds` has the tracks of other kinds"
                .to_owned()
        }
    };
    format!("unknown topic `{topic}`; {remedy}")
}
