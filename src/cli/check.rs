//! `statetrail check`: judges expectations on recordings.

use super::arguments::{Check, VerdictFormat};
use super::exit::{Exit, Failure};
use super::expecting;
use crate::recording::Reader;
use crate::run::{self, Judged};
use std::sync::Arc;

/// Runs it.
pub fn run(command: &Check) -> Result<Exit, Failure> {
    let program = command.expecting.program()?;
    let mut judged: Vec<(String, Judged)> = Vec::new();
    for path in &command.recordings {
        let name = path.display().to_string();
        let found = run::judge(Reader::open(path)?, Arc::clone(&program))?;
        if let Some(torn) = found.torn {
            anstream::eprintln!(
                "{name}: line {} was cut off after {} bytes; everything before it is judged",
                torn.line,
                torn.bytes
            );
        }
        if found.open {
            anstream::eprintln!("{name}: it has no last line: its recorder is still running, or was killed");
        }
        judged.push((name, found));
    }
    let verdict = expecting::verdict(judged.iter().flat_map(|(_, judged)| &judged.outcomes));
    match command.output {
        VerdictFormat::Text => {
            for (_, judged) in &judged {
                for outcome in &judged.outcomes {
                    anstream::println!("{} {}", outcome.standing.verdict, outcome.name);
                    anstream::println!("  {}", outcome.reason);
                }
            }
        }
        VerdictFormat::Json => todo!("view"),
    }
    Ok(expecting::exit(verdict))
}
