//! `statetrail show`: prints a recording.

use super::arguments::Show;
use super::exit::{Exit, Failure};
use super::page;
use super::pager::Pager;
use super::printer::{self, Notation, Printer};
use super::progress;
use super::selected::Selected;
use super::values::Output;
use crate::recording::{Clock, Header, Reader};
use crate::run::{self, FoldedRecording};
use crate::timeline::Entry;
use crate::view::{Ending, Format, Origin};
use std::io::{self, BufWriter, Write};
use std::path::Path;

/// Runs it.
pub(super) fn run(command: &Show) -> Result<Exit, Failure> {
    if command.output == Output::Page {
        page::refuse_terminal(&format!("statetrail show {}", command.recording.display()))?;
        if command.at.is_some() {
            return Err(Failure::usage("-o html shows a whole timeline, not one moment: leave out --at"));
        }
    }
    let mut selected = Selected::of("show", &command.recording, &command.choosing, command.at.as_deref())?;
    let format = match command.output {
        Output::Text(format) => format,
        Output::Page => return page::show(selected, command),
    };
    let notation = if format == Format::Json { Notation::Json } else { Notation::Words };
    let style = selected.style;
    let mut pager = Pager::start(!command.no_pager);
    let mut out = BufWriter::new(Printer::new(&mut pager, notation, style.colour));
    let whole = &selected.whole;
    let written = if format.is_for_people() { out.write_all(origin(whole).text(&style).as_bytes()) } else { Ok(()) };
    let written = written
        .and_then(|()| format.write(&whole.entries, &selected.selection, &style, &mut out))
        .and_then(|()| out.flush());
    drop(out);
    pager.finish();
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

/// Where a recording is from, and how it ends.
fn origin(whole: &FoldedRecording) -> Origin {
    let header = &whole.header;
    let is_open = header.clock == Clock::Receipt && whole.fold.coverage().iter().any(|coverage| !coverage.over);
    let ending = whole.last.filter(|_| is_open).map_or(Ending::Closed, |last| Ending::Open(last.at));
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
