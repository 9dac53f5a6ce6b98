//! The command of `record -- COMMAND`: it is started once every watch is attached, and the recording ends with it.
//!
//! It inherits standard input, output and error, and stays in the process group of the recorder, as a command of `env`
//! or `timeout --foreground` does: it can read the terminal, and a terminal's Ctrl-C and Ctrl-Z reach both. Other
//! processes that it leaves behind are neither waited for nor ended.

use super::exit::{Exit, Failure};
use super::printer;
use crate::recording;
use crate::run::{self, Progress, Recorded, Stop};
use rustix::io::Errno;
use rustix::process::{Pid, Signal, WaitId, WaitIdOptions, kill_process, waitid};
use std::ffi::OsString;
use std::io;
use std::num::NonZeroU8;
use std::os::unix::process::ExitStatusExt;
use std::path::{Path, PathBuf};
use std::process::{Child, ExitStatus};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};
use tokio::sync::{oneshot, watch};

/// The variable of the command's environment that has the absolute path of the recording.
const RECORDING: &str = "STATETRAIL_RECORDING";

/// The variable that has the address of the recorder's server.
const URL: &str = "STATETRAIL_URL";

const NO_COMMAND: &str = "there is no command after `--`";

/// The exit codes of a shell for a command that cannot be executed, and for one that is not found.
const NOT_EXECUTABLE: u8 = 126;
const NOT_FOUND: u8 = 127;
/// What a shell adds to the number of the signal that ended a command.
const SIGNALLED: i32 = 128;

/// A command to run while recording.
pub(super) struct Command {
    program: OsString,
    arguments: Vec<OsString>,
    recording: Option<PathBuf>,
    /// Where the recorder answers.
    url: OnceLock<String>,
    process: Process,
}

impl Command {
    /// The command of these words, which records into this file; none without words.
    ///
    /// # Errors
    /// The recording goes to standard output, which is the command's.
    pub(super) fn of(words: Vec<OsString>, recording: Option<&Path>) -> Result<Option<Self>, Failure> {
        let mut words = words.into_iter();
        let Some(program) = words.next() else {
            // `-- $COMMAND` with an empty variable would wait for ever.
            let is_empty = std::env::args_os().next_back().is_some_and(|last| last == "--");
            return if is_empty { Err(Failure::usage(NO_COMMAND)) } else { Ok(None) };
        };
        if program.is_empty() {
            return Err(Failure::usage(NO_COMMAND));
        }
        if recording.is_some_and(recording::is_dash) {
            return Err(Failure::usage("standard output is that of the command: record into a file, -o run.jsonl"));
        }
        let absolute = recording.map(std::path::absolute).transpose().map_err(|error| {
            Failure::trouble(format!("cannot find the current folder, where the recording is to be: {error}"))
        })?;
        let process = Process::default();
        let url = OnceLock::new();
        Ok(Some(Self { program, arguments: words.collect(), recording: absolute, url, process }))
    }

    /// Tells it where the recorder answers.
    pub(super) fn asks(&self, url: String) {
        let _ = self.url.set(url);
    }

    /// Its process, for the signals.
    pub(super) fn process(&self) -> &Process {
        &self.process
    }

    /// Runs it beside a recorder: from the attachment on, and the recorder ends when it has ended. If the recorder ends
    /// first, that is said at once, and the command goes on. What it leaves to be read is waited for.
    ///
    /// # Errors
    /// That of the recorder.
    pub(super) async fn beside(
        &self,
        recorder: impl Future<Output = Result<Recorded, run::Error>>,
        (progress, drained): (watch::Receiver<Progress>, Option<impl Future<Output = ()>>),
        stop: &Stop,
    ) -> Result<Recorded, Failure> {
        let recording = async {
            let recorded = recorder.await.map_err(Failure::from);
            if self.process.ends_unrecorded() && !stop.abort.is_cancelled() {
                if let Err(failure) = &recorded {
                    failure.print();
                }
                let reason = stop.reason.get().map(|reason| format!(" ({reason})")).unwrap_or_default();
                printer::say(format!("warning: the recording has ended{reason}; the command goes on without it"));
            }
            recorded
        };
        tokio::join!(recording, self.run(progress, drained, stop)).0
    }

    async fn run(
        &self,
        mut progress: watch::Receiver<Progress>,
        drained: Option<impl Future<Output = ()>>,
        stop: &Stop,
    ) {
        if progress.wait_for(Progress::is_attached).await.is_err() {
            return;
        }
        let mut command = std::process::Command::new(&self.program);
        command.args(&self.arguments).env_remove(RECORDING).env_remove(URL);
        command.envs(self.recording.iter().map(|path| (RECORDING, path)));
        command.envs(self.url.get().map(|url| (URL, url)));
        match self.process.start(command) {
            Ok(Some(ended)) => {
                // It is never dropped before.
                let _ = ended.await;
                // Its last marks.
                if let Some(drained) = drained {
                    drained.await;
                }
                stop.finish("the command has ended");
            }
            Ok(None) => {}
            Err(error) => {
                printer::say(format!("error: cannot run {}: {}", self.program.display(), self.cause(&error)));
                stop.finish("the command could not be started");
            }
        }
    }

    /// Why it could not be started.
    fn cause(&self, error: &io::Error) -> String {
        let path = Path::new(&self.program);
        let is_path = path.components().count() > 1;
        if error.raw_os_error() == Some(Errno::NOEXEC.raw_os_error()) {
            return "it is neither a program nor a script with a first line like `#!/bin/sh`".to_owned();
        }
        match error.kind() {
            io::ErrorKind::NotFound if is_path && path.exists() => {
                "the interpreter in its first line does not exist".to_owned()
            }
            io::ErrorKind::NotFound if is_path => "no such file".to_owned(),
            io::ErrorKind::NotFound => "command not found".to_owned(),
            _ => error.to_string(),
        }
    }

    /// The outcome of a run: the exit code of the command, if that is not 0.
    fn conclude(&self, outcome: Result<Exit, Failure>) -> Result<Exit, Failure> {
        let code = match self.process.lock().state {
            State::Waiting | State::Running(_) => 0,
            State::Refused(signal) => signalled(signal.as_raw()),
            State::Ended(code) => code,
        };
        let was_run = matches!(self.process.lock().state, State::Ended(_));
        if !was_run {
            printer::say(format!("{} was not run", self.program.display()));
        }
        let own = |exit: Exit| match NonZeroU8::new(code) {
            Some(code) => Exit::Command(code),
            None if exit == Exit::Ok && !was_run => Exit::RequestError,
            None => exit,
        };
        outcome.map(own).map_err(|failure| Failure { exit: own(failure.exit), ..failure })
    }
}

/// The outcome of a run with a command, if there is one.
pub(super) fn concluded(
    command: Option<&Command>,
    run: impl FnOnce() -> Result<Exit, Failure>,
) -> Result<Exit, Failure> {
    let outcome = run();
    match command {
        Some(command) => command.conclude(outcome),
        None => outcome,
    }
}

/// The process of a command, before, while and after it runs. Signals are passed to it from another thread.
#[derive(Clone, Default)]
pub(super) struct Process(Arc<Mutex<Life>>);

#[derive(Default)]
struct Life {
    state: State,
    /// True when the recorder ended before the command.
    unrecorded: bool,
}

#[derive(Default)]
enum State {
    /// There is no command, or it was not started.
    #[default]
    Waiting,
    /// It is not to be started: this signal came before.
    Refused(Signal),
    /// It runs, or has ended and was not waited for: the number is that of no other process.
    Running(Pid),
    /// It ended with this exit code, or could not be started.
    Ended(u8),
}

/// What became of a signal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Passed {
    /// No command is running.
    NotRunning,
    /// The command has it.
    ToCommand,
}

impl Process {
    /// Starts a command; the result completes when it has ended. None if a signal came before.
    fn start(&self, mut command: std::process::Command) -> io::Result<Option<oneshot::Receiver<()>>> {
        let mut life = self.lock();
        if matches!(life.state, State::Refused(_)) {
            return Ok(None);
        }
        let child = command.spawn().inspect_err(|error| {
            life.state = State::Ended(if error.kind() == io::ErrorKind::NotFound { NOT_FOUND } else { NOT_EXECUTABLE });
        })?;
        life.state = State::Running(Pid::from_child(&child));
        let (done, ended) = oneshot::channel();
        let process = self.clone();
        std::thread::spawn(move || {
            process.wait(child);
            // A recorder that is aborted does not wait for it.
            let _ = done.send(());
        });
        Ok(Some(ended))
    }

    /// Waits until the command has ended.
    fn wait(&self, mut child: Child) {
        let ended = || waitid(WaitId::Pid(Pid::from_child(&child)), WaitIdOptions::EXITED | WaitIdOptions::NOWAIT);
        while ended().is_err_and(|error| error == Errno::INTR) {}
        let mut life = self.lock();
        let status = child.wait();
        life.state = State::Ended(status.as_ref().map_or(NOT_EXECUTABLE, |status| code(*status)));
        drop(life);
        if let Some(signal) = status.ok().and_then(|status| status.signal()) {
            let name = Signal::from_named_raw(signal).map_or_else(|| format!("signal {signal}"), name);
            printer::say(format!("the command was terminated by {name}"));
        }
    }

    /// Passes the first signal to the command if it runs, unless the terminal has sent it there as well. A command that
    /// was not started will not be.
    pub(super) fn pass(&self, signal: Signal, from_terminal: bool) -> Passed {
        let mut life = self.lock();
        match life.state {
            State::Waiting => life.state = State::Refused(signal),
            State::Refused(_) | State::Ended(_) => {}
            State::Running(pid) => {
                if !from_terminal {
                    // A command with another user may not be signalled; it is waited for, as without the signal.
                    let _ = kill_process(pid, signal);
                }
                return Passed::ToCommand;
            }
        }
        Passed::NotRunning
    }

    /// Kills the command if it runs.
    pub(super) fn kill(&self) -> Passed {
        match self.lock().state {
            State::Running(pid) => {
                let _ = kill_process(pid, Signal::KILL);
                Passed::ToCommand
            }
            _ => Passed::NotRunning,
        }
    }

    /// True while the command runs.
    pub(super) fn is_running(&self) -> bool {
        matches!(self.lock().state, State::Running(_))
    }

    /// True when the recorder has ended before the command.
    pub(super) fn is_unrecorded(&self) -> bool {
        self.lock().unrecorded
    }

    /// Takes note that the recorder has ended; true if the command still runs.
    fn ends_unrecorded(&self) -> bool {
        let mut life = self.lock();
        life.unrecorded = matches!(life.state, State::Running(_));
        life.unrecorded
    }

    fn lock(&self) -> MutexGuard<'_, Life> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The name of a signal, `SIGTERM`.
fn name(signal: Signal) -> String {
    format!("{signal:?}").trim_matches('"').replace("Signal::", "SIG").replace("ALARM", "ALRM")
}

/// The exit code of a shell for it.
fn code(status: ExitStatus) -> u8 {
    let code = status.code().and_then(|code| u8::try_from(code).ok());
    code.or_else(|| status.signal().map(signalled)).unwrap_or(NOT_EXECUTABLE)
}

/// The exit code of a shell for a command that a signal ended.
fn signalled(signal: i32) -> u8 {
    u8::try_from(SIGNALLED + signal).unwrap_or(u8::MAX)
}
