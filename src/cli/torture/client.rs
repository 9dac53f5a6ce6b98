//! The client of one trial: a process with a kubeconfig of its own, whose output is read as it comes.

use super::super::arguments::Torture;
use super::super::exit::Failure;
use super::printed::Printed;
use crate::replay::Server;
use rustix::process::{Pid, Signal, kill_process_group};
use std::fs;
use std::os::unix::process::ExitStatusExt;
use std::path::PathBuf;
use std::process::Stdio;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::io::{AsyncBufReadExt, AsyncRead, AsyncReadExt, BufReader};
use tokio::process::{Child, Command};
use tokio::task::JoinHandle;

/// How long a client may take to end once it was asked to.
const END: Duration = Duration::from_secs(2);
/// Most bytes of a line that are read.
const LINE: u64 = 64 * 1024;
/// How much of what it wrote to standard error is told.
const TOLD: usize = 300;

/// A running client.
pub(super) struct Client {
    child: Child,
    group: Option<Pid>,
    folder: PathBuf,
    states: Option<PathBuf>,
    printed: Arc<Mutex<Printed>>,
    errors: Arc<Mutex<String>>,
    reading: Vec<JoinHandle<()>>,
}

impl Client {
    /// Starts it, with a kubeconfig for a server.
    pub(super) fn start(torture: &Torture, server: &Server) -> Result<Self, Failure> {
        let folder =
            std::env::temp_dir().join(format!("statetrail-torture-{}-{}", std::process::id(), server.address().port()));
        let failed = |what: &str, error: std::io::Error| Failure::trouble(format!("{what}: {error}"));
        fs::create_dir_all(&folder).map_err(|error| failed("cannot create a directory for the kubeconfig", error))?;
        let kubeconfig = folder.join("kubeconfig");
        fs::write(&kubeconfig, server.kubeconfig_yaml()).map_err(|error| failed("cannot write a kubeconfig", error))?;
        if let Some(states) = &torture.states {
            let _ = fs::remove_file(states);
        }
        let (program, arguments) = torture.command.split_first().expect("clap requires a command");
        let mut command = Command::new(program);
        command
            .args(arguments)
            .env("KUBECONFIG", &kubeconfig)
            .env("KUBECACHEDIR", folder.join("cache"))
            .process_group(0)
            .kill_on_drop(true);
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().map_err(|error| failed(&format!("cannot run {}", program.display()), error))?;
        let (printed, errors) = (Arc::new(Mutex::new(Printed::default())), Arc::new(Mutex::new(String::new())));
        let mut reading = Vec::new();
        if let Some(out) = child.stdout.take() {
            let printed = Arc::clone(&printed);
            reading.push(lines(out, move |line| printed.lock().unwrap_or_else(PoisonError::into_inner).line(&line)));
        }
        if let Some(out) = child.stderr.take() {
            let errors = Arc::clone(&errors);
            reading.push(lines(out, move |line| {
                let mut errors = errors.lock().unwrap_or_else(PoisonError::into_inner);
                errors.clear();
                errors.push_str(&line);
            }));
        }
        let group = child.id().and_then(|id| i32::try_from(id).ok()).and_then(Pid::from_raw);
        Ok(Self { child, group, folder, states: torture.states.clone(), printed, errors, reading })
    }

    /// What it has printed so far, or written into its file.
    pub(super) fn printed(&self) -> Printed {
        let Some(states) = &self.states else {
            return self.printed.lock().unwrap_or_else(PoisonError::into_inner).clone();
        };
        let mut printed = Printed::default();
        let text = fs::read(states).unwrap_or_default();
        String::from_utf8_lossy(&text).lines().for_each(|line| printed.line(line));
        printed
    }

    /// How it ended, if it has: with the last line of its standard error.
    pub(super) fn ended(&mut self) -> Option<String> {
        let status = self.child.try_wait().ok()??;
        let errors = self.errors.lock().unwrap_or_else(PoisonError::into_inner);
        let told: String = errors.chars().take(TOLD).collect();
        let how = match (status.code(), status.signal()) {
            (Some(code), _) => format!("it exited with status {code}"),
            (None, Some(signal)) => format!("signal {signal} ended it"),
            (None, None) => format!("it ended: {status}"),
        };
        Some(if told.is_empty() { how } else { format!("{how}: {told}") })
    }

    /// Ends it with all that it has started.
    pub(super) async fn stop(&mut self) {
        let signal = |signal| self.group.map(|group| kill_process_group(group, signal));
        let _ = signal(Signal::TERM);
        if tokio::time::timeout(END, self.child.wait()).await.is_err() {
            let _ = signal(Signal::KILL);
            let _ = self.child.wait().await;
        }
        // What it has started may hold its output open.
        let _ = signal(Signal::KILL);
        for reading in self.reading.drain(..) {
            let _ = tokio::time::timeout(END, reading).await;
        }
    }
}

impl Drop for Client {
    fn drop(&mut self) {
        if let Some(group) = self.group {
            let _ = kill_process_group(group, Signal::KILL);
        }
        let _ = fs::remove_dir_all(&self.folder);
    }
}

/// Reads lines until the end; of a long one, only the beginning.
fn lines(
    out: impl AsyncRead + Unpin + Send + 'static,
    mut take: impl FnMut(String) + Send + 'static,
) -> JoinHandle<()> {
    tokio::spawn(async move {
        let mut out = BufReader::new(out);
        let (mut line, mut is_rest) = (Vec::new(), false);
        while (&mut out).take(LINE).read_until(b'\n', &mut line).await.is_ok_and(|read| read > 0) {
            if !is_rest {
                take(String::from_utf8_lossy(&line).trim_end_matches('\n').to_owned());
            }
            is_rest = line.last() != Some(&b'\n');
            line.clear();
        }
    })
}
