//! `statetrail import`: converts raw watch lines into a recording.

use super::arguments::Import;
use super::exit::{Exit, Failure};
use super::piped::Piped;
use super::printer::{self, counted};
use super::record::refuse_existing;
use crate::recording::input;
use crate::run;
use crate::source::import::{Options, hint};
use std::io::{self, Read};
use std::path::Path;

/// Runs it.
pub(super) fn run(command: &Import) -> Result<Exit, Failure> {
    if command.output.is_file() {
        let path = command.output.display();
        return Err(Failure::trouble(format!("{path} already exists; use another file, or remove it")));
    }
    refuse_existing(&command.output)?;
    let inputs = command.inputs.iter().map(|path| open(path)).collect::<Result<_, _>>()?;
    let options = Options {
        capture: command.capture.into(),
        resources: command.resources.iter().map(|word| hint(word)).collect::<Result<_, _>>().map_err(Failure::usage)?,
        namespace: command.namespace.as_ref().map(Into::into),
        label_selector: command.selector.clone().unwrap_or_default(),
        field_selector: command.field_selector.clone().unwrap_or_default(),
        separate_storage: command.separate_storage.iter().map(Into::into).collect(),
    };
    let imported = run::import(inputs, &options, &command.output)?;
    for note in &imported.notes {
        printer::say(note.to_string());
    }
    printer::say(format!(
        "{}: {} of objects of {}, {}{}",
        command.output.display(),
        counted(imported.objects, "version"),
        imported.header.watches.iter().map(|watch| watch.resource.to_string()).collect::<Vec<_>>().join(", "),
        counted(imported.gaps, "gap"),
        match imported.undecodable {
            0 => String::new(),
            many => format!(", {} that could not be decoded (also unseen)", counted(many, "item")),
        }
    ));
    Ok(if imported.is_cut { Exit::Undecided } else { Exit::Ok })
}

fn open(path: &Path) -> Result<(String, Box<dyn Read>), Failure> {
    let failed = |error: io::Error| Failure::trouble(format!("cannot open {}: {error}", path.display()));
    let (name, source) = input(path).map_err(failed)?;
    if path.as_os_str() == "-" { Ok((name, Box::new(Piped::new().map_err(failed)?))) } else { Ok((name, source)) }
}
