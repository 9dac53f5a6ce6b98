//! The pod network of one node: a subnet, a CNI configuration, and a route that keeps its packets on this machine.
//!
//! Pods hang on point-to-point links (CNI's `ptp`), which vanish with them; a bridge would stay behind a killed
//! test. Probes and `kubectl exec` reach pods that way; pods reach neither each other nor the world, which no
//! test of a watcher needs.
//!
//! A packet to a pod that is just gone must not leave the machine by the default route, so the whole subnet is
//! unreachable wherever no pod is.

use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};

use serde_json::json;

use super::folder::Folder;
use super::reserved::Reserved;

/// Where the subnet is noted, for whoever cleans up after a killed test.
const NOTE: &str = "subnet";

pub(super) struct Network {
    subnet: String,
    _reserved: Reserved,
}

impl Network {
    /// Reserves a subnet and writes the configuration into the folder's `cni` directory.
    pub(super) fn new(folder: &Folder) -> Self {
        // Taken is also what has a route already: a test with other temporary files may live there.
        let reserved = Reserved::subnet(|number| route("add", &subnet(number)));
        let subnet = subnet(reserved.number());
        folder.write(NOTE, &subnet);
        let leases = folder.directory("cni-leases");
        let plugin = json!({
            "type": "ptp",
            "ipMasq": false,
            "ipam": {"type": "host-local", "subnet": subnet, "dataDir": leases, "routes": [{"dst": "0.0.0.0/0"}]},
        });
        let list = json!({"cniVersion": "1.0.0", "name": "statetrail", "plugins": [plugin]});
        folder.write("cni/10-pods.conflist", list.to_string());
        Self { subnet, _reserved: reserved }
    }
}

impl Drop for Network {
    fn drop(&mut self) {
        route("del", &self.subnet);
    }
}

/// Removes the route of a node whose folder was left behind.
pub(super) fn forget(folder: &Path) {
    if let Ok(subnet) = fs::read_to_string(folder.join(NOTE)) {
        route("del", &subnet);
    }
}

/// A part of 198.18.0.0/15, the range that RFC 2544 sets aside for tests.
fn subnet(number: u32) -> String {
    format!("198.{}.{}.0/24", 18 + number / 256, number % 256)
}

/// The links of pods that are there have routes of their own, which are narrower.
fn route(verb: &str, subnet: &str) -> bool {
    let mut ip = Command::new("ip");
    ip.args(["route", verb, "unreachable", subnet, "metric", "4096"]).stdout(Stdio::null()).stderr(Stdio::null());
    ip.status().is_ok_and(|status| status.success())
}
