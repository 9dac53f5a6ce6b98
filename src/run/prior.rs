//! A recording that an earlier recorder left: what it knew, so that this one can go on where it stopped.

use super::error::Error;
use crate::observation::{Environment, Stamp};
use crate::recording::{Header, Reader, Record, SyncPolicy, Torn, Verification, Writer};
use crate::source::Resume;
use crate::timeline::{Body, Fold};
use std::path::Path;
use std::time::Duration;

/// An earlier recording, opened to be continued.
#[derive(Debug)]
pub struct PriorRecording {
    /// Appends to it.
    pub writer: Writer,
    /// Its first line.
    pub header: Header,
    /// What was cut off of it.
    pub torn: Option<Torn>,
    /// What each watch knew.
    pub watches: Vec<Resume>,
    /// What its lines prove.
    pub verification: Verification,
    /// The fold of all its lines.
    pub fold: Fold,
    /// Transitions of all tracks.
    pub transitions: u64,
    /// Marks.
    pub marks: u64,
    /// When its last line was received, on both of its clocks.
    pub last: Option<Stamp>,
}

impl PriorRecording {
    /// Opens it, and cuts off a torn last line.
    ///
    /// # Errors
    /// When another recorder holds it, or it cannot be read to its end.
    pub fn open(path: &Path, sync: SyncPolicy) -> Result<Self, Error> {
        let header = Reader::open(path)?.header().clone();
        let mut fold = Fold::new(header.cluster.clone(), &header.watches)?;
        fold.began_in(header.environment.clone());
        let mut watches = vec![Resume::default(); header.watches.len()];
        let mut verification = Verification::new(&header);
        let (mut transitions, mut marks) = (0, 0);
        let mut last = None;
        let mut entries = Vec::new();
        let (writer, header, torn) = Writer::resume(path, sync, |record| {
            verification.push(&record);
            let Record { seq, observation } = record;
            last = Some(observation.stamp);
            match observation.payload.watch() {
                Some(id) => watches.get_mut(usize::from(id)).into_iter().for_each(|watch| watch.learn(&observation)),
                None => watches.iter_mut().for_each(|watch| watch.learn(&observation)),
            }
            fold.push(seq, observation, &mut entries);
            for placed in entries.drain(..) {
                transitions += u64::from(matches!(placed.entry.body, Body::Transition(_)));
                marks += u64::from(matches!(placed.entry.body, Body::Mark(_)));
            }
        })?;
        Ok(Self { writer, header, torn, watches, verification, fold, transitions, marks, last })
    }

    /// What the cluster was made of when it was looked at last.
    #[must_use]
    pub fn environment(&self) -> &Environment {
        self.fold.environments().last().unwrap_or(&self.header.environment)
    }

    /// How long it had been recording, by the wall clock's word for the time between.
    #[must_use]
    pub fn elapsed_at(&self, now: jiff::Timestamp) -> Duration {
        let Some(last) = self.last else { return Duration::ZERO };
        last.elapsed + Duration::try_from(now.duration_since(last.at)).unwrap_or_default()
    }
}
