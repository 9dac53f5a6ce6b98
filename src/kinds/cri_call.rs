//! A call to a container runtime that passed through the recorder: which method, of what, and how it was answered.

use super::call::{self, Progress};
use super::cri_sandbox::SOCKET;
use super::declaration::{Details, Followed, Kind, Naming, Role, Source, TrackDeclaration, Vocabulary};
use super::followed::labelled;
use super::metadata::LIFECYCLE;
use super::parts::{Parts, track};
use super::table::{Column, NAME, TableDeclaration};
use super::tracks::Tracks;
use super::{Error, Interpretation};
use crate::observation::{Object, Raw, Shape, State};
use serde::de::IgnoredAny;
use serde::{Deserialize, Serialize};
use smol_str::SmolStr;

/// Its group, in a watch.
pub(crate) const GROUP: &str = "cricalls";

pub(super) const KIND: Kind = Kind {
    kind: "CriCall",
    about: "A call to a container runtime that passed through the recorder. It is recorded with `--proxy cri=SOCK`, \
            beside `cri:/run/containerd/containerd.sock`, and shows what the runtime tells no event of, such as a \
            container that was refused; `statetrail explain runtimes` says how. Its name is the method, what it is \
            about, and its number.",
    example: "cricall/CreateContainer.web.app.7 state: calling -> refused",
    plural: "cricalls",
    singular: "cricall",
    short: &[],
    display: "cricall",
    group: GROUP,
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
        TrackDeclaration::one("state", &[".status.state"], Vocabulary::closed("state of a call to a runtime", STATES))
            .reading(
                "`answered` and `refused` end it, as the runtime did; `dropped` where a connection ended before; \
                 `refused` has the code of gRPC as a detail, `refused/UNKNOWN`",
            )
            .with(Details::Reasons),
        TrackDeclaration::one(
            "mounts",
            &[".status.mounts"],
            Vocabulary::closed("mounts of a container", &["host", "image", "sourceless"]),
        )
        .reading(
            "what the mounts of a `CreateContainer` are of: paths of the host, an image, too, or, if there is one, \
             nothing: a client that is older than image volumes leaves the image out",
        ),
        LIFECYCLE,
    ]),
    table: TableDeclaration::of(&[
        NAME,
        Column::path("State", "string", ".status.state"),
        Column::path("Code", "string", ".status.code"),
    ]),
    source: Some(Source { what: "the socket to listen on", usual: "", follow, ..SOCKET }),
    interpret,
};

const STATES: &[&str] = &["calling", "answered", "refused", "dropped"];

/// What passed through.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Call {
    /// How far it is.
    pub state: Progress,
    /// The last part of the path.
    pub method: SmolStr,
    /// The code of gRPC, by its name.
    #[serde(default, skip_serializing_if = "SmolStr::is_empty")]
    pub code: SmolStr,
    /// The namespace and the name of the pod, the container, the image: what a request names.
    #[serde(default, skip_serializing_if = "SmolStr::is_empty")]
    pub namespace: SmolStr,
    #[serde(default, skip_serializing_if = "SmolStr::is_empty")]
    pub pod: SmolStr,
    #[serde(default, skip_serializing_if = "SmolStr::is_empty")]
    pub container: SmolStr,
    #[serde(default, skip_serializing_if = "SmolStr::is_empty")]
    pub image: SmolStr,
    /// What the mounts of a container are of.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mounts: Option<Mounts>,
}

/// What mounts are of; where they differ, the last of these.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Mounts {
    /// Paths of the host.
    Host,
    /// An image.
    Image,
    /// Neither.
    Sourceless,
}

/// By which expectations select it.
#[derive(Serialize)]
struct Labels<'a> {
    method: &'a str,
    #[serde(skip_serializing_if = "str::is_empty")]
    pod: &'a str,
    #[serde(skip_serializing_if = "str::is_empty")]
    container: &'a str,
}

fn follow(before: Option<&Object>, raw: &Raw) -> Result<Followed, Error> {
    let call: Call = serde_json::from_str(raw.event.get()).map_err(Error::shape("call to a runtime"))?;
    let labels = Labels { method: &call.method, pod: &call.pod, container: &call.container };
    let change = call::change(before, call.state);
    labelled(raw, change, (&SmolStr::default(), labels), &call, "call to a runtime")
}

fn interpret(object: &Object) -> Result<Interpretation, Error> {
    let parts: Parts<'_, IgnoredAny, Call> = Parts::of(object, KIND.kind)?;
    let mut tracks = Tracks::with_capacity(2);
    if let Some(call) = parts.status {
        call::state(&mut tracks, call.state, call.code, SmolStr::default());
        let mounts = call.mounts.map(|mounts| match mounts {
            Mounts::Host => "host",
            Mounts::Image => "image",
            Mounts::Sourceless => "sourceless",
        });
        tracks.optional(track("mounts"), mounts.map(State::plain));
    }
    Ok(tracks.done(None))
}
