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
    /// Not an event: what was found when everything was looked at, as in a list.
    pub listed: bool,
    /// What happened, compact JSON on one line.
    pub event: Box<RawValue>,
}

impl PartialEq for Raw {
    fn eq(&self, other: &Self) -> bool {
        let Self { watch, resource_version, uid, name, not_before, listed, event } = self;
        (watch, resource_version, uid, name, not_before, listed, event.get())
            == (
                &other.watch,
                &other.resource_version,
                &other.uid,
                &other.name,
                &other.not_before,
                &other.listed,
                other.event.get(),
            )
    }
}
