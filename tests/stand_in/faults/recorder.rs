//! A stand-in server with a recorder that watches it, and what must be in its file afterwards.

use super::bounded;
use super::truth::{self, Truth, pods};
use crate::recorder::Recording;
pub(super) use crate::recorder::handle::{Recorder, heard};
use statetrail::observation::{Payload, Watch};
use statetrail::recording::SyncPolicy;
use statetrail::replay::{Fault, Options, RecordedRequest, Server};
use statetrail::run::{Config, HistoryPolicy, Output, PriorRecording};
use statetrail::source::{Access, Cluster, Healing, Timeouts};
use std::collections::HashSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;
use tempfile::TempDir;
use tokio::sync::OnceCell;

/// The default timeouts, with pauses a hundredth as long.
pub(super) fn quick() -> Timeouts {
    Timeouts {
        resume_after: Duration::from_millis(1),
        backoff: 0.01,
        absent: Duration::from_millis(10),
        ..Timeouts::default()
    }
}

/// A server, and a folder with a kubeconfig for it.
pub(super) struct Scene {
    pub server: Server,
    pub folder: TempDir,
    cluster: OnceCell<Arc<Cluster>>,
}

impl Scene {
    pub(super) fn new(truth: &Truth) -> Self {
        Self::with(truth, Options::default())
    }

    pub(super) fn with(truth: &Truth, options: Options) -> Self {
        let server = Server::start(truth.store.clone(), options).expect("a free loopback port");
        Self::of(server, tempfile::tempdir().expect("a folder"))
    }

    /// Another server, with the files of an existing folder.
    pub(super) fn of(server: Server, folder: TempDir) -> Self {
        let scene = Self { server, folder, cluster: OnceCell::new() };
        scene.write_kubeconfig();
        scene
    }

    /// A server with these faults from the start.
    pub(super) fn faulty(truth: &Truth, faults: &[&str]) -> Self {
        let scene = Self::new(truth);
        faults.iter().for_each(|fault| scene.inject(fault));
        scene
    }

    pub(super) fn inject(&self, fault: &str) {
        self.server.inject(Fault::parse(fault).unwrap_or_else(|error| panic!("{error}")));
    }

    pub(super) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Writes, or rewrites, the kubeconfig with the token that the server currently expects.
    pub(super) fn write_kubeconfig(&self) {
        std::fs::write(self.path("kubeconfig"), self.server.kubeconfig_yaml()).expect("a file");
    }

    /// One client for all recorders of a scene: creating one takes longer than most of these recordings.
    pub(super) async fn cluster(&self) -> Arc<Cluster> {
        let access = Access { kubeconfig: Some(self.path("kubeconfig")), ..Access::default() };
        let cluster = self.cluster.get_or_init(async || Arc::new(Cluster::new(access).await.expect("a client")));
        Arc::clone(cluster.await)
    }

    pub(super) async fn plan(&self, watches: Vec<Watch>, output: Output) -> Config {
        let mut config = Config::to(self.cluster().await, watches, output);
        config.sync = SyncPolicy::Never;
        config.pace = quick();
        config.healing = Healing::OFF;
        config.past = HistoryPolicy::Unseen;
        config
    }

    /// A configuration for all pods, into `run.jsonl`.
    pub(super) async fn pods(&self) -> Config {
        self.plan(vec![Watch::all(pods())], Output::New(self.path("run.jsonl"))).await
    }

    /// Starts a recorder of all pods, and waits until it is attached.
    pub(super) async fn attach(&self) -> Recorder {
        self.attach_with(|_| ()).await
    }

    /// The same with a changed configuration.
    pub(super) async fn attach_with(&self, arrange: impl FnOnce(&mut Config)) -> Recorder {
        let mut plan = self.pods().await;
        arrange(&mut plan);
        let mut recorder = Recorder::start(plan);
        recorder.attached().await;
        recorder
    }

    /// Resumes the recording of an earlier recorder.
    pub(super) async fn resume(&self, path: &Path) -> Recorder {
        self.resume_with(path, |_| ()).await
    }

    /// The same with a changed configuration.
    pub(super) async fn resume_with(&self, path: &Path, arrange: impl FnOnce(&mut Config)) -> Recorder {
        let mut plan = self.resume_plan(path).await;
        arrange(&mut plan);
        Recorder::start(plan)
    }

    /// A configuration that resumes the recording of an earlier recorder.
    pub(super) async fn resume_plan(&self, path: &Path) -> Config {
        let earlier =
            PriorRecording::open(path, SyncPolicy::Never).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        let watches = earlier.header.watches.clone();
        self.plan(watches, Output::Again(Box::new(earlier))).await
    }

    /// Hides what happens from the recorder: every watch is cut, and refused until it has happened.
    pub(super) async fn blackout(&self, happens: impl FnOnce()) {
        self.hide("pods").await;
        happens();
        self.server.clear_faults();
    }

    /// Cuts all watches, and refuses those of one resource until the faults are cleared.
    pub(super) async fn hide(&self, resource: &str) {
        let refused = |server: &Server| {
            let refused = |asked: &&RecordedRequest| {
                asked.status == Some(503) && asked.resource.split('.').next() == Some(resource)
            };
            server.requests().iter().filter(refused).count()
        };
        let before = refused(&self.server);
        self.inject(&format!("http=503,verb=watch,resource={resource},times=1000000"));
        self.server.cut();
        bounded("a refusal", self.server.until(|server| refused(server) > before)).await;
    }
}

impl Recorder {
    /// Waits until the first watch has reached the newest version of the store.
    pub(super) async fn caught_up(&mut self, truth: &Truth) {
        let newest = truth.store.revision();
        self.until("the newest version", |progress| progress.watches[0].version.as_ref() == Some(&newest)).await;
    }
}

impl Recording {
    /// The timeline, as [`truth::lines`].
    pub(super) fn lines(&self) -> Vec<String> {
        truth::lines(&self.timeline)
    }

    pub(super) fn gaps(&self) -> Vec<String> {
        self.lines().into_iter().filter(|line| line.contains(" gap ")).collect()
    }

    pub(super) fn reconnects(&self) -> usize {
        self.payloads().filter(|what| matches!(what, Payload::Reconnected(_))).count()
    }

    /// Asserts that the timeline is the fold of what was written, that nothing was recorded twice, and that the file
    /// proves it.
    pub(super) fn assert_whole(&self, truth: &Truth, what: &str) {
        assert_eq!(self.lines(), truth.lines(), "{what}: {:#?}", self.verified);
        self.assert_once(what);
        assert!(self.verified.complete, "{what}: {:#?}", self.verified);
    }

    /// Asserts that no version of an object was recorded twice.
    pub(super) fn assert_once(&self, what: &str) {
        let mut known = HashSet::new();
        for record in &self.records {
            if let Payload::Object(seen) = &record.observation.payload {
                let version = (seen.watch, seen.object.uid.clone(), seen.object.resource_version.clone());
                assert!(known.insert(version), "{what}: line {} is a duplicate", record.seq);
            }
        }
    }
}
