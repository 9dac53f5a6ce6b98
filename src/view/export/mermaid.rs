//! `-o mermaid`: the states of a track as a diagram, with how often each transition was taken.
//!
//! One subject, or all selected subjects of a kind together. A stay counts for the median only if both of its ends were
//! seen, and what a gap hides goes through a state `not seen`: no edge joins the states before and after it.

use super::stretch::{Life, Lives, Of, Strip};
use crate::kinds;
use crate::observation::{State, StateKind, Track};
use crate::timeline::{Body, Entry, GapEntry, Provenance};
use crate::view::dwell::{Dwell, End};
use crate::view::row::{Row, harmless};
use crate::view::selection::Selection;
use crate::view::style::{Caveats, Style};
use crate::view::{clock, gap, label};
use std::fmt::Write as _;
use std::io;
use std::time::Duration;

/// How states are drawn that are none of the API's.
const CLASS: &str = "    classDef unseen fill:none,stroke:#c026d3,stroke-dasharray:4 4\n";

/// Writes the diagram of what the selection matches.
///
/// # Errors
/// When writing to `out` fails.
pub(in crate::view) fn write(
    entries: &[Entry],
    selection: &Selection,
    caveats: Caveats,
    out: &mut impl io::Write,
) -> io::Result<()> {
    let lives = Lives::of(entries, selection, caveats);
    let mut diagrams: Vec<Diagram<'_>> = Vec::new();
    for life in &lives.of {
        let drawn = if selection.tracks.is_empty() { life.strips.len().min(1) } else { life.strips.len() };
        for strip in &life.strips[..drawn] {
            let is_of = |diagram: &&mut Diagram<'_>| {
                diagram.track == strip.track && diagram.kind() == (&life.subject.kind, &life.subject.group)
            };
            match diagrams.iter_mut().find(is_of) {
                Some(diagram) => diagram.add(life, strip),
                None => diagrams.push(Diagram::of(life, strip)),
            }
        }
    }
    let mut text = head(&diagrams);
    let is_alone = diagrams.len() == 1;
    let mut unseen = Vec::new();
    for (number, diagram) in diagrams.iter().enumerate() {
        diagram.draw(number, is_alone, &mut unseen, &mut text);
    }
    gaps(entries, selection, &diagrams, &mut unseen, &mut text);
    if !unseen.is_empty() {
        let _ = writeln!(text, "{CLASS}    class {} unseen", unseen.join(","));
    }
    out.write_all(text.as_bytes())
}

fn head(diagrams: &[Diagram<'_>]) -> String {
    let mut text = String::new();
    if let [diagram] = diagrams {
        let title = serde_json::Value::String(diagram.title());
        let _ = write!(text, "---\ntitle: {title}\n---\n");
    }
    text.push_str("stateDiagram-v2\n    direction LR\n");
    text
}

/// All gaps in full as comments, and those that no diagram has as states of their own.
fn gaps(
    entries: &[Entry],
    selection: &Selection,
    diagrams: &[Diagram<'_>],
    unseen: &mut Vec<String>,
    text: &mut String,
) {
    let shown = entries.iter().zip(selection.shown(entries)).filter(|(_, shown)| shown.is_shown());
    let gaps = shown.filter_map(|(entry, _)| match &entry.body {
        Body::Gap(gap) => Some((gap, entry.subject.as_deref())),
        _ => None,
    });
    let style = Style { namespaces: true, ..Style::default() };
    let gaps: Vec<_> = gaps.collect();
    let is_drawn = |of: &GapEntry| diagrams.iter().any(|diagram| diagram.gaps.iter().any(|gap| std::ptr::eq(*gap, of)));
    let apart = gaps.iter().filter(|(gap, _)| !is_drawn(gap)).copied();
    for (number, row) in gap::lines(apart, &style).into_iter().enumerate() {
        let line = plain(row, &style);
        // Its parts are a line each: Mermaid does not wrap them.
        for part in line.trim_matches(['~', ' ']).split(": ").flat_map(|part| part.split("; ")) {
            let _ = writeln!(text, "    w{number} : {}", escaped(part));
        }
        unseen.push(format!("w{number}"));
    }
    for (gap, subject) in gaps {
        let _ = writeln!(text, "    %% {}", comment(&plain(gap::line(gap, subject, &style), &style)));
    }
}

fn plain(row: Row, style: &Style) -> String {
    row.line(style).trim_end().to_owned()
}

/// The states of one track, of one subject or of several.
struct Diagram<'a> {
    lives: Vec<&'a Life<'a>>,
    track: &'a Track,
    nodes: Vec<Node>,
    edges: Vec<Edge>,
    gaps: Vec<&'a GapEntry>,
}

/// A state of the diagram.
struct Node {
    of: Place,
    /// Stays whose two ends were seen.
    measured: Vec<Duration>,
    unmeasured: usize,
    /// In how many tracks it goes on.
    open: usize,
}

/// What a node of the diagram stands for.
#[derive(Clone, PartialEq, Eq)]
enum Place {
    State(StateKind, String),
    /// A gap.
    Unseen,
    /// The watch began in a state: what was before it, and since when it was, was not seen.
    Before,
    /// It was entered before the window.
    Held,
    /// Where the diagram begins and ends.
    Begin,
    End,
}

struct Edge {
    from: Place,
    to: Place,
    times: usize,
}

impl<'a> Diagram<'a> {
    fn of(life: &'a Life<'a>, strip: &'a Strip<'a>) -> Self {
        let mut diagram =
            Self { lives: Vec::new(), track: strip.track, nodes: Vec::new(), edges: Vec::new(), gaps: Vec::new() };
        diagram.add(life, strip);
        diagram
    }

    fn kind(&self) -> (&str, &str) {
        let subject = self.lives[0].subject;
        (&subject.kind, &subject.group)
    }

    fn add(&mut self, life: &'a Life<'a>, strip: &'a Strip<'a>) {
        self.lives.push(life);
        let mut before: Option<Place> = None;
        for stretch in &strip.stretches {
            let here = match &stretch.of {
                Of::Stay { transition, dwell, held } => {
                    let here = place(&transition.to);
                    let came = match (&before, &transition.from) {
                        _ if *held => Place::Held,
                        (Some(before), _) => before.clone(),
                        (None, Some(from)) if stretch.entry.seen != Provenance::AfterGap => place(from),
                        (None, None)
                            if stretch.entry.seen != Provenance::Initial
                                && stretch.entry.seen != Provenance::AfterGap =>
                        {
                            Place::Begin
                        }
                        (None, _) => Place::Before,
                    };
                    self.go(came, here.clone());
                    self.stay(&here, dwell.as_ref());
                    if dwell.is_some_and(|dwell| dwell.end == End::Deleted) {
                        self.go(here.clone(), Place::End);
                    }
                    here
                }
                Of::Found(state) => {
                    let here = place(state);
                    self.go(Place::Unseen, here.clone());
                    let node = self.node(&here);
                    *if stretch.to.is_some() { &mut node.unmeasured } else { &mut node.open } += 1;
                    here
                }
                Of::Gap(gap) => {
                    self.gaps.push(gap);
                    if let Some(before) = before.filter(|before| *before != Place::Unseen) {
                        self.go(before, Place::Unseen);
                    }
                    self.node(&Place::Unseen);
                    Place::Unseen
                }
            };
            before = Some(here);
        }
    }

    fn stay(&mut self, place: &Place, dwell: Option<&Dwell>) {
        let Some(dwell) = dwell else { return };
        let node = self.node(place);
        match dwell.exact() {
            Some(exact) => node.measured.push(exact),
            None if dwell.end == End::Open => node.open += 1,
            None => node.unmeasured += 1,
        }
    }

    fn node(&mut self, of: &Place) -> &mut Node {
        let at = self.nodes.iter().position(|node| node.of == *of).unwrap_or_else(|| {
            self.nodes.push(Node { of: of.clone(), measured: Vec::new(), unmeasured: 0, open: 0 });
            self.nodes.len() - 1
        });
        &mut self.nodes[at]
    }

    fn go(&mut self, from: Place, to: Place) {
        for place in [&from, &to] {
            if !matches!(place, Place::Begin | Place::End) {
                self.node(place);
            }
        }
        match self.edges.iter_mut().find(|edge| edge.from == from && edge.to == to) {
            Some(edge) => edge.times += 1,
            None => self.edges.push(Edge { from, to, times: 1 }),
        }
    }

    /// `vm/web status`; `pods status, 12 subjects`.
    fn title(&self) -> String {
        let subject = self.lives[0].subject;
        let whom = match self.lives.len() {
            1 => label::subject(subject),
            many => {
                let kind =
                    kinds::of_kind(&subject.kind).map_or(subject.kind.to_lowercase(), |kind| kind.plural.to_owned());
                return harmless(&format!("{kind} {}, {many} subjects", self.track));
            }
        };
        harmless(&format!("{whom} {}", self.track))
    }

    fn draw(&self, number: usize, is_alone: bool, unseen: &mut Vec<String>, text: &mut String) {
        let indent = if is_alone { "    " } else { "        " };
        if !is_alone {
            let _ = writeln!(text, "    state \"{}\" as g{number} {{", escaped(&self.title()));
        }
        let id = |place: &Place| match self.nodes.iter().position(|node| node.of == *place) {
            Some(at) if is_alone => format!("s{at}"),
            Some(at) => format!("g{number}s{at}"),
            None => "[*]".to_owned(),
        };
        for node in &self.nodes {
            let id = id(&node.of);
            for line in self.lines(node) {
                let _ = writeln!(text, "{indent}{id} : {line}");
            }
            if !matches!(node.of, Place::State(..)) {
                unseen.push(id);
            }
        }
        for edge in &self.edges {
            let _ = writeln!(text, "{indent}{} --> {} : {}", id(&edge.from), id(&edge.to), edge.times);
        }
        if !is_alone {
            text.push_str("    }\n");
        }
    }

    /// The name of a node, and what is known of its stays.
    fn lines(&self, node: &Node) -> Vec<String> {
        let mut lines = match &node.of {
            Place::State(kind, name) => vec![escaped(&self.name(*kind, name))],
            Place::Unseen => return self.unseen(),
            Place::Before => vec!["beginning not seen".to_owned()],
            Place::Held => vec!["held at the start".to_owned()],
            Place::Begin | Place::End => Vec::new(),
        };
        let mut measured = node.measured.clone();
        measured.sort_unstable();
        match measured[..] {
            [] => {}
            [only] => lines.push(clock::span(only)),
            _ => lines.push(format!("median {} of {}", clock::span(median(&measured)), measured.len())),
        }
        if node.unmeasured > 0 {
            lines.push(format!("{} not measured", node.unmeasured));
        }
        if node.open > 0 {
            lines.push(format!("{} not over", node.open));
        }
        lines
    }

    /// The name of a state, with its kind where another state has the same name.
    fn name(&self, kind: StateKind, name: &str) -> String {
        let is_same = |node: &&Node| matches!(&node.of, Place::State(_, other) if other == name);
        match kind.name().filter(|_| self.nodes.iter().filter(is_same).count() > 1) {
            Some(kind) => format!("{name} ({kind})"),
            None => name.to_owned(),
        }
    }

    fn unseen(&self) -> Vec<String> {
        let mut reasons: Vec<(&str, usize)> = Vec::new();
        for gap in &self.gaps {
            let reason = gap::reason(gap.reason);
            match reasons.iter_mut().find(|(known, _)| *known == reason) {
                Some((_, times)) => *times += 1,
                None => reasons.push((reason, 1)),
            }
        }
        let lines = reasons.into_iter().map(|(reason, times)| format!("{times} x {}", escaped(reason)));
        ["not seen".to_owned()].into_iter().chain(lines).collect()
    }
}

fn place(state: &State) -> Place {
    Place::State(state.kind, label::plain(state))
}

/// The one in the middle; of an even number, the mean of the two in the middle.
fn median(sorted: &[Duration]) -> Duration {
    let middle = sorted.len() / 2;
    if sorted.len() % 2 == 1 { sorted[middle] } else { (sorted[middle - 1] + sorted[middle]) / 2 }
}

/// Text that Mermaid shows as it is: what could be its syntax, Markdown or HTML becomes entities.
fn escaped(text: &str) -> String {
    let text: Vec<char> = harmless(text).chars().collect();
    let mut escaped = String::with_capacity(text.len());
    for (at, c) in text.iter().enumerate() {
        let is_word = |at: Option<usize>| at.and_then(|at| text.get(at)).is_some_and(|c| c.is_alphanumeric());
        let is_within_word = || is_word(at.checked_sub(1)) && is_word(Some(at + 1));
        if c.is_alphanumeric()
            || matches!(c, ' ' | '/' | ',' | '(' | ')' | '=')
            || matches!(c, '-' | '.') && is_within_word()
        {
            escaped.push(*c);
        } else {
            let _ = write!(escaped, "#{};", u32::from(*c));
        }
    }
    escaped
}

/// Text in a comment: `%%{` would be a directive even there.
fn comment(text: &str) -> String {
    let mut comment = String::with_capacity(text.len());
    for c in text.chars() {
        if c == '%' && comment.ends_with('%') {
            comment.push(' ');
        }
        comment.push(c);
    }
    comment
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_median_of_an_even_number_is_between_the_two_in_the_middle() {
        let of = |millis: &[u64]| {
            let spans: Vec<_> = millis.iter().copied().map(Duration::from_millis).collect();
            median(&spans)
        };
        assert_eq!(of(&[1, 3, 100]), Duration::from_millis(3));
        assert_eq!(of(&[1, 3, 5, 100]), Duration::from_millis(4));
    }

    #[test]
    fn no_text_of_others_is_syntax() {
        assert_eq!(escaped("web-0 1.2s 1. -a"), "web-0 1.2s 1#46; #45;a");
        assert_eq!(escaped("a: b; --> \"<i>#quot;"), "a#58; b#59; #45;#45;#62; #34;#60;i#62;#35;quot#59;");
        assert_eq!(comment("%%{init: {}}%%"), "% %{init: {}}% %");
    }
}
