//! The real containerd, with everything that it starts in namespaces of its own, so that nothing of it is left.

use crate::cgroup;
use crate::client::Client;
use crate::deadline;
use crate::image::{BUSYBOX, Image, SANDBOX};
use crate::process::{Process, command};
use crate::programs::{is_root, program};
use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

pub(crate) struct Containerd {
    process: Option<Process>,
    folder: tempfile::TempDir,
    pub(crate) client: Client,
    cgroup: String,
}

impl Containerd {
    pub(crate) fn start() -> Self {
        assert!(is_root(), "this test starts containers: run it as root, or leave out the tests of `cri`");
        let folder = tempfile::Builder::new().prefix("statetrail-cri-").tempdir().unwrap();
        let cgroup = folder.path().file_name().unwrap().to_str().unwrap().to_owned();
        let client = Client::new(&folder.path().join("sock"), &format!("/{cgroup}"));
        let mut containerd = Self { process: None, folder, client, cgroup };
        fs::write(containerd.path("config.toml"), containerd.configuration()).unwrap();
        containerd.run();
        containerd.import(&Image::busybox(), BUSYBOX);
        containerd.import(&Image::sandbox(), SANDBOX);
        containerd
    }

    /// Starts it, again after [`kill`](Self::kill): what it had told about is still on the disk.
    pub(crate) fn run(&mut self) {
        let mut unshare = command(Path::new("unshare"));
        unshare.args([
            "--mount",
            "--pid",
            "--fork",
            "--kill-child=KILL",
            "--mount-proc",
            "--propagation=private",
            "--",
        ]);
        // containerd is not the first process: that one buries what loses its parent.
        unshare.args(["bash", "-c", r#""$@" & wait $!"#, "first"]);
        unshare.arg(program("containerd")).arg("--config").arg(self.path("config.toml"));
        let programs = program("containerd");
        let path = std::env::var("PATH").unwrap_or_default();
        unshare.env("PATH", format!("{}:{path}", programs.parent().unwrap().display()));
        let process = Process::start("containerd", unshare, self.path("log"));
        let up = deadline::until(Duration::from_secs(30), || self.ctr(&["version"]).then_some(()));
        assert!(up.is_some(), "containerd did not come up\n{}", process.log_tail());
        self.process = Some(process);
    }

    /// Ends it, and everything that it had started, at once.
    pub(crate) fn kill(&mut self) {
        self.process = None;
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// The group of its pods.
    pub(crate) fn cgroup(&self) -> String {
        format!("/{}", self.cgroup)
    }

    fn import(&self, image: &Image, name: &str) {
        let archive = self.path("image.tar");
        fs::write(&archive, image.docker_archive(&[name])).unwrap();
        let is_imported = self.ctr(&["--namespace", "k8s.io", "images", "import", archive.to_str().unwrap()]);
        assert!(is_imported, "importing {name}");
    }

    fn ctr(&self, args: &[&str]) -> bool {
        let mut ctr = command(&program("ctr"));
        ctr.arg("--address").arg(self.path("sock")).args(args);
        ctr.output().expect("starting ctr").status.success()
    }

    fn configuration(&self) -> String {
        let folder = self.folder.path().display();
        let runc = program("runc");
        let runc = runc.display();
        format!(
            r#"version = 3
root = "{folder}/root"
state = "{folder}/state"
disabled_plugins = ["io.containerd.nri.v1.nri"]
[grpc]
  address = "{folder}/sock"
[ttrpc]
  address = "{folder}/sock.ttrpc"
[plugins."io.containerd.internal.v1.opt"]
  path = "{folder}/opt"
[plugins."io.containerd.cri.v1.images"]
  snapshotter = "native"
[plugins."io.containerd.cri.v1.images".pinned_images]
  sandbox = "{SANDBOX}"
[plugins."io.containerd.cri.v1.runtime"]
  restrict_oom_score_adj = true
[plugins."io.containerd.cri.v1.runtime".cni]
  conf_dir = "{folder}/cni"
[plugins."io.containerd.cri.v1.runtime".containerd.runtimes.runc]
  runtime_type = "io.containerd.runc.v2"
[plugins."io.containerd.cri.v1.runtime".containerd.runtimes.runc.options]
  BinaryName = "{runc}"
  SystemdCgroup = false
"#
        )
    }
}

impl Drop for Containerd {
    fn drop(&mut self) {
        self.kill();
        cgroup::remove(&self.cgroup);
    }
}
