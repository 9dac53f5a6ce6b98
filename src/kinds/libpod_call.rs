//! A call to Podman's service that passed through the recorder: which method of what, and how it was answered.

use super::call::{self, Progress};
use super::declaration::{Details, Followed, Kind, Naming, Role, Source, TrackDeclaration, Vocabulary};
use super::followed::labelled;
use super::metadata::LIFECYCLE;
use super::parts::Parts;
use super::podman_object::source;
use super::table::{Column, NAME, TableDeclaration};
use super::tracks::Tracks;
use super::{Error, Interpretation};
use crate::observation::{Object, Raw, Shape};
use serde::de::IgnoredAny;
use serde::{Deserialize, Serialize};
use smol_str::{SmolStr, ToSmolStr as _};
use std::collections::BTreeMap;

/// Its group, in a watch.
pub(crate) const GROUP: &str = "libpodcalls";

pub(super) const KIND: Kind = Kind {
    kind: "LibpodCall",
    about: "A call to Podman's service that passed through the recorder, of its own API (libpod) or of Docker's. It is \
            recorded with `--proxy libpod=SOCK`, beside `libpod:/run/podman/podman.sock`, and shows what Podman tells \
            no event of, such as the begin and the name of a build, or a container that was refused; `statetrail \
            explain runtimes` says how. Its name is what was asked, of what, and its number.",
    example: "libpodcall/build.localhost/app:1.7 state: calling -> failed",
    plural: "libpodcalls",
    singular: "libpodcall",
    short: &[],
    display: "libpodcall",
    group: GROUP,
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
        TrackDeclaration::one("state", &[".status.state"], Vocabulary::closed("state of a call to Podman", STATES))
            .reading(
                "`answered`, `failed` and `refused` end it, as the service did: `refused` has the HTTP status as a \
                 detail, `refused/500`, with Podman's message; `failed` was answered with 200, and an error followed \
                 in the answer, as of a build or a pull; `upgraded` is a connection that was handed over, as for \
                 `exec`, until it is `closed`; `dropped` where a connection ended before the answer",
            )
            .with(Details::Reasons),
        LIFECYCLE,
    ]),
    table: TableDeclaration::of(&[
        NAME,
        Column::path("State", "string", ".status.state"),
        Column::path("Code", "integer", ".status.code"),
    ]),
    source: Some(Source { what: "the socket to listen on", usual: "", ..source(follow) }),
    interpret,
};

const STATES: &[&str] = &["calling", "upgraded", "closed", "answered", "failed", "refused", "dropped"];

/// What passed through.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Call {
    /// How far it is.
    pub state: Progress,
    /// The method of HTTP.
    pub method: SmolStr,
    /// The path without the version, and with `{name}` for what is named in it.
    pub path: SmolStr,
    /// What is named in the path.
    #[serde(default, skip_serializing_if = "SmolStr::is_empty")]
    pub name: SmolStr,
    /// Chosen parameters; several values of one are separated by commas.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub query: BTreeMap<SmolStr, SmolStr>,
    /// The status of HTTP.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub code: Option<u16>,
    /// Why it was refused, as the service says.
    #[serde(default, skip_serializing_if = "SmolStr::is_empty")]
    pub cause: SmolStr,
    #[serde(default, skip_serializing_if = "SmolStr::is_empty")]
    pub message: SmolStr,
}

/// Words below which objects are named, with what is asked of all of them.
pub(crate) const OBJECTS: &[(&str, &[&str])] = &[
    ("artifacts", &["json", "add", "pull", "remove"]),
    ("containers", &["json", "create", "prune", "stats", "showmounted"]),
    ("distribution", &[]),
    ("exec", &[]),
    ("generate", &["kube"]),
    ("images", &["json", "create", "prune", "load", "get", "export", "import", "pull", "search", "remove", "build"]),
    ("manifests", &["create"]),
    ("networks", &["json", "create", "prune"]),
    ("pods", &["json", "create", "prune", "stats"]),
    ("quadlets", &["json"]),
    ("secrets", &["json", "create"]),
    ("volumes", &["json", "create", "prune"]),
];

impl Call {
    /// What is asked, in words: `build`, `containers.create` or `containers.delete`.
    pub(crate) fn words(&self) -> String {
        let path = self.path.trim_start_matches('/');
        let path = path.strip_prefix("libpod/").unwrap_or(path);
        // What the client passes as a path of the machine that both are on.
        let path = path.strip_prefix("local/").unwrap_or(path);
        let words = path.split('/').filter(|word| !word.starts_with('{')).collect::<Vec<_>>().join(".");
        // What is asked of objects without a word for it, the method says.
        let is_of_objects = OBJECTS.iter().any(|(objects, _)| *objects == words);
        if is_of_objects { format!("{words}.{}", self.method.to_ascii_lowercase()) } else { words }
    }
}

/// By which expectations select it.
#[derive(Serialize)]
struct Labels<'a> {
    method: &'a str,
    call: &'a str,
    #[serde(skip_serializing_if = "str::is_empty")]
    name: &'a str,
}

fn follow(before: Option<&Object>, raw: &Raw) -> Result<Followed, Error> {
    let call: Call = serde_json::from_str(raw.event.get()).map_err(Error::shape("call to Podman"))?;
    let words = call.words();
    let labels = Labels { method: &call.method, call: &words, name: &call.name };
    let change = call::change(before, call.state);
    labelled(raw, change, (&SmolStr::default(), labels), &call, "call to Podman")
}

fn interpret(object: &Object) -> Result<Interpretation, Error> {
    let parts: Parts<'_, IgnoredAny, Call> = Parts::of(object, KIND.kind)?;
    let mut tracks = Tracks::with_capacity(1);
    if let Some(Call { state, code, message, .. }) = parts.status {
        let code = code.filter(|_| state == Progress::Refused);
        call::state(&mut tracks, state, code.map(|code| code.to_smolstr()).unwrap_or_default(), message);
    }
    Ok(tracks.done(None))
}
