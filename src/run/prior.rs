//! The recording of an earlier recorder, and what is needed to continue it.

use super::error::Error;
use crate::observation::{Boot, ClockChange, ClusterIdentity, Environment, Payload, SameCluster, Stamp};
use crate::recording::{self, Header, Reader, Record, SyncPolicy, Torn, Verification, Writer};
use crate::source::{self, Clock, Resume};
use crate::timeline::{Body, Fold};
use std::path::Path;
use std::time::Duration;

/// The reason in the last line of an imported recording.
const IMPORTED: &str = "imported";

/// An earlier recording, opened to be continued.
#[derive(Debug)]
pub struct PriorRecording {
    /// Appends to it.
    pub(crate) writer: Writer,
    /// Its first line.
    #[doc(hidden)]
    pub header: Header,
    /// What was truncated at its end.
    #[doc(hidden)]
    pub torn: Option<Torn>,
    /// The state of each watch.
    pub(crate) watches: Vec<Resume>,
    /// The verification of its lines.
    pub(crate) verification: Verification,
    /// The fold of all its lines.
    pub(crate) fold: Fold,
    /// Transitions of all tracks.
    pub(crate) transitions: u64,
    /// Marks.
    pub(crate) marks: u64,
    /// The stamp of its last line.
    pub(crate) last: Option<Stamp>,
    /// The monotonic clock of its last recorder, and what had elapsed then.
    pub(crate) boot: Option<(Duration, Boot)>,
}

impl PriorRecording {
    /// Opens a recording, and truncates a torn last line.
    ///
    /// # Errors
    /// Another recorder has it open, or it cannot be read to its end.
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

    /// The resources that no recorder had attached to yet: nothing is known of the time until one does.
    #[must_use]
    pub(crate) fn unattached(&self) -> Vec<String> {
        let is_new =
            |watch: &Resume| watch.position.version().is_none() && !watch.position.is_away() && watch.past.is_none();
        let watches = self.header.watches.iter().zip(&self.watches);
        watches.filter(|(_, resume)| is_new(resume)).map(|(watch, _)| watch.resource.to_string()).collect()
    }

    /// Compares the cluster with the recorded one. Returns true if nothing shows whether it is the same; then
    /// everything that follows comes after a gap.
    ///
    /// # Errors
    /// It is another cluster.
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

    /// The cluster's versions and nodes when they were last read.
    #[must_use]
    pub(crate) fn environment(&self) -> &Environment {
        self.fold.environments().last().unwrap_or(&self.header.environment)
    }

    /// The clock that continues from its last line, and whether it is the same clock.
    ///
    /// Within one boot of the machine it is the same monotonic clock. Otherwise only the wall clock shows how long
    /// nothing was recorded, and it may have been set meanwhile.
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
