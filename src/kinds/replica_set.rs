//! kubevirt.io `VirtualMachineInstanceReplicaSet`: how many instances are desired, exist and are ready.
//!
//! The shape is that of KubeVirt, staging/src/kubevirt.io/api/core/v1/types.go; names and columns are those of
//! pkg/virt-operator/resource/generate/components/crds.go.

use super::declaration::Kind;
use super::replicas;

pub(super) const KIND: Kind = Kind {
    kind: "VirtualMachineInstanceReplicaSet",
    plural: "virtualmachineinstancereplicasets",
    singular: "virtualmachineinstancereplicaset",
    short: &["vmirs", "vmirss"],
    display: "vmirs",
    group: "kubevirt.io",
    also_in: &[],
    versions: &["v1"],
    namespaced: true,
    default: false,
    kept: replicas::KEPT,
    fields: &[],
    owners: &[],
    undeclared_owners: &[],
    role: replicas::ROLE,
    interpret: |object| replicas::read(object, KIND.kind),
};
