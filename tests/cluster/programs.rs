//! Where the programs of the cluster are, and whether this process may start a node.
//!
//! `tests/cluster/build` alone knows what is built from what, so it is asked. Nothing is built from here: a
//! test must not take minutes because it was the first.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

/// Whether this process has the rights that a [`Node`](super::Node) needs.
pub(crate) fn is_root() -> bool {
    rustix::process::geteuid().is_root()
}

/// The path of one of the built programs, such as `kubectl`.
///
/// # Panics
/// When it has not been built; the message says how to.
pub(crate) fn program(name: &str) -> PathBuf {
    let path = directory().join(name);
    assert!(path.exists(), "there is no program {name} in {}: run tests/cluster/build", directory().display());
    path
}

/// The directory that holds all of them.
pub(super) fn directory() -> &'static Path {
    static DIRECTORY: OnceLock<Result<PathBuf, String>> = OnceLock::new();
    match DIRECTORY.get_or_init(ask_where) {
        Ok(directory) => directory,
        Err(reason) => {
            panic!("this test needs a real cluster's programs; install them with: tests/cluster/build\n{reason}")
        }
    }
}

fn ask_where() -> Result<PathBuf, String> {
    let build = package().join("tests/cluster/build");
    let output = Command::new("bash")
        .arg(&build)
        .arg("--where")
        .output()
        .map_err(|error| format!("running {}: {error}", build.display()))?;
    if output.status.success() {
        Ok(PathBuf::from(String::from_utf8_lossy(&output.stdout).trim_end()))
    } else {
        Err(String::from_utf8_lossy(&output.stderr).into_owned())
    }
}

/// The package under test: as cargo says it now, or as it was when this was compiled.
fn package() -> PathBuf {
    std::env::var_os("CARGO_MANIFEST_DIR").map_or_else(|| PathBuf::from(env!("CARGO_MANIFEST_DIR")), PathBuf::from)
}
