//! One entry with all its data, over several lines.

use super::row::{Piece, Row};
use super::style::{Ink, Style};
use super::{clock, gap, label};
use crate::timeline::{Body, Entry};

/// The lines.
#[must_use]
pub fn details(entry: &Entry, style: &Style) -> Vec<Vec<Piece>> {
    let mut rows = Vec::new();
    let mut add = |name: &str, value: Row| {
        if !value.is_empty() {
            let mut row = Row::of(Ink::Faint, format!("{name:<16} "));
            row.append(value);
            rows.push(row);
        }
    };
    let text = |text: &str| Row::of(Ink::Plain, text);
    add("time", text(&format!("{}  {}", label::time(entry, style), clock::elapsed(entry.stamp.elapsed))));
    if let Some(subject) = &entry.subject {
        add("subject", Row::of(Ink::Strong, subject.to_string()));
        add("uid", text(&subject.uid));
    }
    match &entry.body {
        Body::Transition(transition) => {
            add("track", text(&transition.track.to_string()));
            add("from", transition.from.as_ref().map(|from| label::state(&transition.track, from)).unwrap_or_default());
            add("to", label::state(&transition.track, &transition.to));
            add("message", text(&label::words(&transition.to)));
        }
        Body::Detailed(detailed) => {
            add("track", text(&detailed.track.to_string()));
            add("state", label::state(&detailed.track, &detailed.to));
            add("changed", text(&label::change(detailed)));
            add("message", text(&label::words(&detailed.to)));
        }
        Body::Gap(blind) => add("gap", gap::line(blind, entry.subject.as_deref(), style)),
        Body::Mark(name) => add("mark", Row::of(Ink::Mark, name)),
        Body::Evidence(event) => {
            add("about", text(&label::named(&event.involved.kind, &event.involved.name)));
            add("event", text(&format!("{} {} x{}", event.kind, event.reason, event.count)));
            add("source", text(&event.source));
            add("message", text(&event.message));
        }
    }
    add("resourceVersion", text(&entry.resource_version.as_ref().map(ToString::to_string).unwrap_or_default()));
    if !matches!(entry.body, Body::Mark(_)) {
        add("seen", text(&label::seen(entry)));
    }
    add("line", text(&entry.seq.to_string()));
    rows.into_iter().map(|row| row.pieces(usize::MAX)).collect()
}
