//! Selectors that nothing in a recording matches: probably misspelt, which an empty output would not show.
//!
//! Each selector is compared on its own. What no recording can have (a kind or a track that exists nowhere, a name that
//! no object can have) and what this one does not have are told apart.

use super::names::Names;
use super::{KindName, Pattern, Selection};
use crate::kinds::{self, Kind};
use crate::observation::{Resource, Subject, Track, Watch, is_dns_label, listed, nearest};
use crate::timeline::{Body, Entry};
use smol_str::SmolStr;
use std::collections::{BTreeMap, BTreeSet};

/// Most kinds that are remembered.
const KINDS: usize = 100;

/// What a recording has that selectors can name, in bounded memory: which selectors match something, and for the rest
/// some of the names that may have been meant.
#[derive(Clone, Debug, Default)]
pub struct Named {
    /// The selectors that nothing has matched so far.
    open: Selection,
    resources: Vec<Resource>,
    /// The tracks that the recorder defined.
    own: BTreeSet<SmolStr>,
    /// Names by kind and group.
    objects: BTreeMap<[SmolStr; 2], Names>,
    namespaces: Names,
    tracks: Names,
}

/// A selector that nothing matches.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unmatched {
    /// What is missing, and what may have been meant.
    pub message: String,
    /// True when no recording could have it.
    pub is_impossible: bool,
}

impl Named {
    /// Looks for what these selectors name.
    #[must_use]
    pub fn by(selection: &Selection) -> Self {
        Self { open: selection.clone(), ..Self::default() }
    }

    /// Adds what the watches say.
    #[must_use]
    pub fn watched(mut self, watches: &[Watch]) -> Self {
        self.own.extend(watches.iter().flat_map(|watch| &watch.tracks).map(|track| track.name.clone()));
        self.resources.extend(watches.iter().map(|watch| watch.resource.clone()));
        watches.iter().for_each(|watch| self.namespace_of(&watch.namespace));
        self
    }

    /// Adds what an entry names.
    pub fn entry(&mut self, entry: &Entry) {
        if let Some(subject) = &entry.subject {
            self.subject(subject);
        }
        let track = match &entry.body {
            Body::Transition(transition) => Some(&transition.track),
            Body::Detailed(detailed) => Some(&detailed.track),
            Body::Gap(gap) => gap.track.as_ref(),
            Body::Mark(_) | Body::Evidence(_) => None,
        };
        if let Some(track) = track.filter(|_| !self.open.tracks.is_empty()) {
            self.track_of(track);
        }
    }

    fn subject(&mut self, subject: &Subject) {
        let Subject { kind, group, namespace, name, uid, .. } = subject;
        let open = &mut self.open;
        open.uids.retain(|prefix| uid.is_empty() || !prefix.matches(uid));
        open.kinds.retain(|open| !open.matches(kind, group, name));
        open.names.retain(|pattern| !pattern.matches(name));
        if !open.kinds.is_empty() || !open.names.is_empty() {
            let key = [kind.clone(), group.clone()];
            if self.objects.len() < KINDS || self.objects.contains_key(&key) {
                let of_kind = open.kinds.iter().filter(|open| open.matches_kind(kind, group));
                let patterns = of_kind.filter_map(KindName::object).chain(&open.names);
                self.objects.entry(key).or_default().add(name, patterns.filter_map(Pattern::exact));
            }
        }
        self.namespace_of(namespace);
    }

    fn namespace_of(&mut self, namespace: &str) {
        let open = &mut self.open.namespaces;
        if !namespace.is_empty() && !open.is_empty() {
            open.retain(|pattern| !pattern.matches(namespace));
            self.namespaces.add(namespace, open.iter().filter_map(Pattern::exact));
        }
    }

    fn track_of(&mut self, track: &Track) {
        let track = track.to_string();
        self.open.tracks.retain(|pattern| !pattern.matches(&track));
        self.tracks.add(&track, self.open.tracks.iter().filter_map(Pattern::exact));
    }

    /// The selectors that nothing matches, each on its own.
    #[must_use]
    pub fn unmatched(&self) -> Vec<Unmatched> {
        let kinds = self.open.kinds.iter().filter_map(|kind| self.kind(kind));
        let namespaces = self.open.namespaces.iter().map(|pattern| self.namespace(pattern));
        let names = self.open.names.iter().map(|pattern| self.name(pattern));
        let uids = self.open.uids.iter().map(|prefix| Unmatched {
            message: format!("no uid in it begins with `{prefix}`; the table shows the uids of its objects"),
            is_impossible: false,
        });
        let tracks = self.open.tracks.iter().map(|pattern| self.track(pattern));
        kinds.chain(namespaces).chain(names).chain(uids).chain(tracks).collect()
    }

    /// The kinds of its objects and watches, as messages name them.
    fn kinds(&self) -> BTreeSet<&str> {
        let of_objects = self.objects.keys().map(|[kind, _]| kinds::of_kind(kind).map_or(kind.as_str(), |k| k.display));
        let of_watches = self.resources.iter().map(|resource| {
            kinds::served(&resource.group, &resource.plural).map_or(resource.plural.as_str(), |kind| kind.display)
        });
        of_objects.chain(of_watches).collect()
    }

    fn of_kind(&self, kind: &KindName) -> Names {
        let mut names = Names::default();
        let of = self.objects.iter().filter(|([of, group], _)| kind.matches_kind(of, group));
        of.for_each(|(_, some)| names.extend(some));
        names
    }

    fn kind(&self, kind: &KindName) -> Option<Unmatched> {
        let is_watched = self.resources.iter().any(|resource| kind.is_of(resource));
        if is_watched || !self.of_kind(kind).is_empty() {
            return self.object(kind);
        }
        let known = self.kinds();
        let has = listed(known.iter().copied());
        if kind.declared().is_some() {
            let message = format!("it has no object and no watch of kind `{kind}`; it has {has}");
            return Some(Unmatched { message, is_impossible: false });
        }
        let declared: Vec<&str> = kinds::all().flat_map(Kind::names).collect();
        let remedy = match nearest(kind.word(), known.iter().chain(&declared).copied()) {
            Some(near) => format!("did you mean `{near}`?"),
            None => format!("it has {has}"),
        };
        Some(Unmatched { message: format!("unknown kind `{kind}`; {remedy}"), is_impossible: true })
    }

    /// The object of `vm/web`.
    fn object(&self, kind: &KindName) -> Option<Unmatched> {
        let pattern = kind.object()?;
        let display = kind.declared().map_or(kind.word(), |kind| kind.display);
        if pattern.exact().is_some_and(|name| kinds::check_name(kind.declared(), name).is_err()) {
            let message = format!("`{kind}`: no {display} can have the name `{pattern}`");
            return Some(Unmatched { message, is_impossible: true });
        }
        let message = format!("it has no {display} named `{pattern}`{}", self.of_kind(kind).remedy(pattern.exact()));
        Some(Unmatched { message, is_impossible: false })
    }

    fn name(&self, pattern: &Pattern) -> Unmatched {
        // Mounts are named by paths, and images have slashes in their names.
        let could_be = |name: &str| kinds::all().any(|kind| kinds::check_name(Some(kind), name).is_ok());
        let names_a_kind = |name: &str| name.split_once('/').is_some_and(|(word, _)| kinds::named(word).is_some());
        let is_impossible = pattern.exact().is_some_and(|name| names_a_kind(name) || !could_be(name));
        let message = if is_impossible {
            format!("`--name {pattern}`: no object can have this name; `KIND/NAME` is written without `--name`")
        } else {
            let mut names = Names::default();
            self.objects.values().for_each(|some| names.extend(some));
            format!("it has no object named `{pattern}`{}", names.remedy(pattern.exact()))
        };
        Unmatched { message, is_impossible }
    }

    fn namespace(&self, pattern: &Pattern) -> Unmatched {
        let is_impossible = pattern.exact().is_some_and(|name| !is_dns_label(name));
        let message = if is_impossible {
            format!("`{pattern}` cannot name a namespace")
        } else {
            format!("it has nothing in namespace `{pattern}`")
        };
        let message = format!("{message}{}", self.namespaces.remedy(pattern.exact()));
        Unmatched { message, is_impossible }
    }

    fn track(&self, pattern: &Pattern) -> Unmatched {
        let shown = || self.tracks.iter();
        let family = pattern.exact().map(|name| format!("{}/", name.trim_end_matches('/')));
        let declared: Vec<&str> =
            kinds::all().flat_map(Kind::tracks).chain(kinds::tracks("")).map(|track| track.name).collect();
        let is_family = |family: &String| {
            declared.contains(&family.as_str()) || shown().any(|track| track.starts_with(family.as_str()))
        };
        if let Some(family) = family.filter(is_family) {
            let message = format!("`{pattern}` is not a track but several; did you mean `{family}*`?");
            return Unmatched { message, is_impossible: true };
        }
        let is_known = pattern.exact().is_none_or(|name| {
            let is_declared = |track: &&str| *track == name || track.ends_with('/') && name.starts_with(*track);
            self.own.contains(name) || declared.iter().any(is_declared)
        });
        let what = if is_known { "it has no track" } else { "unknown track" };
        let tracks = shown().chain(declared.iter().copied().filter(|track| !track.ends_with('/')));
        // A declared track that is missing is not a misspelt one.
        let near = pattern.exact().and_then(|name| nearest(name, tracks.filter(|track| *track != name)));
        let remedy = match near {
            Some(near) => format!("; did you mean `{near}`?"),
            None if self.tracks.is_empty() => String::new(),
            None => format!("; it has {}", self.tracks.listed()),
        };
        Unmatched { message: format!("{what} `{pattern}`{remedy}"), is_impossible: !is_known }
    }
}
