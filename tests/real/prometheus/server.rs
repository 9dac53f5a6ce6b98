//! A running Prometheus that scrapes one target several times a second.

use std::fs::{self, File};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use regex::Regex;
use rustix::process::{Pid, Signal, kill_process};
use serde_json::Value;
use tempfile::TempDir;

use crate::cluster::deadline;
use crate::dashboards::rule_files;

const BOUND: Duration = Duration::from_secs(30);

/// How often it scrapes and evaluates.
pub(super) const INTERVAL: &str = "500ms";

pub(super) struct Prometheus {
    child: Child,
    folder: TempDir,
    url: String,
}

impl Prometheus {
    /// Starts a release with our rules, which wait for nothing (`for`).
    ///
    /// # Panics
    /// When it does not start.
    pub(super) fn scraping(release: &Path, target: &str) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let waits = Regex::new("(?m)^ *(for|keep_firing_for): .*\n").expect("a pattern");
        for file in rule_files() {
            let text = fs::read_to_string(&file).expect("UTF-8");
            let own = folder.path().join(file.file_name().expect("a name"));
            fs::write(own, waits.replace_all(&text, "").as_bytes()).expect("a file");
        }
        let config = format!(
            "global: {{scrape_interval: {INTERVAL}, evaluation_interval: {INTERVAL}}}\n\
             rule_files: ['*.yaml']\n\
             scrape_configs:\n\
             - {{job_name: statetrail, honor_labels: true, static_configs: [{{targets: ['{target}']}}]}}\n"
        );
        fs::write(folder.path().join("prometheus.yml"), config).expect("a file");
        let log = File::create(folder.path().join("log")).expect("a file");
        let mut command = Command::new("setpriv");
        command.args(["--pdeathsig", "KILL", "--"]).arg(release.join("prometheus")).current_dir(folder.path());
        command.args(["--config.file=prometheus.yml", "--storage.tsdb.path=data", "--web.listen-address=127.0.0.1:0"]);
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(log);
        let child = command.spawn().expect("setpriv");
        let mut own = Self { child, folder, url: String::new() };
        own.url = format!("http://{}", own.address());
        own.await_ready();
        own
    }

    /// The address that its log names: that of a free port.
    fn address(&self) -> String {
        let pattern = Regex::new(r#"msg="Listening on".* address=(127\.0\.0\.1:\d+)"#).expect("a pattern");
        let address = deadline::until(BOUND, || Some(pattern.captures(&self.log())?[1].to_owned()));
        address.unwrap_or_else(|| panic!("Prometheus does not listen:\n{}", self.log()))
    }

    fn await_ready(&self) {
        let mut curl = Command::new("curl");
        curl.args(["-sf", "--max-time", "20", "-o"])
            .arg(self.folder.path().join("ready"))
            .arg(format!("{}/-/ready", self.url));
        let ready = deadline::until(BOUND, || curl.status().ok()?.success().then_some(()));
        assert!(ready.is_some(), "Prometheus is not ready:\n{}", self.log());
    }

    fn log(&self) -> String {
        fs::read_to_string(self.folder.path().join("log")).unwrap_or_default()
    }

    /// What a query gives now.
    pub(super) fn instant(&self, query: &str) -> Vec<Value> {
        let answer = self.get("query", &[("query", query)]);
        series(query, answer)
    }

    /// What a query gives from a moment until now.
    pub(super) fn range(&self, query: &str, since: f64) -> Vec<Value> {
        let (start, end) = (since.to_string(), now().to_string());
        let answer = self.get("query_range", &[("query", query), ("start", &start), ("end", &end), ("step", INTERVAL)]);
        series(query, answer)
    }

    /// The values of a label in the series of a selector.
    pub(super) fn label_values(&self, selector: &str, label: &str) -> Vec<Value> {
        let answer = self.get(&format!("label/{label}/values"), &[("match[]", selector)]);
        answer["data"].as_array().cloned().unwrap_or_else(|| panic!("{selector}: {answer}"))
    }

    /// Waits until a query gives something.
    ///
    /// # Panics
    /// When it does not within a bound.
    pub(super) fn await_data(&self, query: &str) -> Vec<Value> {
        let found = deadline::until(BOUND, || Some(self.instant(query)).filter(|series| !series.is_empty()));
        found.unwrap_or_else(|| panic!("no data: {query}\n{}", self.log()))
    }

    fn get(&self, path: &str, parameters: &[(&str, &str)]) -> Value {
        let mut curl = Command::new("curl");
        curl.args(["-sS", "--max-time", "20", "-G"]).arg(format!("{}/api/v1/{path}", self.url));
        for (name, value) in parameters {
            curl.arg("--data-urlencode").arg(format!("{name}={value}"));
        }
        let output = curl.output().expect("curl, which tests/run installs");
        serde_json::from_slice(&output.stdout).unwrap_or_else(|error| panic!("{path}: {error}: {output:?}"))
    }
}

impl Drop for Prometheus {
    fn drop(&mut self) {
        let _ = kill_process(Pid::from_child(&self.child), Signal::TERM);
        if deadline::until(BOUND, || self.child.try_wait().ok().flatten()).is_none() {
            let _ = self.child.kill();
            let _ = self.child.wait();
        }
    }
}

/// The moment, in seconds since 1970, as Prometheus' API has it.
#[expect(clippy::disallowed_methods, reason = "Prometheus reads this clock, too")]
pub(super) fn now() -> f64 {
    SystemTime::now().duration_since(UNIX_EPOCH).expect("after 1970").as_secs_f64()
}

fn series(query: &str, mut answer: Value) -> Vec<Value> {
    assert_eq!(answer["status"], "success", "{query}\n{answer}");
    match answer["data"]["result"].take() {
        Value::Array(series) => series,
        other => panic!("{query}: {other}"),
    }
}
