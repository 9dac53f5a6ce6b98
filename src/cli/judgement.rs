//! Expectations that are judged while recording: their verdicts are printed at the end.

use super::arguments::{ExpectArgs, VerdictFormat};
use super::exit::{Exit, Failure};
use super::expecting;
use super::printer;
use super::report::Report;
use super::terminal;
use crate::expectation::{Program, Words};
use crate::observation::Watch;
use crate::run::{self, Attaching, LiveJudge, Verdicts};
use crate::view::{Style, verdict};
use std::path::Path;
use std::sync::Arc;

/// The expectations of a command line.
#[derive(Default)]
pub(super) struct Expected {
    /// Those that end the recording once they are decided, or can no longer be.
    ending: Option<Arc<Program>>,
    /// Those that are judged until the recording ends.
    beside: Option<Arc<Program>>,
}

impl Expected {
    /// Compiles the expectations.
    ///
    /// # Errors
    /// They are wrong, or there is a report of none.
    pub(super) fn new(ending: &ExpectArgs, beside: &ExpectArgs, report: &Report) -> Result<Self, Failure> {
        let (ending, beside) = (ending.texts()?, beside.texts()?);
        let all = ending.clone().and(beside.clone()).program()?;
        if all.is_none() && report.path().is_some() && !report.shows_recording() {
            return Err(Failure::usage("--report has nothing to report: add --expect LINE or -e FILE"));
        }
        Ok(Self { ending: ending.program()?, beside: beside.program()? })
    }

    /// True when there are none.
    pub(super) fn is_empty(&self) -> bool {
        self.ending.is_none() && self.beside.is_none()
    }

    /// Judges what will be recorded.
    pub(super) fn judge(self, attaching: &Attaching, watches: &[Watch]) -> Result<Judgement, Failure> {
        let mut words = Words::growing();
        watches.iter().for_each(|watch| words.watch(watch));
        for program in self.ending.iter().chain(&self.beside) {
            expecting::refuse(program.unknown_tracks(&words))?;
        }
        if self.ending.as_ref().is_some_and(|program| !program.has_goals()) {
            printer::say(
                "these are guards only, which are judged at the end: recording until stopped, or until the end of `--for`",
            );
        }
        let judge = |program: Option<Arc<Program>>| program.map(|program| attaching.judge(program)).transpose();
        Ok(Judgement { ending: judge(self.ending)?, beside: judge(self.beside)? })
    }
}

/// Where verdicts are printed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Place {
    Stdout,
    /// Beside a command, whose standard output is its own, or if standard output is blocked.
    Stderr,
}

impl Place {
    /// The style for it.
    pub(super) fn style(self) -> Style {
        match self {
            Self::Stdout => terminal::style_of_stdout(),
            Self::Stderr => terminal::style_of_stderr(),
        }
    }
}

/// The verdicts on a growing recording.
pub(super) struct Judgement {
    ending: Option<LiveJudge>,
    beside: Option<LiveJudge>,
}

impl Judgement {
    /// The judge that ends the recording, if there is one.
    pub(super) fn ending(&mut self) -> Option<&mut LiveJudge> {
        self.ending.as_mut()
    }

    /// All judges.
    pub(super) fn judges(&self) -> Vec<LiveJudge> {
        self.ending.iter().chain(&self.beside).cloned().collect()
    }

    /// Prints the final verdicts, and writes the report of this recording.
    pub(super) async fn print(
        &mut self,
        place: Place,
        report: &Report,
        recording: Option<&Path>,
    ) -> Result<Exit, Failure> {
        let Some(Verdicts { outcomes, entries }) = self.verdicts().await else {
            report.write(&[], recording)?;
            return Ok(Exit::Ok);
        };
        let judged = [verdict::Judged::recording(None, &outcomes, &entries)];
        let exit = match place {
            Place::Stdout => expecting::print(VerdictFormat::Text, &judged),
            Place::Stderr => {
                let mut text = Vec::new();
                verdict::write(verdict::Format::Text, &judged, &place.style(), &mut text)
                    .map_err(|error| Failure::trouble(run::Error::Output(error)))?;
                printer::say_painted(&String::from_utf8_lossy(&text));
                Ok(verdict::total(&judged).into())
            }
        };
        let name = recording.map(|path| path.display().to_string());
        report.write(&[verdict::Judged::recording(name.as_deref(), &outcomes, &entries)], recording)?;
        exit
    }

    async fn verdicts(&mut self) -> Option<Verdicts> {
        let mut all: Option<Verdicts> = None;
        for judge in [&mut self.ending, &mut self.beside].into_iter().flatten() {
            let verdicts = judge.verdicts().await;
            match &mut all {
                Some(all) => all.outcomes.extend(verdicts.outcomes),
                None => all = Some(verdicts),
            }
        }
        all
    }
}
