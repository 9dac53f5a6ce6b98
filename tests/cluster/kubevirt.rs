//! KubeVirt's kinds, as far as a watcher sees them: small CRDs of our own, without KubeVirt's controllers.
//!
//! They keep every field and check none. Statuses are written by the tests as KubeVirt's controllers would write them
//! ([`Client::write_status`]).

use super::client::Client;

/// The CRDs, as YAML: VirtualMachine (vm), VirtualMachineInstance (vmi), VirtualMachineInstanceMigration
/// (vmim), DataVolume (dv).
pub(crate) fn kubevirt_crds() -> &'static str {
    include_str!("kubevirt-crds.yaml")
}

impl Client {
    /// Applies [`kubevirt_crds`], and returns once their kinds are served.
    ///
    /// # Panics
    /// When they are not within a minute.
    pub(crate) fn install_kubevirt_crds(&self) {
        self.apply(kubevirt_crds());
        self.kubectl_with_input(
            &["wait", "--for=condition=Established", "--timeout=60s", "--filename=-"],
            kubevirt_crds(),
        );
    }
}
