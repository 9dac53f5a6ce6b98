//! `statetrail try`: judges a sketched timeline, to learn the language of expectations.

use super::arguments::{Try, VerdictFormat};
use super::exit::{Exit, Failure};
use crate::expectation::{Outcome, Program, Sketch, Verdict, judge_sketch};
use serde::Serialize;

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
        let program = Program::document_for_sketch(&name, &text, &sketch).map_err(refused)?;
        outcomes.extend(judge_sketch(program, &sketch));
    }
    match command.output {
        VerdictFormat::Text => outcomes.iter().for_each(tell),
        VerdictFormat::Json => {
            anstream::println!("{}", serde_json::to_string(&Answer::of(&outcomes)).expect("plain data"));
        }
    }
    Ok(exit(verdict(&outcomes)))
}

/// The verdict on all: violated before pending before inconclusive before satisfied; what is skipped does not count.
fn verdict(outcomes: &[Outcome]) -> Verdict {
    let order = [Verdict::Violated, Verdict::Pending, Verdict::Inconclusive, Verdict::Satisfied];
    let has = |verdict: &Verdict| outcomes.iter().any(|outcome| outcome.standing.verdict == *verdict);
    order.into_iter().find(has).unwrap_or(Verdict::Skipped)
}

fn exit(verdict: Verdict) -> Exit {
    match verdict {
        Verdict::Satisfied | Verdict::Skipped => Exit::Ok,
        Verdict::Violated => Exit::Violated,
        Verdict::Pending | Verdict::Inconclusive => Exit::Undecided,
    }
}

fn tell(outcome: &Outcome) {
    let lost = if outcome.standing.verdict == Verdict::Pending && outcome.standing.pass_lost {
        " (satisfied is out of reach)"
    } else {
        ""
    };
    anstream::println!("{}{lost}", outcome.standing.verdict);
    if outcome.standing.verdict != Verdict::Satisfied {
        anstream::println!("  {}", outcome.reason);
    }
    for assumption in &outcome.assumptions {
        anstream::println!("  assuming {assumption}");
    }
}

#[derive(Serialize)]
struct Answer<'a> {
    verdict: &'static str,
    expectations: Vec<Judged<'a>>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Judged<'a> {
    name: &'a str,
    verdict: &'static str,
    pass_lost: bool,
    reason: &'a str,
    assumptions: &'a [String],
}

impl<'a> Answer<'a> {
    fn of(outcomes: &'a [Outcome]) -> Self {
        let judged = |outcome: &'a Outcome| Judged {
            name: &outcome.name,
            verdict: outcome.standing.verdict.word(),
            pass_lost: outcome.standing.pass_lost,
            reason: &outcome.reason,
            assumptions: &outcome.assumptions,
        };
        Self { verdict: verdict(outcomes).word(), expectations: outcomes.iter().map(judged).collect() }
    }
}
