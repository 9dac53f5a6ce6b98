//! Copies a recording, or what narrower watches would have recorded of it.

use super::axis::Axis;
use super::checksum::Running;
use super::error::Error;
use super::line::Line;
use super::reader::{Reader, Record};
use crate::observation::{Observation, Payload, Undecodable, Watch, WatchId};
use smol_str::SmolStr;
use std::collections::HashSet;
use std::io::{self, Write};
use std::path::Path;

/// What to copy: for each watch of the header itself or a narrower one, or none to leave it out.
pub(crate) type Excerpt = [Option<Watch>];

/// Copies a recording as far as it is written, in the format of its content. The copy is a recording of its own, with
/// its own `seq` and checksums; an unfinished end is left out.
///
/// # Errors
/// When the recording cannot be read, or the copy cannot be written.
pub(crate) fn copy(path: &Path, excerpt: &Excerpt, out: impl Write) -> Result<(), CopyError> {
    let reader = Reader::open(path)?;
    if reader.is_compressed() {
        let encoder = zstd::stream::write::Encoder::new(out, 0)?;
        lines(reader, excerpt, encoder)?.finish()?.flush()?;
    } else {
        lines(reader, excerpt, out)?.flush()?;
    }
    Ok(())
}

/// What keeps a copy from being made.
#[derive(Debug, thiserror::Error)]
pub(crate) enum CopyError {
    /// The recording cannot be read.
    #[error(transparent)]
    Read(#[from] Error),
    /// The copy cannot be written.
    #[error("cannot write the copy")]
    Write(#[from] io::Error),
}

fn lines<W: Write>(mut reader: Reader, excerpt: &Excerpt, mut out: W) -> Result<W, CopyError> {
    let mut header = reader.header().clone();
    header.watches = excerpt.iter().flatten().cloned().collect();
    let mut copy = Copy { axis: Axis::new(&header), running: Running::default(), line: Vec::new(), seq: 0 };
    copy.write(&header, &mut out)?;
    let mut selection = Selection::of(excerpt);
    for record in reader.by_ref() {
        let Record { observation, .. } = record?;
        if let Some(observation) = selection.narrowed(observation) {
            let mut line = Line::new(copy.seq, &observation);
            line.onto_wall(&mut copy.axis);
            copy.write(&line, &mut out)?;
        }
    }
    Ok(out)
}

struct Copy {
    axis: Axis,
    running: Running,
    line: Vec<u8>,
    seq: u64,
}

impl Copy {
    fn write(&mut self, line: &impl serde::Serialize, out: &mut impl Write) -> io::Result<()> {
        self.line.clear();
        serde_json::to_writer(&mut self.line, line)?;
        self.running.seal(&mut self.line, 0);
        self.seq += 1;
        out.write_all(&self.line)
    }
}

/// The narrower watches.
struct Selection<'a> {
    /// For each watch of the recording, the watch in the copy and its index there.
    watches: Vec<Option<(WatchId, &'a Watch)>>,
    /// The objects that are in the copy.
    uids: HashSet<SmolStr>,
}

impl<'a> Selection<'a> {
    fn of(excerpt: &'a Excerpt) -> Self {
        let mut next = 0;
        let numbered = excerpt.iter().map(|watch| {
            let watch = watch.as_ref()?;
            next += 1;
            Some((next - 1, watch))
        });
        Self { watches: numbered.collect(), uids: HashSet::new() }
    }

    /// The line of the copy; none if it has none.
    fn narrowed(&mut self, mut observation: Observation) -> Option<Observation> {
        let Some(of) = observation.payload.watch() else { return Some(observation) };
        let (id, watch) = self.watches.get(usize::from(of)).copied().flatten()?;
        *observation.payload.watch_mut()? = id;
        let is_in = |namespace: &str, name: &str| {
            (watch.namespace.is_empty() || watch.namespace == namespace)
                && watch.only_name().is_none_or(|only| only == name)
        };
        let is_kept = match &observation.payload {
            Payload::Object(seen) => {
                let is_kept = is_in(&seen.object.namespace, &seen.object.name);
                if is_kept {
                    self.uids.insert(seen.object.uid.clone());
                }
                is_kept
            }
            Payload::Raw(raw) => is_in("", &raw.name),
            Payload::Unchanged { uid, .. } => self.uids.contains(uid),
            // One whose identity cannot be read may be any.
            Payload::Undecodable(Undecodable { object: Some(object), .. }) => is_in(&object.namespace, &object.name),
            _ => true,
        };
        is_kept.then_some(observation)
    }
}
