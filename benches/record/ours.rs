//! Our recorder, as `record` runs it: recorded, folded, fsynced.

use crate::{EVENTS, peak};
use statetrail::Recorder;
use statetrail::observation::{Payload, Resource, Watch};
use statetrail::recording::Reader;
use statetrail::run::{Config, HistoryPolicy};
use statetrail::source::{Cluster, Healing};

/// Records until all events were folded.
pub fn run(url: &str) {
    let runtime = tokio::runtime::Runtime::new().expect("a runtime can be built");
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("ours.jsonl");
    runtime.block_on(async {
        let pods = Watch::all(Resource::new("", "v1", "pods", "Pod"));
        let mut config = Config::new(Cluster::at(url).await.expect("a client"), vec![pods], &file);
        (config.past, config.healing) = (HistoryPolicy::Unseen, Healing::OFF);
        let mut recorder = Recorder::attach(config).await.expect("it attaches");
        recorder.until(|progress| progress.objects() >= EVENTS as u64).await.expect("it records");
        let recorded = recorder.abort().await.expect("it records");
        assert_eq!(recorded.finished.progress.objects(), EVENTS as u64);
        let first = Reader::open(&file)
            .expect("a recording")
            .map(|record| record.expect("a line").observation)
            .find(|observation| matches!(observation.payload, Payload::Object(_)))
            .expect("events came");
        peak::report(recorded.elapsed - first.stamp.elapsed);
    });
}
