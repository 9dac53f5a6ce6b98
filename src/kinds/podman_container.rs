//! A container of Podman: its states, from the events of the service.

use super::declaration::{Details, Followed, Kind, Naming, Role, TrackDeclaration, Vocabulary};
use super::metadata::LIFECYCLE;
use super::parts::{Parts, track};
use super::podman_event::Event;
use super::podman_object::{self, source};
use super::table::{Column, NAME, TableDeclaration};
use super::tracks::Tracks;
use super::{Error, Interpretation};
use crate::observation::{Object, Raw, Shape, State};
use serde::de::IgnoredAny;
use serde::{Deserialize, Serialize};
use smol_str::SmolStr;

pub(super) const KIND: Kind = Kind {
    kind: "PodmanContainer",
    about: "A container of Podman, whoever created it through Podman's library: the command line, the service or a \
            unit of systemd. It is recorded with `libpod:/run/podman/podman.sock`, from the events of Podman's \
            service, without an API server; `statetrail explain runtimes` says how.",
    example: "podman/web state: created -> initialized -> running -> exited/0 -> removed",
    plural: "podmancontainers",
    singular: "podmancontainer",
    short: &["podman"],
    display: "podman",
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
    role: Role::Subject(&[STATE, LIFECYCLE]),
    table: TABLE,
    source: Some(source(follow)),
    interpret,
};

const TABLE: TableDeclaration = TableDeclaration::of(&[
    NAME,
    Column::path("State", "string", ".status.state"),
    Column::path("Exit", "integer", ".status.exitCode"),
    Column::path("Image", "string", ".status.image"),
]);

const STATE: TrackDeclaration = TrackDeclaration::one("state", &[".status.state"], Vocabulary::open(STATES))
    .reading("as Podman's events say; `checkpointed` and `restored`, too; `exited` with the exit code as its detail")
    .with(Details::Exits);

const STATES: &[&str] =
    &["created", "initialized", "running", "paused", "checkpointed", "restored", "exited", "removing", "removed"];

/// What is known of a container.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Status {
    /// Empty until something says it.
    state: SmolStr,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    exit_code: Option<i32>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    image: Option<SmolStr>,
}

impl Status {
    fn apply(&mut self, event: Event) {
        if let Some(state) = event.container_state() {
            // The code is that of the last end only while nothing has begun since.
            let keeps = event.exit_code.is_none() && matches!(state.as_str(), "exited" | "removing" | "removed");
            self.exit_code = if keeps { self.exit_code } else { event.exit_code };
            self.state = state;
        }
        self.image = event.image.or(self.image.take());
    }
}

/// The container after an event.
///
/// # Errors
/// It is not an event of Podman.
fn follow(before: Option<&Object>, raw: &Raw) -> Result<Followed, Error> {
    let event = podman_object::event(raw)?;
    let mut status = before.map(status).transpose()?.unwrap_or_default();
    let change = podman_object::change(before, raw, &event);
    status.apply(event);
    podman_object::followed(raw, change, status)
}

fn status(object: &Object) -> Result<Status, Error> {
    let container: Parts<'_, IgnoredAny, Status> = Parts::of(object, KIND.kind)?;
    Ok(container.status.unwrap_or_default())
}

fn interpret(object: &Object) -> Result<Interpretation, Error> {
    let mut tracks = Tracks::with_capacity(1);
    let Status { state, exit_code, .. } = status(object)?;
    let state = Some(state).filter(|label| !label.is_empty()).map(|label| {
        let mut state = State::plain(label);
        state.detail.exit_code = exit_code.filter(|_| state.label == "exited");
        state
    });
    tracks.optional(track("state"), state);
    Ok(tracks.done(None))
}
