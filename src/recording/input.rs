//! Opens what is to be read: a file, or a pipe that somebody writes into. Whatever has no end, or no beginning, is refused.

use std::fs::{File, Metadata, OpenOptions};
use std::io::{self, Cursor, IsTerminal, Read};
use std::os::unix::fs::{FileTypeExt, OpenOptionsExt};
use std::path::Path;
use std::time::Duration;

/// How long a pipe may wait for its writer, and how often that is looked for.
const WRITER: Duration = Duration::from_secs(3);
const LOOK: Duration = Duration::from_millis(50);

/// Opens a file or a pipe; `-` is standard input. What it is called comes with it.
///
/// # Errors
/// When it cannot be opened, or is nothing that can be read to its end: a folder, a device, a terminal, a pipe that
/// nobody writes into.
pub(crate) fn input(path: &Path) -> io::Result<(String, Box<dyn Read + Send>)> {
    if path.as_os_str() == "-" {
        let stdin = io::stdin();
        if stdin.is_terminal() {
            return Err(unsuitable("it is a terminal; pipe the data in, or name a file"));
        }
        return Ok(("standard input".to_owned(), Box::new(stdin)));
    }
    let name = path.display().to_string();
    refuse(&std::fs::metadata(path)?)?;
    let nonblocking = i32::try_from(rustix::fs::OFlags::NONBLOCK.bits()).expect("a flag of open(2) is an int");
    let file = OpenOptions::new().read(true).custom_flags(nonblocking).open(path)?;
    if file.metadata()?.file_type().is_fifo() { Ok((name, pipe(file)?)) } else { Ok((name, Box::new(file))) }
}

/// Refuses what is no file that can be written on and read again: everything but regular files.
///
/// # Errors
/// When it is there, and no regular file.
pub(crate) fn require_file(path: &Path) -> io::Result<()> {
    let Ok(metadata) = std::fs::metadata(path) else { return Ok(()) };
    refuse(&metadata)?;
    if metadata.is_file() { Ok(()) } else { Err(unsuitable("it is a pipe; name a file")) }
}

fn refuse(metadata: &Metadata) -> io::Result<()> {
    let kind = metadata.file_type();
    Err(unsuitable(if kind.is_dir() {
        "it is a folder; name a file in it"
    } else if kind.is_char_device() || kind.is_block_device() {
        "it is a device; name a file"
    } else if kind.is_socket() {
        "it is a socket; name a file"
    } else {
        return Ok(());
    }))
}

/// A pipe, once somebody writes into it; from then on its writer says how long it takes.
fn pipe(mut file: File) -> io::Result<Box<dyn Read + Send>> {
    let mut first = [0];
    for _ in 0..WRITER.as_millis() / LOOK.as_millis() {
        match file.read(&mut first) {
            // Nobody has it open for writing, or whoever had wrote nothing.
            Ok(0) => std::thread::sleep(LOOK),
            Ok(length) => {
                blocking(&file)?;
                return Ok(Box::new(Cursor::new(first[..length].to_vec()).chain(file)));
            }
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => {
                blocking(&file)?;
                return Ok(Box::new(file));
            }
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Err(unsuitable("it is a pipe that nobody writes into; start its writer first, or name a file"))
}

fn blocking(file: &File) -> io::Result<()> {
    let flags = rustix::fs::fcntl_getfl(file)?;
    Ok(rustix::fs::fcntl_setfl(file, flags - rustix::fs::OFlags::NONBLOCK)?)
}

fn unsuitable(what: &'static str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidInput, what)
}
