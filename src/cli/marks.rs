//! `record --marks-from`: each line that is read becomes a mark.

use super::exit::Failure;
use super::printer;
use crate::recording::is_dash;
use crate::run::{LONGEST_MARK as LONGEST, Marker, Prover};
use std::fs::{File, OpenOptions};
use std::hash::{BuildHasher, RandomState};
use std::io::{self, BufRead, BufReader, Read, Write};
use std::os::unix::fs::FileTypeExt;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::{Notify, mpsc};

/// Lines that are read ahead.
const QUEUE: usize = 16;

/// How long the end waits for what was written to a FIFO.
const DRAIN: Duration = Duration::from_secs(2);

/// Where marks are read from: a file, a FIFO, or standard input.
pub(super) struct Marks {
    name: String,
    input: Box<dyn Read + Send>,
    /// Of a FIFO, what is written to it to know that everything before was read.
    last: Option<(Arc<File>, String)>,
    drained: Arc<Notify>,
}

/// What was read.
enum Line {
    Mark(String),
    /// The line of the recorder itself.
    Last,
}

impl Marks {
    /// Opens the input that a flag names, if it names one.
    ///
    /// # Errors
    /// It cannot be opened, or standard input is that of a command.
    pub(super) fn of(path: Option<&Path>, has_command: bool) -> Result<Option<Self>, Failure> {
        let Some(path) = path else { return Ok(None) };
        if !is_dash(path) {
            let name = path.display().to_string();
            let failed = |error| Failure::trouble(format!("cannot read --marks-from {name}: {error}"));
            let (file, is_fifo) = open(path).map_err(failed)?;
            let last = if is_fifo {
                let number = RandomState::new().hash_one(&name);
                Some((Arc::new(file.try_clone().map_err(failed)?), format!("statetrail {number:016x}")))
            } else {
                None
            };
            return Ok(Some(Self { name, input: Box::new(file), last, drained: Arc::default() }));
        }
        if has_command {
            return Err(Failure::usage(
                "--marks-from -: standard input is that of the command; name a FIFO (`mkfifo marks`) that it writes to",
            ));
        }
        let (name, input) = ("standard input".to_owned(), Box::new(io::stdin()));
        Ok(Some(Self { name, input, last: None, drained: Arc::default() }))
    }

    /// Waits until what a command has written to a FIFO by now is read. To be called before [`Self::write`].
    pub(super) fn drained(&self) -> impl Future<Output = ()> + use<> {
        let (last, drained) = (self.last.clone(), Arc::clone(&self.drained));
        async move {
            let Some((fifo, line)) = last else { return };
            let written = tokio::task::spawn_blocking(move || (&*fifo).write_all(format!("\n{line}\n").as_bytes()));
            let drain = async {
                if written.await.is_ok_and(|written| written.is_ok()) {
                    drained.notified().await;
                }
            };
            if tokio::time::timeout(DRAIN, drain).await.is_err() {
                printer::say("warning: the last marks may be missing: they were not read in time");
            }
        }
    }

    /// Writes a mark for each line, with the time at which it is read, until the input or the recorder ends. What comes
    /// after it may have happened before, unless it is newer than what the server had then.
    pub(super) async fn write(self, marker: Marker, prover: Prover) {
        let (lines, mut read) = mpsc::channel(QUEUE);
        // Reading a terminal or a FIFO blocks a thread.
        let drained = Arc::clone(&self.drained);
        std::thread::spawn(move || self.each(|line| lines.blocking_send(line).is_ok()));
        while let Some(line) = read.recv().await {
            match line {
                Line::Mark(name) => {
                    prover.doubt();
                    if marker.post(name).await.is_err() {
                        return;
                    }
                }
                Line::Last => drained.notify_one(),
            }
        }
    }

    /// Passes on the lines that name a mark, while `take` wants more.
    fn each(self, mut take: impl FnMut(Line) -> bool) {
        let mut input = BufReader::new(self.input);
        loop {
            let mut line = Vec::new();
            let read = input.by_ref().take(LONGEST as u64 + 1).read_until(b'\n', &mut line);
            let is_cut = line.len() > LONGEST && !line.ends_with(b"\n");
            let skipped = if is_cut { skip_line(&mut input) } else { Ok(()) };
            if let Err(error) = read.and(skipped.map(|()| 0)) {
                return printer::say(format!("warning: no more marks are read from {}: {error}", self.name));
            }
            if line.is_empty() {
                return;
            }
            match std::str::from_utf8(&line).map(str::trim) {
                _ if is_cut => warn(&self.name, &format!("it is longer than {LONGEST} bytes")),
                Err(_) => warn(&self.name, "it is not UTF-8"),
                Ok("") => {}
                Ok(name) => {
                    let is_last = self.last.as_ref().is_some_and(|(_, last)| last == name);
                    if !take(if is_last { Line::Last } else { Line::Mark(name.to_owned()) }) {
                        return;
                    }
                }
            }
        }
    }
}

/// A FIFO that is open for writing, too, neither waits for its first writer nor ends with its last one.
fn open(path: &Path) -> io::Result<(File, bool)> {
    let metadata = path.metadata()?;
    if metadata.is_dir() {
        return Err(io::Error::from(io::ErrorKind::IsADirectory));
    }
    let is_fifo = metadata.file_type().is_fifo();
    Ok((OpenOptions::new().read(true).write(is_fifo).open(path)?, is_fifo))
}

fn skip_line(input: &mut impl BufRead) -> io::Result<()> {
    loop {
        let buffer = input.fill_buf()?;
        let (length, is_end) = match buffer.iter().position(|byte| *byte == b'\n') {
            Some(at) => (at + 1, true),
            None => (buffer.len(), buffer.is_empty()),
        };
        input.consume(length);
        if is_end {
            return Ok(());
        }
    }
}

fn warn(name: &str, why: &str) {
    printer::say(format!("warning: a line from {name} is no mark: {why}"));
}

#[cfg(test)]
mod tests {
    use super::*;

    fn marks(text: &[u8]) -> Vec<String> {
        let mut names = Vec::new();
        let input = Box::new(io::Cursor::new(text.to_vec()));
        let marks = Marks { name: "test".to_owned(), input, last: None, drained: Arc::default() };
        marks.each(|line| {
            if let Line::Mark(name) = line {
                names.push(name);
            }
            true
        });
        names
    }

    #[test]
    fn each_line_is_a_mark_unless_it_is_empty_too_long_or_no_text() {
        assert_eq!(marks(b"one\n  two words \r\n\n\nlast"), ["one", "two words", "last"]);
        let long = [&[b'x'; 5000][..], b"\nnext\n\xff\xfe\nend\n"].concat();
        assert_eq!(marks(&long), ["next", "end"]);
        assert_eq!(marks(&[b'x'; LONGEST]), ["x".repeat(LONGEST)]);
        assert_eq!(marks(b""), [""; 0]);
    }
}
