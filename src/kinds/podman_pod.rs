//! A pod of Podman: what Podman says was done to it.

use super::declaration::{Followed, Kind, Naming, Role, TrackDeclaration, Vocabulary};
use super::metadata::LIFECYCLE;
use super::podman_object::{self, PRESENT, source};
use super::table::{Column, NAME, TableDeclaration};
use super::{Error, Interpretation};
use crate::observation::{Object, Raw, Shape};

pub(super) const KIND: Kind = Kind {
    kind: "PodmanPod",
    about: "A pod of Podman: containers that share namespaces. Its containers are subjects of their own.",
    example: "podmanpod/web action: create -> start -> stop -> remove",
    plural: "podmanpods",
    singular: "podmanpod",
    short: &[],
    display: "podmanpod",
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
        TrackDeclaration::one("action", &[".status.action"], Vocabulary::open(ACTIONS))
            .reading(
                "the last event of the pod in Podman's word: `stop`, `kill`, `pause` and `unpause` come when it is \
                 asked, the others when it is done; `present` if it was there when the recorder looked: what was done \
                 to it last is not known",
            )
            .unknown(PRESENT, &["remove"]),
        LIFECYCLE,
    ]),
    table: TABLE,
    source: Some(source(follow)),
    interpret,
};

const TABLE: TableDeclaration = TableDeclaration::of(&[NAME, Column::path("Action", "string", ".status.action")]);

const ACTIONS: &[&str] = &["present", "create", "start", "pause", "unpause", "kill", "stop", "remove"];

/// # Errors
/// It is not an event of Podman.
fn follow(before: Option<&Object>, raw: &Raw) -> Result<Followed, Error> {
    podman_object::acted(before, raw, PRESENT)
}

fn interpret(object: &Object) -> Result<Interpretation, Error> {
    podman_object::interpret_action(object, KIND.kind)
}
