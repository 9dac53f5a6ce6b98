//! The recorder, as people run it, and what it recorded.

use serde_json::Value;
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use crate::deadline;

const PATIENCE: Duration = Duration::from_mins(1);

pub(crate) fn statetrail() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_statetrail"));
    // No cluster is needed, and none is looked for.
    command.env_remove("KUBECONFIG").env("HOME", "/nonexistent").stdin(Stdio::null());
    command
}

pub(crate) fn until<T>(what: &str, asked: impl FnMut() -> Option<T>) -> T {
    deadline::until(PATIENCE, asked).unwrap_or_else(|| panic!("{what}: waited for {PATIENCE:?}"))
}

pub(crate) struct Recorder {
    pub(crate) child: Child,
    pub(crate) file: PathBuf,
    said: PathBuf,
}

impl Recorder {
    /// Starts one, and waits until it has attached.
    pub(crate) fn start(folder: &Path, socket: &Path) -> Self {
        Self::begin(folder, socket, None).attached(folder)
    }

    /// The same, with a proxy that listens on a socket.
    pub(crate) fn between(folder: &Path, socket: &Path, proxy: &Path) -> Self {
        Self::begin(folder, socket, Some(proxy)).attached(folder)
    }

    fn attached(self, folder: &Path) -> Self {
        until("the recorder attaches", || folder.join("ready").exists().then_some(()));
        self
    }

    pub(crate) fn begin(folder: &Path, socket: &Path, proxy: Option<&Path>) -> Self {
        let (file, said) = (folder.join("run.jsonl"), folder.join("said"));
        let child = statetrail()
            .arg("record")
            .arg(format!("cri:{}", socket.display()))
            .arg("-o")
            .arg(&file)
            .arg("--ready-file")
            .arg(folder.join("ready"))
            .args(proxy.map(|proxy| format!("--proxy=cri={}", proxy.display())))
            .stdout(Stdio::null())
            .stderr(fs::File::create(&said).unwrap())
            .spawn()
            .unwrap();
        Self { child, file, said }
    }

    pub(crate) fn recorded(&self, text: &str) {
        until(text, || fs::read_to_string(&self.file).unwrap_or_default().contains(text).then_some(()));
    }

    pub(crate) fn said(&self) -> String {
        fs::read_to_string(&self.said).unwrap()
    }

    /// Stops it, and returns its exit code and what it said.
    pub(crate) fn stop(mut self) -> (Option<i32>, String) {
        interrupt(&self.child);
        let status = until("the recorder ends", || self.child.try_wait().unwrap());
        (status.code(), self.said())
    }
}

pub(crate) fn interrupt(child: &Child) {
    let pid = rustix::process::Pid::from_child(child);
    rustix::process::kill_process(pid, rustix::process::Signal::INT).unwrap();
}

impl Drop for Recorder {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// What a timeline tells.
#[derive(Debug, Default)]
pub(crate) struct Timeline {
    /// The states of each object, with how they were seen where not live, by its name.
    pub(crate) states: BTreeMap<String, Vec<String>>,
    /// The states of other tracks.
    pub(crate) others: BTreeMap<String, Vec<String>>,
    /// The gaps: of what, and why.
    pub(crate) gaps: Vec<String>,
}

impl Timeline {
    pub(crate) fn of(file: &Path) -> Self {
        let shown = statetrail().arg("show").arg(file).args(["-o", "json"]).output().unwrap();
        assert!(shown.status.success(), "{shown:?}");
        let mut timeline = Self::default();
        for line in String::from_utf8(shown.stdout).unwrap().lines() {
            let entry: Value = serde_json::from_str(line).unwrap();
            let text = |member: &str| entry[member].as_str().unwrap_or_default().to_owned();
            if text("track") == "state" {
                let exit = entry["state"]["exitCode"].as_i64().map(|code| format!("({code})")).unwrap_or_default();
                let reason = entry["state"]["reason"].as_str().filter(|_| text("kind") == "CriCall");
                let exit = reason.map_or(exit, |reason| format!("({reason})"));
                let seen = Some(text("seen")).filter(|seen| seen != "live" && seen != "delayed");
                let seen = seen.map(|seen| format!("[{seen}]")).unwrap_or_default();
                timeline.states.entry(text("name")).or_default().push(format!("{}{exit}{seen}", text("to")));
            } else if text("track") == "mounts" {
                timeline.others.entry(text("name")).or_default().push(text("to"));
            } else if let Some(gap) = entry.get("gap") {
                let of = gap["subject"]["name"].as_str().unwrap_or("all");
                timeline.gaps.push(format!("{of} {}", gap["reason"].as_str().unwrap_or_default()));
            }
        }
        timeline
    }

    pub(crate) fn path(&self, name: &str) -> String {
        self.states.get(name).map(|states| states.join(" ")).unwrap_or_default()
    }
}

pub(crate) fn is_verified(file: &Path) -> bool {
    statetrail().arg("verify").arg(file).output().unwrap().status.success()
}
