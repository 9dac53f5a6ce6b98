//! The recorder in the test's own process, by its handle: every wait is bounded.

use super::deadline::bounded;
use super::metrics::Scrape;
use super::recording::Recording;
use statetrail::metrics::{self, Metrics};
use statetrail::run::{self, Attaching, Config, Listener, Message, Progress, Stop};
use std::path::{Path, PathBuf};
use tokio::sync::watch;

/// A running recorder.
pub(crate) struct Recorder {
    pub stop: Stop,
    pub progress: watch::Receiver<Progress>,
    pub handle: run::Recorder,
    path: PathBuf,
}

impl Recorder {
    pub(crate) fn start(config: Config) -> Self {
        Self::of(run::Recorder::attach(config), |attaching| attaching)
    }

    /// The same, with `arrange` called before it starts.
    pub(crate) fn start_with(config: Config, arrange: impl FnOnce(Attaching) -> Attaching) -> Self {
        Self::of(run::Recorder::attach(config), arrange)
    }

    /// The same, with a listener from the start.
    pub(crate) fn start_heard(config: Config) -> (Self, Listener) {
        let mut listener = None;
        let recorder = Self::start_with(config, |attaching| {
            listener = Some(attaching.listen());
            attaching
        });
        (recorder, listener.expect("it was arranged"))
    }

    /// The same, with metrics.
    pub(crate) fn start_measured(config: Config) -> (Self, Metrics) {
        let (handle, metrics) = metrics::started(run::Recorder::attach(config));
        (Self::started(handle), metrics)
    }

    fn of(attaching: Attaching, arrange: impl FnOnce(Attaching) -> Attaching) -> Self {
        Self::started(arrange(attaching).start())
    }

    fn started(handle: run::Recorder) -> Self {
        let path = handle.file().map(Path::to_owned).unwrap_or_default();
        Self { stop: handle.stop(), progress: handle.progress(), handle, path }
    }

    pub(crate) async fn until(&mut self, what: &str, holds: impl FnMut(&Progress) -> bool) {
        let waited = bounded(what, self.progress.wait_for(holds)).await;
        assert!(waited.is_ok(), "the recorder ended before {what}");
    }

    pub(crate) async fn attached(&mut self) {
        self.until("the attachment", Progress::is_attached).await;
    }

    /// Fences and ends; the fence ensures that everything written before is in the file.
    pub(crate) async fn finish(self) -> Recording {
        self.stop.finish("the test asked");
        self.ended().await.expect("it records")
    }

    /// Ends without a fence, as a second signal does.
    pub(crate) async fn abort(self) -> Recording {
        self.stop.abort.cancel();
        self.ended().await.expect("it records")
    }

    /// Waits for its end.
    pub(crate) async fn ended(self) -> Result<Recording, run::Error> {
        let recorded = bounded("the end of the recorder", self.handle.ended()).await?;
        let mut outcome = Recording::read(&self.path);
        if outcome.torn.is_none() {
            assert_eq!(recorded.finished.verified, outcome.verified, "the recorder says what verify says of its file");
        }
        outcome.recorded = Some(recorded);
        Ok(outcome)
    }
}

/// All messages to a listener until the recorder ends.
pub(crate) async fn heard(mut listener: Listener) -> Vec<Message> {
    let mut all = Vec::new();
    while let Some(message) = bounded("the next entry", listener.next()).await {
        all.push(message);
    }
    all
}

/// The metrics of a recorder that has ended, once everything is counted.
pub(crate) async fn counted(metrics: &Metrics) -> Scrape {
    bounded("the last entries to be counted", metrics.ended()).await;
    Scrape::read(&metrics.text(&[]))
}
