//! The process and mount namespaces in which a node lives, so that its end leaves nothing behind.
//!
//! containerd's shims and the containers detach themselves from whoever started them, and kubelet and runc
//! mount things all over. In a process namespace of its own all of that ends with the namespace's first
//! process, in a mount namespace of its own all mounts go with it: also when the test is killed, when no
//! cleaning up is possible.
//!
//! The network namespace is the machine's, because the API server and the tests' registries listen on its
//! loopback. The few fixed paths that node programs write to are private too, and so are the kernel settings
//! that a kubelet changes.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use super::deadline;
use super::folder::Folder;
use super::process::{Process, command};

/// The namespace's first process: it prepares the mounts, then adopts and buries whatever loses its parent.
const FIRST: &str = r#"
set -e
private=$1
for path in /var/lib/cni /var/log/containers /run/containerd; do
  mkdir -p "$path" "$private$path"
  mount --bind "$private$path" "$path"
done
for setting in vm/overcommit_memory vm/panic_on_oom kernel/panic kernel/panic_on_oops \
    kernel/keys/root_maxkeys kernel/keys/root_maxbytes net/ipv4/ip_forward; do
  [ -e "/proc/sys/$setting" ] || continue
  mkdir -p "$private/sys/${setting%/*}"
  cat "/proc/sys/$setting" >"$private/sys/$setting"
  mount --bind "$private/sys/$setting" "/proc/sys/$setting"
done
mount --make-rshared /
: >"$private/ready"
while :; do
  sleep 3600 &
  wait $!
done
"#;

/// Dropping it ends every process inside, at once.
pub(super) struct Namespaces {
    first: Process,
}

impl Namespaces {
    /// Makes them, and returns once the mounts are prepared. The error is what was said.
    pub(super) fn start(folder: &Folder) -> Result<Self, String> {
        let private = folder.directory("private");
        let mut unshare = command(Path::new("unshare"));
        unshare
            .args(["--mount", "--pid", "--fork", "--kill-child=KILL", "--mount-proc", "--propagation=private"])
            .args(["--", "bash", "-c", FIRST, "node"])
            .arg(&private);
        let mut first = Process::start("the node's first process", unshare, folder.entry("namespaces.log"));
        let ready = deadline::until(Duration::from_secs(20), || {
            first.exited().map(|_| false).or_else(|| private.join("ready").exists().then_some(true))
        });
        if ready == Some(true) {
            Ok(Self { first })
        } else {
            Err(format!("no namespaces for a node\n{}", first.log_tail()))
        }
    }

    /// As [`command`], to be run inside.
    pub(super) fn command(&self, program: &Path) -> Command {
        let mut nsenter = command(Path::new("nsenter"));
        nsenter
            .arg(format!("--mount={}", self.namespace("mnt").display()))
            .arg(format!("--pid={}", self.namespace("pid_for_children").display()))
            .arg("--")
            .arg(program);
        nsenter
    }

    fn namespace(&self, kind: &str) -> PathBuf {
        PathBuf::from(format!("/proc/{}/ns/{kind}", self.first.id()))
    }
}
