//! `statetrail show`: a recording as people and programs read it.

use super::arguments::{Show, ShowArgs};
use super::exit::{Exit, Failure};
use super::{progress, terminal};
use crate::recording::{Header, Reader};
use crate::run;
use crate::timeline::Entry;
use crate::view::Selection;
use std::io::{self, BufWriter, Write};
use std::path::Path;

/// Runs it.
pub fn run(command: &Show) -> Result<Exit, Failure> {
    let (_, entries) = timeline(&command.recording)?;
    let selection = selection(&command.choosing)?.resolve(&entries).map_err(Failure::usage)?;
    let stdout = io::stdout();
    let mut style = terminal::style(&stdout);
    style.namespaces = command.choosing.all_namespaces;
    let mut out = BufWriter::new(stdout.lock());
    let written = command.output.write(&entries, &selection, &style, &mut out).and_then(|()| out.flush());
    match written {
        // Whoever read enough closed the pipe.
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(Exit::Ok),
        written => written.map(|()| Exit::Ok).map_err(|error| Failure::trouble(run::Error::Output(error))),
    }
}

/// The whole timeline of a recording. What was cut off at its end is told on stderr.
pub fn timeline(path: &Path) -> Result<(Header, Vec<Entry>), Failure> {
    let whole = run::folded(Reader::open(path)?).map_err(Failure::trouble)?;
    if let Some(torn) = whole.torn {
        progress::torn(path, torn, "shown");
    }
    Ok((whole.header, whole.entries))
}

/// The selectors as typed.
pub fn selection(choosing: &ShowArgs) -> Result<Selection, Failure> {
    fn all<T: std::str::FromStr<Err = crate::view::Error>>(words: &[String]) -> Result<Vec<T>, Failure> {
        words.iter().map(|word| word.parse().map_err(Failure::usage)).collect()
    }
    let moment = |word: &Option<String>| word.as_ref().map(|word| word.parse().map_err(Failure::usage)).transpose();
    let kinds: Vec<String> = choosing.kinds.iter().chain(&choosing.what).cloned().collect();
    Ok(Selection {
        kinds: all(&kinds)?,
        namespaces: all(&choosing.namespaces)?,
        names: all(&choosing.names)?,
        uids: all(&choosing.uids)?,
        tracks: all(&choosing.tracks)?,
        since: moment(&choosing.since)?,
        until: moment(&choosing.until)?,
    })
}
