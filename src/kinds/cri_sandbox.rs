//! A sandbox of a runtime that speaks CRI, which is what a pod's containers share: its states, from the events of the
//! runtime.

use super::cri_followed;
use super::declaration::{Kind, Naming, Role, Source, TrackDeclaration, Vocabulary};
use super::metadata::LIFECYCLE;
use super::table::{Column, NAME, TableDeclaration};
use crate::observation::Shape;

/// The kind, in a watch.
pub(crate) const PLURAL: &str = "crisandboxes";

pub(super) const KIND: Kind = Kind {
    kind: "CriSandbox",
    about: "A sandbox of a runtime that speaks CRI, such as containerd or CRI-O: what the containers of a pod share. It \
            is recorded with `cri:/run/containerd/containerd.sock`, without an API server; `statetrail explain \
            runtimes` says how. Its name is that of the pod and the attempt.",
    example: "crisandbox/default/web.0 state: ready -> notready -> removed",
    plural: PLURAL,
    singular: "crisandbox",
    short: &[],
    display: "crisandbox",
    group: "cri",
    also_in: &[],
    versions: &["v1"],
    namespaced: true,
    naming: Naming::Segment,
    default: false,
    kept: Shape::Other,
    fields: &[],
    owners: &[],
    undeclared_owners: &[],
    role: Role::Subject(&[
        TrackDeclaration::one(
            "state",
            &[".status.state"],
            Vocabulary::closed("state of a sandbox of a runtime", &["ready", "notready", "removed"]),
        )
        .reading("as the runtime names it, and `removed`"),
        LIFECYCLE,
    ]),
    table: TABLE,
    source: Some(Source { follow: cri_followed::sandbox, ..SOCKET }),
    interpret: cri_followed::interpret_sandbox,
};

/// Where both kinds are read from.
pub(super) const SOCKET: Source = Source {
    what: "the socket of the container runtime",
    usual: "/run/containerd/containerd.sock",
    may_be_omitted: false,
    follow: cri_followed::sandbox,
};

const TABLE: TableDeclaration = TableDeclaration::of(&[NAME, Column::path("State", "string", ".status.state")]);
