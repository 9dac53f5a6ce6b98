//! Exit codes, and how a failure is printed.

use super::{content, printer};
use crate::expectation::Verdict;
use crate::{recording, run, source};
use std::fmt::Write as _;
use std::io;
use std::num::NonZeroU8;
use std::path::Path;
use std::process::ExitCode;

/// The exit codes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Exit {
    /// Success; every expectation is satisfied or skipped.
    Ok,
    /// An expectation is violated, or a recording does not have what was to be shown.
    Violated,
    /// Invalid usage, or an invalid expectation.
    Usage,
    /// No expectation is violated, some are inconclusive or pending; or a recording is not whole.
    Undecided,
    /// An error of a cluster or a file.
    RequestError,
    /// That of the command that was run, if it is not 0.
    Command(NonZeroU8),
}

impl Exit {
    /// The number.
    pub(super) fn code(self) -> u8 {
        match self {
            Self::Ok => 0,
            Self::Violated => 1,
            Self::Usage => 2,
            Self::Undecided => 3,
            Self::RequestError => 4,
            Self::Command(code) => code.get(),
        }
    }
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit.code())
    }
}

impl From<Verdict> for Exit {
    fn from(verdict: Verdict) -> Self {
        match verdict {
            Verdict::Satisfied | Verdict::Skipped => Self::Ok,
            Verdict::Violated => Self::Violated,
            Verdict::Pending | Verdict::Inconclusive => Self::Undecided,
        }
    }
}

/// The exit code after writing to standard output. A reader that closed the pipe early is not an error.
pub(super) fn written(done: io::Result<()>) -> Result<Exit, Failure> {
    match done {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => Err(Failure::trouble(run::Error::Output(error))),
        _ => Ok(Exit::Ok),
    }
}

/// Why a command failed.
#[derive(Debug)]
pub(super) struct Failure {
    /// The exit code.
    pub exit: Exit,
    /// The error.
    pub error: Box<dyn std::error::Error + Send + Sync>,
}

impl Failure {
    /// A failure with invalid usage.
    pub(super) fn usage(error: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Self {
        Self { exit: Exit::Usage, error: error.into() }
    }

    /// A failure because a recording does not have what was asked for.
    pub(super) fn not_found(error: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Self {
        Self { exit: Exit::Violated, error: error.into() }
    }

    /// A failure with an error of a cluster or a file.
    pub(super) fn trouble(error: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Self {
        Self { exit: Exit::RequestError, error: error.into() }
    }

    /// Prints the error with its causes, each once; nothing when the reader of a recording closed the pipe.
    pub(super) fn print(&self) {
        if !self.error.downcast_ref().is_some_and(recording::Error::is_closed_pipe) {
            printer::say(format!("error: {}", self.message()));
        }
    }

    /// The error with its causes, each once.
    pub(super) fn message(&self) -> String {
        let mut text = self.error.to_string();
        let mut cause = self.error.source();
        while let Some(error) = cause {
            let words = error.to_string();
            if !text.contains(&words) {
                let _ = write!(text, "\n  caused by: {words}");
            }
            cause = error.source();
        }
        text
    }
}

impl From<run::Error> for Failure {
    fn from(error: run::Error) -> Self {
        match error {
            run::Error::Twice(_) | run::Error::Kinds(_) | run::Error::Expectations(_) => Self::usage(error),
            run::Error::Recording(error) => error.into(),
            error => Self::trouble(error),
        }
    }
}

impl From<source::Error> for Failure {
    fn from(error: source::Error) -> Self {
        match error {
            source::Error::UnknownResource { .. }
            | source::Error::Context { .. }
            | source::Error::NoContext { .. }
            | source::Error::NotInKubeconfig { .. } => Self::usage(error),
            error => Self::trouble(error),
        }
    }
}

impl From<recording::Error> for Failure {
    fn from(error: recording::Error) -> Self {
        match error {
            recording::Error::NotARecording { name } if content::is_expectations(Path::new(&name)) => {
                Self::usage(format!(
                    "{name} contains expectations, not a recording; check a recording with `statetrail check RECORDING -e {name}`"
                ))
            }
            // What was written is not whole, and the reader knows why.
            error if error.is_closed_pipe() => Self { exit: Exit::Undecided, error: error.into() },
            error => Self::trouble(error),
        }
    }
}
