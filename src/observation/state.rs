//! Tracks and their states.
//!
//! States are labels from the API, never our inventions, except those of `lifecycle` and `migration`. Absent,
//! empty and unobserved are three different things: absent is [`StateKind::Absent`], empty is an empty label,
//! unobserved is a gap.

use jiff::Timestamp;
use smol_str::SmolStr;
use std::fmt;

/// One small state machine of a subject.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Track {
    /// `Present`, `Terminating`, `Deleted`.
    Lifecycle,
    /// `.status.phase`.
    Phase,
    /// What kubectl prints in the STATUS column.
    Status,
    /// `node`: the name of the node that it runs on.
    Node,
    /// `none`, `Running`, `Succeeded`, `Failed`, `Aborted`.
    Migration,
    /// `init/NAME`.
    Init(SmolStr),
    /// `container/NAME`.
    Container(SmolStr),
    /// `ephemeral/NAME`.
    Ephemeral(SmolStr),
    /// `condition/TYPE`.
    Condition(SmolStr),
    /// `volume/NAME`.
    Volume(SmolStr),
    /// One that its kind declares beside those above, such as `ready`, or a track of the user's own.
    Custom(SmolStr),
}

impl Track {
    /// Reads the form that [`fmt::Display`] writes.
    #[must_use]
    pub fn parse(text: &str) -> Self {
        if let Some((family, name)) = text.split_once('/') {
            let name = SmolStr::new(name);
            match family {
                "init" => return Self::Init(name),
                "container" => return Self::Container(name),
                "ephemeral" => return Self::Ephemeral(name),
                "condition" => return Self::Condition(name),
                "volume" => return Self::Volume(name),
                _ => {}
            }
        }
        match text {
            "lifecycle" => Self::Lifecycle,
            "phase" => Self::Phase,
            "status" => Self::Status,
            "node" => Self::Node,
            "migration" => Self::Migration,
            _ => Self::Custom(SmolStr::new(text)),
        }
    }

    /// True for the tracks of containers, whose states carry a restart count.
    #[must_use]
    pub fn is_container(&self) -> bool {
        matches!(self, Self::Init(_) | Self::Container(_) | Self::Ephemeral(_))
    }
}

impl fmt::Display for Track {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Lifecycle => f.write_str("lifecycle"),
            Self::Phase => f.write_str("phase"),
            Self::Status => f.write_str("status"),
            Self::Node => f.write_str("node"),
            Self::Migration => f.write_str("migration"),
            Self::Init(name) => write!(f, "init/{name}"),
            Self::Container(name) => write!(f, "container/{name}"),
            Self::Ephemeral(name) => write!(f, "ephemeral/{name}"),
            Self::Condition(name) => write!(f, "condition/{name}"),
            Self::Volume(name) => write!(f, "volume/{name}"),
            Self::Custom(name) => f.write_str(name),
        }
    }
}

/// What sort of state it is. Only containers wait, run and terminate; all else is plain.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum StateKind {
    /// A label without a sort.
    Plain,
    /// `state.waiting` of a container.
    Waiting,
    /// `state.running` of a container.
    Running,
    /// `state.terminated` of a container.
    Terminated,
    /// The object is there and no longer has this track (a condition that was removed).
    Absent,
}

impl StateKind {
    /// The word in JSON; plain states have none.
    #[must_use]
    pub fn word(self) -> Option<&'static str> {
        match self {
            Self::Plain => None,
            Self::Waiting => Some("waiting"),
            Self::Running => Some("running"),
            Self::Terminated => Some("terminated"),
            Self::Absent => Some("absent"),
        }
    }
}

/// What rides along with a state. None of it makes a transition, except a higher restart count; a change of the reason,
/// the exit code, the signal, the restart count or the instance is reported as such.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Detail {
    /// A condition's or a terminated container's reason.
    pub reason: Option<SmolStr>,
    /// `message` of the condition or of the container's state, as the API has it.
    pub message: Option<SmolStr>,
    /// Exit code of a terminated container.
    pub exit_code: Option<i32>,
    /// Signal that ended a container.
    pub signal: Option<i32>,
    /// `restartCount` of the container.
    pub restart_count: Option<u32>,
    /// Kubelet's clock, whole seconds.
    pub started_at: Option<Timestamp>,
    /// Kubelet's clock, whole seconds.
    pub finished_at: Option<Timestamp>,
    /// The writer's clock, whole seconds: a condition's `lastTransitionTime`, a deletion's stamp.
    pub server_time: Option<Timestamp>,
    /// What the state is about, where another one may follow under the same label: the pod that attaches a volume, the
    /// uid of a migration.
    pub instance: Option<SmolStr>,
    /// Which instance of a container this is about.
    pub container_id: Option<SmolStr>,
    /// The termination that a container's `lastState` reports.
    pub last_termination: Option<Box<Termination>>,
}

/// The end of an earlier instance of a container, as `lastState.terminated` reports it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Termination {
    /// `containerID` of the instance that ended; empty when it was not given.
    pub container_id: SmolStr,
    /// `Error`, `OOMKilled` ...
    pub reason: SmolStr,
    /// `exitCode` of the instance that ended.
    pub exit_code: i32,
    /// Kubelet's clock, whole seconds.
    pub finished_at: Option<Timestamp>,
}

/// What a track is in: a label of the API, the kind of state, and details.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct State {
    /// The API's word; empty when the API says the empty string, and for an absent track.
    pub label: SmolStr,
    /// Whether it is a container's state, and which, or a track that the object lost.
    pub kind: StateKind,
    /// What accompanies the label, such as the exit code and the restart count.
    pub detail: Detail,
}

impl State {
    /// A plain label.
    #[must_use]
    pub fn plain(label: impl AsRef<str>) -> Self {
        Self { label: SmolStr::new(label), kind: StateKind::Plain, detail: Detail::default() }
    }

    /// The track is gone while its object is there.
    #[must_use]
    pub fn absent() -> Self {
        Self { label: SmolStr::default(), kind: StateKind::Absent, detail: Detail::default() }
    }

    /// True when going from `self` to `next` is a transition: another label, another sort, or, under the same
    /// label, a higher restart count.
    #[must_use]
    pub fn differs(&self, next: &Self) -> bool {
        self.label != next.label || self.kind != next.kind || next.detail.restart_count > self.detail.restart_count
    }
}
