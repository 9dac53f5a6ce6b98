//! The kinds that are declared, one line each, and the ways to find one: by a word, by a kind, by a resource.

use super::custom::{self, WithTracks};
use super::declaration::{Kind, TrackDeclaration, declaration};
use super::generic::{self, Generic};
use super::{Error, Interpreter};
use crate::observation::{Capture, Resource, Shape, Track, Watch};
use smol_str::SmolStr;

/// In the order in which messages name them, and in which they are watched by default.
const KINDS: [&Kind; 16] = [
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
];

/// All kinds that are declared.
pub fn all() -> impl Iterator<Item = &'static Kind> {
    KINDS.into_iter()
}

/// The declared kinds by the names that messages use, for help texts: `pod, vmi, vm ...`.
#[must_use]
pub fn listed() -> String {
    all().map(|kind| kind.display).collect::<Vec<_>>().join(", ")
}

/// The kind that a word names, as `kubectl` takes it: `vmi`, `Pod`, `virtualmachines.kubevirt.io`.
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

/// The declaration of a kind by the name that the API has for it, `Pod`.
#[must_use]
pub fn of_kind(kind: &str) -> Option<&'static Kind> {
    all().find(|known| known.kind == kind)
}

/// The kind of the objects that a resource holds.
#[must_use]
pub fn served(group: &str, plural: &str) -> Option<&'static Kind> {
    all().find(|kind| kind.serves(group, plural))
}

/// The kind of a resource as kubectl names it: `pods`, `virtualmachines.kubevirt.io`.
#[must_use]
pub fn displayed(resource: &str) -> Option<&'static Kind> {
    let (plural, group) = resource.split_once('.').unwrap_or((resource, ""));
    served(group, plural)
}

/// True when the word names this resource, in any of the forms in which one is asked for: `vmi`, `Pod`, `jobs.batch`,
/// `batch/v1/jobs`.
#[must_use]
pub fn is_named(resource: &Resource, word: &str) -> bool {
    named(word).is_some_and(|known| known.serves(&resource.group, &resource.plural))
        || word.eq_ignore_ascii_case(&resource.plural)
        || (!resource.kind.is_empty() && word.eq_ignore_ascii_case(&resource.kind))
        || word == resource.to_string()
        || word.rsplit_once('/').is_some_and(|(of, plural)| resource.plural == plural && resource.api_version() == of)
}

/// The kinds whose objects own objects of a kind, directly, as kinds declare it.
pub fn owners(kind: &str) -> impl Iterator<Item = &'static str> {
    let declared = of_kind(kind).map(|declared| (declared.owners, declared.undeclared_owners));
    let (owners, undeclared) = declared.unwrap_or_default();
    let between = all().flat_map(|known| known.undeclared_owners).filter(move |(between, _)| *between == kind);
    let above = between.flat_map(|(_, owners)| owners.iter().copied());
    owners.iter().copied().chain(undeclared.iter().map(|(owner, _)| *owner)).chain(above)
}

/// True when a kind is declared to own another, directly or through the kinds between them.
#[must_use]
pub fn owns(owner: &str, owned: &str) -> bool {
    owners(owned).any(|above| above == owner || owns(owner, above))
}

/// The tracks that objects of a kind may have, except those of the user's own: as declared, or, of a kind that is not,
/// those that are read of every object.
#[must_use]
pub fn tracks(kind: &str) -> &'static [TrackDeclaration] {
    of_kind(kind).map_or(generic::TRACKS, Kind::tracks)
}

/// What of an object of this resource is kept beside metadata and status.
#[must_use]
pub fn shape(resource: &Resource) -> Shape {
    served(&resource.group, &resource.plural).map_or(Shape::Other, |kind| kind.kept)
}

/// Chooses the interpreter of a watch's objects. The version of the API does not matter: what is read of a kind is the
/// same in all versions that are served.
///
/// # Errors
/// When a track of the user's own has a name that it cannot have, or a path that is no JSONPath; and when a watch of
/// Events has such tracks, since Events are evidence and have none.
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
    let wrong = "events are evidence on the objects that they are about and have no tracks of their own \
                 (add it to a watch of those objects)";
    Error::Name { track: track.clone(), wrong }
}

/// Refuses tracks of the user's own that this capture could never show, and those that the kind has by itself. A
/// recorder asks this before it starts; a reader need not, since a recording that was made is read as far as it goes.
///
/// # Errors
/// When a path leads to what is not kept, or a name is the kind's own.
pub fn admit(watch: &Watch, capture: Capture) -> Result<(), Error> {
    let declared = served(&watch.resource.group, &watch.resource.plural).map_or(generic::TRACKS, Kind::tracks);
    watch.tracks.iter().try_for_each(|track| {
        if declaration(declared, &Track::parse(&track.name)).is_some() {
            let wrong = "the kind has a track of that name (take another name)";
            return Err(Error::Name { track: track.name.clone(), wrong });
        }
        custom::admit(track, capture, shape(&watch.resource))
    })
}
