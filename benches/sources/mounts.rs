//! Mounts and unmounts of a filesystem in memory, in a mount namespace of their own.

use super::{FOR, Recorder};
use std::fs;
use std::io::Write as _;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// Mounts in a minute, each of which is unmounted.
const A_MINUTE: u32 = 5_000;

pub(super) fn measure(folder: &Path) {
    let place = folder.join("mnt");
    fs::create_dir_all(&place).expect("a folder");
    let mut shell = shell(&folder.join("inside"));
    let recorder = Recorder::start(folder, &format!("mounts:/proc/{}", shell.id()));
    recorder.measure("mounts and unmounts", || mount(&mut shell, &place));
    drop(shell.stdin.take());
    assert!(shell.wait().expect("it ends").success(), "something could not be mounted or unmounted");
}

/// A shell in a namespace of its own, which ends with its input, or where a command fails.
fn shell(inside: &Path) -> Child {
    let mut command = Command::new("unshare");
    let mut shell = command
        .args(["--mount", "--propagation", "private", "sh", "-e"])
        .stdin(Stdio::piped())
        .spawn()
        .expect("unshare");
    writeln!(shell.stdin.as_mut().expect("a pipe"), "touch {}", inside.display()).expect("it reads");
    while !inside.exists() {
        std::thread::sleep(Duration::from_millis(10));
    }
    shell
}

/// One after another, at the pace; returns how many mounts and unmounts there were.
#[expect(clippy::disallowed_methods, reason = "a benchmark measures time")]
fn mount(shell: &mut Child, place: &Path) -> u32 {
    let (begun, place) = (Instant::now(), place.display());
    let input = shell.stdin.as_mut().expect("a pipe");
    let mut mounted = 0;
    loop {
        let at = Duration::from_mins(1) * mounted / A_MINUTE;
        if at >= FOR {
            return 2 * mounted;
        }
        std::thread::sleep((begun + at).saturating_duration_since(Instant::now()));
        writeln!(input, "mount -t tmpfs t {place}; umount {place}").expect("it reads");
        mounted += 1;
    }
}
