//! `statetrail check`: judges expectations on recordings.

use super::arguments::{Check, CheckFormat};
use super::exit::{Exit, Failure};
use super::{expecting, page, printer, progress, terminal, what};
use crate::expectation::{Program, Words};
use crate::kinds::Definitions;
use crate::recording::{self, is_dash};
use crate::run::{self, Judged};
use crate::view::verdict::{self, Extent, Trouble};
use std::io::IsTerminal;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Runs it.
pub(super) fn run(command: &Check) -> Result<Exit, Failure> {
    if command.output == CheckFormat::Html {
        refuse_page(&command.recordings)?;
    }
    let program = command.expecting.program()?;
    let tracks = what::definitions(&command.tracks)?;
    let mut judged: Vec<(String, Result<Judged, String>)> = Vec::new();
    let mut failed: Option<Failure> = None;
    let mut words = Words::default();
    for path in &command.recordings {
        let one = judge(path, &program, &tracks, &mut words).map_err(|failure| {
            // The other recordings are still judged.
            let message = failure.message();
            failed.replace(failure).iter().for_each(Failure::print);
            message
        });
        judged.push((path.display().to_string(), one));
    }
    if failed.is_none() {
        expecting::refuse(program.unknown_words(&words))?;
    }
    let damage = |one: &Result<Judged, String>| one.as_ref().ok()?.damage.as_ref().map(ToString::to_string);
    let damages: Vec<Option<String>> = judged.iter().map(|(_, one)| damage(one)).collect();
    let named = command.recordings.len() > 1 || command.output == CheckFormat::Junit;
    let outcomes: Vec<verdict::Judged<'_>> = judged
        .iter()
        .zip(&damages)
        .map(|((name, judged), damage)| {
            let judged = match judged {
                Ok(judged) => judged,
                Err(message) => return verdict::Judged::unreadable(name, message),
            };
            let one = verdict::Judged::recording(named.then_some(name.as_str()), &judged.outcomes, &judged.entries);
            let trouble = |message| Trouble { recording: name, extent: Extent::Damaged, message };
            damage.as_deref().map_or(one, |message| one.troubled(trouble(message)))
        })
        .collect();
    let exit = match command.output.of_verdicts() {
        Some(format) => expecting::print(format, &outcomes)?,
        None if failed.is_some() => Exit::Ok,
        None => {
            page::check(&command.recordings[0], &tracks, &outcomes)?;
            verdict::total(&outcomes).into()
        }
    };
    // The output is about the lines before the damage.
    let damaged = judged.into_iter().find_map(|(_, judged)| judged.ok()?.damage);
    failed.or(damaged.map(Into::into)).map_or(Ok(exit), Err)
}

/// Fails if there cannot be a page of these recordings.
fn refuse_page(recordings: &[PathBuf]) -> Result<(), Failure> {
    let [recording] = recordings else {
        return Err(Failure::usage("-o html shows one recording: run it once for each"));
    };
    if !recording.is_file() && (is_dash(recording) || recording.exists()) {
        return Err(Failure::usage(format!(
            "-o html reads the recording twice, and {} is a pipe: write it to a file first",
            recording.display()
        )));
    }
    if terminal::stdout().is_terminal() {
        return Err(Failure::usage(format!(
            "-o html is for a file, and standard output is a terminal: statetrail check {} ... -o html > run.html",
            recording.display()
        )));
    }
    Ok(())
}

fn judge(path: &Path, program: &Arc<Program>, tracks: &Definitions, words: &mut Words) -> Result<Judged, Failure> {
    let judged = run::judge_file(path, Arc::clone(program), tracks, words)?;
    if let Some(torn) = judged.torn {
        progress::torn(path, torn, "judged");
    }
    if let Some((line, good)) = judged.damage.as_ref().and_then(recording::Error::place) {
        let before = match good {
            0 => "nothing in it was".to_owned(),
            1 => "only the line before it was".to_owned(),
            good => format!("only the {good} lines before it were"),
        };
        printer::say(format!("{} is damaged at line {line}; {before} judged", path.display()));
    }
    if judged.open {
        printer::say(format!("{}: it has no last line: its recorder is still running, or was killed", path.display()));
    }
    Ok(judged)
}
