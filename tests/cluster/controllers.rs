//! kube-controller-manager and kube-scheduler of one control plane.
//!
//! They act as the cluster's administrator, for brevity: what a controller may do is not what is tested here.
//! They elect leaders, though nobody opposes them, because the leases that this renews are part of a real
//! cluster's traffic.

use std::time::Duration;

use super::client::ADMIN;
use super::control_plane::ControlPlane;
use super::process::{Process, command};
use super::programs::program;

const STOP_BOUND: Duration = Duration::from_secs(5);

pub(super) struct Controllers {
    scheduler: Process,
    controller_manager: Process,
}

impl Controllers {
    /// Starts both, and waits for their first deed: the default service account, without which no pod is admitted.
    pub(super) fn start(plane: &ControlPlane) -> Result<Self, String> {
        let folder = &plane.shared().folder;
        let kubeconfig = format!("--kubeconfig={}", plane.kubeconfig(ADMIN).display());
        let mut scheduler = command(&program("kube-scheduler"));
        scheduler.arg(&kubeconfig).arg("--secure-port=0").args(plane.options().feature_gates_flag());
        let mut manager = command(&program("kube-controller-manager"));
        manager
            .arg(&kubeconfig)
            .arg("--secure-port=0")
            .arg(format!("--service-account-private-key-file={}", folder.entry("service-accounts.key").display()))
            .arg(format!("--root-ca-file={}", folder.entry("ca.crt").display()))
            .args(plane.options().feature_gates_flag())
            .args(plane.options().controller_flags());
        let controllers = Self {
            scheduler: Process::start("kube-scheduler", scheduler, folder.entry("kube-scheduler.log")),
            controller_manager: Process::start(
                "kube-controller-manager",
                manager,
                folder.entry("kube-controller-manager.log"),
            ),
        };
        let account = plane.kubectl(&["wait", "--for=create", "serviceaccount/default", "--timeout=60s"]);
        if account.status.success() {
            Ok(controllers)
        } else {
            let said = String::from_utf8_lossy(&account.stderr).into_owned();
            Err(format!(
                "the controllers made no default service account: {said}\n{}",
                controllers.controller_manager.log_tail()
            ))
        }
    }
}

impl Drop for Controllers {
    fn drop(&mut self) {
        self.scheduler.stop(STOP_BOUND);
        self.controller_manager.stop(STOP_BOUND);
    }
}
