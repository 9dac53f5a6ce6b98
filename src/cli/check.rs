//! `statetrail check`: judges expectations on recordings.

use super::arguments::Check;
use super::exit::{Exit, Failure};
use super::{expecting, printer, progress};
use crate::expectation::{Program, Words};
use crate::run::{self, Judged};
use crate::view::verdict;
use std::path::Path;
use std::sync::Arc;

/// Runs it.
pub(super) fn run(command: &Check) -> Result<Exit, Failure> {
    let program = command.expecting.program()?;
    let mut judged: Vec<(String, Judged)> = Vec::new();
    let mut failed: Option<Failure> = None;
    let mut words = Words::default();
    for path in &command.recordings {
        match judge(path, &program, &mut words) {
            Ok(one) => judged.push((path.display().to_string(), one)),
            // The other recordings are still judged.
            Err(failure) => failed.replace(failure).iter().for_each(Failure::print),
        }
    }
    if let Some(failure) = failed.take_if(|_| judged.is_empty()) {
        return Err(failure);
    }
    if failed.is_none() {
        expecting::refuse(program.unknown_words(&words))?;
    }
    let damaged = judged.iter_mut().find_map(|(_, judged)| judged.damage.take());
    let named = command.recordings.len() > 1;
    let outcomes: Vec<verdict::Judged<'_>> = judged
        .iter()
        .map(|(name, judged)| {
            verdict::Judged::recording(named.then_some(name.as_str()), &judged.outcomes, &judged.entries)
        })
        .collect();
    let exit = expecting::print(command.output, &outcomes)?;
    // The output is about the lines before the damage.
    failed.or(damaged.map(Into::into)).map_or(Ok(exit), Err)
}

fn judge(path: &Path, program: &Arc<Program>, words: &mut Words) -> Result<Judged, Failure> {
    let judged = run::judge_file(path, Arc::clone(program), words)?;
    if let Some(torn) = judged.torn {
        progress::torn(path, torn, "judged");
    }
    if judged.open {
        printer::say(format!("{}: it has no last line: its recorder is still running, or was killed", path.display()));
    }
    Ok(judged)
}
