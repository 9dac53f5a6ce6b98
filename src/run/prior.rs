//! A recording that an earlier recorder left: what it knew, so that this one can go on where it stopped.

use super::error::Error;
use crate::observation::{Boot, ClockChange, ClusterIdentity, Environment, Payload, SameCluster, Stamp};
use crate::recording::{self, Header, Reader, Record, SyncPolicy, Torn, Verification, Writer};
use crate::source::{self, Clock, Resume};
use crate::timeline::{Body, Fold};
use std::path::Path;
use std::time::Duration;

/// Why an imported recording ends, by its last line.
const IMPORTED: &str = "imported";

/// An earlier recording, opened to be continued.
#[derive(Debug)]
pub struct PriorRecording {
    /// Appends to it.
    pub(crate) writer: Writer,
    /// Its first line.
    #[doc(hidden)]
    pub header: Header,
    /// What was cut off of it.
    #[doc(hidden)]
    pub torn: Option<Torn>,
    /// What each watch knew.
    pub(crate) watches: Vec<Resume>,
    /// What its lines prove.
    pub(crate) verification: Verification,
    /// The fold of all its lines.
    pub(crate) fold: Fold,
    /// Transitions of all tracks.
    pub(crate) transitions: u64,
    /// Marks.
    pub(crate) marks: u64,
    /// When its last line was received.
    pub(crate) last: Option<Stamp>,
    /// The monotonic clock of its last recorder, and what had elapsed then.
    pub(crate) boot: Option<(Duration, Boot)>,
}

impl PriorRecording {
    /// Opens it, and cuts off a torn last line.
    ///
    /// # Errors
    /// When another recorder holds it, or it cannot be read to its end.
    pub fn open(path: &Path, sync: SyncPolicy) -> Result<Self, Error> {
        recording::require_file(path).map_err(|source| recording::Error::Open { path: path.to_owned(), source })?;
        let header = Reader::open(path)?.header().clone();
        let mut fold = Fold::new(header.cluster.clone(), &header.watches)?;
        fold.began_in(header.environment.clone());
        let mut watches = vec![Resume::default(); header.watches.len()];
        let mut verification = Verification::new(&header);
        let (mut transitions, mut marks) = (0, 0);
        let mut last = None;
        let mut is_imported = false;
        let mut boot = header.boot.clone().map(|boot| (Duration::ZERO, boot));
        let mut entries = Vec::new();
        let (writer, header, torn) = Writer::resume(path, sync, |record| {
            verification.push(&record);
            let Record { seq, observation } = record;
            last = Some(observation.stamp);
            is_imported |= matches!(&observation.payload, Payload::End { reason } if reason == IMPORTED);
            if let Payload::Clock(ClockChange { boot: Some(other), .. }) = &observation.payload {
                boot = Some((observation.stamp.elapsed, other.clone()));
            }
            match observation.payload.watch() {
                Some(id) => watches.get_mut(usize::from(id)).into_iter().for_each(|watch| watch.learn(&observation)),
                None => watches.iter_mut().for_each(|watch| watch.learn(&observation)),
            }
            fold.push(seq, observation, &mut entries);
            verification.unexplained(fold.take_problems());
            for placed in entries.drain(..) {
                transitions += u64::from(matches!(placed.entry.body, Body::Transition(_)));
                marks += u64::from(matches!(placed.entry.body, Body::Mark(_)));
            }
        })?;
        for watch in watches.iter_mut().filter(|watch| watch.position.version().is_none() && watch.past.is_none()) {
            watch.is_cut = torn.is_some();
        }
        if is_imported || header.clock == recording::Clock::Server {
            return Err(recording::Error::Imported { path: path.to_owned() }.into());
        }
        Ok(Self { writer, header, torn, watches, verification, fold, transitions, marks, last, boot })
    }

    /// Holds the cluster that is reached now against the recorded one. Where nothing shows whether it is the same, all
    /// that follows comes after a gap; then true is returned.
    ///
    /// # Errors
    /// When it is another one.
    pub(crate) fn meet(&mut self, ours: &ClusterIdentity) -> Result<bool, Error> {
        let theirs = self.header.identity();
        match theirs.is_same(ours) {
            SameCluster::Yes => Ok(false),
            SameCluster::No => {
                let uid = |identity: ClusterIdentity| {
                    identity.system.or(identity.default).map_or_else(String::new, |uid| uid.to_string())
                };
                let path = self.writer.path().to_owned();
                let (theirs, ours) = (uid(theirs), uid(ours.clone()));
                Err(recording::Error::OtherCluster { path, theirs, ours }.into())
            }
            SameCluster::Unknown => {
                self.watches.iter_mut().for_each(|watch| watch.is_stranger = true);
                Ok(true)
            }
        }
    }

    /// What the cluster was made of when it was looked at last.
    #[must_use]
    pub(crate) fn environment(&self) -> &Environment {
        self.fold.environments().last().unwrap_or(&self.header.environment)
    }

    /// The clock that goes on from its last line, and whether it is the one of before.
    ///
    /// On the same start of the machine that is the same monotonic clock. Otherwise only the wall clock shows how long
    /// nobody recorded, and that it may have been set meanwhile cannot be seen.
    #[must_use]
    pub(crate) fn clock(&self) -> (Clock, bool) {
        let ahead = self.writer.wall_ahead_micros();
        let begin = self.header.started;
        let last = self.last.map_or(Duration::ZERO, |last| last.elapsed);
        if let Some((then, boot)) = &self.boot
            && let Some(elapsed) = source::since(boot).map(|since| *then + since).filter(|elapsed| *elapsed >= last)
        {
            return (Clock::resume(begin, elapsed, ahead), true);
        }
        let wall = source::wall().as_microsecond() - ahead - begin.as_microsecond();
        let elapsed = u64::try_from(wall).map_or(last, |micros| Duration::from_micros(micros).max(last));
        (Clock::resume(begin, elapsed, ahead), false)
    }
}
