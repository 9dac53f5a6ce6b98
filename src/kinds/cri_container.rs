//! A container of a runtime that speaks CRI: its states, from the events of the runtime.

use super::cri_followed;
use super::cri_sandbox::SOCKET;
use super::declaration::{Details, Kind, Naming, Role, Source, TrackDeclaration, Vocabulary};
use super::metadata::LIFECYCLE;
use super::table::{Column, NAME, TableDeclaration};
use crate::observation::Shape;

pub(super) const KIND: Kind = Kind {
    kind: "CriContainer",
    about: "A container of a runtime that speaks CRI, such as containerd or CRI-O, as the runtime tells the kubelet, or \
            anyone else who asks it. It is recorded with `cri:/run/containerd/containerd.sock`, without an API server; \
            `statetrail explain runtimes` says how. Its name is that of the pod, of the container and the attempt, \
            which is the number of restarts.",
    example: "cricontainer/default/web.app.0 state: created -> running -> exited/0 -> removed",
    plural: "cricontainers",
    singular: "cricontainer",
    short: &[],
    display: "cricontainer",
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
            Vocabulary::closed("state of a container of a runtime", STATES),
        )
        .reading(
            "as the runtime names it, and `removed`; `exited` has the exit code and the reason as details, \
                 `exited/3`, `exited/StartError`",
        )
        .with(Details::Exits),
        LIFECYCLE,
    ]),
    table: TABLE,
    source: Some(Source { follow: cri_followed::container, ..SOCKET }),
    interpret: cri_followed::interpret_container,
};

const TABLE: TableDeclaration = TableDeclaration::of(&[
    NAME,
    Column::path("State", "string", ".status.state"),
    Column::path("Exit", "integer", ".status.exitCode"),
    Column::path("Reason", "string", ".status.reason"),
]);

const STATES: &[&str] = &["created", "running", "unknown", "exited", "removed"];
