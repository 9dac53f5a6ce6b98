//! A terminal for a process under test: what it shows, and its keys.

use super::deadline;
use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};
use rustix::termios::{LocalModes, Winsize, tcgetattr, tcsetwinsize};
use std::ffi::OsStr;
use std::fs::{File, OpenOptions};
use std::io::{Read, Write};
use std::os::unix::ffi::OsStrExt;
use std::process::{Command, Stdio};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;
use std::time::Duration;

/// The number of its rows.
const ROWS: u16 = 50;

/// A terminal.
pub(crate) struct Terminal {
    keys: File,
    shown: Arc<Mutex<Vec<u8>>>,
    device: File,
    /// None for a terminal that does not read.
    reader: Option<JoinHandle<()>>,
}

impl Terminal {
    pub(crate) fn open() -> Self {
        let mut terminal = Self::stalled();
        let (mut screen, text) = (terminal.keys.try_clone().expect("a file descriptor"), Arc::clone(&terminal.shown));
        terminal.reader = Some(std::thread::spawn(move || {
            let mut bytes = [0; 4096];
            while let Ok(length @ 1..) = screen.read(&mut bytes) {
                text.lock().expect("no reader panics").extend(&bytes[..length]);
            }
        }));
        terminal
    }

    /// A terminal that does not read what is written to it. When it is dropped, it is closed.
    pub(crate) fn stalled() -> Self {
        let master = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY | OpenptFlags::CLOEXEC).expect("a terminal");
        grantpt(&master).and_then(|()| unlockpt(&master)).expect("a terminal");
        let name = ptsname(&master, Vec::new()).expect("a name");
        let path = OsStr::from_bytes(name.as_bytes());
        // Opening it does not make it the terminal of this process: a process has one already, or is no session leader.
        let device = OpenOptions::new().read(true).write(true).open(path).expect("a terminal");
        Self { keys: File::from(master), shown: Arc::default(), device, reader: None }
    }

    /// True while it passes on whole lines, and shows what is typed.
    pub(crate) fn is_cooked(&self) -> bool {
        let modes = tcgetattr(&self.device).expect("a terminal").local_modes;
        modes.contains(LocalModes::ICANON | LocalModes::ECHO)
    }

    /// Sets the number of its columns.
    pub(crate) fn set_columns(&self, columns: u16) {
        let size = Winsize { ws_row: ROWS, ws_col: columns, ws_xpixel: 0, ws_ypixel: 0 };
        tcsetwinsize(&self.device, size).expect("a terminal");
    }

    /// A command in a session of its own with this terminal, as a terminal emulator starts it; killed with this process.
    pub(crate) fn command(&self, program: &str, arguments: &[&str]) -> Command {
        let mut command = Command::new("setpriv");
        command.args(["--pdeathsig", "KILL", "--", "setsid", "--ctty", program]).args(arguments);
        let device = || Stdio::from(self.device.try_clone().expect("a file descriptor"));
        command.stdin(device()).stdout(device()).stderr(device());
        command
    }

    /// Types a key.
    pub(crate) fn press(&mut self, key: u8) {
        self.keys.write_all(&[key]).expect("the terminal is open");
    }

    /// What it has shown so far.
    pub(crate) fn shown(&self) -> String {
        String::from_utf8_lossy(&self.shown.lock().expect("no writer panics")).into_owned()
    }

    /// The rows of its screen.
    pub(crate) fn rows(&self) -> Vec<String> {
        screen(&self.shown())
    }

    /// Waits until its rows are what is asked for, and returns them.
    ///
    /// # Panics
    /// When they are not within a minute.
    pub(crate) fn await_rows(&self, what: &str, is_it: impl Fn(&[String]) -> bool) -> Vec<String> {
        let found = deadline::until(Duration::from_mins(1), || Some(self.rows()).filter(|rows| is_it(rows)));
        found.unwrap_or_else(|| panic!("{what}:\n{}", self.rows().join("\n")))
    }

    /// All that it has shown, once no process has it open any more.
    pub(crate) fn ended(self) -> String {
        let Self { shown, device, reader, .. } = self;
        drop(device);
        reader.map(JoinHandle::join).transpose().expect("no reader panics");
        String::from_utf8_lossy(&shown.lock().expect("no writer panics")).into_owned()
    }

    /// Waits until it has shown something.
    ///
    /// # Panics
    /// When it has not within a minute.
    pub(crate) fn await_shown(&self, words: &str) {
        let shown = deadline::until(Duration::from_mins(1), || self.shown().contains(words).then_some(()));
        assert!(shown.is_some(), "it did not show `{words}`:\n{}", self.shown());
    }
}

/// What a terminal shows after these bytes: places, text, and the removal of everything.
pub(crate) fn screen(bytes: &str) -> Vec<String> {
    let mut rows = vec![Vec::new(); usize::from(ROWS)];
    let (mut row, mut column) = (0, 0);
    let mut letters = bytes.chars();
    while let Some(letter) = letters.next() {
        if letter != '\x1b' {
            let line: &mut Vec<char> = &mut rows[row];
            line.resize(line.len().max(column + 1), ' ');
            line[column] = letter;
            column += 1;
            continue;
        }
        let sequence: String = letters.by_ref().take_while(|letter| !letter.is_ascii_alphabetic()).collect();
        // What ended it was taken, too: only places have two numbers and no `?`, and end with H.
        let numbers: Vec<usize> = sequence.trim_start_matches('[').split(';').filter_map(|n| n.parse().ok()).collect();
        let at = bytes.len() - letters.as_str().len();
        match (bytes.as_bytes()[at - 1], &numbers[..]) {
            (b'H', [to_row, to_column]) => (row, column) = (to_row - 1, to_column - 1),
            (b'J', _) => rows = vec![Vec::new(); usize::from(ROWS)],
            _ => {}
        }
    }
    rows.into_iter().map(|row| row.into_iter().collect::<String>()).collect()
}
