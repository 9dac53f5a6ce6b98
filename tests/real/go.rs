//! Suites in Go, against a real API server.

use std::path::Path;
use std::process::Command;

use tempfile::TempDir;

use crate::cluster::{ADMIN, ControlPlane};
use crate::recorder::process::PROGRAM;

/// Runs a command of Go in a folder of the project, and returns what it prints.
///
/// # Panics
/// When it fails.
pub(crate) fn passes(plane: &ControlPlane, folder: &str, arguments: &[&str], environment: &[(&str, &str)]) -> String {
    let artifacts = TempDir::new().expect("a folder");
    let mut go = Command::new("go");
    go.args(arguments).current_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join(folder));
    go.env("STATETRAIL_BIN", PROGRAM).env("KUBECONFIG", plane.kubeconfig(ADMIN)).env("GOWORK", "off");
    go.env("ARTIFACTS", artifacts.path()).env_remove("STATETRAIL_URL").envs(environment.iter().copied());
    let output = go.output().expect("Go is needed for the tests of its client: install it, and put `go` on the PATH");
    let (printed, told) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success(), "{printed}{told}");
    printed.into_owned()
}

/// Runs the specs of the image-pull example that have a label, each of them in a process of its own.
pub(crate) fn image_pull(plane: &ControlPlane, label: &str, processes: usize) -> String {
    let (label, processes) = (format!("--label-filter={label}"), format!("--procs={processes}"));
    let ginkgo = ["tool", "ginkgo", "run", "--no-color", "--timeout=5m", &label, &processes, "./imagepull"];
    passes(plane, "examples/kubevirt", &ginkgo, &[("KUBEVIRT_STATETRAIL", "true")])
}
