//! Runtimes in machines that qemu emulates, because they need another kernel or processor than the one that runs the
//! tests. `tests/run --emulated` builds what they need and runs them; nothing else does.

mod checkpoint;
mod luks;
mod machine;

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

fn statetrail() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_statetrail"));
    // No cluster is needed, and none is looked for.
    command.env_remove("KUBECONFIG").env("HOME", "/nonexistent").stdin(Stdio::null());
    command
}

/// A file of a scenario, with which the default tests judge a recording of the same story.
fn scenario(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/scenarios").join(name)
}

/// The verdicts of a file of expectations on a recording.
fn verdicts(recording: &Path, expectations: &Path) -> String {
    let checked = statetrail().arg("check").arg(recording).arg("-e").arg(expectations).output().unwrap();
    String::from_utf8(checked.stdout).unwrap() + &String::from_utf8(checked.stderr).unwrap()
}

fn is_whole(recording: &Path) -> bool {
    statetrail().arg("verify").arg(recording).output().unwrap().status.success()
}
