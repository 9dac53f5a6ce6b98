//! Reads and folds a whole recording line by line, so that memory depends only on what is kept.

use super::error::Error;
use crate::observation::{ClockChange, Payload, Stamp};
use crate::recording::{self, Header, Reader, Sequence, Torn, Verification, Verified};
use crate::timeline::{Entry, Fold, SETTLE, Sorting};

/// A recording with its timeline.
#[derive(Debug)]
pub struct FoldedRecording {
    /// Its first line.
    pub header: Header,
    /// The fold of all its lines.
    pub fold: Fold,
    /// Its timeline.
    pub entries: Vec<Entry>,
    /// The latest receipt time of its lines.
    pub last: Option<Stamp>,
    /// `seq` of its last line; 0 when it only has a header.
    pub seq: u64,
    /// True when recorders of more than one boot of the machine wrote it: the time between them is then unknown.
    pub has_two_clocks: bool,
    /// The first sign that lines are missing, other than at its end.
    pub missing: Option<String>,
    /// What was truncated at its end.
    pub torn: Option<Torn>,
    /// Why it could not be read further; all lines before are valid.
    pub damage: Option<recording::Error>,
}

/// Reads a recording to its end, or as far as its lines are valid, and keeps the entries that `keeps` selects.
///
/// # Errors
/// A custom track in its header has an invalid path.
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

/// Verifies a recording up to where its lines are valid, without keeping them.
///
/// # Errors
/// A custom track in its header has an invalid path.
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
