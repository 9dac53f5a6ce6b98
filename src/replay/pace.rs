//! Playing timed writes into a store: at their own speed, faster, at once, or step by step.
//!
//! It runs on tokio's clock, so that tests can pause it. It refuses to play out of order: writes that carry
//! resourceVersions are played in that order, whatever their times say, as the storage that made them did.

use super::{Error, Store};
use crate::observation::{Change, Resource, ResourceVersion};
use bytes::Bytes;
use std::fmt;
use std::str::FromStr;
use std::time::Duration;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

/// Writes that are made at full speed before other tasks get a turn.
const BURST: usize = 64;

/// One write and when it is made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TimedWrite {
    /// From the start of the play.
    pub offset: Duration,
    /// Of what.
    pub resource: Resource,
    /// What happens to the object.
    pub change: Change,
    /// The object, JSON. With a decimal `metadata.resourceVersion` it is written at that revision, else at the next.
    pub object: Bytes,
}

/// How fast.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Speed {
    /// So many times the script's own speed; above 0.
    Times(f64),
    /// As fast as the store takes it.
    Max,
    /// Only when [`Pace::step`] is called.
    Step,
}

impl FromStr for Speed {
    type Err = Error;

    /// Reads `1x`, `10x`, `0.5x`, `max`, `step`.
    fn from_str(text: &str) -> Result<Self, Error> {
        match text {
            "max" => Ok(Self::Max),
            "step" => Ok(Self::Step),
            _ => text
                .strip_suffix('x')
                .and_then(|times| times.parse().ok())
                .filter(|times: &f64| times.is_finite() && *times > 0.0)
                .map(Self::Times)
                .ok_or_else(|| Error::Speed(text.to_owned())),
        }
    }
}

impl fmt::Display for Speed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Times(times) => write!(f, "{times}x"),
            Self::Max => f.write_str("max"),
            Self::Step => f.write_str("step"),
        }
    }
}

/// A script on its way into a store.
#[derive(Debug)]
pub struct Pace {
    store: Store,
    script: Vec<(TimedWrite, Option<u64>)>,
    position: usize,
}

impl Pace {
    /// A play that has not begun. The script is brought into the order of its resourceVersions if every write has one,
    /// of its times otherwise. Times are those of receipt, so a write is made no later than any that follows it: it had
    /// happened when that one was received.
    #[must_use]
    pub fn new(store: Store, script: Vec<TimedWrite>) -> Self {
        Self { store, script: ordered(script), position: 0 }
    }

    /// The write that comes next.
    #[must_use]
    pub fn upcoming(&self) -> Option<&TimedWrite> {
        self.script.get(self.position).map(|(write, _)| write)
    }

    /// Writes made and writes of the script.
    #[must_use]
    pub fn progress(&self) -> (usize, usize) {
        (self.position, self.script.len())
    }

    /// Makes the next write; `None` when the script is over.
    ///
    /// # Errors
    /// When the store refuses it; the write is passed over then, so that a caller may go on.
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

    /// Makes every write up to an offset; gives their number.
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

    /// Plays the rest; at [`Speed::Step`] it waits for `cancel`. Dropping the future stops between two writes.
    ///
    /// # Errors
    /// At the first write that the store refuses, and when cancelled before the end.
    pub async fn play(&mut self, speed: Speed, cancel: &CancellationToken) -> Result<(), Error> {
        let begin = Instant::now();
        let from = self.upcoming().map_or(Duration::ZERO, |write| write.offset);
        // What was stepped over is in the past already.
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

/// As [`Pace::new`] says, each write with its version.
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
