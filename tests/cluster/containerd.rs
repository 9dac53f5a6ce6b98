//! The container runtime of one node: containerd, with everything that it keeps in the node's folder.
//!
//! Images are put into it by hand (there is no registry unless a test starts one). It copies layers instead of
//! stacking them, which works on every file system and costs nothing with images this small.

use std::process::Output;
use std::time::Duration;

use super::deadline;
use super::folder::Folder;
use super::image::{BUSYBOX, Image, SANDBOX, architecture};
use super::namespaces::Namespaces;
use super::process::{Process, command};
use super::programs::{directory, program};

const START_BOUND: Duration = Duration::from_secs(30);

pub(super) struct Containerd {
    process: Process,
    socket: String,
}

impl Containerd {
    /// Starts it, and returns once it has the two images that every node needs. The error is what it logged.
    pub(super) fn start(folder: &Folder, namespaces: &Namespaces) -> Result<Self, String> {
        let socket = folder.entry("containerd/containerd.sock").display().to_string();
        let config = folder.write("containerd/config.toml", configuration(folder, &socket));
        let mut containerd = namespaces.command(&program("containerd"));
        // It looks for its shim on the PATH.
        let path = std::env::var("PATH").unwrap_or_default();
        containerd.arg("--config").arg(config).env("PATH", format!("{}:{path}", directory().display()));
        let process = Process::start("containerd", containerd, folder.entry("containerd.log"));
        let mut containerd = Self { process, socket };
        let up = deadline::until(START_BOUND, || {
            let ended = containerd.process.exited().map(|_| false);
            ended.or_else(|| containerd.ctr(&["version"]).status.success().then_some(true))
        });
        if up != Some(true) {
            return Err(format!("containerd did not come up\n{}", containerd.log_tail()));
        }
        containerd.import(folder, &Image::busybox(), BUSYBOX)?;
        containerd.import(folder, &Image::sandbox(), SANDBOX)?;
        Ok(containerd)
    }

    /// Gives it an image under a name, as if it had been pulled.
    pub(super) fn import(&self, folder: &Folder, image: &Image, name: &str) -> Result<(), String> {
        let archive = folder.write("image.tar", image.docker_archive(&[name]));
        let import = self.ctr(&["images", "import", "--no-unpack", &archive.display().to_string()]);
        succeeded(&import).map_err(|said| format!("importing the image {name}: {said}\n{}", self.log_tail()))
    }

    /// Takes an image away.
    pub(super) fn remove(&self, name: &str) -> Result<(), String> {
        succeeded(&self.ctr(&["images", "remove", "--sync", name]))
            .map_err(|said| format!("removing the image {name}: {said}"))
    }

    /// How the kubelet is told of it.
    pub(super) fn endpoint(&self) -> String {
        format!("unix://{}", self.socket)
    }

    pub(super) fn log_tail(&self) -> String {
        self.process.log_tail()
    }

    fn ctr(&self, args: &[&str]) -> Output {
        let mut ctr = command(&program("ctr"));
        ctr.args(["--address", &self.socket, "--namespace", "k8s.io"]).args(args);
        ctr.output().expect("starting ctr")
    }
}

fn succeeded(output: &Output) -> Result<(), String> {
    if output.status.success() { Ok(()) } else { Err(String::from_utf8_lossy(&output.stderr).into_owned()) }
}

fn configuration(folder: &Folder, socket: &str) -> String {
    let path = |name: &str| folder.directory(name).display().to_string();
    let (root, state, hosts, cni, opt) = (
        path("containerd/root"),
        path("containerd/state"),
        path("containerd/hosts"),
        path("cni"),
        path("containerd/opt"),
    );
    let (runc, plugins) = (program("runc").display().to_string(), program("cni").display().to_string());
    let platform = format!("linux/{}", architecture());
    // A container may not be given a lower OOM score than containerd's own here: that takes a capability that
    // machines for tests often lack.
    format!(
        r#"version = 3
root = "{root}"
state = "{state}"
disabled_plugins = ["io.containerd.nri.v1.nri"]
[grpc]
  address = "{socket}"
[ttrpc]
  address = "{socket}.ttrpc"
[plugins."io.containerd.internal.v1.opt"]
  path = "{opt}"
[plugins."io.containerd.cri.v1.images"]
  snapshotter = "native"
[plugins."io.containerd.cri.v1.images".pinned_images]
  sandbox = "{SANDBOX}"
[plugins."io.containerd.cri.v1.images".registry]
  config_path = "{hosts}"
[plugins."io.containerd.cri.v1.runtime"]
  restrict_oom_score_adj = true
  netns_mounts_under_state_dir = true
[plugins."io.containerd.cri.v1.runtime".cni]
  bin_dirs = ["{plugins}"]
  conf_dir = "{cni}"
  use_internal_loopback = true
[plugins."io.containerd.cri.v1.runtime".containerd.runtimes.runc]
  runtime_type = "io.containerd.runc.v2"
[plugins."io.containerd.cri.v1.runtime".containerd.runtimes.runc.options]
  BinaryName = "{runc}"
  SystemdCgroup = false
[[plugins."io.containerd.transfer.v1.local".unpack_config]]
  platform = "{platform}"
  snapshotter = "native"
"#
    )
}
