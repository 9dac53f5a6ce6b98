//! What Podman says was asked of an image, by name or identity.

use super::declaration::{Followed, Kind, Naming, Role, TrackDeclaration, Vocabulary};
use super::metadata::LIFECYCLE;
use super::podman_object::{self, PRESENT, source};
use super::table::{Column, NAME, TableDeclaration};
use super::{Error, Interpretation};
use crate::observation::{Change, Object, Raw, Shape};
use serde::Serialize;
use smol_str::SmolStr;

pub(super) const KIND: Kind = Kind {
    kind: "PodmanImage",
    about: "What was asked of Podman about an image: under the name that was given, or its identity where there is \
            none. Podman reports pulls, removals and tags that failed, too, so these are actions, not states. A build \
            that ended without an image is `build-without-image`, an object of its own.",
    example: "podmanimage action: never build-without-image",
    plural: "podmanimages",
    singular: "podmanimage",
    short: &[],
    display: "podmanimage",
    group: "libpod",
    also_in: &[],
    versions: &["v1"],
    namespaced: false,
    naming: Naming::Image,
    default: false,
    kept: Shape::Other,
    fields: &[],
    owners: &[],
    undeclared_owners: &[],
    role: Role::Subject(&[
        TrackDeclaration::one("action", &[".status.action"], Vocabulary::open(ACTIONS))
            .reading(
                "the last event of the image in Podman's word, which tells what was asked, not that it was done; \
                 `build-without-image` for a build that ended without one; `present` if the image was there when the \
                 recorder looked: what was asked of it last is not known",
            )
            .unknown(PRESENT, &[WITHOUT_IMAGE]),
        LIFECYCLE.untold("Podman does not say when an image is gone; `action` has what was asked of it"),
    ]),
    table: TABLE,
    source: Some(source(follow)),
    interpret,
};

const TABLE: TableDeclaration = TableDeclaration::of(&[NAME, Column::path("Action", "string", ".status.action")]);

const ACTIONS: &[&str] = &[
    "present",
    "pull",
    "pull-error",
    "build",
    "build-without-image",
    "tag",
    "untag",
    "push",
    "save",
    "loadfromarchive",
    "import",
    "mount",
    "unmount",
    "remove",
];

/// A build that ended, and Podman names no image.
const WITHOUT_IMAGE: &str = "build-without-image";

/// What is known of it.
#[derive(Debug, Serialize)]
struct Status {
    action: SmolStr,
    /// The identity of the image, where Podman says it.
    #[serde(skip_serializing_if = "Option::is_none")]
    id: Option<SmolStr>,
}

/// Images are never removed for certain: Podman says so of a name that is removed, and of an attempt that failed, too.
///
/// # Errors
/// It is not an event of Podman.
fn follow(before: Option<&Object>, raw: &Raw) -> Result<Followed, Error> {
    let event = podman_object::event(raw)?;
    let change = match before {
        _ if raw.listed => Change::Listed,
        None => Change::Added,
        Some(_) => Change::Modified,
    };
    let is_without = event.action == "build" && event.id.is_none();
    let action = if is_without { SmolStr::new_static(WITHOUT_IMAGE) } else { podman_object::action(&event, PRESENT) };
    podman_object::followed(raw, change, Status { action, id: event.id })
}

fn interpret(object: &Object) -> Result<Interpretation, Error> {
    podman_object::interpret_action(object, KIND.kind)
}
