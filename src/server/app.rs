//! What the endpoints share.

use super::access::Access;
use super::client::Client;
use super::compiler::Compiler;
use super::followers::Followers;
use super::judged::Judged;
use super::limits::{Limit, Taken};
use super::problem::Problem;
use crate::listen;
use crate::metrics::Metrics;
use crate::observation::Watch;
use crate::run::{LiveJudge, LiveTimeline, Marker, Progress, Prover, Recorder};
use crate::source::Clock;
use std::path::PathBuf;
use std::sync::Arc;
use tokio::sync::watch;

/// Most open connections, of one client and of all.
const CONNECTIONS: (usize, usize) = (2048, 4096);
/// Most requests that wait, of one client and of all.
const WAITS: (usize, usize) = (2048, 4096);
/// Most expectations that are judged, of one client and of all.
const EXPECTATIONS: (usize, usize) = (10_000, 20_000);
/// Most downloads at the same time, of one client and of all.
const DOWNLOADS: (usize, usize) = (4, 8);

/// A recorder to be served. Clones share it.
#[derive(Clone, Debug)]
pub(crate) struct App(Arc<Inner>);

#[derive(Debug)]
pub(crate) struct Inner {
    pub(super) timeline: LiveTimeline,
    pub(super) marker: Marker,
    pub(super) prover: Prover,
    pub(super) progress: watch::Receiver<Progress>,
    /// Its clock, once the recording has begun.
    pub(super) clock: watch::Receiver<Option<Clock>>,
    pub(super) watches: Vec<Watch>,
    /// The absolute path of the recording, if there is one.
    pub(super) file: Option<PathBuf>,
    pub(super) access: Access,
    pub(super) metrics: Metrics,
    pub(super) judged: Judged,
    pub(super) compiler: Compiler,
    pub(super) followers: Followers,
    pub(super) connections: Limit,
    waits: Limit,
    pub(super) expectations: Limit,
    pub(super) downloads: Limit,
}

impl std::ops::Deref for App {
    type Target = Inner;

    fn deref(&self) -> &Inner {
        &self.0
    }
}

impl App {
    /// A recorder with its judges, timeline and metrics, and who has access to it.
    pub(crate) fn new(
        (recorder, judges): (&Recorder, Vec<LiveJudge>),
        timeline: LiveTimeline,
        metrics: Metrics,
        access: Access,
    ) -> Self {
        let limit = |what, (of_one, of_all)| Limit::new(what, of_one, of_all);
        let descriptors = listen::descriptors();
        Self(Arc::new(Inner {
            timeline,
            marker: recorder.marker(),
            prover: recorder.prover(),
            progress: recorder.progress(),
            clock: recorder.clock(),
            watches: recorder.watches().to_vec(),
            file: recorder.file().and_then(|path| std::path::absolute(path).ok()),
            access,
            metrics,
            judged: Judged::beside(judges),
            compiler: Compiler::default(),
            followers: Followers::default(),
            connections: limit("connections", (CONNECTIONS.0.min(descriptors), CONNECTIONS.1.min(descriptors))),
            waits: limit("waiting requests", WAITS),
            expectations: limit("expectations", EXPECTATIONS),
            downloads: limit("downloads", DOWNLOADS),
        }))
    }
}

impl Inner {
    /// Takes a place for a request that waits.
    ///
    /// # Errors
    /// There are too many.
    pub(super) fn wait(&self, client: Client) -> Result<Taken, Problem> {
        self.waits.take(client, 1)
    }

    /// True once the recorder has ended.
    pub(super) fn has_ended(&self) -> bool {
        self.timeline.log().is_over()
    }
}
