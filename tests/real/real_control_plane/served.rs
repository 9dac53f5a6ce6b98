//! A running `statetrail serve` of the pods of a control plane.

use std::time::Duration;

use tempfile::TempDir;

use crate::cluster::{ADMIN, ControlPlane, deadline};
use crate::recorder::process::Recorder;

/// Starts it with more arguments, and returns it once it has attached, with its address.
pub(super) fn served(plane: &ControlPlane, more: &[&str]) -> (Recorder, String) {
    let files = TempDir::new().expect("a folder");
    let output = files.path().join("run.jsonl").display().to_string();
    let own = ["serve", "pods", "-o", &output, "--listen", "127.0.0.1:0"];
    let recorder = Recorder::spawn(&plane.kubeconfig(ADMIN), &[&own[..], more].concat(), files);
    let url = deadline::until(Duration::from_mins(1), || recorder.printed().lines().next().map(str::to_owned));
    let url = url.unwrap_or_else(|| panic!("no address\n{}", recorder.told()));
    recorder.await_told("attached: ");
    (recorder, url)
}
