//! One server process of the cluster: started in a group of its own, logging to a file, ended for certain.
//!
//! Three ways lead to its end: [`Process::stop`], dropping it, and the death of the test itself, on which the
//! kernel kills it. Only processes that were started here are ever signalled, by their ids.

use std::fs::{self, OpenOptions};
use std::io;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::OnceLock;
use std::sync::mpsc::{Sender, channel};
use std::time::Duration;
use std::{os::unix::process::CommandExt as _, thread};

use rustix::io::Errno;
use rustix::process::{Pid, Signal, kill_process_group, test_kill_process_group};

use super::deadline;

pub(super) struct Process {
    name: &'static str,
    child: Child,
    group: Pid,
    log: PathBuf,
}

/// A command that the kernel kills when the test dies. Garbage is collected less often than by default, which takes a
/// third off the work of starting an API server, for 100 MB.
pub(super) fn command(program: &Path) -> Command {
    let mut command = Command::new("setpriv");
    command.args(["--pdeathsig", "KILL", "--"]).arg(program).env("GOGC", "400");
    command
}

impl Process {
    /// Starts what [`command`] made, appending what it prints to `log`.
    ///
    /// # Panics
    /// When it cannot be started at all. That a server gives up a moment later is for the caller to notice,
    /// with [`Process::exited`].
    pub(super) fn start(name: &'static str, mut command: Command, log: PathBuf) -> Self {
        let file = OpenOptions::new()
            .create(true)
            .append(true)
            .open(&log)
            .unwrap_or_else(|error| panic!("opening {}: {error}", log.display()));
        let errors = file.try_clone().expect("duplicating an open file");
        command.stdin(Stdio::null()).stdout(file).stderr(errors).process_group(0);
        let child = spawn(command).unwrap_or_else(|error| panic!("starting {name}: {error}"));
        let group = Pid::from_child(&child);
        Self { name, child, group, log }
    }

    /// How it ended, if it has.
    pub(super) fn exited(&mut self) -> Option<ExitStatus> {
        self.child.try_wait().expect("asking for a child that was not waited for")
    }

    /// # Panics
    /// When the process is gone.
    pub(super) fn signal(&self, signal: Signal) {
        kill_process_group(self.group, signal)
            .unwrap_or_else(|error| panic!("sending {signal:?} to {}: {error}", self.name));
    }

    /// Asks it to end (SIGTERM), and kills it when it has not within `bound`. Says whether it ended by itself.
    pub(super) fn stop(&mut self, bound: Duration) -> bool {
        let _ = kill_process_group(self.group, Signal::TERM);
        // A stopped process would not notice.
        let _ = kill_process_group(self.group, Signal::CONT);
        let ended = deadline::until(bound, || self.exited()).is_some();
        self.kill();
        ended
    }

    /// Kills the whole group (SIGKILL) and waits until nothing is left of it.
    pub(super) fn kill(&mut self) {
        let _ = kill_process_group(self.group, Signal::KILL);
        let _ = self.child.wait();
        let gone = || (test_kill_process_group(self.group) == Err(Errno::SRCH)).then_some(());
        if deadline::until(Duration::from_secs(10), gone).is_none() {
            eprintln!("{} (process group {}) outlives SIGKILL", self.name, self.group);
        }
    }

    /// The end of what it logged, under its name.
    pub(super) fn log_tail(&self) -> String {
        const LINES: usize = 25;
        let text = fs::read(&self.log).unwrap_or_default();
        let text = String::from_utf8_lossy(&text);
        let lines: Vec<&str> = text.lines().collect();
        let tail = lines[lines.len().saturating_sub(LINES)..].join("\n");
        format!("--- the end of {}'s log ---\n{tail}\n", self.name)
    }

    pub(super) fn id(&self) -> u32 {
        self.child.id()
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        self.kill();
    }
}

type Spawn = (Command, Sender<io::Result<Child>>);

/// Starts a child from a thread that lives as long as the test: to the kernel, a child's parent is the thread
/// that started it.
fn spawn(command: Command) -> io::Result<Child> {
    static SPAWNER: OnceLock<Sender<Spawn>> = OnceLock::new();
    let spawner = SPAWNER.get_or_init(|| {
        let (orders, received) = channel::<Spawn>();
        thread::spawn(move || {
            for (mut command, answer) in received {
                // The one who asked waits for the answer.
                let _ = answer.send(command.spawn());
            }
        });
        orders
    });
    let (answer, answered) = channel();
    spawner.send((command, answer)).expect("the spawning thread never ends");
    answered.recv().expect("the spawning thread answers every order")
}
