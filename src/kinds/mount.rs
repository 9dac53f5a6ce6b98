//! A mount of a mount namespace: mounted, detached, and released when the last user of its filesystem has let go.
//!
//! Every state comes from an event. Only the holders are found by a look, which is what their track says.

use super::declaration::{Followed, Kind, Naming, Role, Source, TrackDeclaration, Vocabulary};
use super::followed::followed;
use super::metadata::LIFECYCLE;
use super::mount_event::{By, Did, Event, Holder, Mounted, Release};
use super::parts::{Parts, track};
use super::table::{Column, NAME, TableDeclaration};
use super::tracks::Tracks;
use super::{Error, Interpretation};
use crate::observation::{Change, Object, Raw, Shape, State};
use serde::de::IgnoredAny;
use serde::{Deserialize, Serialize};
use smol_str::SmolStr;

pub(super) const KIND: Kind = Kind {
    kind: "Mount",
    about: "A mount of a mount namespace on this machine, named by the place where it was attached or found: a \
            directory above that is renamed changes nothing of it, unless that was between `notBefore` and `at` of \
            its first event. It is recorded with `mounts:`, or `mounts:/proc/PID` for the mounts that a process sees, \
            without an API server; `statetrail explain runtimes` says how.",
    example: "mount//mnt state: mounted -> detached -> released",
    plural: "mounts",
    singular: "mount",
    short: &[],
    display: "mount",
    group: "mounts",
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
        TrackDeclaration::one("state", &[".status.state"], Vocabulary::closed("state of a mount", STATES)).reading(
            "`detached` is unmounted while the filesystem is still in use; it is `released` by its last user, in \
             whatever mount namespace. A mount whose filesystem has another one ends with `detached`; that of a network \
             is not followed",
        ),
        TrackDeclaration::one("holders", &[".status.holders"], Vocabulary::open(&[])).reading(
            "who held the filesystem of a detached mount when that was looked for: a moment after it was detached, and \
             5 s after: `cwd of sleep[248]`, `mount of sleep[299]` in another namespace, `mount at /mnt`, or `nobody \
             found`. Absent until then, which says \
             nothing about holders",
        ),
        LIFECYCLE,
    ]),
    table: TABLE,
    source: Some(Source {
        what: "the process whose mounts are recorded",
        usual: "/proc/self",
        may_be_omitted: true,
        follow,
    }),
    interpret,
};

const TABLE: TableDeclaration = TableDeclaration::of(&[
    NAME,
    Column::path("State", "string", ".status.state"),
    Column::path("Filesystem", "string", ".status.mount.fs"),
    Column::path("Device", "string", ".status.mount.dev"),
]);

const STATES: &[&str] = &["mounted", "detached", "released", "moved"];

/// The holders that a state names; its message has all.
const NAMED: usize = 2;

/// The states of a mount.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Label {
    /// It is mounted.
    Mounted,
    /// It is not mounted any more.
    Detached,
    /// Its filesystem has no user any more.
    Released,
    /// It is mounted elsewhere.
    Moved,
}

/// What is known of a mount.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct Status {
    state: Label,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    mount: Option<Mounted>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    release: Option<Release>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    holders: Option<Vec<Holder>>,
    #[serde(default)]
    others: usize,
}

impl Status {
    /// Applies an event; returns true if it is the last one of the mount.
    fn apply(&mut self, event: Event) -> bool {
        match event.did {
            Did::Attach | Did::Found => {
                self.state = if event.detached { Label::Detached } else { Label::Mounted };
                (self.mount, self.release) = (event.mount, event.release);
            }
            Did::Detach => {
                self.state = Label::Detached;
                // The last mount of a filesystem is released with it, though another one is watched.
                self.release = self.release.or(event.release);
                return self.release.is_none();
            }
            Did::Move => {
                self.state = Label::Moved;
                return true;
            }
            Did::Unmount => {
                (self.state, self.holders) = (Label::Released, None);
                return true;
            }
            Did::Holders => (self.holders, self.others) = (Some(event.holders), event.others),
        }
        false
    }

    fn held(&self) -> Option<State> {
        let holders = self.holders.as_ref()?;
        let mut names: Vec<String> = holders.iter().take(NAMED).map(Holder::named).collect();
        let others = holders.len().saturating_sub(NAMED) + self.others;
        if others > 0 {
            names.push(format!("{others} more"));
        }
        let mut state = State::plain(if names.is_empty() { "nobody found".to_owned() } else { names.join(", ") });
        let all: Vec<String> = holders.iter().map(Holder::whole).collect();
        state.detail.message = Some(all.join("; ").into()).filter(|message: &SmolStr| !message.is_empty());
        Some(state)
    }
}

impl Holder {
    fn named(&self) -> String {
        if self.is_here() {
            format!("mount at {}", self.path)
        } else {
            format!("{} of {}[{}]", self.by.name(), self.comm, self.pid)
        }
    }

    /// The same with the path.
    fn whole(&self) -> String {
        if self.is_here() { self.named() } else { format!("{}: {}", self.named(), self.path) }
    }

    /// True for a mount in the namespace that is recorded.
    fn is_here(&self) -> bool {
        self.pid == 0
    }
}

impl By {
    fn name(self) -> &'static str {
        match self {
            Self::Cwd => "cwd",
            Self::Root => "root",
            Self::Exe => "exe",
            Self::Fd => "fd",
            Self::Maps => "maps",
            Self::Mount => "mount",
        }
    }
}

/// The mount after an event.
///
/// # Errors
/// The event is none that this version knows.
fn follow(before: Option<&Object>, raw: &Raw) -> Result<Followed, Error> {
    let event: Event = serde_json::from_str(raw.event.get()).map_err(Error::shape("event of a mount"))?;
    let known = before.map(status).transpose()?.flatten();
    let new = Status { state: Label::Mounted, mount: None, release: None, holders: None, others: 0 };
    let mut status = known.unwrap_or(new);
    let is_new = event.did == Did::Attach;
    let is_last = status.apply(event);
    let change = match (raw.listed, is_new, is_last) {
        (true, ..) => Change::Listed,
        (_, true, _) => Change::Added,
        (.., true) => Change::Deleted,
        _ => Change::Modified,
    };
    followed(raw, change, status, "event of a mount")
}

fn status(object: &Object) -> Result<Option<Status>, Error> {
    let mount: Parts<'_, IgnoredAny, Status> = Parts::of(object, KIND.kind)?;
    Ok(mount.status)
}

fn interpret(object: &Object) -> Result<Interpretation, Error> {
    let mut tracks = Tracks::with_capacity(2);
    let status = status(object)?;
    let label = status.as_ref().map(|status| match status.state {
        Label::Mounted => "mounted",
        Label::Detached => "detached",
        Label::Released => "released",
        Label::Moved => "moved",
    });
    tracks.optional(track("state"), label.map(State::plain));
    tracks.optional(track("holders"), status.and_then(|status| status.held()));
    Ok(tracks.done(None))
}
