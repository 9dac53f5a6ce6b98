//! Kinds declare themselves and read the states of their tracks from stored objects: one file per kind, without I/O.
//!
//! Adding a kind is one file here, its line in the registry, and one scenario under `tests/scenarios`.

mod block_device;
mod call;
mod clone;
mod conditions;
mod container;
mod cri_call;
mod cri_container;
mod cri_event;
mod cri_followed;
mod cri_sandbox;
mod custom;
mod data_volume;
mod declaration;
mod definitions;
mod deployment;
mod directory;
mod directory_event;
mod event;
mod event_table;
mod export;
mod followed;
mod generic;
mod interpretation;
mod job;
mod lapse;
mod libpod_call;
mod metadata;
mod migration;
mod mount;
mod mount_event;
mod node;
mod parts;
mod persistent_volume_claim;
mod phased;
mod pod;
mod pod_object;
mod pod_status;
mod pod_table;
mod podman_container;
mod podman_event;
mod podman_image;
mod podman_object;
mod podman_pod;
mod podman_volume;
mod pool;
mod printed;
mod printer;
mod registry;
mod replica_set;
mod replicas;
mod restore;
mod runc_container;
mod runc_event;
mod snapshot;
mod table;
mod template;
mod text;
mod tracks;
mod uevent;
mod virtual_machine;
mod virtual_machine_instance;

pub(crate) use call::Progress as CallProgress;
pub(crate) use cri_call::{Call as CriCall, GROUP as CRI_CALLS, Mounts as CriMounts};
pub(crate) use cri_event::{Did as CriDid, Event as CriEvent, State as CriState};
pub(crate) use cri_sandbox::PLURAL as CRI_SANDBOXES;
pub use definitions::Definitions;
pub(crate) use directory::PLURAL as DIRECTORIES;
pub(crate) use directory_event::{Did as DirectoryDid, Event as DirectoryEvent};
pub(crate) use event::{PAST, REASON};
pub use interpretation::{Error, Evidence, Involved};
pub(crate) use libpod_call::{Call as LibpodCall, GROUP as LIBPOD_CALLS, OBJECTS as LIBPOD_OBJECTS};
pub(crate) use metadata::{deletion, has_exit_codes, has_reasons};
pub(crate) use mount_event::{
    By as MountBy, Did as MountDid, Event as MountEvent, Holder as MountHolder, Mounted, Release as MountRelease,
};
pub(crate) use podman_event::{
    CREATE as PODMAN_CREATE, Event as PodmanEvent, FOUND as PODMAN_FOUND, REMOVE as PODMAN_REMOVE,
};
pub(crate) use printer::Printer;
pub(crate) use registry::{
    check_name, displayed, follow, is_evidence, is_named, is_named_by_place, is_of_source, listed, of_source, owners,
    owns, proxied, served, sources, tracks, with_slashes,
};
pub(crate) use runc_event::{Did as RuncDid, Event as RuncEvent, Freezer as RuncFreezer, What as RuncWhat};
pub(crate) use table::{BUILT_IN, CUSTOM};
pub(crate) use uevent::{Did as DeviceDid, Event as DeviceEvent};

// Not part of the API: for the tests and benchmarks of this repository.
#[doc(hidden)]
pub use declaration::{Details, Follow, Followed, Kind, Naming, Role, Source, TrackDeclaration, Unknown, Vocabulary};
#[doc(hidden)]
pub use interpretation::{Deletion, Interpretation, Interpreter};
#[doc(hidden)]
pub use printed::Printed;
#[doc(hidden)]
pub use registry::{admit, all, named, of, of_kind, shape};
#[doc(hidden)]
pub use table::{Cell, Column, Completion, TableDeclaration};
