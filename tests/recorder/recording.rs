//! A recording as tests read it: its lines, its timeline, and the result of `verify`, all read by the library.

use statetrail::observation::{Observation, Payload, Watch};
use statetrail::recording::{Header, Reader, Record, Torn, Verified};
use statetrail::run::{self, FoldedRecording, Recorded};
use statetrail::timeline::{Entry, Fold, Ordered};
use std::path::{Path, PathBuf};
use tempfile::TempDir;

pub(crate) struct Recording {
    pub path: PathBuf,
    pub header: Header,
    pub records: Vec<Record>,
    pub timeline: Vec<Entry>,
    /// What was cut off at its end.
    pub torn: Option<Torn>,
    pub verified: Verified,
    /// The result of its recorder, if that ran in this process.
    pub recorded: Option<Recorded>,
    /// Its folder, if this value owns it.
    folder: Option<TempDir>,
}

impl Recording {
    /// # Panics
    /// When the file is not a recording, or is damaged elsewhere than at its end.
    pub(crate) fn read(path: &Path) -> Self {
        let open = || Reader::open(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        let records = open().map(|record| record.unwrap_or_else(|error| panic!("{}: {error}", path.display())));
        let records = records.collect();
        let folded = run::folded(open(), |_| true).expect("no user-defined tracks");
        let FoldedRecording { header, entries: timeline, torn, .. } = folded;
        let (verified, _) = run::verify(open()).expect("no user-defined tracks");
        Self { path: path.to_owned(), header, records, timeline, torn, verified, recorded: None, folder: None }
    }

    /// The `run.jsonl` of a folder, which is kept as long as this value.
    ///
    /// # Panics
    /// As [`Recording::read`].
    pub(crate) fn of(folder: TempDir) -> Self {
        let recording = Self::read(&folder.path().join("run.jsonl"));
        Self { folder: Some(folder), ..recording }
    }

    /// The payloads of its lines.
    pub(crate) fn payloads(&self) -> impl DoubleEndedIterator<Item = &Payload> {
        self.records.iter().map(|record| &record.observation.payload)
    }
}

/// The observations in a file.
///
/// # Panics
/// As [`Recording::read`].
pub(crate) fn observations(path: &Path) -> Vec<Observation> {
    Recording::read(path).records.into_iter().map(|record| record.observation).collect()
}

/// Folds lines that are not in a file, in order.
pub(crate) fn folded(watches: &[Watch], lines: impl IntoIterator<Item = Observation>) -> Vec<Ordered> {
    let mut fold = Fold::new(None, watches).expect("no user-defined tracks");
    let mut ordered = Vec::new();
    for (seq, line) in (1..).zip(lines) {
        fold.push(seq, line, &mut ordered);
    }
    ordered
}
