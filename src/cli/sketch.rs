//! `statetrail try`: judges a sketched timeline, to learn the language of expectations.

use super::arguments::Try;
use super::exit::{Exit, Failure};
use super::terminal;
use crate::expectation::{Program, Sketch, Source, judge_sketch};
use crate::view::verdict::{self, Judged};
use std::io;

/// Runs it.
pub fn run(command: &Try) -> Result<Exit, Failure> {
    let refused = |diagnostics: crate::expectation::Diagnostics| {
        Failure::usage(diagnostics.to_string().trim_start_matches("error: ").to_owned())
    };
    let sketch = Sketch::parse("--timeline", &command.timeline).map_err(refused)?;
    let mut outcomes = Vec::new();
    for line in &command.lines {
        let program = Program::for_sketch("--expect", line, &sketch).map_err(refused)?;
        outcomes.extend(judge_sketch(program, &sketch));
    }
    for path in &command.files {
        let text = std::fs::read_to_string(path)
            .map_err(|error| Failure::usage(format!("read expectations {}: {error}", path.display())))?;
        let name = path.display().to_string();
        let program = Program::compile([Source::Document { name: &name, text: &text }]).map_err(refused)?;
        outcomes.extend(judge_sketch(program, &sketch));
    }
    let judged = [Judged::sketch(&outcomes)];
    let stdout = io::stdout();
    let style = terminal::style(&stdout);
    match verdict::write(command.output.into(), &judged, &style, &mut stdout.lock()) {
        // Whoever read enough closed the pipe.
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => {
            Err(Failure::trouble(crate::run::Error::Output(error)))
        }
        _ => Ok(verdict::total(&judged).into()),
    }
}
