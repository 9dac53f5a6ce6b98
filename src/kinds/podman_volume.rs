//! A volume of Podman: what Podman says was done to it.

use super::declaration::{Followed, Kind, Naming, Role, TrackDeclaration, Vocabulary};
use super::metadata::LIFECYCLE;
use super::podman_event::CREATE;
use super::podman_object::{self, source};
use super::table::{Column, NAME, TableDeclaration};
use super::{Error, Interpretation};
use crate::observation::{Object, Raw, Shape};

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
            "the last event of the volume in Podman's word; `create` if it was there when the recorder looked",
        ),
        LIFECYCLE,
    ]),
    table: TABLE,
    source: Some(source(follow)),
    interpret,
};

const TABLE: TableDeclaration = TableDeclaration::of(&[NAME, Column::path("Action", "string", ".status.action")]);

const ACTIONS: &[&str] = &["create", "remove"];

/// # Errors
/// It is not an event of Podman.
fn follow(before: Option<&Object>, raw: &Raw) -> Result<Followed, Error> {
    podman_object::acted(before, raw, CREATE)
}

fn interpret(object: &Object) -> Result<Interpretation, Error> {
    podman_object::interpret_action(object, KIND.kind)
}
