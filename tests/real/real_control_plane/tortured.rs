//! `statetrail torture` with real clients: client-go's informer and `RetryWatcher`, controller-runtime's cache, and a loop
//! that reopens its watch without listing again.

use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;
use tempfile::TempDir;

use crate::recorder::process::PROGRAM;
use crate::replay::story;

/// Builds the programs of examples/watchers.
fn watchers() -> TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    let mut go = Command::new("go");
    go.args(["build", "-o"]).arg(folder.path()).arg("./cmd/...").env("GOWORK", "off");
    let output = go.current_dir(root().join("examples/watchers/go")).output();
    let output = output.expect("Go is needed for the tests of its clients: install it, and put `go` on the PATH");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    folder
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).to_owned()
}

/// The trials that a program fails, of these.
fn fails(program: &Path, kind: &str, resource: &str, trials: &[&str]) -> Vec<String> {
    let mut client = Command::new(program);
    client.args(["-resource", resource]);
    failed(&client, &["--kind", kind, "--patience", "15s"], trials)
}

/// The same, with flags of `torture`.
fn failed(client: &Command, flags: &[&str], trials: &[&str]) -> Vec<String> {
    let mut command = Command::new(PROGRAM);
    command.arg("torture").arg(story()).args(["-o", "json", "--speed", "max"]).args(flags);
    command.args(trials.iter().flat_map(|trial| ["--only", trial]));
    command.arg("--").arg(client.get_program()).args(client.get_args());
    let output = command.output().expect("the program");
    let text = String::from_utf8_lossy(&output.stdout);
    let outcomes: Vec<Value> = text.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect();
    assert_eq!(outcomes.len(), trials.len(), "{text}{}", String::from_utf8_lossy(&output.stderr));
    let failed = outcomes.iter().filter(|outcome| outcome["passed"] != true);
    let failed: Vec<String> = failed.map(|outcome| outcome["trial"].as_str().expect("a name").to_owned()).collect();
    assert_eq!(output.status.code(), Some(i32::from(!failed.is_empty())), "{text}");
    failed
}

#[test]
fn clients_that_list_again_lose_nothing_and_one_that_does_not_is_found_out() {
    let folder = watchers();
    let trials = ["none", "split", "duplicate", "gone", "gone-missed", "503"];
    for (program, lost) in [("informer", &[][..]), ("cache", &[]), ("rawwatch", &["gone-missed"])] {
        let failed = fails(&folder.path().join(program), "pods", "pods", &trials);
        let expected: Vec<&str> = lost.to_vec();
        assert!(expected.iter().all(|trial| failed.iter().any(|failed| failed == trial)), "{program}: {failed:?}");
        assert!(!lost.is_empty() || failed.is_empty(), "{program}: {failed:?}");
    }
    let retrying = fails(&folder.path().join("retrywatcher"), "vm", "virtualmachines.v1.kubevirt.io", &["none", "cut"]);
    assert!(retrying.is_empty(), "{retrying:?}");
}

/// Lists and watches pods, over plain HTTP, with one mistake: it skips an event that it cannot read.
const CARELESS: &str = r#"
import http.client, json, os, re, sys, time
host = re.search(r'http://([^"]+)', open(os.environ['KUBECONFIG']).read()).group(1)

def show(kind, pod):
    state = '-' if kind == 'DELETED' else pod['status']['phase']
    print(pod['metadata']['namespace'] + '/' + pod['metadata']['name'], state, flush=True)

def get(query):
    connection = http.client.HTTPConnection(host, timeout=20)
    connection.request('GET', '/api/v1/pods?' + query)
    return connection.getresponse()

version = None
while True:
    if version is None:
        pods = json.load(get(''))
        version = pods['metadata']['resourceVersion']
        [show('ADDED', pod) for pod in pods['items']]
    for line in get('watch=1&resourceVersion=' + version):
        try:
            event = json.loads(line)
        except ValueError:
            continue
        if event['type'] == 'ERROR':
            version = None
            break
        version = event['object']['metadata']['resourceVersion']
        show(event['type'], event['object'])
    time.sleep(0.1)
"#;

#[test]
fn clients_that_skip_an_event_or_watch_nothing_do_not_pass() {
    let mut careless = Command::new("python3");
    careless.args(["-c", CARELESS]);
    let lost = failed(&careless, &["--kind", "pods", "--patience", "3s"], &["none", "gone", "garbage", "truncated"]);
    assert_eq!(lost, ["garbage", "truncated"]);
    let mut idle = Command::new("sleep");
    idle.arg("60");
    assert_eq!(failed(&idle, &["--kind", "pods", "--patience", "1s"], &["none", "cut"]), ["none", "cut"]);
}
