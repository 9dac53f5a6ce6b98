//! What the two watches of one directory of runc have in common: that of its containers, and that of the directories
//! which these use.

use super::super::numbered::Lines;
use super::host::{Host, Notice, Unwatched};
use jiff::Timestamp;
use smol_str::SmolStr;
use std::collections::{BTreeSet, VecDeque};

/// How often a look is repeated.
pub(super) const LOOKS: usize = 100;

pub(super) const OVERFLOW: &str = "the kernel's queue of events was full";
pub(super) const TWICE: &str = "the directory of a container was made twice";

/// Why a machine has to look at everything again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Lost {
    /// Events were lost; the words say how.
    Events(&'static str),
    /// The directory of all containers came or went.
    Root,
}

/// A machine without I/O of its own, which follows the containers of a directory.
pub(super) trait Watching<H: Host> {
    /// Its lines.
    fn lines(&mut self) -> &mut Lines;

    /// What is still to be read of the queue.
    fn queue(&mut self) -> &mut VecDeque<Notice>;

    /// The names of the containers whose directories are there.
    fn names(&self) -> BTreeSet<SmolStr>;

    /// The earliest moment at which what the last turn lost can have happened.
    fn lost_since(&self) -> Timestamp;

    /// Reads the queues, which `now` begins.
    ///
    /// # Errors
    /// Everything must be looked at again. The lines up to there are due.
    fn turn(&mut self, host: &mut H, now: Timestamp) -> Result<(), Lost>;

    /// Looks at everything, and says what is there; after a gap, if something was lost since a moment. Returns false if
    /// the directory of all containers is not there.
    ///
    /// # Errors
    /// It cannot be read, or does not come to rest.
    fn attach(
        &mut self,
        host: &mut H,
        lost: Option<(Timestamp, &str)>,
        kind: &SmolStr,
        now: Timestamp,
    ) -> Result<bool, String>;

    /// Says what is not known at the end.
    fn finish(&mut self) {}

    /// True when the directory of a name was removed by now.
    fn is_over(&mut self, host: &mut H, name: &SmolStr) -> bool {
        self.queue().extend(host.drain());
        self.queue().contains(&Notice::Directory { name: name.clone(), is_made: false })
    }

    /// Compares what is there with what was recorded.
    ///
    /// # Errors
    /// Everything must be looked at again.
    fn fence(&mut self, host: &mut H, is_there: bool, now: Timestamp) -> Result<(), Lost> {
        let mut missing = String::new();
        for _ in 0..LOOKS {
            self.turn(host, now)?;
            missing = match host.names() {
                Ok(names) => differences(names, &self.names()),
                Err(Unwatched::Gone) if !is_there => String::new(),
                Err(Unwatched::Gone) => "the directory is gone".to_owned(),
                Err(Unwatched::Refused(why)) => why,
            };
            // Otherwise something may be on its way.
            self.queue().extend(host.drain());
            if missing.is_empty() && self.queue().is_empty() {
                break;
            }
        }
        self.finish();
        self.lines().fence(missing);
        Ok(())
    }
}

/// The containers that are there and not recorded, or recorded and not there.
fn differences(there: Vec<SmolStr>, known: &BTreeSet<SmolStr>) -> String {
    let there: BTreeSet<SmolStr> = there.into_iter().collect();
    let differing: Vec<&str> = there.symmetric_difference(known).map(SmolStr::as_str).collect();
    differing.join(", ")
}
