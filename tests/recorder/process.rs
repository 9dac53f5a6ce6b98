//! `statetrail` as a process: started, signalled, waited for within a bound, and never left behind.

use std::ffi::OsStr;
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process};
use serde_json::Value;
use tempfile::TempDir;

use super::deadline::{self, bounded};
use super::recording::Recording;

/// The program under test.
pub(crate) const PROGRAM: &str = env!("CARGO_BIN_EXE_statetrail");

const ATTACH_BOUND: Duration = Duration::from_mins(1);
const END_BOUND: Duration = Duration::from_mins(1);

/// A running `statetrail record`, with a folder of its own for its files.
pub(crate) struct Recorder {
    child: Child,
    folder: TempDir,
}

/// How a run ended.
#[derive(Debug)]
pub(crate) struct Ended {
    /// Its exit code; none when a signal ended it.
    pub code: Option<i32>,
    /// What it printed.
    pub stdout: String,
    /// What it told.
    pub stderr: String,
}

/// `statetrail` for an async test: killed when it is dropped, without standard input, its output in pipes.
pub(crate) fn statetrail(args: impl IntoIterator<Item = impl AsRef<OsStr>>) -> tokio::process::Command {
    let mut command = tokio::process::Command::new(PROGRAM);
    command.args(args).kill_on_drop(true).stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}

/// Waits for the end of a program that an async test started.
pub(crate) async fn ended(child: tokio::process::Child) -> Output {
    bounded("the end of the program", child.wait_with_output()).await.expect("it was started")
}

/// Signals a program that an async test started.
pub(crate) fn signal(child: &tokio::process::Child, signal: Signal) {
    let pid = child.id().and_then(|id| Pid::from_raw(id.cast_signed())).expect("it runs");
    kill_process(pid, signal).expect("it is ours");
}

/// Runs `statetrail` to its end, with this kubeconfig in its environment and nothing else that names a cluster.
///
/// # Panics
/// When it has not ended within a minute.
pub(crate) fn run(kubeconfig: &Path, args: &[&str]) -> Ended {
    Recorder::spawn(kubeconfig, args, TempDir::new().expect("a temporary folder")).wait().0
}

impl Recorder {
    /// Starts `statetrail record ARGS` into a file of its own. Does not wait.
    pub(crate) fn start(kubeconfig: &Path, args: &[&str]) -> Self {
        let folder = TempDir::new().expect("a temporary folder");
        let files = [path(&folder, "run.jsonl"), path(&folder, "ready")];
        let own = ["record", "-o", &files[0], "--ready-file", &files[1]];
        Self::spawn(kubeconfig, &[&own, args].concat(), folder)
    }

    /// Starts it, and returns once it says that it sees everything.
    ///
    /// # Panics
    /// When it does not within a minute.
    pub(crate) fn attached(kubeconfig: &Path, args: &[&str]) -> Self {
        let mut recorder = Self::start(kubeconfig, args);
        recorder.await_attached();
        recorder
    }

    /// Starts `statetrail record --resume` on the file that another one left, and returns once it is attached.
    pub(crate) fn resumed(kubeconfig: &Path, left: TempDir) -> Self {
        let _ = fs::remove_file(left.path().join("ready"));
        let files = [path(&left, "run.jsonl"), path(&left, "ready")];
        let mut recorder = Self::spawn(kubeconfig, &["record", "--resume", &files[0], "--ready-file", &files[1]], left);
        recorder.await_attached();
        recorder
    }

    /// Starts any `statetrail`, with its output going into files of the folder.
    pub(crate) fn spawn(kubeconfig: &Path, args: &[&str], folder: TempDir) -> Self {
        let mut command = Command::new("setpriv");
        command.args(["--pdeathsig", "KILL", "--", PROGRAM]).args(args);
        command.env("KUBECONFIG", kubeconfig).env_remove("KUBERNETES_SERVICE_HOST");
        Self::launch(command, folder)
    }

    /// Starts a command that becomes `statetrail`.
    pub(crate) fn launch(mut command: Command, folder: TempDir) -> Self {
        let file = |name: &str| File::create(folder.path().join(name)).expect("creating a file in a fresh folder");
        command.env("HOME", folder.path()).stdin(Stdio::null()).stdout(file("stdout")).stderr(file("stderr"));
        Self { child: command.spawn().expect("starting statetrail"), folder }
    }

    pub(crate) fn await_attached(&mut self) {
        let ready = self.folder.path().join("ready");
        let attached = deadline::until(ATTACH_BOUND, || {
            let ended = self.child.try_wait().expect("asking for a child").map(|_| false);
            ready.exists().then_some(true).or(ended)
        });
        assert!(attached == Some(true), "the recorder is not attached\n{}", self.told());
    }

    /// Waits until the file's lines, decoded one by one, have shown what is asked for.
    ///
    /// # Panics
    /// When they have not within a minute.
    pub(crate) fn await_line(&mut self, what: &str, is_it: impl Fn(&Value) -> bool) {
        self.await_lines(what, 1, is_it);
    }

    /// As [`Recorder::await_line`], for a number of lines.
    pub(crate) fn await_lines(&mut self, what: &str, count: usize, is_it: impl Fn(&Value) -> bool) {
        let shown = deadline::until(ATTACH_BOUND, || {
            let text = fs::read_to_string(self.file()).unwrap_or_default();
            let found = text.lines().filter_map(|line| serde_json::from_str(line).ok()).filter(|line| is_it(line));
            (found.count() >= count).then_some(())
        });
        let text = fs::read_to_string(self.file()).unwrap_or_default();
        assert!(shown.is_some(), "the recorder recorded no {what}\n{}\n{text}", self.told());
    }

    /// The recording.
    pub(crate) fn file(&self) -> PathBuf {
        self.folder.path().join("run.jsonl")
    }

    /// What it told so far.
    pub(crate) fn told(&self) -> String {
        fs::read_to_string(self.folder.path().join("stderr")).unwrap_or_default()
    }

    /// Waits until it has told something.
    ///
    /// # Panics
    /// When it has not within a minute.
    pub(crate) fn await_told(&self, words: &str) {
        let told = deadline::until(ATTACH_BOUND, || self.told().contains(words).then_some(()));
        assert!(told.is_some(), "it did not tell `{words}`:\n{}", self.told());
    }

    /// What it printed so far.
    pub(crate) fn printed(&self) -> String {
        fs::read_to_string(self.folder.path().join("stdout")).unwrap_or_default()
    }

    pub(crate) fn signal(&self, signal: Signal) {
        kill_process(Pid::from_child(&self.child), signal).expect("signalling a child that was not waited for");
    }

    /// Ends it as a power loss would, and leaves its folder.
    pub(crate) fn kill(mut self) -> TempDir {
        self.child.kill().expect("killing a child");
        self.child.wait().expect("waiting for a child");
        std::mem::replace(&mut self.folder, TempDir::new().expect("a temporary folder"))
    }

    /// Asks it to end, and reads what it recorded.
    ///
    /// # Panics
    /// When it does not end well.
    pub(crate) fn stop(self) -> Recording {
        self.signal(Signal::TERM);
        self.finished()
    }

    /// Waits for its end, and reads what it recorded.
    ///
    /// # Panics
    /// When it does not end well.
    pub(crate) fn finished(self) -> Recording {
        let (ended, folder) = self.wait();
        let recording = Recording::of(folder);
        recording.assert_said(&ended);
        recording
    }

    /// Waits for its end.
    ///
    /// # Panics
    /// When it has not ended within a minute.
    pub(crate) fn wait(mut self) -> (Ended, TempDir) {
        let status = deadline::until(END_BOUND, || self.child.try_wait().expect("asking for a child"));
        let status = status.unwrap_or_else(|| panic!("statetrail does not end\n{}", self.told()));
        let ended = Ended { code: status.code(), stdout: self.printed(), stderr: self.told() };
        let folder = std::mem::replace(&mut self.folder, TempDir::new().expect("a temporary folder"));
        (ended, folder)
    }
}

impl Drop for Recorder {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn path(folder: &TempDir, name: &str) -> String {
    folder.path().join(name).display().to_string()
}
