//! The Go client against a real API server, by its own suite.

use crate::cluster::{ADMIN, ControlPlane, Options};
use crate::recorder::process::PROGRAM;
use std::path::Path;
use std::process::Command;

#[test]
fn the_go_client_passes_its_suite() {
    let plane = ControlPlane::start(Options::default());
    plane.install_kubevirt_crds();
    let artifacts = tempfile::tempdir().expect("a folder");
    let mut go = Command::new("go");
    go.args(["test", "-count=1", "-timeout=5m", "./..."]);
    go.current_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("clients/go/e2e"));
    go.env("STATETRAIL_BIN", PROGRAM).env("KUBECONFIG", plane.kubeconfig(ADMIN)).env("GOWORK", "off");
    go.env("ARTIFACTS", artifacts.path()).env_remove("STATETRAIL_URL");
    let output = go.output().expect("Go is needed for the tests of its client: install it, and put `go` on the PATH");
    let (printed, told) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success(), "{printed}{told}");
    assert!(printed.contains("ok"), "{printed}{told}");
}
