//! Imports raw watch lines into a new recording.

use super::error::Error;
use crate::recording::{Clock, Header, SyncPolicy, Verification, Writer};
use crate::source;
use crate::source::import::{Imported, Note, Options, Times};
use std::io::Read;
use std::path::Path;

/// The result of an import.
#[derive(Clone, Debug)]
pub struct Import {
    /// Line 1 of the recording.
    pub header: Header,
    /// Versions of objects that were imported.
    pub objects: u64,
    /// Spans that the input does not cover, as `verify` counts them.
    pub gaps: u64,
    /// Lines and items that could not be decoded.
    pub undecodable: u64,
    /// Bytes of lines in the file, uncompressed.
    pub written_bytes: u64,
    /// Notes for the user.
    pub notes: Vec<Note>,
    /// True when an input breaks off: what came before that is imported.
    pub is_cut: bool,
}

/// Reads the inputs, each with its name, and writes them as one recording.
///
/// # Errors
/// An input cannot be imported, or the file cannot be written. No file is created if an input is invalid.
pub fn import(inputs: Vec<(String, Box<dyn Read>)>, options: &Options, path: &Path) -> Result<Import, Error> {
    let imported = source::import::import(inputs, options)?;
    let header = header(&imported, options);
    let mut writer = Writer::create(path, &header, SyncPolicy::EverySecond)?;
    let mut verification = Verification::new(&header);
    for (seq, observation) in (1..).zip(&imported.observations) {
        verification.line(seq, observation);
        writer.append(observation)?;
    }
    let written_bytes = writer.finish()?;
    let (mut objects, mut gaps, mut undecodable) = (0, 0, 0);
    for position in verification.positions() {
        let counts = position.counts();
        (objects, gaps) = (objects + counts.events, gaps + counts.gaps);
        undecodable += counts.undecodable;
    }
    let Imported { notes, is_cut, .. } = imported;
    Ok(Import { header, objects, gaps, undecodable, written_bytes, notes, is_cut })
}

fn header(imported: &Imported, options: &Options) -> Header {
    let mut header = Header::new(imported.started, imported.watches.clone());
    header.capture = options.capture;
    header.clock = match imported.times {
        Times::Receipt => Clock::Receipt,
        Times::Server => Clock::Server,
    };
    header
}
