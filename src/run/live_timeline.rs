//! The timeline of a running recorder, and any number of expectations on it, for a server.

use super::entry_log::EntryLog;
use super::error::Error;
use super::judges::Judges;
use super::live_judge::LiveJudge;
use crate::expectation::{Diagnostics, Program, Severity, Words};
use crate::observation::Watch;
use std::sync::Arc;

/// The timeline of a running recorder. Clones share it; the thread behind it ends with the last one.
#[derive(Clone)]
pub struct LiveTimeline {
    pub(super) judges: Arc<Judges>,
    pub(super) log: EntryLog,
    pub(super) watches: Arc<[Watch]>,
}

impl std::fmt::Debug for LiveTimeline {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("LiveTimeline").finish_non_exhaustive()
    }
}

impl LiveTimeline {
    /// The entries so far.
    #[must_use]
    pub fn log(&self) -> &EntryLog {
        &self.log
    }

    /// Judges expectations on the whole recording, from its beginning.
    ///
    /// # Errors
    /// They name tracks that the watched objects do not have, or the recorder has ended.
    pub fn judge(&self, program: Arc<Program>) -> Result<LiveJudge, Error> {
        self.check(&program)?;
        self.judges.judge(program).ok_or(Error::Ended)
    }

    /// Checks that the watched objects may have the tracks that expectations name.
    ///
    /// # Errors
    /// They do not.
    pub fn check(&self, program: &Program) -> Result<(), Error> {
        refuse_unknown(program, &self.watches)
    }
}

/// Refuses expectations with tracks that the watched objects do not have.
///
/// # Errors
/// They have some.
pub(super) fn refuse_unknown(program: &Program, watches: &[Watch]) -> Result<(), Error> {
    let mut words = Words::growing();
    watches.iter().for_each(|watch| words.watch(watch));
    let unknown = program.unknown_tracks(&words);
    let wrong: Vec<_> = unknown.into_iter().filter(|found| found.severity == Severity::Error).collect();
    if wrong.is_empty() { Ok(()) } else { Err(Error::Expectations(Diagnostics(wrong))) }
}
