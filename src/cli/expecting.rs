//! Expectations as they are given on the command line, and what the verdicts on them make of the exit code.

use super::arguments::Expecting;
use super::exit::{Exit, Failure};
use crate::expectation::{Diagnostics, Outcome, Program, Source, Verdict};
use crate::run::Judging;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

impl Expecting {
    /// Only files.
    pub fn files(files: Vec<PathBuf>) -> Self {
        Self { files, lines: Vec::new() }
    }

    /// True when nothing is expected.
    pub fn is_empty(&self) -> bool {
        self.files.is_empty() && self.lines.is_empty()
    }

    /// Compiles all of them, the files first.
    pub fn program(&self) -> Result<Arc<Program>, Failure> {
        let texts: Vec<(String, String)> = self.files.iter().map(|path| read(path)).collect::<Result<_, _>>()?;
        let documents = texts.iter().map(|(name, text)| Source::Document { name, text });
        let lines = self.lines.iter().map(|text| Source::Line { name: "--expect", text });
        let program = Program::compile(documents.chain(lines)).map_err(refused)?;
        if program.expectations().is_empty() {
            let names: Vec<&str> = texts.iter().map(|(name, _)| name.as_str()).collect();
            return Err(Failure::usage(format!("{} holds no expectation", names.join(", "))));
        }
        Ok(Arc::new(program))
    }
}

/// A file's name for messages, and its text.
fn read(path: &Path) -> Result<(String, String), Failure> {
    let standard = path.as_os_str() == "-";
    let name = if standard { "standard input".to_owned() } else { path.display().to_string() };
    let mut text = String::new();
    let done = if standard {
        std::io::stdin().read_to_string(&mut text).map(|_| ())
    } else {
        std::fs::read_to_string(path).map(|found| text = found)
    };
    done.map_err(|error| Failure::usage(format!("read expectations {name}: {error}")))?;
    Ok((name, text))
}

/// Expectations that do not compile.
pub fn refused(diagnostics: Diagnostics) -> Failure {
    Failure::usage(diagnostics.to_string().trim_start_matches("error: ").to_owned())
}

/// The verdict on all: violated before pending before inconclusive before satisfied; what is skipped does not count.
pub fn verdict<'a>(outcomes: impl IntoIterator<Item = &'a Outcome>) -> Verdict {
    let found: Vec<Verdict> = outcomes.into_iter().map(|outcome| outcome.standing.verdict).collect();
    let order = [Verdict::Violated, Verdict::Pending, Verdict::Inconclusive, Verdict::Satisfied];
    order.into_iter().find(|verdict| found.contains(verdict)).unwrap_or(Verdict::Skipped)
}

/// The exit code that a verdict on all makes.
pub fn exit(verdict: Verdict) -> Exit {
    match verdict {
        Verdict::Satisfied | Verdict::Skipped => Exit::Ok,
        Verdict::Violated => Exit::Violated,
        Verdict::Pending | Verdict::Inconclusive => Exit::Undecided,
    }
}

/// Says how a growing recording was judged in the end.
pub fn tell(judging: &Mutex<Judging>) -> Exit {
    let judging = judging.lock().expect("nobody panics with it");
    let outcomes = judging.verdicts();
    for outcome in &outcomes {
        anstream::println!("{} {}", outcome.standing.verdict, outcome.name);
        anstream::println!("  {}", outcome.reason);
    }
    exit(verdict(&outcomes))
}
