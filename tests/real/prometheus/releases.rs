//! The releases of Prometheus that are tested with.

use std::path::{Path, PathBuf};
use std::process::Command;

/// The folders with the programs of each release.
///
/// # Panics
/// When they are not installed; the message says how to.
pub(super) fn releases() -> Vec<PathBuf> {
    let build = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/prometheus/build");
    let output = Command::new("bash").arg(build).arg("--where").output().expect("bash");
    let told = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "this test needs Prometheus; install it with: tests/prometheus/build\n{told}");
    let folders: Vec<PathBuf> = String::from_utf8_lossy(&output.stdout).lines().map(PathBuf::from).collect();
    assert_eq!(folders.len(), 2, "{folders:?}");
    folders
}
