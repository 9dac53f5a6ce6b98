//! Runs the machine by the clock: when there is something to read, and often enough that little can have happened unread.

use super::super::clock::until;
use super::super::connection::Connection;
use super::super::error::Error;
use super::super::settings::{Resume, Settings};
use super::host::Host as _;
use super::linux::Linux;
use super::machine::{Lost, Machine};
use crate::observation::{Observation, Payload, ResourceVersion, Watch, WatchId};
use jiff::Timestamp;
use std::os::fd::OwnedFd;
use std::path::Path;
use std::time::Duration;
use tokio::io::Interest;
use tokio::io::unix::AsyncFd;

/// How often the queues are read if nothing wakes the recorder: an event happened at most this long before its line, unless
/// the recorder did not run.
const AT_LEAST: Duration = Duration::from_millis(50);
/// How often it is said that everything up to now was delivered while nothing happens.
const BOOKMARK: Duration = Duration::from_mins(1);

const MADE: &str = "the directory was made or removed, and what happened in it meanwhile is not known";
const NOT_RUN: &str = "no recorder ran";

/// A watch of the containers of one directory.
#[derive(Debug)]
pub(crate) struct Containers {
    id: WatchId,
    watch: Watch,
    settings: Settings,
    resume: Resume,
}

/// What it has come to.
struct Running {
    machine: Machine,
    host: Linux,
    is_there: bool,
    gaps: u64,
    proven: Option<Timestamp>,
}

impl Containers {
    /// A watch that begins, or continues from `resume`.
    #[must_use]
    pub(crate) fn new(id: WatchId, watch: Watch, settings: Settings, resume: Resume) -> Self {
        Self { id, watch, settings, resume }
    }

    /// Runs until fenced. Dropping the future stops it at once, without a fence.
    ///
    /// # Errors
    /// An error that the operator must fix, or the receiver of the observations is gone.
    pub(crate) async fn run(mut self) -> Result<(), Error> {
        let now = self.settings.clock.now().at;
        let version = self.resume.position.version().and_then(ResourceVersion::number).unwrap_or_default();
        let machine = Machine::new(self.id, version, now);
        let host = Linux::new(Path::new(&self.watch.address)).map_err(|why| self.refused(why))?;
        let mut running = Running { machine, host, is_there: true, gaps: 0, proven: None };
        let woken = woken(&running.host)?;
        let is_resumed = version > 0 || self.resume.is_cut || self.resume.position.gap().is_some();
        let since = self.resume.position.alive().unwrap_or_else(|| self.settings.clock.begin());
        self.attach(&mut running, is_resumed.then_some((since, NOT_RUN))).await?;
        let (mut proofs, mut doubts) = (0, 0);
        let mut said = self.settings.clock.now().elapsed;
        loop {
            let asked = *self.settings.requests.borrow_and_update();
            let is_finishing = self.settings.finish.is_cancelled();
            let now = self.settings.clock.now();
            let turned = if is_finishing {
                running.machine.fence(&mut running.host, running.is_there, now.at)
            } else {
                running.machine.turn(&mut running.host, now.at)
            };
            let is_proof_due = turned.is_ok() && !is_finishing;
            if is_proof_due && (asked.proofs != proofs || now.elapsed.saturating_sub(said) >= BOOKMARK) {
                let watch = self.id;
                let resource_version = running.machine.version();
                let not_before = running.machine.not_before();
                running.machine.push(Payload::LateBookmark { watch, resource_version, not_before });
                running.proven = Some(not_before);
                said = now.elapsed;
            }
            (proofs, doubts) = (asked.proofs, doubts.max(asked.doubts));
            let has_said = self.send(&mut running).await?;
            if has_said {
                said = now.elapsed;
            }
            match turned {
                Ok(()) if is_finishing => return Ok(()),
                Ok(()) => {}
                Err(lost) => {
                    self.lost(&mut running, &lost).await?;
                    continue;
                }
            }
            self.report(&running, doubts);
            let deadline = self.settings.clock.after(AT_LEAST);
            tokio::select! {
                biased;
                () = self.settings.finish.cancelled() => {}
                Ok(()) = self.settings.requests.changed() => {}
                woken = woken.readable() => {
                    // Whatever comes after this wakes it again.
                    if let Ok(mut woken) = woken { woken.clear_ready() }
                }
                () = until(Some(deadline)) => {}
            }
        }
    }

    async fn lost(&mut self, running: &mut Running, lost: &Lost) -> Result<(), Error> {
        let since = running.machine.lost_since();
        match lost {
            Lost::Events(why) => {
                tracing::warn!("{}: events were lost: {why}", self.watch.selected());
                self.attach(running, Some((since, *why))).await
            }
            // There is nothing to lose where nothing is and was.
            Lost::Root if !running.is_there && !running.host.reset().map_err(|why| self.refused(why))? => {
                running.machine.clear();
                Ok(())
            }
            Lost::Root => self.attach(running, Some((since, MADE))).await,
        }
    }

    async fn attach(&mut self, running: &mut Running, lost: Option<(Timestamp, &str)>) -> Result<(), Error> {
        let now = self.settings.clock.now().at;
        let kind = self.watch.resource.kind.clone();
        let attached = running.machine.attach(&mut running.host, lost, &kind, now);
        let is_there = attached.map_err(|why| self.refused(why))?;
        if !is_there {
            tracing::warn!("{} is not there yet: waiting until it is made", self.watch.address);
        }
        running.is_there = is_there;
        running.gaps += u64::from(lost.is_some());
        self.send(running).await.map(drop)
    }

    /// Sends the lines that are due, with the time at which they were read.
    async fn send(&mut self, running: &mut Running) -> Result<bool, Error> {
        let lines = running.machine.take_lines();
        if lines.is_empty() {
            return Ok(false);
        }
        let stamp = self.settings.clock.now();
        let lines = lines.into_iter().map(|payload| Observation { stamp, payload }).collect();
        self.settings.out.send(lines).await.map_err(|_| Error::Closed)?;
        Ok(true)
    }

    fn report(&self, running: &Running, resolved: u64) {
        let connection = Connection {
            followed: true,
            settled: true,
            gaps: running.gaps,
            proven: running.proven,
            resolved,
            ..Connection::default()
        };
        self.settings.connections.set(self.id, connection);
    }

    fn refused(&self, why: String) -> Error {
        Error::Source { what: self.watch.selected(), why }
    }
}

/// What the runtime waits for, which is ready when the host has something to read.
#[expect(deprecated, reason = "the other constructor is unsafe; what it asks for is what an owned descriptor promises")]
fn woken(host: &Linux) -> Result<AsyncFd<OwnedFd>, Error> {
    let descriptor = host.ready().try_clone_to_owned().map_err(Error::Descriptor)?;
    AsyncFd::with_interest(descriptor, Interest::READABLE).map_err(Error::Descriptor)
}
