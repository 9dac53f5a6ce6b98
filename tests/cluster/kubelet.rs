//! The kubelet of one node: started, killed, frozen and started again with the same state.
//!
//! Its timings are those that a kubelet has by default, because they are what a watcher of pods sees. What is
//! switched off is what would reach outside the node's folder (iptables, swap and eviction by the machine's own
//! fill), or what the machine cannot do.

use std::process::Command;

use serde_json::{Map, Value, json};

use super::certificates::Certified;
use super::folder::Folder;
use super::namespaces::Namespaces;
use super::process::Process;
use super::programs::program;
use super::reserved::Reserved;

/// What a kubelet needs to know of the others.
pub(super) struct Settings<'a> {
    pub(super) node: &'a str,
    pub(super) kubeconfig: String,
    pub(super) ca: String,
    pub(super) serving: Certified,
    pub(super) runtime_endpoint: String,
    pub(super) feature_gates_flag: Option<String>,
    pub(super) overrides: Map<String, Value>,
}

pub(super) struct Kubelet {
    process: Process,
    arguments: Vec<String>,
    _port: Reserved,
}

impl Kubelet {
    pub(super) fn start(folder: &Folder, namespaces: &Namespaces, settings: Settings<'_>) -> Self {
        let port = Reserved::port();
        let config = folder.write("kubelet.json", configuration(folder, port.number(), &settings).to_string());
        let mut arguments = vec![
            format!("--config={}", config.display()),
            format!("--kubeconfig={}", settings.kubeconfig),
            format!("--hostname-override={}", settings.node),
            format!("--root-dir={}", folder.directory("kubelet").display()),
        ];
        arguments.extend(settings.feature_gates_flag);
        let process = launch(folder, namespaces, &arguments);
        Self { process, arguments, _port: port }
    }

    /// Kills it if it runs, and starts it again as it was.
    pub(super) fn restart(&mut self, folder: &Folder, namespaces: &Namespaces) {
        self.process.kill();
        self.process = launch(folder, namespaces, &self.arguments);
    }

    pub(super) fn process(&mut self) -> &mut Process {
        &mut self.process
    }
}

fn launch(folder: &Folder, namespaces: &Namespaces, arguments: &[String]) -> Process {
    let mut kubelet: Command = namespaces.command(&program("kubelet"));
    kubelet.args(arguments);
    Process::start("kubelet", kubelet, folder.entry("kubelet.log"))
}

fn configuration(folder: &Folder, port: u32, settings: &Settings<'_>) -> Value {
    // Pods ask this name server, which is not there: nothing of theirs leaves the machine.
    let resolver = folder.write("resolv.conf", "nameserver 127.0.0.1\n");
    let certificate = folder.write("kubelet-serving.crt", &settings.serving.certificate);
    let key = folder.write("kubelet-serving.key", &settings.serving.key);
    let mut configuration = json!({
        "apiVersion": "kubelet.config.k8s.io/v1beta1",
        "kind": "KubeletConfiguration",
        "port": port,
        "readOnlyPort": 0,
        "healthzPort": 0,
        "tlsCertFile": certificate,
        "tlsPrivateKeyFile": key,
        "authentication": {
            "anonymous": {"enabled": false},
            "webhook": {"enabled": false},
            "x509": {"clientCAFile": settings.ca},
        },
        "authorization": {"mode": "AlwaysAllow"},
        "containerRuntimeEndpoint": settings.runtime_endpoint,
        "cgroupDriver": "cgroupfs",
        "cgroupRoot": format!("/{}", folder.name()),
        "enforceNodeAllocatable": [],
        "failCgroupV1": false,
        "failSwapOn": false,
        "makeIPTablesUtilChains": false,
        "resolvConf": resolver,
        "clusterDNS": ["127.0.0.1"],
        "clusterDomain": "cluster.local",
        "podLogsDir": folder.directory("pod-logs"),
        "imageGCHighThresholdPercent": 100,
        "evictionHard": {
            "memory.available": "1Mi",
            "nodefs.available": "0%",
            "nodefs.inodesFree": "0%",
            "imagefs.available": "0%",
        },
    });
    let object = configuration.as_object_mut().expect("the configuration is an object");
    object.extend(settings.overrides.clone());
    configuration
}
