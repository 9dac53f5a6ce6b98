//! Reads and folds a whole recording line by line, so that memory depends only on what is kept.

use super::error::Error;
use crate::kinds::Definitions;
use crate::observation::{ClockChange, Payload, Stamp};
use crate::recording::{self, Clock, Header, Reader, Record, Torn, Verification, Verified};
use crate::timeline::{Entry, Fold, Misplaced, Ordered, Rereading, SETTLE, Sorting};
use std::path::Path;

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
    /// When the wall clock was set, and by how many microseconds ahead.
    pub steps: Vec<(Stamp, i64)>,
    /// The first sign that lines are missing or contradict each other, other than at its end, and that no gap reports.
    pub missing: Option<String>,
    /// What was truncated at its end.
    pub torn: Option<Torn>,
    /// Why it could not be read further; all lines before are valid.
    pub damage: Option<recording::Error>,
}

impl FoldedRecording {
    /// True when it has no end: its recorder was killed, or is still running.
    #[must_use]
    pub fn is_open(&self) -> bool {
        self.header.clock == Clock::Receipt && self.fold.coverage().iter().any(|coverage| !coverage.over)
    }

    /// False where no one clock measured how long everything took.
    #[must_use]
    pub fn is_measured(&self) -> bool {
        self.header.clock == Clock::Receipt && self.fold.other_clock().is_none()
    }
}

/// Reads a recording to its end, or as far as its lines are valid, and keeps the entries that `keeps` selects.
///
/// # Errors
/// When a custom track in its header has an invalid path.
pub fn folded(reader: Reader, keeps: impl Fn(&Entry) -> bool) -> Result<FoldedRecording, Error> {
    let mut sorting = Sorting::new(SETTLE);
    let whole = lines(reader, |placed| sorting.push(placed, &keeps))?;
    Ok(FoldedRecording { entries: sorting.finish(), ..whole })
}

/// Opens a recording, with these tracks in addition to those that the recorder defined.
///
/// # Errors
/// When it cannot be read, or has nothing to show for a track.
pub(super) fn opened((path, tracks): (&Path, &Definitions)) -> Result<Reader, Error> {
    Ok(Reader::open(path)?.changed(|header| tracks.add(&mut header.watches, header.capture))?)
}

/// Reads a recording once more, up to the line of a `seq`, and passes on its entries in order.
///
/// # Errors
/// When it can no longer be read.
pub(super) fn reread(
    mut reader: Reader,
    until: u64,
    misplaced: Misplaced,
    mut take: impl FnMut(Entry),
) -> Result<(), Error> {
    let mut fold = fold_of(reader.header())?;
    let mut order = Rereading::new(SETTLE, misplaced);
    let end = pass(&mut reader, &mut fold, None, until, |_| {}, |placed| order.push(placed, &mut take));
    match end.damage {
        Some(damage) if end.seq < until => Err(damage.into()),
        _ => {
            order.finish(&mut take);
            Ok(())
        }
    }
}

/// Folds the lines of a recording, as far as they are valid. The entries are passed on as they come; the rest is
/// returned.
///
/// # Errors
/// When a custom track in its header has an invalid path.
pub(super) fn lines(mut reader: Reader, take: impl FnMut(Ordered)) -> Result<FoldedRecording, Error> {
    let header = reader.header().clone();
    let mut fold = fold_of(&header)?;
    let mut verification = Verification::new(&header);
    let mut last: Option<Stamp> = None;
    let mut steps = Vec::new();
    let see = |record: &Record| {
        let stamp = record.observation.stamp;
        if let Payload::Clock(ClockChange { step_micros, .. }) = &record.observation.payload {
            steps.extend(step_micros.map(|by| (stamp, by)));
        }
        last = last.filter(|last| last.at > stamp.at).or(Some(stamp));
    };
    let PassEnd { seq, damage } = pass(&mut reader, &mut fold, Some(&mut verification), u64::MAX, see, take);
    let (entries, torn) = (Vec::new(), reader.torn());
    let missing = verification.contradiction().map(ToOwned::to_owned);
    Ok(FoldedRecording { header, fold, entries, last, seq, steps, missing, torn, damage })
}

/// Verifies a recording up to where its lines are valid, without keeping them.
///
/// # Errors
/// A custom track in its header has an invalid path.
pub fn verify(mut reader: Reader) -> Result<(Verified, Option<recording::Error>), Error> {
    let mut fold = fold_of(reader.header())?;
    let mut verification = Verification::new(reader.header());
    let end = pass(&mut reader, &mut fold, Some(&mut verification), u64::MAX, |_| {}, |_| {});
    if let Some(damage) = &end.damage {
        verification.damaged(damage);
    }
    Ok((verification.finish(reader.torn().is_some()), end.damage))
}

/// The fold of a recording, before its first line.
fn fold_of(header: &Header) -> Result<Fold, Error> {
    let mut fold = Fold::new(header.cluster.clone(), &header.watches)?;
    fold.began_in(header.environment.clone());
    Ok(fold)
}

/// Where the reading of a recording ended.
struct PassEnd {
    /// `seq` of the last line; 0 when there was none.
    seq: u64,
    /// Why the next one could not be read.
    damage: Option<recording::Error>,
}

/// Folds and, if asked to, verifies the lines of a recording up to that of a `seq`, as far as they are valid. `see` gets
/// each line before it is folded, and `take` the entries as they come.
fn pass(
    reader: &mut Reader,
    fold: &mut Fold,
    mut verification: Option<&mut Verification>,
    until: u64,
    mut see: impl FnMut(&Record),
    mut take: impl FnMut(Ordered),
) -> PassEnd {
    let mut placed = Vec::new();
    let mut end = PassEnd { seq: 0, damage: None };
    while end.seq < until
        && let Some(record) = reader.next()
    {
        let record = match record {
            Ok(record) => record,
            Err(error) => {
                end.damage = Some(error);
                break;
            }
        };
        end.seq = record.seq;
        see(&record);
        if let Some(verification) = &mut verification {
            verification.push(&record);
        }
        fold.push(record.seq, record.observation, &mut placed);
        let problems = fold.take_problems();
        if let Some(verification) = &mut verification {
            verification.unexplained(problems);
        }
        placed.drain(..).for_each(&mut take);
    }
    fold.release(&mut placed);
    placed.drain(..).for_each(take);
    end
}
