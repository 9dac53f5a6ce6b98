//! A real node: containerd and a kubelet, registered with a control plane and ready for pods. Needs root.
//!
//! Ending it is like cutting its power: everything that ran on it is gone at once, and what the cluster makes
//! of that is left to the cluster. Pods that should end in an orderly way are deleted by the test before.

use std::path::Path;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use rustix::process::Signal;
use serde_json::{Map, Value};

use super::cgroup::Cgroup;
use super::client::ADMIN;
use super::containerd::Containerd;
use super::control_plane::ControlPlane;
use super::deadline;
use super::folder::Folder;
use super::image::Image;
use super::kubelet::{Kubelet, Settings};
use super::namespaces::Namespaces;
use super::network::Network;
use super::programs::is_root;

const READY_BOUND: Duration = Duration::from_mins(2);

/// How a node is started. Built by its methods from [`Options::default`].
#[derive(Clone, Debug, Default)]
pub(crate) struct Options {
    name: Option<String>,
    kubelet: Map<String, Value>,
}

impl Options {
    /// The node's name; `node-1` unless said otherwise. Two nodes of one control plane need two names.
    #[must_use]
    pub(crate) fn name(mut self, name: &str) -> Self {
        self.name = Some(name.to_owned());
        self
    }

    /// Sets a field of the `KubeletConfiguration`. It wins over the harness's own.
    #[must_use]
    pub(crate) fn kubelet(mut self, field: &str, value: Value) -> Self {
        self.kubelet.insert(field.to_owned(), value);
        self
    }
}

/// A running node. It is to be dropped before its control plane is.
pub(crate) struct Node {
    name: String,
    // In the order in which they are to end: with the namespaces goes everything inside, and the next two only
    // have to be waited for.
    namespaces: Namespaces,
    kubelet: Mutex<Kubelet>,
    containerd: Containerd,
    _network: Network,
    _cgroup: Cgroup,
    folder: Folder,
}

impl Node {
    /// Starts it, and returns once the control plane says that it is ready.
    ///
    /// # Panics
    /// Without root; on a control plane without controllers; when something does not come up, with the end of
    /// its log.
    pub(crate) fn start(plane: &ControlPlane, options: Options) -> Self {
        assert!(is_root(), "a node needs root: run this test as root, or leave it out by name");
        assert!(
            plane.options().has_controllers(),
            "a node needs controllers: start its control plane with Options::with_controllers"
        );
        let node = Self::launch(plane, options).unwrap_or_else(|failure| panic!("{failure}"));
        node.await_ready(plane);
        node
    }

    fn launch(plane: &ControlPlane, options: Options) -> Result<Self, String> {
        let folder = Folder::new();
        let name = options.name.unwrap_or_else(|| "node-1".to_owned());
        let cgroup = Cgroup::new(folder.name());
        let network = Network::new(&folder);
        let namespaces = Namespaces::start(&folder)?;
        let containerd = Containerd::start(&folder, &namespaces)?;
        let settings = Settings {
            node: &name,
            kubeconfig: plane.kubeconfig(ADMIN).display().to_string(),
            ca: plane.shared().folder.entry("ca.crt").display().to_string(),
            serving: plane.shared().authority.server(&name),
            runtime_endpoint: containerd.endpoint(),
            feature_gates_flag: plane.options().feature_gates_flag(),
            overrides: options.kubelet,
        };
        let kubelet = Mutex::new(Kubelet::start(&folder, &namespaces, settings));
        Ok(Self { name, namespaces, kubelet, containerd, _network: network, _cgroup: cgroup, folder })
    }

    /// The node's name in the cluster.
    pub(crate) fn name(&self) -> &str {
        &self.name
    }

    /// The folder that holds everything of the node, until it is dropped.
    pub(crate) fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// Ends the kubelet at once (SIGKILL). Containers go on.
    pub(crate) fn kill_kubelet(&self) {
        self.kubelet().process().kill();
    }

    /// Starts the kubelet again with its state; one that still runs is killed first. Does not wait: `kubectl
    /// wait` does.
    pub(crate) fn restart_kubelet(&self) {
        self.kubelet().restart(&self.folder, &self.namespaces);
    }

    /// Stops the kubelet's clock (SIGSTOP).
    pub(crate) fn freeze_kubelet(&self) {
        self.kubelet().process().signal(Signal::STOP);
    }

    /// Lets a frozen kubelet go on.
    pub(crate) fn thaw_kubelet(&self) {
        self.kubelet().process().signal(Signal::CONT);
    }

    /// Gives the node busybox under one more name, as if it had been pulled.
    ///
    /// # Panics
    /// When containerd refuses.
    pub(crate) fn add_image(&self, name: &str) {
        self.containerd.import(&self.folder, &Image::busybox(), name).unwrap_or_else(|failure| panic!("{failure}"));
    }

    /// Takes an image's name away.
    ///
    /// # Panics
    /// When containerd refuses.
    pub(crate) fn remove_image(&self, name: &str) {
        self.containerd.remove(name).unwrap_or_else(|failure| panic!("{failure}"));
    }

    fn await_ready(&self, plane: &ControlPlane) {
        let path = "jsonpath={.status.conditions[?(@.type==\"Ready\")].status}";
        let ready = deadline::until(READY_BOUND, || {
            if self.kubelet().process().exited().is_some() {
                return Some(false);
            }
            (plane.kubectl(&["get", "node", &self.name, "--output", path]).stdout == b"True").then_some(true)
        });
        let logs = || format!("{}{}", self.containerd.log_tail(), self.kubelet().process().log_tail());
        assert!(ready == Some(true), "the node {} did not become ready within {READY_BOUND:?}\n{}", self.name, logs());
    }

    fn kubelet(&self) -> MutexGuard<'_, Kubelet> {
        self.kubelet.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
