//! What Podman's service sends, as far as it is read: the same in Podman 4 and 5.

use serde::Deserialize;
use smol_str::SmolStr;
use std::borrow::Cow;

/// An event of Podman's log.
#[derive(Clone, Debug, Deserialize)]
pub(super) struct Event {
    #[serde(rename = "Type")]
    pub kind: SmolStr,
    #[serde(rename = "Action")]
    pub action: SmolStr,
    #[serde(rename = "Actor")]
    pub actor: Actor,
    /// When Podman made it.
    #[serde(rename = "timeNano")]
    pub time_nano: i64,
}

/// What an event is about.
#[derive(Clone, Debug, Deserialize)]
pub(super) struct Actor {
    #[serde(rename = "ID", default)]
    pub id: SmolStr,
    #[serde(rename = "Attributes", default)]
    pub attributes: Option<Attributes>,
}

/// The attributes that are read; the others are labels.
#[derive(Clone, Debug, Default, Deserialize)]
pub(super) struct Attributes {
    #[serde(default)]
    pub name: SmolStr,
    #[serde(default)]
    pub image: SmolStr,
    #[serde(rename = "containerExitCode", default)]
    pub exit_code: SmolStr,
}

impl Event {
    /// The name of what it is about; empty where it has none.
    pub(super) fn name(&self) -> &SmolStr {
        static NONE: SmolStr = SmolStr::new_static("");
        self.actor.attributes.as_ref().map_or(&NONE, |attributes| &attributes.name)
    }

    /// True when both are the same event. No two are made in the same nanosecond with the same action.
    pub(super) fn is(&self, anchor: &Anchor) -> bool {
        self.time_nano == anchor.time_nano && self.kind == anchor.kind && self.action == anchor.action
    }

    /// True when it says something of the object of another one. That Podman asked the runtime, as some lists make it,
    /// says nothing.
    pub(super) fn is_of(&self, other: &Self) -> bool {
        self.kind == other.kind && self.actor.id == other.actor.id && self.action != "sync"
    }

    /// True where Podman cut the log.
    pub(super) fn is_rotation(&self) -> bool {
        self.kind == "system" && self.action == "log-rotation"
    }

    /// By what it is recognized when it comes again.
    pub(super) fn anchor(&self) -> Anchor {
        Anchor { time_nano: self.time_nano, kind: self.kind.clone(), action: self.action.clone() }
    }
}

/// By what the last event is recognized when it comes again.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Anchor {
    pub time_nano: i64,
    pub kind: SmolStr,
    pub action: SmolStr,
}

/// An object as a list shows it. Which members there are depends on the list.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Listed {
    #[serde(default)]
    pub id: SmolStr,
    #[serde(default)]
    pub name: SmolStr,
    #[serde(default)]
    pub names: Option<Vec<SmolStr>>,
    #[serde(default)]
    pub state: Option<SmolStr>,
    #[serde(default)]
    pub exit_code: Option<i32>,
    #[serde(default)]
    pub image: Option<SmolStr>,
    /// RFC 3339 of a volume.
    #[serde(default)]
    pub created_at: SmolStr,
}

/// One container.
#[derive(Debug, Deserialize)]
pub(super) struct Inspected<'a> {
    #[serde(rename = "State", borrow)]
    pub state: InspectedState<'a>,
}

/// Its state.
#[derive(Debug, Deserialize)]
pub(super) struct InspectedState<'a> {
    #[serde(rename = "Status", borrow)]
    pub status: Cow<'a, str>,
    /// When it ended last; long ago if it never did.
    #[serde(rename = "FinishedAt", borrow, default)]
    pub finished_at: Cow<'a, str>,
}

/// The service.
#[derive(Debug, Deserialize)]
pub(super) struct Info {
    pub host: InfoHost,
    #[serde(default)]
    pub version: InfoVersion,
}

/// Where it runs.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct InfoHost {
    /// The backend that keeps its events.
    #[serde(default)]
    pub event_logger: SmolStr,
    #[serde(default)]
    pub oci_runtime: InfoRuntime,
}

/// What runs its containers.
#[derive(Debug, Default, Deserialize)]
pub(super) struct InfoRuntime {
    #[serde(default)]
    pub name: SmolStr,
}

/// Its version.
#[derive(Debug, Default, Deserialize)]
pub(super) struct InfoVersion {
    #[serde(rename = "Version", default)]
    pub version: SmolStr,
}

/// What a look showed, where an event needs one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Look {
    /// The event needs none.
    Spared,
    /// The state of the container, if the log, read after the look, says nothing of it after the event.
    Saw(Option<SmolStr>),
}
