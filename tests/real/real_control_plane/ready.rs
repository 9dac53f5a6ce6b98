//! The ready file: what happens after it appears is recorded from the first state on.

use std::thread;
use std::time::Duration;

use statetrail::observation::Change;

use crate::cluster::{ADMIN, BUSYBOX, ControlPlane, Options, pod};
use crate::cluster::{Proxy, Writer};
use crate::recorder::process::Recorder;

const TIMES: usize = 50;
const SIDE_BY_SIDE: usize = 10;

#[test]
fn a_pod_that_is_created_when_the_ready_file_appears_is_always_seen_to_be_added() {
    let plane = ControlPlane::start(Options::default());
    let writer = Writer::new(&plane.kubeconfig(ADMIN));
    // The server answers the writer at once and the recorder later, so that a ready file that comes too early fails.
    let proxy = Proxy::distant(&plane.server_url(), Duration::from_millis(150));
    let kubeconfig = proxy.kubeconfig(&plane.kubeconfig(ADMIN));
    let mut seen = Vec::new();
    for round in 0..TIMES / SIDE_BY_SIDE {
        let names: Vec<String> = (0..SIDE_BY_SIDE).map(|number| format!("pod-{round}-{number}")).collect();
        let attempts = thread::scope(|scope| {
            let attempt = |name: &String| {
                let recorder = Recorder::attached(&kubeconfig, &["pods", "-n", "default"]);
                writer.create("Pod", "default", &pod(name, BUSYBOX, &["true"]));
                (name.clone(), recorder.stop())
            };
            let running: Vec<_> = names.iter().map(|name| scope.spawn(move || attempt(name))).collect();
            running.into_iter().map(|attempt| attempt.join().expect("no attempt panics")).collect::<Vec<_>>()
        });
        seen.extend(attempts);
    }
    for (name, recording) in &seen {
        let first = recording.seen("pods").find(|seen| seen.object.name == *name).map(|seen| seen.change);
        assert_eq!(first, Some(Change::Added), "{name}");
        recording.assert_verified();
    }
    assert_eq!(seen.len(), TIMES);
}
