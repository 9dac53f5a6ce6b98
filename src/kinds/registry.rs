//! The declared kinds, one line each, and lookups by name, by kind and by resource.

use super::custom::{self, WithTracks};
use super::declaration::{Followed, Kind, Naming, Source, TrackDeclaration, declaration};
use super::generic::{self, Generic};
use super::{Error, Interpreter};
use crate::observation::{
    Capture, IMAGE, Object, PATH_SEGMENT, PLACE, Raw, Resource, SUBDOMAIN, Shape, Track, Watch, is_image,
    is_path_segment, is_place, is_subdomain,
};
use smol_str::SmolStr;

/// In the order in which messages list them and recorders watch them by default.
const KINDS: &[&Kind] = &[
    &super::pod::KIND,
    &super::virtual_machine_instance::KIND,
    &super::virtual_machine::KIND,
    &super::migration::KIND,
    &super::data_volume::KIND,
    &super::pool::KIND,
    &super::replica_set::KIND,
    &super::snapshot::KIND,
    &super::restore::KIND,
    &super::clone::KIND,
    &super::export::KIND,
    &super::persistent_volume_claim::KIND,
    &super::node::KIND,
    &super::job::KIND,
    &super::deployment::KIND,
    &super::event::KIND,
    &super::runc_container::KIND,
    &super::directory::KIND,
    &super::podman_container::KIND,
    &super::podman_pod::KIND,
    &super::podman_image::KIND,
    &super::podman_volume::KIND,
    &super::libpod_call::KIND,
    &super::cri_sandbox::KIND,
    &super::cri_container::KIND,
    &super::cri_call::KIND,
    &super::mount::KIND,
    &super::block_device::KIND,
];

/// All declared kinds.
pub fn all() -> impl Iterator<Item = &'static Kind> {
    KINDS.iter().copied()
}

/// The display names of the declared kinds of API servers, for help texts: `pod, vmi, vm ...`.
#[must_use]
pub(crate) fn listed() -> String {
    all().filter(|kind| kind.is_served()).map(|kind| kind.display).collect::<Vec<_>>().join(", ")
}

/// The kinds of a source that is not an API server, by the word before its address: its group, which may be that of
/// several, or a name of one of them.
pub(crate) fn of_source(word: &str) -> impl Iterator<Item = (&'static Kind, Source)> {
    let sources = all().filter_map(|kind| Some((kind, kind.source?)));
    let sources = sources.filter(|(_, source)| !source.usual.is_empty());
    sources.filter(move |(kind, _)| kind.group == word || kind.names().any(|name| name == word))
}

/// The kind of what is asked of a source, where that passes through the recorder.
pub(crate) fn proxied(word: &str) -> Option<&'static Kind> {
    all().find(|kind| {
        kind.source.is_some_and(|source| source.usual.is_empty()) && kind.group.strip_suffix("calls") == Some(word)
    })
}

/// The sources that are not API servers, as they are named on the command line: `runc:/run/runc ...`.
#[must_use]
pub(crate) fn sources() -> String {
    let mut named: Vec<String> = Vec::new();
    let sources = all().filter_map(|kind| Some((kind, kind.source?)));
    for (kind, source) in sources.filter(|(_, source)| !source.usual.is_empty()) {
        let address = if source.may_be_omitted { "" } else { source.usual };
        let text = format!("{}:{address}", kind.group);
        if !named.contains(&text) {
            named.push(text);
        }
    }
    named.join(", ")
}

/// The object of a resource after an event of its source.
///
/// # Errors
/// It is not an event of that source.
pub(crate) fn follow(resource: &Resource, before: Option<&Object>, raw: &Raw) -> Result<Followed, Error> {
    let follow = served(&resource.group, &resource.plural).and_then(|kind| Some(kind.source?.follow));
    let wrong = "its kind has no events of its own";
    follow.ok_or_else(|| Error::Name { track: raw.name.clone(), wrong })?(before, raw)
}

/// The kind with this name, in any form that `kubectl` accepts: `vmi`, `Pod`, `virtualmachines.kubevirt.io`.
#[must_use]
pub fn named(word: &str) -> Option<&'static Kind> {
    let word = word.to_ascii_lowercase();
    all().find(|kind| {
        let name = match word.split_once('.') {
            Some((name, group)) if group == kind.group => name,
            _ => &*word,
        };
        kind.names().any(|known| known == name)
    })
}

/// The declaration of a kind by its API name, such as `Pod`.
#[must_use]
pub fn of_kind(kind: &str) -> Option<&'static Kind> {
    all().find(|known| known.kind == kind)
}

/// True for a kind whose objects are evidence about others.
pub(crate) fn is_evidence(kind: &str) -> bool {
    of_kind(kind).is_some_and(Kind::is_evidence)
}

/// True for a kind that no API server shows.
#[must_use]
pub(crate) fn is_of_source(kind: &str) -> bool {
    of_kind(kind).is_some_and(|kind| kind.source.is_some())
}

/// True for a kind whose objects are named by where they are.
#[must_use]
pub(crate) fn is_named_by_place(kind: &str) -> bool {
    of_kind(kind).is_some_and(|kind| kind.naming == Naming::Place)
}

/// The kind and the name of `mount//mnt` or `podmanimage/localhost/web:1`; none where names have no slashes.
#[must_use]
pub(crate) fn with_slashes(subject: &str) -> Option<(&str, &str)> {
    subject.split_once('/').filter(|(word, _)| named(word).is_some_and(|kind| kind.naming.has_slashes()))
}

/// Whether an object of a kind can have a name; otherwise the rule for it. Of a kind that is not declared, only what all
/// names have in common is known.
pub(crate) fn check_name(declared: Option<&Kind>, name: &str) -> Result<(), &'static str> {
    let (fits, rule) = match declared.map(|kind| kind.naming) {
        Some(Naming::Subdomain) => (is_subdomain(name), SUBDOMAIN),
        Some(Naming::Segment) | None => (is_path_segment(name), PATH_SEGMENT),
        Some(Naming::Place) => (is_place(name), PLACE),
        Some(Naming::Image) => (is_image(name), IMAGE),
    };
    if fits { Ok(()) } else { Err(rule) }
}

/// The kind of the objects that a resource serves.
#[must_use]
pub(crate) fn served(group: &str, plural: &str) -> Option<&'static Kind> {
    all().find(|kind| kind.serves(group, plural))
}

/// The kind of a resource in kubectl's notation: `pods`, `virtualmachines.kubevirt.io`.
#[must_use]
pub(crate) fn displayed(resource: &str) -> Option<&'static Kind> {
    let (plural, group) = resource.split_once('.').unwrap_or((resource, ""));
    served(group, plural)
}

/// True when `word` names this resource, in any accepted form: `vmi`, `Pod`, `jobs.batch`, `batch/v1/jobs`.
#[must_use]
pub(crate) fn is_named(resource: &Resource, word: &str) -> bool {
    named(word).is_some_and(|known| known.serves(&resource.group, &resource.plural))
        || word.eq_ignore_ascii_case(&resource.plural)
        || (!resource.kind.is_empty() && word.eq_ignore_ascii_case(&resource.kind))
        || word == resource.to_string()
        || word.rsplit_once('/').is_some_and(|(of, plural)| resource.plural == plural && resource.api_version() == of)
}

/// The kinds whose objects directly own objects of this kind, as declared.
pub(crate) fn owners(kind: &str) -> impl Iterator<Item = &'static str> {
    let declared = of_kind(kind).map(|declared| (declared.owners, declared.undeclared_owners));
    let (owners, undeclared) = declared.unwrap_or_default();
    let between = all().flat_map(|known| known.undeclared_owners).filter(move |(between, _)| *between == kind);
    let above = between.flat_map(|(_, owners)| owners.iter().copied());
    owners.iter().copied().chain(undeclared.iter().map(|(owner, _)| *owner)).chain(above)
}

/// True when a kind is declared to own another one, directly or through the kinds between them.
#[must_use]
pub(crate) fn owns(owner: &str, owned: &str) -> bool {
    owners(owned).any(|above| above == owner || owns(owner, above))
}

/// The tracks that objects of a kind may have, except user-defined ones: as declared, or, for an undeclared kind, those
/// that are read from every object.
#[must_use]
pub(crate) fn tracks(kind: &str) -> &'static [TrackDeclaration] {
    of_kind(kind).map_or(generic::TRACKS, Kind::tracks)
}

/// What is stored of an object of this resource besides metadata and status.
#[must_use]
pub fn shape(resource: &Resource) -> Shape {
    served(&resource.group, &resource.plural).map_or(Shape::Other, |kind| kind.kept)
}

/// The interpreter of a watch's objects. The API version does not matter: all served versions of a kind are read in the
/// same way.
///
/// # Errors
/// When a user-defined track has an invalid name or a path that is not valid JSONPath; and when a watch of Events has
/// such tracks, since Events are evidence and have none.
pub fn of(watch: &Watch) -> Result<Box<dyn Interpreter>, Error> {
    let Resource { group, plural, kind, .. } = &watch.resource;
    let kind = if kind.is_empty() { plural } else { kind };
    let declared = served(group, plural);
    let interpreter: Box<dyn Interpreter> = match declared {
        Some(declared) => Box::new(declared),
        None => Box::new(Generic { kind: kind.clone() }),
    };
    match watch.tracks.first() {
        None => Ok(interpreter),
        Some(track) if declared.is_some_and(Kind::is_evidence) => Err(evidence_has_no_tracks(&track.name)),
        Some(_) => Ok(Box::new(WithTracks::new(kind.clone(), interpreter, &watch.tracks)?)),
    }
}

fn evidence_has_no_tracks(track: &SmolStr) -> Error {
    let wrong = "events are evidence on the objects that they are about and have no tracks of their own but `reason` \
                 (add it to a watch of those objects)";
    Error::Name { track: track.clone(), wrong }
}

/// Refuses user-defined tracks that this capture could never show, and those whose names the kind uses itself. A
/// recorder calls this before it starts; a reader does not, because an existing recording is read as far as possible.
///
/// # Errors
/// When a path leads to something that is not kept, or the kind has a track of that name.
pub fn admit(watch: &Watch, capture: Capture) -> Result<(), Error> {
    let declared = served(&watch.resource.group, &watch.resource.plural).map_or(generic::TRACKS, Kind::tracks);
    watch.tracks.iter().try_for_each(|track| {
        if declaration(declared, &Track::parse(&track.name)).is_some() {
            let wrong = "the kind has a track with that name (choose another name)";
            return Err(Error::Name { track: track.name.clone(), wrong });
        }
        custom::admit(track, capture, shape(&watch.resource))
    })
}
