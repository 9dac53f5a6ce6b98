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

/// How long lines may be held for those that follow: to pass each on by itself costs as much as all that is done with it.
const HELD: Duration = Duration::from_millis(20);

/// Why what happened before a resumed recorder is not known.
pub(super) const NOT_RUN: &str = "no recorder ran";

/// Passes the lines of a watch on.
#[derive(Debug)]
pub(super) struct Delivery {
    id: WatchId,
    watch: Watch,
    settings: Settings,
    connection: Connection,
    /// The proofs that were asked for and given, and those that let time decide something.
    proofs: (u64, u64),
    /// The doubts of which everything that was there by then was delivered.
    doubts: u64,
    /// When the last line was read, by the clock since the beginning.
    said: Duration,
    /// What was read and is not passed on yet, and since when.
    held: Vec<Observation>,
    held_since: Duration,
    /// What is held was asked for.
    is_urgent: bool,
}

impl Delivery {
    /// Delivers for a watch that begins or continues.
    pub(super) fn new(id: WatchId, watch: Watch, settings: Settings) -> Self {
        let connection = Connection { followed: true, settled: true, ..Connection::default() };
        let said = settings.clock.now().elapsed;
        let (held, held_since, is_urgent) = (Vec::new(), Duration::ZERO, false);
        Self { id, watch, settings, connection, proofs: (0, 0), doubts: 0, said, held, held_since, is_urgent }
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
        let (now, proofs) = (self.now().elapsed, (asked.proofs, asked.dues));
        if proofs != self.proofs || now.saturating_sub(self.said) >= BOOKMARK {
            lines.bookmark();
            self.connection.proven = Some(lines.not_before());
            self.said = now;
        }
        self.is_urgent |= proofs != self.proofs || asked.doubts != self.doubts;
        self.proofs = proofs;
        self.doubts = self.doubts.max(asked.doubts);
    }

    /// Takes the lines that are due, as read now, and passes them on together with those that are read within a moment.
    ///
    /// # Errors
    /// Nobody records any more.
    pub(super) async fn pass(&mut self, lines: &mut Lines) -> Result<(), Error> {
        self.hold(lines);
        let is_due = || self.held_until().is_some_and(|until| self.now().elapsed >= until);
        if self.is_urgent || self.is_finishing() || is_due() { self.flush().await } else { Ok(()) }
    }

    /// When what is held is due, by the clock since the beginning.
    pub(super) fn held_until(&self) -> Option<Duration> {
        (!self.held.is_empty()).then(|| self.held_since + HELD)
    }

    /// Passes on the lines that are due, as read now, and reports how the watch is doing.
    ///
    /// # Errors
    /// Nobody records any more.
    pub(super) async fn send(&mut self, lines: &mut Lines) -> Result<(), Error> {
        self.hold(lines);
        self.flush().await
    }

    fn hold(&mut self, lines: &mut Lines) {
        self.hold_read(lines, self.now());
    }

    /// Takes the lines that are due, as read at a moment. They are passed on with those that follow.
    pub(super) fn hold_read(&mut self, lines: &mut Lines, stamp: Stamp) {
        let due = lines.take();
        if due.is_empty() {
            return;
        }
        self.said = stamp.elapsed;
        if self.held.is_empty() {
            self.held_since = stamp.elapsed;
        }
        let lost = |line: &Payload| matches!(line, Payload::Gap(_) | Payload::Undecodable(_));
        self.connection.gaps += due.iter().filter(|line| lost(line)).count() as u64;
        self.held.extend(due.into_iter().map(|payload| Observation { stamp, payload }));
    }

    async fn flush(&mut self) -> Result<(), Error> {
        self.is_urgent = false;
        let held = std::mem::take(&mut self.held);
        if !held.is_empty() {
            self.settings.out.send(held).await.map_err(|_| Error::Closed)?;
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
