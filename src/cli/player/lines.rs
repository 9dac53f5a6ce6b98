//! Plays a timeline into a pipe or a file: the lines of `watch`, each written at its moment.

use super::story::Story;
use crate::cli::exit::{Exit, Failure, written};
use crate::cli::printer::{self, Notation};
use crate::cli::terminal;
use crate::replay::Speed;
use crate::view::line::Lines;
use rustix::event::{PollFd, PollFlags, poll};
use rustix::io::Errno;
use std::io::{self, BufWriter, Write};
use std::ops::Range;
use tokio::sync::{mpsc, oneshot};

/// Prints all of it. A reader that closes the pipe ends it.
///
/// # Errors
/// Standard output cannot be written.
pub(in crate::cli) async fn print(story: &Story, speed: Speed) -> Result<Exit, Failure> {
    let mut lines = Lines::new(story.style);
    if speed == Speed::Max {
        return written(write(story, &mut lines, 0..story.shown.len()));
    }
    let playback = story.playback(speed);
    let (move_to, mut moved) = mpsc::unbounded_channel();
    let mut driven = std::pin::pin!(playback.drive(move |step| {
        // The receiver may be gone.
        let _ = move_to.send(step);
    }));
    let mut closed = closed();
    let mut printed = 0;
    while printed < story.shown.len() {
        let step = tokio::select! {
            () = &mut driven => break,
            Ok(()) = &mut closed => break,
            step = moved.recv() => step.unwrap_or(printed),
        };
        let done = write(story, &mut lines, printed..step);
        printed = step;
        if done.is_err() {
            return written(done);
        }
    }
    Ok(Exit::Ok)
}

fn write(story: &Story, lines: &mut Lines, steps: Range<usize>) -> io::Result<()> {
    let mut out = BufWriter::new(printer::stdout(Notation::Words));
    for step in steps {
        let entry = story.entry(step);
        let line = if story.is_held(step) { lines.held(entry) } else { lines.line(entry) };
        out.write_all(line.as_bytes())?;
    }
    out.flush()
}

/// Waits until the reader of standard output closes the pipe, which only a write would show otherwise.
fn closed() -> oneshot::Receiver<()> {
    let (sender, receiver) = oneshot::channel();
    std::thread::spawn(move || {
        let stdout = terminal::stdout();
        loop {
            let mut polled = [PollFd::new(&stdout, PollFlags::empty())];
            match poll(&mut polled, None) {
                Err(Errno::INTR) => {}
                Err(_) => return,
                Ok(_) => {
                    // The receiver may be gone.
                    let _ = sender.send(());
                    return;
                }
            }
        }
    });
    receiver
}
