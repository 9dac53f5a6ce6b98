//! SIGINT, SIGTERM and SIGHUP: the first requests a fence and the end, the second aborts. If the end was requested by
//! something else, and takes time, the first aborts. While a command runs, the first is passed to the command, and the
//! second kills it. Once the recording has its end, one ends what still waits for clients.
//!
//! A separate thread waits for them from before the first request on, so that they are handled whatever other threads
//! do.

use super::command::{Passed, Process};
use super::exit::{Exit, Failure};
use super::printer;
use crate::run::{Error, Stop};
use crate::source::Clock;
use rustix::process::Signal;
use signal_hook::iterator::SignalsInfo;
use signal_hook::iterator::exfiltrator::WithOrigin;
use signal_hook::low_level::siginfo::Cause;
use std::pin::pin;
use std::sync::atomic::Ordering::Relaxed;
use std::time::Duration;
use tokio::signal::unix::{SignalKind, signal};

/// How long an aborted recorder may take to end.
const ABORT: Duration = Duration::from_millis(700);

/// After this time, it is said what is waited for.
const SLOW: Duration = Duration::from_secs(5);

/// Within this time the same signal counts once: `timeout` signals its command, and right after that the group of it.
const AGAIN: Duration = Duration::from_millis(100);

/// Listens for signals until the process ends, so that even a process that waits for a slow terminal can be ended.
///
/// # Errors
/// The signal handlers cannot be installed.
pub(super) fn listen() -> Result<Stop, Error> {
    listen_beside(None)
}

/// The same for a recorder that may run a command, with its process.
///
/// # Errors
/// The signal handlers cannot be installed.
pub(super) fn listen_beside(process: Option<&Process>) -> Result<Stop, Error> {
    let process = process.cloned().unwrap_or_default();
    let stop = Stop::default();
    let mut numbers = vec![Signal::INT.as_raw(), Signal::TERM.as_raw()];
    // `nohup` ignores it, and so does what it starts.
    if !is_ignored(Signal::HUP) {
        numbers.push(Signal::HUP.as_raw());
    }
    let signals = SignalsInfo::<WithOrigin>::new(numbers).map_err(Error::Signals)?;
    let heard = stop.clone();
    std::thread::spawn(move || hear(&heard, &process, signals));
    Ok(stop)
}

/// Handles SIGXFSZ, by doing nothing, while the process runs: it would end the process silently at a file-size
/// limit (`ulimit -f`). The write then fails like one to a full disk. Where no handler can be installed, the
/// signal keeps its effect.
pub(super) fn survive_size_limit() {
    if let Ok(runtime) = tokio::runtime::Builder::new_current_thread().enable_io().build() {
        let _entered = runtime.enter();
        let _ = signal(SignalKind::from_raw(Signal::XFSZ.as_raw()));
    }
}

/// Handles SIGINT, by doing nothing, for as long as the process lives: Ctrl-C is for the pager, and a program that it
/// ended would leave the pager without its text. Where no handler can be installed, the signal keeps its effect.
pub(super) fn survive_interrupts() {
    if let Ok(runtime) = tokio::runtime::Builder::new_current_thread().enable_io().build() {
        let _entered = runtime.enter();
        let _ = signal(SignalKind::interrupt());
    }
}

/// Runs what comes before there is a recorder, such as discovery and reading a recording to resume. The first signal
/// ends it at once.
///
/// # Errors
/// The error of the future, or that it was stopped.
pub(super) async fn unless_stopped<T>(
    stop: &Stop,
    before: impl Future<Output = Result<T, Failure>>,
) -> Result<T, Failure> {
    let mut before = pin!(before);
    let mut is_slow = false;
    loop {
        tokio::select! {
            biased;
            () = stop.finish.cancelled() => return Err(stop.before_the_start().into()),
            done = &mut before => return done,
            () = tokio::time::sleep(SLOW), if !is_slow => {
                is_slow = true;
                printer::say(format!(
                    "no answer yet after {} s: waiting for the API server, or for the credential plugin of the kubeconfig",
                    SLOW.as_secs()
                ));
            }
        }
    }
}

/// True if the process was started with a signal that is ignored.
fn is_ignored(signal: Signal) -> bool {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let mask = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    let mask = mask.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok()).unwrap_or_default();
    mask >> (signal.as_raw() - 1) & 1 == 1
}

fn hear(stop: &Stop, process: &Process, mut signals: SignalsInfo<WithOrigin>) {
    let clock = Clock::start(Duration::ZERO);
    let mut first: Option<(i32, Duration)> = None;
    for origin in signals.forever() {
        let now = clock.played();
        let is_again = first.is_some_and(|(earlier, at)| earlier == origin.signal && now.saturating_sub(at) < AGAIN);
        match first {
            _ if is_again => {}
            // Clients of a server may miss the end; the recording does not.
            _ if stop.recorded.is_cancelled() && !process.is_running() && !stop.leave.is_cancelled() => {
                stop.leave.cancel();
            }
            None if stop.announced.load(Relaxed) => break,
            None => {
                first = Some((origin.signal, now));
                // A terminal is no process.
                hear_first(stop, process, origin.signal, origin.process.is_none() || origin.cause == Cause::Kernel);
            }
            Some(_) => break,
        }
    }
    let is_second = first.is_some();
    printer::say(match process.kill() {
        Passed::NotRunning if is_second => "aborted by a second signal: no fence proves the end of what was recorded",
        Passed::NotRunning => "aborted by a signal: no fence proves the end of what was recorded",
        Passed::ToCommand if process.is_unrecorded() => "the command is killed by a second signal",
        Passed::ToCommand => {
            "aborted by a second signal: the command is killed, and no fence proves the end of what was recorded"
        }
    });
    stop.abort.cancel();
    std::thread::sleep(ABORT);
    // A blocked disk or lock must not delay a second signal. What was recorded is in the file, and an unfinished last
    // line is recognised as such.
    std::process::exit(i32::from(Exit::RequestError.code()));
}

fn hear_first(stop: &Stop, process: &Process, signal: i32, from_terminal: bool) {
    let known = [(Signal::INT, "SIGINT"), (Signal::HUP, "SIGHUP")];
    let known = known.into_iter().find(|(known, _)| known.as_raw() == signal);
    let (signal, name) = known.unwrap_or((Signal::TERM, "SIGTERM"));
    match process.pass(signal, from_terminal) {
        Passed::NotRunning => stop.finish(name),
        Passed::ToCommand => {
            printer::say(format!("{name}: waiting for the command to end; a second signal kills it"));
        }
    }
}
