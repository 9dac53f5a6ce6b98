//! A whole recording, read and folded: line by line, in the memory that what is kept of it needs.

use super::error::Error;
use crate::observation::{ClockChange, Payload, Stamp};
use crate::recording::{self, Header, Reader, Sequence, Torn, Verification, Verified};
use crate::timeline::{Entry, Fold, SETTLE, Sorting};

/// What a recording says.
#[derive(Debug)]
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
    /// Recorders of more than one start of a machine wrote it: nothing tells how long it was from one to the next.
    pub has_two_clocks: bool,
    /// The first sign that lines are missing, other than at its end: what they said is not known.
    pub missing: Option<String>,
    /// What was cut off at its end.
    pub torn: Option<Torn>,
    /// Why it could not be read further: all lines before are good.
    pub damage: Option<recording::Error>,
}

/// Reads a recording to its end, or as far as its lines are good, and keeps those entries that `keeps` says.
///
/// # Errors
/// When a track of the user's own in its header has no valid path.
pub fn folded(mut reader: Reader, keeps: impl Fn(&Entry) -> bool) -> Result<FoldedRecording, Error> {
    let header = reader.header().clone();
    let mut fold = Fold::new(header.cluster.clone(), &header.watches)?;
    fold.began_in(header.environment.clone());
    let mut sorting = Sorting::new(SETTLE);
    let mut placed = Vec::new();
    let mut last: Option<Stamp> = None;
    let mut seq = 0;
    let mut sequence = Sequence::new(&header);
    let mut missing = None;
    let mut has_two_clocks = false;
    let mut damage = None;
    for record in reader.by_ref() {
        let record = match record {
            Ok(record) => record,
            Err(error) => {
                damage = Some(error);
                break;
            }
        };
        seq = record.seq;
        let problems = sequence.next(seq, &record.observation.payload);
        missing = missing.or_else(|| problems.into_iter().next());
        let stamp = record.observation.stamp;
        has_two_clocks |= matches!(&record.observation.payload, Payload::Clock(ClockChange { boot: Some(_), .. }));
        last = last.filter(|last| last.at > stamp.at).or(Some(stamp));
        fold.push(record.seq, record.observation, &mut placed);
        fold.take_problems();
        placed.drain(..).for_each(|placed| sorting.push(placed, &keeps));
    }
    fold.release(&mut placed);
    placed.drain(..).for_each(|placed| sorting.push(placed, &keeps));
    let (entries, torn) = (sorting.finish(), reader.torn());
    Ok(FoldedRecording { header, fold, entries, last, seq, has_two_clocks, missing, torn, damage })
}

/// Says what a recording proves, up to where its lines are good; holds none of them.
///
/// # Errors
/// When a track of the user's own in its header has no valid path.
pub fn verify(mut reader: Reader) -> Result<(Verified, Option<recording::Error>), Error> {
    let header = reader.header().clone();
    let mut fold = Fold::new(header.cluster.clone(), &header.watches)?;
    let mut verification = Verification::new(&header);
    let mut placed = Vec::new();
    let mut damage = None;
    for record in reader.by_ref() {
        match record {
            Ok(record) => {
                verification.push(&record);
                fold.push(record.seq, record.observation, &mut placed);
                verification.unexplained(fold.take_problems());
                placed.clear();
            }
            Err(error) => {
                verification.damaged(&error);
                damage = Some(error);
                break;
            }
        }
    }
    Ok((verification.finish(reader.torn().is_some()), damage))
}
