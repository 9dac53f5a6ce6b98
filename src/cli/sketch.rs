//! `statetrail try`: judges a sketched timeline, to learn the language of expectations.

use super::arguments::Try;
use super::exit::{Exit, Failure};
use super::expecting;
use crate::expectation::{Program, Sketch, judge_sketch};
use crate::view::verdict::Judged;

/// Runs it.
pub(super) fn run(command: &Try) -> Result<Exit, Failure> {
    let sketch = Sketch::parse("--timeline", &command.timeline).map_err(expecting::refused)?;
    let mut outcomes = Vec::new();
    for line in &command.expecting.lines {
        let program = Program::for_sketch("--expect", line, &sketch).map_err(expecting::refused)?;
        outcomes.extend(judge_sketch(program, &sketch));
    }
    for path in &command.expecting.files {
        let (name, text) = expecting::read(path)?;
        let program = Program::document_for_sketch(&name, &text, &sketch).map_err(expecting::refused)?;
        outcomes.extend(judge_sketch(program, &sketch));
    }
    expecting::print(command.output, &[Judged::sketch(&outcomes)])
}
