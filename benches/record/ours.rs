//! Our recorder, as `record` runs it: recorded, folded, fsynced.

use crate::{EVENTS, peak};
use statetrail::observation::{Capture, Resource, Watch, What};
use statetrail::recording::{Reader, Sync};
use statetrail::run::{Before, Output, Plan, Progress, Stop, record};
use statetrail::source::{Access, Cluster, Healing, Pace};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::watch;

/// Records until all events were folded.
pub fn run(url: &str) {
    let runtime = tokio::runtime::Runtime::new().expect("a runtime can be built");
    let folder = tempfile::tempdir().expect("a folder");
    let kubeconfig = folder.path().join("kubeconfig");
    let text = format!(
        "{{apiVersion: v1, kind: Config, current-context: c, contexts: [{{name: c, context: {{cluster: c, user: u}}}}], \
         clusters: [{{name: c, cluster: {{server: \"{url}\"}}}}], users: [{{name: u, user: {{}}}}]}}"
    );
    std::fs::write(&kubeconfig, text).expect("a file");
    runtime.block_on(async {
        let access = Access { kubeconfig: Some(kubeconfig), ..Access::default() };
        let cluster = Arc::new(Cluster::new(access).await.expect("a client"));
        let plan = Plan {
            cluster,
            watches: vec![Watch::all(Resource::new("", "v1", "pods", "Pod"))],
            capture: Capture::Status,
            output: Output::New(folder.path().join("ours.jsonl")),
            sync: Sync::EverySecond,
            ready_file: None,
            length: None,
            settle: Duration::from_millis(200),
            pace: Pace::default(),
            healing: Healing::OFF,
            past: Before::Unseen,
            clock: None,
        };
        let stop = Stop::default();
        let progress = watch::Sender::new(Progress::default());
        let (stopping, mut seen) = (stop.clone(), progress.subscribe());
        tokio::spawn(async move {
            let all = |progress: &Progress| progress.objects() >= EVENTS as u64;
            if seen.wait_for(all).await.is_ok() {
                stopping.abort.cancel();
            }
        });
        let recorded = record(plan, stop, None, progress).await.expect("it records");
        assert_eq!(recorded.finished.progress.objects(), EVENTS as u64);
        let first = Reader::open(&folder.path().join("ours.jsonl"))
            .expect("a recording")
            .map(|record| record.expect("a line").observation)
            .find(|observation| matches!(observation.what, What::Object(_)))
            .expect("events came");
        peak::report(recorded.elapsed - first.stamp.elapsed);
    });
}
