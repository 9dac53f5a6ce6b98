//! pool.kubevirt.io `VirtualMachinePool`: how many virtual machines are desired, exist and are ready.
//!
//! The shape is that of KubeVirt, staging/src/kubevirt.io/api/pool/v1beta1/types.go; names, versions and columns are
//! those of pkg/virt-operator/resource/generate/components/crds.go.

use super::declaration::{Kind, Naming};
use super::replicas;

pub(super) const KIND: Kind = Kind {
    kind: "VirtualMachinePool",
    about: "A number of VirtualMachines that are made from one template.",
    example: "vmpool/web ready: ... -> 3 -> ...",
    plural: "virtualmachinepools",
    singular: "virtualmachinepool",
    short: &["vmpool", "vmpools"],
    display: "vmpool",
    group: "pool.kubevirt.io",
    also_in: &[],
    versions: &["v1beta1", "v1alpha1"],
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
