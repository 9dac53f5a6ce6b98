//! A directory of the machine that containers mount: which of them use it at once.
//!
//! Every state follows from the tables of mounts of containers, each read when the container was created, and from the
//! ends of their processes.

use super::declaration::{Followed, Kind, Naming, Role, Source, TrackDeclaration, Vocabulary};
use super::directory_event::{Did, Event};
use super::followed::followed;
use super::metadata::LIFECYCLE;
use super::parts::{Parts, track};
use super::table::{Column, NAME, TableDeclaration};
use super::tracks::Tracks;
use super::{Error, Interpretation};
use crate::observation::{Change, Object, Raw, Shape, State};
use serde::de::IgnoredAny;
use serde::{Deserialize, Serialize};
use smol_str::SmolStr;

/// Its plural name.
pub(crate) const PLURAL: &str = "directories";

pub(super) const KIND: Kind = Kind {
    kind: "Directory",
    about: "A directory of this machine that containers of runc mount, such as a volume or the cache of a build, named \
            by its path. It is recorded with `runc:/run/runc`, beside the containers; `statetrail explain runtimes` \
            says how.",
    example: "directory//var/tmp/buildah-cache/c users: never shared",
    plural: PLURAL,
    singular: "directory",
    short: &[],
    display: "directory",
    group: "runc",
    also_in: &[],
    versions: &["v1"],
    namespaced: false,
    naming: Naming::Place,
    default: false,
    kept: Shape::Other,
    fields: &[],
    owners: &[],
    undeclared_owners: &[],
    role: Role::Subject(&[
        TrackDeclaration::one("users", &[".status.users"], Vocabulary::closed("number of users of a directory", USERS))
            .reading(
                "`used` by one container, `shared` by two or more at once, `idle` without any. A container uses what \
                 it mounts from the moment at which it is `created` until its process has ended. The message has the \
                 names",
            ),
        LIFECYCLE,
    ]),
    table: TABLE,
    source: Some(Source {
        what: "the directory in which runc keeps its state",
        usual: "/run/runc",
        may_be_omitted: false,
        follow,
    }),
    interpret,
};

const TABLE: TableDeclaration = TableDeclaration::of(&[NAME, Column::path("Users", "integer", ".status.users")]);

const USERS: &[&str] = &["idle", "used", "shared"];

/// What is known of a directory.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct Status {
    users: usize,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    containers: Vec<SmolStr>,
}

impl Status {
    fn state(&self) -> State {
        let mut state = State::plain(USERS[self.users.min(2)]);
        let mut names = self.containers.join(", ");
        let others = self.users.saturating_sub(self.containers.len());
        if others > 0 && !names.is_empty() {
            names = format!("{names}, {others} more");
        }
        state.detail.message = Some(names.into()).filter(|names: &SmolStr| !names.is_empty());
        state
    }
}

/// The directory after an event.
///
/// # Errors
/// The event is none that this version knows.
fn follow(before: Option<&Object>, raw: &Raw) -> Result<Followed, Error> {
    let event: Event = serde_json::from_str(raw.event.get()).map_err(Error::shape("event of a directory"))?;
    let Event { did, users, containers } = event;
    let change = match did {
        _ if raw.listed => Change::Listed,
        Did::Use if before.is_none() => Change::Added,
        Did::Forget => Change::Deleted,
        _ => Change::Modified,
    };
    followed(raw, change, Status { users, containers }, "event of a directory")
}

fn interpret(object: &Object) -> Result<Interpretation, Error> {
    let mut tracks = Tracks::with_capacity(1);
    let directory: Parts<'_, IgnoredAny, Status> = Parts::of(object, KIND.kind)?;
    tracks.optional(track("users"), directory.status.map(|status| status.state()));
    Ok(tracks.done(None))
}
