//! A running `statetrail replay --listen`, and kubectl before it.

use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Command, Output, Stdio};

use rustix::process::{Pid, Signal, kill_process};
use tempfile::TempDir;

use crate::cluster::deadline;
use crate::recorder::process::PROGRAM;

/// A recording of a real cluster: a VM whose container disk cannot be pulled, and three pods.
pub(crate) fn story() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("assets/image-pull.jsonl.zst")
}

pub(crate) struct Replay {
    child: Child,
    url: String,
    folder: TempDir,
}

impl Replay {
    /// Replays a recording.
    ///
    /// # Panics
    /// When it does not start.
    pub(crate) fn of(recording: &Path, flags: &[&str]) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let mut command = Command::new(PROGRAM);
        command.arg("replay").arg(recording).args(["--listen", "127.0.0.1:0", "--kubeconfig-out"]);
        command.arg(folder.path().join("kubeconfig")).args(flags);
        let mut child = command.stdout(Stdio::piped()).spawn().expect("the program");
        let mut url = String::new();
        let out = child.stdout.take().expect("a pipe");
        BufReader::new(out).read_line(&mut url).expect("its address");
        assert!(url.starts_with("http://127.0.0.1:"), "{url}");
        Self { child, url: url.trim().to_owned(), folder }
    }

    pub(crate) fn kubeconfig(&self) -> PathBuf {
        self.folder.path().join("kubeconfig")
    }

    /// Moves it, as curl does; returns where it is then.
    pub(crate) fn act(&self, action: &str) -> serde_json::Value {
        let output =
            Command::new("curl").args(["-sS", "-X", "POST"]).arg(format!("{}/replay/{action}", self.url)).output();
        let output = output.expect("curl, which tests/run installs");
        serde_json::from_slice(&output.stdout).unwrap_or_else(|error| panic!("{action}: {error}: {output:?}"))
    }

    pub(crate) fn position(&self) -> serde_json::Value {
        let output = Command::new("curl").arg("-sS").arg(format!("{}/replay", self.url)).output();
        serde_json::from_slice(&output.expect("curl, which tests/run installs").stdout).expect("a position")
    }

    /// Waits until all of the recording was played.
    pub(crate) fn await_end(&self) {
        let over = || (self.position()["state"] == "ended").then_some(());
        let ended = deadline::until(std::time::Duration::from_secs(20), over);
        assert!(ended.is_some(), "{}", self.position());
    }

    /// A command of this kubectl.
    pub(crate) fn kubectl(&self, kubectl: &Path, arguments: &[&str]) -> Command {
        let mut command = Command::new(kubectl);
        command.args(arguments).env("KUBECONFIG", self.kubeconfig()).env("HOME", self.folder.path());
        command
    }

    /// What kubectl prints.
    ///
    /// # Panics
    /// When it fails.
    pub(crate) fn prints(&self, kubectl: &Path, arguments: &[&str]) -> String {
        let Output { status, stdout, stderr } = self.kubectl(kubectl, arguments).output().expect("kubectl");
        let told = String::from_utf8_lossy(&stderr);
        assert!(status.success(), "kubectl {}: {told}", arguments.join(" "));
        String::from_utf8_lossy(&stdout).into_owned() + &told
    }

    /// Starts kubectl, and waits until it watches.
    pub(crate) fn watching(&self, kubectl: &Path, arguments: &[&str]) -> Watching {
        let before = self.position()["watches"].as_u64();
        let mut command = self.kubectl(kubectl, arguments);
        let child =
            command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("kubectl");
        let open = deadline::until(std::time::Duration::from_secs(20), || {
            (self.position()["watches"].as_u64() > before).then_some(())
        });
        assert!(open.is_some(), "kubectl {} does not watch", arguments.join(" "));
        Watching { stdin: None, child }
    }
}

impl Drop for Replay {
    fn drop(&mut self) {
        let process = i32::try_from(self.child.id()).ok().and_then(Pid::from_raw).expect("an id");
        let _ = kill_process(process, Signal::TERM);
        let ended = deadline::until(std::time::Duration::from_secs(10), || self.child.try_wait().ok().flatten());
        if ended.is_none() {
            let _ = self.child.kill();
            let _ = self.child.wait();
            assert!(std::thread::panicking(), "the replay does not end on SIGTERM");
        }
    }
}

/// A kubectl that watches.
pub(crate) struct Watching {
    child: Child,
    #[expect(dead_code, reason = "it is held open")]
    stdin: Option<ChildStdin>,
}

impl Watching {
    /// Waits for its end, or ends it; what it printed.
    pub(crate) fn printed(mut self, lines: usize) -> String {
        let out = self.child.stdout.take().expect("a pipe");
        let mut text = String::new();
        let mut reader = BufReader::new(out);
        // kubectl prints as it goes; the test's own time limit bounds this.
        while text.lines().count() < lines && reader.read_line(&mut text).is_ok_and(|read| read > 0) {}
        let _ = self.child.kill();
        let _ = self.child.wait();
        text
    }

    /// Waits until it prints a word; what it printed.
    pub(crate) fn prints_at_last(mut self, word: &str) -> String {
        let mut reader = BufReader::new(self.child.stdout.take().expect("a pipe"));
        let mut text = String::new();
        // It goes on until then; the test's own time limit bounds this.
        while !text.contains(word) && reader.read_line(&mut text).is_ok_and(|read| read > 0) {}
        let _ = self.child.kill();
        let _ = self.child.wait();
        text
    }

    /// Its exit code, once it ends by itself.
    pub(crate) fn ended(mut self) -> Option<i32> {
        let status = deadline::until(std::time::Duration::from_secs(30), || self.child.try_wait().ok().flatten());
        let _ = self.child.kill();
        status.and_then(|status| status.code())
    }
}
