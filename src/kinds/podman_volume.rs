//! A volume of Podman: what Podman says was done to it.

use super::declaration::{Followed, Kind, Naming, Role, TrackDeclaration, Vocabulary};
use super::metadata::LIFECYCLE;
use super::parts::{Parts, track};
use super::podman_object::{self, source};
use super::table::{Column, NAME, TableDeclaration};
use super::tracks::Tracks;
use super::{Error, Interpretation};
use crate::observation::{Object, Raw, Shape, State};
use serde::de::IgnoredAny;
use serde::{Deserialize, Serialize};
use smol_str::SmolStr;

pub(super) const KIND: Kind = Kind {
    kind: "PodmanVolume",
    about: "A volume of Podman. Podman knows volumes by name only: each one that is created under a name is an object \
            of its own.",
    example: "podmanvolume/data action: create -> remove",
    plural: "podmanvolumes",
    singular: "podmanvolume",
    short: &[],
    display: "podmanvolume",
    group: "libpod",
    also_in: &[],
    versions: &["v1"],
    namespaced: false,
    naming: Naming::Segment,
    default: false,
    kept: Shape::Other,
    fields: &[],
    owners: &[],
    undeclared_owners: &[],
    role: Role::Subject(&[
        TrackDeclaration::one("action", &[".status.action"], Vocabulary::open(ACTIONS)).reading(
            "the last event of the volume in Podman's word; `present` if it was there when the recorder looked",
        ),
        LIFECYCLE,
    ]),
    table: TABLE,
    source: Some(source(follow)),
    interpret,
};

const TABLE: TableDeclaration = TableDeclaration::of(&[NAME, Column::path("Action", "string", ".status.action")]);

const ACTIONS: &[&str] = &["present", "create", "remove"];

/// What is known of it.
#[derive(Debug, Default, Serialize, Deserialize)]
struct Status {
    action: SmolStr,
}

/// It after an event.
///
/// # Errors
/// It is not an event of Podman.
fn follow(before: Option<&Object>, raw: &Raw) -> Result<Followed, Error> {
    let event = podman_object::event(raw)?;
    let change = podman_object::change(before, raw, &event);
    podman_object::followed(raw, change, Status { action: podman_object::action(&event) })
}

fn interpret(object: &Object) -> Result<Interpretation, Error> {
    let mut tracks = Tracks::with_capacity(1);
    let known: Parts<'_, IgnoredAny, Status> = Parts::of(object, KIND.kind)?;
    tracks.optional(track("action"), known.status.map(|status| State::plain(status.action)));
    Ok(tracks.done(None))
}
