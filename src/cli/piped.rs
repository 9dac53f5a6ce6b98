//! Standard input from a pipe that a terminal's Ctrl-C ends.
//!
//! In `kubectl get -w ... | statetrail import -`, Ctrl-C reaches both: kubectl ends, and what it has written is to be
//! imported. So the first SIGINT ends the input and not the program; a second one ends the program.

use super::printer;
use crate::source::Clock;
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::io::Errno;
use signal_hook::consts::SIGINT;
use signal_hook::flag;
use std::io::{self, Read};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

/// How long the writer may go on after the signal.
const LONGEST: Duration = Duration::from_secs(2);
/// How often a silent input is checked for the end of that.
const LOOK: Timespec = Timespec { tv_sec: 0, tv_nsec: 50_000_000 };
/// The exit code of a shell for a program that SIGINT ended.
const INTERRUPTED: i32 = 130;

/// Standard input.
pub(super) struct Piped {
    interrupted: Arc<AtomicBool>,
    clock: Clock,
    /// When the signal was seen.
    since: Option<Duration>,
}

impl Piped {
    /// Listens for the signal from now on.
    ///
    /// # Errors
    /// The signal handlers cannot be installed.
    pub(super) fn new() -> io::Result<Self> {
        let interrupted = Arc::new(AtomicBool::new(false));
        // In this order: the first signal finds the flag unset.
        flag::register_conditional_shutdown(SIGINT, INTERRUPTED, Arc::clone(&interrupted))?;
        flag::register(SIGINT, Arc::clone(&interrupted))?;
        Ok(Self { interrupted, clock: Clock::start(Duration::ZERO), since: None })
    }

    /// True when the writer has had its time.
    fn is_over(&mut self) -> bool {
        if !self.interrupted.load(Ordering::Relaxed) {
            return false;
        }
        let now = self.clock.played();
        now.saturating_sub(*self.since.get_or_insert(now)) >= LONGEST
    }
}

impl Read for Piped {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let stdin = rustix::stdio::stdin();
        loop {
            if self.is_over() {
                printer::say("standard input: its writer goes on after SIGINT; what it writes from now on is left out");
                return Ok(0);
            }
            match poll(&mut [PollFd::new(&stdin, PollFlags::IN)], Some(&LOOK)) {
                Ok(0) | Err(Errno::INTR) => {}
                Ok(_) => return Ok(rustix::io::read(stdin, buffer)?),
                Err(error) => return Err(error.into()),
            }
        }
    }
}
