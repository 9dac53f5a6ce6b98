//! A recorder of the image-pull story, whose server breaks in several ways, and releases of Prometheus that scrape it.

use std::process::Command;
use std::time::Duration;

use serde_json::Value;
use tempfile::TempDir;

use super::releases::releases;
use super::server::{Prometheus, now};
use crate::cluster::deadline;
use crate::recorder::process::Recorder;
use crate::replay::{Replay, story};

const BOUND: Duration = Duration::from_mins(1);

/// When the story has shown everything, and its objects still exist, in seconds of the recording.
const SHOWN: f64 = 100.0;

/// VMIs are refused for 20 seconds; Events reconnect; of VMs some versions are read back from history, and of pods some
/// are lost.
const FAULTS: [&str; 7] = [
    "http=503:6,verb=list,resource=virtualmachineinstances",
    "close-after=20,resource=events,times=1",
    "close-after=3,resource=virtualmachines,times=1",
    "forget,resource=virtualmachines,skip=1,times=1",
    "close-after=20,resource=pods,times=1",
    "forget,resource=pods,skip=1,times=1",
    "refuse-exact,resource=pods",
];

pub(super) struct Story {
    replay: Option<Replay>,
    recorder: Option<Recorder>,
    url: String,
    pub(super) releases: Vec<Prometheus>,
    /// When it began, in seconds since 1970.
    pub(super) began: f64,
}

impl Story {
    /// Starts it once Prometheus has scraped the recorder.
    ///
    /// # Panics
    /// When something does not start.
    pub(super) fn begun() -> Self {
        let faults = FAULTS.iter().flat_map(|fault| ["--inject", *fault]);
        let flags: Vec<&str> = ["--speed", "5x", "--seed", "1"].into_iter().chain(faults).collect();
        let replay = Replay::of(&story(), &flags);
        replay.act("pause");
        let files = TempDir::new().expect("a folder");
        let output = files.path().join("run.jsonl").display().to_string();
        let serve = ["serve", "-n", "story", "-o", &output, "--listen", "127.0.0.1:0"];
        let began = now();
        let recorder = Recorder::spawn(&replay.kubeconfig(), &serve, files);
        let url = deadline::until(BOUND, || recorder.printed().lines().next().map(str::to_owned));
        let url = url.unwrap_or_else(|| panic!("no address\n{}", recorder.told()));
        let target = url.trim_start_matches("http://");
        // They look for targets every five seconds: both at the same time.
        let releases: Vec<_> = releases().iter().map(|release| Prometheus::scraping(release, target)).collect();
        for release in &releases {
            release.await_data("statetrail_watch_attached == 0");
        }
        replay.act("resume");
        Self { replay: Some(replay), recorder: Some(recorder), url, releases, began }
    }

    /// Asks for verdicts; one of them is `violated` as soon as the image cannot be pulled.
    pub(super) fn expect(&self) -> Value {
        let mut curl = Command::new("curl");
        curl.args(["-sS", "--max-time", "20", "-H", "Content-Type: text/plain"]);
        curl.args(["--data-binary", "vm status: never ErrImagePull\npod phase: ... -> Running -> ..."]);
        let output = curl.arg(format!("{}/v1/expectations", self.url)).output();
        let output = output.expect("curl, which tests/run installs");
        serde_json::from_slice(&output.stdout).unwrap_or_else(|error| panic!("{error}: {output:?}"))
    }

    /// Waits until the story has shown everything; then ends its server, so that no watch is followed any more.
    ///
    /// # Panics
    /// When that takes too long.
    pub(super) fn ends(&mut self) {
        let replay = self.replay.take().expect("it runs");
        let shown =
            deadline::until(BOUND, || replay.position()["elapsed"].as_f64().filter(|elapsed| *elapsed >= SHOWN));
        assert!(shown.is_some(), "{}", replay.position());
        for release in &self.releases {
            release.await_data("min(statetrail_watch_attached) == 1");
        }
        drop(replay);
        for release in &self.releases {
            release.await_data(r#"statetrail_watch_connected{resource="pods"} == 0"#);
        }
    }

    /// Kills the recorder.
    pub(super) fn kill_recorder(&mut self) {
        drop(self.recorder.take().expect("it runs").kill());
    }

    /// What the recorder counts now, in the text format.
    pub(super) fn metrics(&self) -> String {
        let output =
            Command::new("curl").args(["-sS", "--max-time", "20"]).arg(format!("{}/metrics", self.url)).output();
        String::from_utf8(output.expect("curl, which tests/run installs").stdout).expect("UTF-8")
    }
}
