//! kubectl running in parallel with the recorder: the raw lines of a watch, and the printed table.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use serde_json::{Value, json};
use tempfile::TempDir;

use crate::cluster::{BUSYBOX, ControlPlane, deadline, pod};
use crate::recorder::Recording;

const BEACON: &str = "beacon";
const BOUND: Duration = Duration::from_secs(20);

/// Two kubectl processes that watch a namespace without pods.
pub(super) struct RawWatch {
    lines: Watcher,
    table: Watcher,
}

/// What they saw.
pub(super) struct Raw {
    /// The events, up to the last one that was recorded.
    pub events: Vec<Event>,
    /// The STATUS column, by pod, one for each of its events.
    pub statuses: BTreeMap<String, Vec<String>>,
}

pub(super) struct Event {
    pub change: String,
    pub name: String,
    pub uid: String,
    pub version: u64,
    pub object: Value,
}

impl RawWatch {
    pub(super) fn start(plane: &ControlPlane, namespace: &str) -> Self {
        // kubectl does not say when its watch has started; an existing pod shows it.
        let mut beacon = pod(BEACON, BUSYBOX, &["true"]);
        beacon["metadata"]["namespace"] = json!(namespace);
        beacon["spec"]["schedulingGates"] = json!([{"name": "example.com/wait"}]);
        plane.apply(beacon);
        let table = ["get", "pods", "--namespace", namespace, "--watch", "--output-watch-events"];
        let table = Watcher::start(plane.kubectl_command(&table));
        let shown = deadline::until(BOUND, || table.text().contains(BEACON).then_some(()));
        assert!(shown.is_some(), "kubectl does not show the existing pod");
        plane.kubectl_ok(&["--namespace", namespace, "delete", "pod", BEACON, "--force", "--grace-period=0"]);

        let list = plane.kubectl_ok(&["get", "--raw", &format!("/api/v1/namespaces/{namespace}/pods")]);
        let list: Value = serde_json::from_str(&list).expect("a list");
        assert_eq!(list["items"].as_array().map(Vec::len), Some(0), "the pods come later");
        let version = list["metadata"]["resourceVersion"].as_str().expect("a list's version");
        let path =
            format!("/api/v1/namespaces/{namespace}/pods?watch=true&resourceVersion={version}&timeoutSeconds=600");
        let lines = Watcher::start(plane.kubectl_command(&["get", "--raw", &path]));
        Self { lines, table }
    }

    /// Ends them once they have seen the last recorded version.
    pub(super) fn stop(self, recording: &Recording) -> Raw {
        let last = recording.events("pods").last().expect("pods were recorded").1;
        let last = last.resource_version.number().expect("versions are numbers");
        let seen = deadline::until(BOUND, || {
            let events = events(&self.lines.text());
            let reached = events.iter().any(|event| event.version >= last);
            let rows = statuses(&self.table.text());
            (reached && rows.values().map(Vec::len).sum::<usize>() >= events.len()).then_some(())
        });
        assert!(seen.is_some(), "kubectl has not seen what was recorded up to version {last}");
        let events = events(&self.lines.text()).into_iter().filter(|event| event.version <= last).collect();
        Raw { events, statuses: statuses(&self.table.text()) }
    }
}

fn events(text: &str) -> Vec<Event> {
    // The last line may be incomplete.
    let whole = text.rsplit_once('\n').map_or("", |(whole, _)| whole);
    let event = |line: &str| {
        let mut line: Value = serde_json::from_str(line).expect("a line of a watch is JSON");
        let word = |value: &Value| value.as_str().expect("a string").to_owned();
        let object = line["object"].take();
        let metadata = &object["metadata"];
        Event {
            change: word(&line["type"]),
            name: word(&metadata["name"]),
            uid: word(&metadata["uid"]),
            version: word(&metadata["resourceVersion"]).parse().expect("versions are numbers"),
            object,
        }
    };
    whole.lines().map(event).collect()
}

/// Rows are `EVENT NAME READY STATUS RESTARTS AGE`.
fn statuses(table: &str) -> BTreeMap<String, Vec<String>> {
    let whole = table.rsplit_once('\n').map_or("", |(whole, _)| whole);
    let mut statuses: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for row in whole.lines().filter(|row| !row.starts_with("EVENT") && !row.contains(BEACON)) {
        let mut words = row.split_whitespace().skip(1);
        let (name, status) = (words.next().expect("a name"), words.nth(1).expect("a status"));
        statuses.entry(name.to_owned()).or_default().push(status.to_owned());
    }
    statuses
}

/// One kubectl process and its output, killed on drop.
struct Watcher {
    child: Child,
    folder: TempDir,
}

impl Watcher {
    fn start(mut kubectl: Command) -> Self {
        let folder = TempDir::new().expect("a temporary folder");
        let file = |name: &str| File::create(folder.path().join(name)).expect("creating a file");
        kubectl.stdin(Stdio::null()).stdout(file("out"));
        Self { child: kubectl.spawn().expect("starting kubectl"), folder }
    }

    fn text(&self) -> String {
        fs::read_to_string(self.folder.path().join("out")).expect("reading what kubectl printed")
    }
}

impl Drop for Watcher {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
