//! A block device of this machine, from the kernel's own events: open while there is something in it.

use super::declaration::{Followed, Kind, Naming, Role, Source, TrackDeclaration, Vocabulary};
use super::followed::followed;
use super::metadata::LIFECYCLE;
use super::parts::{Parts, track};
use super::table::{Column, NAME, TableDeclaration};
use super::tracks::Tracks;
use super::uevent::{Did, Event};
use super::{Error, Interpretation};
use crate::observation::{Change, Object, Raw, Shape, State};
use serde::de::IgnoredAny;
use serde::{Deserialize, Serialize};
use smol_str::SmolStr;

pub(super) const KIND: Kind = Kind {
    kind: "BlockDevice",
    about: "A block device of this machine: a disk, a partition, a loop device, one of the device mapper. It is recorded \
            with `uevents:`, from what the kernel says to everyone, without an API server; `statetrail explain \
            runtimes` says how.",
    example: "blockdevice/loop0 state: ... -> open -> closed",
    plural: "blockdevices",
    singular: "blockdevice",
    short: &[],
    display: "blockdevice",
    group: "uevents",
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
        TrackDeclaration::one("state", &[".status.state"], Vocabulary::closed("state of a block device", STATES))
            .reading(
                "a loop device is `open` while it is attached to a file, whatever `losetup -d` said; one of the \
                 device mapper once it has a table; any other while it is there",
            ),
        LIFECYCLE,
    ]),
    table: TABLE,
    source: Some(Source { what: "where the kernel shows its devices", usual: "/sys", may_be_omitted: true, follow }),
    interpret,
};

const TABLE: TableDeclaration = TableDeclaration::of(&[
    NAME,
    Column::path("State", "string", ".status.state"),
    Column::path("Device", "string", ".status.dev"),
]);

const STATES: &[&str] = &["open", "closed"];

/// What is known of a device.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct Status {
    state: Label,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    dev: Option<SmolStr>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    diskseq: Option<u64>,
}

/// The states of a device.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Label {
    /// Something is in it.
    Open,
    /// Nothing is.
    Closed,
}

/// What a device is, by its name: the kernel has no other word for it.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Sort {
    Loop,
    Mapper,
    Other,
}

impl Sort {
    fn of(name: &str) -> Self {
        let is_numbered = |prefix: &str| {
            let rest = name.strip_prefix(prefix);
            rest.is_some_and(|rest| !rest.is_empty() && rest.bytes().all(|byte| byte.is_ascii_digit()))
        };
        match () {
            () if is_numbered("loop") => Self::Loop,
            () if is_numbered("dm-") => Self::Mapper,
            () => Self::Other,
        }
    }
}

impl Status {
    fn apply(&mut self, sort: Sort, event: &Event) {
        self.state = match (event.did, sort) {
            (Did::Found, _) => {
                if event.open == Some(false) {
                    Label::Closed
                } else {
                    Label::Open
                }
            }
            (Did::Remove, _) | (Did::Add, Sort::Loop | Sort::Mapper) => Label::Closed,
            (Did::Add, Sort::Other) | (Did::Change, Sort::Mapper) => Label::Open,
            // Attached: one event. Detached: two, of which the last says so.
            (Did::Change, Sort::Loop) => {
                if event.media_change {
                    Label::Closed
                } else {
                    Label::Open
                }
            }
            (Did::Change, Sort::Other) => self.state,
        };
        self.dev = event.dev.clone().or(self.dev.take());
        self.diskseq = event.diskseq.or(self.diskseq);
    }
}

/// The device after an event.
///
/// # Errors
/// The event is none that this version knows.
fn follow(before: Option<&Object>, raw: &Raw) -> Result<Followed, Error> {
    let event: Event = serde_json::from_str(raw.event.get()).map_err(Error::shape("uevent"))?;
    let known = before.map(status).transpose()?.flatten();
    let mut status = known.unwrap_or(Status { state: Label::Closed, dev: None, diskseq: None });
    status.apply(Sort::of(&raw.name), &event);
    let change = match event.did {
        _ if raw.listed => Change::Listed,
        Did::Add => Change::Added,
        Did::Remove => Change::Deleted,
        Did::Change | Did::Found => Change::Modified,
    };
    followed(raw, change, status, "uevent")
}

fn status(object: &Object) -> Result<Option<Status>, Error> {
    let device: Parts<'_, IgnoredAny, Status> = Parts::of(object, KIND.kind)?;
    Ok(device.status)
}

fn interpret(object: &Object) -> Result<Interpretation, Error> {
    let mut tracks = Tracks::with_capacity(1);
    let label = status(object)?.map(|status| if status.state == Label::Open { "open" } else { "closed" });
    tracks.optional(track("state"), label.map(State::plain));
    Ok(tracks.done(None))
}
