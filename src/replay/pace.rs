//! Plays timed writes into a store: at their own speed, faster, at once, or step by step.
//!
//! It runs on tokio's clock, so that tests can pause it. Writes with resourceVersions are always played in that order,
//! whatever their times, as the original storage made them.

use super::speed::Speed;
use super::{Error, Store};
use crate::observation::{Change, Resource, ResourceVersion};
use bytes::Bytes;
use std::time::Duration;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

/// How many writes are made at full speed before other tasks get a turn.
const BURST: usize = 64;

/// A write and its time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TimedWrite {
    /// Time since the start of playing.
    pub offset: Duration,
    /// The resource of the object.
    pub resource: Resource,
    /// What happens to the object.
    pub change: Change,
    /// The object, JSON. With a decimal `metadata.resourceVersion` it is written at that revision, else at the next.
    pub object: Bytes,
}

/// A script being played into a store.
#[derive(Debug)]
pub struct Pace {
    store: Store,
    script: Vec<(TimedWrite, Option<u64>)>,
    position: usize,
}

impl Pace {
    /// A script that has not started. It is sorted by resourceVersion if every write has one, and by time otherwise.
    /// Times are receipt times, so a write is made no later than any that follows it: it had happened when the later
    /// one was received.
    #[must_use]
    pub fn new(store: Store, script: Vec<TimedWrite>) -> Self {
        Self { store, script: ordered(script), position: 0 }
    }

    /// The next write.
    #[must_use]
    pub fn upcoming(&self) -> Option<&TimedWrite> {
        self.script.get(self.position).map(|(write, _)| write)
    }

    /// The number of writes made, and of all writes of the script.
    #[must_use]
    pub fn progress(&self) -> (usize, usize) {
        (self.position, self.script.len())
    }

    /// Makes the next write; `None` at the end of the script.
    ///
    /// # Errors
    /// When the store refuses the write; it is then skipped, so that a caller may continue.
    pub fn step(&mut self) -> Result<Option<ResourceVersion>, Error> {
        let position = self.position;
        let Some((write, version)) = self.script.get(position) else { return Ok(None) };
        self.position += 1;
        let made = match version {
            Some(_) => self.store.apply(&write.resource, write.change, &write.object),
            None => self.store.write(&write.resource, write.change, &write.object),
        };
        made.map(Some).map_err(|source| Error::Write {
            position,
            resource_version: version
                .map_or(ResourceVersion::default(), |version| ResourceVersion::new(version.to_string())),
            source: Box::new(source),
        })
    }

    /// Makes all writes up to an offset; returns how many.
    ///
    /// # Errors
    /// At the first write that the store refuses.
    pub fn advance(&mut self, to: Duration) -> Result<usize, Error> {
        let before = self.position;
        while self.upcoming().is_some_and(|write| write.offset <= to) {
            self.step()?;
        }
        Ok(self.position - before)
    }

    /// Plays the rest; at [`Speed::Step`] it only waits for `cancel`. Dropping the future stops between two writes.
    ///
    /// # Errors
    /// At the first write that the store refuses, and when cancelled before the end.
    pub async fn play(&mut self, speed: Speed, cancel: &CancellationToken) -> Result<(), Error> {
        let begin = Instant::now();
        let from = self.upcoming().map_or(Duration::ZERO, |write| write.offset);
        // Writes already made by stepping are not waited for.
        let from = if self.position == 0 { Duration::ZERO } else { from };
        while let Some(write) = self.upcoming() {
            let wait = async {
                match speed {
                    Speed::Times(times) => {
                        tokio::time::sleep_until(begin + write.offset.saturating_sub(from).div_f64(times)).await;
                    }
                    Speed::Max if self.position.is_multiple_of(BURST) => tokio::task::yield_now().await,
                    Speed::Max => {}
                    Speed::Step => std::future::pending().await,
                }
            };
            tokio::select! {
                biased;
                () = cancel.cancelled() => {
                    let (played, total) = self.progress();
                    return Err(Error::Stopped { played, total });
                }
                () = wait => {}
            }
            self.step()?;
        }
        Ok(())
    }
}

/// The order of [`Pace::new`], each write with its version.
pub(super) fn ordered(script: Vec<TimedWrite>) -> Vec<(TimedWrite, Option<u64>)> {
    let mut script: Vec<_> = script
        .into_iter()
        .map(|write| {
            let version = version(&write.object);
            (write, version)
        })
        .collect();
    if script.iter().all(|(_, version)| version.is_some()) {
        script.sort_by_key(|(_, version)| *version);
    } else {
        script.sort_by_key(|(write, _)| write.offset);
    }
    let mut earliest = Duration::MAX;
    for (write, _) in script.iter_mut().rev() {
        earliest = earliest.min(write.offset);
        write.offset = earliest;
    }
    script
}

/// The object's own version, if it is a number.
fn version(object: &[u8]) -> Option<u64> {
    #[derive(serde::Deserialize)]
    struct Versioned {
        metadata: Metadata,
    }
    #[derive(serde::Deserialize)]
    #[serde(rename_all = "camelCase")]
    struct Metadata {
        resource_version: ResourceVersion,
    }
    serde_json::from_slice::<Versioned>(object).ok()?.metadata.resource_version.number()
}
