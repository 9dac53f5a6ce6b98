//! Opens an input: a file, or a pipe with a writer. Inputs without an end or a beginning are refused.

use std::fs::{File, Metadata, OpenOptions};
use std::io::{self, Cursor, IsTerminal, Read};
use std::os::unix::fs::{FileTypeExt, OpenOptionsExt};
use std::path::Path;
use std::time::Duration;

/// How long to wait for the writer of a pipe, and how often to check for it.
const WRITER: Duration = Duration::from_secs(3);
const LOOK: Duration = Duration::from_millis(50);

/// Opens a file or a pipe; `-` is standard input. Returns a name for it, too.
///
/// # Errors
/// When it cannot be opened, or cannot be read to an end: a directory, a device, a terminal, a pipe without a writer.
pub(crate) fn input(path: &Path) -> io::Result<(String, Box<dyn Read + Send>)> {
    if is_dash(path) {
        let stdin = io::stdin();
        if stdin.is_terminal() {
            return Err(unsuitable("it is a terminal; pipe the data in, or use a file"));
        }
        return Ok(("standard input".to_owned(), Box::new(stdin)));
    }
    let name = path.display().to_string();
    refuse(&std::fs::metadata(path)?)?;
    let nonblocking = i32::try_from(rustix::fs::OFlags::NONBLOCK.bits()).expect("a flag of open(2) is an int");
    let file = OpenOptions::new().read(true).custom_flags(nonblocking).open(path)?;
    if file.metadata()?.file_type().is_fifo() { Ok((name, pipe(file)?)) } else { Ok((name, Box::new(file))) }
}

/// True for `-`: standard input where something is read, standard output where a recording is written.
pub(crate) fn is_dash(path: &Path) -> bool {
    path == Path::new("-")
}

/// Refuses what cannot be appended to and read again: everything but regular files.
///
/// # Errors
/// When it exists and is not a regular file.
pub(crate) fn require_file(path: &Path) -> io::Result<()> {
    let Ok(metadata) = std::fs::metadata(path) else { return Ok(()) };
    refuse(&metadata)?;
    if metadata.is_file() { Ok(()) } else { Err(unsuitable("it is a pipe; use a file")) }
}

fn refuse(metadata: &Metadata) -> io::Result<()> {
    let kind = metadata.file_type();
    Err(unsuitable(if kind.is_dir() {
        "it is a directory; use a file in it"
    } else if kind.is_char_device() || kind.is_block_device() {
        "it is a device; use a file"
    } else if kind.is_socket() {
        "it is a socket; use a file"
    } else {
        return Ok(());
    }))
}

/// Waits until a pipe has a writer; from then on, reading blocks.
fn pipe(mut file: File) -> io::Result<Box<dyn Read + Send>> {
    let mut first = [0];
    for _ in 0..WRITER.as_millis() / LOOK.as_millis() {
        match file.read(&mut first) {
            // It has no writer, or one that has written nothing.
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
    Err(unsuitable("it is a pipe without a writer; start its writer first, or use a file"))
}

fn blocking(file: &File) -> io::Result<()> {
    let flags = rustix::fs::fcntl_getfl(file)?;
    Ok(rustix::fs::fcntl_setfl(file, flags - rustix::fs::OFlags::NONBLOCK)?)
}

pub(super) fn unsuitable(what: &'static str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidInput, what)
}
