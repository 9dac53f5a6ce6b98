//! Words of an expectation that only a recording can tell to be mistakes: states of open vocabularies, and tracks that
//! may be of the user's own.
//!
//! They are collected while a statement is compiled, each with its place, and held against a recording later
//! ([`super::words::Words`]). It refuses to guess: what a closed vocabulary refuses never comes here.

use super::pattern::Pattern;
use super::vocabulary::{closed, has_track, unlisted};
use crate::monitor::{NamedAt, Place, Statement};
use crate::observation::{StateKind, Track};
use smol_str::SmolStr;
use std::ops::Range;
use std::sync::Arc;

/// Where expectations were read from: its name and its text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Origin {
    /// What it is called: a file's name, `--expect`.
    pub name: String,
    /// All of it.
    pub text: String,
    /// It is a document, in which a quote of the language stands within a quote of YAML.
    pub document: bool,
}

/// What is mentioned.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Mentioned {
    /// A track that its kind does not have by itself.
    Track,
    /// A state of the track.
    State {
        /// Its label.
        label: SmolStr,
        /// `never` says that it is not entered: were it misspelt, that would hold for ever.
        refused: bool,
    },
}

/// A word and where it stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mention {
    /// `Pod`
    pub kind: String,
    /// Of which track.
    pub track: Track,
    /// What.
    pub what: Mentioned,
    /// Bytes of the origin's text.
    pub range: Range<usize>,
}

/// What one expectation mentions.
#[derive(Clone, Debug, Default)]
pub struct Mentions {
    /// Where it was read from; none when nothing is mentioned.
    pub origin: Option<Arc<Origin>>,
    /// In the order of the text, statement by statement.
    pub found: Vec<Mention>,
}

impl Mentions {
    /// Adds a track, where its kind may have it or not.
    pub fn track(&mut self, pattern: &Pattern, place: &Place, range: &Range<usize>) {
        let Some(track) = &place.track else { return };
        let is_one = matches!(pattern, Pattern::One(_));
        if !has_track(&place.kind, track) || (is_one && unlisted(&place.kind, track).is_some()) {
            self.add(place, track, Mentioned::Track, range);
        }
    }

    /// Adds the states of a statement about one track, and about the track of its condition.
    pub fn states(&mut self, statement: &Statement, place: &Place, condition: Option<&Place>) {
        let other = condition.unwrap_or(place);
        let refused = matches!(statement, Statement::Never(_));
        let mut add = |place: &Place, names: &mut dyn Iterator<Item = &NamedAt>| {
            names.for_each(|named| self.state(place, named, refused));
        };
        match statement {
            Statement::Path(path) => add(place, &mut path.names().into_iter()),
            Statement::Never(states) | Statement::Always(states) => add(place, &mut states.names.iter()),
            Statement::Every { every, then, .. } => add(place, &mut every.names.iter().chain(&then.names)),
            Statement::Count { states: Some(states), .. } => add(place, &mut states.names.iter()),
            Statement::Count { states: None, .. } => {}
            Statement::OnlyAfter { enter, after } => {
                add(place, &mut enter.names.iter());
                add(other, &mut after.names.iter());
            }
            Statement::Quiet { after } => add(other, &mut after.names.iter()),
            Statement::Graph(edges) => {
                add(place, &mut edges.iter().flat_map(|(from, to)| std::iter::once(from).chain(to)));
            }
        }
    }

    fn state(&mut self, place: &Place, named: &NamedAt, refused: bool) {
        let Some(track) = &place.track else { return };
        let name = &named.name;
        let meant = name.quoted || name.kind == Some(StateKind::Absent) || closed(&place.kind, track).is_some();
        if !meant {
            self.add(place, track, Mentioned::State { label: name.label.clone(), refused }, &named.range);
        }
    }

    fn add(&mut self, place: &Place, track: &Track, what: Mentioned, range: &Range<usize>) {
        self.found.push(Mention { kind: place.kind.clone(), track: track.clone(), what, range: range.clone() });
    }
}
