//! `statetrail serve`, in a process of its own.

use crate::clients::Http;
use serde::Deserialize;
use std::process::Stdio;
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::{Child, ChildStdin, Command};

/// A recorder that has attached. It ends when its standard input does.
#[derive(Debug)]
pub(crate) struct Recorder {
    child: Child,
    input: ChildStdin,
    url: String,
    _folder: tempfile::TempDir,
}

impl Recorder {
    /// Starts it, and waits until it has attached.
    pub(crate) async fn start(server: &str, settle: &str) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let mut command = Command::new(env!("CARGO_BIN_EXE_statetrail"));
        command.args(["serve", "pods", "-A", "--until-eof", "--settle", settle, "--server", server, "-o"]);
        command.arg(folder.path().join("run.jsonl")).stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut child = command.stderr(Stdio::null()).spawn().expect("the program");
        let mut lines = BufReader::new(child.stdout.take().expect("a pipe")).lines();
        let url = lines.next_line().await.expect("UTF-8").expect("the recorder prints its address");
        let (status, body) = Http::new(&url).get("/readyz?wait=1m").await;
        assert_eq!(status, 200, "{body}");
        Self { input: child.stdin.take().expect("a pipe"), child, url, _folder: folder }
    }

    pub(crate) fn url(&self) -> &str {
        &self.url
    }

    pub(crate) fn resident_mib(&self) -> f64 {
        self.memory("VmRSS:")
    }

    pub(crate) fn peak_mib(&self) -> f64 {
        self.memory("VmHWM:")
    }

    fn memory(&self, name: &str) -> f64 {
        let id = self.child.id().expect("it runs");
        let status = std::fs::read_to_string(format!("/proc/{id}/status")).expect("Linux");
        let line = status.lines().find_map(|line| line.strip_prefix(name)).expect("it is there");
        let kib: f64 = line.trim().trim_end_matches(" kB").parse().expect("a number");
        kib / 1024.0
    }

    /// Ends it, and returns how many entries its timeline had. Its recording must be whole.
    pub(crate) async fn stop(self) -> u64 {
        #[derive(Deserialize)]
        struct Status {
            entries: u64,
        }
        let Self { mut child, input, url, _folder } = self;
        let (_, body) = Http::new(&url).get("/v1/status").await;
        let status: Status = serde_json::from_str(&body).unwrap_or_else(|error| panic!("{error}: {body}"));
        drop(input);
        assert_eq!(child.wait().await.expect("it ends").code(), Some(0), "the recording is not whole");
        status.entries
    }
}
