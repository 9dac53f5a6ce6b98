//! `statetrail show`: prints a recording.

use super::arguments::Show;
use super::exit::{Exit, Failure};
use super::page;
use super::pager::Pager;
use super::printer::{self, Notation, Printer};
use super::progress;
use super::selected::Selected;
use super::terminal;
use super::values::Output;
use crate::recording::{Header, Reader};
use crate::run::{self, FoldedRecording};
use crate::timeline::Entry;
use crate::view::{Ending, Format, Origin};
use std::io::{self, BufWriter, IsTerminal, Write};
use std::path::Path;

/// Runs it.
pub(super) fn run(command: &Show) -> Result<Exit, Failure> {
    if let Some(extension) = command.output.extension() {
        refuse_terminal(command, extension)?;
    }
    if command.output == Output::Page && command.at.is_some() {
        return Err(Failure::usage("-o html shows a whole timeline, not one moment: leave out --at"));
    }
    let mut selected = Selected::of("show", &command.recording, &command.choosing, command.at.as_deref())?;
    let written = match command.output {
        Output::Page => page::write(&selected, &command.choosing),
        Output::Text(format) if format.binary_extension().is_some() => {
            write(format, &selected, &mut BufWriter::new(terminal::stdout()))
        }
        Output::Text(format) => {
            let notation = if format.is_json() { Notation::Json } else { Notation::Words };
            let mut pager = Pager::start(!command.no_pager);
            let mut out = BufWriter::new(Printer::new(&mut pager, notation, selected.style.colour));
            let written = write(format, &selected, &mut out);
            drop(out);
            pager.finish();
            written
        }
    };
    match written {
        // The reader may close the pipe early.
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => return Ok(Exit::Ok),
        Err(error) => return Err(Failure::trouble(run::Error::Output(error))),
        Ok(()) => {}
    }
    // The output is about the lines before the damage, and what is not found may be behind it.
    if let Some(damage) = selected.whole.damage.take() {
        return Err(damage.into());
    }
    selected.refuse_missing()?;
    if let Some(nothing) = selected.nothing()? {
        printer::say(nothing);
    }
    Ok(Exit::Ok)
}

/// Writes what was selected.
fn write(format: Format, selected: &Selected, out: &mut impl Write) -> io::Result<()> {
    let (whole, style) = (&selected.whole, &selected.style);
    if format.is_for_people() {
        out.write_all(origin(whole).text(style).as_bytes())?;
    }
    format.write(&whole.entries, &selected.selection, style, out)?;
    out.flush()
}

/// Fails if what belongs into a file would be written to a terminal.
fn refuse_terminal(command: &Show, extension: &str) -> Result<(), Failure> {
    if !terminal::stdout().is_terminal() {
        return Ok(());
    }
    let (recording, format) = (command.recording.display(), command.output);
    let stem = command.recording.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    let stem = stem.split('.').next().filter(|stem| !stem.is_empty() && *stem != "-").unwrap_or("run");
    Err(Failure::usage(format!(
        "-o {format} is for a file, and standard output is a terminal: statetrail show {recording} -o {format} > \
         {stem}.{extension}"
    )))
}

/// Where a recording is from, and how it ends.
fn origin(whole: &FoldedRecording) -> Origin {
    let header = &whole.header;
    let ending = whole.last.filter(|_| whole.is_open()).map_or(Ending::Closed, |last| Ending::Open(last.at));
    Origin {
        cluster: header.cluster.as_ref().map(ToString::to_string),
        kubernetes: header.environment.kubernetes.clone(),
        kubevirt: header.environment.kubevirt.clone(),
        ending,
    }
}

/// The whole timeline of a recording. A truncated end is reported on stderr.
pub(super) fn timeline(path: &Path) -> Result<(Header, Vec<Entry>), Failure> {
    let whole = run::folded(Reader::open(path)?, |_| true).map_err(Failure::trouble)?;
    if let Some(torn) = whole.torn {
        progress::torn(path, torn, "shown");
    }
    whole.damage.map_or(Ok((whole.header, whole.entries)), |damage| Err(damage.into()))
}
