//! What the watch of a source that is not an API server does with its lines, and what the recorder asks of it.

use super::connection::Connection;
use super::error::Error;
use super::numbered::Lines;
use super::settings::{Requests, Resume, Settings};
use crate::observation::{Observation, Payload, ResourceVersion, Stamp, Watch, WatchId};
use jiff::Timestamp;
use std::time::Duration;

/// How often it is said that everything up to now was delivered while nothing happens.
const BOOKMARK: Duration = Duration::from_mins(1);

/// Why what happened before a resumed recorder is not known.
pub(super) const NOT_RUN: &str = "no recorder ran";

/// Passes the lines of a watch on.
#[derive(Debug)]
pub(super) struct Delivery {
    id: WatchId,
    watch: Watch,
    settings: Settings,
    connection: Connection,
    /// The proofs that were asked for and given.
    proofs: u64,
    /// The doubts of which everything that was there by then was delivered.
    doubts: u64,
    /// When the last line was passed on, by the clock since the beginning.
    said: Duration,
}

impl Delivery {
    /// Delivers for a watch that begins or continues.
    pub(super) fn new(id: WatchId, watch: Watch, settings: Settings) -> Self {
        let connection = Connection { followed: true, settled: true, ..Connection::default() };
        let said = settings.clock.now().elapsed;
        Self { id, watch, settings, connection, proofs: 0, doubts: 0, said }
    }

    pub(super) fn watch(&self) -> &Watch {
        &self.watch
    }

    pub(super) fn settings(&self) -> &Settings {
        &self.settings
    }

    /// No lines yet, besides those that an earlier recorder left.
    pub(super) fn lines(&self, resume: &Resume) -> Lines {
        let version = resume.position.version().and_then(ResourceVersion::number).unwrap_or_default();
        Lines::new(self.id, version, self.now().at)
    }

    /// Since when something may have been lost before this recorder, if an earlier one left anything.
    pub(super) fn unrecorded_since(&self, resume: &Resume) -> Option<Timestamp> {
        let position = &resume.position;
        let is_resumed = position.version().is_some() || resume.is_cut || position.gap().is_some();
        is_resumed.then(|| position.alive().unwrap_or_else(|| self.settings.clock.begin()))
    }

    pub(super) fn now(&self) -> Stamp {
        self.settings.clock.now()
    }

    /// True when the recorder ends: what is left is the fence.
    pub(super) fn is_finishing(&self) -> bool {
        self.settings.finish.is_cancelled()
    }

    /// What is asked of all watches; it is answered by [`answer`](Self::answer), once the source was read.
    pub(super) fn asked(&mut self) -> Requests {
        *self.settings.requests.borrow_and_update()
    }

    /// Waits until something is asked, or the recorder ends.
    pub(super) async fn woken(&mut self) {
        tokio::select! {
            biased;
            () = self.settings.finish.cancelled() => {}
            changed = self.settings.requests.changed() => {
                if changed.is_err() {
                    // Nobody can ask any more.
                    self.settings.finish.cancelled().await;
                }
            }
        }
    }

    /// Answers what was asked before the source was read to its end: everything up to then is in the lines.
    pub(super) fn answer(&mut self, asked: Requests, lines: &mut Lines) {
        let now = self.now().elapsed;
        if asked.proofs != self.proofs || now.saturating_sub(self.said) >= BOOKMARK {
            lines.bookmark();
            self.connection.proven = Some(lines.not_before());
            self.said = now;
        }
        self.proofs = asked.proofs;
        self.doubts = self.doubts.max(asked.doubts);
    }

    /// Passes on the lines that are due, as read now, and reports how the watch is doing.
    ///
    /// # Errors
    /// Nobody records any more.
    pub(super) async fn send(&mut self, lines: &mut Lines) -> Result<(), Error> {
        let due = lines.take();
        if !due.is_empty() {
            let stamp = self.now();
            self.said = stamp.elapsed;
            let due: Vec<Observation> = due.into_iter().map(|payload| Observation { stamp, payload }).collect();
            let lost = |line: &&Observation| matches!(line.payload, Payload::Gap(_) | Payload::Undecodable(_));
            self.connection.gaps += due.iter().filter(lost).count() as u64;
            self.settings.out.send(due).await.map_err(|_| Error::Closed)?;
        }
        let resolved = self.doubts;
        self.connection(|connection| connection.resolved = resolved);
        Ok(())
    }

    /// Changes what is known of the connection to the source, and reports it.
    pub(super) fn connection(&mut self, change: impl FnOnce(&mut Connection)) {
        change(&mut self.connection);
        self.settings.connections.set(self.id, self.connection.clone());
    }

    /// The source cannot be read.
    pub(super) fn refused(&self, why: String) -> Error {
        Error::Source { what: self.watch.selected(), why }
    }
}
