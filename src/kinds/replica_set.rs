//! kubevirt.io `VirtualMachineInstanceReplicaSet`: how many instances are desired, exist and are ready.
//!
//! The shape is that of KubeVirt, staging/src/kubevirt.io/api/core/v1/types.go; names and columns are those of
//! pkg/virt-operator/resource/generate/components/crds.go.

use super::declaration::{Kind, Naming};
use super::replicas;

pub(super) const KIND: Kind = Kind {
    kind: "VirtualMachineInstanceReplicaSet",
    about: "A number of VirtualMachineInstances that are made from one template.",
    example: "vmirs/web current: never >5",
    plural: "virtualmachineinstancereplicasets",
    singular: "virtualmachineinstancereplicaset",
    short: &["vmirs", "vmirss"],
    display: "vmirs",
    group: "kubevirt.io",
    also_in: &[],
    versions: &["v1"],
    namespaced: true,
    naming: Naming::Subdomain,
    default: false,
    kept: replicas::KEPT,
    fields: &[],
    owners: &[],
    undeclared_owners: &[],
    role: replicas::ROLE,
    table: replicas::TABLE,
    source: None,
    interpret: |object| replicas::read(object, KIND.kind),
};
