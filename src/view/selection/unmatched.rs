//! Selectors that nothing in a recording matches: probably misspelt, which an empty output would not show.
//!
//! Each selector is compared on its own. What no recording can have (a kind or a track that exists nowhere, a name that
//! no object can have) is an error; what this one does not have is a warning.

use super::{KindName, Pattern, Selection};
use crate::kinds::{self, Kind};
use crate::observation::{Resource, Subject, Track, Watch, alike, is_dns_label, is_path_segment, listed, nearest};
use crate::timeline::{Body, Entry};
use smol_str::SmolStr;
use std::collections::BTreeSet;

/// What a recording has that selectors can name.
#[derive(Clone, Debug, Default)]
pub struct Named {
    resources: Vec<Resource>,
    /// The tracks that the recorder defined.
    own: BTreeSet<SmolStr>,
    /// Kind, group and name.
    objects: BTreeSet<[SmolStr; 3]>,
    namespaces: BTreeSet<SmolStr>,
    uids: BTreeSet<SmolStr>,
    tracks: BTreeSet<Track>,
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
    /// Adds what the watches say.
    #[must_use]
    pub fn watched(mut self, watches: &[Watch]) -> Self {
        self.own.extend(watches.iter().flat_map(|watch| &watch.tracks).map(|track| track.name.clone()));
        self.resources.extend(watches.iter().map(|watch| watch.resource.clone()));
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
        if let Some(track) = track.filter(|track| !self.tracks.contains(*track)) {
            self.tracks.insert(track.clone());
        }
    }

    fn subject(&mut self, subject: &Subject) {
        let Subject { kind, group, namespace, name, uid, .. } = subject;
        if !uid.is_empty() && !self.uids.insert(uid.clone()) {
            return;
        }
        self.objects.insert([kind.clone(), group.clone(), name.clone()]);
        if !namespace.is_empty() {
            self.namespaces.insert(namespace.clone());
        }
    }

    /// The kinds of its objects and watches, as messages name them.
    fn kinds(&self) -> BTreeSet<&str> {
        let of_objects =
            self.objects.iter().map(|[kind, ..]| kinds::of_kind(kind).map_or(kind.as_str(), |k| k.display));
        let of_watches = self.resources.iter().map(|resource| {
            kinds::served(&resource.group, &resource.plural).map_or(resource.plural.as_str(), |kind| kind.display)
        });
        of_objects.chain(of_watches).collect()
    }

    fn of_kind(&self, kind: &KindName) -> impl Iterator<Item = &str> + Clone {
        let is_of = move |[of, group, _]: &&[SmolStr; 3]| kind.matches_kind(of, group);
        self.objects.iter().filter(is_of).map(|[.., name]| name.as_str())
    }

    fn kind(&self, kind: &KindName) -> Option<Unmatched> {
        let is_watched = self.resources.iter().any(|resource| kind.is_of(resource));
        if is_watched || self.of_kind(kind).next().is_some() {
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
        if self.of_kind(kind).any(|name| pattern.matches(name)) {
            return None;
        }
        let display = kind.declared().map_or(kind.word(), |kind| kind.display);
        if pattern.exact().is_some_and(|name| kinds::check_name(kind.declared(), name).is_err()) {
            let message = format!("`{kind}`: no {display} can have the name `{pattern}`");
            return Some(Unmatched { message, is_impossible: true });
        }
        let message = format!("it has no {display} named `{pattern}`{}", remedy(pattern, self.of_kind(kind)));
        Some(Unmatched { message, is_impossible: false })
    }

    fn name(&self, pattern: &Pattern) -> Option<Unmatched> {
        let names: BTreeSet<&str> = self.objects.iter().map(|[.., name]| name.as_str()).collect();
        if names.iter().any(|name| pattern.matches(name)) {
            return None;
        }
        let is_impossible = pattern.exact().is_some_and(|name| !is_path_segment(name));
        let message = if is_impossible {
            format!("`--name {pattern}`: no object can have this name; `KIND/NAME` is written without `--name`")
        } else {
            format!("it has no object named `{pattern}`{}", remedy(pattern, names.iter().copied()))
        };
        Some(Unmatched { message, is_impossible })
    }

    fn namespace(&self, pattern: &Pattern) -> Option<Unmatched> {
        let watched = |namespace: &SmolStr| pattern.matches(namespace);
        if self.namespaces.iter().any(watched) {
            return None;
        }
        let is_impossible = pattern.exact().is_some_and(|name| !is_dns_label(name));
        let message = if is_impossible {
            format!("`{pattern}` cannot name a namespace")
        } else {
            format!("it has no object in namespace `{pattern}`")
        };
        let message = format!("{message}{}", remedy(pattern, self.namespaces.iter().map(SmolStr::as_str)));
        Some(Unmatched { message, is_impossible })
    }

    fn uid(&self, prefix: &super::UidPrefix) -> Option<Unmatched> {
        let fits = self.uids.iter().any(|uid| prefix.matches(uid));
        let message = || format!("no uid in it begins with `{prefix}`; the table shows the uids of its objects");
        (!fits).then(|| Unmatched { message: message(), is_impossible: false })
    }

    fn track(&self, pattern: &Pattern) -> Option<Unmatched> {
        let seen: Vec<String> = self.tracks.iter().map(ToString::to_string).collect();
        if seen.iter().any(|track| pattern.matches(track)) {
            return None;
        }
        let shown = || seen.iter().map(String::as_str);
        let family = pattern.exact().map(|name| format!("{}/", name.trim_end_matches('/')));
        let declared: Vec<&str> =
            kinds::all().flat_map(Kind::tracks).chain(kinds::tracks("")).map(|track| track.name).collect();
        let is_family = |family: &String| {
            declared.contains(&family.as_str()) || shown().any(|track| track.starts_with(family.as_str()))
        };
        if let Some(family) = family.filter(is_family) {
            let message = format!("`{pattern}` is not a track but several; did you mean `{family}*`?");
            return Some(Unmatched { message, is_impossible: true });
        }
        let is_known = pattern.exact().is_none_or(|name| {
            let is_declared = |track: &&str| *track == name || track.ends_with('/') && name.starts_with(*track);
            self.own.contains(name) || declared.iter().any(is_declared)
        });
        let what = if is_known { "it has no track" } else { "unknown track" };
        let tracks = shown().chain(declared.iter().copied().filter(|track| !track.ends_with('/')));
        let near = pattern.exact().and_then(|name| nearest(name, tracks));
        let remedy = match near {
            Some(near) => format!("; did you mean `{near}`?"),
            None if seen.is_empty() => String::new(),
            None => format!("; it has {}", listed(shown())),
        };
        Some(Unmatched { message: format!("{what} `{pattern}`{remedy}"), is_impossible: !is_known })
    }
}

impl Selection {
    /// The selectors that nothing matches in a recording, each on its own.
    #[must_use]
    pub fn unmatched(&self, named: &Named) -> Vec<Unmatched> {
        let kinds = self.kinds.iter().filter_map(|kind| named.kind(kind));
        let namespaces = self.namespaces.iter().filter_map(|pattern| named.namespace(pattern));
        let names = self.names.iter().filter_map(|pattern| named.name(pattern));
        let uids = self.uids.iter().filter_map(|prefix| named.uid(prefix));
        let tracks = self.tracks.iter().filter_map(|pattern| named.track(pattern));
        kinds.chain(namespaces).chain(names).chain(uids).chain(tracks).collect()
    }
}

/// `; did you mean ...?`, or what there is.
fn remedy<'a>(pattern: &Pattern, names: impl Iterator<Item = &'a str> + Clone) -> String {
    match pattern.exact().and_then(|word| alike(word, names.clone())) {
        Some(near) => format!("; did you mean `{near}`?"),
        None => {
            let has = listed(names);
            if has.is_empty() { String::new() } else { format!("; it has {has}") }
        }
    }
}
