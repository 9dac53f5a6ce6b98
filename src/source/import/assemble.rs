//! Converts inputs to the content of a recording.

use super::item::{Item, Said};
use super::merge::{Lines, Timed, Times, merged};
use super::segment::{Segment, cut};
use super::stream::lines;
use super::watches::grouped;
use super::{Error, Note, Options, file};
use crate::observation::{Boot, ClockChange, Observation, Payload, Resource, Stamp, Watch};
use jiff::Timestamp;
use std::io::Read;
use std::time::Duration;

/// The content of the recording.
#[derive(Debug)]
pub struct Imported {
    /// The watches, as the recording's header names them.
    pub watches: Vec<Watch>,
    /// Time of the first observation.
    pub started: Timestamp,
    /// The clock of the times.
    pub times: Times,
    /// All observations in the order of their versions, with END as the last one. `at` is when each was received: of
    /// two watches, the later version may have been received first.
    pub observations: Vec<Observation>,
    /// Notes for the user.
    pub notes: Vec<Note>,
    /// True when an input breaks off in the middle of something.
    pub is_cut: bool,
}

/// Reads raw watch lines of any kinds from inputs, each with its name for errors and notes.
///
/// # Errors
/// An input cannot be read, is not from Kubernetes, or conflicts with the others.
pub fn import(inputs: Vec<(String, Box<dyn Read>)>, options: &Options) -> Result<Imported, Error> {
    let mut notes = Vec::new();
    let mut streams: Vec<(Resource, Vec<Segment>)> = Vec::new();
    let mut untimed = None;
    let mut names = Vec::new();
    let mut unread: Option<Error> = None;
    let (mut is_receipt, mut is_cut) = (true, false);
    for (name, mut source) in inputs {
        names.push(name.clone());
        let file = file::read(name, &mut *source, options, &mut notes)?;
        is_cut |= file.is_cut;
        for (resource, items) in file.streams {
            unread = unread.or_else(|| all_unread(&file.name, &items));
            if items.iter().any(lacks_receipt) {
                is_receipt = false;
                untimed.get_or_insert_with(|| file.name.clone());
            }
            streams.push((resource, cut(&file.name, items)));
        }
    }
    let times = if is_receipt { Times::Receipt } else { Times::Server };
    let mut watches = Vec::new();
    let mut all = Vec::new();
    let mut unplaced = None;
    for (id, group) in (0..).zip(grouped(streams, options, &mut notes)?) {
        let first = group.segments.first().filter(|segment| !segment.is_placed);
        unplaced = unplaced.or_else(|| first.map(|segment| segment.input.clone()));
        let (watch, lines) = lines(id, group, &mut notes);
        all.push(Lines { is_separate: watch.separate_storage, lines });
        watches.push(watch);
    }
    if all.iter().all(|watch| watch.lines.is_empty()) {
        return Err(unplaced.map_or(Error::Empty, |input| Error::Unplaced { input }));
    }
    if let Some(input) = &untimed {
        let text = "no receipt times in it: all times are the newest stamps inside the objects, in whole seconds of the \
                    writers' clocks";
        notes.push(Note::on(input, text));
    }
    let timeless = || unread.unwrap_or_else(|| Error::Timeless { input: untimed.unwrap_or_else(|| names.join(", ")) });
    let timed = merged(all, times).ok_or_else(timeless)?;
    let started = timed.iter().map(|line| line.at).min().unwrap_or_default();
    let observations = stamped(timed, watches.len(), started);
    if observations.iter().any(|observation| matches!(observation.payload, Payload::Clock(_))) {
        let text = "its receipt times go back: how long anything took is not known, and no verdict depends on it";
        notes.push(Note::on(&names.join(", "), text));
    }
    Ok(Imported { watches, started, times, observations, notes, is_cut })
}

/// The error for an input in which no line can be decoded.
fn all_unread(name: &str, items: &[Item]) -> Option<Error> {
    let Some(Item { line, said: Said::Unreadable(unreadable), .. }) = items.first() else { return None };
    let is_all = items.iter().all(|item| matches!(item.said, Said::Unreadable(_)));
    is_all.then(|| Error::Undecodable { input: name.to_owned(), line: *line, why: unreadable.error.clone() })
}

fn lacks_receipt(item: &Item) -> bool {
    item.received.is_none() && !matches!(item.said, Said::Unreadable(_) | Said::Ended(_))
}

/// Sets the times of gaps, and the elapsed time of every line.
fn stamped(timed: Vec<Timed>, watches: usize, started: Timestamp) -> Vec<Observation> {
    let mut alive: Vec<Option<Timestamp>> = vec![None; watches];
    let mut elapsed_of: Vec<Duration> = vec![Duration::ZERO; watches];
    let mut end = Stamp { at: started, elapsed: Duration::ZERO };
    let mut observations = Vec::with_capacity(timed.len() + 1);
    let watch_of = |what: &Payload| usize::from(what.watch().expect("only lines of watches are imported"));
    let mut ends: Vec<Timestamp> = vec![started; watches];
    for line in &timed {
        let end = &mut ends[watch_of(&line.payload)];
        *end = line.at.max(*end);
    }
    for Timed { at, payload: mut what, is_lasting } in timed {
        let watch = watch_of(&what);
        if let Payload::Gap(gap) = &mut what {
            (gap.from, gap.to) = (alive[watch].unwrap_or(at), if is_lasting { ends[watch] } else { at });
        }
        alive[watch] = Some(at);
        // A wall clock may have been set back, but elapsed time never goes back within a watch.
        let since: Duration = at.duration_since(started).try_into().unwrap_or_default();
        // Then all durations are unknown.
        if since < elapsed_of[watch] {
            let stamp = Stamp { at, elapsed: elapsed_of[watch] };
            let boot = Some(Boot { id: "unknown".into(), boottime: stamp.elapsed });
            observations.push(Observation { stamp, payload: Payload::Clock(ClockChange { step_micros: None, boot }) });
        }
        elapsed_of[watch] = elapsed_of[watch].max(since);
        let stamp = Stamp { at, elapsed: elapsed_of[watch] };
        end = Stamp { at: end.at.max(at), elapsed: end.elapsed.max(stamp.elapsed) };
        observations.push(Observation { stamp, payload: what });
    }
    observations.push(Observation { stamp: end, payload: Payload::End { reason: "imported".to_owned() } });
    observations
}
