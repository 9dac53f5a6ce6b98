//! A container of runc: its states, from the events of its state directory, its process and its freezer.
//!
//! Every state comes from an event, never from a look at what is there by then, except where nothing but a look is left:
//! at the beginning of a recording, and after a gap.

use super::declaration::{Followed, Kind, Naming, Role, Source, TrackDeclaration, Vocabulary};
use super::followed::followed;
use super::metadata::LIFECYCLE;
use super::parts::{Parts, track};
use super::runc_event::{Did, Event, Freezer, What};
use super::table::{Column, NAME, TableDeclaration};
use super::tracks::Tracks;
use super::{Error, Interpretation};
use crate::observation::{Change, Object, Raw, Shape, State};
use serde::de::IgnoredAny;
use serde::{Deserialize, Serialize};

pub(super) const KIND: Kind = Kind {
    kind: "RuncContainer",
    about: "A container of runc on this machine, whoever created it: podman, a build of buildah, containerd or a person. \
            It is recorded with `runc:/run/runc`, from the directory in which runc keeps its state, without an API \
            server; `statetrail explain runtimes` says how.",
    example: "runc/web state: creating -> created -> running -> stopped -> deleted",
    plural: "runccontainers",
    singular: "runccontainer",
    short: &["runc"],
    display: "runc",
    group: "runc",
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
        TrackDeclaration::one("state", &[".status.state"], Vocabulary::closed("state of a container of runc", STATES))
            .reading("as `runc state` names them, and `checkpointed` and `restored`, which are running, too"),
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

const TABLE: TableDeclaration = TableDeclaration::of(&[
    NAME,
    Column::path("State", "string", ".status.state"),
    Column::path("Pid", "integer", ".status.pid"),
]);

const STATES: &[&str] = &["creating", "created", "running", "paused", "checkpointed", "restored", "stopped", "deleted"];

/// The states of a container.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Label {
    /// Its directory is there, its process is not known yet.
    Creating,
    /// Its process waits to be started.
    Created,
    /// Its process was released.
    Running,
    /// Its group is frozen.
    Paused,
    /// It was written to disk, and runs on or is about to end.
    Checkpointed,
    /// It runs, as it was written to disk.
    Restored,
    /// Its process has ended.
    Stopped,
    /// Its directory is gone.
    Deleted,
}

/// What is known of a container.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Status {
    state: Label,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pid: Option<i32>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    start_time: Option<u64>,
    /// The state before the freezer was closed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    before_pause: Option<Label>,
    /// It is being restored.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    is_restored: bool,
    /// What its freezer was last seen to be asked: that it be frozen.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    is_freeze_asked: bool,
    /// `cgroup.events` has not said yet that what was asked is so.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    is_unanswered: bool,
}

/// What a short pause leaves.
const SHORT_PAUSE: &str = "its freezer was written, and was open when it was read: a pause may have been this short";

/// The same of the time between two pauses.
const SHORT_RESUME: &str =
    "its freezer was written, and was closed when it was read: it may have run this long between";

/// The same, where the container was started in between.
const RELEASED: &str = "its process was released, and so was not frozen any more";

impl Status {
    fn new(state: Label) -> Self {
        let (pid, start_time, before_pause) = (None, None, None);
        Self { state, pid, start_time, before_pause, is_restored: false, is_freeze_asked: false, is_unanswered: false }
    }

    /// What a look shows. A process that is there and not at its pipe was released.
    fn found(event: &Event) -> Self {
        let has = |what| event.has.contains(&what);
        let is_closed = event.value == Some(Freezer::Frozen);
        let is_freeze_asked = event.value.is_some_and(Freezer::is_asked);
        let runs = if has(What::ExecFifo) { Label::Created } else { Label::Running };
        let state = match event.alive {
            _ if !has(What::StateJson) => Label::Creating,
            Some(false) => Label::Stopped,
            _ if is_closed => Label::Paused,
            _ => runs,
        };
        let before_pause = (state == Label::Paused).then_some(runs);
        let is_restored = state == Label::Creating && has(What::CriuRoot);
        let (pid, start_time, is_unanswered) = (event.pid, event.start_time, is_freeze_asked && !is_closed);
        Self { pid, start_time, before_pause, is_restored, is_freeze_asked, is_unanswered, ..Self::new(state) }
    }

    fn runs(&self) -> bool {
        matches!(self.state, Label::Running | Label::Checkpointed | Label::Restored)
    }

    /// Applies an event; returns what it shows that was never published.
    fn apply(&mut self, event: &Event) -> Option<&'static str> {
        match (event.did, event.what) {
            (Did::Create, What::Directory) => *self = Self::new(Label::Creating),
            (Did::Found, What::Directory) => *self = Self::found(event),
            (Did::Delete, What::Directory) => {
                let short = self.unanswered();
                self.state = Label::Deleted;
                return short;
            }
            (Did::Create | Did::Found, What::CriuRoot) => self.is_restored = true,
            (Did::MovedTo | Did::Found, What::StateJson) => {
                (self.pid, self.start_time) = (event.pid.or(self.pid), event.start_time.or(self.start_time));
                // It is written again when a container is changed.
                if self.state == Label::Creating {
                    self.state = if self.is_restored { Label::Restored } else { Label::Created };
                }
            }
            (Did::CloseWrite | Did::Delete, What::ExecFifo) => match self.state {
                Label::Creating | Label::Created => self.state = Label::Running,
                // What cgroup v2 says of its freezer comes later. Otherwise it is frozen again by now.
                Label::Paused if self.is_freeze_asked => {
                    self.before_pause = Some(Label::Running);
                    return Some(RELEASED);
                }
                Label::Paused => {
                    (self.state, self.before_pause, self.is_unanswered) = (Label::Running, None, false);
                    return Some(RELEASED);
                }
                _ => {}
            },
            (Did::CloseWrite, What::Checkpoint) if self.runs() || self.state == Label::Paused => {
                (self.state, self.before_pause) = (Label::Checkpointed, None);
            }
            (Did::Exit, What::Init) if self.state != Label::Deleted => {
                let short = self.unanswered();
                self.state = Label::Stopped;
                return short;
            }
            (_, What::FreezerState | What::CgroupEvents) => return self.freezer(event),
            (_, What::CgroupFreeze) => return self.asked(event),
            _ => {}
        }
        None
    }

    /// What a file says of the freezer. While cgroup v1 says `FREEZING`, some of the processes run.
    fn freezer(&mut self, event: &Event) -> Option<&'static str> {
        let (is_closed, is_asked) = (event.value? == Freezer::Frozen, event.value?.is_asked());
        let is_v1 = event.what == What::FreezerState;
        let is_written = is_v1 && event.did == Did::Modify;
        let short = if is_written { self.short(event, is_asked) } else { None };
        let short = if is_v1 && !is_asked { self.unanswered().or(short) } else { short };
        match self.state {
            Label::Created | Label::Running | Label::Checkpointed | Label::Restored if is_closed => {
                self.before_pause = Some(if self.state == Label::Created { Label::Created } else { Label::Running });
                self.state = Label::Paused;
            }
            Label::Paused if !is_closed => self.state = self.before_pause.take().unwrap_or(Label::Running),
            _ => {}
        }
        // Cgroup v1 says both. What is found was asked before anything of it could be seen.
        if is_written || event.did == Did::Found {
            self.is_freeze_asked = is_asked;
        }
        self.is_unanswered = (self.is_unanswered || is_v1) && is_closed != self.is_freeze_asked;
        short
    }

    /// What `cgroup.freeze` says: what is asked, which `cgroup.events` tells the end of, but not always.
    fn asked(&mut self, event: &Event) -> Option<&'static str> {
        let is_asked = event.value?.is_asked();
        if !self.runs() && !matches!(self.state, Label::Created | Label::Paused) {
            return None;
        }
        let short = self.short(event, is_asked);
        if is_asked == self.is_freeze_asked {
            return short;
        }
        let short = self.unanswered().or(short);
        self.is_freeze_asked = is_asked;
        // The answer may come first.
        self.is_unanswered = (self.state == Label::Paused) != is_asked;
        short
    }

    /// What may have been between the writes to a freezer before this one was read. The kernel tells writes through one
    /// descriptor as one, so one that changes nothing may have been several; but runc writes again until a container is
    /// frozen. Nothing is between two that change something together.
    fn short(&self, event: &Event, is_asked: bool) -> Option<&'static str> {
        let is_same = is_asked == self.is_freeze_asked;
        let may_be = match event.times.unwrap_or(1) {
            1 => is_same && is_asked == (self.state == Label::Paused),
            2 => is_same,
            _ => true,
        };
        may_be.then_some(if self.is_freeze_asked { SHORT_RESUME } else { SHORT_PAUSE })
    }

    /// What was asked may have been so for a short time, or not at all.
    fn unanswered(&mut self) -> Option<&'static str> {
        let short = if self.is_freeze_asked { SHORT_PAUSE } else { SHORT_RESUME };
        std::mem::take(&mut self.is_unanswered).then_some(short)
    }
}

impl Freezer {
    /// True where it is asked to be closed, whether it is or not.
    fn is_asked(self) -> bool {
        self != Self::Thawed
    }
}

/// The container after an event.
///
/// # Errors
/// The event is none that this version knows.
fn follow(before: Option<&Object>, raw: &Raw) -> Result<Followed, Error> {
    let event: Event = serde_json::from_str(raw.event.get()).map_err(Error::shape("event of runc"))?;
    let known = before.map(status).transpose()?.flatten();
    let mut status = known.unwrap_or_else(|| Status::new(Label::Creating));
    let unpublished = status.apply(&event).map(|words| (track("state"), words));
    let change = match (event.did, event.what) {
        _ if raw.listed => Change::Listed,
        (Did::Create, What::Directory) => Change::Added,
        (Did::Delete, What::Directory) => Change::Deleted,
        _ => Change::Modified,
    };
    Ok(Followed { unpublished, ..followed(raw, change, status, "event of runc")? })
}

fn status(object: &Object) -> Result<Option<Status>, Error> {
    let container: Parts<'_, IgnoredAny, Status> = Parts::of(object, KIND.kind)?;
    Ok(container.status)
}

fn interpret(object: &Object) -> Result<Interpretation, Error> {
    let mut tracks = Tracks::with_capacity(1);
    let label = status(object)?.map(|status| STATES[status.state.place()]);
    tracks.optional(track("state"), label.map(State::plain));
    Ok(tracks.done(None))
}

impl Label {
    /// Its place among the words of the track.
    fn place(self) -> usize {
        match self {
            Self::Creating => 0,
            Self::Created => 1,
            Self::Running => 2,
            Self::Paused => 3,
            Self::Checkpointed => 4,
            Self::Restored => 5,
            Self::Stopped => 6,
            Self::Deleted => 7,
        }
    }
}
