//! An event of a source that is not an API server, as it came.

use super::{ResourceVersion, WatchId};
use jiff::Timestamp;
use serde_json::value::RawValue;
use smol_str::SmolStr;

/// An event of a source that is not an API server, reduced to what is stored; what it means for the object that it is
/// about, its kind says.
#[derive(Clone, Debug)]
pub struct Raw {
    /// Index of the watch in the header, from 0.
    pub watch: WatchId,
    /// Its number among the events of its watch: the recorder counts them, since the source does not.
    pub resource_version: ResourceVersion,
    /// Identifies the object that it is about.
    pub uid: SmolStr,
    /// The name of that object.
    pub name: SmolStr,
    /// When the source was last known to have nothing more to deliver: it happened at that moment or later.
    pub not_before: Timestamp,
    /// The earliest moment at which it happened, where the source says more than `not_before`.
    pub since: Option<Timestamp>,
    /// Not an event: what was found when everything was looked at, as in a list.
    pub listed: bool,
    /// What happened, compact JSON on one line.
    pub event: Box<RawValue>,
}

impl Raw {
    /// The earliest moment at which it happened.
    #[must_use]
    pub fn earliest(&self) -> Timestamp {
        self.since.map_or(self.not_before, |since| since.max(self.not_before))
    }
}

impl PartialEq for Raw {
    fn eq(&self, other: &Self) -> bool {
        let Self { watch, resource_version, uid, name, not_before, since, listed, event } = self;
        (watch, resource_version, uid, name, not_before, since, listed, event.get())
            == (
                &other.watch,
                &other.resource_version,
                &other.uid,
                &other.name,
                &other.not_before,
                &other.since,
                &other.listed,
                other.event.get(),
            )
    }
}
