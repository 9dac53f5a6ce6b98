//! A whole recording, read and folded.

use super::error::Error;
use crate::observation::Stamp;
use crate::recording::{Header, Reader, Torn};
use crate::timeline::{Entry, Fold, Ordered, SETTLE, sorted};

/// What a recording says.
pub struct FoldedRecording {
    /// Its first line.
    pub header: Header,
    /// The fold of all its lines.
    pub fold: Fold,
    /// Its timeline.
    pub entries: Vec<Entry>,
    /// The latest moment at which one of its lines was received.
    pub last: Option<Stamp>,
    /// `seq` of its last line; 0 when it has none but its header.
    pub seq: u64,
    /// What was cut off at its end.
    pub torn: Option<Torn>,
}

/// Reads a recording to its end.
///
/// # Errors
/// When it cannot be read, or a track of the user's own in its header has no valid path.
pub fn folded(mut reader: Reader) -> Result<FoldedRecording, Error> {
    let header = reader.header().clone();
    let mut fold = Fold::new(header.cluster.clone(), &header.watches)?;
    fold.began_in(header.environment.clone());
    let mut placed: Vec<Ordered> = Vec::new();
    let mut last: Option<Stamp> = None;
    let mut seq = 0;
    for record in reader.by_ref() {
        let record = record?;
        seq = record.seq;
        let stamp = record.observation.stamp;
        last = last.filter(|last| last.at > stamp.at).or(Some(stamp));
        fold.push(record.seq, record.observation, &mut placed);
    }
    fold.release(&mut placed);
    Ok(FoldedRecording { header, fold, entries: sorted(placed, SETTLE), last, seq, torn: reader.torn() })
}
