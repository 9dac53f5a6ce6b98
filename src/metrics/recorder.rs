//! The metrics of one recorder: the thread that counts, and what a scrape reads.

use super::exposition;
use super::measured::{Measured, lock};
use crate::expectation::Judgement;
use crate::run::{Attaching, LiveJudge, Recorder};
use std::fmt;
use std::sync::{Arc, Mutex};
use tokio::sync::watch;

/// The metrics of a recorder. Clones share them.
#[derive(Clone)]
pub struct Metrics(Arc<Inner>);

struct Inner {
    measured: Arc<Measured>,
    judges: Mutex<Vec<LiveJudge>>,
    /// One scrape at a time: more would not be faster, and would take time from the recorder.
    scrape: tokio::sync::Mutex<()>,
}

impl fmt::Debug for Metrics {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Metrics").finish_non_exhaustive()
    }
}

/// Starts a recorder with metrics.
///
/// # Panics
/// If called outside a tokio runtime.
#[must_use]
pub fn started(attaching: Attaching) -> (Recorder, Metrics) {
    let mut follower = attaching.follow();
    let before = attaching.before();
    let recorder = attaching.start();
    let measured = Arc::new(Measured {
        counts: Mutex::default(),
        ended: watch::Sender::new(false),
        watches: recorder.watches().to_vec(),
        before,
        progress: recorder.progress(),
        entries: Box::new(follower.filling()),
    });
    let counted = Arc::clone(&measured);
    // It ends with the recorder.
    let counting = move || {
        while let Some(told) = follower.blocking_next() {
            lock(&counted.counts).take(told);
        }
        counted.ended.send_replace(true);
    };
    std::thread::Builder::new().name("metrics".to_owned()).spawn(counting).expect("a thread can be started");
    let (judges, scrape) = (Mutex::default(), tokio::sync::Mutex::default());
    (recorder, Metrics(Arc::new(Inner { measured, judges, scrape })))
}

impl Metrics {
    /// Counts the expectations of a judge, too.
    pub(crate) fn judged_by(&self, judge: LiveJudge) {
        lock(&self.0.judges).push(judge);
    }

    /// The metrics now, in the text format of Prometheus; with the expectations that are judged beside those of
    /// [`Metrics::judged_by`].
    pub(crate) async fn scraped(&self, beside: Vec<Judgement>) -> String {
        let _turn = self.0.scrape.lock().await;
        let metrics = self.clone();
        let written = tokio::task::spawn_blocking(move || metrics.text(&beside));
        written.await.unwrap_or_else(|error| std::panic::resume_unwind(error.into_panic()))
    }

    /// The same, in this thread.
    #[must_use]
    pub fn text(&self, beside: &[Judgement]) -> String {
        let own: Vec<_> = lock(&self.0.judges).iter().map(LiveJudge::standings).collect();
        let judged = own.iter().flat_map(|standings| standings.iter()).chain(beside);
        exposition::text(&self.0.measured, judged)
    }

    /// Waits until the recorder has ended, and everything is counted. Cancel-safe.
    pub async fn ended(&self) {
        // The sender is not dropped before this.
        let _ = self.0.measured.ended.subscribe().wait_for(|ended| *ended).await;
    }
}
