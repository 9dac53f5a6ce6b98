//! Turns a recording into the writes that produced it.

use super::TimedWrite;
use crate::observation::{Observation, Payload};
use crate::recording::{Header, Record};
use bytes::Bytes;
use std::time::Duration;

/// The writes of a recording, each with its offset from the start of the recording. Lines that contain no object are
/// skipped, as are those of watches that are not in the header.
pub(crate) fn script(header: &Header, records: impl IntoIterator<Item = Record>) -> Vec<TimedWrite> {
    records.into_iter().filter_map(|record| write(header, record.observation)).collect()
}

fn write(header: &Header, Observation { stamp, payload: what }: Observation) -> Option<TimedWrite> {
    let Payload::Object(seen) = what else { return None };
    let watch = header.watches.get(usize::from(seen.watch))?;
    let offset = Duration::try_from(stamp.at.duration_since(header.started)).unwrap_or_default();
    let object = Bytes::from(Box::<str>::from(seen.object.json).into_string());
    Some(TimedWrite { offset, resource: watch.resource.clone(), change: seen.change, object })
}
