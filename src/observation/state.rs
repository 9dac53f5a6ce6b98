//! Tracks and their states.
//!
//! Labels are the API's, except those of `lifecycle` and `migration`. Absent, empty and unobserved are three different
//! things: absent is [`StateKind::Absent`], empty is an empty label, unobserved is a gap.

use jiff::Timestamp;
use smol_str::{SmolStr, format_smolstr};
use std::fmt;

/// One state machine of a subject.
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
    /// A track that its kind declares in addition to those above, such as `ready`, or a user-defined one.
    Custom(SmolStr),
}

impl Track {
    /// Parses the form that [`fmt::Display`] writes.
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

    /// True for the tracks of containers, whose states have a restart count.
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

/// The kind of a state. Only containers wait, run and terminate; all other states are plain.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum StateKind {
    /// A label without a kind.
    Plain,
    /// `state.waiting` of a container.
    Waiting,
    /// `state.running` of a container.
    Running,
    /// `state.terminated` of a container.
    Terminated,
    /// The object exists, but no longer has this track (a condition that was removed).
    Absent,
    /// The object exists, and nothing shows its state: the label says what was found instead, such as `present`.
    Unknown,
}

impl StateKind {
    /// Its name in JSON; plain states have none.
    #[must_use]
    pub fn name(self) -> Option<&'static str> {
        match self {
            Self::Plain => None,
            Self::Waiting => Some("waiting"),
            Self::Running => Some("running"),
            Self::Terminated => Some("terminated"),
            Self::Absent => Some("absent"),
            Self::Unknown => Some("unknown"),
        }
    }
}

/// The details of a state. None of them makes a transition, except a higher restart count; a change of the reason, the
/// exit code, the signal, the restart count or the instance is reported as a change of details.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Detail {
    /// The API's reason for the state: of a pod, a container, a condition or a volume.
    pub reason: Option<SmolStr>,
    /// The API's message for the state; of a migration, its `failureReason`.
    pub message: Option<SmolStr>,
    /// Exit code of a terminated container.
    pub exit_code: Option<i32>,
    /// Signal that ended a container.
    pub signal: Option<i32>,
    /// `restartCount` of the container.
    pub restart_count: Option<u32>,
    /// `startedAt` of a container, by the kubelet's clock, or `startTimestamp` of a migration; whole seconds.
    pub started_at: Option<Timestamp>,
    /// `finishedAt` of a container, by the kubelet's clock, or `endTimestamp` of a migration; whole seconds.
    pub finished_at: Option<Timestamp>,
    /// The writer's clock, whole seconds: `lastTransitionTime` of a condition, `deletionTimestamp` of an object.
    pub server_time: Option<Timestamp>,
    /// Distinguishes states that follow each other under one label: the pod that attaches a volume, the uid of a
    /// migration.
    pub instance: Option<SmolStr>,
    /// `containerID` of the container instance that the state is about.
    pub container_id: Option<SmolStr>,
    /// The termination that a container's `lastState` reports.
    pub last_termination: Option<Box<Termination>>,
}

impl Detail {
    /// Those that expectations name, as they name them: the reason, the exit code (`137`), the signal (`signal:9`) and
    /// the instance.
    pub(crate) fn named(&self) -> impl Iterator<Item = SmolStr> {
        let texts = [&self.reason, &self.instance].into_iter().flatten();
        // A number is always an exit code.
        let texts = texts.filter(|text| DetailSort::of(text) == DetailSort::Text).cloned();
        let numbers = [
            self.exit_code.map(|code| format_smolstr!("{code}")),
            self.signal.map(|signal| format_smolstr!("signal:{signal}")),
        ];
        texts.chain(numbers.into_iter().flatten())
    }
}

/// What the name of a detail says.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum DetailSort {
    /// An exit code.
    ExitCode,
    /// A signal.
    Signal,
    /// A reason, or an instance.
    Text,
    /// A predicate that holds of the label, or of the message: no detail of the object, but one that the names of an
    /// expectation add.
    Predicate,
}

/// What the name of a predicate starts with, in [`OF_LABEL`] and [`OF_MESSAGE`].
pub(crate) const PREDICATE: char = '\0';
/// A predicate over labels.
pub(crate) const OF_LABEL: &str = "\0label:";
/// A predicate over messages.
pub(crate) const OF_MESSAGE: &str = "\0message:";

impl DetailSort {
    pub(crate) fn of(name: &str) -> Self {
        if name.starts_with(PREDICATE) {
            return Self::Predicate;
        }
        match name.strip_prefix("signal:") {
            Some(number) if number.parse::<i32>().is_ok() => Self::Signal,
            _ if name.parse::<i32>().is_ok() => Self::ExitCode,
            _ => Self::Text,
        }
    }

    /// How many of this sort one state may have.
    pub(crate) fn most(self) -> usize {
        match self {
            Self::ExitCode | Self::Signal => 1,
            Self::Text => 2,
            Self::Predicate => usize::MAX,
        }
    }
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
    /// `finishedAt`, by the kubelet's clock, whole seconds.
    pub finished_at: Option<Timestamp>,
}

/// The state of a track: a label of the API, its kind, and details.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct State {
    /// The API's label; empty when the API has an empty string, and for an absent track.
    pub label: SmolStr,
    /// Waiting, running or terminated for a container; absent for a track that the object lost; otherwise plain.
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

    /// The state of a track that its object no longer has.
    #[must_use]
    pub fn absent() -> Self {
        Self { label: SmolStr::default(), kind: StateKind::Absent, detail: Detail::default() }
    }

    /// True when going from `self` to `next` is a transition: another label, another kind, or, under the same label, a
    /// higher restart count.
    #[must_use]
    pub fn differs(&self, next: &Self) -> bool {
        self.label != next.label || self.kind != next.kind || next.detail.restart_count > self.detail.restart_count
    }
}
