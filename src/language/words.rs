//! The names that a recording shows, and those of an expectation that it does not show.
//!
//! A typo must not pass unnoticed. In a closed vocabulary it does not compile; elsewhere a name that the recording
//! never shows is a warning, and an error under `never`, which a misspelt name would satisfy. Quoted names are not
//! checked, nor are those that the kubelet is known to use.

use super::diagnostic::{Diagnostic, Fragment, Severity};
use super::mention::{Mention, Mentioned};
use super::program::Program;
use super::select::kind;
use super::sketch::Sketch;
use super::vocabulary::{familiar, has_track, is_familiar, tracks, unlisted};
use crate::kinds::{self, REASON};
use crate::monitor::Fault;
use crate::observation::{State, Track, Watch, nearest, nearest_within};
use crate::timeline::{Body, Entry, Reported, Transition};
use smol_str::SmolStr;
use std::collections::{BTreeMap, BTreeSet};

/// Most diagnostics of one call.
const MAX_DIAGNOSTICS: usize = 100;

/// The names that a recording shows, by kind and family of tracks: `container/a` and `init/b` are one family.
#[derive(Clone, Debug, Default)]
pub struct Words {
    seen: BTreeMap<(SmolStr, SmolStr), BTreeSet<SmolStr>>,
    /// The details of states, likewise.
    details: BTreeMap<(SmolStr, SmolStr), BTreeSet<SmolStr>>,
    tracks: BTreeMap<SmolStr, BTreeSet<SmolStr>>,
    /// The tracks that were shown, by kind.
    shown: BTreeMap<SmolStr, BTreeSet<Track>>,
    /// True while the recording grows: what it has not shown may still come.
    growing: bool,
}

impl Words {
    /// The names of a growing recording: what it has not shown may still come, so it is a warning at most.
    #[must_use]
    pub fn growing() -> Self {
        Self { growing: true, ..Self::default() }
    }

    /// Adds the names in an entry of the timeline.
    pub fn entry(&mut self, entry: &Entry) {
        if let Body::Evidence(reported) = &entry.body {
            return self.reported(reported);
        }
        let Some(subject) = &entry.subject else { return };
        if let Some((track, state)) = entry.body.shown() {
            self.state(&subject.kind, track, state);
        }
        if let Body::Transition(Transition { track, from: Some(from), .. }) = &entry.body {
            self.state(&subject.kind, track, from);
        }
    }

    /// Adds the reason of an Event.
    fn reported(&mut self, reported: &Reported) {
        let mut state = State::plain(reported.reason.clone());
        state.detail.reason = Some(reported.kind.clone());
        self.state(&reported.event.kind, &Track::Custom(REASON.name.into()), &state);
    }

    /// Adds a state of a track of a kind.
    pub fn state(&mut self, kind: &str, track: &Track, state: &State) {
        let of = (SmolStr::new(kind), family(track));
        let mut details = state.detail.named().peekable();
        if details.peek().is_some() {
            self.details.entry(of.clone()).or_default().extend(details);
        }
        let words = self.seen.entry(of).or_default();
        if !words.contains(&state.label) {
            words.insert(state.label.clone());
        }
        if let Track::Custom(name) = track {
            self.track(kind, name);
        }
        self.show(kind, track);
    }

    /// Adds a track of a kind.
    pub(super) fn show(&mut self, kind: &str, track: &Track) {
        let shown = self.shown.entry(SmolStr::new(kind)).or_default();
        if !shown.contains(track) {
            shown.insert(track.clone());
        }
    }

    /// The remedy for a member of a family that its kind does not list and that was never shown.
    fn unlisted(&self, kind: &str, track: &Track) -> Option<String> {
        let listed = unlisted(kind, track)?;
        let shown = self.shown.get(kind);
        let name = track.to_string();
        let family = name.split_inclusive('/').next().unwrap_or_default();
        let member = name.strip_prefix(family).unwrap_or_default();
        let siblings = shown.into_iter().flatten().map(ToString::to_string);
        let siblings: Vec<String> =
            siblings.filter_map(|shown| shown.strip_prefix(family).map(ToOwned::to_owned)).collect();
        let known = || listed.iter().copied().chain(siblings.iter().map(String::as_str));
        let near = nearest(member, known());
        // The kind does not know the containers: without one that was shown there is nothing to compare with.
        let is_checked = if listed.is_empty() { !siblings.is_empty() } else { near.is_some() || shown.is_some() };
        (is_checked && !siblings.iter().any(|shown| shown == member)).then(|| match near {
            Some(near) => format!("did you mean `{family}{near}`?"),
            None => {
                format!("it has {}", known().map(|known| format!("{family}{known}")).collect::<Vec<_>>().join(", "))
            }
        })
    }

    /// Adds the custom tracks that a watch defines.
    pub fn watch(&mut self, watch: &Watch) {
        let resource = &watch.resource;
        let known = kinds::served(&resource.group, &resource.plural);
        let kind = known.map_or(resource.kind.as_str(), |known| known.kind);
        watch.tracks.iter().for_each(|track| self.track(kind, &track.name));
    }

    /// Adds a custom track of a kind.
    pub fn track(&mut self, kind: &str, name: &str) {
        let names = self.tracks.entry(SmolStr::new(kind)).or_default();
        if !names.contains(name) {
            names.insert(SmolStr::new(name));
        }
    }

    fn has_track(&self, kind: &str, track: &Track) -> bool {
        has_track(kind, track) || self.own(kind).any(|own| own == track.to_string().as_str())
    }

    /// The custom tracks that objects of a kind may have: those of its watches and, for a kind that is not declared,
    /// those of watches whose kind is unknown.
    fn own(&self, kind: &str) -> impl Iterator<Item = &SmolStr> {
        let unnamed = kinds::of_kind(kind).is_none().then(|| self.tracks.get("")).flatten();
        [self.tracks.get(kind), unnamed].into_iter().flatten().flatten()
    }

    fn fault(&self, mention: &Mention, document: bool) -> Option<(Severity, Fault)> {
        let Mention { kind, track, what, range } = mention;
        let fault = |message: String| Fault::new(range.clone(), message);
        if let Mentioned::Detail(detail) = what {
            let shown = self.details.get(&(SmolStr::new(kind), family(track)));
            if shown.is_some_and(|shown| shown.contains(detail)) || is_familiar(kind, track, detail) {
                return None;
            }
            let unknown =
                fault(format!("no line of the recording shows a state with `{detail}` on `{track}` of {kind}"));
            let near = nearest(detail, shown.into_iter().flatten().map(SmolStr::as_str));
            let help = near.map(|near| format!("did you mean `{near}`?"));
            return Some((Severity::Warning, help.into_iter().fold(unknown, Fault::help)));
        }
        let Mentioned::State { label, refused } = what else {
            if let Some(help) = self.unlisted(kind, track) {
                let severity = if self.growing { Severity::Warning } else { Severity::Error };
                let message = format!("{kind} declares no track `{track}`, and no line of the recording shows it");
                return Some((severity, fault(message).help(help)));
            }
            if self.has_track(kind, track) {
                return None;
            }
            let mut known = tracks(kind)?;
            let own: Vec<&str> = self.own(kind).map(SmolStr::as_str).filter(|own| !known.contains(own)).collect();
            known.extend(own);
            let fault = fault(format!("{kind} has no track `{track}`"));
            return Some((Severity::Error, fault.help(meant_track(&track.to_string(), &known))));
        };
        let seen = self.seen.get(&(SmolStr::new(kind), family(track)));
        let shown = seen.is_some_and(|seen| seen.contains(label)) || is_familiar(kind, track, label);
        if shown || !self.has_track(kind, track) {
            return None;
        }
        let severity = if *refused { Severity::Error } else { Severity::Warning };
        let message = if *refused {
            format!(
                "`never {label}`, and no line of the recording shows `{label}` on `{track}`: if it is misspelt, it always holds"
            )
        } else {
            format!("no line of the recording shows `{label}` on `{track}` of {kind}")
        };
        let familiar = familiar(kind, track);
        let words = seen.into_iter().flatten().map(SmolStr::as_str).chain(familiar.iter().copied());
        let quoted = if document { format!("`\"'{label}'\"`") } else { format!("`'{label}'`") };
        let quoted = format!("if it is meant, quote it: {quoted}");
        let help = match nearest(label, words) {
            Some(near) => format!("did you mean `{near}`? {quoted}"),
            None => quoted,
        };
        Some((severity, fault(message).help(help)))
    }
}

impl Sketch {
    /// The tracks of the sketch; there are no others.
    pub(super) fn words(&self) -> Words {
        let mut words = Words::default();
        for (subject, track) in self.tracks.iter().filter_map(|track| track.name.as_ref()) {
            let word = subject.split('/').next().unwrap_or_default();
            words.track(&kind(word), track);
            words.show(&kind(word), &Track::parse(track));
        }
        words
    }
}

impl Program {
    /// Names in the expectations that the recording does not show: errors and warnings with their places, in the order
    /// of the sources. An expectation with an error must not be judged on that recording.
    #[must_use]
    #[doc(hidden)]
    pub fn unknown_words(&self, seen: &Words) -> Vec<Diagnostic> {
        self.unknown(seen, |_| true)
    }

    /// The same for tracks only.
    #[must_use]
    #[doc(hidden)]
    pub fn unknown_tracks(&self, seen: &Words) -> Vec<Diagnostic> {
        self.unknown(seen, |what| *what == Mentioned::Track)
    }

    fn unknown(&self, seen: &Words, wanted: impl Fn(&Mentioned) -> bool) -> Vec<Diagnostic> {
        let mut found: Vec<Diagnostic> = Vec::new();
        for mentions in self.expectations.iter().map(|expectation| &expectation.mentions) {
            let Some(origin) = &mentions.origin else { continue };
            let whole = Fragment::whole(&origin.name, &origin.text);
            for mention in mentions.found.iter().filter(|mention| wanted(&mention.what)) {
                if found.len() == MAX_DIAGNOSTICS {
                    return found;
                }
                if let Some((severity, fault)) = seen.fault(mention, origin.document) {
                    let diagnostic = Diagnostic { severity, ..whole.locate(fault) };
                    if !found.contains(&diagnostic) {
                        found.push(diagnostic);
                    }
                }
            }
        }
        found
    }
}

/// The remedy for a track that does not exist; similarity is judged generously, since the name is certainly wrong.
fn meant_track(name: &str, known: &[&str]) -> String {
    let (family, rest) = name.split_once('/').map_or((name, ""), |(family, rest)| (family, rest));
    let near = nearest_within(family, known.iter().map(|known| known.trim_end_matches('/')), family.len().div_ceil(2));
    match near {
        Some(near) if known.contains(&near) => format!("did you mean `{near}`?"),
        Some(near) => format!("did you mean `{near}/{}`?", if rest.is_empty() { "NAME" } else { rest }),
        None => {
            let own = "a custom track is added with `--track NAME=JSONPATH`";
            format!(
                "it has {}; {own}",
                known.iter().map(|track| track.replace('/', "/NAME")).collect::<Vec<_>>().join(", ")
            )
        }
    }
}

/// The family of tracks that share a vocabulary.
fn family(track: &Track) -> SmolStr {
    match track {
        Track::Init(_) | Track::Container(_) | Track::Ephemeral(_) => SmolStr::new_static("container/"),
        Track::Condition(_) => SmolStr::new_static("condition/"),
        Track::Volume(_) => SmolStr::new_static("volume/"),
        other => SmolStr::new(other.to_string()),
    }
}
