//! Names in an expectation that only a recording can show to be mistakes: states of open vocabularies, and tracks that
//! may be custom ones.
//!
//! They are collected while a statement is compiled, each with its place, and compared with a recording later
//! ([`super::words::Words`]). Names outside a closed vocabulary are rejected before they get here.

use super::pattern::Pattern;
use super::vocabulary::{closed, has_track, unlisted};
use crate::monitor::{NamedAt, Place, Statement, States};
use crate::observation::{DetailSort, StateKind, Track};
use smol_str::SmolStr;
use std::ops::Range;
use std::sync::Arc;

/// A source of expectations: its name and its text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Origin {
    /// The name: a file's name, `--expect`.
    pub name: String,
    /// The whole text.
    pub text: String,
    /// True for a document, in which quotes of the language are nested in quotes of YAML.
    pub document: bool,
}

/// What a name refers to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Mentioned {
    /// A track that its kind does not declare.
    Track,
    /// A state of the track.
    State {
        /// Its label.
        label: SmolStr,
        /// True under `never`, which a misspelt state would satisfy forever.
        refused: bool,
    },
    /// A detail of states of the track.
    Detail(SmolStr),
}

/// A name with its place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mention {
    /// The kind of object, such as `Pod`.
    pub kind: String,
    /// The track.
    pub track: Track,
    /// What the name refers to.
    pub what: Mentioned,
    /// The place, in bytes of the origin's text.
    pub range: Range<usize>,
}

/// The names in one expectation that are to be compared with a recording.
#[derive(Clone, Debug, Default)]
pub struct Mentions {
    /// The source; none when nothing is mentioned.
    pub origin: Option<Arc<Origin>>,
    /// In the order of the text, statement by statement.
    pub found: Vec<Mention>,
}

impl Mentions {
    /// Adds a track, unless every object of its kind has it.
    pub fn track(&mut self, pattern: &Pattern, place: &Place, range: &Range<usize>) {
        let Some(track) = &place.track else { return };
        let is_one = matches!(pattern, Pattern::One(_));
        if !has_track(&place.kind, track) || (is_one && unlisted(&place.kind, track).is_some()) {
            self.add(place, track, Mentioned::Track, range);
        }
    }

    /// Adds the states of a statement about one track, and about the track of its condition.
    pub fn states(&mut self, statement: &Statement, place: &Place, condition: Option<&Place>) {
        // Misspelt, these would always hold.
        let (refused, awaited) = match statement {
            Statement::Never(_) => (true, false),
            Statement::While { never, held } => (!never.negated, !held.negated),
            _ => (false, false),
        };
        statement.names().into_iter().for_each(|named| self.state(place, named, refused));
        let other = condition.unwrap_or(place);
        statement.awaited().iter().for_each(|named| self.state(other, named, awaited));
    }

    /// Adds the states of an entry at which a window starts or ends.
    pub fn entry(&mut self, place: &Place, states: &States) {
        states.names.iter().for_each(|named| self.state(place, named, false));
    }

    fn state(&mut self, place: &Place, named: &NamedAt, refused: bool) {
        let Some(track) = &place.track else { return };
        let name = &named.name;
        let meant = name.quoted
            || name.is_placeholder()
            || name.kind == Some(StateKind::Absent)
            || closed(&place.kind, track).is_some();
        if let Some(label) = name.label.clone().filter(|_| !meant) {
            self.add(place, track, Mentioned::State { label, refused }, &named.range);
        }
        // A number is not misspelt.
        for detail in name.details.iter().filter(|detail| DetailSort::of(detail) == DetailSort::Text) {
            self.add(place, track, Mentioned::Detail(detail.clone()), &named.range);
        }
    }

    fn add(&mut self, place: &Place, track: &Track, what: Mentioned, range: &Range<usize>) {
        self.found.push(Mention { kind: place.kind.clone(), track: track.clone(), what, range: range.clone() });
    }
}
