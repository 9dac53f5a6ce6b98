//! The file: what is written is read back, damage is reported, and files are not overwritten.

mod damage;
mod files;
mod inputs;
mod names;
mod round_trip;
mod whole;

use statetrail::observation::{Observation, Payload, Resource, Stamp, Watch};
use statetrail::recording::{Error, Header, Reader, Record, SyncPolicy, Torn, Writer};
use std::io::Cursor;
use std::path::Path;
use std::time::Duration;

fn header() -> Header {
    let at = "2026-01-01T00:00:00Z".parse().unwrap();
    Header::new(at, vec![Watch::all(Resource::new("", "v1", "pods", "Pod")); 3])
}

fn write(path: &Path, observations: &[Observation]) {
    let mut writer = Writer::create(path, &header(), SyncPolicy::Never).unwrap();
    for observation in observations {
        writer.append(observation).unwrap();
    }
    writer.finish().unwrap();
}

fn read(bytes: &[u8]) -> Result<(Vec<Record>, Option<Torn>), Error> {
    let mut reader = Reader::new("it", Cursor::new(bytes.to_vec()))?;
    let records = reader.by_ref().collect::<Result<_, _>>()?;
    Ok((records, reader.torn()))
}

fn stamp(number: u64) -> Stamp {
    let elapsed = Duration::from_millis(number);
    Stamp { at: header().started + elapsed, elapsed }
}

/// This many marks, named by their numbers.
fn marks(count: u64) -> Vec<Observation> {
    let mark =
        |number: u64| Observation { stamp: stamp(number), payload: Payload::Mark { name: format!("mark {number}") } };
    (1..=count).map(mark).collect()
}
