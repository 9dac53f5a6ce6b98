//! A stand-in for other systems than Linux, which have no runc.

use super::super::error::Error;
use super::super::settings::{Resume, Settings};
use crate::observation::{Watch, WatchId};

/// A watch that cannot be begun.
#[derive(Debug)]
pub(crate) struct Containers(Watch);

impl Containers {
    /// A watch that cannot be begun.
    #[must_use]
    pub(crate) fn new(_id: WatchId, watch: Watch, _settings: Settings, _resume: Resume) -> Self {
        Self(watch)
    }

    /// Fails.
    ///
    /// # Errors
    /// Always.
    #[expect(clippy::unused_async, reason = "the same on Linux")]
    pub(crate) async fn run(self) -> Result<(), Error> {
        Err(Error::Source { what: self.0.selected(), why: "this needs Linux".to_owned() })
    }
}
